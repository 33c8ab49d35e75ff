//! A signed text in its compact form (RFC 7515 section 7.1).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::error::OpenIdError;
use super::keys::{Algorithm, KeySet};

/// The longest token that is read, bytes.
const MOST_BYTES: usize = 64 << 10;

#[derive(Deserialize)]
struct Head {
    alg: String,
    #[serde(default)]
    kid: Option<String>,
    /// What must be understood. Nothing of it is.
    #[serde(default)]
    crit: Option<Value>,
    /// An unencoded payload (RFC 7797), which only `crit` makes lawful.
    #[serde(default)]
    b64: Option<Value>,
}

/// What a token says, once its signature was found to be of one of the keys; and the name of the algorithm.
pub(super) fn verified<T: DeserializeOwned>(token: &str, keys: &KeySet) -> Result<(T, Algorithm), OpenIdError> {
    const WHAT: OpenIdError = OpenIdError::Unreadable("token");
    if token.len() > MOST_BYTES {
        return Err(WHAT);
    }
    let (signed, signature) = token.rsplit_once('.').ok_or(WHAT)?;
    let (head, payload) = signed.split_once('.').ok_or(WHAT)?;
    let decoded = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| WHAT);
    let head: Head = serde_json::from_slice(&decoded(head)?).map_err(|_| WHAT)?;
    let algorithm = Algorithm::named(&head.alg).ok_or(OpenIdError::WrongAlgorithm)?;
    if head.crit.is_some() || head.b64.is_some() {
        return Err(OpenIdError::WrongAlgorithm);
    }
    keys.verify((algorithm, &head.alg), head.kid.as_deref(), signed.as_bytes(), &decoded(signature)?)?;
    let said = serde_json::from_slice(&decoded(payload)?).map_err(|_| WHAT)?;
    Ok((said, algorithm))
}
