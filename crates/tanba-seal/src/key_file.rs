//! The key file: what it looks like on disk, and how damage to it is told from a wrong passphrase.
//!
//! ```json
//! {
//!   "header": {
//!     "format": "tanba-key-file", "version": 1, "origin": "registry.example/log",
//!     "kdf": {"memory_kib": 65536, "passes": 3, "lanes": 4}, "salt": "<base64, 16 bytes>",
//!     "domains": [{"label": "image", "newest": 2, "minimum": 1}]
//!   },
//!   "sealed": "<base64: all secrets, sealed under the passphrase-derived key, bound to the header>",
//!   "checksum": "<base64: SHA-256 of header and sealed>"
//! }
//! ```
//!
//! A file whose key-encryption keys lie in a token has version 2, the token's label as `token` after the salt, and the
//! keys' names in the sealed part, in the place of the keys. A file whose log has keys for ML-DSA-44, or changes its key, has
//! version 3, with or without a token, and `log_keys` after it: one or two kinds (`ed25519`, `ed25519+ml-dsa-44`), whose seeds are
//! the first of the sealed part.
//!
//! The checksum is no protection against anyone, it separates two accidents: if it fails the *file* was damaged, if
//! it holds and the secrets do not open the *passphrase* is wrong. Someone who changes the file and mends the checksum
//! gets past it, not past the authenticated encryption behind it. A file must also be exactly the text that this
//! program writes, so that no byte of it can change unnoticed.

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::{
    Entropy, SealError,
    cipher::{self, Broken},
    passphrase::{self, KdfParams},
};

/// The format version of a file that holds its keys.
const VERSION: u64 = 1;

/// The format version of a file whose key-encryption keys lie in a token.
const VERSION_WITH_TOKEN: u64 = 2;

/// The format version of a file that says what keys its log has, the newest one.
pub(crate) const VERSION_WITH_LOG_KEYS: u64 = 3;

const FORMAT: &str = "tanba-key-file";
const PURPOSE: &str = "tanba-seal/1 key file";

/// A key file with 64 domains of 100 versions has about 300 KiB.
const MAX_BYTES: usize = 1024 * 1024;

/// The public part of a key file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Header {
    format: String,
    version: u64,
    /// The log's origin: the name under which its checkpoints are signed.
    pub(crate) origin: String,
    kdf: KdfParams,
    salt: String,
    /// The label of the token that holds the key-encryption keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) token: Option<String>,
    /// What the log signs with, the oldest key first; empty where it is one key of Ed25519.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) log_keys: Vec<LogKeyKind>,
    /// The key domains, in the order of their keys in the sealed part.
    pub(crate) domains: Vec<DomainHeader>,
}

/// One key domain: versions `1..=newest` exist, those below `minimum` are refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DomainHeader {
    pub(crate) label: String,
    pub(crate) newest: u32,
    pub(crate) minimum: u32,
}

/// What a key of the log signs with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum LogKeyKind {
    /// Ed25519 alone.
    #[serde(rename = "ed25519")]
    Classic,
    /// Ed25519 and ML-DSA-44.
    #[serde(rename = "ed25519+ml-dsa-44")]
    Both,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    header: Header,
    sealed: String,
    checksum: String,
}

/// Just enough of any version's document to say which one it is.
#[derive(Deserialize)]
struct Probe {
    header: ProbeHeader,
}

#[derive(Deserialize)]
struct ProbeHeader {
    format: String,
    version: u64,
}

/// Writes a key file: `secrets` sealed under `passphrase`, bound to everything else in the file.
pub(crate) fn write(
    origin: &str,
    token: Option<String>,
    log_keys: Vec<LogKeyKind>,
    domains: Vec<DomainHeader>,
    secrets: &[u8],
    passphrase: &str,
    kdf: KdfParams,
    entropy: &mut dyn Entropy,
) -> Result<Vec<u8>, SealError> {
    passphrase::check_strength(passphrase)?;
    let kdf = kdf.check()?;
    let mut salt = [0; passphrase::SALT_BYTES];
    entropy.fill(&mut salt);
    let header = Header {
        format: FORMAT.to_owned(),
        version: version(token.is_some(), !log_keys.is_empty()),
        origin: origin.to_owned(),
        kdf,
        salt: BASE64.encode(salt),
        token,
        log_keys,
        domains,
    };
    let key = kdf.derive(passphrase, &salt)?;
    let bound = to_json(&header);
    let mut sealed = Vec::new();
    if !cipher::seal(&key, PURPOSE, &bound, secrets, entropy, &mut sealed) {
        return Err(SealError::TooLong);
    }
    let checksum = BASE64.encode(checksum(&bound, &sealed));
    let bytes = to_text(&Document { header, sealed: BASE64.encode(&sealed), checksum });
    if bytes.len() > MAX_BYTES {
        return Err(SealError::TooLong);
    }
    Ok(bytes)
}

/// Reads a key file: its header and the secrets, or why it cannot be opened.
pub(crate) fn read(bytes: &[u8], passphrase: &str) -> Result<(Header, Zeroizing<Vec<u8>>), SealError> {
    let (document, sealed) = parse(bytes)?;
    let header = document.header;
    passphrase::check_length(passphrase)?;
    let salt = decode(&header.salt)?.try_into().map_err(|_| damaged("the salt has a wrong length"))?;
    let key = header.kdf.check()?.derive(passphrase, &salt)?;
    let secrets = cipher::open(&key, PURPOSE, &to_json(&header), &sealed).map_err(|reason| match reason {
        Broken::Short => damaged("the sealed part is too short"),
        Broken::Key => SealError::WrongPassphrase,
        Broken::Content => damaged("its parts do not belong together, someone has edited it"),
    })?;
    Ok((header, secrets))
}

/// The derivation parameters of a key file.
pub(crate) fn kdf_of(bytes: &[u8]) -> Result<KdfParams, SealError> {
    Ok(parse(bytes)?.0.header.kdf)
}

/// Everything that can be checked without the passphrase.
fn parse(bytes: &[u8]) -> Result<(Document, Vec<u8>), SealError> {
    if bytes.len() > MAX_BYTES {
        return Err(damaged("it is longer than any key file"));
    }
    let probe: Probe = serde_json::from_slice(bytes).map_err(|_| damaged("it is not a key file"))?;
    if probe.header.format != FORMAT {
        return Err(damaged("it is not a key file"));
    }
    if !(VERSION..=VERSION_WITH_LOG_KEYS).contains(&probe.header.version) {
        return Err(SealError::KeyFileVersion { found: probe.header.version });
    }
    let document: Document = serde_json::from_slice(bytes).map_err(|_| damaged("a field is missing or malformed"))?;
    let Header { token, log_keys, version: stated, .. } = &document.header;
    if *stated != version(token.is_some(), !log_keys.is_empty()) {
        return Err(damaged("its version and what it holds disagree"));
    }
    if to_text(&document) != bytes {
        return Err(damaged("it is not laid out as it was written, an editor or a transfer has changed it"));
    }
    let sealed = decode(&document.sealed)?;
    let expected = checksum(&to_json(&document.header), &sealed);
    if !bool::from(expected.ct_eq(&decode(&document.checksum)?)) {
        return Err(damaged("its checksum does not match"));
    }
    Ok((document, sealed))
}

/// The oldest format that can say what a file holds.
fn version(token: bool, log_keys: bool) -> u64 {
    match (token, log_keys) {
        (_, true) => VERSION_WITH_LOG_KEYS,
        (true, false) => VERSION_WITH_TOKEN,
        (false, false) => VERSION,
    }
}

fn checksum(header: &[u8], sealed: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update(header).chain_update(sealed).finalize().into()
}

fn to_text(document: &Document) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(document).expect("strings and numbers always serialise");
    bytes.push(b'\n');
    bytes
}

fn to_json(header: &Header) -> Vec<u8> {
    serde_json::to_vec(header).expect("strings and numbers always serialise")
}

fn decode(text: &str) -> Result<Vec<u8>, SealError> {
    BASE64.decode(text).map_err(|_| damaged("a field is not base64"))
}

/// The error for a file that is not what this program wrote.
pub(crate) fn damaged(what: &'static str) -> SealError {
    SealError::DamagedKeyFile { what }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSPHRASE: &str = "a test passphrase";

    fn file() -> Vec<u8> {
        let domains = vec![
            DomainHeader { label: "image".to_owned(), newest: 2, minimum: 1 },
            DomainHeader { label: "identity".to_owned(), newest: 1, minimum: 1 },
        ];
        let mut counter = 0;
        let mut entropy = |out: &mut [u8]| {
            for byte in out {
                counter += 1;
                *byte = counter;
            }
        };
        write("log.example", None, Vec::new(), domains, &[7; 160], PASSPHRASE, KdfParams::MINIMUM, &mut entropy)
            .unwrap()
    }

    /// Changes the file as someone would who knows the format, checksum included.
    fn forge(change: impl Fn(&mut Document)) -> Vec<u8> {
        let mut document: Document = serde_json::from_slice(&file()).unwrap();
        change(&mut document);
        let sealed = BASE64.decode(&document.sealed).unwrap();
        document.checksum = BASE64.encode(checksum(&to_json(&document.header), &sealed));
        to_text(&document)
    }

    #[test]
    fn a_forged_header_is_refused_although_its_checksum_holds() {
        type Change = fn(&mut Header);
        let changes: [Change; 5] = [
            |h| h.origin.push('x'),
            |h| h.domains[0].minimum = 2,
            |h| h.domains[0].newest = 1,
            |h| h.domains.swap(0, 1),
            |h| h.domains[1].label = "genomic".to_owned(),
        ];
        for change in changes {
            let error = read(&forge(|d| change(&mut d.header)), PASSPHRASE).unwrap_err();
            assert!(matches!(error, SealError::DamagedKeyFile { .. }), "{error}");
        }
        assert!(read(&forge(|_| ()), PASSPHRASE).is_ok(), "the forgery itself changes nothing");
    }

    #[test]
    fn forged_secrets_are_refused_although_the_checksum_holds() {
        let length = BASE64.decode(serde_json::from_slice::<Document>(&file()).unwrap().sealed).unwrap().len();
        // Salt, commitment, first and last byte of the ciphertext, tag.
        for at in [0, 24, 40, length - 17, length - 1] {
            let forged = forge(|d| {
                let mut sealed = BASE64.decode(&d.sealed).unwrap();
                sealed[at] ^= 0x80;
                d.sealed = BASE64.encode(sealed);
            });
            let error = read(&forged, PASSPHRASE).unwrap_err();
            if at < 40 {
                assert_eq!(error, SealError::WrongPassphrase, "cannot be told from one at {at}");
            } else {
                assert!(matches!(error, SealError::DamagedKeyFile { .. }), "{error} at {at}");
            }
        }
        let cut = forge(|d| d.sealed = BASE64.encode([0; 55]));
        assert!(matches!(read(&cut, PASSPHRASE), Err(SealError::DamagedKeyFile { .. })));
    }

    #[test]
    fn hostile_derivation_parameters_are_refused_before_any_work() {
        for kdf in [
            KdfParams { memory_kib: u32::MAX, ..KdfParams::MINIMUM },
            KdfParams { passes: u32::MAX, ..KdfParams::MINIMUM },
            KdfParams { lanes: 0, ..KdfParams::MINIMUM },
            KdfParams { memory_kib: 8, ..KdfParams::MINIMUM },
        ] {
            let forged = forge(|d| d.header.kdf = kdf);
            assert!(matches!(read(&forged, PASSPHRASE), Err(SealError::KdfParams { .. })));
        }
    }

    #[test]
    fn a_newer_format_is_named_as_such_whatever_else_it_holds() {
        let newer = br#"{"header": {"format": "tanba-key-file", "version": 4, "hsm": "slot 1"}}"#;
        assert_eq!(read(newer, PASSPHRASE).unwrap_err(), SealError::KeyFileVersion { found: 4 });
    }
}
