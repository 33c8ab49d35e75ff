//! An attempt, from leaving for the provider to coming back.
//!
//! Everything is in the browser's cookie, and nothing here: state, nonce and the secret of PKCE are keyed hashes of the cookie's text. So
//! whoever comes back with another browser's cookie, or a changed one, brings a state that does not fit, and nobody fills the database by
//! leaving without coming back.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use crate::error::Result;
use crate::journal::{hex, unhex};
use crate::params::SIGN_IN_SECONDS;
use crate::time::Instant;
use crate::vault::{Vault, fresh_bytes};

/// The first word of a cookie's text.
const FORM: &str = "1";

/// What somebody signs in for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wanted {
    /// A session.
    Session,
    /// To be recognised anew in a session, which is known by its token's hash.
    Proof(Vec<u8>),
}

/// An attempt.
pub(super) struct Attempt {
    text: String,
    pub(super) begun: Instant,
    pub(super) wanted: Wanted,
}

impl Attempt {
    pub(super) fn begin(now: Instant, wanted: Wanted) -> Result<Self> {
        let secret: [u8; 32] = fresh_bytes()?;
        let what = match &wanted {
            Wanted::Session => "session".to_owned(),
            Wanted::Proof(session) => hex(session),
        };
        let text = format!("{FORM}.{}.{}.{what}", URL_SAFE_NO_PAD.encode(secret), now.micros());
        Ok(Self { text, begun: now, wanted })
    }

    /// The attempt of a cookie whose state this is.
    pub(super) fn of(text: &str, state: &str, vault: &Vault) -> Option<Self> {
        if text.len() > 256 {
            return None;
        }
        let mut parts = text.split('.');
        let (Some(FORM), Some(_), Some(begun), Some(what), None) =
            (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return None;
        };
        let wanted = match what {
            "session" => Wanted::Session,
            hash => Wanted::Proof(unhex(hash)?),
        };
        let attempt = Self { text: text.to_owned(), begun: Instant::from_micros(begun.parse().ok()?), wanted };
        // What it says counts only if the state is the keyed hash of it.
        attempt.same_state(state, vault).then_some(attempt)
    }

    pub(super) fn cookie(&self) -> &str {
        &self.text
    }

    /// Whether it is too old, or from the future.
    pub(super) fn over(&self, now: Instant) -> bool {
        now >= self.begun.plus_seconds(SIGN_IN_SECONDS) || self.begun > now
    }

    /// When nobody can come back with it any more.
    pub(super) fn gone_at(&self) -> Instant {
        self.begun.plus_seconds(SIGN_IN_SECONDS)
    }

    /// By which it is known that it came back.
    pub(super) fn mark(&self) -> Vec<u8> {
        Sha256::digest(&self.text).to_vec()
    }

    pub(super) fn state(&self, vault: &Vault) -> String {
        self.derived("sign-in state", vault)
    }

    pub(super) fn nonce(&self, vault: &Vault) -> String {
        self.derived("sign-in nonce", vault)
    }

    /// The secret of PKCE, and its challenge (RFC 7636).
    pub(super) fn verifier(&self, vault: &Vault) -> (String, String) {
        let verifier = self.derived("sign-in verifier", vault);
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&verifier));
        (verifier, challenge)
    }

    fn derived(&self, what: &str, vault: &Vault) -> String {
        URL_SAFE_NO_PAD.encode(vault.blind(what, self.text.as_bytes()))
    }

    fn same_state(&self, state: &str, vault: &Vault) -> bool {
        // Both are hashed once more, so that the comparison tells nothing by its time.
        Sha256::digest(self.state(vault)) == Sha256::digest(state)
    }
}
