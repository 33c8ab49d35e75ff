//! Records with typed fields.

use super::*;
use crate::ansi_nist::{Compression, Header, Listed, Transaction};

fn record(kind: u8, fields: &[(u16, &str)]) -> Record<'static> {
    let field = |(number, value): &(u16, &str)| {
        Field::new(*number, value.replace(';', "\u{1e}").replace('|', "\u{1f}").into_bytes())
    };
    Record::tagged(kind, fields.iter().map(field).collect())
}

#[test]
fn a_header_is_read() {
    let header = [
        (2, "0502"),
        (3, "1|2;2|00;14|01"),
        (4, "NPS"),
        (5, "20260203"),
        (6, "4"),
        (7, "INT"),
        (8, "XX/A"),
        (9, "T1"),
        (10, ""),
        (11, "19.69"),
        (13, "INT-I|6.00"),
        (15, "3|UTF-8|"),
        (17, "to|from"),
    ];
    let transaction = Transaction { records: vec![record(1, &header)] };
    let got = Header::of(&transaction).unwrap();
    assert_eq!((got.version, got.kind, got.priority), (Some(502), Some("NPS"), Some(4)));
    assert_eq!(got.contents, [Listed { kind: 2, idc: Some(0) }, Listed { kind: 14, idc: Some(1) }]);
    assert_eq!((got.control_number, got.answers, got.native_resolution), (Some("T1"), None, Some(19.69)));
    assert_eq!((got.domain, got.agency_names), (Some(("INT-I", Some("6.00"))), Some(["to", "from"])));
    assert_eq!(got.character_sets, [["3", "UTF-8", ""]]);
    assert_eq!(Header::of(&Transaction { records: vec![record(2, &[])] }), None);
}

#[test]
fn faces_marks_and_irises_are_read() {
    let face = record(
        10,
        &[
            (2, "01"),
            (3, "FACE"),
            (6, "480"),
            (7, "600"),
            (8, "1"),
            (9, "300"),
            (10, "300"),
            (11, "JPEGB"),
            (12, "SRGB"),
            (13, "30"),
            (20, "F"),
            (24, "88|FFF0|1"),
            (25, "1|-2|3"),
            (28, "BLK;GRY"),
            (29, "1|3.5|10|20"),
            (999, "image"),
        ],
    );
    let got = Face::of(&face).unwrap();
    assert!(got.is_face());
    assert_eq!((got.image.width, got.image.compression), (Some(480), Some(Compression::JpegB)));
    assert_eq!((got.image.resolution, got.image.data), (Some((300, 300)), &b"image"[..]));
    assert_eq!((got.angles, got.hair), (Some([1, -2, 3]), vec!["BLK", "GRY"]));
    assert_eq!((got.points[0].x, got.qualities[0].value), (10, Some(88)));
    let mark = record(10, &[(3, "TATTOO"), (40, "TAT ARM"), (41, "12|3"), (42, "TATTOO|ANIMAL|DOG|a dog")]);
    let got = Face::of(&mark).unwrap();
    assert_eq!((got.is_face(), got.mark_size, got.mark_descriptions[0][3]), (false, Some((12, 3)), Some("a dog")));
    let iris = record(17, &[(2, "3"), (3, "2"), (13, "GRAY"), (19, "maker||7"), (20, "BRO"), (26, "200")]);
    let got = Iris::of(&iris).unwrap();
    assert_eq!((got.eye, got.colour, got.image.colour_space), (Some(2), Some("BRO"), Some("GRAY")));
    assert_eq!(got.device, Some([Some("maker"), None, Some("7")]));
    assert!(Face::of(&iris).is_none() && Iris::of(&face).is_none());
}

#[test]
fn a_dna_record_is_read() {
    let dna = record(
        18,
        &[
            (2, "04"),
            (3, "1|G||Lab|Who|NLD|"),
            (5, "1"),
            (6, "2|F||19900101"),
            (10, "1|WB"),
            (11, "1;3"),
            (13, "20260101"),
            (15, "0|1|P-7"),
            (16, "0|D3S1358||||15|17||;2|DYS391||||10"),
            (21, "5|11,12|0.75"),
            (22, "none"),
        ],
    );
    let got = Dna::of(&dna).unwrap();
    assert_eq!((got.idc, got.profile, got.technologies), (Some(4), Some("P-7"), vec![1, 3]));
    assert_eq!(got.laboratory.unwrap().name, Some("Lab"));
    assert_eq!((got.loci[0].locus, &got.loci[0].alleles[..]), (Some("D3S1358"), &["15", "17"][..]));
    assert_eq!((got.loci[1].kind, &got.loci[1].alleles[..]), (Some(2), &["10"][..]));
    assert_eq!((got.pairs[0].pair, got.pairs[0].weight), ("11,12", Some(0.75)));
    assert_eq!(got.donor.unwrap().born, Some("19900101"));
}

#[test]
fn sources_contexts_assurance_and_cbeff_data_are_read() {
    let source = record(20, &[(2, "01"), (3, "S"), (14, "6"), (15, "PNG|"), (21, "1"), (999, "png")]);
    let got = Source::of(&source).unwrap();
    assert_eq!((got.cardinality, got.number, got.file), (Some("S"), Some(1), Some(("PNG", None))));
    assert_eq!((got.acquisition, got.image.data), (vec![6], &b"png"[..]));
    let context = record(21, &[(2, "02"), (15, "JPG|how"), (21, "2"), (994, "there")]);
    let got = Context::of(&context).unwrap();
    assert_eq!((got.file, got.external, got.data), (Some(("JPG", Some("how"))), Some("there"), &b""[..]));
    let assurance =
        record(98, &[(2, "03"), (3, "001B"), (200, "digest"), (900, "Modified|why|14.999|who|"), (901, "2")]);
    let got = Assurance::of(&assurance).unwrap();
    assert_eq!((got.owned.len(), got.revision), (1, Some("2")));
    assert_eq!((got.log[0].event, got.log[0].previous), (Some("Modified"), None));
    let cbeff = record(99, &[(2, "04"), (100, "0101"), (101, "00000008"), (102, "50|0103|1"), (999, "bdb")]);
    let got = CbeffData::of(&cbeff).unwrap();
    assert_eq!((got.kind, got.quality.unwrap().value, got.data), (Some("00000008"), Some(50), &b"bdb"[..]));
}
