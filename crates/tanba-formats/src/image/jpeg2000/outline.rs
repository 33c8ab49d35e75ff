//! The boxes and headers of a JPEG 2000 file as an outline.

use super::codestream::{Codestream, Transform};
use super::file::{Boxed, boxes, codestreams, is_boxed, per_metre};
use crate::Outline;
use crate::image::outline::{MOST_NODES, damaged, resolution, text};

/// How deep boxes with boxes in them are followed: a resolution is in the header.
const DEEPEST: u32 = 2;

pub(crate) fn outline(bytes: &[u8]) -> Vec<Outline> {
    if !is_boxed(bytes) {
        return codestreams(bytes).into_iter().map(|c| codestream(c, 0)).collect();
    }
    tree(bytes, 0, DEEPEST)
}

fn tree(bytes: &[u8], start: usize, deeper: u32) -> Vec<Outline> {
    boxes(bytes, start).take(MOST_NODES).map(|b| node(&b, deeper).at(b.at)).collect()
}

fn node(b: &Boxed<'_>, deeper: u32) -> Outline {
    let inside = b.end.saturating_sub(b.body.len());
    match (&b.kind, b.body) {
        (b"jp2h", body) if deeper > 0 => Outline::of("JP2 header").with_all(tree(body, inside, deeper - 1)),
        (b"res ", body) if deeper > 0 => Outline::of("resolution").with_all(tree(body, inside, deeper - 1)),
        (b"resc" | b"resd", body) => {
            let label = if &b.kind == b"resc" { "capture resolution" } else { "display resolution" };
            per_metre(body).map_or_else(|| damaged(b.at), |(x, y)| resolution(label, (x, y)))
        }
        (b"ihdr", &[h3, h2, h1, h0, w3, w2, w1, w0, c1, c0, depth, ..]) => {
            let (height, width) = (u32::from_be_bytes([h3, h2, h1, h0]), u32::from_be_bytes([w3, w2, w1, w0]));
            Outline::of("image header")
                .with(Outline::leaf("size", format_args!("{width} x {height} pixels")))
                .with(Outline::leaf("components", u16::from_be_bytes([c1, c0])))
                // All ones: each component has its own.
                .with_all((depth != 0xff).then(|| Outline::leaf("depth", format_args!("{} bits", (depth & 0x7f) + 1))))
        }
        (b"colr", &[1, _, _, a, b, c, d, ..]) => {
            let space = match u32::from_be_bytes([a, b, c, d]) {
                16 => "sRGB".to_owned(),
                17 => "gray".to_owned(),
                18 => "sYCC".to_owned(),
                n => format!("number {n}"),
            };
            Outline::leaf("colour space", space)
        }
        (b"colr", _) => Outline::leaf("colour space", "of a profile"),
        (b"ftyp", [brand @ .., _, _, _, _]) if brand.len() >= 4 => text("file type", &brand[..4]),
        (b"jp2c", body) => codestream(body, inside),
        (b"xml ", body) => text("XML", body),
        (kind, body) => text("box", kind).with(Outline::leaf("length", format_args!("{} bytes", body.len()))),
    }
}

fn codestream(bytes: &[u8], at: usize) -> Outline {
    let Some(c) = Codestream::read(bytes) else { return Outline::of("codestream").with(damaged(at)) };
    let depths: Vec<String> = c
        .components
        .iter()
        .take(MOST_NODES)
        .map(|c| format!("{} bits{}", c.bits, if c.signed { " signed" } else { "" }))
        .collect();
    let (across, down) = c.tile;
    let transform = match c.transform {
        Some(Transform::Reversible) => "reversible 5-3",
        Some(Transform::Irreversible) => "irreversible 9-7",
        None => "unknown",
    };
    Outline::of("codestream")
        .at(at)
        .with(Outline::leaf("size", format_args!("{} x {} pixels", c.width, c.height)))
        .with(Outline::leaf("components", depths.join(", ")))
        .with(Outline::leaf("transform", transform))
        .with(Outline::leaf("decomposition levels", c.levels))
        .with(Outline::leaf("quality layers", c.layers))
        .with(Outline::leaf("tile", format_args!("{across} x {down} pixels")))
        .with(Outline::leaf("tile-parts", c.tile_parts))
        .with_all(c.comments.iter().take(MOST_NODES).map(|body| text("comment", body)))
}
