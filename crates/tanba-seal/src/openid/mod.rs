//! National sign-in: what a relying party verifies of an OpenID provider's answers, strict and small (OpenID Connect Core 1.0
//! sections 2, 3.1.3.7 and 5.3; RFC 7515, 8725 and 9207), and the assertion by which it shows who it is itself (RFC 7523).
//!
//! [`Discovery`] and [`KeySet`] read what a provider publishes, [`Callback`] what the browser brings back, [`IdToken`] and
//! [`UserInfo`] what the provider says of a person. Signatures are ES256, EdDSA over Ed25519, RS256 and PS256, each by a key of its own kind
//! that the provider has published; `none` and everything with a shared secret are refused before anything else is looked at. Encrypted
//! tokens are not taken.
//!
//! Everything here is pure: the time is an argument, documents are fetched elsewhere, and whether an answer was used before is
//! the caller's to know.

mod address;
mod callback;
mod credential;
mod discovery;
mod error;
mod id_token;
mod jws;
mod keys;
#[cfg(any(test, feature = "software-authenticator"))]
pub mod software;
#[cfg(test)]
mod tests;

pub use address::host_of;
pub use callback::Callback;
pub use credential::{Assertion, BadClientKey, ClientAlgorithm, ClientKey};
pub use discovery::Discovery;
pub use error::OpenIdError;
pub use id_token::{Expected, IdToken, UserInfo};
pub use keys::KeySet;

/// Seconds by which two clocks may differ.
pub const SKEW_SECONDS: i64 = 60;
