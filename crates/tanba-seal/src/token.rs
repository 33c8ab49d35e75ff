//! A token: what holds key-encryption keys that no process ever sees, as far as this crate knows it.
//!
//! A hardware security module is one (the crate `tanba-hsm` speaks PKCS#11 to it). Its keys are AES-256 and are named by
//! 32 random bytes. A data key that is wrapped in it is
//!
//! ```text
//! "TSK" 0x02 | key version u32be | name of the key-encryption key (32) | nonce (12) | ciphertext (32) | tag (16)
//! ```
//!
//! AES-256-GCM (NIST SP 800-38D) computed inside the token, with everything before the nonce and the
//! [`Context`] as associated data. The nonce is the caller's random one or the token's own, whichever the token does; it
//! is stored as it comes back. Random 96-bit nonces allow 2^32 wrapped keys for one version of a key (SP 800-38D, 8.3).
//! GCM does not commit to its key; the key's name in the header takes that place, since nobody knows two of the keys.

use std::fmt;

use zeroize::Zeroizing;

use crate::{Context, DataKey, Entropy, SealError};

/// The header of a data key that is wrapped in a token.
pub(crate) const WRAPPED_HEADER: &[u8; 4] = b"TSK\x02";

const NAME_BYTES: usize = 32;
const NONCE_BYTES: usize = 12;

/// A wrapped data key with its tag.
pub const SEALED_KEY_BYTES: usize = 48;

/// Before the nonce: header, version, name.
const HEAD_BYTES: usize = WRAPPED_HEADER.len() + 4 + NAME_BYTES;

/// The name of a key within a token (`CKA_ID`): 32 random bytes, not secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenKeyName(pub [u8; NAME_BYTES]);

impl TokenKeyName {
    pub(crate) fn random(entropy: &mut dyn Entropy) -> Self {
        let mut name = [0; NAME_BYTES];
        entropy.fill(&mut name);
        Self(name)
    }
}

/// In lower-case hexadecimal.
impl fmt::Display for TokenKeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A token that makes, uses and destroys AES-256 keys, and gives none out.
pub trait Token: Send + Sync {
    /// The token's label, which its owner has chosen.
    fn label(&self) -> &str;

    /// Makes a key that can be neither read nor wrapped, to encrypt and decrypt with. `purpose` is for people who look
    /// into the token.
    ///
    /// # Errors
    /// [`TokenError`]: there is no such key then, or one that nothing uses.
    fn generate(&self, name: &TokenKeyName, purpose: &str) -> Result<(), TokenError>;

    /// Whether the key is there, was made in this token, and can be neither read nor wrapped.
    ///
    /// # Errors
    /// [`TokenError`], with what is wrong.
    fn check(&self, name: &TokenKeyName) -> Result<(), TokenError>;

    /// AES-256-GCM of 32 bytes: the ciphertext, then the tag of 16 bytes. `nonce` is random; a token that makes its own
    /// overwrites it.
    ///
    /// # Errors
    /// [`TokenError`].
    fn seal(
        &self,
        name: &TokenKeyName,
        nonce: &mut [u8; NONCE_BYTES],
        associated: &[u8],
        plaintext: &[u8; 32],
    ) -> Result<[u8; SEALED_KEY_BYTES], TokenError>;

    /// The 32 bytes that [`Token::seal`] has sealed.
    ///
    /// # Errors
    /// [`TokenError::NotAuthentic`] if anything was changed, and the others.
    fn open(
        &self,
        name: &TokenKeyName,
        nonce: &[u8; NONCE_BYTES],
        associated: &[u8],
        sealed: &[u8; SEALED_KEY_BYTES],
    ) -> Result<Zeroizing<Vec<u8>>, TokenError>;

    /// Destroys a key and looks that it is gone. A key that is not there counts as destroyed.
    ///
    /// # Errors
    /// [`TokenError`]: the key may be there still.
    fn destroy(&self, name: &TokenKeyName) -> Result<(), TokenError>;
}

/// Why a token did not do what it was asked. No variant carries a key, a PIN or a record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// The token or its module cannot be reached.
    #[error("the token cannot be reached: {why}; nothing opens without it")]
    Away {
        /// What was found instead.
        why: String,
    },
    /// The PIN is wrong or locked.
    #[error("the token refuses the PIN ({why}); it is not tried again, because a token locks after a few wrong ones")]
    Pin {
        /// The token's answer.
        why: String,
    },
    /// The token has no key of this name.
    #[error("the token `{label}` holds no key {name}: it is another token, or the key was destroyed")]
    NoKey {
        /// The token's label.
        label: String,
        /// The key's name.
        name: String,
    },
    /// The key could leave the token, or did not come into being there.
    #[error("key {name} of the token is refused: {why}; make new keys in the token and wrap the data keys again")]
    UnsafeKey {
        /// The key's name.
        name: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The wrapped key, its nonce or its context was changed.
    #[error("the token refuses the wrapped key: it was altered")]
    NotAuthentic,
    /// The token does not do what is needed.
    #[error("the token cannot do this: {why}")]
    Unable {
        /// What, and its answer.
        why: String,
    },
}

/// Wraps a data key under version `version` of its domain's key, which is `name` in the token. What was wrapped is opened
/// again before it is given out: a token that keeps its nonce to itself would lose what is sealed.
pub(crate) fn wrap(
    token: &dyn Token,
    name: &TokenKeyName,
    version: u32,
    key: &DataKey,
    context: &Context<'_>,
    entropy: &mut dyn Entropy,
) -> Result<Vec<u8>, SealError> {
    let mut out = Vec::with_capacity(HEAD_BYTES + NONCE_BYTES + SEALED_KEY_BYTES);
    out.extend_from_slice(WRAPPED_HEADER);
    out.extend_from_slice(&version.to_be_bytes());
    out.extend_from_slice(&name.0);
    let associated = context.associated_data(&out);
    let mut nonce = [0; NONCE_BYTES];
    entropy.fill(&mut nonce);
    let sealed = token.seal(name, &mut nonce, &associated, key.expose())?;
    out.extend_from_slice(&nonce);
    out.extend_from_slice(&sealed);
    match unwrap(token, name, context, &out) {
        Ok(opened) if opened.expose() == key.expose() => Ok(out),
        Ok(_) | Err(SealError::Altered) => {
            Err(TokenError::Unable { why: "what it seals does not open again".to_owned() }.into())
        }
        Err(error) => Err(error),
    }
}

/// Unwraps what [`wrap`] made, with the key of the version that it names.
pub(crate) fn unwrap(
    token: &dyn Token,
    name: &TokenKeyName,
    context: &Context<'_>,
    wrapped: &[u8],
) -> Result<DataKey, SealError> {
    let cut = SealError::NotAnEnvelope { what: "a key that is wrapped in a token has 100 bytes" };
    let (head, rest) = wrapped.split_at_checked(HEAD_BYTES).ok_or(cut.clone())?;
    let (nonce, sealed) = rest.split_first_chunk().ok_or(cut.clone())?;
    let sealed = sealed.try_into().map_err(|_| cut)?;
    if head[HEAD_BYTES - NAME_BYTES..] != name.0 {
        return Err(SealError::WrongKey);
    }
    let bytes = token.open(name, nonce, &context.associated_data(head), sealed).map_err(|error| match error {
        TokenError::NotAuthentic => SealError::Altered,
        error => SealError::Token(error),
    })?;
    DataKey::from_exposed(context.domain, &bytes).ok_or(SealError::NotAnEnvelope { what: "not a 256-bit key" })
}
