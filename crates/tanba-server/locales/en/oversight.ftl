desk-oversight = Oversight
desk-log = Log
desk-statistics = Day in figures
desk-me = My page
desk-training = Exercises
figure-table = The numbers as a table
outcome-effect = change
outcome-look = look
outcome-denial = denied
outcomes-effect = Changes
outcomes-look = Looks
outcomes-denial = Denials
purpose-training = training
purpose-genomic-registration = genomic registration
purpose-genomic-examination = genomic examination
purpose-contamination = quality control of the laboratory
purpose-reconciliation = identification of the dead
purpose-none-stated = no purpose stated
purpose-not-a-code = purpose not recognised
oversight-title = Oversight
oversight-days-choose = Period
oversight-days-choice =
    { $n ->
        [one] { $n } day
       *[other] { $n } days
    }
oversight-period = { $from } to { $to }
oversight-to-log = Read the log
oversight-attention =
    { $notes ->
        [0] Nothing raises a question
        [one] { $notes } matter deserves a question
       *[other] { $notes } matters deserve a question
    }; { $waiting ->
        [0] nothing waits for a decision.
        [one] { $waiting } matter waits for a human decision.
       *[other] { $waiting } matters wait for a human decision.
    }
oversight-notes-title = What deserves a question
oversight-notes-none = In this period the rules found nothing. They look for lookups of oneself, looks at night, many looks or searches in an hour, denials in a row, one person looked at by several organisations, and centres at which nearly nobody declines what is voluntary.
oversight-notes-hint = A note accuses nobody; it counts. Read the entries first, then ask.
oversight-note-entries = Read these entries
oversight-some-account = an account
oversight-note-self-lookup =
    Whoever holds the account “{ $account }” looked at or changed their own record on duty: { $n ->
        [one] { $n } entry.
       *[other] { $n } entries.
    }
oversight-note-many-looks = The account “{ $account }” looked at { $n } different people within one hour.
oversight-note-many-searches = The account “{ $account }” searched for people { $n } times within one hour.
oversight-note-denials-in-a-row = The account “{ $account }” was denied { $n } times in a row within an hour.
oversight-note-after-hours =
    The account “{ $account }” looked at people's records while counters are closed (22:00 to 07:00): { $n ->
        [one] once.
       *[other] { $n } times.
    }
oversight-note-many-eyes = Within one day { $n } accounts looked at one and the same person. Ask each of them which case it was for.
oversight-note-several-bodies = Within one day { $n } organisations looked at one and the same person.
oversight-waiting-title = Waiting for a human being
oversight-waiting-none = Nobody waits for a decision.
oversight-waiting-since =
    { $what } { $n ->
        [0] The oldest has waited since today.
        [one] The oldest has waited { $n } day.
       *[other] The oldest has waited { $n } days.
    }
oversight-waiting-candidate =
    { $n ->
        [one] { $n } candidate waits for examiners.
       *[other] { $n } candidates wait for examiners.
    }
oversight-waiting-appeal =
    { $n ->
        [one] { $n } appeal is pending.
       *[other] { $n } appeals are pending.
    }
oversight-waiting-refusal-decision =
    { $n ->
        [one] { $n } person's refusal has no decision yet.
       *[other] { $n } people's refusals have no decision yet.
    }
oversight-waiting-revision =
    { $n ->
        [one] { $n } revision of records waits for a second officer.
       *[other] { $n } revisions of records wait for a second officer.
    }
oversight-waiting-identity-conflict =
    { $n ->
        [one] { $n } time prints were not those registered.
       *[other] { $n } times prints were not those registered.
    }
oversight-waiting-duplicate-registration =
    { $n ->
        [one] { $n } person turned out to be on record twice.
       *[other] { $n } people turned out to be on record twice.
    }
oversight-waiting-inconclusive-comparison =
    { $n ->
        [one] { $n } comparison ended without a conclusion.
       *[other] { $n } comparisons ended without a conclusion.
    }
oversight-waiting-cluster-revised =
    { $n ->
        [one] { $n } revised record needs its decisions checked.
       *[other] { $n } revised records need their decisions checked.
    }
oversight-waiting-correction-requested =
    { $n ->
        [one] { $n } person asks for a correction.
       *[other] { $n } people ask for a correction.
    }
oversight-days-title = Looks by day
oversight-days-sentence =
    In { $days ->
        [one] one day
       *[other] { $days } days
    } records and the log were looked at { $looks ->
        [one] once
       *[other] { $looks } times
    }; { $denials ->
        [one] one act was denied.
       *[other] { $denials } acts were denied.
    }
oversight-day = Day
oversight-bodies-title = Who looked, and why
oversight-bodies-sentence =
    { $name } looked most often: { $n ->
        [one] once.
       *[other] { $n } times.
    }
oversight-bodies-none = Nobody looked in this period.
oversight-nobody = the system, or nobody signed in
oversight-sanctions-title = Sanctions
oversight-sanctions-sentence = Sanctions entered in this period: { $entered }; uses taken: { $uses } of { $allowed } allowed. In force now: { $force }.
oversight-log-state-title = The public log
oversight-log-whole = The log has { $n } entries; all are published, or will be within a minute.
oversight-log-behind = Of { $rows } entries { $n } have not been published for more than a minute. Ask the administrator why.
oversight-to-public-log = How the public log is checked
oversight-log-title = Log
log-filter = What to look for
log-outcome = Kind
log-event = What happened
log-organisation = Organisation
log-purpose = Purpose
log-since = From
log-until = To (inclusive)
log-any = any
log-show = Show
log-all = The whole log
log-none = There is no such entry. Ask for less, or show the whole log.
log-caption = Entries, newest first
log-place = Number
log-when = When
log-what = What happened
log-account = Account
log-people = People concerned
log-code = Code
log-newest = Newest
log-older = Older entries
log-of-note = Shown are the { $n } entries of one note.
log-reading-is-logged = Reading the log is written in the log as well. No names and no prints are here.
oversight-entry-title = Log entry
oversight-entry-title-n = Log entry { $text }
entry-details = Details
entry-details-hint = The sealed part, opened for you: ids and codes.
entry-public = What everyone can see of it
entry-public-hint = Exactly these bytes are hashed into the tree. Who acted, and about whom, is in them as salted commitments only.
entry-proof = A proof to take away
entry-proof-hint = This file proves to anyone, without this service, that the entry is in the published log.
entry-proof-take = Download the proof
entry-proof-check = To check it yourself:
entry-proof-not-yet = The entry is not published yet; reload the page in some seconds.
entry-back = Back to the log
publiclog-title = The public log
publiclog-lead = Every change, every look and every denial leaves a mark in this log. Nothing can be taken out of it or altered unnoticed, and you can check that yourself.
publiclog-what = The log holds no names, numbers or prints: only what happened, when, what for and by which clause. Who acted and about whom is sealed; the person concerned, the supervisor and a court can have it opened.
publiclog-name = Name of the log
publiclog-size = Entries
publiclog-minimum = First entry still shown
publiclog-minimum-shown = The statement, signed
publiclog-root = Root of the tree
publiclog-key = Public key
publiclog-check-title = How to check it yourself
publiclog-step-1 = Get the public key from somebody you trust rather than from this page: a newspaper, a court, a friend.
publiclog-step-2 = Keep today's checkpoint. Should the log be shorter or different tomorrow, you have the proof.
publiclog-step-3 = Check a copy of the log's files as a whole:
publiclog-step-4 = Or check the proof of a single entry:
publiclog-checkpoint-shown = The checkpoint as text
publiclog-format = The formats are C2SP tlog-tiles, checkpoint and tlog-proof; other programs read them too.
publiclog-entry-title = See one entry
publiclog-entry-label = Number of the entry
publiclog-entry-hint = It stands on a receipt, on the page of a denial, or on your own page.
publiclog-entry-show = Show
publiclog-entry-found = What everyone can see of entry { $text }:
publiclog-entry-unknown = The log has no entry “{ $text }”. A number is whole and begins at 0.
publiclog-entry-pruned = Entry { $text } was pruned: the law on keeping the log has let it go. Whoever took a proof of it before can still check it.
me-title = My page
me-contents = On this page
me-looks-title = Who looked, and why
me-looks-sentence =
    { $n ->
        [0] Nobody but you is on this page; entries: { $entries }, newest first.
        [one] One organisation worked with your record; entries: { $entries }, newest first.
       *[other] { $n } organisations worked with your record; entries: { $entries }, newest first.
    }
me-you = You
me-the-system = The system itself
me-look-why = Purpose: { $text }.
me-look-clause = Clause: { $text }.
me-look-entry = entry { $text }
me-look-times = { $day }, { $n } times
me-held-title = What is held about you
me-held-none = Nothing is held about you.
me-provisional = not confirmed yet
me-prints =
    { $n ->
        [one] Prints of { $n } of your fingers are held.
       *[other] Prints of { $n } of your fingers are held.
    }
me-attribute-other = something else
source-population-register = from the population register
source-document = from a document
source-typed = typed at the counter
source-court = by decision of a court
me-correction-title = Something is wrong
me-correction-attribute = What is wrong?
me-correction-choose = choose
me-correction-hint = Up to 1000 characters. These words are kept sealed.
me-correction-send = Send the request
me-documents-title = Documents
me-documents-none = There are no documents yet.
me-document-identity-card = Identity card
me-document-passport = Passport
me-document-residence-permit = Residence permit
me-document-stateless-certificate = Certificate of a stateless person
me-document-seafarer-identity = Seafarer's identity document
me-document-interim = Interim document
me-document-state-applied = applied for
me-document-state-personalised = made
me-document-state-issued = issued
me-document-state-lost = lost
me-document-state-stolen = stolen
me-document-state-replaced = replaced
me-document-state-expired = expired
me-document-state-cancelled = cancelled
me-document-until = valid until { $text }
me-document-linked = linked to your prints
me-document-unlinked = without prints
me-visits-title = Your visits
me-visits-none = There are no visits on record.
me-trigger-identity-card = For an identity card
me-trigger-passport = For a passport
me-trigger-residence-permit = For a residence permit
me-trigger-stateless-certificate = For a stateless person's certificate
me-refusals-title = Refusals and appeals
me-consequence-fine = A fine may follow
me-consequence-deny-document = The document may be denied
me-consequence-expel = Expulsion may follow
me-consequence-none = Nothing follows
me-amount = { $text } tenge
me-refusal-open = Recorded on { $text }. Nothing follows by itself: the authority decides.
me-refusal-nothing = Recorded on { $text }. Nothing follows from it.
me-refusal-decided = The authority decided on { $text }.
me-refusal-paid = The fine was paid on { $text }.
me-refusal-appealed = An appeal was lodged on { $text }. Until it is decided nothing is enforced.
me-refusal-upheld = The appeal was upheld on { $text }. Nothing follows any more.
me-refusal-appeal-ended = The appeal ended on { $text }.
me-refusal-authority = Decided by: { $text }.
me-appeal = You can appeal at a service centre, with the higher authority or in court. While the appeal is pending the document is not denied, and an interim one is issued.
me-consents-title = Explanations and consents
me-consents-none = No consents are on record.
me-consent-explanation = The law was explained
me-consent-subject-consent = You consented
me-consent-guardian-consent = A guardian consented
me-consent-guardian-presence = A guardian was present
me-consent-objection = An objection was made
me-consent-withdrawn = withdrawn on { $text }
me-consent-by = given by { $text }
me-consent-words = The words
me-task-prints-postponed = Your prints were postponed
me-task-decision-of-age = You decide now
me-task-due = Come again from { $text }.
me-decision-lead = A parent or guardian agreed to the registration of your prints. The law asks you yourself by now.
me-decision-words = A parent or guardian once agreed that your fingerprints are registered. Now you decide yourself. If you agree, they stay registered, encrypted and linked to your document; you can take this consent back at any time.
me-decision-stay = I agree: they stay registered
me-language-kk = in Kazakh
me-language-ru = in Russian
me-language-en = in English
me-rights-title = Your rights
me-right-see = To see, always and free of charge, what is held about you and who looked.
me-right-correct = To ask for a mistake to be put right.
me-right-appeal = To appeal against any denial; each names the clause that it rests on.
me-right-proof = To take the proof of every entry with you and check the log yourself.
me-right-receipt = To check that a receipt is genuine.
me-receipt-check = Check a receipt
me-all-entries = You can take a file with you that proves that no entry about you was left out. It lists the entries by place, time and kind, and does not name you. It is brought up to date about every minute; an entry that a court lets be told later follows when its time has come.
me-all-entries-take = Download the proof that these are all
me-entry-title = An entry about you
me-entry-officer = This names the organisation and not the officer. The supervisory authority knows who it was; turn to it where the purpose seems wrong to you.
me-entry-proof = Keep this file: it proves, in court as well, that the entry was in the log. It holds nothing about you.
me-entry-back = Back to my page
stats-title = The day in figures
stats-all-sites = all sites
stats-show-all = All sites
stats-show-site = Own site
stats-day-before = Day before
stats-day-after = Day after
stats-no-station = You signed in at no station, so there is no site whose day could be shown. Sign out, and sign in again with the station's code.
stats-nothing = Nobody came on this day. Choose another one.
stats-hint = Only numbers are here: nobody's name and nobody's record is opened.
stats-count = Count
stats-arrivals-title = Arrivals by hour
stats-arrivals-none = Nobody came on this day.
stats-arrivals-sentence =
    { $n ->
        [one] One person
       *[other] { $n } people
    } came, most of them between { $from } and { $to }: { $most }.
stats-hour = Hour
stats-outcomes-title = How it ended
stats-how-ended = Outcome
stats-outcomes-sentence = Of { $n } arrivals { $done } ended registered, verified or exempt; { $refused } refused; { $waiting } have not ended yet.
stats-outcome-registered = registered
stats-outcome-verified = verified
stats-outcome-exempt = exempt
stats-outcome-refused = refused
stats-outcome-adjudication = with examiners
stats-outcome-duplicate = on record twice
stats-outcome-conflict = prints differ
stats-outcome-denied = not allowed by law
stats-outcome-open = under way
stats-quality-title = Quality of prints
stats-quality-sentence = { $n } prints were kept, { $flagged } of them below quality { $below }; { $recaptured } fingers took more than one attempt.
stats-quality = Quality
stats-prints = Prints
stats-by-finger = By finger
stats-finger = Finger
stats-median = Median
stats-flagged = Low quality
stats-recaptured = Recaptured
stats-finger-right-thumb = Right thumb
stats-finger-right-index = Right index
stats-finger-right-middle = Right middle
stats-finger-right-ring = Right ring
stats-finger-right-little = Right little
stats-finger-left-thumb = Left thumb
stats-finger-left-index = Left index
stats-finger-left-middle = Left middle
stats-finger-left-ring = Left ring
stats-finger-left-little = Left little
stats-times-title = How long it took
stats-times-none = No encounter has ended yet.
stats-times-sentence = Of { $n } encounters that ended, half took no more than { $median }, nine in ten no more than { $most }.
stats-times-median = Half of them (median)
stats-times-p90 = Nine in ten
stats-seconds =
    { $n ->
        [one] { $n } second
       *[other] { $n } seconds
    }
stats-minutes =
    { $n ->
        [one] { $n } minute
       *[other] { $n } minutes
    }
stats-denials-title = What was denied
stats-denials-sentence =
    { $n ->
        [0] Nothing was denied on this day.
        [one] Law and rules denied one act. People's own refusals are not counted here.
       *[other] Law and rules denied { $n } acts. People's own refusals are not counted here.
    }
stats-denied-what = What
stats-denied-why = Why
event-access-denied = a request for data was denied
event-access-granted = data was given on a lawful request
event-account-created = an account was created
event-account-disabled = an account was disabled
event-candidate-found = a search found similar prints
event-candidate-opened = a comparison was opened
event-candidate-viewed = an examiner compared prints (without a name)
event-capture-denied = capturing a print was denied
event-case-opened = a case was opened
event-consent-denied = a consent was not accepted
event-consent-recorded = an explanation or consent was recorded
event-guardian-identified = a guardian was identified
event-prints-postponed = prints were postponed
event-decision-of-age-due = the person may decide anew
event-contamination-decided = it was decided whether a specimen is contaminated
event-contamination-denied = a decision on contamination was denied
event-contamination-suspected = a specimen is held back: possible contamination
event-contaminations-viewed = possibly contaminated specimens were looked at
event-correction-applied = data was corrected
event-correction-denied = a correction was denied
event-correction-proposed = a correction was proposed
event-correction-rejected = a correction was turned down
event-correction-requested = a correction was asked for
event-correction-viewed = a request for correction was read
event-document-applied = a document was applied for
event-document-changed = a document's state changed
event-document-denied = a document was denied
event-document-interim-issued = an interim document was issued
event-document-personalised = a document was made
event-document-viewed = a document was looked at
event-duplicate-suspected = a second registration is suspected
event-encounter-denied = the encounter was not begun: the law does not allow it
event-encounter-opened = an encounter was opened
event-encounter-viewed = an encounter was looked at
event-exemption-denied = an exemption was denied
event-exemption-recorded = an exemption was recorded
event-exercise-begun = an exercise was begun
event-exercise-scored = an exercise was scored
event-file-converted = a file that was brought was turned into another format
event-file-opened = a file that was brought was opened
event-finger-captured = a fingerprint was captured
event-finger-stated = it was stated why a finger was not captured
event-genomic-case-viewed = a case of genomic registration was looked at
event-genomic-finding-denied = a finding on a genomic hit was denied
event-genomic-hit-judged = an examiner gave a finding on a genomic hit
event-genomic-hit-viewed = an examiner looked at a genomic hit (without a name)
event-genomic-reference-entered = genomic reference data were entered
event-genomic-searched = a genomic search was made
event-genomic-search-denied = a genomic search was denied
event-hands-photographed = the hands were photographed
event-hands-viewed = the photograph of the hands was looked at
event-identification-denied = a look at both sides of an identification was denied
event-identification-viewed = both sides of an identification were looked at
event-instance-founded = the register was founded
event-judgement-denied = a judgement was denied
event-judgement-given = an examiner gave a conclusion
event-lineage-search-denied = a search by lineage markers was denied
event-lineage-searched = a search by lineage markers was made
event-log-supervised = the supervisor read the log
event-lr-search-asked = a search for relatives was asked for
event-lr-search-decided = it was decided on a search for relatives
event-lr-search-denied = a search for relatives was denied
event-lr-search-made = a search for relatives was made
event-namesakes-searched = people of the same name were searched for
event-organisation-created = an organisation was entered
event-oversight-viewed = the page of oversight was looked at
event-own-record-viewed = the own page was opened
event-person-searched = a person was searched for
event-person-viewed = the person's page was looked at
event-person-denied = a look at the person's page was denied
event-quality-accepted = a lower quality was accepted for a reason
event-receipt-issued = a receipt was issued
event-reconciliation-confirmed = two experts confirmed an identification
event-reconciliation-judged = an expert gave a finding on an identification
event-reconciliation-proposed = an identification was proposed
event-reconciliation-viewed = a proposed identification was looked at
event-reconciliation-withdrawal-proposed = the withdrawal of an identification was proposed
event-reconciliations-viewed = the list of proposed identifications was looked at
event-refusal-appeal-closed = an appeal was closed
event-refusal-appealed = an appeal was lodged
event-refusal-decided = a refusal was decided
event-refusal-decision-denied = a decision was denied
event-refusal-fine-paid = a fine was paid
event-refusal-recorded = the person refused
event-refusal-viewed = a refusal was looked at
event-registration-activated = the registration was completed
event-registration-conflict = prints were not those registered
event-registration-verified = prints were verified
event-review-closed = a review was closed
event-review-viewed = a review was looked at
event-revision-applied = records were merged or separated
event-revision-denied = a revision was denied
event-revision-proposed = a revision of records was proposed
event-revision-rejected = a revision was turned down
event-role-denied = the role does not allow it
event-sample-viewed = a print was looked at
event-sanction-entered = a sanction was entered
event-session-closed = somebody signed out
event-session-denied = a sign-in failed
event-session-opened = somebody signed in
event-shift-opened = a shift was opened
event-shift-closed = a shift was closed
event-site-created = a site was entered
event-specimen-denied = a specimen was denied
event-specimen-registered = a specimen was registered
event-station-created = a station was entered
events-access = Requests for data
events-encounter = Encounters
events-finger = Fingers
events-consent = Consents
events-registration = Registrations
events-candidate = Candidates
events-judgement = Conclusions of examiners
events-document = Documents
events-refusal = Refusals and appeals
events-exemption = Exemptions
events-revision = Revisions of records
events-person = Looks at a person
events-session = Signing in and out
events-file = Files that people brought
events-own-record = People's own pages
reason-role = the role does not allow it
reason-four-eyes = it takes two officers
reason-same-officer = it takes two officers
reason-not-a-guardian = not a guardian in the register
reason-same-finger = one finger offered twice
reason-no-such-exemption = there is no such exemption
reason-not-registered = the registration is not complete
reason-refusal-in-force = a decision after a refusal is in force
reason-must-not-register = the law forbids registration
reason-not-yet-lawful = a consent or presence is missing
reason-site-trigger = not done at this site
reason-body-not-listed = the law does not name this body
reason-own-encounter = whoever captured does not judge
reason-incomplete-request = the request lacks a purpose, a case or a basis
reason-no-relation = there is no relation to this person
reason-same-examiner = one examiner does not judge twice
training-title = Exercises
training-lead = You practise on invented people here: nothing can be spoiled, and nobody can be harmed.
training-sentence = { $done } of { $n } exercises are scored; your best scores together make { $points } points.
training-best = best score: { $n }
training-under-way = under way
training-not-yet = not begun
training-rules = A score goes by what really happened, not by what is said: by the log, the consents, the prints. The best score of each account is kept.
training-back = All exercises
training-who = Who has come
training-person = Name
training-number = Number to use (IIN)
training-guardian = Guardian
training-steps = What to do
training-score = Score it
training-to-counter = Go to the counter
training-begin = Begin the exercise
training-again = Do it again with somebody else
training-points = { $n } of { $of } points
training-not-ended = The matter has not ended: go on, and score it again.
training-criteria = What each point is for
training-criterion = Criterion
training-points-column = Points
training-rule = The rule behind it
training-met = met
training-missed = missed
training-no-score = No score yet
training-no-score-hint = Begin the exercise, serve the person, come back here and press “Score it”.
training-name-ordinary-adult = An ordinary adult
training-about-ordinary-adult = An identity card, ten fingers.
training-story-ordinary-adult = A grown person has come to renew an identity card. In no hurry, but there is a queue.
training-ordinary-adult-step-1 = Find the person by the number and open an encounter for an identity card.
training-ordinary-adult-step-2 = Explain the law first, and record that.
training-ordinary-adult-step-3 = Capture ten fingers; repeat the poor ones.
training-ordinary-adult-step-4 = Check, and apply for the document.
training-name-teenager = A teenager with a guardian
training-about-teenager = A passport; a guardian's consent and presence are needed.
training-story-teenager = A teenager has come with a parent for a passport.
training-teenager-step-1 = Open an encounter for a passport.
training-teenager-step-2 = Explain to both; record consent and presence under the guardian's number.
training-teenager-step-3 = Only then capture fingers.
training-teenager-step-4 = Check, and finish.
training-name-young-child = A child under twelve
training-about-young-child = Find out what the law says.
training-story-young-child = A parent has brought a child along and says: “Register all of us at once.”
training-young-child-step-1 = Try to open an encounter with the child's number.
training-young-child-step-2 = Read the answer and explain it to the parent. Do not try another way round.
training-name-refusal = A refusal
training-about-refusal = A person does not want to give prints.
training-story-refusal = Somebody has come for an identity card and says: “I will not give my prints.” That is a right; the law says what follows.
training-refusal-step-1 = Open the encounter, explain the law without pressure, and record that.
training-refusal-step-2 = Take no finger.
training-refusal-step-3 = Record the refusal, and say what follows and how to appeal.
training-name-damaged-fingers = A missing, a bandaged and a poor finger
training-about-damaged-fingers = State each finger as what it is.
training-story-damaged-fingers = A builder has no left little finger, the right thumb is bandaged, and one finger gives a poor print.
training-damaged-fingers-step-1 = Explain the law, and record that.
training-damaged-fingers-step-2 = State the left little finger as missing and the right thumb as bandaged.
training-damaged-fingers-step-3 = Capture the others, and repeat the poor one up to three times.
training-damaged-fingers-step-4 = Check, and finish.
training-name-exemption = No fingers on either hand
training-about-exemption = An exemption takes two officers.
training-story-exemption = A person without fingers on either hand has come for an identity card.
training-exemption-step-1 = Explain the law, and record that.
training-exemption-step-2 = Photograph the hands, and search for namesakes.
training-exemption-step-3 = Call a second officer, who confirms with an account of their own.
training-exemption-step-4 = Apply for the document.
training-name-duplicate = A person with a second number
training-about-duplicate = The search finds an earlier registration; two examiners decide.
training-story-duplicate = The papers are in order, but these hands are registered under another name. You do not know that; the search must find it.
training-duplicate-step-1 = As always: explain, capture ten fingers, send them to the check.
training-duplicate-step-2 = Accuse nobody: say that examiners will compare.
training-duplicate-step-3 = Sign in as examiner-a and as examiner-b, and compare without looking at each other's finding.
training-duplicate-step-4 = Come back as the operator and score it. No second document is issued.
criterion-explained-first = Explained first
rule-explained-first = Before capture, refusal or exemption a person must know what will happen.
criterion-guardian-consent = Guardian's consent before the first finger
rule-guardian-consent = No print is taken from a minor without a guardian's consent.
criterion-guardian-present = Guardian present
rule-guardian-present = Consent is not enough: the guardian must be there.
criterion-fingers-captured = Every finger that can be captured was
rule-fingers-captured = No finger is left out without a reason: the search rests on them.
criterion-poor-prints-repeated = Poor prints were repeated
rule-poor-prints-repeated = There are three attempts; a poor print troubles the person later.
criterion-registered = Registered
rule-registered = The matter was brought to its end.
criterion-document-linked = Document linked to prints
rule-document-linked = Registration is for the document, and its holder's prints stand behind it.
criterion-document-without-prints = Document without prints
rule-document-without-prints = Who cannot give prints does not go without a document.
criterion-nothing-denied = Nothing forbidden was tried
rule-nothing-denied = Every forbidden try is in the log, and the supervisor sees it.
criterion-law-asked = The law was asked
rule-law-asked = Do not guess by the look of it: the law answers.
criterion-nothing-taken = No finger was taken
rule-nothing-taken = Where it is not allowed nothing is taken, not even to be deleted later.
criterion-asked-once = Not tried again
rule-asked-once = Once the law has answered, no way round is looked for.
criterion-refusal-recorded = The refusal was recorded
rule-refusal-recorded = A refusal that is not recorded cannot be appealed either.
criterion-missing-stated = The missing finger was stated as missing
rule-missing-stated = A missing finger is for good: nobody asks for it next time.
criterion-bandaged-stated = The bandaged finger was stated as bandaged
rule-bandaged-stated = A wound heals: this finger is captured later.
criterion-exempt-by-two = A second officer confirmed the exemption
rule-exempt-by-two = Decided by one alone, an exemption would be a back door.
criterion-candidate-found = The search found the earlier registration
rule-candidate-found = For that the fingers must be captured well.
criterion-two-examiners = Two examiners gave their conclusions
rule-two-examiners = No match is a decision, and whoever captured does not judge.
criterion-found-the-same = They found one person
rule-found-the-same = These hands are indeed registered already.
criterion-not-registered-twice = Not registered a second time
rule-not-registered-twice = One person, one registration.
problem-not-training = This register is not for training. Exercises are done in a register of their own (tanba train).

# what the law asks of people
law-title = What the law asks of you
law-lead = Everything here comes from the law packs that this register works by today, in their own words. You may print it.
law-none = This register has no law pack: nothing is taken from anybody.
law-about-fingerprint = Fingerprints
law-about-genomic = Genomic profile (DNA)
law-about-face = Picture of the face
law-about-iris = Picture of the iris
law-draft = Demonstration: no lawyer has verified this text, and it decides about nobody who exists.
law-ended = This law no longer holds: nothing is taken or used under it.
law-must = Who must be registered
law-may = Who may be registered, if they want to
law-must-not = Who must not be registered
law-else = Everyone else
law-exempt = Who is exempt, or whose registration is put off
law-taken-title = What is taken
law-taken-fingers = prints of fingers
law-taken-fingers-most =
    prints of fingers, at most { $n ->
        [one] { $n } finger
       *[other] { $n } fingers
    }
law-taken-palms = prints of palms
law-taken-buccal = a swab from the inside of the cheek
law-taken-biological-sample = a biological sample
law-taken-biological-trace = biological traces of persons not known
law-taken-face = a picture of the face
law-taken-iris = a picture of the iris
law-kept-title = How long it is kept
law-kept-profile = Templates and profiles
law-kept-sample = Images and samples
law-kept-log = The log of who looked
law-refusal-title = What may follow a refusal
law-refusal-nothing = Nothing follows a refusal.
law-refusal-never = Nothing of this happens by itself: an authority decides each step, one after the other, and you may appeal.
law-back-title = Taking a consent back, and deletion
law-owed-title = What the register owes you
law-assumed = (not law: an assumption of this demonstration, because the law could not be read)
law-known-a = official text
law-known-b = secondary source
law-known-s = published article
law-known-c = not verified
law-known-x = not known
law-pack = Law pack and its fingerprint (SHA-256):
law-rights-title = Your rights, and where to complain
law-right-explained = You may ask for an explanation in your language before anything is taken, and you may object.
law-right-see = You may see what is held about you, and who looked, when and why:
law-right-correct = You may ask for a correction on your own page or at any service centre.
law-right-complain = You may complain at the service centre, to the body that decided, to the supervisory authority, and in court.
law-right-check = You may check that nobody changed the log:

me-withdraw = Take my consent back
me-withdraw-what = Your prints are out of every search at once, their keys are destroyed, and the log entries below prove it. This cannot be undone.
me-withdraw-sure = I take my consent to the registration of my prints back
done-consent-withdrawn = Your consent is taken back, and your prints are erased. The entries on this page are the proof.
oversight-note-near-total-consent = At the centre “{ $site }” { $n } people consented to what is voluntary, and nearly nobody declined. Were they asked?
purpose-retention = keeping and deletion
event-consent-withdrawn = the consent was taken back
event-withdrawal-denied = taking a consent back was denied
event-record-erased = data was erased and its keys destroyed
event-record-ends-soon = notice: data will be erased soon
event-record-blocked = a record may not be used any more
event-record-unblocked = a record may be used again
event-records-blocked = records may not be used any more: their law ended
event-templates-renewed = the minutiae of prints were found anew in their images by another method
event-templates-kept = the minutiae of prints were gone through and stay as they are
event-record-held = a sanction orders that a record is kept
event-hold-denied = keeping a record was denied: no sanction
event-retention-planned = a plan of deletion was made
event-retention-released = two signed, and the keys of a plan of deletion were destroyed
event-retention-release-denied = keys of a plan of deletion were not destroyed: signatures were missing or void
event-retention-unsigned = keys of a plan of deletion were destroyed without signatures, because nobody gave them in time
oversight-note-erasures-unsigned = Keys of { $n } plans of deletion were destroyed without the two signatures, because nobody gave them in time. The law asked for it; ask why nobody looked.
note-rule-erasures-unsigned = keys destroyed without signatures
event-retention-not-due = a step of deletion was no longer due
event-retention-plans-viewed = plans of deletion were read
event-retention-event-recorded = something was recorded on which keeping depends
event-material-destroyed = biological material was destroyed
event-log-payloads-erased = old log entries lost their words
event-index-published = the index of own entries was published
event-rows-unreconciled = rows of the database and the log disagree
event-law-activated = law packs were put into use
event-law-refused = law packs were refused
purpose-withheld = purpose not recorded, by law
oversight-note-volume-reached = The account “{ $account }” was stopped { $n } times by a limit of requests: its own, that of its case or that of its organisation.
oversight-note-orders-overdue = { $organisation } did not acknowledge { $n } orders to delete or correct what it was told in time.
oversight-note-rows-unreconciled = Rows of the database and the log disagree ({ $n } alarms): something was written or deleted past the program. Read the entries, and have the data folder checked.
oversight-waiting-urgent-review = { $n } looks in danger to life to be checked
oversight-waiting-direction = { $n } directions not read yet
oversight-waiting-recipient-order = { $n } orders to recipients to be acknowledged
oversight-deferred = Entries that the people concerned are not shown yet because of a sanction: { $n }.
event-access-volume-reached = a limit of requests was reached
event-sanction-denied = entering a sanction was denied
event-sanction-revoked = a sanction was revoked
event-directions-viewed = directions were read by the supervisor
event-prior-search-recorded = a search made elsewhere was recorded
event-urgent-review-decided = a look in danger to life was checked
event-urgent-review-denied = checking a look in danger to life was denied
event-urgent-review-lapsed = a look in danger to life was not checked in time
event-recipient-ordered = recipients were told to delete or correct what they have
event-recipient-order-acknowledged = a recipient acknowledged an order
event-recipient-orders-viewed = orders to recipients were looked at
event-answer-exported = an answer was passed on to a partner abroad
event-approval-denied = a signature under an act was denied
event-approval-given = an act that takes two was signed
event-export-denied = passing an answer on abroad was denied
event-exports-viewed = what was passed on abroad was looked at
event-passkey-asked = a passkey was asked
event-passkey-bound = a passkey was bound
event-passkey-code-denied = a code for a passkey was denied
event-passkey-code-issued = a code for a passkey was issued
event-passkey-proof-denied = an act was stopped for want of a passkey
event-passkey-refused = a passkey was not taken
event-passkey-removed = a passkey was removed
event-session-begun = a password was right, a passkey is awaited
event-session-proved = a session was proved again
event-passkey-used = a signature over one act was used
me-genomic-withdraw = Take back my consent to my genomic profile
me-genomic-withdraw-what = The profile is out of every search at once, its key is destroyed, and the laboratory is told to destroy the material. This cannot be undone.
me-genomic-withdraw-sure = I take my consent to the keeping of my genomic profile back
event-sanction-refused = a sanction was refused: it is not what its authority has signed
event-sanction-key-proposed = the key of an office was entered
event-sanction-key-confirmed = the key of an office was confirmed
event-sanction-key-rejected = the key of an office was rejected
event-sanction-key-revoked = the key of an office was ended
event-sanction-key-denied = confirming the key of an office was denied
event-correction-overdue = a request for correction was not answered in time

# The person's own lock, and services that ask one to one
me-lock-title = Lock on your prints
me-lock-what = While your prints are locked, no service is told that you are you: to each it looks as if the prints were somebody else's. Searches and checks that a law orders go on.
me-lock-since = locked since { $text }
me-lock-lock = Lock my prints
me-lock-release = Take the lock away
me-lock-password = Your password, once more
me-lock-national = To take the lock away, show once more that it is you: sign in with { $text } again.
me-lock-recognise = Confirm with { $text }
event-session-returned = somebody came back from the national sign-in
done-biometrics-locked = Your prints are locked.
done-biometrics-unlocked = The lock is taken away.
event-biometrics-locked = the person locked the own prints
event-biometrics-unlocked = the person took the lock on the own prints away
event-biometrics-unlock-denied = taking the lock away was denied
event-service-added = a service was set up
event-service-ended = a service was ended
purpose-attendance-sign-in = signing in at work
purpose-health-sign-in = signing in at a health service
purpose-education-sign-in = signing in at a place of education
desk-requests = Requests of people
done-request-sent = Your request was sent and written in the log. You will read the answer on this page.
done-request-answered = The answer was sent; the person sees it on their own page.
done-request-entered = The request was taken and written in the log.
done-restriction-lifted = The restriction was lifted; the person reads why on their own page.
oversight-waiting-request-overdue = { $n } requests of people that nobody answered in time
oversight-waiting-complaint = { $n } complaints that wait for your answer
oversight-waiting-restriction-requested = { $n } requests to restrict the use of a record
oversight-waiting-erasure-requested = { $n } requests for erasure
oversight-waiting-review-requested = { $n } requests for a review by a human being
oversight-waiting-match-overturned = { $n } matches on which a second comparison found something else
event-request-made = a request was made
event-request-viewed = a request was read
event-request-answered = a request was answered
event-request-overdue = a request was not answered in time
event-request-denied = an answer to a request was denied
event-records-restricted = the use of the record was restricted
event-restriction-lifted = the restriction of use was lifted
me-request-title = Request
me-requests-title = Your requests
me-requests-none = You have asked for nothing yet. Choose below; every request has a day for its answer.
me-request-kind-correction = Correction
me-request-kind-restriction = Restriction of use
me-request-kind-erasure = Erasure
me-request-kind-review = Review by a human being
me-request-kind-complaint = Complaint to the supervisor
me-request-lead-correction = Say in your own words what is wrong and what would be right. A second officer reads it and answers; the answer appears on your page.
me-request-lead-restriction = The record is kept and not used: no search finds it and no officer opens it, until the restriction is lifted with reasons. Say why you ask for it.
me-request-lead-erasure = What was given by a consent is erased where the law left a choice. Where the law made it a duty, the answer names the clause. Say what is to be erased.
me-request-lead-review = A human being looks again at a decision or a comparison that concerned you. Say what you contest.
me-request-lead-complaint = The supervisory authority reads and answers it, not the authority that you complain of. Say what happened.
me-request-comparison = The prints are compared again by examiners who took no part in the first comparison.
me-request-text = In your own words
me-request-via-counter = at the counter
me-request-via-letter = by letter
me-request-via-representative = by a representative
me-request-open = There is no answer yet.
me-request-due = It is answered by { $text }. If nobody does, the supervisor is told the next day.
me-request-overdue = Nobody answered in time; the supervisor has been told. You may also go to court.
me-request-granted = Granted
me-request-refused = Refused
me-request-answered = Answer
me-request-appeal = Appeal: { $text }
me-request-lifted = The restriction was lifted on { $text }:
me-request-complain = Complain to the supervisor
me-comparisons-title = Comparisons of your prints
me-comparisons-lead = Examiners compared your prints with others and decided. If you contest it, others compare again.
me-comparison-same = prints of one person
me-comparison-different = prints of two people
me-comparison-inconclusive = it cannot be said
me-comparison-disputed = the examiners differ
me-comparison-contest = Contest it
me-comparison-contested = given to others to compare again
request-title = Request of a person
request-enter-title = Take a request of the person
request-enter-lead = You write down the words of the person who is here or who wrote. Another officer answers.
request-letter = Reference of the letter
request-letter-hint = Leave it empty where the person is here.
request-other-kinds = Another request:
request-list-title = Requests of people
request-list-none = No request waits for an answer. People make them on their own page, at the counter or by letter.
request-list-sentence =
    { $n ->
        [one] { $n } request waits for an answer.
       *[other] { $n } requests wait for an answer.
    }
request-since = Made on { $text }.
request-due = Answer by { $text }.
request-due-label = Answer by
request-overdue = overdue
request-in-force-title = Restrictions in force
request-person = The person’s page
request-words = In the person’s own words
request-second-look = Second comparison
request-second-look-open = under way
request-second-look-disputed = the examiners differ
request-second-look-same = prints of one person
request-second-look-different = prints of two people
request-second-look-inconclusive = it cannot be said
request-duties = These clauses made the registration a duty, and what rests on them is not erased:
request-answered = Answered
request-decision = Decision
request-reasons = Reasons
request-reasons-hint = Up to 1000 characters, in plain words. The person reads exactly these words.
request-clause = Clause of the law
request-appeal = Where an appeal can be lodged
request-refusal-hint = A refusal must name both.
request-send = Answer
request-read = Read the person’s words and answer
request-how-correction = See the document first and propose the correction under dual control. Then tell the person what was done, or why not.
request-how-restriction = If you grant it, the record leaves every search at once and is not opened until the restriction is lifted.
request-how-erasure = If you grant it, what was given by a consent is erased at once, and nothing brings it back.
request-how-review = Where prints are compared again, wait for the examiners. If they find something else, the review task undoes what followed.
request-how-complaint = The authority complained of does not see this page. Look at the log, and answer the person.
request-lift = Lift the restriction
request-lift-what = What the law lets be used is used again. The person reads the reasons.
me-a-representative = { $text } (your representative)
me-representatives-title = Representatives
me-representatives-none = Nobody acts for you by a document. The page of a child below sixteen can be read by a parent or guardian.
me-representative-end = End it
me-representative-ended = ended
me-represent-iin = IIN of your child, or of whoever gave you a document
me-represent-hint = Every look is written in the log under both of you, and they see it.
me-represent-open = Open the page
done-representation-ended = The representation has ended.
done-representation-recorded = The representation was recorded; the person sees it on their own page.
represented-title = The page of whom you represent
represented-guardian = You read it as a parent or guardian.
represented-attorney = You read it by a document that was recorded.
represented-until = Last day: { $text }.
represented-seen = This look is in the log, and the person sees it.
represented-held = What is held about this person
represented-prints =
    { $n ->
        [one] Prints of { $n } finger are held.
       *[other] Prints of { $n } fingers are held.
    }
represented-the-person = The person
represented-a-representative = { $text } (representative)
represented-requests = Requests
represented-requests-none = Nothing has been asked for yet.
represented-looks = Who looked, and why
representative-title = Record a representative
representative-lead = See the document first. Until its last day the representative can read the person’s page and ask on their behalf.
representative-attorney = IIN of the representative
representative-document = The document: by whom and under which number
representative-until = Last day
representative-record = Record
event-represented-viewed = a representative read the record
event-usages-viewed = the state's portal showed the list of looks to the person, or to whoever acts for them
event-usages-denied = the state's portal asked for a list of looks that whoever is signed in there may not read
event-representation-recorded = a representative was recorded
event-representation-ended = a representation was ended
event-representation-denied = access as a representative was denied
me-erasure-certificate = Take the certificate of erasure
rates-title = Error rates and thresholds
rates-lead = Comparing fingerprints is never certain. Here everybody can read how often this register errs, for whom more often, and from which evidence on it says yes. There is nobody in these figures.
rates-unsound = Something here is not as the public log states it, and is left out. While it is a threshold, nothing is compared, and the supervisor has been told.
rates-thresholds-title = From which evidence on the answer is yes
rates-thresholds-lead = The evidence is a likelihood ratio in powers of ten: 3 means that what is seen is a thousand times more likely if it is the same finger. A threshold changes only when one person proposes it, on a published evaluation, and a supervisor, another person, sets it. No one sets it below the floor.
rates-kind = Comparison
rates-value = Threshold
rates-since = Since
rates-floor = Floor
rates-setting = setting { $n }
rates-own = the program's own value; nobody has set another
rates-nothing-compared = nothing is compared: what was set is for another version, or was changed
rates-among =
    { $n ->
        [one] among { $n } person
       *[other] among { $n } people
    }
rates-candidates-hint = The threshold and the floor of searches with several fingers grow with the register: by one when it becomes ten times as large. The program's own value and the floor are for a million people.
rates-version = Extractor and matcher:
rates-history-title = What was set
rates-history-none = Nothing was ever set: the program's own values hold.
rates-stands-for = stands for a false match rate of at most
rates-evaluation = Evaluation
rates-measured-title = What was measured
rates-not-measured = Not measured here: no evaluation was added to this register, so nobody can say how often it errs.
rates-synthetic = These people do not exist. The figures show what the program does with made prints, and not what it does with the people of a country.
rates-other-version = This was measured with another extractor or matcher than the one that runs here.
rates-data = Data
rates-persons = People
rates-made-with = Made with
rates-acquire = Fingers of which no template could be made
rates-entry = entry { $n }
rates-at = At the threshold in force ({ $threshold }): different fingers taken for one { $false }; the same finger not recognised { $missed }. In brackets: 95% interval.
rates-at-search = At the threshold in force ({ $threshold } among { $people } people): searches for somebody who is not there that name anybody { $false }; searches for somebody who is there that do not { $missed }. In brackets: 95% interval.
rates-false = False matches
rates-missed = Missed
rates-groups = By group
rates-group = Group
rates-apart = { $worst }: { $worstrate }; { $best }: { $bestrate }. The difference is more than chance explains.
rates-not-apart = The largest difference: { $worst } { $worstrate }, { $best } { $bestrate }. It may be chance.
rates-all-all = everybody
rates-sex-female = women
rates-sex-male = men
rates-sex-unknown = sex not known
rates-age = aged { $text }
rates-age-unknown = age not known
rates-counted-title = What this register counted of itself
rates-counted-lead = From its own work: fingers that could not be taken, people of whom no finger could be, and holders of a record whose prints were refused although it was them, as a second officer found.
rates-not-counted = Not counted yet. A supervisor has it counted.
rates-smallest = Groups of fewer than { $n } people are not shown, nor one that could be worked out from the others.
rates-fewer = fewer than { $n }, or withheld
rates-of = { $failed } of { $of }
rates-failed = Failed
rates-share = Share (95% interval)
rates-nobody = Nobody came yet of whom this could be counted.
rates-counted-failure-to-acquire = Fingers that could not be taken
rates-counted-failure-to-enrol = People of whom no finger could be registered
rates-counted-false-refusal = Holders whose prints were refused
rates-json = The same as JSON, with every row
rates-count-hint = The register reads the sex and year of birth of whoever came, counts, and publishes shares of ten people at least. It can be counted again at any time.
rates-count-button = Count and publish
threshold-kind-verification = Is it this person? (measured with one finger)
threshold-kind-candidates = Who is it? (several fingers)
threshold-kind-candidates-one-finger = Who is it? (one finger)
threshold-kind-same-finger = Is one finger offered twice?
threshold-state-proposed = waits for a supervisor
threshold-state-set = set
threshold-state-rejected = rejected
thresholds-title = Thresholds
thresholds-lead = An administrator proposes a threshold, on a published evaluation; a supervisor who is another person sets it. It counts from the next comparison on, and each comparison's entry says by which setting it was decided.
thresholds-proposals-title = Proposed
thresholds-none = Nothing was proposed.
threshold-propose = Propose a threshold
threshold-propose-hint = It must be a row of the evaluation, which supports the false match rate that you state, and no lower than the floor.
threshold-value-hint = (as the table has it, such as 3.2)
threshold-rate = False matches at most, percent
threshold-rate-hint = (no less than the upper limit that was measured; at most 1)
threshold-reason = Reason
threshold-reason-hint = (published: name nobody)
threshold-propose-button = Propose
threshold-set = Set it
threshold-reject = Reject it
evaluation-add = Add an evaluation
evaluation-add-hint = A file as “tanba bench rates” writes it. It is published at once, under its hash, and cannot be taken back.
evaluation-file = File (JSON, 1 MB at most)
evaluation-add-button = Add and publish
event-threshold-proposed = a threshold was proposed
event-threshold-set = a threshold was set
event-threshold-rejected = a proposed threshold was rejected
event-threshold-denied = setting a threshold was denied
event-evaluation-added = an evaluation of error rates was added
event-rates-counted = the register counted its error rates
event-comparison-denied = nothing was compared: the threshold is not as it was set
event-rows-reconciled = rows of the database and the log agree again
event-keys-period = keys were opened for ten minutes, for a stated purpose
event-keys-entrusted = the keys were entrusted to the key process
event-keys-separated = each group of specimens got a key of its own
event-keys-rewrapped = keys were wrapped anew
event-log-pruned = the beginning of the log was pruned by the law on keeping it
event-log-pruning-denied = pruning of the log was denied
event-log-key-stated = the log got its next key
event-log-key-retired = the older of the log's two keys ended
event-log-key-denied = a change of the log's key was denied
