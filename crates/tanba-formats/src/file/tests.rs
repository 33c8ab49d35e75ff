use super::*;
use crate::ansi_nist::Position;
use crate::genetic;
use crate::genetic::genotypes::{MarkerGenotype, SampleGenotypes};
use crate::image::WriteOptions;
use crate::{Finger, Gray8, Ppi};

/// A picture with something to compress.
fn waves(width: usize, height: usize) -> Gray8 {
    let value = |k: usize| {
        let (x, y) = ((k % width) as f32, (k / width) as f32);
        (128.0 + 90.0 * (0.7 * x + 0.01 * y * y).sin()) as u8
    };
    Gray8::new(width, height, Ppi::NOMINAL, (0..width * height).map(value).collect()).unwrap()
}

fn to(bytes: &[u8], target: &str, options: &Options) -> Result<Vec<u8>, ConvertError> {
    convert(&open(bytes).unwrap().value, Target::named(target).unwrap(), options).map(|done| done.value)
}

#[test]
fn every_target_has_one_name_and_its_ending_means_it() {
    let names: Vec<_> = Target::names().collect();
    for name in &names {
        let target = Target::named(name).unwrap();
        assert_eq!(target.name(), *name);
        assert_eq!(names.iter().filter(|n| n == &name).count(), 1, "{name}");
    }
    assert_eq!(Target::of_file_name("A.WSQ"), Some(Target::Image(ImageFormat::Wsq)));
    assert_eq!(Target::of_file_name("person.cbeff.xml"), Some(Target::Bir));
    assert_eq!(Target::of_file_name("wsq"), None);
    assert_eq!(Target::of_file_name("a.unknown"), None);
}

#[test]
fn a_picture_goes_through_every_lossless_format_unchanged() {
    let picture = waves(200, 180);
    let png = image::encode_png(&picture);
    for name in
        ["png", "bmp", "tiff", "jpeg-lossless", "jpeg-2000", "iso-19794-4-2011", "iso-19794-4-2005", "cbeff-xml"]
    {
        let bytes = to(&png, name, &Options::default()).unwrap();
        let opened = open(&bytes).unwrap().value;
        assert_eq!(opened.format(), name);
        let pictures = opened.pictures();
        assert_eq!(pictures.len(), 1, "{name}");
        assert_eq!(pictures[0].decode().unwrap().value.pixels(), picture.pixels(), "{name}");
        assert!(!opened.outline().to_string().is_empty());
    }
}

#[test]
fn what_the_sender_coded_is_not_coded_again() {
    let wsq = image::write(&waves(300, 300), ImageFormat::Wsq, &WriteOptions::default()).unwrap();
    let options = Options { finger: Finger::LeftIndex, ..Options::default() };
    let record = to(&wsq, "iso-19794-4-2011", &options).unwrap();
    let opened = open(&record).unwrap().value;
    assert_eq!(opened.pictures()[0].coded(), wsq);
    assert_eq!(opened.pictures()[0].finger, Some(Finger::LeftIndex));
    let bir = to(&record, "cbeff-xml", &options).unwrap();
    let File::Bir(read) = open(&bir).unwrap().value else { panic!("a BIR") };
    assert_eq!(read.children[0].bdb_info.as_ref().unwrap().finger(), Some(Finger::LeftIndex));
    assert_eq!(to(&bir, "wsq", &options).unwrap(), wsq);
    assert_eq!(to(&bir, "iso-19794-4-2011", &options).unwrap(), record);
}

#[test]
fn one_of_several_pictures_must_be_picked() {
    let one = to(&image::encode_png(&waves(100, 100)), "iso-19794-4-2011", &Options::default()).unwrap();
    let File::FingerImages(mut record) = open(&one).unwrap().value else { panic!("finger images") };
    record.images.push(record.images[0].clone());
    record.images[1].position = Position(3);
    let two = iso19794_4::write(&record).unwrap();
    assert_eq!(to(&two, "png", &Options::default()), Err(ConvertError::WhichPicture { found: 2 }));
    let third = Options { picture: Some(3), ..Options::default() };
    assert_eq!(to(&two, "png", &third), Err(ConvertError::NoSuchPicture { wanted: 3, found: 2 }));
    let second = Options { picture: Some(2), ..Options::default() };
    assert!(to(&two, "png", &second).is_ok());
}

#[test]
fn a_table_of_genotypes_keeps_its_alleles_through_its_forms() {
    let sample = |id: &str, a: &str, b: &str| SampleGenotypes {
        id: id.into(),
        genotypes: vec![MarkerGenotype::of("TH01", [a, b]), MarkerGenotype::of("D8S1179", ["13", "14"])],
        ..SampleGenotypes::default()
    };
    let table = GenotypeTable { samples: vec![sample("S1", "6", "9.3"), sample("S2", "7", "8")] };
    let wide = genotypes::write_wide(&table, genotypes::Separator::Comma).unwrap();
    for name in ["genotypes-long", "gene-mapper", "genotypes"] {
        let bytes = to(&wide, name, &Options::default()).unwrap();
        let File::Genotypes(read) = open(&bytes).unwrap().value else { panic!("{name}") };
        assert_eq!(read, table, "{name}");
    }
}

#[test]
fn what_has_no_place_is_refused_with_the_way_out() {
    let png = image::encode_png(&waves(100, 100));
    let refusals = ["incits-378-2004", "ansi-nist", "genotypes", "codis-cmf", "familias", "allele-frequencies"];
    for name in refusals {
        let refused = to(&png, name, &Options::default()).unwrap_err().to_string();
        assert!(refused.contains("cannot become"), "{name}: {refused}");
    }
}

#[test]
fn a_file_says_what_it_can_become() {
    let transactions = ansi_nist::build::examples();
    let tables = genetic::examples::seeds().into_iter().map(|(_, bytes)| bytes);
    let picture = image::encode_png(&waves(100, 100));
    let record = to(&picture, "iso-19794-4-2011", &Options::default()).unwrap();
    let files: Vec<_> = transactions.into_iter().chain(tables).chain([picture, record]).collect();
    for bytes in &files {
        let file = open(bytes).unwrap().value;
        let possible = file.targets();
        let options = Options { picture: Some(1), ..Options::default() };
        for name in Target::names() {
            let target = Target::named(name).unwrap();
            let no_way = matches!(convert(&file, target, &options), Err(ConvertError::NoWay { .. }));
            assert_eq!(possible.contains(&target), !no_way, "{} to {name}", file.format());
        }
    }
}

#[test]
fn what_is_known_and_not_read_is_named() {
    let named: [(&[u8], &str); 6] = [
        (b"GIF89a", "GIF"),
        (b"FAC\x00030\x00", "face"),
        (b"IIR\x00", "iris"),
        (b"%PDF-1.7", "PDF"),
        (b"PK\x03\x04", "ZIP"),
        (b"<?xml version=\"1.0\"?><html/>", "another kind"),
    ];
    for (bytes, word) in named {
        let refused = open(bytes).unwrap_err().to_string();
        assert!(refused.contains(word), "{refused}");
    }
    assert_eq!(open(b""), Err(OpenError::Empty));
    assert_eq!(open(b"\x01\x02\x03\x04 bytes"), Err(OpenError::Unknown));
    assert_eq!(open(b"just some words\nand more of them\n"), Err(OpenError::Unknown));
}

#[test]
fn no_cut_of_any_format_panics() {
    let picture = waves(96, 96);
    let png = image::encode_png(&picture);
    for name in Target::names() {
        let Ok(whole) = to(&png, name, &Options::default()) else { continue };
        for end in (0..whole.len()).step_by(whole.len().div_ceil(300)) {
            if let Ok(opened) = open(&whole[..end]) {
                let _ = opened.value.outline();
                for picture in opened.value.pictures() {
                    let _ = picture.decode();
                }
            }
        }
    }
}
