# What the registry says no with, where no area has words of its own.
conflict-this-client-key-was-used-for-a-different-specimen = This form was sent for a different specimen. Open the page again.
not-found-specimen = There is no such specimen.
not-found-station = There is no such station.
problem-not-yet-lawful = Capture may not begin yet: something that the law asks for is missing.
problem-must-not-register = The law forbids registering this person.
invalid-ppi = Give the resolution in pixels per inch, such as 500.
invalid-finger = Say which finger it is.
invalid-scope = This session is at no station, so it has no site of its own: sign in with a station's code.
