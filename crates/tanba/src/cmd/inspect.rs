//! `tanba inspect`: what a file holds, as a tree.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use serde_json::{Value, json};
use tanba_finger::{Template, TemplateBytesError, iso};
use tanba_formats::file::{self, File, Picture};
use tanba_formats::image::{ImageError, encode_png};
use tanba_formats::{Decoded, Diagnostic, Gray8, Outline};

use crate::console::Console;
use crate::input;
use crate::picture::{self, Shown};

/// The longest side of a thumbnail, pixels.
const THUMBNAIL_SIDE: usize = 800;

/// Square millimetres that a sample of a ridge map stands for: 250 of them to an inch.
const MM2_PER_SAMPLE: f32 = (25.4 / 250.0) * (25.4 / 250.0);

/// Options of `tanba inspect`.
#[derive(Args)]
pub(crate) struct Inspect {
    /// A file of any format: image, minutiae or finger image record, ANSI/NIST-ITL transaction (traditional or XML), CBEFF record,
    /// passport data group, CODIS message, Familias project, table of genotypes or of allele frequencies, Tanba template.
    file: PathBuf,
    /// Write every print in it to this folder, as a PNG of a sensible size, and minutiae as a drawing.
    #[arg(long, value_name = "DIR")]
    show: Option<PathBuf>,
}

/// What the answer says of a file.
struct Told {
    format: &'static str,
    records: usize,
    outline: Outline,
    pictures: Vec<Value>,
    diagnostics: Vec<Diagnostic>,
}

impl Inspect {
    /// Runs it. It succeeds whenever any record could be read.
    pub(crate) fn run(self, console: &Console) -> anyhow::Result<()> {
        let bytes = input::read_file(&self.file)?;
        let cannot = || format!("cannot read {}", self.file.display());
        let told = match Template::from_bytes(&bytes) {
            Ok(template) => self.template(&template)?,
            Err(TemplateBytesError::NotATemplate) => self.file(&file::open(&bytes).with_context(cannot)?)?,
            Err(damaged) => return Err(damaged).with_context(cannot),
        };
        let notes: String = told.diagnostics.iter().map(line).collect();
        console.answer(
            &json!({
                "format": told.format,
                "records": told.records,
                "images": told.pictures.len(),
                "bytes": bytes.len(),
                "pictures": told.pictures,
                "outline": told.outline,
                "diagnostics": input::to_json(&told.diagnostics),
            }),
            format_args!("{}: {}\n{}{notes}", self.file.display(), told.format, told.outline),
        );
        Ok(())
    }

    fn file(&self, opened: &Decoded<File<'_>>) -> anyhow::Result<Told> {
        let file = &opened.value;
        let mut diagnostics = opened.diagnostics.clone();
        let mut pictures = Vec::new();
        let prints = file.pictures();
        for (k, print) in prints.iter().enumerate() {
            let decoded = print.decode();
            if let (File::Image { .. }, Err(error)) = (file, &decoded)
                && !is_sound(error)
            {
                return Err(error.clone()).with_context(|| format!("cannot read {}", self.file.display()));
            }
            pictures.push(self.print(k, print, decoded, &mut diagnostics)?);
        }
        if let (Some(folder), File::Minutiae(record)) = (&self.show, file) {
            for view in 0..record.views.len() {
                match iso::from_record(record, view) {
                    Ok(template) => draw(folder, &format!("view-{}", view + 1), &template)?,
                    Err(error) => diagnostics.push(Diagnostic {
                        code: "view-not-drawn",
                        message: format!("view {} is not drawn: {error}", view + 1),
                        offset: None,
                    }),
                }
            }
        }
        let (format, records) = (file.format(), file.records());
        Ok(Told { format, records, outline: file.outline(), pictures, diagnostics })
    }

    /// One picture: what is told of it, and its thumbnail.
    fn print(
        &self,
        k: usize,
        print: &Picture<'_>,
        decoded: Result<Decoded<Gray8>, ImageError>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> anyhow::Result<Value> {
        let mut told = json!({
            "name": print.name,
            "shows": print.shows,
            "finger": print.finger.map(|f| f.name()),
            "bytes": print.coded().len(),
        });
        match decoded {
            Ok(Decoded { value: image, diagnostics: notes }) => {
                let of = |d: Diagnostic| Diagnostic { message: format!("{}: {}", print.name, d.message), ..d };
                diagnostics.extend(notes.into_iter().map(of));
                told["width"] = json!(image.width());
                told["height"] = json!(image.height());
                told["ppi"] = json!(image.ppi().get());
                if let Some(folder) = &self.show {
                    let name = format!("{:02}-{}.png", k + 1, print.name);
                    write(folder, &name, &encode_png(&picture::thumbnail(&image, THUMBNAIL_SIDE)))?;
                    told["file"] = json!(name);
                }
            }
            Err(error) => {
                let message = format!("{}: {error}", print.name);
                told["error"] = json!(error.to_string());
                diagnostics.push(Diagnostic { code: "image-unreadable", message, offset: None });
            }
        }
        Ok(told)
    }

    /// A template of Tanba's own.
    fn template(&self, template: &Template) -> anyhow::Result<Told> {
        if let Some(folder) = &self.show {
            draw(folder, "template", template)?;
        }
        let ridges = match &template.ridges {
            Some(map) => format!("{:.0} mm2 readable", map.area() as f32 * MM2_PER_SAMPLE),
            None => "none".to_owned(),
        };
        let outline = Outline::of("Tanba template")
            .with(Outline::leaf("size", format!("{} x {} pixels at 500 ppi", template.width, template.height)))
            .with(Outline::leaf("quality", format!("{} of 100", template.quality)))
            .with(Outline::leaf("minutiae", template.minutiae.len()))
            .with(Outline::leaf("ridge map", ridges));
        let (pictures, diagnostics) = (Vec::new(), Vec::new());
        Ok(Told { format: "tanba-template", records: 1, outline, pictures, diagnostics })
    }
}

/// Whether the picture is whole and only no use as a fingerprint: what it is can be told.
fn is_sound(error: &ImageError) -> bool {
    matches!(
        error,
        ImageError::TooSmall { .. }
            | ImageError::TooLarge { .. }
            | ImageError::PpiTooLow { .. }
            | ImageError::PpiTooHigh { .. }
            | ImageError::Unsupported { .. }
    )
}

fn line(d: &Diagnostic) -> String {
    let at = d.offset.map_or_else(String::new, |offset| format!(" at byte {offset}"));
    format!("{}{at}: {}\n", d.code, d.message)
}

fn draw(folder: &Path, name: &str, template: &Template) -> anyhow::Result<()> {
    picture::minutiae(&Shown { template, image: None }).write(&folder.join(format!("{name}.png")))
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> anyhow::Result<()> {
    let path = folder.join(name);
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(&path, bytes))
        .with_context(|| format!("cannot write {}", path.display()))
}
