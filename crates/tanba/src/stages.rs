//! The stages of an extraction as PNG files, with a page of explanations.

use std::fmt::Write;
use std::path::Path;

use anyhow::Context;
use tanba_finger::show::render;
use tanba_finger::{Stage, StageSink};
use tanba_formats::Gray8;
use tanba_formats::image::encode_png_rgb;

/// Renders every stage as it is made; [`Stages::write`] puts them into a folder.
pub(crate) struct Stages<'a> {
    image: &'a Gray8,
    pictures: Vec<(String, Vec<u8>)>,
    explanations: String,
    error: Option<anyhow::Error>,
}

impl<'a> Stages<'a> {
    /// Stages of `image`, which is at 500 ppi.
    pub(crate) fn new(image: &'a Gray8) -> Self {
        Self { image, pictures: Vec::new(), explanations: String::new(), error: None }
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
        let picture = render(&stage, self.image);
        let name = format!("{:02}-{}.png", self.pictures.len() + 1, stage.name);
        // Writing to a string cannot fail.
        let _ = writeln!(self.explanations, "{name:24} {}", stage.explanation);
        // A picture is no larger than the image was, far below u32.
        match encode_png_rgb(picture.width as u32, picture.height as u32, &picture.pixels) {
            Ok(png) => self.pictures.push((name, png)),
            Err(e) => self.error = Some(e.into()),
        }
    }
}
