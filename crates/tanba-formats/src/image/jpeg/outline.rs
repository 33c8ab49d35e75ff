//! The segments of a JPEG file as an outline.

use super::segments::{Frame, Process, Reader, Segment, marker, stated};
use crate::Outline;
use crate::image::outline::{MOST_NODES, damaged, text};

pub(crate) fn outline(bytes: &[u8]) -> Vec<Outline> {
    let mut reader = Reader::new(bytes);
    let mut found = Vec::new();
    let mut lossless = false;
    while found.len() < MOST_NODES {
        let Some(segment) = reader.next() else {
            found.push(damaged(reader.at()));
            break;
        };
        let node = match segment.marker {
            marker::START => continue,
            marker::END => break,
            marker::SCAN => {
                reader.skip_words();
                scan(segment.body, lossless)
            }
            marker::COMMENT => text("comment", segment.body),
            marker::JFIF if segment.body.starts_with(b"JFIF\0") => density(bytes),
            marker::QUANTISER => Outline::of("quantisation tables"),
            marker::CODES => Outline::of("Huffman tables"),
            marker::RESTART_INTERVAL => Outline::of("restart interval"),
            0xe0..=0xef => application(&segment),
            _ => match Frame::read(&segment) {
                Some(frame) => {
                    lossless = frame.process == Process::Lossless;
                    self::frame(&frame)
                }
                None => Outline::leaf("segment", format_args!("marker {:02X}", segment.marker)),
            },
        };
        found.push(node.at(segment.at));
    }
    found
}

fn frame(frame: &Frame) -> Outline {
    Outline::leaf("frame", frame.process)
        .with(Outline::leaf("size", format_args!("{} x {} pixels", frame.width, frame.height)))
        .with(Outline::leaf("depth", format_args!("{} bits", frame.precision)))
        .with_all(frame.components.iter().map(|c| {
            let (across, down) = c.sampling;
            Outline::leaf("component", c.id).with(Outline::leaf("sampling", format_args!("{across} x {down}")))
        }))
}

fn scan(body: &[u8], lossless: bool) -> Outline {
    let node = Outline::leaf("scan", format_args!("{} components", body.first().copied().unwrap_or(0)));
    match body {
        [.., predictor, _, point] if lossless => {
            node.with(Outline::leaf("predictor", predictor)).with(Outline::leaf("point transform", point & 15))
        }
        _ => node,
    }
}

fn density(bytes: &[u8]) -> Outline {
    match stated(bytes) {
        Some(s) => Outline::of("JFIF").with(Outline::leaf("density", format_args!("{:.1} x {:.1} ppi", s.x, s.y))),
        None => Outline::of("JFIF"),
    }
}

/// The name that an application segment begins with.
fn application(segment: &Segment<'_>) -> Outline {
    let name = segment.body.split(|b| !b.is_ascii_graphic()).next().unwrap_or_default();
    text("application segment", name)
}
