//! What can go wrong in the registry, for whom, and what to do next. No error holds personal data.

use serde::{Deserialize, Serialize};
use tanba_law::Text;

/// The answer "no": lawful, explained, and already in the log when it is given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Denial {
    /// Stable machine-readable reason, such as `under_age` or `no_legal_basis`.
    pub code: String,
    /// The clause that decided.
    pub clause: String,
    /// One sentence for the person at the counter.
    pub text: String,
    /// What would be needed for a yes; empty where nothing would help.
    pub needs: Vec<String>,
    /// Where in the log this denial stands.
    pub log_seq: u64,
    /// The sentence in the law's own three languages, where the law gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub law_text: Option<Text>,
    /// What would be needed, in the law's own three languages, where the law gave it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub law_needs: Vec<Text>,
}

/// Why an operation of the registry did not happen. Where it did not happen, nothing of it was stored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RegistryError {
    /// The law, the role or the state of the record says no; logged.
    #[error("{} ({}; log entry {})", .0.text, .0.clause, .0.log_seq)]
    Denied(Box<Denial>),
    /// Nobody is signed in, or the session has ended.
    #[error("you are not signed in, or your session has ended: sign in again")]
    Unauthenticated,
    /// The password was right, and the session waits for a passkey.
    #[error("this account signs in with a passkey too: {}", if *bound { "touch it" } else { "bind one with a code from an administrator" })]
    PasskeyNeeded {
        /// Whether the account has one.
        bound: bool,
    },
    /// Too many failed sign-ins.
    #[error("too many failed sign-ins: wait {seconds} seconds and try again, or ask the administrator")]
    TooManyAttempts {
        /// How long to wait.
        seconds: u64,
    },
    /// The provider of the national sign-in does not answer, or not as one does; why is in the service's own log.
    #[error("the national sign-in does not answer: try again in a minute, or come to a counter")]
    SignInAway,
    /// There is no such record, or not for this account.
    #[error("there is no such {what}, or it is not yours to see: check the id")]
    NotFound {
        /// What was looked for.
        what: &'static str,
    },
    /// The request contradicts what is already recorded.
    #[error("{what}: {next}")]
    Conflict {
        /// What contradicts.
        what: &'static str,
        /// What to do about it.
        next: &'static str,
    },
    /// A value that can't be taken.
    #[error("{field}: {problem}")]
    Invalid {
        /// The field, by its name in the API.
        field: &'static str,
        /// What is wrong and what to give instead; without the value itself.
        problem: String,
    },
    /// The image could not be read.
    #[error("the image could not be read")]
    Image(#[from] tanba_formats::image::ImageError),
    /// The image holds no usable fingerprint.
    #[error("no fingerprint could be taken from the image")]
    Extract(#[from] tanba_finger::ExtractError),
    /// The profile could not be read, or holds what may not be stored.
    #[error("the genomic profile was not accepted")]
    Profile(#[from] tanba_dna::DnaError),
    /// A file that was brought could not be read.
    #[error("the file could not be read")]
    File(#[from] tanba_finger::any_file::AnyFileError),
    /// A file that was brought could not be converted.
    #[error("the file could not be converted")]
    Convert(#[from] tanba_finger::any_file::AnyConvertError),
    /// The search did not reach every part of the gallery, so it has no answer.
    #[error(
        "the search reached {answered} of {expected} parts of the gallery, so there is no answer: try again; if it persists, tell the administrator"
    )]
    SearchIncomplete {
        /// Parts that answered.
        answered: usize,
        /// Parts there are.
        expected: usize,
    },
    /// The fingers cannot be searched with.
    #[error("a search with these fingers makes no sense")]
    Search(#[from] tanba_gallery::SearchError),
    /// The fingers cannot be enrolled.
    #[error("these fingers cannot be enrolled")]
    Enrol(#[from] tanba_gallery::InsertError),
    /// The device that should take the first look of searches does not.
    #[error("{0}; searches go on without the device")]
    Device(#[from] tanba_gallery::DeviceError),
    /// The gallery cannot be kept on disk.
    #[error("nobody can be registered now, searches go on: {0}; tell the administrator")]
    Gallery(#[from] tanba_gallery::ArchiveError),
    /// The data folder is not what was expected.
    #[error("the data folder {what}: {next}")]
    DataFolder {
        /// What is wrong with it.
        what: String,
        /// What to do.
        next: &'static str,
    },
    /// A law pack cannot be used here.
    #[error("the law pack cannot be used")]
    Pack(#[from] tanba_law::ActivationError),
    /// Files of law cannot be used here.
    #[error("the law files cannot be used: {problem}")]
    LawFiles {
        /// Which file, what is wrong with it, and what to do.
        problem: String,
    },
    /// Keys or ciphertext.
    #[error("a key or a sealed record could not be used")]
    Seal(#[from] tanba_seal::SealError),
    /// The key process released nothing, so nothing was opened.
    #[error("no key was released, so nothing was opened ({code}): {why}")]
    Keys {
        /// Why, for programs: `away`, `not_witnessed`, `stopped`, ...
        code: String,
        /// Why, in words that name no record.
        why: String,
    },
    /// The population register was asked, and did not answer.
    #[error(transparent)]
    PopulationRegister(#[from] crate::population_register::RegisterAway),
    /// Nothing of the log was published for longer than anybody may go on without.
    #[error(
        "nobody looks at anything: the log could not be published for {minutes} minutes; the administrator finds the reason in the service's log"
    )]
    Unpublished {
        /// For how long.
        minutes: u64,
    },
    /// The transparency log.
    #[error("the log could not be written or read; nothing was answered")]
    Log(#[from] tanba_seal::log::LogError),
    /// The database.
    #[error("the database did not do what was asked; nothing was stored")]
    Store(#[from] sqlx::Error),
    /// The database's schema.
    #[error(
        "the database's schema could not be brought up to date: use a version of tanba at least as new as the one that wrote the folder"
    )]
    Schema(#[from] sqlx::migrate::MigrateError),
    /// The file system.
    #[error("a file of the data folder could not be used")]
    Io(#[from] std::io::Error),
    /// A stored record is not as it was written.
    #[error(
        "a stored record of kind {what} is damaged or was altered: run `tanba log fsck` and restore the folder from a backup"
    )]
    Damaged {
        /// Which kind of record.
        what: &'static str,
    },
}

impl RegistryError {
    /// The denial, where this is one.
    pub fn denial(&self) -> Option<&Denial> {
        match self {
            Self::Denied(denial) => Some(denial),
            _ => None,
        }
    }
}

/// The result of everything here.
pub type Result<T> = std::result::Result<T, RegistryError>;
