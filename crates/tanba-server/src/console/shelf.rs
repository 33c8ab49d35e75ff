//! What was answered to a form, kept for a quarter of an hour, so that reloading, going back and pressing twice do nothing
//! again. In memory only, and for the session that asked.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::http::StatusCode;

use crate::problem::Refusal;

const KEPT: Duration = Duration::from_secs(15 * 60);
/// Answers kept at once; the oldest goes first.
const ROOM: usize = 1000;
/// Bytes that all answers together may take; the oldest goes first.
const BYTES: usize = 256 << 20;

/// Answers that are kept.
pub(crate) struct Shelf<T>(Mutex<HashMap<Key, Kept<T>>>);

/// The session's form token, and the key of the form.
type Key = (String, String);

struct Kept<T> {
    since: Instant,
    bytes: usize,
    /// `None` while it is being worked on.
    answer: Option<Arc<T>>,
}

impl<T> Default for Shelf<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> Shelf<T> {
    /// Takes the place of a request; `false` where the same form was sent before.
    pub(crate) fn begin(&self, session: &str, key: &str) -> bool {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|_, kept| kept.since.elapsed() < KEPT);
        let place = (session.to_owned(), key.to_owned());
        if kept.contains_key(&place) {
            return false;
        }
        if kept.len() >= ROOM {
            forget_oldest(&mut kept, &place);
        }
        kept.insert(place, Kept { since: Instant::now(), bytes: 0, answer: None });
        true
    }

    /// Puts the answer there with the memory that it takes, or gives the place up where there is none.
    pub(crate) fn end(&self, session: &str, key: &str, answer: Option<(T, usize)>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let place = (session.to_owned(), key.to_owned());
        let Some((answer, bytes)) = answer else {
            kept.remove(&place);
            return;
        };
        kept.insert(place.clone(), Kept { since: Instant::now(), bytes, answer: Some(Arc::new(answer)) });
        while kept.values().map(|kept| kept.bytes).sum::<usize>() > BYTES && kept.len() > 1 {
            forget_oldest(&mut kept, &place);
        }
    }

    /// What lies there: nothing, a request being worked on, or its answer.
    pub(crate) fn find(&self, session: &str, key: &str) -> Option<Option<Arc<T>>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = kept.get(&(session.to_owned(), key.to_owned()))?;
        (found.since.elapsed() < KEPT).then(|| found.answer.clone())
    }
}

fn forget_oldest<T>(kept: &mut HashMap<Key, Kept<T>>, except: &Key) {
    let others = kept.iter().filter(|(key, _)| *key != except);
    if let Some(oldest) = others.min_by_key(|(_, kept)| kept.since).map(|(key, _)| key.clone()) {
        kept.remove(&oldest);
    }
}

/// The answer to whoever asks for what is being worked on.
pub(crate) fn coming() -> Refusal {
    let detail = "the request is being worked on: reload this page in some seconds";
    Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "answer_coming", detail).retry_after(2)
}

/// Whether a form's key is one that [`fresh_key`](super::fresh_key) made.
pub(crate) fn is_key(key: &str) -> bool {
    key.len() == 32 && key.bytes().all(|b| b.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_form_begins_once_and_an_answer_is_for_its_session() {
        let shelf = Shelf::default();
        assert!(shelf.begin("a", "1"));
        assert!(!shelf.begin("a", "1"));
        assert!(shelf.begin("b", "1"), "another session's key is its own");
        assert!(matches!(shelf.find("a", "1"), Some(None)));
        shelf.end("a", "1", Some(((), 0)));
        assert!(matches!(shelf.find("a", "1"), Some(Some(_))));
        assert!(shelf.find("c", "1").is_none());
        shelf.end("a", "1", None);
        assert!(shelf.find("a", "1").is_none());
        assert!(shelf.begin("a", "1"), "a refused request can be asked again");
    }

    #[test]
    fn what_takes_too_much_memory_pushes_the_oldest_out_and_never_itself() {
        let shelf = Shelf::default();
        for key in ["1", "2", "3"] {
            assert!(shelf.begin("a", key));
            shelf.end("a", key, Some(((), BYTES / 2)));
        }
        assert!(shelf.find("a", "1").is_none());
        assert!(shelf.find("a", "2").is_some() && shelf.find("a", "3").is_some());
        shelf.begin("a", "4");
        shelf.end("a", "4", Some(((), 2 * BYTES)));
        assert!(shelf.find("a", "4").is_some() && shelf.find("a", "3").is_none());
    }

    #[test]
    fn only_keys_that_were_made_here_are_taken() {
        assert!(is_key("0123456789abcdef0123456789abcdef"));
        assert!(!is_key("0123456789abcdef") && !is_key("0123456789abcdef0123456789abcde/"));
    }
}
