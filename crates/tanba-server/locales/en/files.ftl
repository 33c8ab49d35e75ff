desk-files = Files
purpose-exchange = exchange with another authority or laboratory
purpose-examination = material of a case under examination
purpose-quality = check of a device or a supplier
files-title = Files
files-lead = Open a file that was brought or sent: what it holds is shown as a tree with its pictures, and it can be turned into another format. Nothing of it enters the register.
files-open = Open a file
files-purpose = Purpose
files-choose = Choose
files-reference = Reference
files-reference-hint = The number of the letter, request or case it belongs to.
files-file = File
files-file-hint = Of any format below, up to { $n } MiB. It is kept for a quarter of an hour, for you alone.
files-open-button = Open
files-open-recorded = Purpose, reference and a hash of the file are written in the log.
files-formats = What is read
files-formats-images = Images
files-formats-fingers = Fingerprint records
files-formats-exchange = Exchange
files-formats-genetic = Genetic data
files-file-title = What the file holds
files-recorded = This look is recorded. Purpose: { $purpose }. Reference: { $reference }. Log entry { $entry }.
files-format = Format
files-records = Records
files-size = Size
files-bytes =
    { $n ->
        [one] { $n } byte
       *[other] { $n } bytes
    }
files-notes =
    { $n ->
        [one] One thing was noticed
       *[other] { $n } things were noticed
    }
files-pictures =
    { $n ->
        [one] One picture
       *[other] { $n } pictures
    }
files-picture = Picture { $n }, opens in full
files-measures = { $width } × { $height } pixels, { $ppi } ppi
files-no-finger = The file does not say which finger
files-unseen = Not shown
files-minutiae =
    { $n ->
        [one] One set of minutiae
       *[other] { $n } sets of minutiae
    }
files-minutiae-hint = Rings are ridge endings or minutiae of no stated kind, squares are bifurcations; the line shows the direction.
files-drawing =
    { $n ->
        [one] { $n } minutia
       *[other] { $n } minutiae
    }
files-view = View { $n }
files-more =
    { $n ->
        [one] { $n } more is not shown.
       *[other] { $n } more are not shown.
    }
files-tree = Contents, in the words of the format's standard
files-convert = Turn it into another format
files-to = Format
files-which-picture = Which picture
files-which-finger = Which finger it is
files-finger-unsaid = not said
files-rate = WSQ: bits per pixel
files-rate-0-75 = 0.75, for exchange
files-rate-2-25 = 2.25, for laboratories
files-convert-button = Convert
files-convert-recorded = The conversion is written in the log.
files-converted = Converted to { $text }
files-download = Download
files-kept = The file stays open for a quarter of an hour, for this session only.
files-another = Open another file
problem-file = The file was not read. What the reader says: { $detail }.
problem-conversion = The file was not converted. What the converter says: { $detail }.
problem-no-file = No file was chosen, or an empty one. Choose it and send the form again.
problem-file-gone = The file is no longer kept in this session. Open it again where you still need it.
invalid-reference = Give the reference in 1 to 200 characters without line breaks.
invalid-to = No format has this name. Choose one that the page offers.
not-found-file = There is no such file, or another account opened it.
not-found-picture = The file has no such picture.
