//! National sign-in of the person concerned, through an OpenID provider (docs/sign-in.md): they are sent there, come back with a code,
//! and see the own record if the number that the provider vouches for is one that a register has confirmed.
//!
//! Nothing is kept of an attempt before it comes back (`attempt`), and what the provider says of somebody is kept no longer than it takes
//! to look up the number's keyed hash (`opening`). Whatever is refused is in the log, by its reason and without the person.

mod attempt;
mod opening;
mod provider;

use std::collections::BTreeSet;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tanba_law::Text;
use tanba_seal::openid::{ClientKey, host_of};
use tokio::sync::{Mutex, Semaphore};
use zeroize::Zeroizing;

pub(crate) use opening::confirmed_person;
pub use opening::{NationalLeave, NationalReturn};

use self::provider::{FetchedKeys, Known};
use crate::error::{RegistryError, Result};
use crate::params::SIGN_INS_AT_ONCE;
use crate::registry::{Mode, Registry};

/// One request to the provider.
pub struct ProviderAsk<'a> {
    /// The whole address.
    pub url: &'a str,
    /// What is posted (`application/x-www-form-urlencoded`); nothing is a GET.
    pub form: Option<Zeroizing<String>>,
    /// The header `Authorization`.
    pub authorization: Option<Zeroizing<String>>,
}

/// What the provider answered.
pub struct ProviderSaid {
    /// The status.
    pub status: u16,
    /// What the body is, by its header.
    pub content_type: String,
    /// The body.
    pub body: Vec<u8>,
}

/// An answer, or why there is none.
pub type ProviderAnswer<'a> = Pin<Box<dyn Future<Output = io::Result<ProviderSaid>> + Send + 'a>>;

/// The way to the provider. The program speaks HTTPS; tests ask a provider in the same process. It follows no redirects, and bounds time and
/// size.
pub trait ProviderLine: Send + Sync {
    /// Asks once.
    fn ask<'a>(&'a self, ask: ProviderAsk<'a>) -> ProviderAnswer<'a>;
}

/// How this service shows the provider who it is.
pub enum ProviderCredential {
    /// It signs by its own key (`private_key_jwt`).
    Key(Box<ClientKey>),
    /// It tells a secret (`client_secret_basic`).
    Secret(Zeroizing<String>),
}

/// A provider, and what is asked of it.
pub struct NationalProvider {
    /// What people call it.
    pub name: Text,
    /// Its issuer's address, exactly as it says it itself.
    pub issuer: String,
    /// Hosts that its addresses may be on, beside the issuer's.
    pub hosts: BTreeSet<String>,
    /// This service, as it knows it.
    pub client: String,
    /// How the service shows who it is.
    pub credential: ProviderCredential,
    /// What is asked for; `openid` always.
    pub scopes: Vec<String>,
    /// Ways of recognising a person that suffice, the best first; empty where the provider decides.
    pub acr: Vec<String>,
    /// The claim with the person's number.
    pub number_claim: String,
    /// How long ago a person may have been recognised, seconds; none where the provider decides.
    pub max_age: Option<u32>,
    /// Where people come back to.
    pub redirect: String,
    /// Where they come back to after signing out there.
    pub signed_out: String,
}

/// How often what came of it, since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NationalCounts {
    /// Sessions opened or proved.
    pub opened: u64,
    /// Returns refused.
    pub refused: u64,
    /// Requests that the provider did not answer.
    pub away: u64,
}

/// National sign-in in this process.
pub(crate) struct National {
    provider: NationalProvider,
    line: Arc<dyn ProviderLine>,
    hosts: BTreeSet<String>,
    known: Mutex<Option<Known>>,
    keys: Mutex<Option<FetchedKeys>>,
    /// Who may speak with the provider now: a slow one holds up nobody but those who sign in.
    room: Semaphore,
    opened: AtomicU64,
    refused: AtomicU64,
    away: AtomicU64,
}

impl Registry {
    /// Names the provider by which people sign in to the own record. Call it when the register is opened.
    ///
    /// # Errors
    /// Invalid where an address is not one over TLS; where nobody says how well people are recognised, in a register for real people.
    pub fn use_national_sign_in(&self, provider: NationalProvider, line: Arc<dyn ProviderLine>) -> Result<()> {
        let invalid = |field, problem: &str| Err(RegistryError::Invalid { field, problem: problem.to_owned() });
        let Some(issuer) = host_of(&provider.issuer) else {
            return invalid("issuer", "give its https:// address, exactly as the provider says it itself");
        };
        if host_of(&provider.redirect).is_none() {
            return invalid("redirect", "people come back to the https:// address that they know this service by");
        }
        if self.mode() == Mode::Production {
            if provider.acr.is_empty() {
                return invalid(
                    "acr",
                    "name the ways of recognising a person that suffice for a register of real people",
                );
            }
            if !provider.issuer.starts_with("https://") || !provider.redirect.starts_with("https://") {
                return invalid("issuer", "a register for real people and its provider are reached by https:// alone");
            }
        }
        let mut hosts = provider.hosts.clone();
        hosts.insert(issuer.to_owned());
        let national = National {
            hosts,
            line,
            known: Mutex::default(),
            keys: Mutex::default(),
            room: Semaphore::new(SIGN_INS_AT_ONCE),
            opened: AtomicU64::default(),
            refused: AtomicU64::default(),
            away: AtomicU64::default(),
            provider,
        };
        *self.inner.national.write().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(Arc::new(national));
        Ok(())
    }

    /// What people call the national sign-in; none where this service has none.
    pub fn national_sign_in(&self) -> Option<Text> {
        self.national().ok().map(|national| national.provider.name.clone())
    }

    /// How often what came of it; none where this service has none.
    pub fn national_counts(&self) -> Option<NationalCounts> {
        let national = self.national().ok()?;
        let count = |of: &AtomicU64| of.load(Ordering::Relaxed);
        Some(NationalCounts {
            opened: count(&national.opened),
            refused: count(&national.refused),
            away: count(&national.away),
        })
    }

    pub(crate) fn national(&self) -> Result<Arc<National>> {
        let national = self.inner.national.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        national.clone().ok_or(RegistryError::NotFound { what: "national sign-in" })
    }
}
