//! `tanba inspect`: what a file holds, as a tree.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use serde_json::{Value, json};
use tanba_finger::Template;
use tanba_finger::any_file::{self, AnyFile};
use tanba_formats::file::{File, Picture};
use tanba_formats::image::{ImageError, encode_png, thumbnail};
use tanba_formats::{Decoded, Diagnostic, Gray8};

use crate::console::Console;
use crate::input;
use crate::picture::{self, Shown};

/// The longest side of a thumbnail, pixels.
const THUMBNAIL_SIDE: usize = 800;

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

impl Inspect {
    /// Runs it. It succeeds whenever any record could be read.
    pub(crate) fn run(self, console: &Console) -> anyhow::Result<()> {
        let cannot = || format!("cannot read {}", self.file.display());
        let bytes = input::read_file(&self.file)?;
        let Decoded { value: file, mut diagnostics } = any_file::open(&bytes).with_context(cannot)?;
        let mut pictures = Vec::new();
        for (k, print) in file.pictures().iter().enumerate() {
            let decoded = print.decode();
            if let (AnyFile::Format(of), Err(error)) = (&file, &decoded)
                && matches!(of.as_ref(), File::Image { .. })
                && !is_sound(error)
            {
                return Err(error.clone()).with_context(cannot);
            }
            pictures.push(self.print(k, print, decoded, &mut diagnostics)?);
        }
        if let Some(folder) = &self.show {
            let drawn = file.templates();
            for (view, template) in &drawn.value {
                let name = view.map_or_else(|| "template".to_owned(), |view| format!("view-{view}"));
                draw(folder, &name, template)?;
            }
            diagnostics.extend(drawn.diagnostics);
        }
        let (format, outline) = (file.format(), file.outline());
        let notes: String = diagnostics.iter().map(line).collect();
        console.answer(
            &json!({
                "format": format,
                "records": file.records(),
                "images": pictures.len(),
                "bytes": bytes.len(),
                "pictures": pictures,
                "outline": outline,
                "diagnostics": input::to_json(&diagnostics),
            }),
            format_args!("{}: {format}\n{outline}{notes}", self.file.display()),
        );
        Ok(())
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
                    write(folder, &name, &encode_png(&thumbnail(&image, THUMBNAIL_SIDE)))?;
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
