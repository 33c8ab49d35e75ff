//! The site that passkeys are for, and its two ceremonies.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

use super::attestation::{self, Aaguid, Attestation};
use super::authenticator_data;
use super::client_data;
use super::error::PasskeyError;
use super::public_key::PublicKey;

/// The site that passkeys are for.
#[derive(Debug, Clone)]
pub struct RelyingParty {
    /// Its host name, such as `tanba.example`: keys made for it work for no other.
    pub id: String,
    /// The origins of its pages, such as `https://tanba.example`.
    pub origins: BTreeSet<String>,
    /// What is asked of a new key's origin.
    pub attestation: Attestation,
}

/// What is kept of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passkey {
    /// By which the authenticator finds it, 1 to 1023 octets.
    pub credential: Vec<u8>,
    /// The public key, as COSE writes it.
    pub public_key: Vec<u8>,
    /// Signatures so far as the authenticator counts them; 0 for one that does not count.
    pub counter: u32,
    /// Whether it may be copied between devices.
    pub synced: bool,
    /// The model of the authenticator.
    pub model: Aaguid,
}

/// What an authenticator answered when it made a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered {
    /// The browser's JSON.
    pub client_data: Vec<u8>,
    /// The attestation object.
    pub attestation: Vec<u8>,
}

/// What an authenticator signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asserted {
    /// Which key it signed with.
    pub credential: Vec<u8>,
    /// The browser's JSON.
    pub client_data: Vec<u8>,
    /// The authenticator data.
    pub authenticator_data: Vec<u8>,
    /// The signature.
    pub signature: Vec<u8>,
}

impl RelyingParty {
    /// Checks a new key (section 7.1). `now` in POSIX seconds, for certificates.
    ///
    /// # Errors
    /// Why it is not taken.
    pub fn register(&self, challenge: &[u8], answer: &Registered, now: u64) -> Result<Passkey, PasskeyError> {
        client_data::check(self, &answer.client_data, "webauthn.create", challenge)?;
        let object = attestation::read(&answer.attestation)?;
        let data = authenticator_data::read(&object.authenticator_data, &self.id)?;
        let key = data.key.ok_or(PasskeyError::Unreadable("authenticator data"))?;
        PublicKey::from_cose(key.public_key)?;
        if let Attestation::Hardware(asked) = &self.attestation {
            if data.synced {
                return Err(PasskeyError::Synced);
            }
            let signed = signed_bytes(&object.authenticator_data, &answer.client_data);
            object.vouched(asked, key.model, &signed, now)?;
        }
        Ok(Passkey {
            credential: key.credential.to_vec(),
            public_key: key.public_key.to_vec(),
            counter: data.counter,
            synced: data.synced,
            model: key.model,
        })
    }

    /// Checks a signature of a key that is registered (section 7.2), and gives its counter to keep.
    ///
    /// # Errors
    /// Why it does not count.
    pub fn assert(&self, challenge: &[u8], passkey: &Passkey, answer: &Asserted) -> Result<u32, PasskeyError> {
        if answer.credential != passkey.credential {
            return Err(PasskeyError::WrongCredential);
        }
        client_data::check(self, &answer.client_data, "webauthn.get", challenge)?;
        let data = authenticator_data::read(&answer.authenticator_data, &self.id)?;
        // A key does not learn or unlearn to be copied; and what was taken under a milder rule is not taken under this one.
        if data.synced != passkey.synced || (data.synced && matches!(self.attestation, Attestation::Hardware(_))) {
            return Err(PasskeyError::Synced);
        }
        if data.key.is_some() {
            return Err(PasskeyError::Unreadable("authenticator data"));
        }
        let signed = signed_bytes(&answer.authenticator_data, &answer.client_data);
        PublicKey::from_cose(&passkey.public_key)?.verify(&signed, &answer.signature)?;
        if (data.counter, passkey.counter) != (0, 0) && data.counter <= passkey.counter {
            return Err(PasskeyError::CounterWentBack);
        }
        Ok(data.counter)
    }
}

/// What authenticators sign: their data, and the hash of the browser's.
pub(super) fn signed_bytes(authenticator_data: &[u8], client_data: &[u8]) -> Vec<u8> {
    [authenticator_data, Sha256::digest(client_data).as_slice()].concat()
}
