//! Both patron formats against files written out by hand, and against damage.

use proptest::collection::vec;
use proptest::prelude::*;

use super::lds::{BiometricTemplate, BiometricTemplates, DataObject};
use super::*;
use crate::{Decoded, Finger};

const XML: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<BIR xmlns="http://standards.iso.org/iso-iec/19785/-3/ed-2/">
  <BIRInfo>
    <Integrity>false</Integrity>
  </BIRInfo>
  <BIR>
    <Version>
      <Major>1</Major>
      <Minor>2</Minor>
    </Version>
    <CBEFFVersion>
      <Major>3</Major>
      <Minor>4</Minor>
    </CBEFFVersion>
    <BIRInfo>
      <Creator>a &lt;maker&gt;</Creator>
      <Payload>AQ==</Payload>
      <Integrity>true</Integrity>
    </BIRInfo>
    <BDBInfo>
      <Format>
        <Organization>Mosip</Organization>
        <Type>7</Type>
      </Format>
      <Encryption>false</Encryption>
      <CreationDate>2019-06-24T18:12:32.755Z</CreationDate>
      <Type>Finger</Type>
      <Subtype>Left IndexFinger</Subtype>
      <Level>Raw</Level>
      <Purpose>Enroll</Purpose>
      <Quality>
        <Algorithm>
          <Organization>HMAC</Organization>
          <Type>SHA-256</Type>
        </Algorithm>
        <Score>77</Score>
      </Quality>
    </BDBInfo>
    <SBInfo>
      <Format>
        <Organization>257</Organization>
        <Type>1</Type>
      </Format>
    </SBInfo>
    <BDB>/////w==</BDB>
    <SB>c2lnbmF0dXJl</SB>
    <others>
      <entry key="EXCEPTION">false</entry>
      <entry key="PAYLOAD">{"a": "&amp;"}</entry>
    </others>
    <Later xmlns="urn:later" x="1"/>
  </BIR>
</BIR>
"#;

fn sample() -> Bir {
    let id = |organization: &str, kind: &str| RegistryId {
        organization: Some(organization.into()),
        kind: Some(kind.into()),
        unknown: vec![],
    };
    let entry = |key: &str, value: &str| Entry { key: key.into(), value: value.into() };
    let finger = Bir {
        version: Some(Version { major: 1, minor: 2 }),
        cbeff_version: Some(Version { major: 3, minor: 4 }),
        info: BirInfo {
            creator: Some("a <maker>".into()),
            payload: Some(vec![1]),
            integrity: Some(true),
            ..BirInfo::default()
        },
        bdb_info: Some(BdbInfo {
            format: Some(id("Mosip", "7")),
            encryption: Some(false),
            creation_date: Some("2019-06-24T18:12:32.755Z".into()),
            types: Some(vec!["Finger".into()]),
            subtypes: Some(vec!["Left".into(), "IndexFinger".into()]),
            level: Some("Raw".into()),
            purpose: Some("Enroll".into()),
            quality: Some(Quality { algorithm: Some(id("HMAC", "SHA-256")), score: Some(77), ..Quality::default() }),
            ..BdbInfo::default()
        }),
        sb_info: Some(SbInfo { format: Some(id("257", "1")), unknown: vec![] }),
        children: vec![],
        bdb: Some(vec![0xff; 4]),
        sb: Some(b"signature".to_vec()),
        others: vec![entry("EXCEPTION", "false"), entry("PAYLOAD", "{\"a\": \"&\"}")],
        unknown: vec![Element {
            namespace: Some("urn:later".into()),
            name: "Later".into(),
            attributes: vec![Attribute { namespace: None, name: "x".into(), value: "1".into() }],
            ..Element::default()
        }],
    };
    let info = BirInfo { integrity: Some(false), ..BirInfo::default() };
    Bir { info, children: vec![finger], ..Bir::default() }
}

#[test]
fn xml_is_read_and_written_as_the_schema_has_it() {
    let got = read_xml(XML.as_bytes()).unwrap();
    assert_eq!(got.value, sample());
    let codes: Vec<_> = got.diagnostics.iter().map(|d| (d.code, d.offset)).collect();
    assert_eq!(codes, [("element-unknown", XML.find("<Later"))]);
    let written = String::from_utf8(write_xml(&sample()).unwrap()).unwrap();
    // Quotes are escaped in texts too, where both are the same.
    assert_eq!(written, XML.replace("{\"a\": \"", "{&quot;a&quot;: &quot;").replace("&amp;\"}", "&amp;&quot;}"));
}

#[test]
fn files_that_differ_from_the_schema_are_read_and_keep_what_they_have() {
    // Another namespace, another order, a prefix, an organisation twice, a block that is no base64, URL-safe base64 without padding.
    let odd = "<c:BIR xmlns:c='urn:c'><c:BDB>_-8</c:BDB><c:SB>not base64!</c:SB><c:BIRInfo/><c:BDBInfo><c:Quality><c:Score>101</c:Score>\
        <c:Algorithm><c:Organization>A</c:Organization><c:Organization>B</c:Organization></c:Algorithm></c:Quality>\
        <c:Subtype>Right Eye</c:Subtype><c:Encryption>perhaps</c:Encryption></c:BDBInfo><c:others><c:entry>no key</c:entry></c:others>\
        <BDB>other namespace</BDB><c:SB>again not base64!</c:SB></c:BIR>";
    let got = read_xml(odd.as_bytes()).unwrap();
    let codes: Vec<_> = got.diagnostics.iter().map(|d| d.code).collect();
    let invalid = "value-invalid";
    let unknown = "element-unknown";
    assert_eq!(
        codes,
        ["namespace-other", invalid, unknown, "quality-out-of-range", invalid, invalid, unknown, unknown]
    );
    let bir = got.value;
    assert_eq!(bir.bdb, Some(vec![0xff, 0xef]));
    assert_eq!(bir.sb, None);
    assert_eq!(bir.unknown.iter().map(|e| &*e.name).collect::<Vec<_>>(), ["SB", "others", "BDB", "SB"]);
    let info = bir.bdb_info.clone().unwrap();
    assert_eq!(info.subtypes, Some(vec!["Right".into(), "Eye".into()]));
    assert_eq!(info.encryption, None);
    assert_eq!(info.quality.unwrap().algorithm.unwrap().unknown[0].text, "B");
    // Nothing is lost when it is written.
    let again = String::from_utf8(write_xml(&bir).unwrap()).unwrap();
    for kept in ["other namespace", "not base64!", "perhaps", "<Organization xmlns=\"urn:c\">B<", "no key"] {
        assert!(again.contains(kept), "{kept}\n{again}");
    }
    let twice = read_xml(again.as_bytes()).unwrap().value;
    assert_eq!(write_xml(&twice).unwrap(), again.into_bytes());
}

#[test]
fn other_files_are_refused() {
    assert_eq!(read_xml(b"<HTML/>"), Err(ReadError::NotABir));
    assert_eq!(read_xml(b"FIR\0"), Err(ReadError::Xml(XmlError::NoElement)));
    assert_eq!(read_xml(b"<!DOCTYPE BIR []><BIR/>"), Err(ReadError::Xml(XmlError::DocumentType)));
    assert!(is_xml(XML.as_bytes()) && is_xml(b"\xef\xbb\xbf <!-- a --><n:BIR>") && is_xml(b"<BIR/>"));
    assert!(!is_xml(b"<BIRInfo/>") && !is_xml(b"FIR\0<BIR") && !is_xml(b"") && !is_xml(b"<a><BIR/></a>"));
    let mut bir = sample();
    bir.info.creator = Some("\u{1}".into());
    assert_eq!(write_xml(&bir), Err(WriteError));
    let nested = (0..40).fold(Bir::default(), |inner, _| Bir { children: vec![inner], ..Bir::default() });
    assert_eq!(write_xml(&nested), Err(WriteError));
}

#[test]
fn a_finger_is_told_however_it_is_written() {
    let of = |kind: &str, subtype: &str| {
        let words = |t: &str| Some(t.split(' ').map(str::to_owned).collect());
        BdbInfo { types: words(kind), subtypes: words(subtype), ..BdbInfo::default() }.finger()
    };
    assert_eq!(of("Finger", "Left IndexFinger"), Some(Finger::LeftIndex));
    assert_eq!(of("FINGER", "Right Little Finger"), Some(Finger::RightLittle));
    assert_eq!(of("Finger", "Right Thumb"), Some(Finger::RightThumb));
    for finger in Finger::TEN {
        assert_eq!(BdbInfo::of_finger(finger, "257", "7").finger(), Some(finger));
    }
    assert_eq!(BdbInfo::of_finger(Finger::Unknown, "257", "7").subtypes, None);
    for (kind, subtype) in [
        ("Iris", "Left"),
        ("Finger", "UNKNOWN"),
        ("Finger", "Left"),
        ("Finger", "Left Right Thumb"),
        ("Finger", "Left Thumb IndexFinger"),
        ("Face", "Left Thumb"),
    ] {
        assert_eq!(of(kind, subtype), None, "{kind} {subtype}");
    }
}

#[test]
fn records_within_are_listed_and_shown() {
    let bir = sample();
    assert_eq!(bir.all().len(), 2);
    assert_eq!(bir.children[0].other("EXCEPTION"), Some("false"));
    let mut with_record = bir.clone();
    with_record.children[0].bdb = Some(b"FAC\0".to_vec());
    let outline = with_record.outline().to_string();
    for said in [
        "a face image record",
        "format: 7 of Mosip",
        "subtype: Left IndexFinger",
        "quality: 77",
        "signature block: 9 bytes",
        "EXCEPTION: false",
    ] {
        assert!(outline.contains(said), "{said}\n{outline}");
    }
    with_record.children[0].bdb_info.as_mut().unwrap().encryption = Some(true);
    assert!(with_record.outline().to_string().contains("biometric data block, encrypted: 4 bytes"));
}

/// Data group 3 with one template, written out by hand.
const GROUP: &[u8] = b"\x63\x25\x7f\x61\x22\x02\x01\x01\x7f\x60\x1c\
    \xa1\x12\x80\x02\x01\x01\x81\x01\x08\x82\x01\x09\x87\x02\x01\x01\x88\x02\0\x07\
    \x5f\x2e\x05block";

fn templates() -> BiometricTemplates {
    let template = BiometricTemplate::of_finger(Finger::RightIndex, (0x0101, 7), b"block".to_vec());
    BiometricTemplates { data_group: Some(0x63), templates: vec![template], others: vec![] }
}

#[test]
fn a_data_group_is_read_and_written() {
    assert_eq!(lds::write(&templates()).unwrap(), GROUP);
    assert_eq!(lds::read(GROUP), Ok(Decoded { value: templates(), diagnostics: vec![] }));
    let bare = BiometricTemplates { data_group: None, ..templates() };
    assert_eq!(lds::write(&bare).unwrap(), GROUP[2..]);
    assert_eq!(lds::read(&GROUP[2..]).unwrap().value, bare);
    assert_eq!(lds::read(&GROUP[8..]).unwrap().value, bare, "a template alone");
    let template = &templates().templates[0];
    assert_eq!((template.finger(), template.format()), (Some(Finger::RightIndex), Some((0x0101, 7))));
    for finger in Finger::TEN {
        let template = BiometricTemplate::of_finger(finger, (1, 2), vec![]);
        assert_eq!(template.finger(), Some(finger));
    }
    assert_eq!(BiometricTemplate::of_finger(Finger::Unknown, (1, 2), vec![]).finger(), None);
    let outline = templates().outline().to_string();
    assert!(
        outline.contains("data group 3 (fingers)") && outline.contains("biometric subtype: right_index"),
        "{outline}"
    );
}

#[test]
fn what_protects_templates_is_kept() {
    let mut value = templates();
    value.others = vec![DataObject { tag: 0x8e, value: vec![1; 8] }];
    value.templates[0].others = vec![DataObject { tag: 0x5f3d, value: b"signature".to_vec() }];
    value.templates[0].block_of_objects = true;
    value.templates.push(BiometricTemplate::of_finger(Finger::LeftThumb, (0x0101, 2), vec![0; 70_000]));
    assert_eq!(lds::read(&lds::write(&value).unwrap()), Ok(Decoded { value, diagnostics: vec![] }));
    let many = BiometricTemplates { templates: vec![BiometricTemplate::default(); 256], ..templates() };
    assert_eq!(lds::write(&many), Err(lds::WriteError::TooMany));
}

#[test]
fn damaged_templates_are_read_or_refused_by_name() {
    for n in 1..GROUP.len() {
        let wanted = if n < 4 { lds::ReadError::NotTemplates } else { lds::ReadError::Truncated { at: n } };
        assert_eq!(lds::read(&GROUP[..n]), Err(wanted), "{n}");
    }
    assert_eq!(lds::read(b"\x75\x03\x02\x01\x01"), Err(lds::ReadError::NotTemplates));
    // Two templates are stated; the block of one is missing; the header of the other; bytes follow.
    let odd = b"\x7f\x61\x14\x02\x01\x03\x7f\x60\x02\xa1\x00\x7f\x60\x04\x5f\x2e\x01z\x00\x00\x00\x00\x00\x00";
    let got = lds::read(odd).unwrap();
    let codes: Vec<_> = got.diagnostics.iter().map(|d| d.code).collect();
    assert_eq!(codes, ["trailing-data", "trailing-data", "block-missing", "header-missing", "templates-missing"]);
    assert_eq!(got.value.templates[0].block, b"z");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_bytes_are_read_or_refused_as_templates_and_written_again(
        bytes in vec(any::<u8>(), 0..80), changes in vec((0..39_usize, any::<u8>()), 0..4), cut in 0..60_usize,
    ) {
        let mut damaged = GROUP.to_vec();
        for (at, v) in changes {
            damaged[at] = v;
        }
        damaged.truncate(cut);
        for bytes in [bytes, damaged] {
            if let Ok(got) = lds::read(&bytes) {
                let _ = got.value.outline();
                let again = lds::read(&lds::write(&got.value).unwrap()).unwrap();
                prop_assert_eq!(again.value, got.value);
            }
        }
    }

    #[test]
    fn damaged_xml_is_read_or_refused_and_written_again(
        changes in vec((0..XML.len(), "[<>/a\"=& 0]"), 1..4), cut in 0..XML.len() + 100,
    ) {
        let mut damaged = XML.as_bytes().to_vec();
        for (at, v) in changes {
            damaged[at] = v.as_bytes()[0];
        }
        damaged.truncate(cut);
        if let Ok(got) = read_xml(&damaged) {
            let _ = got.value.outline();
            if let Ok(written) = write_xml(&got.value) {
                // Elements of the schema's namespace that were unknown in another are understood now.
                let again = write_xml(&read_xml(&written).unwrap().value).unwrap();
                prop_assert_eq!(write_xml(&read_xml(&again).unwrap().value).unwrap(), again);
            }
        }
    }

    #[test]
    fn a_record_is_read_as_it_was_written(
        bdb in proptest::option::of(vec(any::<u8>(), 0..50)), sb in proptest::option::of(vec(any::<u8>(), 0..50)),
        text in "[ -~\t\n\r\u{e9}]{0,12}", score in 0..=100_u32, flag: bool, words in vec("[a-zA-Z]{1,5}", 1..4),
    ) {
        let mut bir = sample();
        let child = &mut bir.children[0];
        (child.bdb, child.sb) = (bdb, sb);
        child.info.creator = Some(text.clone());
        child.info.integrity = Some(flag);
        child.others[0].value = text;
        let info = child.bdb_info.as_mut().unwrap();
        (info.types, info.quality.as_mut().unwrap().score) = (Some(words), Some(score));
        prop_assert_eq!(read_xml(&write_xml(&bir).unwrap()).unwrap().value, bir);
    }
}
