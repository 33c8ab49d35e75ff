//! Authenticator data (section 6.1): for which site, what was checked, the counter, and at registration the key.

use sha2::{Digest, Sha256};

use super::attestation::Aaguid;
use super::cbor;
use super::error::PasskeyError;

const USER_PRESENT: u8 = 1;
const USER_VERIFIED: u8 = 1 << 2;
const BACKUP_ELIGIBLE: u8 = 1 << 3;
const BACKED_UP: u8 = 1 << 4;
const KEY_INCLUDED: u8 = 1 << 6;
const EXTENSIONS_INCLUDED: u8 = 1 << 7;
const RESERVED: u8 = 1 << 1 | 1 << 5;

/// The longest credential id (section 7.1, step 26).
const CREDENTIAL_ID_BYTES: usize = 1023;

const WHAT: PasskeyError = PasskeyError::Unreadable("authenticator data");

/// Read, and for the right site, with the user verified.
pub(super) struct AuthenticatorData<'a> {
    pub(super) counter: u32,
    pub(super) synced: bool,
    pub(super) key: Option<NewKey<'a>>,
}

/// A key that the authenticator has made.
pub(super) struct NewKey<'a> {
    pub(super) model: Aaguid,
    pub(super) credential: &'a [u8],
    /// As a COSE key.
    pub(super) public_key: &'a [u8],
}

/// Reads it, and checks the site and the flags.
pub(super) fn read<'a>(bytes: &'a [u8], site: &str) -> Result<AuthenticatorData<'a>, PasskeyError> {
    let (site_hash, rest) = bytes.split_first_chunk::<32>().ok_or(WHAT)?;
    let ([flags], rest) = rest.split_first_chunk::<1>().ok_or(WHAT)?;
    let (counter, mut rest) = rest.split_first_chunk::<4>().ok_or(WHAT)?;
    if site_hash.as_slice() != Sha256::digest(site.as_bytes()).as_slice() {
        return Err(PasskeyError::WrongRelyingParty);
    }
    let is = |flag: u8| flags & flag != 0;
    if is(RESERVED) || (is(BACKED_UP) && !is(BACKUP_ELIGIBLE)) {
        return Err(WHAT);
    }
    if !is(USER_PRESENT) || !is(USER_VERIFIED) {
        return Err(PasskeyError::NotVerified);
    }
    let mut key = None;
    if is(KEY_INCLUDED) {
        let (model, after) = rest.split_first_chunk::<16>().ok_or(WHAT)?;
        let (length, after) = after.split_first_chunk::<2>().ok_or(WHAT)?;
        let length = usize::from(u16::from_be_bytes(*length));
        if length == 0 || length > CREDENTIAL_ID_BYTES {
            return Err(WHAT);
        }
        let (credential, after) = after.split_at_checked(length).ok_or(WHAT)?;
        let (_, behind) = cbor::leading_map(after, "public key")?;
        let public_key = &after[..after.len() - behind.len()];
        key = Some(NewKey { model: Aaguid(*model), credential, public_key });
        rest = behind;
    }
    if is(EXTENSIONS_INCLUDED) {
        // None was asked for; some authenticators tell one all the same.
        rest = cbor::leading_map(rest, "extensions")?.1;
    }
    if !rest.is_empty() {
        return Err(WHAT);
    }
    Ok(AuthenticatorData { counter: u32::from_be_bytes(*counter), synced: is(BACKUP_ELIGIBLE), key })
}
