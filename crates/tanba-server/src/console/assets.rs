//! Style sheets and scripts, embedded in the program. Their addresses carry a hash of their content, so a browser keeps them
//! for good and never shows a new page with an old style.

use std::sync::LazyLock;

use axum::Router;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use sha2::{Digest as _, Sha256};

use crate::problem::Refusal;
use crate::state::ServerState;

struct Asset {
    name: &'static str,
    kind: &'static str,
    bytes: &'static [u8],
}

const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

macro_rules! assets {
    ($($name:literal, $kind:expr, $path:literal;)*) => {
        const ASSETS: &[Asset] = &[$(Asset { name: $name, kind: $kind, bytes: include_bytes!($path) }),*];
    };
}

// Own style sheets and drawings lie beside the code; scripts are built by Vite from `web/` and committed, so that a build
// needs no Node.
assets! {
    "console.css", CSS, "../../assets/console.css";
    "counter.css", CSS, "../../assets/counter.css";
    "access.css", CSS, "../../assets/access.css";
    "oversight.css", CSS, "../../assets/oversight.css";
    "admin.css", CSS, "../../assets/admin.css";
    "examination.css", CSS, "../../assets/examination.css";
    "files.css", CSS, "../../assets/files.css";
    "genomic.css", CSS, "../../assets/genomic.css";
    "mark.svg", SVG, "../../assets/mark.svg";
    "ridges.svg", SVG, "../../assets/ridges.svg";
    "console.js", JS, "../../../../web/dist/console.js";
    "comparison.js", JS, "../../../../web/dist/comparison.js";
    "passkey.js", JS, "../../../../web/dist/passkey.js";
    "capture.js", JS, "../../../../web/dist/capture.js";
}

static ADDRESSES: LazyLock<Vec<(&'static str, String)>> = LazyLock::new(|| {
    let address = |asset: &Asset| {
        let hash: String = Sha256::digest(asset.bytes).iter().take(6).map(|b| format!("{b:02x}")).collect();
        (asset.name, format!("/assets/{}?v={hash}", asset.name))
    };
    ASSETS.iter().map(address).collect()
});

/// The address of an asset. One that does not exist has none, and a test of the pages finds it.
pub(crate) fn address(name: &str) -> &'static str {
    ADDRESSES.iter().find(|(known, _)| *known == name).map_or("/assets/missing", |(_, address)| address)
}

pub(crate) fn routes() -> Router<ServerState> {
    Router::new().route("/assets/{name}", get(asset))
}

async fn asset(Path(name): Path<String>) -> Result<Response, Refusal> {
    let asset = ASSETS
        .iter()
        .find(|asset| asset.name == name)
        .ok_or_else(|| Refusal::new(StatusCode::NOT_FOUND, "not_found", "there is no such file"))?;
    let head = [(header::CONTENT_TYPE, asset.kind), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")];
    Ok((head, asset.bytes).into_response())
}
