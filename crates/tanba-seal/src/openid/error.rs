//! Why an answer of a provider was refused.

/// The reason; no variant holds anything of the person, the token or a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenIdError {
    /// A part that is not what the specification says.
    #[error("the provider's {0} cannot be read")]
    Unreadable(&'static str),
    /// A document of another provider.
    #[error("the provider's description names another issuer than the one that is configured")]
    AnotherProvider,
    /// An address that is not the provider's.
    #[error(
        "the provider's description names an address that is not on a host of the provider's: name its host if it is"
    )]
    ForeignAddress,
    /// It does not know the challenge of RFC 7636 that is asked for.
    #[error("the provider does not offer PKCE with S256")]
    NoPkce,
    /// Not a signature that is taken.
    #[error("the token is not signed in a way that is taken: the provider must sign by ES256, EdDSA, RS256 or PS256")]
    WrongAlgorithm,
    /// None of the published keys.
    #[error("the token is signed by a key that the provider has not published")]
    UnknownKey,
    /// The signature is not of this key over these bytes.
    #[error("the token's signature does not hold")]
    BadSignature,
    /// Another provider said it.
    #[error("the answer is another provider's")]
    WrongIssuer,
    /// It was said to somebody else.
    #[error("the token is for another service")]
    WrongAudience,
    /// It is too old.
    #[error("the token has expired: check the clocks of both sides")]
    Expired,
    /// It is from the future.
    #[error("the token is from the future: check the clocks of both sides")]
    NotYet,
    /// It answers another request.
    #[error("the token answers another request than this one")]
    WrongNonce,
    /// The person was recognised by less than what is asked for.
    #[error("the person was recognised in a way that does not suffice here")]
    TooWeak,
    /// They were recognised too long ago.
    #[error("the person was recognised too long ago")]
    TooLongAgo,
    /// It came with another access token.
    #[error("the access token is not the one that the token was issued with")]
    WrongAccessToken,
    /// What was said afterwards is about somebody else.
    #[error("the provider's further answer is about another person than its token")]
    AnotherPerson,
}

impl OpenIdError {
    /// A short name, for logs.
    pub fn code(self) -> &'static str {
        match self {
            Self::Unreadable(_) => "unreadable",
            Self::AnotherProvider => "another_provider",
            Self::ForeignAddress => "foreign_address",
            Self::NoPkce => "no_pkce",
            Self::WrongAlgorithm => "wrong_algorithm",
            Self::UnknownKey => "unknown_key",
            Self::BadSignature => "bad_signature",
            Self::WrongIssuer => "wrong_issuer",
            Self::WrongAudience => "wrong_audience",
            Self::Expired => "expired",
            Self::NotYet => "not_yet",
            Self::WrongNonce => "wrong_nonce",
            Self::TooWeak => "too_weak",
            Self::TooLongAgo => "too_long_ago",
            Self::WrongAccessToken => "wrong_access_token",
            Self::AnotherPerson => "another_person",
        }
    }
}
