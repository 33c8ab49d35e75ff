//! What is built is read back, through both encodings.

use proptest::prelude::*;

use super::*;
use crate::Finger;
use crate::ansi_nist::{AmputationCode, Header, read, write, xml};
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
            capture: crate::minutiae::Capture::default(),
            ridge_ending_type: 0,
        }],
    }
}

#[test]
fn the_examples_are_of_every_kind_in_both_encodings() {
    let examples = examples();
    assert_eq!(examples.len(), 12);
    for example in examples {
        assert_eq!(read(&example).unwrap().diagnostics, []);
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
