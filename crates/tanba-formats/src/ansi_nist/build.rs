//! Transactions put together: ten-print cards, INTERPOL's submission of a person (NPS), search of a mark (MPS), its answer (SRE)
//! and an error (ERR).
//!
//! Images are given as they are coded. Who sends what when is given too: nothing here knows the time or makes up numbers. What is
//! built is held to the rules of its profile, and is refused with the findings where it breaks one.

use super::header::number;
use super::{
    Amputation, AmputationCode, BinaryImage, Body, Compression, Field, Impression, NUMBER_DIGITS, Position, Profile,
    Record, Transaction, WriteError, incits_record, validate,
};
use crate::minutiae::FingerMinutiaeRecord;
use crate::{Diagnostic, Finger};

/// 2011 with the update of 2015.
const VERSION: &str = "0502";
/// 500 pixels per inch in pixels per millimetre, and what stands where no record refers to it.
const PER_MM_500: &str = "19.69";
const PER_MM_NONE: &str = "00.00";
const BITS: &str = "8";
/// Pixels per inch.
const UNIT: &str = "1";
/// The domain that the samples of INTERPOL name, and that of the FBI.
const INTERPOL: (&str, &str) = ("INT-I", "06.00");
const NORTH_AMERICA: (&str, &str) = ("NORAM", "EBTS 10.0");
/// Types of records.
const TEXT: u8 = 2;
const GRAYSCALE: u8 = 4;
const LATENT: u8 = 13;
const FINGERPRINT: u8 = 14;
/// The resolution of Type-4 records whose scanning resolution is 0.
const PPI_500: u16 = 500;

/// Who sends a transaction to whom, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Envelope<'a> {
    /// Who receives it (1.007).
    pub destination: &'a str,
    /// Who sends it (1.008).
    pub origin: &'a str,
    /// The sender's number of it (1.009).
    pub control_number: &'a str,
    /// The control number of what it answers (1.010).
    pub answers: Option<&'a str>,
    /// 1 (most urgent) to 9 (1.006).
    pub priority: u8,
    /// When it is sent, YYYYMMDDHHMMSSZ (1.005 and 1.014).
    pub time: &'a str,
}

/// A print to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Print<'a> {
    /// What it is of.
    pub position: Position,
    /// How it was taken.
    pub impression: Impression,
    /// Pixels in a row.
    pub width: u16,
    /// Rows.
    pub height: u16,
    /// Pixels per inch, both ways.
    pub ppi: u16,
    /// How the image is coded.
    pub compression: Compression,
    /// The coded image, of 8 bits gray.
    pub data: &'a [u8],
    /// The day it was taken, YYYYMMDD.
    pub captured: &'a str,
    /// Fingers of a slap that are not in it.
    pub missing: Vec<Amputation>,
}

/// In which records prints stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PrintRecords {
    /// Type 4: 500 ppi, without compression or as WSQ; the older form, which every system takes.
    FixedFields,
    /// Type 14.
    Tagged,
}

/// Which profile a card is for, and what it is sent as.
#[derive(Debug, Clone, PartialEq)]
pub struct Card<'a> {
    /// The profile; it names the domain.
    pub profile: Profile,
    /// Type of transaction.
    pub kind: &'a str,
    /// Fields of the Type-2 record but for length and IDC, as the domain asks for them.
    pub text: Vec<Field<'a>>,
    /// The records for the prints.
    pub records: PrintRecords,
    /// Ten rolled prints, plain thumbs (one image of both, or one of each) and plain fingers of both hands.
    pub prints: Vec<Print<'a>>,
    /// Fingers that are missing from the card, with why.
    pub missing: Vec<Amputation>,
}

/// Whose prints are submitted, as INTERPOL's Type-2 record has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Person<'a> {
    /// The criminal reference: the country as three letters, and the number (2.010).
    pub criminal_reference: Option<(&'a str, &'a str)>,
    /// Another reference of the sender (2.011).
    pub other_reference: Option<(&'a str, &'a str)>,
    /// Family name (2.030).
    pub family_name: Option<&'a str>,
    /// Given name (2.030).
    pub given_name: Option<&'a str>,
    /// Date of birth, YYYYMMDD (2.035).
    pub born: Option<&'a str>,
    /// Country as three letters (2.038).
    pub nationality: Option<&'a str>,
    /// M, F or X (2.039).
    pub sex: Option<&'a str>,
}

/// Which case a mark is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Case<'a> {
    /// The case: the country as three letters, and the number (2.007).
    pub case: Option<(&'a str, &'a str)>,
    /// Another reference of the sender (2.011).
    pub other_reference: Option<(&'a str, &'a str)>,
    /// The sender's number of the evidence (2.008).
    pub evidence: Option<&'a str>,
    /// The sender's number of the mark (2.009).
    pub mark: Option<&'a str>,
}

/// A mark that is searched: its image, its minutiae or both.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Mark<'a> {
    /// The image, and the positions that it may be of beside its own.
    pub print: Option<(Print<'a>, Vec<Position>)>,
    /// The minutiae, as one view.
    pub minutiae: Option<FingerMinutiaeRecord>,
}

/// Someone who was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Respondent {
    /// The place in the list, from 1.
    pub rank: u16,
    /// Whether an examiner verified it.
    pub verified: bool,
}

/// Why a transaction was not built.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// A ten-print card without one of its prints, and no reason for it.
    #[error("the card lacks {what}: give it, or say why the finger is missing")]
    Incomplete {
        /// Which print.
        what: &'static str,
    },
    /// An image that its record cannot hold.
    #[error("the image of the {position} cannot stand in a record of Type {kind}: {why}")]
    Image {
        /// Which print.
        position: &'static str,
        /// Type of the record.
        kind: u8,
        /// Why not.
        why: &'static str,
    },
    /// A mark without image and minutiae.
    #[error("a mark has neither an image nor minutiae: give one of them")]
    EmptyMark,
    /// More records than have numbers.
    #[error("there are more than 99 records: send several transactions")]
    TooMany,
    /// Minutiae, or a text, that a record cannot hold.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The rules that it breaks.
    #[error("the transaction breaks {} of the rules of its profile, the first: {}", .0.len(), first(.0))]
    Rules(Vec<Diagnostic>),
}

fn first(findings: &[Diagnostic]) -> &str {
    findings.first().map_or("", |d| &d.message)
}

/// A ten-print card: a header, a text and the prints, in the order of a card.
///
/// # Errors
/// [`BuildError`] when a print is missing without a reason, an image does not fit, or a rule of the profile is broken.
pub fn tenprint_card(envelope: &Envelope<'_>, card: &Card<'_>) -> Result<Transaction<'static>, BuildError> {
    complete(card)?;
    let mut prints: Vec<_> = card.prints.iter().collect();
    prints.sort_by_key(|p| p.position);
    let mut records = vec![text(card.text.iter().map(|f| Field::new(f.number, f.value.to_vec())).collect())];
    for (print, idc) in prints.into_iter().zip(1..) {
        records.push(match card.records {
            PrintRecords::FixedFields => fixed(print, idc)?,
            PrintRecords::Tagged => tagged(FINGERPRINT, print, &[], idc, envelope.origin)?,
        });
    }
    finished(envelope, card.profile, card.kind, records)
}

/// INTERPOL's submission of a person: prints of Type 14.
///
/// # Errors
/// [`BuildError`] when an image does not fit or a rule is broken: one of the references must be there.
pub fn person_submission(
    envelope: &Envelope<'_>,
    person: &Person<'_>,
    prints: &[Print<'_>],
) -> Result<Transaction<'static>, BuildError> {
    let mut fields = Vec::new();
    reference(&mut fields, 10, person.criminal_reference);
    reference(&mut fields, 11, person.other_reference);
    if person.family_name.is_some() || person.given_name.is_some() {
        let names = [person.family_name, person.given_name].map(Option::unwrap_or_default);
        fields.push(Field::of_items(30, &[names.to_vec()]));
    }
    value(&mut fields, 35, person.born);
    value(&mut fields, 38, person.nationality);
    value(&mut fields, 39, person.sex);
    let mut records = vec![text(fields)];
    for (print, idc) in prints.iter().zip(1..) {
        records.push(tagged(FINGERPRINT, print, &[], idc, envelope.origin)?);
    }
    finished(envelope, Profile::IntI, "NPS", records)
}

/// INTERPOL's search of marks: for each its minutiae (Type 9, those of INCITS 378) and its image (Type 13), with the same IDC.
///
/// # Errors
/// [`BuildError`] when a mark has nothing, something does not fit or a rule is broken: one of the references must be there.
pub fn mark_search(
    envelope: &Envelope<'_>,
    case: &Case<'_>,
    marks: &[Mark<'_>],
) -> Result<Transaction<'static>, BuildError> {
    let mut fields = Vec::new();
    reference(&mut fields, 7, case.case);
    value(&mut fields, 8, case.evidence);
    value(&mut fields, 9, case.mark);
    reference(&mut fields, 11, case.other_reference);
    let mut records = vec![text(fields)];
    for (mark, idc) in marks.iter().zip(1..) {
        if mark.print.is_none() && mark.minutiae.is_none() {
            return Err(BuildError::EmptyMark);
        }
        if let Some(minutiae) = &mark.minutiae {
            let taken = mark.print.as_ref().map(|(print, _)| print.impression.0);
            let taken = taken.or_else(|| minutiae.views.first().map(|v| v.impression.code())).unwrap_or_default();
            records.push(incits_record(idc, taken, minutiae)?);
        }
        if let Some((print, others)) = &mark.print {
            records.push(tagged(LATENT, print, others, idc, envelope.origin)?);
        }
    }
    finished(envelope, Profile::IntI, "MPS", records)
}

/// INTERPOL's result of a search: who was found, as `of` it searched (such as "MPS"); nobody says that there is no hit.
///
/// # Errors
/// [`BuildError::Rules`] when a rule is broken: it must say what it answers.
pub fn search_result(
    envelope: &Envelope<'_>,
    of: &str,
    respondents: &[Respondent],
) -> Result<Transaction<'static>, BuildError> {
    const HIT: &str = "I";
    const NO_HIT: &str = "N";
    let total = respondents.len().to_string();
    let row = |r: &Respondent| {
        let verified = if r.verified { "true" } else { "false" };
        vec![r.rank.to_string(), verified.into(), total.clone(), of.into(), HIT.into()]
    };
    let rows: Vec<Vec<String>> = if respondents.is_empty() {
        vec![vec![String::new(), String::new(), "0".into(), of.into(), NO_HIT.into()]]
    } else {
        respondents.iter().map(row).collect()
    };
    finished(envelope, Profile::IntI, "SRE", vec![text(vec![Field::of_items(64, &rows)])])
}

/// INTERPOL's message about an error: its code, the mnemonic of the field, and what is wrong.
///
/// # Errors
/// [`BuildError::Rules`] when a rule is broken: it must say what it answers.
pub fn error_message(
    envelope: &Envelope<'_>,
    code: &str,
    mnemonic: &str,
    message: &str,
) -> Result<Transaction<'static>, BuildError> {
    let fields = vec![Field::of_items(74, &[vec![code, mnemonic, message]])];
    finished(envelope, Profile::IntI, "ERR", vec![text(fields)])
}

/// A header before the records, and what the profile says of them.
fn finished(
    envelope: &Envelope<'_>,
    profile: Profile,
    kind: &str,
    records: Vec<Record<'static>>,
) -> Result<Transaction<'static>, BuildError> {
    const MOST_RECORDS: usize = 99;
    if records.len() > MOST_RECORDS {
        return Err(BuildError::TooMany);
    }
    let fixed = records.iter().any(|r| matches!(r.body, Body::Image(_)));
    let per_mm = if fixed { PER_MM_500 } else { PER_MM_NONE };
    let mut fields = Vec::new();
    value(&mut fields, number::VERSION, Some(VERSION));
    value(&mut fields, number::KIND, Some(kind));
    value(&mut fields, number::DATE, envelope.time.get(..8));
    value(&mut fields, number::PRIORITY, Some(&envelope.priority.to_string()));
    value(&mut fields, number::DESTINATION, Some(envelope.destination));
    value(&mut fields, number::ORIGIN, Some(envelope.origin));
    value(&mut fields, number::CONTROL, Some(envelope.control_number));
    value(&mut fields, number::REFERENCE, envelope.answers);
    value(&mut fields, number::NATIVE, Some(per_mm));
    value(&mut fields, number::NOMINAL, Some(per_mm));
    let domain = match profile {
        Profile::Base => None,
        Profile::Ebts => Some(NORTH_AMERICA),
        Profile::IntI => Some(INTERPOL),
    };
    fields.extend(domain.map(|(name, version)| Field::of_items(number::DOMAIN, &[vec![name, version]])));
    value(&mut fields, number::TIME, Some(envelope.time));
    // Texts are UTF-8 here.
    fields.push(Field::of_items(number::CHARSETS, &[vec!["003", "UTF-8"]]));
    let header = Record::tagged(1, fields);
    let mut transaction = Transaction { records: std::iter::once(header).chain(records).collect() };
    transaction.update_contents();
    let findings = validate(&transaction, profile);
    if !findings.is_empty() {
        return Err(BuildError::Rules(findings));
    }
    // What a text may not hold shows here.
    super::write(&transaction)?;
    Ok(transaction)
}

/// Ten rolled prints and the plain ones, but for fingers that are said to be missing.
fn complete(card: &Card<'_>) -> Result<(), BuildError> {
    const BOTH_THUMBS: u8 = 15;
    const PLAIN: [(u8, &str); 4] = [
        (11, "the plain right thumb"),
        (12, "the plain left thumb"),
        (13, "the plain right fingers"),
        (14, "the plain left fingers"),
    ];
    let there = |position: u8| card.prints.iter().any(|p| p.position == Position(position));
    let missing = |finger: Finger| card.missing.iter().any(|a| a.position.finger() == Some(finger));
    for finger in Finger::TEN {
        if !there(finger.code()) && !missing(finger) {
            return Err(BuildError::Incomplete { what: Position(finger.code()).name() });
        }
    }
    for (code, what) in PLAIN {
        let fingers: Vec<_> =
            Position(code).finger().into_iter().chain(Position(code).fingers().iter().copied()).collect();
        let thumbs = matches!(code, 11 | 12) && there(BOTH_THUMBS);
        if !there(code) && !thumbs && !fingers.into_iter().all(missing) {
            return Err(BuildError::Incomplete { what });
        }
    }
    Ok(())
}

fn text(mut fields: Vec<Field<'static>>) -> Record<'static> {
    fields.push(Field::new(2, &b"00"[..]));
    Record::tagged(TEXT, fields)
}

/// A print in a record of Type 4.
fn fixed(print: &Print<'_>, idc: u8) -> Result<Record<'static>, BuildError> {
    let refused = |why| BuildError::Image { position: print.position.name(), kind: GRAYSCALE, why };
    if print.ppi != PPI_500 {
        return Err(refused("it must have 500 pixels per inch"));
    }
    let compression = match print.compression {
        Compression::None => 0,
        Compression::Wsq => 1,
        _ => return Err(refused("it must be WSQ or not compressed")),
    };
    let mut positions = [BinaryImage::NO_POSITION; 6];
    positions[0] = print.position.0;
    Ok(Record::new(
        GRAYSCALE,
        Body::Image(BinaryImage {
            idc,
            impression: print.impression.0,
            positions,
            scanning_resolution: 0,
            width: print.width,
            height: print.height,
            compression,
            data: print.data.to_vec().into(),
        }),
    ))
}

/// A print in a record of Types 13 or 14.
fn tagged(
    kind: u8,
    print: &Print<'_>,
    others: &[Position],
    idc: u8,
    agency: &str,
) -> Result<Record<'static>, BuildError> {
    let refused = |why| BuildError::Image { position: print.position.name(), kind, why };
    let code = print.compression.code().ok_or(refused("its coding has no code"))?;
    let positions = std::iter::once(&print.position).chain(others).map(|p| vec![p.0.to_string()]);
    let plain = [
        (2, format!("{idc:02}")),
        (3, print.impression.0.to_string()),
        (4, agency.to_owned()),
        (5, print.captured.to_owned()),
        (6, print.width.to_string()),
        (7, print.height.to_string()),
        (8, UNIT.into()),
        (9, print.ppi.to_string()),
        (10, print.ppi.to_string()),
        (11, code.into()),
        (12, BITS.into()),
    ];
    let mut fields: Vec<_> = plain.into_iter().map(|(n, v)| Field::new(n, v.into_bytes())).collect();
    fields.push(Field::of_items(13, &positions.collect::<Vec<_>>()));
    if !print.missing.is_empty() && kind == FINGERPRINT {
        let row = |a: &Amputation| {
            let code = match a.code {
                AmputationCode::Amputated => "XX",
                AmputationCode::UnableToPrint | AmputationCode::Other => "UP",
            };
            vec![a.position.0.to_string(), code.to_owned()]
        };
        fields.push(Field::of_items(18, &print.missing.iter().map(row).collect::<Vec<_>>()));
    }
    fields.push(Field::new(999, print.data.to_vec()));
    Ok(Record { number_digits: NUMBER_DIGITS, ..Record::tagged(kind, fields) })
}

fn value(fields: &mut Vec<Field<'static>>, number: u16, text: Option<&str>) {
    fields.extend(text.map(|t| Field::new(number, t.as_bytes().to_vec())));
}

fn reference(fields: &mut Vec<Field<'static>>, number: u16, reference: Option<(&str, &str)>) {
    fields.extend(reference.map(|(country, id)| Field::of_items(number, &[vec![country, id]])));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Header, read, write, xml};
    use super::*;
    use crate::image::wsq_for_tests;
    use crate::minutiae::{CaptureDevice, Edition, FingerView, ImpressionType, RecordMinutia, RecordMinutiaKind};

    const TIME: &str = "20260203040506Z";

    fn envelope() -> Envelope<'static> {
        Envelope { destination: "INT", origin: "XX/A", control_number: "T-1", answers: None, priority: 4, time: TIME }
    }

    fn print(position: u8, impression: u8, data: &[u8]) -> Print<'_> {
        Print {
            position: Position(position),
            impression: Impression(impression),
            width: 80,
            height: 72,
            ppi: 500,
            compression: Compression::Wsq,
            data,
            captured: "20260201",
            missing: Vec::new(),
        }
    }

    fn wsq() -> Vec<u8> {
        wsq_for_tests::encode(80, 72, &wsq_for_tests::ridges(80, 72), 1.0, Some(500))
    }

    fn card(data: &[u8], records: PrintRecords) -> Card<'_> {
        let rolled = (1..=10).map(|p| print(p, 1, data));
        let plain = (11..=14).map(|p| print(p, 0, data));
        Card {
            profile: Profile::Base,
            kind: "CARD",
            text: vec![Field::new(3, &b"a text"[..])],
            records,
            prints: plain.chain(rolled).collect(),
            missing: Vec::new(),
        }
    }

    /// Through both encodings and back.
    fn both(transaction: &Transaction<'_>, profile: Profile) {
        let bytes = write(transaction).unwrap();
        let again = read(&bytes).unwrap();
        assert_eq!(again.diagnostics, []);
        assert_eq!(validate(&again.value, profile), []);
        assert_eq!(write(&again.value).unwrap(), bytes);
        let text = xml::write(transaction).unwrap();
        let again = read(&text).unwrap();
        assert_eq!(again.diagnostics, []);
        assert_eq!(write(&again.value).unwrap(), bytes);
        // All that INTERPOL asks for has elements of its own.
        let text = String::from_utf8_lossy(&text).into_owned();
        let own = text.find("<tanba:Field").map(|at| text[at..].chars().take(200).collect::<String>());
        assert!(own.is_none() || profile != Profile::IntI, "{own:?}");
    }

    #[test]
    fn a_ten_print_card_is_built_in_either_form() {
        let data = wsq();
        for records in [PrintRecords::FixedFields, PrintRecords::Tagged] {
            let card = card(&data, records);
            let built = tenprint_card(&envelope(), &card).unwrap();
            both(&built, Profile::Base);
            let prints: Vec<_> = built.friction_ridges().collect();
            assert_eq!(prints.iter().map(|p| p.positions[0].0).collect::<Vec<_>>(), (1..=14).collect::<Vec<_>>());
            for print in prints {
                let got = print.decode().unwrap();
                assert_eq!((got.diagnostics, got.value.width()), (vec![], 80));
            }
        }
    }

    #[test]
    fn a_card_says_why_a_print_is_missing() {
        let data = wsq();
        let mut card = card(&data, PrintRecords::Tagged);
        card.prints.retain(|p| p.position != Position(3));
        let lacking = BuildError::Incomplete { what: "right middle finger" };
        assert_eq!(tenprint_card(&envelope(), &card), Err(lacking));
        let missing = Amputation { position: Position(3), code: AmputationCode::Amputated };
        card.missing.push(missing);
        card.prints.iter_mut().find(|p| p.position == Position(13)).unwrap().missing.push(missing);
        let built = tenprint_card(&envelope(), &card).unwrap();
        let slap = built.friction_ridges().find(|p| p.positions == [Position(13)]).unwrap();
        assert_eq!(slap.amputations, [missing]);
        card.prints.retain(|p| p.position != Position(14));
        assert!(matches!(
            tenprint_card(&envelope(), &card),
            Err(BuildError::Incomplete { what: "the plain left fingers" })
        ));
    }

    #[test]
    fn what_does_not_fit_is_refused_with_the_reason() {
        let data = wsq();
        let mut fixed = card(&data, PrintRecords::FixedFields);
        fixed.prints[0].compression = Compression::Jp2;
        assert!(matches!(tenprint_card(&envelope(), &fixed), Err(BuildError::Image { kind: 4, .. })));
        let mut low = card(&data, PrintRecords::Tagged);
        low.prints[0].ppi = 250;
        let Err(BuildError::Rules(findings)) = tenprint_card(&envelope(), &low) else { panic!() };
        assert_eq!(findings[0].code, "resolution-low");
        let bad = Envelope { time: "2026", ..envelope() };
        assert!(matches!(tenprint_card(&bad, &card(&data, PrintRecords::Tagged)), Err(BuildError::Rules(_))));
        let separator = Envelope { origin: "a\u{1d}b", ..envelope() };
        let refused = tenprint_card(&separator, &card(&data, PrintRecords::Tagged));
        assert!(matches!(refused, Err(BuildError::Write(WriteError::Field { .. }))), "{refused:?}");
        assert_eq!(mark_search(&envelope(), &Case::default(), &[Mark::default()]), Err(BuildError::EmptyMark));
    }

    fn minutiae() -> FingerMinutiaeRecord {
        let minutia = |x, y, angle| RecordMinutia { kind: RecordMinutiaKind::Ending, x, y, angle, quality: 50 };
        FingerMinutiaeRecord {
            edition: Edition::Ansi2004,
            product: None,
            capture_device: CaptureDevice::default(),
            views: vec![FingerView {
                position: Finger::Unknown,
                view_number: 0,
                impression: ImpressionType::Reserved(4),
                quality: None,
                width: 80,
                height: 72,
                x_per_cm: 197,
                y_per_cm: 197,
                minutiae: vec![minutia(1, 2, 3), minutia(40, 50, 179)],
                extended: Vec::new(),
            }],
        }
    }

    #[test]
    fn interpol_transactions_are_built_and_read_back() {
        let data = wsq();
        let person = Person {
            criminal_reference: Some(("XXA", "123")),
            family_name: Some("M\u{fc}ller & S\u{f6}hne"),
            born: Some("19900101"),
            sex: Some("F"),
            ..Person::default()
        };
        let submission = person_submission(&envelope(), &person, &[print(2, 1, &data), print(13, 0, &data)]).unwrap();
        both(&submission, Profile::IntI);
        assert_eq!(Header::of(&submission).unwrap().kind, Some("NPS"));

        let case = Case { case: Some(("XXA", "7")), mark: Some("0001"), ..Case::default() };
        let latent = Print { impression: Impression(4), ..print(0, 4, &data) };
        let mark = Mark { print: Some((latent, vec![Position(2)])), minutiae: Some(minutiae()) };
        let search = mark_search(&envelope(), &case, &[mark]).unwrap();
        both(&search, Profile::IntI);
        assert_eq!(search.records.iter().map(|r| r.kind).collect::<Vec<_>>(), [1, 2, 9, 13]);
        assert_eq!(search.minutiae()[0].value.record, minutiae());

        let answer = Envelope { answers: Some("T-0"), ..envelope() };
        let hit = search_result(&answer, "MPS", &[Respondent { rank: 1, verified: true }]).unwrap();
        both(&hit, Profile::IntI);
        assert!(hit.outline().to_string().contains("I (identification: hit)"));
        both(&search_result(&answer, "CPS", &[]).unwrap(), Profile::IntI);
        both(&error_message(&answer, "112", "DOB", "invalid date").unwrap(), Profile::IntI);
        assert!(matches!(search_result(&envelope(), "MPS", &[]), Err(BuildError::Rules(_))));
        assert!(matches!(person_submission(&envelope(), &Person::default(), &[]), Err(BuildError::Rules(_))));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn whatever_is_built_is_read_back(
            name in "[^\u{0}-\u{1f}\u{7f}]{1,20}",
            number in "[A-Z0-9]{1,12}",
            size in (1u16..2000, 1u16..2000),
            ppi in 496u16..2000,
            data in proptest::collection::vec(any::<u8>(), 1..60),
            position in 0u8..=15,
        ) {
            let person = Person {
                other_reference: Some(("XXA", &number)),
                given_name: Some(&name),
                ..Person::default()
            };
            let coded = Compression::of(&data).unwrap_or(Compression::None);
            let print = Print { width: size.0, height: size.1, ppi, compression: coded, ..print(position, 0, &data) };
            let built = person_submission(&envelope(), &person, &[print]).unwrap();
            let bytes = write(&built).unwrap();
            let again = read(&bytes).unwrap();
            prop_assert_eq!(&again.diagnostics, &[]);
            prop_assert_eq!(validate(&again.value, Profile::IntI), []);
            let got = again.value.friction_ridges().next().unwrap();
            prop_assert_eq!((got.width, got.height, got.data), (u32::from(size.0), u32::from(size.1), &data[..]));
            prop_assert_eq!(again.value.records[1].field(30).unwrap().item(0, 1), Some(name.trim()));
            let text = xml::write(&built).unwrap();
            prop_assert_eq!(write(&read(&text).unwrap().value).unwrap(), bytes.clone());
        }
    }
}
