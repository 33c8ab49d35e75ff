//! Transactions that keep the rules, and each rule broken once.

use super::*;
use crate::ansi_nist::{BinaryImage, Signature};

fn field(number: u16, value: &str) -> Field<'static> {
    Field::new(number, value.replace(';', "\u{1e}").replace('|', "\u{1f}").into_bytes())
}

fn header(kind: &str, domain: &str) -> Record<'static> {
    let fields = [
        (2, "0502"),
        (4, kind),
        (5, "20260203"),
        (6, "4"),
        (7, "INT"),
        (8, "XX/A"),
        (9, "T1"),
        (11, "19.69"),
        (12, "19.69"),
        (13, domain),
        (14, "20260203040506Z"),
    ];
    Record::tagged(1, fields.iter().map(|(n, v)| field(*n, v)).collect())
}

fn print(idc: &str, position: &str) -> Record<'static> {
    let fields = [
        (2, idc),
        (3, "1"),
        (4, "XX/A"),
        (5, "20260203"),
        (6, "400"),
        (7, "500"),
        (8, "1"),
        (9, "500"),
        (10, "500"),
        (11, "NONE"),
        (12, "8"),
        (13, position),
        (999, "pixels"),
    ];
    Record::tagged(14, fields.iter().map(|(n, v)| field(*n, v)).collect())
}

fn thumb() -> Record<'static> {
    Record::new(
        4,
        Body::Image(BinaryImage {
            idc: 2,
            impression: 1,
            positions: [1, 255, 255, 255, 255, 255],
            scanning_resolution: 1,
            width: 10,
            height: 10,
            compression: 0,
            data: vec![0; 100].into(),
        }),
    )
}

fn good() -> Transaction<'static> {
    let person = Record::tagged(2, vec![field(2, "00"), field(10, "XX|1")]);
    let signature = Signature {
        idc: 3,
        signer: 0,
        representation: 0,
        scanning_resolution: 0,
        width: 1,
        height: 1,
        data: vec![1].into(),
    };
    let mut transaction = Transaction {
        records: vec![header("NPS", "INT-I|6.00"), person, print("01", "2"), thumb(), signature.into_record()],
    };
    transaction.update_contents();
    transaction
}

fn codes(transaction: &Transaction<'_>, profile: Profile) -> Vec<&'static str> {
    validate(transaction, profile).iter().map(|d| d.code).collect()
}

/// The good transaction with one field of a record set, or taken away.
fn with(record: usize, number: u16, value: Option<&str>) -> Transaction<'static> {
    let mut transaction = good();
    let Body::Tagged(fields) = &mut transaction.records[record].body else { panic!() };
    fields.retain(|f| f.number != number);
    if let Some(value) = value {
        fields.push(field(number, value));
        fields.sort_by_key(|f| f.number);
    }
    if number == 2 {
        transaction.update_contents();
    }
    transaction
}

#[test]
fn a_transaction_that_keeps_the_rules_has_no_findings() {
    for profile in [Profile::Base, Profile::IntI] {
        assert_eq!(validate(&good(), profile), [], "{profile:?}");
    }
    let mut missing = good();
    missing.records[2] = Record::tagged(
        14,
        [(2, "01"), (3, "1"), (4, "XX/A"), (5, "20260203"), (13, "2"), (18, "2|XX")].map(|(n, v)| field(n, v)).into(),
    );
    assert_eq!(validate(&missing, Profile::Base), []);
}

#[test]
fn each_broken_rule_of_the_standard_is_told_with_its_field() {
    for (record, number, value, code) in [
        (0, 4, None, "field-missing"),
        (0, 5, Some("20261301"), "date-malformed"),
        (0, 6, Some("12"), "value-out-of-range"),
        (0, 11, Some("x"), "value-malformed"),
        (0, 11, Some("10.00"), "resolution-low"),
        (0, 14, Some("20260203"), "time-malformed"),
        (2, 2, Some("100"), "idc-out-of-range"),
        (2, 3, Some("4"), "value-malformed"),
        (2, 3, Some("77"), "code-unknown"),
        (2, 6, Some("0"), "value-out-of-range"),
        (2, 7, Some("x"), "value-malformed"),
        (2, 8, Some("3"), "code-unknown"),
        (2, 9, Some("250"), "resolution-low"),
        (2, 11, None, "field-missing"),
        (2, 13, Some("21"), "position-unfit"),
        (2, 13, Some("2;3"), "value-out-of-range"),
        (2, 18, Some("2|ZZ"), "code-unknown"),
        (2, 21, Some("2|10|401|1|5"), "segment-outside"),
        (2, 999, None, "field-missing"),
    ] {
        let found = validate(&with(record, number, value), Profile::Base);
        assert_eq!(found.iter().map(|d| d.code).collect::<Vec<_>>(), [code], "{number} {value:?}: {found:?}");
        let kind = if record == 0 { 1 } else { 14 };
        assert!(found[0].message.starts_with(&format!("{kind}.{number:03}")), "{}", found[0].message);
    }
}

#[test]
fn records_and_links_are_held_to_the_header() {
    let mut more = good();
    more.records.push(print("04", "3"));
    assert_eq!(codes(&more, Profile::Base), ["contents-mismatch", "contents-mismatch"]);
    more.records[5] = print("01", "3");
    more.update_contents();
    assert_eq!(codes(&more, Profile::Base), ["idc-repeated"]);
    let minutiae = |idc: &str, count: &str| {
        let mut transaction = good();
        let fields = [
            (2, idc),
            (3, "1"),
            (4, "S"),
            (5, "x|A"),
            (6, "1"),
            (10, count),
            (11, "0"),
            (12, "001|00010001000|0|A;002|00020002000|0|B"),
        ];
        transaction.records.push(Record::tagged(9, fields.map(|(n, v)| field(n, v)).into()));
        transaction.update_contents();
        codes(&transaction, Profile::Base)
    };
    assert_eq!(minutiae("01", "2"), [""; 0]);
    assert_eq!(minutiae("09", "2"), ["idc-unlinked"]);
    assert_eq!(minutiae("01", "3"), ["count-mismatch"]);
    assert_eq!(codes(&Transaction { records: vec![] }, Profile::IntI), ["field-missing"]);
    let mut opaque = good();
    opaque.records.push(Record::new(0, Body::Opaque { idc: None, data: vec![1].into() }));
    assert!(codes(&opaque, Profile::Base).contains(&"record-not-understood"));
}

#[test]
fn binary_records_are_held_to_their_codes() {
    let mut transaction = good();
    let Body::Image(image) = &mut transaction.records[3].body else { panic!() };
    image.positions = [255; 6];
    image.scanning_resolution = 2;
    image.width = 0;
    image.compression = 9;
    image.data = vec![].into();
    assert_eq!(
        codes(&transaction, Profile::Base),
        ["field-missing", "code-unknown", "value-out-of-range", "code-unknown", "image-missing"]
    );
}

#[test]
fn domains_ask_for_more() {
    let find = |transaction: &Transaction<'_>, profile| codes(transaction, profile);
    assert_eq!(find(&with(1, 10, None), Profile::IntI), ["field-missing"]);
    assert_eq!(find(&with(0, 13, Some("NORAM")), Profile::IntI), ["domain-unexpected"]);
    assert_eq!(find(&with(0, 4, Some("XYZ")), Profile::IntI), ["transaction-unknown"]);
    assert_eq!(
        find(&with(0, 4, Some("MPS")), Profile::IntI),
        ["field-missing", "record-cardinality", "record-cardinality"]
    );
    // An answer says what it answers, and a search's result has respondents.
    let mut answer = with(0, 4, Some("SRE"));
    assert_eq!(find(&answer, Profile::IntI), ["field-missing", "field-missing"]);
    answer.records.retain(|r| r.kind != 2);
    answer.update_contents();
    assert_eq!(find(&answer, Profile::IntI), ["field-missing", "record-cardinality"]);

    let mut card = with(0, 13, Some("NORAM|"));
    let Body::Tagged(fields) = &mut card.records[0].body else { panic!() };
    fields.iter_mut().find(|f| f.number == 4).unwrap().value = b"MAP".as_slice().into();
    assert_eq!(find(&card, Profile::Ebts), ["field-missing"; 13]);
    let person: Vec<_> = [2, 5, 18, 20, 22, 24, 25, 27, 29, 31, 32, 37, 38, 73].map(|n| field(n, "0")).into();
    card.records[1] = Record::tagged(2, person);
    assert_eq!(find(&card, Profile::Ebts), [""; 0]);
    assert_eq!(
        find(&with(2, 8, Some("0")), Profile::Ebts),
        ["domain-unexpected", "transaction-unknown", "value-out-of-range"]
    );
}
