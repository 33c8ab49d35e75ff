//! Why a registration or an assertion was refused.

/// The reason; no variant holds anything of the person or the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PasskeyError {
    /// A part that is not what the specification says.
    #[error("the authenticator's answer cannot be read ({0}): try again, or with another browser")]
    Unreadable(&'static str),
    /// A registration where an assertion was asked for, or the reverse.
    #[error("the authenticator answered another question than was asked: begin again")]
    WrongCeremony,
    /// Not the challenge that was given.
    #[error("the authenticator signed another challenge than was given: begin again")]
    WrongChallenge,
    /// A page of another origin, or one inside a frame of another site.
    #[error("the answer comes from a page of another site: open the service by its own address")]
    WrongOrigin,
    /// A key for another site.
    #[error("the key is one for another site: open the service by its own address")]
    WrongRelyingParty,
    /// Nobody touched the authenticator, or it did not verify who did.
    #[error("the authenticator did not verify who holds it: set a PIN or a finger on it, and try again")]
    NotVerified,
    /// A key that may be copied to other devices.
    #[error("this passkey is one that can be copied between devices: use a security key")]
    Synced,
    /// Not an algorithm that is taken.
    #[error("the key is of a kind that is not taken: use a security key with ES256 or Ed25519")]
    UnsupportedKey,
    /// No maker vouches for the key.
    #[error("nothing shows that the key is in hardware: use a security key, and allow the browser to tell its make")]
    Unattested,
    /// A model that is not allowed here.
    #[error("security keys of this model are not taken: ask the administrator which are")]
    UnknownModel,
    /// A chain of certificates that does not lead to a configured anchor.
    #[error(
        "the maker's certificates do not lead to one that is trusted here ({0}): ask the administrator which makes are taken"
    )]
    UntrustedMaker(&'static str),
    /// The key of another credential.
    #[error("this is another key than the one that was asked for: use the one that is registered")]
    WrongCredential,
    /// The signature is not of this key over these bytes.
    #[error("the signature does not hold: begin again")]
    BadSignature,
    /// The counter did not grow: there may be a copy of the key.
    #[error("the key's counter went back, so there may be a copy of it: stop using it, and tell the administrator")]
    CounterWentBack,
}

impl PasskeyError {
    /// A short name, for logs.
    pub fn code(self) -> &'static str {
        match self {
            Self::Unreadable(_) => "unreadable",
            Self::WrongCeremony => "wrong_ceremony",
            Self::WrongChallenge => "wrong_challenge",
            Self::WrongOrigin => "wrong_origin",
            Self::WrongRelyingParty => "wrong_relying_party",
            Self::NotVerified => "not_verified",
            Self::Synced => "synced",
            Self::UnsupportedKey => "unsupported_key",
            Self::Unattested => "unattested",
            Self::UnknownModel => "unknown_model",
            Self::UntrustedMaker(_) => "untrusted_maker",
            Self::WrongCredential => "wrong_credential",
            Self::BadSignature => "bad_signature",
            Self::CounterWentBack => "counter_went_back",
        }
    }
}
