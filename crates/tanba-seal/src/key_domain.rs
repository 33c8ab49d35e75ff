//! The key-encryption keys of one domain, in the key file or in a token.

use std::sync::Arc;

use crate::{
    Context, DataKey, Entropy, SealError, Token, TokenKeyName,
    cipher::Secret,
    data_key,
    token::{unwrap, wrap},
};

/// Bounds on what a domain may hold, so that the key file stays small.
pub(crate) const MAX_VERSIONS: u32 = 100;

/// Key-encryption keys of one domain; version `n` is `keys[n - 1]`.
pub(crate) struct Domain {
    pub(crate) label: String,
    pub(crate) minimum: u32,
    keys: Vec<Kek>,
}

/// A key-encryption key.
pub(crate) enum Kek {
    /// The key itself.
    Here(Secret),
    /// Its name in a token.
    InToken(TokenKeyName, Arc<dyn Token>),
}

impl Kek {
    /// What the key file keeps of it.
    pub(crate) fn bytes(&self) -> &[u8; 32] {
        match self {
            Self::Here(secret) => secret.bytes(),
            Self::InToken(name, _) => &name.0,
        }
    }

    /// The key of which `secret` was kept.
    pub(crate) fn of(secret: Secret, token: Option<&Arc<dyn Token>>) -> Self {
        match token {
            None => Self::Here(secret),
            Some(token) => Self::InToken(TokenKeyName(*secret.bytes()), Arc::clone(token)),
        }
    }
}

impl Domain {
    pub(crate) fn new(label: &str, minimum: u32, keys: Vec<Kek>) -> Self {
        Self { label: label.to_owned(), minimum, keys }
    }

    pub(crate) fn newest(&self) -> u32 {
        u32::try_from(self.keys.len()).expect("at most 100 versions")
    }

    pub(crate) fn keys(&self) -> &[Kek] {
        &self.keys
    }

    /// Makes the next version: in the token if there is one, and random otherwise. `origin` is for people who look into
    /// the token.
    pub(crate) fn add(
        &mut self,
        origin: &str,
        token: Option<&Arc<dyn Token>>,
        entropy: &mut dyn Entropy,
    ) -> Result<u32, SealError> {
        if self.newest() == MAX_VERSIONS {
            return Err(SealError::Full { what: "a domain has at most 100 key versions" });
        }
        let version = self.newest() + 1;
        self.keys.push(match token {
            None => Kek::Here(Secret::random(entropy)),
            Some(token) => {
                let name = TokenKeyName::random(entropy);
                token.generate(&name, &format!("{origin} {} {version}", self.label))?;
                token.check(&name)?;
                Kek::InToken(name, Arc::clone(token))
            }
        });
        Ok(version)
    }

    /// The key of a version that may still be used.
    pub(crate) fn key(&self, version: u32) -> Result<&Kek, SealError> {
        if version != 0 && version < self.minimum {
            return Err(SealError::RetiredVersion { domain: self.label.clone(), version, minimum: self.minimum });
        }
        self.any_key(version)
    }

    /// The key of a version, retired or not.
    pub(crate) fn any_key(&self, version: u32) -> Result<&Kek, SealError> {
        (version as usize).checked_sub(1).and_then(|i| self.keys.get(i)).ok_or_else(|| SealError::UnknownVersion {
            domain: self.label.clone(),
            version,
            newest: self.newest(),
        })
    }

    /// Wraps a data key under the newest version.
    pub(crate) fn wrap(
        &self,
        key: &DataKey,
        context: &Context<'_>,
        entropy: &mut dyn Entropy,
    ) -> Result<Vec<u8>, SealError> {
        match self.keys.last().expect("a domain is made with a first key") {
            Kek::Here(secret) => Ok(key.wrap(secret, self.newest(), context, entropy)),
            Kek::InToken(name, token) => wrap(&**token, name, self.newest(), key, context, entropy),
        }
    }

    /// Unwraps a data key with the key of the version that it names.
    pub(crate) fn unwrap(&self, context: &Context<'_>, wrapped: &[u8]) -> Result<DataKey, SealError> {
        match self.key(data_key::wrapped_version(wrapped)?)? {
            Kek::Here(secret) => DataKey::unwrap(secret, context, wrapped),
            Kek::InToken(name, token) => unwrap(&**token, name, context, wrapped),
        }
    }
}
