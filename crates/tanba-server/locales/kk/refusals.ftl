# What the registry says no with, where no area has words of its own.
conflict-this-client-key-was-used-for-a-different-specimen = Бұл нысан басқа үлгіге жіберілген. Бетті қайта ашыңыз.
not-found-specimen = Мұндай үлгі жоқ.
not-found-station = Мұндай бекет жоқ.
problem-not-yet-lawful = Алуды әлі бастауға болмайды: заң талап ететін нәрсе жетіспейді.
problem-must-not-register = Заң бұл адамды тіркеуге тыйым салады.
invalid-ppi = Ажыратымдылықты дюймге нүктемен көрсетіңіз, мысалы 500.
invalid-finger = Қай саусақ екенін көрсетіңіз.
invalid-scope = Бұл сеанс бекетте ашылмаған, сондықтан өз орны жоқ: бекет кодымен кіріңіз.
