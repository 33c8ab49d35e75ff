//! What can go wrong with keys and envelopes, and what to do about it.

/// Why a key file, a key or an envelope was refused.
///
/// No variant carries plaintext, key material, a record identifier or anything else about a person: only labels and
/// versions that the installation itself chose.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// The passphrase is too easily guessed to protect a key file.
    #[error("the passphrase is too weak: {why}; choose at least {min} characters, for example five unrelated words", min = crate::MIN_PASSPHRASE_CHARS)]
    WeakPassphrase {
        /// What is wrong with it.
        why: &'static str,
    },
    /// The file is intact (its checksum holds), but this passphrase does not open it.
    #[error("wrong passphrase: the key file itself is intact; check the keyboard layout and try again")]
    WrongPassphrase,
    /// The key file is not, byte for byte, one that was written by this program.
    #[error("the key file is damaged: {what}; restore it from its backup (no passphrase can open a damaged copy)")]
    DamagedKeyFile {
        /// Where the damage shows.
        what: &'static str,
    },
    /// The key file has a format version that this program does not know.
    #[error("the key file has format version {found}, this program reads versions up to {known}; use a newer program", known = crate::key_file::VERSION_WITH_LOG_KEYS)]
    KeyFileVersion {
        /// The version that the file names.
        found: u64,
    },
    /// Argon2id parameters outside the accepted range.
    #[error("Argon2id parameters refused: {why}")]
    KdfParams {
        /// Which bound they miss.
        why: &'static str,
    },
    /// A domain label or log origin that is not well formed, or is given twice.
    #[error("label refused: {why}")]
    BadLabel {
        /// The rule that it breaks.
        why: &'static str,
    },
    /// The key ring holds as many domains, or a domain as many key versions, as it may.
    #[error("the key ring is full: {what}")]
    Full {
        /// Which bound is reached.
        what: &'static str,
    },
    /// The key ring has no keys for this domain.
    #[error("the key ring has no domain `{domain}`; add it with an administrator's passphrase, or check the label")]
    UnknownDomain {
        /// The label asked for.
        domain: String,
    },
    /// The wrapped key names a key version that was retired: below the domain's minimum decryption version.
    #[error(
        "key version {version} of domain `{domain}` is retired (minimum {minimum}): the row comes from an old backup, or was left out when the keys were re-wrapped"
    )]
    RetiredVersion {
        /// The domain.
        domain: String,
        /// The version that the envelope names.
        version: u32,
        /// The oldest version that may still be used.
        minimum: u32,
    },
    /// The wrapped key names a key version that this ring does not hold.
    #[error(
        "key version {version} of domain `{domain}` is not in this key ring (newest {newest}); open the current key file"
    )]
    UnknownVersion {
        /// The domain.
        domain: String,
        /// The version that the envelope names.
        version: u32,
        /// The newest version in the ring.
        newest: u32,
    },
    /// A context of one domain was used with a data key of another.
    #[error("a data key of domain `{key}` was used for domain `{context}`; unwrap the key of that domain")]
    DomainMismatch {
        /// The data key's domain.
        key: String,
        /// The context's domain.
        context: String,
    },
    /// The bytes are not an envelope of the expected kind.
    #[error("not a sealed envelope: {what}; the stored bytes are truncated or of another kind")]
    NotAnEnvelope {
        /// What was missing or unexpected.
        what: &'static str,
    },
    /// The key file names keys in a token, and was opened without one.
    #[error(
        "the key-encryption keys of this key file lie in the token `{label}`: name its PKCS#11 module, the token and a file with its PIN"
    )]
    TokenNeeded {
        /// The token's label when the keys were made.
        label: String,
    },
    /// A token was named for a key file that holds its keys itself.
    #[error("this key file holds its keys itself and uses no token: leave the token away, or make new keys in it")]
    NoTokenKeys,
    /// The token did not do what it was asked.
    #[error(transparent)]
    Token(#[from] crate::TokenError),
    /// A key version is still in use.
    #[error(
        "key version {version} of domain `{domain}` is in use (minimum {minimum}): wrap its data keys again and retire it first"
    )]
    VersionInUse {
        /// The domain.
        domain: String,
        /// The version.
        version: u32,
        /// The oldest version that may be used.
        minimum: u32,
    },
    /// The envelope was sealed under another key (or its salt or commitment is damaged).
    #[error("sealed under another key, or damaged: look for a key row and a record that do not belong together")]
    WrongKey,
    /// The key is right, but the content was changed or belongs to another context.
    #[error("authentication failed: the envelope was altered, or moved here from another record; treat as tampering")]
    Altered,
    /// The plaintext is longer than one envelope may hold (64 GiB, SP 800-38D section 5.2.1.1).
    #[error("plaintext too long for one envelope; split it")]
    TooLong,
}
