//! Images in every format that is written.

use tanba_formats::image::wsq::Comment;
use tanba_formats::image::{ImageFormat, WriteOptions, write};
use tanba_formats::{Gray8, Ppi};

use crate::Seed;

/// The target of each format, and what its target puts before the bytes itself.
const FORMATS: [(ImageFormat, &str, usize); 7] = [
    (ImageFormat::Png, "image", 0),
    (ImageFormat::Bmp, "image", 0),
    (ImageFormat::Pnm, "image", 0),
    (ImageFormat::Tiff, "tiff", 0),
    (ImageFormat::Wsq, "wsq", 3),
    (ImageFormat::JpegLossless, "jpeg", 2),
    (ImageFormat::Jpeg, "jpeg", 2),
];

pub fn seeds() -> Vec<Seed> {
    let mut seeds = Vec::new();
    for (width, height, flat) in [(64, 64, true), (72, 66, false), (97, 70, false)] {
        let pixel = |i: usize| if flat { 200 } else { ((i % width * 5) ^ (i / width * 3)) as u8 };
        let pixels = (0..width * height).map(pixel).collect();
        let image = Gray8::new(width, height, Ppi::NOMINAL, pixels).expect("as many pixels as the size says");
        let options = WriteOptions { comments: vec![Comment(b"by hand".to_vec())], ..WriteOptions::default() };
        for (format, target, before) in FORMATS {
            let bytes = write(&image, format, &options).expect("a usual picture");
            seeds.push(("image", bytes.clone()));
            seeds.push((target, bytes[before..].to_vec()));
        }
        let jp2 = write(&image, ImageFormat::Jpeg2000, &options).expect("a usual picture");
        let stream = jp2.windows(4).position(|w| w == [0xff, 0x4f, 0xff, 0x51]).expect("a codestream");
        seeds.push(("jpeg2000", jp2[stream + 4..].to_vec()));
        seeds.push(("image", jp2));
    }
    seeds
}
