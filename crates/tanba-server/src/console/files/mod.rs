//! Files that people bring: chosen with a purpose and a reference, written down, shown as a tree with pictures, and turned into
//! other formats. What was opened stays in memory for a quarter of an hour, for the session that opened it.
//!
//! Absent here: anything of a file in the register; a page of it that is not of a look in the log.

mod drawing;
mod tree;

use std::sync::{Arc, Mutex, PoisonError};

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::IntoResponse as _;
use axum::routing::{get, post};
use serde::Deserialize;
use tanba_formats::Finger;
use tanba_formats::file::Options;
use tanba_formats::image::WriteOptions;
use tanba_registry::{ConvertedFile, FileGrounds, FilePurpose, OpenedFile};

use super::form::unfit;
use super::shelf::{coming, is_key};
use super::{Answer, Page, Sent, SignedIn, Upload, arg, fresh_key, render, see};
use crate::gate::Room;
use crate::problem::Refusal;
use crate::state::ServerState;
use drawing::Drawing;
use tree::{Branch, Tree};

/// How many times its own size an opened file takes in memory, roughly: itself, its tree, its values.
const MEMORY: usize = 4;

/// Bits per pixel of a WSQ that are offered: for exchange, and for laboratories.
const RATES: [f64; 2] = [0.75, 2.25];

/// A file that somebody has opened, and what was made of it last.
pub(crate) struct KeptFile {
    opened: OpenedFile,
    converted: Mutex<Option<Arc<ConvertedFile>>>,
}

impl KeptFile {
    fn converted(&self) -> Option<Arc<ConvertedFile>> {
        self.converted.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

pub(crate) fn routes() -> Router<ServerState> {
    Router::new()
        .route("/files/{key}", get(file))
        .route("/files/{key}/thumbnails/{picture}", get(thumbnail))
        .route("/files/{key}/pictures/{picture}", get(picture))
        .route("/files/{key}/conversion", post(convert))
        .route("/files/{key}/converted", get(converted))
}

/// Routes that take files.
pub(crate) fn uploads() -> Router<ServerState> {
    Router::new().route("/files", get(choose).post(open))
}

#[derive(Template)]
#[template(path = "files/choose.html")]
struct ChoosePage {
    p: Page,
    purposes: [FilePurpose; 3],
    megabytes: usize,
    /// Makes pressing twice, reloading and going back one look.
    key: String,
}

async fn choose(State(state): State<ServerState>, signed: SignedIn) -> Answer {
    signed.registry.may_open_files(&signed.actor).await?;
    render(&ChoosePage {
        p: Page::new(&state, &signed, "files", "files-title"),
        purposes: FilePurpose::ALL,
        megabytes: crate::gate::IMAGE_BODY_BYTES >> 20,
        key: fresh_key()?,
    })
}

async fn open(State(state): State<ServerState>, signed: SignedIn, _room: Room, upload: Upload) -> Answer {
    let field = |name: &str| upload.fields.get(name).map(|text| text.trim().to_owned()).unwrap_or_default();
    let key = field("key");
    let purpose = FilePurpose::ALL.into_iter().find(|purpose| purpose.name() == field("purpose"));
    let (Some(purpose), true) = (purpose, is_key(&key)) else { return Err(unfit()) };
    let grounds = FileGrounds { purpose, reference: field("reference") };
    let Some(file) = upload.files.into_iter().next() else {
        let detail = "no file was chosen, or an empty one: choose it and send the form again";
        return Err(Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "no_file", detail));
    };
    let session = signed.visitor.csrf();
    let page = format!("/files/{key}");
    if !state.files().begin(&session, &key) {
        return see(&page);
    }
    let outcome = signed.registry.open_file(&signed.actor, &grounds, file.bytes).await;
    match outcome {
        Ok(opened) => {
            let shown = opened.pictures.iter().filter_map(|p| p.seen.as_ref().ok()).map(|s| s.thumbnail.len());
            let bytes = MEMORY * opened.bytes + shown.sum::<usize>();
            state.files().end(&session, &key, Some((KeptFile { opened, converted: Mutex::default() }, bytes)));
            see(&page)
        }
        Err(error) => {
            state.files().end(&session, &key, None);
            Err(error.into())
        }
    }
}

#[derive(Template)]
#[template(path = "files/file.html")]
struct FilePage {
    p: Page,
    key: String,
    file: Arc<KeptFile>,
    tree: Tree,
    drawings: Vec<Drawing>,
    /// Sets of minutiae that are not drawn.
    more_drawings: usize,
    /// Formats that the file can become, and whether any is one picture of several, of a finger that is not said, or WSQ.
    targets: Vec<&'static str>,
    asks_picture: bool,
    asks_finger: bool,
    asks_rate: bool,
    fingers: Vec<&'static str>,
    rates: [f64; 2],
    converted: Option<Arc<ConvertedFile>>,
}

impl FilePage {
    /// That this look is recorded, and on what grounds.
    fn recorded(&self) -> String {
        let grounds = &self.file.opened.grounds;
        self.p.tn(
            "files-recorded",
            [
                arg("purpose", self.p.code("purpose", grounds.purpose.name())),
                arg("reference", grounds.reference.as_str()),
                arg("entry", self.file.opened.log_seq.to_string()),
            ],
        )
    }

    /// Pixels and resolution of a picture, in words.
    fn measures(&self, seen: &tanba_registry::SeenPicture) -> String {
        self.p.tn(
            "files-measures",
            [
                arg("width", self.p.lang.number(seen.width as u64)),
                arg("height", self.p.lang.number(seen.height as u64)),
                arg("ppi", self.p.lang.number(seen.ppi.round().max(0.0) as u64)),
            ],
        )
    }
}

async fn file(State(state): State<ServerState>, signed: SignedIn, Path(key): Path<String>) -> Answer {
    let file = kept(&state, &signed, &key)?;
    let opened = &file.opened;
    let p = Page::new(&state, &signed, "files", "files-file-title");
    let targets = opened.targets.clone();
    let of_pictures = !opened.pictures.is_empty();
    render(&FilePage {
        p,
        tree: Tree::of(&opened.outline),
        drawings: opened.minutiae.iter().take(drawing::MOST).map(Drawing::of).collect(),
        more_drawings: opened.minutiae.len().saturating_sub(drawing::MOST),
        asks_picture: opened.pictures.len() > 1,
        asks_finger: of_pictures && opened.pictures.iter().all(|picture| picture.finger.is_none())
            || opened.format == tanba_registry::TEMPLATE_FORMAT,
        asks_rate: targets.contains(&"wsq"),
        targets,
        fingers: Finger::TEN.iter().map(|finger| finger.name()).collect(),
        rates: RATES,
        converted: file.converted(),
        key,
        file,
    })
}

async fn thumbnail(
    State(state): State<ServerState>,
    signed: SignedIn,
    Path((key, picture)): Path<(String, usize)>,
) -> Answer {
    let file = kept(&state, &signed, &key)?;
    let seen = file.opened.pictures.get(picture).and_then(|picture| picture.seen.as_ref().ok()).ok_or_else(gone)?;
    Ok(png(seen.thumbnail.to_vec()))
}

async fn picture(
    State(state): State<ServerState>,
    signed: SignedIn,
    _room: Room,
    Path((key, picture)): Path<(String, usize)>,
) -> Answer {
    let file = kept(&state, &signed, &key)?;
    Ok(png(signed.registry.file_picture(&signed.actor, &file.opened, picture).await?.to_vec()))
}

fn png(bytes: Vec<u8>) -> axum::response::Response {
    ([(header::CONTENT_TYPE, "image/png"), (header::CACHE_CONTROL, "no-store")], bytes).into_response()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Conversion {
    to: String,
    #[serde(default)]
    picture: Option<usize>,
    #[serde(default)]
    finger: String,
    #[serde(default)]
    rate: Option<f64>,
}

async fn convert(
    State(state): State<ServerState>,
    signed: SignedIn,
    _room: Room,
    Path(key): Path<String>,
    Sent(form): Sent<Conversion>,
) -> Answer {
    let file = kept(&state, &signed, &key)?;
    let usual = WriteOptions::default();
    let options = Options {
        image: WriteOptions { bits_per_pixel: form.rate.unwrap_or(usual.bits_per_pixel), ..usual },
        picture: form.picture,
        finger: Finger::TEN.into_iter().find(|finger| finger.name() == form.finger).unwrap_or(Finger::Unknown),
        ..Options::default()
    };
    let done = signed.registry.convert_file(&signed.actor, &file.opened, &form.to, options).await?;
    *file.converted.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(done));
    see(&format!("/files/{key}#converted"))
}

async fn converted(State(state): State<ServerState>, signed: SignedIn, Path(key): Path<String>) -> Answer {
    let done = kept(&state, &signed, &key)?.converted().ok_or_else(gone)?;
    let name = format!("attachment; filename=\"tanba-{}.{}\"", done.log_seq, done.ending);
    let name = HeaderValue::from_str(&name).map_err(|e| Refusal::internal(&e))?;
    let kind = HeaderValue::from_static("application/octet-stream");
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)], done.file.to_vec()).into_response())
}

fn kept(state: &ServerState, signed: &SignedIn, key: &str) -> Result<Arc<KeptFile>, Refusal> {
    state.files().find(&signed.visitor.csrf(), key).ok_or_else(gone)?.ok_or_else(coming)
}

fn gone() -> Refusal {
    Refusal::new(
        StatusCode::NOT_FOUND,
        "file_gone",
        "files are kept for a quarter of an hour, for the session that opened them: open it again where you still need it",
    )
}
