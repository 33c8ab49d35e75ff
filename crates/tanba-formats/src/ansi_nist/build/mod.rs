//! Transactions put together: ten-print cards, INTERPOL's submission of a person (NPS), search of a mark (MPS), its answer (SRE)
//! and an error (ERR).
//!
//! Images are given as they are coded. Who sends what when is given too: nothing here knows the time or makes up numbers. What is
//! built is held to the rules of its profile, and is refused with the findings where it breaks one.

mod prints;

use self::prints::{complete, fixed, tagged};
use super::header::number;
use super::{Amputation, Body, Compression, Field, Impression, Position, Profile, Record, Transaction, WriteError};
use super::{incits_record, validate};
use crate::Diagnostic;
use crate::minutiae::FingerMinutiaeRecord;

/// 2011 with the update of 2015.
const VERSION: &str = "0502";
/// 500 pixels per inch in pixels per millimetre, and what stands where no record refers to it.
const PER_MM_500: &str = "19.69";
const PER_MM_NONE: &str = "00.00";
/// The domain that the samples of INTERPOL name, and that of the FBI.
const INTERPOL: (&str, &str) = ("INT-I", "06.00");
const NORTH_AMERICA: (&str, &str) = ("NORAM", "EBTS 10.0");
/// Types of records.
const TEXT: u8 = 2;
const LATENT: u8 = 13;
const FINGERPRINT: u8 = 14;

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

fn text(mut fields: Vec<Field<'static>>) -> Record<'static> {
    fields.push(Field::new(2, &b"00"[..]));
    Record::tagged(TEXT, fields)
}

fn value(fields: &mut Vec<Field<'static>>, number: u16, text: Option<&str>) {
    fields.extend(text.map(|t| Field::new(number, t.as_bytes().to_vec())));
}

fn reference(fields: &mut Vec<Field<'static>>, number: u16, reference: Option<(&str, &str)>) {
    fields.extend(reference.map(|(country, id)| Field::of_items(number, &[vec![country, id]])));
}

/// Transactions of every kind that is built here, in both encodings: what fuzzing begins with.
#[doc(hidden)]
pub fn examples() -> Vec<Vec<u8>> {
    let envelope = Envelope {
        destination: "INT",
        origin: "XX/A",
        control_number: "T-1",
        answers: Some("T-0"),
        priority: 4,
        time: "20260203040506Z",
    };
    let print = |position, impression| Print {
        position: Position(position),
        impression: Impression(impression),
        width: 4,
        height: 2,
        ppi: 500,
        compression: Compression::None,
        data: &[0, 50, 100, 150, 200, 250, 28, 29],
        captured: "20260201",
        missing: Vec::new(),
    };
    let minutia = |x, y, angle| crate::minutiae::RecordMinutia {
        kind: crate::minutiae::RecordMinutiaKind::Ending,
        x,
        y,
        angle,
        quality: 50,
    };
    let minutiae = FingerMinutiaeRecord {
        edition: crate::minutiae::Edition::Ansi2004,
        product: None,
        capture_device: crate::minutiae::CaptureDevice::default(),
        views: vec![crate::minutiae::FingerView {
            position: crate::Finger::Unknown,
            view_number: 0,
            impression: crate::minutiae::ImpressionType::Reserved(4),
            quality: Some(60),
            width: 4,
            height: 2,
            x_per_cm: 197,
            y_per_cm: 197,
            minutiae: vec![minutia(1, 0, 3), minutia(3, 1, 179)],
            extended: vec![crate::minutiae::ExtendedBlock::CoresAndDeltas {
                cores: vec![crate::minutiae::Core { x: 1, y: 1, angle: Some(4) }],
                deltas: vec![crate::minutiae::Delta { x: 2, y: 1, angles: None }],
            }],
            capture: crate::minutiae::Capture::default(),
            ridge_ending_type: 0,
        }],
    };
    let card = |records| Card {
        profile: Profile::Base,
        kind: "CARD",
        text: vec![Field::new(3, &b"a text"[..])],
        records,
        prints: (1..=10).map(|p| print(p, 1)).chain((11..=14).map(|p| print(p, 0))).collect(),
        missing: Vec::new(),
    };
    let person = Person { criminal_reference: Some(("XXA", "1")), family_name: Some("Doe"), ..Person::default() };
    let case = Case { case: Some(("XXA", "1")), mark: Some("0001"), ..Case::default() };
    let mark = Mark { print: Some((print(0, 4), vec![Position(2)])), minutiae: Some(minutiae) };
    let built = [
        tenprint_card(&envelope, &card(PrintRecords::FixedFields)),
        tenprint_card(&envelope, &card(PrintRecords::Tagged)),
        person_submission(&envelope, &person, &[print(2, 1)]),
        mark_search(&envelope, &case, &[mark]),
        search_result(&envelope, "MPS", &[Respondent { rank: 1, verified: true }]),
        error_message(&envelope, "112", "DOB", "invalid date"),
    ];
    let both = |t: &Transaction<'_>| [super::write(t), super::xml::write(t)];
    built.iter().flatten().flat_map(both).flatten().collect()
}

#[cfg(test)]
mod tests;
