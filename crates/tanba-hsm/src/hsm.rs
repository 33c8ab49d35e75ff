//! The token behind PKCS#11.

use std::fmt;
use std::path::Path;

use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::Mechanism;
use cryptoki::mechanism::aead::GcmParams;
use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle};
use cryptoki::session::Session;
use tanba_seal::{SEALED_KEY_BYTES, Token, TokenError, TokenKeyName};
use zeroize::Zeroizing;

use crate::session::{Line, Pin};

const TAG_BITS: u64 = 128;

/// A token behind a PKCS#11 module, reached with its user's PIN. Calls are made one after another.
pub struct Hsm {
    line: Line,
}

impl Hsm {
    /// Opens the one token that has this label, by the module (a shared library) at `module`.
    ///
    /// # Errors
    /// [`TokenError::Away`] without the module or the token, [`TokenError::Unable`] if several tokens have the label,
    /// [`TokenError::Pin`].
    pub fn open(module: &Path, label: &str, pin: Pin) -> Result<Self, TokenError> {
        let hsm = Self { line: Line::new(module, label, pin) };
        hsm.line.with(|_| Ok(()), |error| unable("open", &error))?;
        Ok(hsm)
    }

    /// Finds the key and works with it. That there is none is believed only of a module that was just started: one whose
    /// token was pulled out may say the same. A search that begins anew at every call costs a round trip and never uses a
    /// handle that the token has given to something else.
    fn with_key<T>(
        &self,
        what: &'static str,
        name: &TokenKeyName,
        work: impl Fn(&Session, ObjectHandle) -> Result<T, Error>,
    ) -> Result<T, TokenError> {
        let found = || {
            self.line.with(
                |session| match find(session, name)?.as_slice() {
                    [] => Ok(None),
                    [key] => work(session, *key).map(|done| Some(Ok(done))),
                    _ => Ok(Some(Err(unsafe_key(name, "several keys have its name")))),
                },
                |error| unable(what, &error),
            )
        };
        match found()? {
            Some(done) => done,
            None => {
                self.line.end();
                found()?.unwrap_or_else(|| {
                    Err(TokenError::NoKey { label: self.line.label.clone(), name: name.to_string() })
                })
            }
        }
    }
}

impl Token for Hsm {
    fn label(&self) -> &str {
        &self.line.label
    }

    fn generate(&self, name: &TokenKeyName, purpose: &str) -> Result<(), TokenError> {
        let template = [
            Attribute::Class(ObjectClass::SECRET_KEY),
            Attribute::KeyType(KeyType::AES),
            Attribute::ValueLen(32.into()),
            Attribute::Id(name.0.to_vec()),
            Attribute::Label(purpose.as_bytes().to_vec()),
            Attribute::Token(true),
            Attribute::Private(true),
            Attribute::Sensitive(true),
            Attribute::Extractable(false),
            Attribute::Encrypt(true),
            Attribute::Decrypt(true),
            Attribute::Wrap(false),
            Attribute::Unwrap(false),
            Attribute::Derive(false),
            Attribute::Modifiable(false),
        ];
        self.line.with(
            |session| session.generate_key(&Mechanism::AesKeyGen, &template).map(drop),
            |error| unable("make a key", &error),
        )
    }

    fn check(&self, name: &TokenKeyName) -> Result<(), TokenError> {
        let wanted = [
            (Attribute::Class(ObjectClass::SECRET_KEY), "it is no secret key"),
            (Attribute::KeyType(KeyType::AES), "it is no AES key"),
            (Attribute::ValueLen(32.into()), "it has not 256 bits"),
            (Attribute::Private(true), "it can be used without a PIN"),
            (Attribute::Sensitive(true), "its bytes can be read"),
            (Attribute::Extractable(false), "it can be wrapped and taken out"),
            (Attribute::AlwaysSensitive(true), "its bytes could once be read"),
            (Attribute::NeverExtractable(true), "it could once be taken out"),
            (Attribute::Local(true), "it was not made in the token"),
            (Attribute::Wrap(false), "it can take other keys out"),
            (Attribute::Derive(false), "other keys can be derived from it"),
        ];
        let types: Vec<AttributeType> = wanted.iter().map(|(attribute, _)| attribute.attribute_type()).collect();
        let has = self.with_key("tell of a key", name, |session, key| session.get_attributes(key, &types))?;
        match wanted.iter().find(|(attribute, _)| !has.contains(attribute)) {
            None => Ok(()),
            Some((_, why)) => Err(unsafe_key(name, why)),
        }
    }

    fn seal(
        &self,
        name: &TokenKeyName,
        nonce: &mut [u8; 12],
        associated: &[u8],
        plaintext: &[u8; 32],
    ) -> Result<[u8; SEALED_KEY_BYTES], TokenError> {
        let (sealed, used) = self.with_key("encrypt", name, |session, key| {
            let mut used = *nonce;
            let gcm = Mechanism::AesGcm(GcmParams::new(&mut used, associated, TAG_BITS.into())?);
            let sealed = session.encrypt(&gcm, key, plaintext)?;
            Ok((sealed, used))
        })?;
        *nonce = used;
        // Some modules put a nonce of their own behind the tag instead of handing it back.
        sealed.try_into().map_err(|sealed: Vec<u8>| TokenError::Unable {
            why: format!("AES-GCM of 32 bytes gives {} bytes and not {SEALED_KEY_BYTES}", sealed.len()),
        })
    }

    fn open(
        &self,
        name: &TokenKeyName,
        nonce: &[u8; 12],
        associated: &[u8],
        sealed: &[u8; SEALED_KEY_BYTES],
    ) -> Result<Zeroizing<Vec<u8>>, TokenError> {
        self.with_key("decrypt", name, |session, key| {
            let mut nonce = *nonce;
            let gcm = Mechanism::AesGcm(GcmParams::new(&mut nonce, associated, TAG_BITS.into())?);
            match session.decrypt(&gcm, key, sealed) {
                Ok(opened) => Ok(Ok(Zeroizing::new(opened))),
                Err(Error::Pkcs11(RvError::EncryptedDataInvalid | RvError::EncryptedDataLenRange, _)) => {
                    Ok(Err(TokenError::NotAuthentic))
                }
                // Modules without an answer of their own for a false tag say one of these, and so does one that is broken:
                // if the key goes on working in this session, it was the tag.
                Err(error @ Error::Pkcs11(RvError::GeneralError | RvError::FunctionFailed, _)) => {
                    if works(session, key).is_ok() { Ok(Err(TokenError::NotAuthentic)) } else { Err(error) }
                }
                Err(error) => Err(error),
            }
        })?
    }

    fn destroy(&self, name: &TokenKeyName) -> Result<(), TokenError> {
        // The token is there and answers for itself, see `with_key`.
        self.line.end();
        let left = self.line.with(
            |session| {
                for key in find(session, name)? {
                    session.destroy_object(key)?;
                }
                find(session, name)
            },
            |error| unable("destroy a key", &error),
        )?;
        if left.is_empty() {
            return Ok(());
        }
        Err(TokenError::Unable { why: "the key is there still after it was destroyed".to_owned() })
    }
}

impl fmt::Debug for Hsm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hsm").field("label", &self.line.label).finish_non_exhaustive()
    }
}

fn find(session: &Session, name: &TokenKeyName) -> Result<Vec<ObjectHandle>, Error> {
    session.find_objects(&[Attribute::Class(ObjectClass::SECRET_KEY), Attribute::Id(name.0.to_vec())])
}

/// Whether the key encrypts. What comes out goes nowhere.
fn works(session: &Session, key: ObjectHandle) -> Result<(), Error> {
    let mut nonce = session.generate_random_vec(12)?;
    let gcm = Mechanism::AesGcm(GcmParams::new(&mut nonce, b"probe", TAG_BITS.into())?);
    session.encrypt(&gcm, key, &[0; 32]).map(drop)
}

fn unsafe_key(name: &TokenKeyName, why: &'static str) -> TokenError {
    TokenError::UnsafeKey { name: name.to_string(), why }
}

fn unable(what: &'static str, error: &Error) -> TokenError {
    TokenError::Unable { why: format!("{what}: {error}") }
}
