//! What the counter keeps between two pages and nowhere else: who was found, and how far a comparison is.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use tanba_registry::{AccountId, EncounterId, FoundPeople, Instant, SearchProgress, StationId};

use crate::problem::Told;

/// Search results kept, over all accounts: a page is made from the result right after the search.
const FOUND_KEPT: usize = 256;
/// How long a result can be gone back to, seconds; as long as its handles live.
const FOUND_SECONDS: i64 = 1800;

/// The memory of the counter's pages. Nothing in it outlives the program: a search is run again, a comparison repeated.
#[derive(Default)]
pub(crate) struct Counter {
    found: Mutex<VecDeque<Found>>,
    jobs: Mutex<BTreeMap<EncounterId, Arc<Job>>>,
    told: Mutex<VecDeque<(AccountId, EncounterId, String)>>,
}

struct Found {
    key: String,
    account: AccountId,
    at: Instant,
    people: Arc<FoundPeople>,
}

/// A comparison with everyone registered, as its page watches it.
pub(crate) struct Job {
    pub(crate) station: StationId,
    pub(crate) progress: Arc<SearchProgress>,
    outcome: Mutex<Option<Result<(), Told>>>,
}

impl Counter {
    /// Keeps a result for the account that asked.
    pub(crate) fn keep(&self, key: &str, account: AccountId, at: Instant, people: FoundPeople) {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.retain(|kept| kept.at.plus_seconds(FOUND_SECONDS) > at);
        if found.len() >= FOUND_KEPT {
            found.pop_front();
        }
        found.push_back(Found { key: key.to_owned(), account, at, people: Arc::new(people) });
    }

    /// Drops a result that a newer one takes the place of.
    pub(crate) fn forget(&self, key: &str) {
        self.found.lock().unwrap_or_else(PoisonError::into_inner).retain(|kept| kept.key != key);
    }

    /// A result that was kept for this account, if it is still at hand.
    pub(crate) fn found(&self, key: &str, account: AccountId, now: Instant) -> Option<Arc<FoundPeople>> {
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = found.iter().find(|kept| kept.key == key && kept.account == account)?;
        (kept.at.plus_seconds(FOUND_SECONDS) > now).then(|| Arc::clone(&kept.people))
    }

    /// Keeps what went wrong for the page that the form leads back to: an answer that is an error shows no person.
    pub(crate) fn tell(&self, account: AccountId, id: EncounterId, sentence: String) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.retain(|(to, about, _)| (*to, *about) != (account, id));
        if told.len() >= FOUND_KEPT {
            told.pop_front();
        }
        told.push_back((account, id, sentence));
    }

    /// What went wrong, once.
    pub(crate) fn hear(&self, account: AccountId, id: EncounterId) -> Option<String> {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let at = told.iter().position(|(to, about, _)| (*to, *about) == (account, id))?;
        told.remove(at).map(|(_, _, sentence)| sentence)
    }

    /// The comparison of an encounter, and whether this call has begun it: one at a time, however often a button is pressed.
    pub(crate) fn begin(&self, id: EncounterId, station: StationId) -> (Arc<Job>, bool) {
        let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        // What has succeeded needs no memory: the encounter itself says how it ended.
        jobs.retain(|_, job| !matches!(*job.outcome.lock().unwrap_or_else(PoisonError::into_inner), Some(Ok(()))));
        if let Some(job) = jobs.get(&id).filter(|job| job.running()) {
            return (Arc::clone(job), false);
        }
        let job = Arc::new(Job { station, progress: Arc::default(), outcome: Mutex::new(None) });
        jobs.insert(id, Arc::clone(&job));
        (job, true)
    }

    /// The comparison of an encounter, where one was begun since the program started.
    pub(crate) fn job(&self, id: EncounterId) -> Option<Arc<Job>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }
}

impl Job {
    pub(crate) fn running(&self) -> bool {
        self.outcome.lock().unwrap_or_else(PoisonError::into_inner).is_none()
    }

    pub(crate) fn end(&self, outcome: Result<(), Told>) {
        *self.outcome.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
    }

    /// Why it did not end, where it failed.
    pub(crate) fn failure(&self) -> Option<Told> {
        self.outcome.lock().unwrap_or_else(PoisonError::into_inner).as_ref()?.as_ref().err().cloned()
    }
}
