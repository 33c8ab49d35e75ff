//! Files that people bring: what they hold, and turned into other formats. Nothing of them enters the register.

use axum::Json;
use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use tanba_formats::file::Options;
use tanba_formats::image::WriteOptions;
use tanba_registry::{FileGrounds, FilePicture, OpenedFile};
use utoipa::ToSchema;
use zeroize::Zeroizing;

use crate::gate::Room;
use crate::input::{Input, file};
use crate::openapi::InputRefusals;
use crate::problem::Refusal;
use crate::session::Signed;
use crate::wire::{FilePurpose, Finger};

/// A file, and on what grounds it is opened.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewFile {
    /// Why.
    purpose: FilePurpose,
    /// The number of the letter, request or case that it belongs to.
    reference: String,
    /// The file in standard base64; of which format it is, it says itself.
    #[schema(content_encoding = "base64")]
    file: String,
}

/// A file, on what grounds, and what it is to become.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewConversion {
    /// Why.
    purpose: FilePurpose,
    /// The number of the letter, request or case that it belongs to.
    reference: String,
    /// The file in standard base64.
    #[schema(content_encoding = "base64")]
    file: String,
    /// The format by its name, one of the `targets` of the file.
    #[schema(example = "iso-19794-4-2011")]
    to: String,
    /// Which picture, counted from 1, where the file holds several and the format one.
    #[serde(default)]
    picture: Option<usize>,
    /// Which finger a picture shows, where the file does not say.
    #[serde(default)]
    finger: Option<Finger>,
    /// WSQ: bits per pixel, 0.75 where nothing is said.
    #[serde(default)]
    rate: Option<f64>,
    /// JPEG with loss: quality from 1 to 100.
    #[serde(default)]
    quality: Option<u8>,
}

/// What a file holds. Values are what the file says.
#[derive(Serialize, ToSchema)]
pub(crate) struct FileTold {
    /// Where in the log the look stands.
    log_seq: u64,
    /// Stable name of the format.
    format: &'static str,
    /// How many records it holds.
    records: usize,
    /// How many bytes it has.
    bytes: usize,
    /// The file as a tree, in the words of its standard.
    outline: Node,
    /// Its pictures of ridges.
    pictures: Vec<PictureTold>,
    /// What was noticed when reading it.
    diagnostics: Vec<Diagnostic>,
    /// What it can become.
    targets: Vec<&'static str>,
}

/// A part of a file.
#[derive(Serialize, ToSchema)]
pub(crate) struct Node {
    /// What it is, in the words of the format's standard.
    label: String,
    /// What it says.
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    /// Where it begins, bytes from the start of the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<usize>,
    /// What is in it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(no_recursion)]
    children: Vec<Node>,
}

/// A picture of ridges in a file.
#[derive(Serialize, ToSchema)]
pub(crate) struct PictureTold {
    /// What it is called in the file.
    name: String,
    /// What it shows, where the file says so.
    shows: Option<String>,
    /// Which finger, where it is stated to be of exactly one.
    finger: Option<Finger>,
    /// How many bytes it has as it is coded.
    bytes: usize,
    /// Columns.
    width: Option<usize>,
    /// Rows.
    height: Option<usize>,
    /// Pixels per inch.
    ppi: Option<f64>,
    /// The picture in small, a PNG in base64.
    #[schema(content_encoding = "base64")]
    thumbnail: Option<String>,
    /// Why its pixels could not be read.
    error: Option<String>,
}

/// Something noticed when reading or writing a file.
#[derive(Serialize, ToSchema)]
pub(crate) struct Diagnostic {
    /// What, for programs; stable.
    code: &'static str,
    /// What, for people.
    message: String,
    /// Where, bytes from the start of the file.
    offset: Option<usize>,
}

/// A file in another format.
#[derive(Serialize, ToSchema)]
pub(crate) struct Converted {
    /// Where in the log the conversion stands.
    log_seq: u64,
    /// The name of the format.
    format: &'static str,
    /// What its files usually end in.
    ending: &'static str,
    /// The file in standard base64.
    #[schema(content_encoding = "base64")]
    file: String,
    /// What was noticed, such as what the format has no place for.
    diagnostics: Vec<Diagnostic>,
}

impl From<tanba_formats::Outline> for Node {
    fn from(node: tanba_formats::Outline) -> Self {
        Self {
            label: node.label,
            value: node.value,
            offset: node.offset,
            children: node.children.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<tanba_formats::Diagnostic> for Diagnostic {
    fn from(d: tanba_formats::Diagnostic) -> Self {
        Self { code: d.code, message: d.message, offset: d.offset }
    }
}

impl From<FilePicture> for PictureTold {
    fn from(picture: FilePicture) -> Self {
        let (seen, error) = match picture.seen {
            Ok(seen) => (Some(seen), None),
            Err(error) => (None, Some(error)),
        };
        Self {
            name: picture.name,
            shows: picture.shows,
            finger: picture.finger.map(Into::into),
            bytes: picture.coded_bytes,
            width: seen.as_ref().map(|s| s.width),
            height: seen.as_ref().map(|s| s.height),
            ppi: seen.as_ref().map(|s| s.ppi),
            thumbnail: seen.map(|s| STANDARD.encode(s.thumbnail.as_slice())),
            error,
        }
    }
}

/// Open a file that somebody brought
///
/// Of any format: image, minutiae or finger image record, ANSI/NIST-ITL transaction, CBEFF record, genetic table. It is
/// written down before it is told; nothing of it enters the register.
#[utoipa::path(post, path = "/api/files", tag = "files", security(("session" = [])), request_body = NewFile,
    responses((status = 201, body = FileTold), InputRefusals))]
pub(crate) async fn open_file(
    signed: Signed,
    _room: Room,
    Input(new): Input<NewFile>,
) -> Result<(StatusCode, Json<FileTold>), Refusal> {
    let opened = open(&signed, new.purpose, new.reference, &new.file).await?;
    let told = FileTold {
        log_seq: opened.log_seq,
        format: opened.format,
        records: opened.records,
        bytes: opened.bytes,
        outline: opened.outline.into(),
        pictures: opened.pictures.into_iter().map(Into::into).collect(),
        diagnostics: opened.diagnostics.into_iter().map(Into::into).collect(),
        targets: opened.targets,
    };
    Ok((StatusCode::CREATED, Json(told)))
}

/// Turn a file into another format
///
/// Opened and converted: two entries of the log. Nothing of it enters the register.
#[utoipa::path(post, path = "/api/files/conversions", tag = "files", security(("session" = [])),
    request_body = NewConversion, responses((status = 201, body = Converted), InputRefusals))]
pub(crate) async fn convert_file(
    signed: Signed,
    _room: Room,
    Input(new): Input<NewConversion>,
) -> Result<(StatusCode, Json<Converted>), Refusal> {
    let usual = WriteOptions::default();
    let image = WriteOptions {
        bits_per_pixel: new.rate.unwrap_or(usual.bits_per_pixel),
        quality: new.quality.unwrap_or(usual.quality),
        ..usual
    };
    let finger = new.finger.map_or(tanba_formats::Finger::Unknown, Into::into);
    let options = Options { image, picture: new.picture, finger, ..Options::default() };
    let opened = open(&signed, new.purpose, new.reference, &new.file).await?;
    let done = signed.registry.convert_file(&signed.actor, &opened, &new.to, options).await?;
    let converted = Converted {
        log_seq: done.log_seq,
        format: done.format,
        ending: done.ending,
        file: STANDARD.encode(done.file.as_slice()),
        diagnostics: done.diagnostics.into_iter().map(Into::into).collect(),
    };
    Ok((StatusCode::CREATED, Json(converted)))
}

async fn open(signed: &Signed, purpose: FilePurpose, reference: String, text: &str) -> Result<OpenedFile, Refusal> {
    let grounds = FileGrounds { purpose: purpose.into(), reference };
    let bytes = Zeroizing::new(file(text)?);
    Ok(signed.registry.open_file(&signed.actor, &grounds, bytes).await?)
}
