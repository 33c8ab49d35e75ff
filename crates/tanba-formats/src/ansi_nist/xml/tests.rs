//! Transactions in XML: small ones by hand, hostile ones, and both encodings of any fields.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

use super::*;
use crate::ansi_nist::{BinaryImage, Body, Field, Record, Signature, write as write_traditional};

const SMALL: &str = r#"<?xml version="1.0"?>
<itl:NISTBiometricInformationExchangePackage xmlns:itl="http://biometrics.nist.gov/standard/2011"
    xmlns:biom="http://niem.gov/niem/biometrics/1.0" xmlns:nc="http://niem.gov/niem/niem-core/2.0" xmlns:x="urn:x">
  <itl:PackageInformationRecord>
    <biom:RecordCategoryCode>1</biom:RecordCategoryCode>
    <biom:Transaction>
      <biom:TransactionDate><nc:Date>2026-02-03</nc:Date></biom:TransactionDate>
      <biom:TransactionUTCDate><nc:DateTime>2026-02-03T04:05:06Z</nc:DateTime></biom:TransactionUTCDate>
      <biom:TransactionMajorVersionValue>5</biom:TransactionMajorVersionValue>
      <biom:TransactionMinorVersionValue>02</biom:TransactionMinorVersionValue>
      <biom:TransactionCategoryCode>A&amp;B &#x41;</biom:TransactionCategoryCode>
      <biom:TransactionContentSummary>
        <biom:ContentFirstRecordCategoryCode>1</biom:ContentFirstRecordCategoryCode>
        <biom:ContentRecordQuantity>1</biom:ContentRecordQuantity>
        <biom:ContentRecordSummary>
          <biom:ImageReferenceIdentification><nc:IdentificationID>01</nc:IdentificationID></biom:ImageReferenceIdentification>
          <biom:RecordCategoryCode>14</biom:RecordCategoryCode>
        </biom:ContentRecordSummary>
      </biom:TransactionContentSummary>
    </biom:Transaction>
  </itl:PackageInformationRecord>
  <itl:PackageFingerprintImageRecord>
    <biom:RecordCategoryCode>14</biom:RecordCategoryCode>
    <biom:ImageReferenceIdentification><nc:IdentificationID>01</nc:IdentificationID></biom:ImageReferenceIdentification>
    <biom:FingerprintImage>
      <nc:BinaryBase64Object>AAEC
        /w==</nc:BinaryBase64Object>
      <biom:FingerPositionCode>2</biom:FingerPositionCode>
      <biom:FingerprintImageSegmentPositionPolygon>
        <biom:FingerPositionCode>2</biom:FingerPositionCode>
        <biom:PositionPolygonVertexQuantity>2</biom:PositionPolygonVertexQuantity>
        <biom:PositionPolygonVertex>
          <biom:PositionHorizontalCoordinateValue>1</biom:PositionHorizontalCoordinateValue>
          <biom:PositionVerticalCoordinateValue>2</biom:PositionVerticalCoordinateValue>
        </biom:PositionPolygonVertex>
        <biom:PositionPolygonVertex>
          <biom:PositionHorizontalCoordinateValue>3</biom:PositionHorizontalCoordinateValue>
          <biom:PositionVerticalCoordinateValue>4</biom:PositionVerticalCoordinateValue>
        </biom:PositionPolygonVertex>
      </biom:FingerprintImageSegmentPositionPolygon>
      <x:Other at="1"><x:Inside>kept</x:Inside></x:Other>
    </biom:FingerprintImage>
  </itl:PackageFingerprintImageRecord>
</itl:NISTBiometricInformationExchangePackage>"#;

fn text(record: &Record<'_>, number: u16) -> String {
    record.field(number).map(|f| String::from_utf8_lossy(&f.value).into_owned()).unwrap_or_default()
}

#[test]
fn elements_become_the_fields_of_the_traditional_encoding() {
    let got = read(SMALL.as_bytes()).unwrap();
    let [header, print] = &got.value.records[..] else { panic!() };
    assert_eq!(text(header, 2), "0502");
    assert_eq!(text(header, 3), "1\u{1f}1\u{1e}14\u{1f}01");
    assert_eq!((text(header, 4), text(header, 5)), ("A&B A".into(), "20260203".into()));
    assert_eq!(text(header, 14), "20260203040506Z");
    assert_eq!(text(print, 25), "2\u{1f}2\u{1f}1\u{1f}2\u{1f}3\u{1f}4");
    assert_eq!(print.field(999).unwrap().value[..], [0, 1, 2, 255]);
    assert_eq!(got.diagnostics.iter().map(|d| d.code).collect::<Vec<_>>(), ["element-unknown"]);
    assert_eq!(print.extra[0].path, ["FingerImpressionImage"]);
    assert_eq!(print.extra[0].element.children[0].text, "kept");
    assert_eq!(got.value.friction_ridges().count(), 1);
}

#[test]
fn what_no_reader_would_take_is_not_written() {
    let many = "1\u{1e}".repeat(MOST_ELEMENTS);
    let records = vec![Record::tagged(1, Vec::new()), Record::tagged(9, vec![Field::new(351, many.into_bytes())])];
    assert!(write(&Transaction { records }).is_err());
}

#[test]
fn identifications_may_be_ids_alone() {
    let long = "<biom:ImageReferenceIdentification><nc:IdentificationID>01</nc:IdentificationID></biom:ImageReferenceIdentification>";
    assert!(SMALL.contains(long));
    let short = SMALL.replace(long, "<biom:ImageReferenceID>01</biom:ImageReferenceID>");
    let (long, short) = (read(SMALL.as_bytes()).unwrap().value, read(short.as_bytes()).unwrap().value);
    assert_eq!(bodies(&long), bodies(&short));
}

#[test]
fn what_is_kept_is_written_where_it_stood_and_only_in_xml() {
    let got = read(SMALL.as_bytes()).unwrap().value;
    let written = write(&got).unwrap();
    let again = read(&written).unwrap();
    assert_eq!(again.diagnostics.len(), 1);
    assert_eq!(again.value.records[1].extra[0].path, got.records[1].extra[0].path);
    assert_eq!(again.value.records[1].extra[0].element.namespace.as_deref(), Some("urn:x"));
    assert_eq!(write(&again.value).unwrap(), written);
    assert_eq!(write_traditional(&got), Err(WriteError::OnlyInXml { kind: 14 }));
    assert!(got.outline().to_string().contains("x:Inside: kept"));
}

#[test]
fn hostile_xml_is_refused_by_name() {
    let doctype = format!("<!DOCTYPE a [<!ENTITY b 'c'>]>{SMALL}");
    assert_eq!(read(doctype.replace("<?xml version=\"1.0\"?>", "").as_bytes()), Err(XmlError::DocumentType));
    assert_eq!(read("<a>".repeat(DEEPEST + 1).as_bytes()), Err(XmlError::TooDeep));
    let many = format!("<a>{}</a>", "<b/>".repeat(MOST_ELEMENTS));
    assert_eq!(read(many.as_bytes()), Err(XmlError::TooManyElements));
    assert_eq!(read(b"<a/>"), Err(XmlError::NotATransaction));
    assert_eq!(read(b"<a>\xff</a>"), Err(XmlError::NotUtf8));
    assert_eq!(read(b""), Err(XmlError::NotATransaction));
    let entity = SMALL.replace("A&amp;B", "A&evil;B");
    let got = read(entity.as_bytes()).unwrap();
    assert_eq!(got.diagnostics[0].code, "entity-unknown");
    assert_eq!(text(&got.value.records[0], 4), "AB A");
}

#[test]
fn cut_and_damaged_xml_gives_what_is_there() {
    for n in (0..SMALL.len()).filter(|n| SMALL.is_char_boundary(*n)) {
        if let Ok(got) = read(&SMALL.as_bytes()[..n]) {
            assert!(!got.diagnostics.is_empty(), "{n}");
            assert!(got.value.records.len() <= 2);
        }
    }
    let damaged = SMALL.replace("AAEC", "A*EC");
    let got = read(damaged.as_bytes()).unwrap();
    assert!(got.diagnostics.iter().any(|d| d.code == "base64-malformed"));
}

#[test]
fn binary_records_go_through_xml() {
    let image = BinaryImage {
        idc: 3,
        impression: 1,
        positions: [2, 255, 255, 255, 255, 255],
        scanning_resolution: 1,
        width: 8,
        height: 4,
        compression: 0,
        data: (0..32).collect::<Vec<u8>>().into(),
    };
    let vectors = Signature {
        idc: 4,
        signer: 0,
        representation: 2,
        scanning_resolution: 0,
        width: 0,
        height: 0,
        data: vec![0, 1, 1, 2, 254, 3, 4, 5, 6, 0].into(),
    };
    let fax = Signature { representation: 1, width: 9, ..vectors.clone() };
    let mut transaction = Transaction {
        records: vec![
            Record::tagged(1, vec![Field::new(2, b"0502".to_vec())]),
            Record::new(4, Body::Image(image)),
            Record::new(7, Body::Opaque { idc: Some(5), data: vec![0, 255].into() }),
            vectors.into_record(),
            fax.into_record(),
        ],
    };
    transaction.update_contents();
    let written = write(&transaction).unwrap();
    assert!(String::from_utf8_lossy(&written).contains("VectorPenPressureValue>254<"));
    let again = read(&written).unwrap();
    assert_eq!(again.diagnostics, []);
    assert_eq!(bodies(&again.value), bodies(&transaction));
}

/// What the records say: empty items at the ends of subfields say nothing.
fn bodies(transaction: &Transaction<'_>) -> Vec<Body<'static>> {
    let plain = |record: &Record<'_>| match &record.body {
        Body::Tagged(fields) => {
            let image = |f: &Field<'_>| f.number == 999 && record.kind > 8;
            let trimmed = |f: &Field<'_>| {
                let subfields = f.value.split(|b| *b == 0x1e).map(|s| {
                    let used = s.iter().rposition(|b| *b != 0x1f).map_or(0, |last| last + 1);
                    s[..used].to_vec()
                });
                subfields.collect::<Vec<_>>().join(&0x1e)
            };
            let value = |f: &Field<'_>| if image(f) { f.value.to_vec() } else { trimmed(f) };
            Body::Tagged(fields.iter().map(|f| Field::new(f.number, value(f))).collect())
        }
        Body::Image(image) => Body::Image(BinaryImage { data: image.data.to_vec().into(), ..image.clone() }),
        Body::Opaque { idc, data } => Body::Opaque { idc: *idc, data: data.to_vec().into() },
    };
    transaction.records.iter().map(plain).collect()
}

/// Values as records may hold them: digits, dates, texts with blanks around, bytes that are no text, subfields and items.
fn value() -> impl Strategy<Value = Vec<u8>> {
    let texts = prop_oneof![
        3 => "[0-9]{1,3}",
        1 => "2026[01][0-9]0[1-9]",
        1 => "[ A-Za-z<&>\"'\u{e9}-]{0,12}",
        3 => "[0-9A-Z]{0,3}(\u{1f}[0-9A-Z,-]{0,4}){0,16}(\u{1e}[0-9]{0,3}(\u{1f}[0-9A-Z]{0,3}){0,6}){0,3}",
    ];
    let bytes = vec(any::<u8>().prop_filter("no separator of fields", |b| !matches!(*b, 0x1c | 0x1d)), 0..8);
    prop_oneof![8 => texts.prop_map(String::into_bytes), 1 => bytes]
}

fn record() -> impl Strategy<Value = Record<'static>> {
    let kinds = prop::sample::select(vec![2u8, 9, 10, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 98, 99]);
    let number = prop_oneof![4 => 2u16..50, 1 => 100u16..400, 1 => 900u16..999];
    let fields = btree_map(number, value(), 0..20);
    (kinds, fields, vec(any::<u8>(), 0..40)).prop_map(|(kind, fields, image)| {
        let mut fields: Vec<_> = fields.into_iter().map(|(number, value)| Field::new(number, value)).collect();
        if kind > 2 {
            fields.push(Field::new(999, image));
        }
        Record::tagged(kind, fields)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_fields_go_through_both_encodings(records in vec(record(), 0..5), domain in "(INT-I|NORAM|)") {
        let header = Record::tagged(1, vec![Field::new(2, b"0502".to_vec()), Field::new(13, domain.into_bytes())]);
        let mut transaction = Transaction { records: std::iter::once(header).chain(records).collect() };
        transaction.update_contents();
        let written = write(&transaction).unwrap();
        let again = read(&written).unwrap();
        prop_assert_eq!(&again.diagnostics, &[]);
        prop_assert_eq!(bodies(&again.value), bodies(&transaction));
        prop_assert_eq!(write(&again.value).unwrap(), written);

        let traditional = write_traditional(&transaction).unwrap();
        let read = crate::ansi_nist::read(&traditional).unwrap();
        prop_assert_eq!(&read.diagnostics, &[]);
        prop_assert_eq!(write_traditional(&read.value).unwrap(), traditional.clone());
        let mut read = read.value;
        for record in &mut read.records {
            if let Body::Tagged(fields) = &mut record.body {
                fields.retain(|f| f.number != 1);
            }
        }
        prop_assert_eq!(bodies(&read), bodies(&transaction));
        let _ = read.outline().to_string();
    }

    #[test]
    fn damaged_xml_never_panics(changes in vec((any::<u16>(), any::<u8>()), 1..8)) {
        let mut bytes = SMALL.as_bytes().to_vec();
        let n = bytes.len();
        for (at, v) in changes {
            bytes[usize::from(at) % n] = v & 0x7f;
        }
        if let Ok(got) = read(&bytes) {
            let _ = (write(&got.value), write_traditional(&got.value), got.value.outline().to_string());
        }
    }
}
