//! The public log, explained to anyone: its checkpoint, its key, and how to check it without trusting whoever runs it.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::routing::get;
use serde::Deserialize;
use tanba_registry::Instant;
use tanba_registry::tile_dir::TileDir;
use tanba_seal::log::{CHECKPOINT_PATH, LogError, TileStore as _, read_entry, read_pruned};

use super::super::{Answer, Page, SignedIn, Visitor, arg, render};
use crate::input::Asked;
use crate::problem::Refusal;
use crate::state::ServerState;

/// Characters shown of a line of the checkpoint: an Ed25519 signature under a long name has fewer.
const SHOWN_OF_A_LINE: usize = 240;

pub(super) fn routes() -> Router<ServerState> {
    Router::new().route("/public-log", get(public_log))
}

#[derive(Deserialize)]
struct EntryAsked {
    entry: Option<String>,
}

/// What is gone of the log, and by which decision.
struct Gone {
    /// The first entry that is left.
    minimum: u64,
    /// The sentence about it.
    sentence: String,
    /// The place of the decision.
    entry: u64,
    /// When it was taken, and by which clause; from the entry itself, which is public.
    at: Option<Instant>,
    clause: Option<String>,
}

/// What the page says of an entry that was asked for.
enum Entry {
    None,
    Unknown(String),
    /// Before the first entry that the log still has.
    Pruned(String),
    Found(u64, String),
}

#[derive(Template)]
#[template(path = "oversight/public_log.html")]
struct PublicLog {
    p: Page,
    origin: String,
    size: u64,
    /// None where nothing was pruned.
    gone: Option<Gone>,
    root: String,
    checkpoint: String,
    key: String,
    asked: String,
    entry: Entry,
}

async fn public_log(
    State(state): State<ServerState>,
    visitor: Visitor,
    signed: Result<SignedIn, Refusal>,
    Asked(asked): Asked<EntryAsked>,
) -> Answer {
    let registry = state.registry()?.clone();
    let folder = state.log_folder().ok_or_else(|| Refusal::internal(&std::io::Error::other("no log folder")))?;
    let asked = asked.entry.map(|text| text.trim().to_owned()).unwrap_or_default();
    let wanted: Option<u64> = asked.parse().ok();
    let verifier = registry.log_verifier();
    let (checkpoint, pruned, leaf) = tokio::task::spawn_blocking(move || {
        let tiles = TileDir::open(&folder);
        let checkpoint = tiles.read(CHECKPOINT_PATH)?;
        let text = String::from_utf8_lossy(&checkpoint.unwrap_or_default()).into_owned();
        let size = size_of(&text);
        let pruned = read_pruned(&tiles, &verifier).map_err(std::io::Error::other)?;
        let decided = pruned.as_ref().and_then(|pruned| read_entry(&tiles, size, pruned.entry).ok());
        let leaf = match wanted.filter(|seq| *seq < size).map(|seq| read_entry(&tiles, size, seq)) {
            None | Some(Err(LogError::Pruned { .. })) => None,
            Some(leaf) => Some(leaf.map_err(std::io::Error::other)?),
        };
        Ok::<_, std::io::Error>((text, pruned.map(|pruned| (pruned, decided)), leaf))
    })
    .await
    .map_err(|e| Refusal::internal(&e))?
    .map_err(|e| Refusal::internal(&e))?;
    let mut lines = checkpoint.lines();
    let origin = lines.next().unwrap_or_default().to_owned();
    let root = lines.nth(1).unwrap_or_default().to_owned();
    let p = match &signed {
        Ok(signed) => Page::new(&state, signed, "oversight", "publiclog-title"),
        Err(_) => Page::open(&state, &visitor, "oversight", "publiclog-title"),
    };
    let minimum = pruned.as_ref().map_or(0, |(pruned, _)| pruned.minimum);
    let gone = pruned.map(|(pruned, decided)| {
        let leaf: serde_json::Value = decided.and_then(|leaf| serde_json::from_slice(&leaf).ok()).unwrap_or_default();
        Gone {
            minimum,
            sentence: p.tn(
                "publiclog-pruned",
                [arg("n", i64::try_from(minimum).unwrap_or(i64::MAX)), arg("text", p.number(&minimum))],
            ),
            entry: pruned.entry,
            at: leaf["time"].as_i64().map(Instant::from_micros),
            clause: leaf["clause"].as_str().map(str::to_owned),
        }
    });
    let entry = match (wanted, leaf) {
        (Some(seq), Some(leaf)) => Entry::Found(seq, pretty(&leaf)),
        (Some(seq), None) if seq < minimum => Entry::Pruned(asked.clone()),
        _ if asked.is_empty() => Entry::None,
        _ => Entry::Unknown(asked.clone()),
    };
    render(&PublicLog {
        origin,
        size: size_of(&checkpoint),
        gone,
        root,
        checkpoint: checkpoint.lines().map(shortened).collect::<Vec<_>>().join("\n"),
        key: registry.verifier_key(),
        asked,
        entry,
        p,
    })
}

/// A line as it is shown: a signature of ML-DSA-44 has 3,300 characters, which the file has and nobody reads.
fn shortened(line: &str) -> String {
    match line.char_indices().nth(SHOWN_OF_A_LINE) {
        Some((end, _)) => format!("{}\u{2026}", &line[..end]),
        None => line.to_owned(),
    }
}

/// The second line of a checkpoint is its size.
fn size_of(checkpoint: &str) -> u64 {
    checkpoint.lines().nth(1).and_then(|line| line.parse().ok()).unwrap_or(0)
}

fn pretty(leaf: &[u8]) -> String {
    serde_json::from_slice::<serde_json::Value>(leaf)
        .ok()
        .and_then(|leaf| serde_json::to_string_pretty(&leaf).ok())
        .unwrap_or_else(|| String::from_utf8_lossy(leaf).into_owned())
}
