//! Who stands behind a pack: signatures by two roles over its hash, checked against keys that the operator trusts.
//!
//! Signatures and keys are files of their own (`tanba-law-signatures/1`, `tanba-law-keys/1`), so that signing does not change
//! the pack. A signature is Ed25519 (RFC 8032, strictly verified) over [`signed_message`]; it is made with any tool that signs
//! bytes, on a machine of the signer's own. Nothing here ever sees a private key.

use crate::read::{PackError, read_yaml};
use crate::{Date, Pack, PackHash, PackStatus};
use ed25519_dalek::{Signature, VerifyingKey};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// For what a signer stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignerRole {
    /// A lawyer of the country: the pack says what the law says.
    Legal,
    /// The operator's engineer: this program does with the pack what it says.
    Technical,
}

impl SignerRole {
    /// Both, in the order in which they are asked for.
    pub const ALL: &[SignerRole] = &[SignerRole::Legal, SignerRole::Technical];

    /// The stable name in files.
    pub fn name(self) -> &'static str {
        match self {
            SignerRole::Legal => "legal",
            SignerRole::Technical => "technical",
        }
    }
}

/// The bytes that a role signs: five lines, each ended by a line feed.
pub fn signed_message(pack: &str, hash: PackHash, role: SignerRole, on: Date) -> String {
    format!("tanba-law-signature/1\n{pack}\n{hash}\n{}\n{on}\n", role.name())
}

/// The signatures under one pack.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignatureFile {
    /// Always `tanba-law-signatures/1`.
    pub format: String,
    /// Pack id.
    pub pack: String,
    /// SHA-256 of the pack, 64 hexadecimal digits.
    pub hash: String,
    /// The signatures.
    pub signatures: Vec<PackSignature>,
}

/// One signature.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackSignature {
    /// What the signer stands for.
    pub role: SignerRole,
    /// Name of the key, as in the file of keys.
    pub key: String,
    /// The day of signing.
    pub on: Date,
    /// 64 bytes, 128 hexadecimal digits.
    pub signature: String,
}

/// The keys that an operator trusts.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyFile {
    /// Always `tanba-law-keys/1`.
    pub format: String,
    /// The keys.
    pub keys: Vec<SignerKey>,
}

/// One key that may sign packs.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignerKey {
    /// Name of the key.
    pub name: String,
    /// The one role it may sign in.
    pub role: SignerRole,
    /// Whose law, for a lawyer's key, as the pack's `jurisdiction`; absent for an engineer's.
    pub jurisdiction: Option<String>,
    /// Public key: 32 bytes, 64 hexadecimal digits.
    pub public: String,
    /// First day on which it may sign.
    pub valid_from: Date,
    /// First day on which it may no longer sign.
    pub valid_to: Option<Date>,
}

/// Both signatures of a pack, verified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Approval {
    /// Name of the lawyer's key.
    pub legal: String,
    /// Name of the engineer's key.
    pub technical: String,
    /// The day of the later signature.
    pub on: Date,
}

/// Why signatures do not approve a pack.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SignatureError {
    /// The pack is still a draft.
    #[error("the pack {0} is a draft; set `status: final` before it is signed")]
    Draft(String),
    /// The file belongs to another pack.
    #[error("the signatures are those of {found}, not of {pack}; give the file of this pack")]
    OtherPack {
        /// The pack in question.
        pack: String,
        /// The pack that the file names.
        found: String,
    },
    /// The content was changed after signing.
    #[error(
        "the signatures of {pack} are over another content: its hash is {hash}, signed was {signed}; have it signed again"
    )]
    OtherContent {
        /// The pack in question.
        pack: String,
        /// Its hash.
        hash: String,
        /// The hash in the file.
        signed: String,
    },
    /// A role has not signed.
    #[error("nobody has signed as {}; both a lawyer and an engineer must", .0.name())]
    Missing(SignerRole),
    /// A key that nobody trusts.
    #[error("the key {key} is not among the trusted keys of the role {}; check the file of keys", .role.name())]
    UnknownKey {
        /// Name of the key.
        key: String,
        /// The role it signed in.
        role: SignerRole,
    },
    /// The key may not sign this pack, or not on that day.
    #[error("the key {key} may not sign this pack on {on}: {why}")]
    NotEntitled {
        /// Name of the key.
        key: String,
        /// The day of signing.
        on: Date,
        /// Why not.
        why: &'static str,
    },
    /// Key or signature is not well formed.
    #[error("the {what} of {key} is not {digits} hexadecimal digits of a valid value; copy it again")]
    Malformed {
        /// `public key` or `signature`.
        what: &'static str,
        /// Name of the key.
        key: String,
        /// How many digits it must have.
        digits: usize,
    },
    /// The signature does not verify.
    #[error("the signature of {key} as {} does not verify; the pack, the day or the signature was changed", .role.name())]
    Wrong {
        /// Name of the key.
        key: String,
        /// The role it signed in.
        role: SignerRole,
    },
    /// One key for both roles.
    #[error("both roles were signed with one key ({0}); two people must sign")]
    SameKey(String),
}

impl SignatureFile {
    /// Reads a file of signatures.
    pub fn from_yaml(text: &str) -> Result<Self, PackError> {
        Ok(read_yaml(text, "tanba-law-signatures/1")?.0)
    }
}

impl KeyFile {
    /// Reads a file of trusted keys.
    pub fn from_yaml(text: &str) -> Result<Self, PackError> {
        Ok(read_yaml(text, "tanba-law-keys/1")?.0)
    }
}

impl Pack {
    /// Verifies the signatures of both roles; every signature in the file must be good.
    pub fn verify(&self, signed: &SignatureFile, trusted: &KeyFile) -> Result<Approval, SignatureError> {
        if self.status() == PackStatus::Draft {
            return Err(SignatureError::Draft(self.id().to_owned()));
        }
        if signed.pack != self.id() {
            return Err(SignatureError::OtherPack { pack: self.id().to_owned(), found: signed.pack.clone() });
        }
        let hash = self.hash().to_string();
        if signed.hash != hash {
            let (pack, signed) = (self.id().to_owned(), signed.hash.clone());
            return Err(SignatureError::OtherContent { pack, hash, signed });
        }
        let mut verified = Vec::new();
        for signature in &signed.signatures {
            verified.push((signature, verify_one(self, signature, trusted)?));
        }
        let by = |role| verified.iter().find(|(s, _)| s.role == role).ok_or(SignatureError::Missing(role));
        let ((legal, first), (technical, second)) = (by(SignerRole::Legal)?, by(SignerRole::Technical)?);
        if first == second {
            return Err(SignatureError::SameKey(technical.key.clone()));
        }
        Ok(Approval { legal: legal.key.clone(), technical: technical.key.clone(), on: legal.on.max(technical.on) })
    }

    /// The pack with its approval, which production asks for.
    pub fn approved(mut self, signed: &SignatureFile, trusted: &KeyFile) -> Result<Self, SignatureError> {
        self.approval = Some(self.verify(signed, trusted)?);
        Ok(self)
    }
}

/// Verifies one signature; the bytes of the key that made it.
fn verify_one(pack: &Pack, signature: &PackSignature, trusted: &KeyFile) -> Result<[u8; 32], SignatureError> {
    let (name, role, on) = (&signature.key, signature.role, signature.on);
    let key = trusted
        .keys
        .iter()
        .find(|key| key.name == *name && key.role == role)
        .ok_or_else(|| SignatureError::UnknownKey { key: name.clone(), role })?;
    let not_entitled = |why| Err(SignatureError::NotEntitled { key: name.clone(), on, why });
    if on < key.valid_from || key.valid_to.is_some_and(|end| on >= end) {
        return not_entitled("it is not valid on that day");
    }
    let of_this_law = key.jurisdiction.as_deref() == Some(pack.jurisdiction());
    if role == SignerRole::Legal && !of_this_law {
        return not_entitled("it belongs to no lawyer of this jurisdiction");
    }
    let malformed = |what, digits| SignatureError::Malformed { what, key: name.clone(), digits };
    let public: [u8; 32] = hex(&key.public).ok_or_else(|| malformed("public key", 64))?;
    let verifier = VerifyingKey::from_bytes(&public).map_err(|_| malformed("public key", 64))?;
    let bytes: [u8; 64] = hex(&signature.signature).ok_or_else(|| malformed("signature", 128))?;
    let message = signed_message(pack.id(), pack.hash(), role, on);
    verifier
        .verify_strict(message.as_bytes(), &Signature::from_bytes(&bytes))
        .map_err(|_| SignatureError::Wrong { key: name.clone(), role })?;
    Ok(public)
}

fn hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    if digits.len() != 2 * N || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}
