//! A folder that is read again when it changes, and what is counted about it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustls::pki_types::UnixTime;
use tokio::task::JoinHandle;

use crate::folder::{self, Held, Stamp, TlsError};
use crate::params::{DAY, LOOK, TELL};
use crate::refusal::Refusal;

/// A service's place in its house: its certificate, and whom it believes.
pub struct Tls {
    dir: PathBuf,
    longest: Duration,
    state: Mutex<State>,
    unread: AtomicU64,
    refused: Mutex<BTreeMap<&'static str, u64>>,
}

struct State {
    held: Arc<Held>,
    /// Of the files when they were read last.
    stamps: [Option<Stamp>; 4],
    /// When they were read last, if that did not go well: what has not begun yet, or was judged by a wrong clock, may be good later.
    failed: Option<Instant>,
    told: Option<Instant>,
}

impl Tls {
    /// Reads a folder; certificates, this one too, live `longest` at most.
    ///
    /// # Errors
    /// What is wrong with the folder, and what to do.
    pub fn open(dir: &Path, longest: Duration) -> Result<Arc<Self>, TlsError> {
        // Before the files: a change in between is seen again.
        let stamps = folder::stamps(dir);
        let (house, lists_end) = folder::read_house(dir, longest)?;
        let own = folder::read_own(dir, &house, UnixTime::now())?;
        let held = Arc::new(Held { house, lists_end, own });
        let state = Mutex::new(State { held, stamps, failed: None, told: None });
        Ok(Arc::new(Self { dir: dir.to_owned(), longest, state, unread: AtomicU64::new(0), refused: Mutex::default() }))
    }

    /// The same for a side that has to prove itself.
    ///
    /// # Errors
    /// As [`Tls::open`], and where the folder holds no certificate.
    pub fn open_own(dir: &Path, longest: Duration) -> Result<Arc<Self>, TlsError> {
        let tls = Self::open(dir, longest)?;
        if tls.proves_itself() { Ok(tls) } else { Err(TlsError::NoneOwn { path: dir.to_owned() }) }
    }

    /// Whether there is a certificate to show.
    pub fn proves_itself(&self) -> bool {
        self.current().own.is_some()
    }

    /// What the folder holds now. Files are replaced one after the other: a certificate that cannot be used leaves the one before in its place,
    /// until that one's end, and so do roots and lists. A new list counts even where this service's own certificate does not any more.
    pub(crate) fn current(&self) -> Arc<Held> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let stamps = folder::stamps(&self.dir);
        if stamps != state.stamps || state.failed.is_some_and(|failed| failed.elapsed() >= LOOK) {
            state.stamps = stamps;
            let mut held = Held::clone(&state.held);
            let read = folder::read_house(&self.dir, self.longest).map(|house| (held.house, held.lists_end) = house);
            let own = folder::read_own(&self.dir, &held.house, UnixTime::now()).map(|own| held.own = own);
            state.failed = None;
            for error in [read, own].into_iter().filter_map(Result::err) {
                state.failed = Some(Instant::now());
                let error = &error as &dyn std::error::Error;
                tracing::error!(error, "certificates have changed and cannot be used; the ones before go on");
            }
            if state.failed.is_none() {
                state.told = None;
            }
            self.unread.store(u64::from(state.failed.is_some()), Ordering::Relaxed);
            state.held = Arc::new(held);
        }
        Arc::clone(&state.held)
    }

    /// What ends soon, in words; told from the last third of a life on.
    pub fn ending(&self) -> Option<String> {
        ending(&self.current(), UnixTime::now())
    }

    /// Looks at the folder every minute and warns of what ends soon, once an hour, until the task is aborted.
    pub fn keep_watched(self: &Arc<Self>) -> JoinHandle<()> {
        let tls = Arc::clone(self);
        tokio::spawn(async move {
            let mut interval = tokio::time::interval(LOOK);
            loop {
                interval.tick().await;
                let Some(ending) = tls.ending() else { continue };
                let mut state = tls.state.lock().unwrap_or_else(PoisonError::into_inner);
                if state.told.is_none_or(|told| told.elapsed() >= TELL) {
                    state.told = Some(Instant::now());
                    tracing::warn!("{ending}");
                }
            }
        })
    }

    /// Writes down and counts a peer that was refused.
    pub(crate) fn refuse(&self, why: &Refusal) {
        *self.refused.lock().unwrap_or_else(PoisonError::into_inner).entry(why.code()).or_default() += 1;
        tracing::warn!(code = why.code(), "a peer was refused: {why}");
    }

    /// For `/metrics`, in the text format of Prometheus.
    pub fn metrics(&self) -> String {
        let held = self.current();
        let mut text = String::new();
        let mut gauge = |name: &str, help: &str, value: u64| {
            let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}");
        };
        if let Some(own) = &held.own {
            gauge(
                "tanba_tls_certificate_ends_seconds",
                "When this service's certificate ends (POSIX seconds).",
                own.life.ends.as_secs(),
            );
        }
        gauge(
            "tanba_tls_list_ends_seconds",
            "When the first list of revoked certificates ends (POSIX seconds).",
            held.lists_end.as_secs(),
        );
        gauge(
            "tanba_tls_unread",
            "Whether the certificates have changed and cannot be used.",
            self.unread.load(Ordering::Relaxed),
        );
        text += "# HELP tanba_tls_refused_total Peers refused, by reason.\n# TYPE tanba_tls_refused_total counter\n";
        for (code, count) in &*self.refused.lock().unwrap_or_else(PoisonError::into_inner) {
            let _ = writeln!(text, "tanba_tls_refused_total{{reason=\"{code}\"}} {count}");
        }
        text
    }
}

fn ending(held: &Held, now: UnixTime) -> Option<String> {
    let now = now.as_secs();
    let left = |ends: Duration| match ends.as_secs().checked_sub(now) {
        None => "has ended".to_owned(),
        Some(left) if left < 3600 => format!("ends in {} minutes", left / 60),
        Some(left) if left < 2 * DAY => format!("ends in {} hours", left / 3600),
        Some(left) => format!("ends in {} days", left / DAY),
    };
    if let Some(own) = &held.own
        && own.life.ends.as_secs().saturating_sub(now) < own.life.lives().as_secs() / 3
    {
        return Some(format!(
            "the certificate of this service {}: put a new one into its folder, and it is taken without a restart",
            left(own.life.ends)
        ));
    }
    // A list does not say for how long its authority makes them: two days are enough to bring one.
    (held.lists_end.as_secs().saturating_sub(now) < 2 * DAY).then(|| {
        format!(
            "the list of revoked certificates {}: put a new one into the folder, or nobody is believed any more",
            left(held.lists_end)
        )
    })
}
