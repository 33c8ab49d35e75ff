//! `tanba segment`: a slap, two thumbs, or a whole ten-print card becomes single fingers.

use std::fmt::Write;
use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use tanba_finger::slap::{Finding, SlapFinger, SlapKind, SlapRequest, card, crop, segment};
use tanba_formats::image::encode_png;
use tanba_formats::{Finger, Gray8, Ppi};

use super::gallery::parse_finger;
use crate::console::Console;
use crate::input::{self, parse_ppi};
use crate::picture;

/// Inches each way from which an image is taken to be a card where nobody said: larger than any slap.
const CARD_INCHES: (f64, f64) = (6.0, 4.4);

/// Options of `tanba segment`.
#[derive(Args)]
pub(crate) struct Segment {
    /// Image of a slap or a card: PNG, BMP, PGM, TIFF, WSQ or JPEG 2000.
    image: PathBuf,
    /// What it shows; `auto` tells a card by its size and the rest by the form of the hand.
    #[arg(long, value_enum, default_value_t = Kind::Auto)]
    kind: Kind,
    /// Fingers that the person has not got or cannot lay down, such as `right-ring,right-little`.
    #[arg(long, value_delimiter = ',', value_parser = parse_missing)]
    missing: Vec<Finger>,
    /// Write every finger, upright, and a picture of all boxes to this folder.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Resolution in pixels per inch, over what the file states.
    #[arg(long, value_parser = parse_ppi)]
    ppi: Option<Ppi>,
}

/// What an image shows.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// Whatever it is.
    Auto,
    /// Four fingers of the right hand.
    Right,
    /// Four fingers of the left hand.
    Left,
    /// Both thumbs.
    Thumbs,
    /// One finger.
    Single,
    /// A ten-print card.
    Card,
}

/// A finger to be written: its place in the answer, and how its file is called.
struct Cut {
    finger: SlapFinger,
    impression: &'static str,
    file: String,
}

fn parse_missing(text: &str) -> Result<Finger, String> {
    parse_finger(&text.replace('-', "_"))
}

impl Segment {
    /// Runs it.
    pub(crate) fn run(self, console: &Console) -> anyhow::Result<()> {
        let read = input::read_image(&self.image, self.ppi)?;
        for d in &read.diagnostics {
            console.note(format_args!("note: {}", d.message));
        }
        let image = read.value;
        let (name, cuts, findings) = if self.is_card(&image) { self.card(&image)? } else { self.slap(&image)? };
        if let Some(folder) = &self.out {
            write_all(folder, &image, &cuts)?;
        }
        let mut human = format!("{name}, {} fingers", cuts.len());
        for cut in &cuts {
            // Writing to a string cannot fail.
            let _ = write!(
                human,
                "\n  {:14} {:7} at {:6.0},{:6.0}  {:4.0} x {:4.0}  turned {:5.1} degrees  confidence {:.2}",
                cut.finger.finger.name(),
                cut.impression,
                cut.finger.centre.0,
                cut.finger.centre.1,
                2.0 * cut.finger.half.0,
                2.0 * cut.finger.half.1,
                cut.finger.rotation.to_degrees(),
                cut.finger.confidence,
            );
        }
        for finding in &findings {
            let _ = write!(human, "\n{}", finding.message());
        }
        console.answer(
            &json!({
                "kind": name,
                "width": image.width(),
                "height": image.height(),
                "ppi": image.ppi().get(),
                "fingers": cuts.iter().map(|c| self.to_json(c)).collect::<Vec<_>>(),
                "findings": findings.iter().map(finding_json).collect::<Vec<_>>(),
                "diagnostics": input::to_json(&read.diagnostics),
            }),
            human,
        );
        Ok(())
    }

    fn is_card(&self, image: &Gray8) -> bool {
        let inches = |n: usize| n as f64 / image.ppi().get();
        let large = inches(image.width()) >= CARD_INCHES.0 && inches(image.height()) >= CARD_INCHES.1;
        self.kind == Kind::Card || (self.kind == Kind::Auto && large)
    }

    fn slap(&self, image: &Gray8) -> anyhow::Result<(&'static str, Vec<Cut>, Vec<Finding>)> {
        let kind = match self.kind {
            Kind::Right => SlapKind::RightFour,
            Kind::Left => SlapKind::LeftFour,
            Kind::Thumbs => SlapKind::Thumbs,
            Kind::Single => SlapKind::Single,
            Kind::Auto | Kind::Card => SlapKind::Unknown,
        };
        let found = segment(image, &SlapRequest { kind, missing: self.missing.clone() })
            .with_context(|| format!("cannot segment {}", self.image.display()))?;
        let name = match found.kind {
            SlapKind::RightFour => "right",
            SlapKind::LeftFour => "left",
            SlapKind::Thumbs => "thumbs",
            SlapKind::Single | SlapKind::Unknown => "single",
        };
        let cut =
            |finger: SlapFinger| Cut { finger, impression: "plain", file: format!("{}.png", finger.finger.name()) };
        Ok((name, found.fingers.into_iter().map(cut).collect(), found.findings))
    }

    fn card(&self, image: &Gray8) -> anyhow::Result<(&'static str, Vec<Cut>, Vec<Finding>)> {
        let found = card::segment_card(image, &self.missing)
            .with_context(|| format!("cannot segment {}", self.image.display()))?;
        let cut = |finger: SlapFinger, impression| Cut {
            finger,
            impression,
            file: format!("{impression}_{}.png", finger.finger.name()),
        };
        let rolled = found.rolled.into_iter().map(|f| cut(f, "rolled"));
        let plain = found.plain.into_iter().map(|f| cut(f, "plain"));
        Ok(("card", rolled.chain(plain).collect(), found.findings))
    }

    fn to_json(&self, cut: &Cut) -> Value {
        json!({
            "finger": cut.finger.finger,
            "impression": cut.impression,
            "box": cut.finger.polygon(),
            "centre": cut.finger.centre,
            "width": 2.0 * cut.finger.half.0,
            "height": 2.0 * cut.finger.half.1,
            "rotation": cut.finger.rotation,
            "confidence": cut.finger.confidence,
            "file": self.out.is_some().then_some(&cut.file),
        })
    }
}

fn finding_json(finding: &Finding) -> Value {
    let mut value = json!(finding);
    value["message"] = json!(finding.message());
    value
}

fn write_all(folder: &std::path::Path, image: &Gray8, cuts: &[Cut]) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let others: Vec<SlapFinger> = cuts.iter().map(|c| c.finger).collect();
    for cut in cuts {
        let path = folder.join(&cut.file);
        std::fs::write(&path, encode_png(&crop(image, &cut.finger, &others)))
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    let outlines: Vec<[(f32, f32); 4]> = others.iter().map(SlapFinger::polygon).collect();
    picture::outlines(image, &outlines).write(&folder.join("overview.png"))
}
