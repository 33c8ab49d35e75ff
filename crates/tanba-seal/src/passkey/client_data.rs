//! What the browser says of the ceremony: the JSON that the authenticator signs the hash of (section 5.8.1).

use serde::Deserialize;
use subtle::ConstantTimeEq as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::error::PasskeyError;
use super::relying_party::RelyingParty;

/// Bytes of client data: a challenge and an origin, with room for what browsers add.
const MOST_BYTES: usize = 4096;

/// Members that are looked at. Browsers may add others (the specification says so); a known one that comes twice is refused.
#[derive(Deserialize)]
struct ClientData {
    #[serde(rename = "type")]
    ceremony: String,
    challenge: String,
    origin: String,
    #[serde(default, rename = "crossOrigin")]
    cross_origin: bool,
    #[serde(default, rename = "topOrigin")]
    top_origin: Option<String>,
}

/// Checks the ceremony, the challenge and the origin.
pub(super) fn check(rp: &RelyingParty, json: &[u8], ceremony: &str, challenge: &[u8]) -> Result<(), PasskeyError> {
    const WHAT: PasskeyError = PasskeyError::Unreadable("client data");
    if json.len() > MOST_BYTES {
        return Err(WHAT);
    }
    let said: ClientData = serde_json::from_slice(json).map_err(|_| WHAT)?;
    if said.ceremony != ceremony {
        return Err(PasskeyError::WrongCeremony);
    }
    let signed = URL_SAFE_NO_PAD.decode(&said.challenge).map_err(|_| WHAT)?;
    if !bool::from(signed.ct_eq(challenge)) {
        return Err(PasskeyError::WrongChallenge);
    }
    if said.cross_origin || said.top_origin.is_some() || !rp.origins.contains(&said.origin) {
        return Err(PasskeyError::WrongOrigin);
    }
    Ok(())
}
