//! The directories of a TIFF file as an outline.

use super::directory::{Directory, File, tag};
use crate::Outline;
use crate::image::outline::{MOST_NODES, damaged};

/// Values of a tag that are shown.
const MOST_VALUES: u64 = 8;

pub(crate) fn outline(bytes: &[u8]) -> Vec<Outline> {
    let Some(file) = File::new(bytes) else { return vec![damaged(0)] };
    let order = if file.big_endian { "big-endian" } else { "little-endian" };
    let mut found = vec![Outline::leaf("byte order", order)];
    let directories = file.directories();
    if directories.is_empty() {
        found.push(damaged(0));
    }
    found.extend(directories.iter().map(|d| Outline::of("directory").at(d.at()).with_all(fields(d))));
    found
}

fn fields(d: &Directory<'_>) -> Vec<Outline> {
    d.tags().take(MOST_NODES).map(|tag| Outline::leaf(name(tag), value(d, tag))).collect()
}

fn value(d: &Directory<'_>, tag: u16) -> String {
    match (tag, d.uint(tag)) {
        (tag::COMPRESSION, Some(code)) => return format!("{code} ({})", compression(code)),
        (tag::PHOTOMETRIC, Some(code)) => return format!("{code} ({})", photometric(code)),
        _ => {}
    }
    if let Some(values) = d.first_uints(tag, MOST_VALUES) {
        let shown: Vec<String> = values.iter().map(u64::to_string).collect();
        let more = d.count(tag).saturating_sub(MOST_VALUES);
        let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
        return shown.join(" ") + &rest;
    }
    match (d.text(tag), d.rational(tag), d.bytes(tag)) {
        (Some(text), ..) => text,
        (_, Some(v), _) => v.to_string(),
        (.., Some(bytes)) => format!("{} bytes", bytes.len()),
        _ => "cut off".to_owned(),
    }
}

fn compression(code: u64) -> &'static str {
    match code {
        1 => "none",
        2 => "CCITT modified Huffman",
        3 => "CCITT T.4",
        4 => "CCITT T.6",
        5 => "LZW",
        6 => "JPEG of 1992",
        7 => "JPEG",
        8 | 32946 => "deflate",
        32773 => "PackBits",
        34712 => "JPEG 2000",
        _ => "another",
    }
}

fn photometric(code: u64) -> &'static str {
    match code {
        0 => "white is zero",
        1 => "black is zero",
        2 => "RGB",
        3 => "palette",
        5 => "CMYK",
        6 => "YCbCr",
        _ => "another",
    }
}

/// Names of TIFF 6.0.
fn name(tag: u16) -> String {
    let name = match tag {
        tag::NEW_SUBFILE_TYPE => "NewSubfileType",
        tag::IMAGE_WIDTH => "ImageWidth",
        tag::IMAGE_LENGTH => "ImageLength",
        tag::BITS_PER_SAMPLE => "BitsPerSample",
        tag::COMPRESSION => "Compression",
        tag::PHOTOMETRIC => "PhotometricInterpretation",
        tag::FILL_ORDER => "FillOrder",
        269 => "DocumentName",
        270 => "ImageDescription",
        271 => "Make",
        272 => "Model",
        tag::STRIP_OFFSETS => "StripOffsets",
        tag::ORIENTATION => "Orientation",
        tag::SAMPLES_PER_PIXEL => "SamplesPerPixel",
        tag::ROWS_PER_STRIP => "RowsPerStrip",
        tag::STRIP_BYTE_COUNTS => "StripByteCounts",
        tag::X_RESOLUTION => "XResolution",
        tag::Y_RESOLUTION => "YResolution",
        tag::PLANAR => "PlanarConfiguration",
        tag::T4_OPTIONS => "T4Options",
        tag::RESOLUTION_UNIT => "ResolutionUnit",
        305 => "Software",
        306 => "DateTime",
        315 => "Artist",
        tag::PREDICTOR => "Predictor",
        tag::COLOR_MAP => "ColorMap",
        tag::TILE_WIDTH => "TileWidth",
        tag::TILE_LENGTH => "TileLength",
        tag::TILE_OFFSETS => "TileOffsets",
        tag::TILE_BYTE_COUNTS => "TileByteCounts",
        tag::EXTRA_SAMPLES => "ExtraSamples",
        tag::SAMPLE_FORMAT => "SampleFormat",
        tag::JPEG_TABLES => "JPEGTables",
        33432 => "Copyright",
        _ => return format!("tag {tag}"),
    };
    name.to_owned()
}
