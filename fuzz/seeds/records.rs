//! Minutiae, finger images, card formats, and what is put around them.

use tanba_formats::ansi_nist::{Impression, Position};
use tanba_formats::cbeff::lds::{self, BiometricTemplate, BiometricTemplates};
use tanba_formats::cbeff::{self, BdbInfo, Bir, BirInfo, Element, Entry, Quality, RegistryId, Version};
use tanba_formats::image::encode_png;
use tanba_formats::iso19794_2::card::{CardFormat, CardParameters, CardTemplate, DataObject, MinutiaOrder};
use tanba_formats::iso19794_4::{
    self, Annotation, Compression, FingerImage, FingerImageRecord, ImageBlock, ScaleUnits, Segment, Segmentation,
};
use tanba_formats::minutiae::{
    self, Capture, CaptureDevice, CertificationRecord, Core, Delta, Edition, ExtendedBlock, FingerMinutiaeRecord,
    FingerView, ImpressionType, QualityRecord, RecordMinutia, RecordMinutiaKind, RidgeCount, ZonalQuality,
};
use tanba_formats::{Finger, Gray8, Ppi};

use crate::Seed;

pub fn seeds() -> Vec<Seed> {
    let mut seeds = Vec::new();
    let record = minutiae_record();
    for edition in [Edition::Iso2005, Edition::Iso2011, Edition::Ansi2004, Edition::Ansi2009, Edition::Ansi2009Am1] {
        let target = if edition.is_ansi() { "ansi378" } else { "iso19794_2" };
        seeds.push((target, minutiae::write(&record, edition).expect("it fits")));
    }
    for format in [CardFormat::Normal, CardFormat::Compact] {
        for code in [0, 0x05, 0x09, 0x11, 0x25] {
            let parameters = CardParameters { least: 1, most: 60, order: MinutiaOrder::from_code(code), features: 1 };
            let mut card =
                CardTemplate::of_view(&record.views[0], record.edition, format, &parameters).expect("it fits");
            let mut seed = |bytes: Vec<u8>| seeds.push(("minutiae_card", [vec![code], bytes].concat()));
            seed(card.write().expect("it fits"));
            seed(card.write_template().expect("it fits"));
            card.features = vec![DataObject { tag: 0x91, value: vec![0, 0, 1, 5] }];
            card.others = vec![DataObject { tag: 0x82, value: vec![1, 2] }];
            seed(card.write_template().expect("it fits"));
            seed(parameters.write());
        }
    }
    for compression in [Compression::None, Compression::Packed, Compression::Png] {
        for edition in [iso19794_4::Edition::Iso2005, iso19794_4::Edition::Iso2011, iso19794_4::Edition::Ansi2004] {
            let image = iso19794_4::write_as(&image_record(compression), edition).expect("it fits");
            seeds.push(("cbeff", templates(image.clone())));
            seeds.push(("cbeff", cbeff::write_xml(&bir(image.clone())).expect("it is text")));
            seeds.push(("iso19794_4", image));
        }
    }
    seeds
}

fn minutiae_record() -> FingerMinutiaeRecord {
    let minutia = |i: u16| RecordMinutia {
        kind: [RecordMinutiaKind::Ending, RecordMinutiaKind::Bifurcation, RecordMinutiaKind::Other][usize::from(i) % 3],
        x: 20 + 9 * i,
        y: 300 - 11 * i,
        angle: (23 * i) as u8,
        quality: (i + 1) as u8,
    };
    let view = FingerView {
        position: Finger::LeftMiddle,
        view_number: 0,
        impression: ImpressionType::LiveScanPlain,
        quality: Some(70),
        width: 300,
        height: 400,
        x_per_cm: 197,
        y_per_cm: 197,
        minutiae: (0..20).map(minutia).collect(),
        extended: vec![
            ExtendedBlock::RidgeCounts { method: 1, counts: vec![RidgeCount { a: 0, b: 1, count: 7 }] },
            ExtendedBlock::CoresAndDeltas {
                cores: vec![Core { x: 150, y: 160, angle: Some(40) }],
                deltas: vec![Delta { x: 30, y: 350, angles: Some([1, 2, 3]) }],
            },
            ExtendedBlock::ZonalQuality(ZonalQuality {
                algorithm: None,
                cell_width: 100,
                cell_height: 100,
                bits: 4,
                packed: vec![0x5a; 6],
            }),
            ExtendedBlock::Other { kind: 0x0101, data: vec![1, 2, 3] },
        ],
        capture: capture(),
        ridge_ending_type: 1,
    };
    FingerMinutiaeRecord {
        edition: Edition::Iso2011,
        product: None,
        capture_device: CaptureDevice { certifications: 0, id: 9 },
        views: vec![view.clone(), FingerView { view_number: 1, ..view }],
    }
}

fn capture() -> Capture {
    Capture {
        technology: 1,
        qualities: vec![QualityRecord { value: 70, vendor: 15, algorithm: 2 }],
        certifications: vec![CertificationRecord { authority: 64, scheme: 2 }],
        ..Capture::default()
    }
}

fn image_record(compression: Compression) -> FingerImageRecord {
    let pixels: Vec<u8> = (0..64 * 64).map(|i| (i * 7 % 251) as u8).collect();
    let (depth, data) = match compression {
        Compression::None => (8, pixels),
        Compression::Packed => (4, pixels[..64 * 32].to_vec()),
        _ => (8, encode_png(&Gray8::new(64, 64, Ppi::NOMINAL, pixels).expect("64 x 64"))),
    };
    let image = FingerImage {
        position: Position(13),
        number: 0,
        impression: Impression(0),
        capture: capture(),
        scale_units: ScaleUnits::PerCentimetre,
        capture_resolution: (197, 197),
        resolution: (197, 197),
        depth,
        compression,
        width: 64,
        height: 64,
        data,
        blocks: vec![
            ImageBlock::Segmentation(Segmentation {
                vendor: 1,
                algorithm: 2,
                quality: 254,
                quality_vendor: 3,
                quality_algorithm: 4,
                segments: vec![Segment {
                    position: Position(2),
                    quality: 80,
                    corners: vec![(1, 2), (30, 40)],
                    orientation: 0,
                }],
            }),
            ImageBlock::Annotations(vec![Annotation { position: Position(3), code: 1 }]),
            ImageBlock::Comment { code: 3, text: b"comment".to_vec() },
        ],
    };
    FingerImageRecord {
        edition: iso19794_4::Edition::Iso2011,
        product: None,
        capture_device: 0,
        acquisition_level: 31,
        images: vec![image.clone(), FingerImage { position: Position(14), ..image }],
    }
}

fn templates(block: Vec<u8>) -> Vec<u8> {
    let template = BiometricTemplate::of_finger(Finger::RightIndex, (0x0101, 7), block);
    let value = BiometricTemplates {
        data_group: Some(0x63),
        templates: vec![template.clone(), template],
        others: vec![lds::DataObject { tag: 0x8e, value: vec![0; 8] }],
    };
    lds::write(&value).expect("two templates")
}

fn bir(block: Vec<u8>) -> Bir {
    let text = |t: &str| Some(t.to_owned());
    let id = |kind: &str| RegistryId { organization: text("Mosip"), kind: text(kind), unknown: Vec::new() };
    let finger = Bir {
        version: Some(Version { major: 1, minor: 1 }),
        info: BirInfo { integrity: Some(false), creator: text("fuzz"), ..BirInfo::default() },
        bdb_info: Some(BdbInfo {
            format: Some(id("7")),
            types: Some(vec!["Finger".into()]),
            subtypes: Some(vec!["Right".into(), "IndexFinger".into()]),
            quality: Some(Quality { algorithm: Some(id("SHA-256")), score: Some(9), ..Quality::default() }),
            ..BdbInfo::default()
        }),
        bdb: Some(block),
        sb: Some(vec![1, 2, 3]),
        others: vec![Entry { key: "EXCEPTION".into(), value: "false".into() }],
        unknown: vec![Element { namespace: Some("urn:x".into()), name: "Later".into(), ..Element::default() }],
        ..Bir::default()
    };
    Bir { children: vec![finger], ..Bir::default() }
}
