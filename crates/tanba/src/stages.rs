//! The stages of an extraction as PNG files, with a page of explanations.

use std::fmt::Write;
use std::path::Path;

use anyhow::Context;
use tanba_finger::show::{Rgb8, render};
use tanba_finger::{Flow, Mask, Stage, StageData, StageSink};
use tanba_formats::Gray8;
use tanba_formats::image::encode_png_rgb;

/// Renders every stage as it is made; [`Stages::write`] puts them into a folder.
pub(crate) struct Stages<'a> {
    image: &'a Gray8,
    /// Where the finger touched: the first mask that is made.
    print: Option<Mask>,
    pictures: Vec<(String, Vec<u8>)>,
    explanations: String,
    error: Option<anyhow::Error>,
}

impl<'a> Stages<'a> {
    /// Stages of `image`, which is at 500 ppi.
    pub(crate) fn new(image: &'a Gray8) -> Self {
        Self { image, print: None, pictures: Vec::new(), explanations: String::new(), error: None }
    }

    /// Writes `01-image.png`, `02-print.png`, ... and `stages.txt`, which says what each shows.
    pub(crate) fn write(self, folder: &Path) -> anyhow::Result<()> {
        if let Some(error) = self.error {
            return Err(error.context("cannot draw a stage"));
        }
        let failed = || format!("cannot write pictures to {}", folder.display());
        std::fs::create_dir_all(folder).with_context(failed)?;
        for (name, png) in self.pictures {
            std::fs::write(folder.join(name), png).with_context(failed)?;
        }
        std::fs::write(folder.join("stages.txt"), self.explanations).with_context(failed)
    }
}

impl StageSink for Stages<'_> {
    fn stage(&mut self, stage: Stage<'_>) {
        if let (StageData::Mask(mask), None) = (stage.data, &self.print) {
            self.print = Some(mask.clone());
        }
        let picture = match (stage.data, &self.print) {
            // Where the finger did not touch, an orientation means nothing and only confuses the eye.
            (StageData::Flow(flow), Some(print)) => {
                render(&Stage { data: StageData::Flow(&within(flow, print)), ..stage }, self.image)
            }
            _ => render(&stage, self.image),
        };
        let (width, height) = (self.image.width(), self.image.height());
        let pixels = enlarged(&picture, width, height);
        let name = format!("{:02}-{}.png", self.pictures.len() + 1, stage.name);
        // Writing to a string cannot fail.
        let _ = writeln!(self.explanations, "{name:24} {}", stage.explanation);
        // The image was admitted with sides far below u32.
        match encode_png_rgb(width as u32, height as u32, &pixels) {
            Ok(png) => self.pictures.push((name, png)),
            Err(e) => self.error = Some(e.into()),
        }
    }
}

/// The flow with nothing outside the print; both are maps of cells over the same image.
fn within(flow: &Flow, print: &Mask) -> Flow {
    let mut inside = flow.clone();
    for j in 0..flow.height {
        for i in 0..flow.width {
            let (x, y) = (i * print.width / flow.width, j * print.height / flow.height);
            if !print.data[y * print.width + x] {
                inside.cos2[j * flow.width + i] = 0.0;
                inside.sin2[j * flow.width + i] = 0.0;
            }
        }
    }
    inside
}

/// The pixels of a picture, one per cell, brought to the size of the image, so that stages can be laid over each other.
fn enlarged(picture: &Rgb8, width: usize, height: usize) -> Vec<u8> {
    let mut pixels = Vec::with_capacity(3 * width * height);
    for y in 0..height {
        for x in 0..width {
            let at = 3 * (y * picture.height / height * picture.width + x * picture.width / width);
            pixels.extend_from_slice(&picture.pixels[at..at + 3]);
        }
    }
    pixels
}
