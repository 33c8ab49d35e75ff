//! Files that people bring: what they hold, shown and converted as processing that is written down. Nothing of them enters
//! the register; who opened which file, why and on whose number is in the log before anything of it is shown.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tanba_finger::any_file::{self, AnyFile, AnyFileError, AnyTarget};
use tanba_finger::{Minutia, Template};
use tanba_formats::file::{Options, Picture};
use tanba_formats::image::{encode_png, thumbnail};
use tanba_formats::{Decoded, Diagnostic, Finger, Outline};
use zeroize::Zeroizing;

use crate::actor::{Actor, Role};
use crate::error::{RegistryError, Result};
use crate::ids::AccountId;
use crate::institutions::text;
use crate::journal::{Entry, hex};
use crate::registry::Registry;
use crate::store::WriteTx;

/// The longest side of a picture as it is shown at first, pixels.
const THUMBNAIL_SIDE: usize = 480;
/// Pictures of a file that are shown; a ten-print card has fourteen.
const PICTURES_SHOWN: usize = 60;
/// Pixels that are decoded to be shown, over all pictures of a file: as many as sixty rolled prints at 1000 ppi have.
const PIXELS_SHOWN: usize = 150_000_000;

/// Why a file that somebody brought is opened. There is no other reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FilePurpose {
    /// Sent by, or made for, another authority or laboratory.
    Exchange,
    /// Material of a case that is being examined.
    Examination,
    /// To see whether a device or a supplier delivers what was agreed.
    Quality,
}

impl FilePurpose {
    /// All purposes.
    pub const ALL: [Self; 3] = [Self::Exchange, Self::Examination, Self::Quality];

    /// The name in the log, the API and forms.
    pub fn name(self) -> &'static str {
        match self {
            Self::Exchange => "exchange",
            Self::Examination => "examination",
            Self::Quality => "quality",
        }
    }
}

/// On what grounds a file is opened.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileGrounds {
    /// Why.
    pub purpose: FilePurpose,
    /// The number of the letter, request or case that it belongs to, in the authority's own words.
    pub reference: String,
}

/// What a file holds. Values are what the file says, personal data too: for whoever opened it, and nobody else.
pub struct OpenedFile {
    /// Why and on what reference it was opened.
    pub grounds: FileGrounds,
    /// Stable name of the format.
    pub format: &'static str,
    /// How many records it holds.
    pub records: usize,
    /// How many bytes it has.
    pub bytes: usize,
    /// The file as a tree, in the words of its standard.
    pub outline: Outline,
    /// Its pictures of ridges.
    pub pictures: Vec<FilePicture>,
    /// Its minutiae, each set to be drawn.
    pub minutiae: Vec<FileMinutiae>,
    /// What was noticed when reading it.
    pub diagnostics: Vec<Diagnostic>,
    /// What it can become, by name.
    pub targets: Vec<&'static str>,
    /// Where in the log the look stands.
    pub log_seq: u64,
    opened_by: AccountId,
    file: Zeroizing<Vec<u8>>,
}

/// A picture of ridges in a file.
pub struct FilePicture {
    /// What it is called in the file.
    pub name: String,
    /// What it shows, where the file says so.
    pub shows: Option<String>,
    /// Which finger, where it is stated to be of exactly one.
    pub finger: Option<Finger>,
    /// How many bytes it has as it is coded.
    pub coded_bytes: usize,
    /// Its pixels, or why there are none.
    pub seen: std::result::Result<SeenPicture, String>,
}

/// A picture whose pixels could be read.
pub struct SeenPicture {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Pixels per inch.
    pub ppi: f64,
    /// A PNG of at most [`THUMBNAIL_SIDE`] pixels on a side.
    pub thumbnail: Zeroizing<Vec<u8>>,
}

/// A set of minutiae.
pub struct FileMinutiae {
    /// The view of the record, counted from 1.
    pub view: Option<usize>,
    /// Size of the image that they were found in, pixels at 500 ppi.
    pub width: u16,
    /// Its height.
    pub height: u16,
    /// The minutiae.
    pub minutiae: Vec<Minutia>,
}

/// What becomes of a file.
pub struct ConvertedFile {
    /// The name of the format.
    pub format: &'static str,
    /// What its files end in.
    pub ending: &'static str,
    /// The new file.
    pub file: Zeroizing<Vec<u8>>,
    /// What was noticed, such as what the format has no place for.
    pub diagnostics: Vec<Diagnostic>,
    /// Where in the log the conversion stands.
    pub log_seq: u64,
}

/// What it holds is not shown.
impl fmt::Debug for OpenedFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { format, bytes, log_seq, .. } = self;
        f.debug_struct("OpenedFile")
            .field("format", format)
            .field("bytes", bytes)
            .field("log_seq", log_seq)
            .finish_non_exhaustive()
    }
}

/// What it holds is not shown.
impl fmt::Debug for ConvertedFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { format, log_seq, .. } = self;
        f.debug_struct("ConvertedFile").field("format", format).field("log_seq", log_seq).finish_non_exhaustive()
    }
}

impl Registry {
    /// Opens a file of any format that somebody brought, and tells what it holds. It is written down, with purpose, reference
    /// and a hash of the file, before anything is told; a file that cannot be read too.
    ///
    /// # Errors
    /// Denied without the role of an examiner, an officer or a second officer; invalid without a reference;
    /// [`RegistryError::File`] where the file is of no format that is read.
    pub async fn open_file(
        &self,
        actor: &Actor,
        grounds: &FileGrounds,
        bytes: Zeroizing<Vec<u8>>,
    ) -> Result<OpenedFile> {
        self.may_open_files(actor).await?;
        text("reference", &grounds.reference)?;
        let (file, told) = Self::aside(move || {
            let told = tell(&bytes);
            (bytes, told)
        })
        .await?;
        let mut details = json!({
            "reference": grounds.reference.trim(),
            "bytes": file.len(),
            "sha256": hex(&Sha256::digest(file.as_slice())),
        });
        match &told {
            Ok(told) => {
                details["format"] = json!(told.format);
                details["records"] = json!(told.records);
                details["pictures"] = json!(told.pictures.len());
            }
            Err(_) => details["format"] = Value::Null,
        }
        let log_seq = self.write_down("file.opened", actor, grounds, details).await?;
        let Told { format, records, outline, pictures, minutiae, diagnostics, targets } = told?;
        let (bytes, opened_by, grounds) = (file.len(), actor.account(), grounds.clone());
        Ok(OpenedFile {
            grounds,
            format,
            records,
            bytes,
            outline,
            pictures,
            minutiae,
            diagnostics,
            targets,
            log_seq,
            opened_by,
            file,
        })
    }

    /// A picture of an opened file in full, as a PNG; `picture` counts from 0. It belongs to the look that opened the file.
    ///
    /// # Errors
    /// Not found for another account and where there is no such picture; [`RegistryError::Image`] where it cannot be decoded.
    pub async fn file_picture(&self, actor: &Actor, opened: &OpenedFile, picture: usize) -> Result<Zeroizing<Vec<u8>>> {
        self.demand_own_file(actor, opened).await?;
        let bytes = opened.file.clone();
        Self::aside(move || {
            let file = any_file::open(&bytes)?.value;
            let pictures = file.pictures();
            let picture = pictures.get(picture).ok_or(RegistryError::NotFound { what: "picture" })?;
            Ok(Zeroizing::new(encode_png(&picture.decode()?.value)))
        })
        .await?
    }

    /// An opened file in another format, written down before it is given.
    ///
    /// # Errors
    /// Not found for another account; invalid where no format has the name; [`RegistryError::Convert`] where the format has no
    /// place for what the file holds.
    pub async fn convert_file(
        &self,
        actor: &Actor,
        opened: &OpenedFile,
        target: &str,
        options: Options,
    ) -> Result<ConvertedFile> {
        self.demand_own_file(actor, opened).await?;
        let target = AnyTarget::named(target).ok_or_else(|| RegistryError::Invalid {
            field: "to",
            problem: format!("no format has this name; this file can become {}", opened.targets.join(", ")),
        })?;
        let bytes = opened.file.clone();
        let Decoded { value, diagnostics } =
            Self::aside(move || Ok::<_, RegistryError>(any_file::open(&bytes)?.value.convert(target, &options)?))
                .await??;
        let file = Zeroizing::new(value);
        let details = json!({
            "reference": opened.grounds.reference.trim(),
            "opened": opened.log_seq,
            "to": target.name(),
            "bytes": file.len(),
            "sha256": hex(&Sha256::digest(file.as_slice())),
        });
        let log_seq = self.write_down("file.converted", actor, &opened.grounds, details).await?;
        Ok(ConvertedFile { format: target.name(), ending: target.ending(), file, diagnostics, log_seq })
    }

    /// Whether the account may open files.
    ///
    /// # Errors
    /// Denied without the role of an examiner, an officer or a second officer.
    pub async fn may_open_files(&self, actor: &Actor) -> Result<()> {
        let roles = [Role::DnaExaminer, Role::Officer, Role::SecondOfficer];
        if roles.into_iter().any(|role| actor.has(role)) {
            return Ok(());
        }
        self.demand(actor, Role::FingerprintExaminer, "open files").await
    }

    async fn demand_own_file(&self, actor: &Actor, opened: &OpenedFile) -> Result<()> {
        self.may_open_files(actor).await?;
        if actor.account() == opened.opened_by { Ok(()) } else { Err(RegistryError::NotFound { what: "file" }) }
    }

    async fn write_down(
        &self,
        event: &'static str,
        actor: &Actor,
        grounds: &FileGrounds,
        details: Value,
    ) -> Result<u64> {
        let entry = Entry::look(event, actor).purpose(grounds.purpose.name()).details(details);
        WriteTx::begin(&self.inner).await?.commit(&entry).await
    }
}

/// What is told of a file.
struct Told {
    format: &'static str,
    records: usize,
    outline: Outline,
    pictures: Vec<FilePicture>,
    minutiae: Vec<FileMinutiae>,
    diagnostics: Vec<Diagnostic>,
    targets: Vec<&'static str>,
}

fn tell(bytes: &[u8]) -> std::result::Result<Told, AnyFileError> {
    let Decoded { value: file, mut diagnostics } = any_file::open(bytes)?;
    let pictures = pictures(&file, &mut diagnostics);
    let drawn = file.templates();
    diagnostics.extend(drawn.diagnostics);
    let set = |(view, of): (Option<usize>, Template)| FileMinutiae {
        view,
        width: of.width,
        height: of.height,
        minutiae: of.minutiae,
    };
    let minutiae = drawn.value.into_iter().map(set).collect();
    Ok(Told {
        format: file.format(),
        records: file.records(),
        outline: file.outline(),
        pictures,
        minutiae,
        diagnostics,
        targets: file.targets().into_iter().map(AnyTarget::name).collect(),
    })
}

fn pictures(file: &AnyFile<'_>, diagnostics: &mut Vec<Diagnostic>) -> Vec<FilePicture> {
    let mut left = PIXELS_SHOWN;
    let one = |(k, print): (usize, &Picture<'_>)| FilePicture {
        name: print.name.clone(),
        shows: print.shows.clone(),
        finger: print.finger,
        coded_bytes: print.coded().len(),
        seen: if k < PICTURES_SHOWN && left > 0 {
            see(print, &mut left, diagnostics)
        } else {
            Err("the file holds more pictures than are shown at once: convert this one by itself".to_owned())
        },
    };
    file.pictures().iter().enumerate().map(one).collect()
}

/// A picture's pixels, and what was noticed about them.
fn see(
    print: &Picture<'_>,
    left: &mut usize,
    diagnostics: &mut Vec<Diagnostic>,
) -> std::result::Result<SeenPicture, String> {
    let Decoded { value: image, diagnostics: notes } = print.decode().map_err(|error| error.to_string())?;
    let of = |d: Diagnostic| Diagnostic { message: format!("{}: {}", print.name, d.message), ..d };
    diagnostics.extend(notes.into_iter().map(of));
    *left = left.saturating_sub(image.pixels().len());
    Ok(SeenPicture {
        width: image.width(),
        height: image.height(),
        ppi: image.ppi().get(),
        thumbnail: Zeroizing::new(encode_png(&thumbnail(&image, THUMBNAIL_SIDE))),
    })
}
