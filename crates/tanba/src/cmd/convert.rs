//! `tanba convert`: the same contents in another format.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use serde_json::{Value, json};
use tanba_finger::any_file::{self, AnyFile, AnyTarget};
use tanba_formats::file::{Options, Picture, Target, convert_picture};
use tanba_formats::genetic::genotypes::Separator;
use tanba_formats::image::{ImageFormat, WSQ_RATE, WriteOptions};
use tanba_formats::{Decoded, Finger};

use super::gallery::parse_finger;
use crate::console::Console;
use crate::input;

/// Options of `tanba convert`.
#[derive(Args)]
pub(crate) struct Convert {
    /// A file of any format that `tanba inspect` reads.
    input: PathBuf,
    /// Where to write. Its ending says the format (.png, .wsq, .jp2, .fmr, .fir, .an2, .itl.xml, .cbeff.xml, .csv, .fam, ...) unless
    /// --to does; a folder takes every picture of the file.
    output: PathBuf,
    /// The format by its name, where the ending leaves a choice: `iso-19794-4-2005`, `incits-378-2009`, `gene-mapper`, ...
    #[arg(long, value_name = "FORMAT", value_parser = parse_target)]
    to: Option<AnyTarget>,
    /// Which picture, counted from 1, where the file holds several.
    #[arg(long, value_name = "N")]
    picture: Option<usize>,
    /// Which finger the picture shows, where the file does not say: `right_index`.
    #[arg(long, default_value = "unknown", value_parser = parse_finger)]
    finger: Finger,
    /// WSQ: bits per pixel, 0.75 for exchange, 2.25 for laboratories.
    #[arg(long, value_name = "BPP", default_value_t = WSQ_RATE)]
    rate: f64,
    /// JPEG with loss: quality from 1 to 100.
    #[arg(long, value_name = "Q", default_value_t = 95)]
    quality: u8,
}

fn parse_target(name: &str) -> Result<AnyTarget, String> {
    AnyTarget::named(name).ok_or_else(|| {
        format!("no format has this name; they are {}", AnyTarget::names().collect::<Vec<_>>().join(", "))
    })
}

impl Convert {
    /// Runs it.
    pub(crate) fn run(self, console: &Console) -> anyhow::Result<()> {
        let bytes = input::read_file(&self.input)?;
        let opened = any_file::open(&bytes).with_context(|| format!("cannot read {}", self.input.display()))?;
        let written = if self.output.is_dir() || ends_as_folder(&self.output) {
            self.all_pictures(&opened.value)?
        } else {
            vec![self.one(&opened.value)?]
        };
        let mut diagnostics = opened.diagnostics;
        let mut files = Vec::new();
        for (path, Decoded { value, diagnostics: notes }) in written {
            write_whole(&path, &value)?;
            diagnostics.extend(notes);
            files.push((path, value.len()));
        }
        for d in &diagnostics {
            console.note(format_args!("note: {}", d.message));
        }
        let listed = |(path, bytes): &(PathBuf, usize)| json!({ "file": path, "bytes": bytes });
        let human: Vec<_> = files.iter().map(|(path, bytes)| format!("{}: {bytes} bytes", path.display())).collect();
        console.answer(
            &json!({
                "from": opened.value.format(),
                "to": self.wanted().map(AnyTarget::name),
                "files": files.iter().map(listed).collect::<Vec<Value>>(),
                "diagnostics": input::to_json(&diagnostics),
            }),
            human.join("\n"),
        );
        Ok(())
    }

    fn wanted(&self) -> Option<AnyTarget> {
        let name = self.output.file_name().and_then(|n| n.to_str()).unwrap_or_default();
        self.to.or_else(|| AnyTarget::of_file_name(name))
    }

    fn options(&self) -> Options {
        let tabs = self.output.extension().is_some_and(|e| e.eq_ignore_ascii_case("tsv"));
        Options {
            image: WriteOptions { bits_per_pixel: self.rate, quality: self.quality, ..WriteOptions::default() },
            picture: self.picture,
            finger: self.finger,
            separator: if tabs { Separator::Tab } else { Separator::Comma },
        }
    }

    fn one(&self, file: &AnyFile<'_>) -> anyhow::Result<(PathBuf, Decoded<Vec<u8>>)> {
        let Some(wanted) = self.wanted() else {
            bail!("the ending of {} is of no format: choose another, or name one with --to", self.output.display());
        };
        let cannot = || format!("cannot convert {}", self.input.display());
        Ok((self.output.clone(), file.convert(wanted, &self.options()).with_context(cannot)?))
    }

    fn all_pictures(&self, file: &AnyFile<'_>) -> anyhow::Result<Vec<(PathBuf, Decoded<Vec<u8>>)>> {
        let format = match self.to {
            None => ImageFormat::Png,
            Some(AnyTarget::Format(Target::Image(format))) => format,
            Some(other) => bail!("a folder takes pictures, and {} is no picture: name a file", other.name()),
        };
        let pictures = file.pictures();
        if pictures.is_empty() {
            bail!("{} holds no picture of ridges", self.input.display());
        }
        let options = self.options();
        let one = |(k, picture): (usize, &Picture<'_>)| {
            let done = convert_picture(picture, format, &options)
                .with_context(|| format!("cannot convert picture {} of {}", k + 1, self.input.display()))?;
            let name = format!("{:02}-{}.{}", k + 1, picture.name, Target::Image(format).ending());
            Ok((self.output.join(name), done))
        };
        pictures.iter().enumerate().map(one).collect()
    }
}

fn ends_as_folder(path: &Path) -> bool {
    path.to_str().is_some_and(|p| p.ends_with(std::path::MAIN_SEPARATOR))
}

/// All of it or nothing: written beside its place and moved there.
fn write_whole(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let cannot = || format!("cannot write {}", path.display());
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).with_context(cannot)?;
    let mut builder = tempfile::Builder::new();
    // As any other file of this user's, and not as the private ones that this is usually for.
    #[cfg(unix)]
    let mut beside = {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(std::fs::Permissions::from_mode(0o666)).tempfile_in(folder).with_context(cannot)?
    };
    #[cfg(not(unix))]
    let mut beside = builder.tempfile_in(folder).with_context(cannot)?;
    beside.write_all(bytes).with_context(cannot)?;
    beside.persist(path).with_context(cannot)?;
    Ok(())
}
