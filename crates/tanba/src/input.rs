//! Files named on the command line: images and templates, told apart by their first bytes.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, bail};
use clap::Args;
use serde_json::{Value, json};
use tanba_finger::{Extractor, NoSink, Recipe, Template, TemplateBytesError, extractor_named, iso};
use tanba_formats::image::{self, ReadOptions, resample};
use tanba_formats::{Decoded, Diagnostic, Gray8, Ppi, minutiae};

/// The longest file read into memory, bytes: the largest image accepted, uncompressed with 16-bit RGBA, fits.
const MAX_FILE: u64 = 8 * image::MAX_PIXELS as u64 + (1 << 20);

/// Whether a file's name ends as files of prints do, the only kind of image that stands for a person here.
pub(crate) fn is_image_name(name: &str) -> bool {
    ends_in(name, &["png", "bmp", "pgm", "ppm", "pbm", "pnm", "tif", "tiff", "wsq", "jp2", "j2k", "jpl", "ljpg"])
}

/// Whether a file's name ends as files of minutiae do.
pub(crate) fn is_template_name(name: &str) -> bool {
    ends_in(name, &["fmr", "iso", "ist", "ansi", "fmr378", "tanba"])
}

fn ends_in(name: &str, endings: &[&str]) -> bool {
    name.rsplit_once('.').is_some_and(|(_, ending)| endings.iter().any(|e| ending.eq_ignore_ascii_case(e)))
}

/// The option by which a command that reads images takes another extractor.
#[derive(Args, Clone, Copy)]
pub(crate) struct ByExtractor {
    /// Extractor that finds the minutiae of images.
    #[arg(long, value_name = "NAME", value_parser = extractor_named, default_value = Recipe::DEFAULT.name())]
    pub(crate) extractor: &'static dyn Extractor,
}

/// Parses `--ppi`.
pub(crate) fn parse_ppi(text: &str) -> Result<Ppi, String> {
    text.parse().ok().and_then(Ppi::new).ok_or_else(|| "a resolution is a number above zero, such as 500".to_owned())
}

/// A whole file of sensible size.
pub(crate) fn read_file(path: &Path) -> anyhow::Result<Vec<u8>> {
    let shown = path.display();
    let file = File::open(path).with_context(|| format!("cannot open {shown}"))?;
    let about = file.metadata().with_context(|| format!("cannot read {shown}"))?;
    if about.is_dir() {
        bail!("{shown} is a folder: give one file");
    }
    if about.len() > MAX_FILE {
        bail!("{shown} has {} MB, more than any finger image: give one image", about.len() >> 20);
    }
    let mut bytes = Vec::new();
    // A device or pipe has no length: it is cut off here too.
    file.take(MAX_FILE + 1).read_to_end(&mut bytes).with_context(|| format!("cannot read {shown}"))?;
    if bytes.len() as u64 > MAX_FILE {
        bail!("{shown} does not end: give one image");
    }
    Ok(bytes)
}

/// What stands in a file that may hold an image or a template.
pub(crate) enum Print {
    /// An image, at its own resolution.
    Image(Gray8),
    /// A template, native or a record of ISO/IEC 19794-2 or ANSI INCITS 378.
    Template(Template),
}

/// An image at its own resolution, with what the reader noticed.
pub(crate) fn read_image(path: &Path, ppi: Option<Ppi>) -> anyhow::Result<Decoded<Gray8>> {
    decode_image(&read_file(path)?, path, ppi)
}

/// An image or a template, told from the first bytes, with what the reader noticed.
pub(crate) fn read_print(path: &Path, ppi: Option<Ppi>) -> anyhow::Result<Decoded<Print>> {
    let bytes = read_file(path)?;
    let shown = path.display();
    if minutiae::is_record(&bytes) {
        let record = minutiae::read(&bytes).with_context(|| format!("cannot read {shown}"))?;
        let template = iso::from_record(&record.value, 0).with_context(|| format!("cannot use {shown}"))?;
        return Ok(Decoded { value: Print::Template(template), diagnostics: record.diagnostics });
    }
    match Template::from_bytes(&bytes) {
        Ok(template) => Ok(Decoded { value: Print::Template(template), diagnostics: Vec::new() }),
        Err(TemplateBytesError::NotATemplate) => {
            let image = decode_image(&bytes, path, ppi)?;
            Ok(Decoded { value: Print::Image(image.value), diagnostics: image.diagnostics })
        }
        Err(e) => Err(e).with_context(|| format!("cannot read {shown}")),
    }
}

/// The template of a print, and the image at 500 ppi that it was found in, if any.
pub(crate) fn to_template(
    print: Print,
    path: &Path,
    extractor: &dyn Extractor,
) -> anyhow::Result<(Template, Option<Gray8>)> {
    match print {
        Print::Template(template) => Ok((template, None)),
        Print::Image(image) => {
            let image = resample(&image, Ppi::NOMINAL);
            let template =
                extractor.extract(&image, &mut NoSink).with_context(|| format!("no template of {}", path.display()))?;
            Ok((template, Some(image)))
        }
    }
}

/// The diagnostics for a script.
pub(crate) fn to_json(diagnostics: &[Diagnostic]) -> Value {
    diagnostics.iter().map(|d| json!({ "code": d.code, "message": d.message, "offset": d.offset })).collect()
}

fn decode_image(bytes: &[u8], path: &Path, ppi: Option<Ppi>) -> anyhow::Result<Decoded<Gray8>> {
    image::read(bytes, &ReadOptions::with_ppi(ppi)).with_context(|| format!("cannot read {}", path.display()))
}
