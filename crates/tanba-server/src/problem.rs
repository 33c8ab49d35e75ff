//! How the service says no: RFC 9457 problem documents, without personal data.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tanba_dna::DnaError;
use tanba_registry::RegistryError;
use tanba_seal::log::LogError;
use utoipa::ToSchema;

use crate::state::{ServerState, Unready};

/// Why a request was not done (RFC 9457). Where it was not done, nothing of it was stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Problem {
    /// `urn:tanba:problem:` and the code.
    #[serde(rename = "type")]
    pub kind: String,
    /// The HTTP status.
    pub status: u16,
    /// What is wrong, for people; the same for every problem of this status.
    pub title: &'static str,
    /// What is wrong this time, and what to do next.
    pub detail: String,
    /// What is wrong, for programs; stable.
    #[schema(example = "under_age")]
    pub code: String,
    /// For a denial: the clause of the law or rule that decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clause: Option<String>,
    /// For a denial: what would be needed for a yes; empty where nothing would help.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub needs: Option<Vec<String>>,
    /// For a denial: where in the log it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_seq: Option<u64>,
    /// For an internal error: what the administrator finds it by in the service's log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub incident: Option<String>,
}

/// A problem on its way out.
#[derive(Debug)]
pub(crate) struct Refusal {
    told: Box<Told>,
}

/// A problem with what a page needs to tell it in the visitor's language; goes along with the response as an extension.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub(crate) problem: Problem,
    /// Keys of texts that tell it, the best first.
    pub(crate) keys: Vec<String>,
    /// The law's own words.
    pub(crate) law: Option<tanba_law::Text>,
    /// What the law asks for.
    pub(crate) law_needs: Vec<tanba_law::Text>,
    /// After how many seconds it may be tried again.
    pub(crate) seconds: Option<u64>,
    /// The locus, position or SNP that it is about; never what stands there.
    pub(crate) place: Option<String>,
}

impl Refusal {
    pub(crate) fn new(status: StatusCode, code: &str, detail: impl Into<String>) -> Self {
        let problem = Problem {
            kind: format!("urn:tanba:problem:{code}"),
            status: status.as_u16(),
            title: title(status),
            detail: detail.into(),
            code: code.to_owned(),
            clause: None,
            needs: None,
            log_seq: None,
            incident: None,
        };
        let told = Told { problem, keys: Vec::new(), law: None, law_needs: Vec::new(), seconds: None, place: None };
        Self { told: Box::new(told) }
    }

    pub(crate) fn retry_after(mut self, seconds: u64) -> Self {
        self.told.seconds = Some(seconds);
        self
    }

    /// The text that tells it in the console's languages.
    fn key(mut self, key: String) -> Self {
        self.told.keys.push(key);
        self
    }

    /// The service has no register: what the administrator does next.
    pub(crate) fn unready(why: Unready) -> Self {
        let (code, detail) = match why {
            Unready::Uninitialised => (
                "uninitialised",
                "this service holds no register yet: its administrator runs `tanba init --dir DIR`, which asks for the first passphrase and account, and starts the service again",
            ),
            Unready::Locked => (
                "locked",
                "the register is locked: its administrator gives the passphrase in TANBA_PASSPHRASE or TANBA_PASSPHRASE_FILE and starts the service again",
            ),
        };
        Self::new(StatusCode::SERVICE_UNAVAILABLE, code, detail)
    }

    /// Something that is not the client's fault. The cause goes to the service's log, the client gets a number to name.
    pub(crate) fn internal(error: &(dyn std::error::Error + 'static)) -> Self {
        let mut bytes = [0_u8; 8];
        // Without randomness the number is 0: still a number, and the failure itself is in the log.
        let _ = getrandom::fill(&mut bytes);
        let incident = format!("{:016x}", u64::from_be_bytes(bytes));
        tracing::error!(incident, error, "a request failed");
        let detail = format!("the service failed; nothing was answered: tell the administrator incident {incident}");
        let mut refusal = Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail);
        refusal.told.problem.incident = Some(incident);
        refusal
    }
}

/// The code of a refusal where the password was right and the session waits for its passkey.
pub(crate) const PASSKEY_NEEDED: &str = "passkey_needed";

impl From<RegistryError> for Refusal {
    fn from(error: RegistryError) -> Self {
        let told = chain(&error);
        match error {
            RegistryError::Denied(denial) => {
                let mut refusal = Self::new(StatusCode::FORBIDDEN, &denial.code, denial.text);
                refusal.told.problem.clause = Some(denial.clause);
                refusal.told.problem.needs = Some(denial.needs);
                refusal.told.problem.log_seq = Some(denial.log_seq);
                (refusal.told.law, refusal.told.law_needs) = (denial.law_text, denial.law_needs);
                refusal
            }
            RegistryError::Unauthenticated => Self::new(StatusCode::UNAUTHORIZED, "unauthenticated", told),
            RegistryError::PasskeyNeeded { .. } => Self::new(StatusCode::UNAUTHORIZED, PASSKEY_NEEDED, told),
            RegistryError::TooManyAttempts { seconds } => {
                Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_attempts", told).retry_after(seconds)
            }
            RegistryError::SignInAway => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "sign_in_away", told).retry_after(60)
            }
            RegistryError::NotFound { what } => {
                Self::new(StatusCode::NOT_FOUND, "not_found", told).key(format!("not-found-{}", slug(what)))
            }
            RegistryError::Conflict { what, .. } => {
                Self::new(StatusCode::CONFLICT, "conflict", told).key(format!("conflict-{}", slug(what)))
            }
            RegistryError::Invalid { field, .. } => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", told).key(format!("invalid-{}", slug(field)))
            }
            RegistryError::Image(_) => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "image", told),
            RegistryError::Extract(_) => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "no_fingerprint", told),
            RegistryError::Profile(error) => {
                let (key, place) = of_profile(&error);
                let mut refusal = Self::new(StatusCode::UNPROCESSABLE_ENTITY, "profile", told).key(key.to_owned());
                refusal.told.place = place;
                refusal
            }
            RegistryError::File(_) => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "file", told),
            RegistryError::Convert(_) => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "conversion", told),
            RegistryError::SearchIncomplete { .. } => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "search_incomplete", told).retry_after(5)
            }
            RegistryError::Gallery(_) => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "gallery_not_kept", told).retry_after(60)
            }
            RegistryError::Keys { .. } => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "keys_not_released", told).retry_after(30)
            }
            RegistryError::PopulationRegister(_) => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "population_register_away", told).retry_after(30)
            }
            RegistryError::Unpublished { .. } => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "log_unpublished", told).retry_after(60)
            }
            RegistryError::Log(LogError::OutOfRange { .. }) => Self::new(
                StatusCode::NOT_FOUND,
                "not_found",
                "no such entry is published: the log has fewer, or will have it in a moment",
            ),
            RegistryError::Log(LogError::Pruned { .. }) => Self::new(StatusCode::GONE, "pruned", told),
            // DataFolder, Pack, Seal, the other Log errors, Store, Schema, Io, Damaged, and what later versions add.
            other => Self::internal(&other),
        }
    }
}

impl Refusal {
    /// The problem with what a page needs to tell it.
    pub(crate) fn into_told(self) -> Told {
        *self.told
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.told.problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(&self.told.problem)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = self.told.seconds {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(*self.told);
        response
    }
}

/// The answer to a path that nothing is at.
pub(crate) async fn no_such_path(State(state): State<ServerState>, uri: Uri) -> Refusal {
    match state.registry() {
        Err(unready) if uri.path().starts_with("/api/") => unready,
        _ => Refusal::new(StatusCode::NOT_FOUND, "no_such_path", "nothing is here: see /api/openapi.json"),
    }
}

/// The answer to a method that a path does not take.
pub(crate) async fn no_such_method() -> Refusal {
    Refusal::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "no_such_method",
        "this path does not take this method: see /api/openapi.json",
    )
}

fn title(status: StatusCode) -> &'static str {
    match status {
        StatusCode::BAD_REQUEST => "The request cannot be read",
        StatusCode::UNAUTHORIZED => "Not signed in",
        StatusCode::FORBIDDEN => "Denied, and written in the log",
        StatusCode::CONFLICT => "This contradicts what is recorded",
        StatusCode::UNPROCESSABLE_ENTITY => "A value cannot be taken",
        StatusCode::TOO_MANY_REQUESTS => "Too many attempts",
        _ => status.canonical_reason().unwrap_or("Error"),
    }
}

/// The text that tells what is wrong with genetic input, and where; a general one where people never meet it on a page.
fn of_profile(error: &DnaError) -> (&'static str, Option<String>) {
    let at = |locus: &tanba_dna::Locus| Some(locus.to_string());
    match error {
        DnaError::LocusNotPermitted { name } => ("profile-not-permitted", Some(name.clone())),
        DnaError::BadAllele { locus } => ("profile-bad-allele", at(locus)),
        DnaError::BadDropoutMark { locus } => ("profile-bad-dropout-mark", at(locus)),
        DnaError::TooManyAlleles { locus, .. } => ("profile-too-many-alleles", at(locus)),
        DnaError::ContradictoryLocus { locus } => ("profile-contradictory-locus", at(locus)),
        DnaError::BadSexMarker | DnaError::ContradictorySexMarker => ("profile-sex-marker", None),
        DnaError::EmptyProfile => ("profile-empty", None),
        DnaError::BadText { .. } | DnaError::TextTooLong { .. } => ("profile-bad-text", None),
        DnaError::BadLineage { place, .. } => ("profile-bad-lineage", Some(place.clone())),
        DnaError::TooFewLoci { .. } | DnaError::NothingToWeigh => ("profile-too-few-loci", None),
        DnaError::NoFrequency { locus } | DnaError::NoSampleSize { locus } | DnaError::NoFrequenciesAt { locus } => {
            ("profile-no-frequency", at(locus))
        }
        DnaError::BadTheta
        | DnaError::BadProbability { .. }
        | DnaError::BadMutation { .. }
        | DnaError::BadBound { .. } => ("profile-bad-number", None),
        DnaError::HypothesisNotMeant { .. } => ("profile-not-meant", None),
        _ => ("problem-profile", None),
    }
}

/// A sentence of the registry as part of a key: small letters and digits, everything else a hyphen.
pub(crate) fn slug(sentence: &str) -> String {
    let plain = sentence.to_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    plain.split('-').filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-")
}

/// An error with its causes, in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        told = format!("{told}: {error}");
        cause = error.source();
    }
    told
}
