//! The segments of a WSQ file as an outline.

use super::Comment;
use super::segments::{Frame, Part, Stream, marker};
use crate::Outline;
use crate::image::ImageFormat;
use crate::image::admission::Gate;
use crate::image::outline::{MOST_NODES, damaged, text};

pub(crate) fn outline(bytes: &[u8]) -> Vec<Outline> {
    let gate = Gate::new(ImageFormat::Wsq, None);
    let mut stream = Stream::new(bytes);
    let mut found = Vec::new();
    while found.len() < MOST_NODES {
        let at = stream.at();
        let marker = bytes.get(at + 1).copied().unwrap_or(0);
        let node = match stream.part(&gate) {
            Err(_) => {
                found.push(damaged(at));
                break;
            }
            Ok(Part::End) => break,
            Ok(Part::Comment(body)) => comment(body),
            Ok(Part::Block(table)) => {
                let start = stream.at();
                stream.skip_words();
                let size = format!("{} bytes of code words", stream.at() - start);
                Outline::leaf("block", size).with(Outline::leaf("Huffman table", table))
            }
            Ok(Part::Other) => segment(marker, &stream),
        };
        found.push(node.at(at));
    }
    found
}

fn comment(body: &[u8]) -> Outline {
    let comment = Comment(body.to_vec());
    if !comment.is_nist() {
        return text("comment", body);
    }
    Outline::of("comment of NIST").with_all(comment.lines().map(|(name, value)| Outline::leaf(name, value)))
}

fn segment(marker: u8, stream: &Stream<'_>) -> Outline {
    match (marker, stream.frame(), stream.quantiser(), stream.filters()) {
        (marker::FRAME, Some(frame), ..) => header(&frame),
        (marker::QUANTISER, _, Some(quantiser), _) => Outline::of("quantisation table")
            .with(Outline::leaf("bin centre", quantiser.centre()))
            .with(Outline::leaf("subbands sent", format_args!("{} of 64", quantiser.bands_sent()))),
        (marker::FILTERS, .., Some(filters)) => {
            let taps = |half: &[f32]| if filters.even { 2 * half.len() } else { 2 * half.len() - 1 };
            Outline::of("transform table")
                .with(Outline::leaf("lowpass filter", format_args!("{} taps", taps(&filters.low))))
                .with(Outline::leaf("highpass filter", format_args!("{} taps", taps(&filters.high))))
        }
        (marker::CODES, ..) => Outline::of("Huffman table"),
        _ => Outline::of("restart interval"),
    }
}

fn header(frame: &Frame) -> Outline {
    Outline::of("frame header")
        .with(Outline::leaf("size", format_args!("{} x {} pixels", frame.width, frame.height)))
        .with(Outline::leaf("black", frame.black))
        .with(Outline::leaf("white", frame.white))
        .with(Outline::leaf("shift", frame.shift))
        .with(Outline::leaf("scale", frame.scale))
        .with(Outline::leaf("encoder number", frame.encoder))
        .with(Outline::leaf("software number", frame.software))
}
