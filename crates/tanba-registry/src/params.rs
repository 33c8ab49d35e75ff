//! The registry's numbers, each with its unit and where it comes from.

/// Attempts at one finger; the best is kept (the console's rule of three).
pub(crate) const ATTEMPTS: u32 = 3;

/// How long a guardian's one-time code is taken, seconds: time enough to read a message in a queue.
pub(crate) const GUARDIAN_CODE_SECONDS: i64 = 15 * 60;

/// Wrong answers after which a guardian's code ends: three guesses find one of a million codes once in 333,000 times.
pub(crate) const GUARDIAN_CODE_ATTEMPTS: i64 = 3;

/// Seconds for which an authenticator may take to sign what it was asked: what browsers wait for by themselves is five minutes
/// (WebAuthn Level 3 section 5.4 recommends 5 to 10).
pub(crate) const CHALLENGE_SECONDS: i64 = 5 * 60;

/// Seconds for which the code of a first passkey is taken: the way from the administrator's desk to one's own.
pub(crate) const BINDING_CODE_SECONDS: i64 = 3600;

/// Wrong answers after which that code ends.
pub(crate) const BINDING_CODE_ATTEMPTS: i64 = 5;

/// Seconds within which a sensitive act is done after its passkey has signed it. Own choice: one act with its reading, not a morning's work.
pub(crate) const STEP_UP_SECONDS: i64 = 5 * 60;

/// Seconds from the first signature under an act that takes two until it must be done. Own choice: a working day, because whoever asks
/// and whoever decides work at different desks; the act cannot change meanwhile.
pub(crate) const APPROVALS_HOLD_SECONDS: i64 = 8 * 3600;

/// Seconds for which the erasures of a plan wait for two signatures where passkeys are required. Own choice: everybody who works here
/// comes by within a day, and the law's time is over already. Only what nobody could foresee waits so, as an acquittal.
pub(crate) const ERASURES_WAIT_SECONDS: i64 = 24 * 3600;

/// Days before the law's day on which its erasures are planned where passkeys are required. Own choice: a weekend and a day.
pub(crate) const ERASURES_AHEAD_DAYS: i64 = 3;

/// Seconds from leaving for the national sign-in to coming back. Own choice: finding one's phone, and a queue of text messages.
pub(crate) const SIGN_IN_SECONDS: i64 = 10 * 60;

/// Seconds for which a session of the national sign-in lasts, whatever is done in it: less than other houses let a session idle, because it
/// may be on anybody's machine, and signing in again is one touch there.
pub(crate) const NATIONAL_SESSION_SECONDS: i64 = 30 * 60;

/// Conversations with the provider of the national sign-in at one time. Own choice: ten seconds each at worst, with everybody else served.
pub(crate) const SIGN_INS_AT_ONCE: usize = 32;

/// Seconds for which what the provider says of itself and its keys are held. Own choice: a key that it withdraws is taken no longer.
pub(crate) const PROVIDER_HOLDS_SECONDS: i64 = 3600;

/// Seconds until its keys are asked again for one that is missing. Own choice: tokens of invented keys make nobody ask more.
pub(crate) const PROVIDER_AGAIN_SECONDS: i64 = 60;

/// Unified quality below which a kept capture is flagged for the supervisor's statistics.
pub(crate) const QUALITY_FLAG: u8 = 30;

/// Share of the searches for somebody who is not registered that may name anybody (FPIR): one false call for two examiners in a thousand
/// registrations.
pub(crate) const FALSE_CANDIDATES: f64 = 1e-3;

/// log10 LR of one finger from which a registered person is a candidate, until two people set another. One finger gives 5 at most, and what
/// would keep to [`FALSE_CANDIDATES`] among more than some hundred people lies beyond what one mate in fifty reaches: whoever searches with one
/// finger gets a list of at most [`CANDIDATES_SHOWN`].
pub(crate) const ONE_FINGER_LOG10_LR: f64 = 2.5;

/// log10 LR from which prints are taken to be those registered for the identity that was claimed, until two people set another.
pub(crate) const VERIFY_LOG10_LR: f64 = 3.0;

/// log10 LR of two single fingers from which one is taken to be offered twice, until two people set another. Ten fingers make 45 comparisons
/// in every registration, so this stands near the engine's cap: the same finger seconds later reaches it, a chance likeness doesn't.
pub(crate) const SAME_FINGER_LOG10_LR: f64 = 3.9;

/// The size of a register for which the threshold of candidates by several fingers is told, where no evaluation says another.
pub(crate) const MILLION: u64 = 1_000_000;

/// Below these log10 LR nobody sets a threshold, whatever an evaluation measured: a likelihood ratio of `k` is reached by at most one stranger
/// in `k` (Royall 1997, *Statistical Evidence*, 1.4), so the floor is what chance can do at worst. A yes to an identity: one stranger in 100.
pub(crate) const VERIFY_FLOOR: f64 = 2.0;

/// Candidates by several fingers, in a register of [`MILLION`] people: one search in a hundred names a stranger, which keeps two examiners
/// awake and not busy.
pub(crate) const CANDIDATES_FLOOR: f64 = 4.0;

/// Candidates by one finger: what is below fills every list by chance.
pub(crate) const ONE_FINGER_FLOOR: f64 = 2.0;

/// One finger offered twice: lower, and one hand in twenty would be refused for its own fingers.
pub(crate) const SAME_FINGER_FLOOR: f64 = 3.0;

/// False matches that a threshold may stand for at most, a fraction: the floor of [`VERIFY_FLOOR`] in the words of an evaluation.
pub(crate) const MOST_FALSE: f64 = 0.01;

/// Mates that a threshold may miss at most, a fraction. Own choice: what misses more neither finds people nor knows them, and a threshold
/// that is set out of reach is a search that is switched off.
pub(crate) const MOST_MISSED: f64 = 0.5;

/// Octets of an evaluation at most: four tables of 500 rows with room.
pub(crate) const EVALUATION_BYTES: usize = 1 << 20;

/// People that a published cell has at least; a smaller one is not shown.
pub(crate) const SMALLEST_CELL: u64 = 10;

/// Candidates shown for one search.
pub(crate) const CANDIDATES_SHOWN: usize = 10;

/// Specimens that one genomic search may tell: what two examiners can look at. More would be an extract of the register. Own choice.
pub(crate) const GENOMIC_HITS_SHOWN: u32 = 100;

/// Examiners who must agree before a candidate is decided.
pub(crate) const EXAMINERS_NEEDED: usize = 2;

/// Marks on one finger: more than twice what a whole rolled print shows (about 120 minutiae); a bound for hostile input.
pub(crate) const MARKS_PER_FINGER: usize = 300;

/// Characters of an examiner's notes: a page.
pub(crate) const NOTES_MAX_CHARS: usize = 2000;

/// Seconds for which a person whom an operator found by a search may be opened: the time of one visit.
pub(crate) const FOUND_FOR_SECONDS: i64 = 30 * 60;

/// Seconds for which a stated purpose of looking at a record holds: one piece of work on it.
pub(crate) const PURPOSE_HOLDS_SECONDS: i64 = 15 * 60;

/// Civil hour from which a look at a person's record is after hours, and the hour at which it no longer is: an hour before
/// and two after the opening times of a service centre (09:00 to 20:00 in Kazakhstan), which deserves a question, not more.
pub(crate) const AFTER_HOURS_BEGIN: u8 = 22;
/// See [`AFTER_HOURS_BEGIN`].
pub(crate) const AFTER_HOURS_END: u8 = 7;

/// Different people that one account may look at within an hour without a question: a registration takes an operator 90
/// seconds of own actions at best (issue 3), which makes 40 people in an hour without a pause.
pub(crate) const PEOPLE_IN_AN_HOUR: usize = 40;

/// Searches for people by one account within an hour from which a supervisor is told: one for each of the forty, and every
/// second again because of a spelling.
pub(crate) const SEARCHES_IN_AN_HOUR: usize = 60;

/// Denials to one account in a row, within an hour, from which a supervisor is told. Own choice: a slip is corrected at the
/// second or third try.
pub(crate) const DENIALS_IN_A_ROW: usize = 5;

/// Organisations that look at one person within a day from which a supervisor is told. A registration with its examination
/// takes two.
pub(crate) const BODIES_LOOKING: usize = 3;

/// Accounts that look at one person within a day from which a supervisor is told. Own choice: a visit with all its steps takes a
/// counter, a second officer, two examiners and whoever prints the document.
pub(crate) const ACCOUNTS_LOOKING: usize = 6;

/// People at one centre who could say no, from which on the share of those who said yes says something. Own choice: with a true share of
/// nine in ten, thirty times yes in a row happens once in 24.
pub(crate) const VOLUNTARY_ASKED: usize = 30;

/// Consents in a hundred, from which on a supervisor is told of a centre. Own choice.
pub(crate) const NEAR_TOTAL_PERCENT: usize = 98;

/// People on the list of those whose every look is noted. Own choice: every look by anybody who works lawfully is a note too, so a list
/// of thousands is read by nobody; and each page of notes goes through all of it.
pub(crate) const PEOPLE_WATCHED: usize = 500;

/// Entries that one note names at most.
pub(crate) const ENTRIES_IN_A_NOTE: usize = 500;

/// Age at which somebody acts for themselves, and no guardian reads their page any more. (Kazakhstan's law on fingerprint registration asks
/// a guardian below sixteen; no pack says until when a guardian reads.)
pub(crate) const GUARDED_BELOW: u16 = 16;

/// Requests that one person may have open, so that nobody is buried in them; complaints are counted by themselves.
pub(crate) const REQUESTS_OPEN: usize = 5;

/// Working days until a request of the person concerned is answered, where no law pack says it. Own choice: three weeks.
pub(crate) const REQUEST_WORKING_DAYS: u8 = 15;

/// Y-STR loci that two haplotypes must have in common to be compared: those of the minimal haplotype, DYS385 counted once (Roewer
/// et al. 2001, *Forensic Science International* 118, 106).
pub(crate) const Y_LOCI_IN_COMMON: usize = 8;

/// Positions of mitochondrial DNA that two haplotypes must have in common: those of HV2, 73 to 340, the shorter of the two regions
/// that are always read (SWGDAM 2013).
pub(crate) const MT_POSITIONS_IN_COMMON: usize = 268;

/// Identity SNPs that two profiles must have in common. Own choice: at 30 SNPs with even bases two unrelated people agree with probability (3/8)^30, 1.7e-13.
pub(crate) const SNPS_IN_COMMON: usize = 30;

/// Confidence of the limit below which the share of agreeing haplotypes lies (SWGDAM 2013, as everywhere in this field).
pub(crate) const HAPLOTYPE_CONFIDENCE: f64 = 0.95;

/// theta of the number of hits to expect by chance: the value that NRC 1996 recommends for large populations.
pub(crate) const CHANCE_THETA: f64 = 0.01;

/// Seconds for which a sanctioned search by likelihood ratio may be made: a week. Afterwards the number of leads to expect, on
/// which the sanction rests, is no longer that of the register.
pub(crate) const LR_SANCTION_HOLDS_SECONDS: i64 = 7 * 24 * 3600;

/// By how much the number of unrelated leads may have grown since it was sanctioned. Own choice.
pub(crate) const LR_LEADS_GROWTH: f64 = 1.25;

/// Hours within which requests are counted where the law sets no limit.
pub(crate) const VOLUME_HOURS: u16 = 24;

/// What one officer may ask in that time: more than a person can ask lawfully by hand. Own choice.
pub(crate) const OFFICER_REQUESTS: u32 = 1000;

/// What may be asked in one case in that time, whoever asks: a case is no larger than an officer's day. Own choice.
pub(crate) const CASE_REQUESTS: u32 = 1000;

/// What one organisation may ask in that time: ten officers at their limit. Own choice.
pub(crate) const BODY_REQUESTS: u32 = 10_000;

/// What one portal may ask in an hour, whatever it is answered. Own choice: ten a second, more than the people of a country ask for, and three
/// weeks for whoever has stolen its session and tries twenty million numbers.
pub(crate) const USAGES_IN_AN_HOUR: u32 = 36_000;

/// Usages on one page of a portal, as the protocol of the data tracker has it.
pub(crate) const USAGES_ON_A_PAGE: u32 = 10_000;

/// Last answers about a person whose recipients are told of a correction or an erasure. Own choice: more than anybody has.
pub(crate) const DISCLOSURES_FOLLOWED: i64 = 1000;

/// Working days until a recipient must have acknowledged an order. Own choice, as no pack says it.
pub(crate) const ORDER_WORKING_DAYS: u8 = 5;

/// Seconds for which anybody may look while nothing of the log can be published. Own choice: as long as keys that were released for a period.
pub(crate) const UNPUBLISHED_SECONDS: u64 = 600;

/// Seconds between two entries that publish the index of own entries. Own choice: a person's proof is hardly ever older, and a
/// year has at most half a million of them.
pub(crate) const INDEX_EVERY_SECONDS: u64 = 60;

/// Seconds between two comparisons of all rows of effects with the log. Own choice: each reads every such row once.
pub(crate) const RECONCILE_EVERY_SECONDS: u64 = 600;

/// Seconds between two checks of the whole log by a service. Own choice: each reads every entry, and damage that is a day old is mended
/// from yesterday's backup.
pub(crate) const LOG_CHECK_EVERY_SECONDS: u64 = 24 * 3600;

/// Seconds between two looks for notices to be sent, where nothing waits. Own choice.
pub(crate) const NOTICES_EVERY_SECONDS: u64 = 10;

/// Seconds until a notice that was not taken is tried again; twice as long after each further try. Own choice.
pub(crate) const NOTICE_AGAIN_SECONDS: u64 = 5;

/// The longest of these waits, seconds: so long a messaging service may be well again before it is asked. Own choice.
pub(crate) const NOTICE_AGAIN_LONGEST_SECONDS: u64 = 15 * 60;

/// Seconds for which a notice may wait before the supervisor is told. Own choice: a day.
pub(crate) const NOTICES_LATE_SECONDS: i64 = 24 * 3600;

/// Hours from when a breach of personal data is known until the supervisory authority must have been told: GDPR article 33(1). The law packs have
/// no such time, so for every country it is this register's own choice.
pub(crate) const BREACH_HOURS: i64 = 72;

/// Entries of the log that one report of a breach names at most.
pub(crate) const BREACH_ENTRIES: usize = 500;
