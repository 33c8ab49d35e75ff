//! What all requests share: the register, or why there is none; the gate before heavy work; the counters.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tanba_registry::{Mode, Registry};
use tokio::sync::Semaphore;

use crate::console::access::KeptAnswer;
use crate::console::counter::Counter;
use crate::console::device::VirtualDevice;
use crate::console::files::KeptFile;
use crate::console::genomic::Kept as KeptGenomic;
use crate::console::oversight::TrainingPeople;
use crate::console::shelf::Shelf;
use crate::metrics::Counters;
use crate::problem::Refusal;

/// Why a service has no register to work on. It then answers nothing but that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unready {
    /// The data folder holds no register yet.
    Uninitialised,
    /// It holds one, and nobody has given the passphrase.
    Locked,
}

/// The state of the service; cheap to clone.
#[derive(Clone)]
pub struct ServerState {
    inner: Arc<Inner>,
}

/// What the pages need to know about where they are shown.
#[derive(Clone, Default)]
pub struct Face {
    /// A training register: its pages wear another colour, and offer exercises.
    pub training: bool,
    /// Cookies go over TLS only, because a proxy in front speaks it.
    pub secure_cookies: bool,
    /// The address that people outside know the service by, such as `https://tanba.example`; for the QR code of receipts.
    pub public_url: Option<String>,
    /// A scanner that is not there, for people who do not exist.
    pub device: Option<Arc<dyn VirtualDevice>>,
    /// The invented people of a training register's exercises.
    pub exercises: Option<Arc<dyn TrainingPeople>>,
    /// What the program counts besides, in the text of `/metrics`.
    pub other_metrics: Option<Arc<dyn Fn() -> String + Send + Sync>>,
}

struct Inner {
    service: Result<Open, Unready>,
    face: Face,
    counter: Counter,
    answers: Shelf<KeptAnswer>,
    files: Shelf<KeptFile>,
    genomic: Shelf<KeptGenomic>,
    counters: Counters,
    heavy: Arc<Semaphore>,
}

struct Open {
    registry: Registry,
    dir: PathBuf,
}

impl ServerState {
    /// A service on an open register, with the data folder that the public log is read from.
    pub fn open(registry: Registry, dir: &Path) -> Self {
        Self::open_as(registry, dir, Face::default())
    }

    /// The same, with what its pages should know.
    pub fn open_as(registry: Registry, dir: &Path, face: Face) -> Self {
        Self::new(Ok(Open { registry, dir: dir.to_owned() }), face)
    }

    /// A service without a register: it says what the administrator does next.
    pub fn unready(why: Unready) -> Self {
        Self::new(Err(why), Face::default())
    }

    fn new(service: Result<Open, Unready>, face: Face) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let heavy = Arc::new(Semaphore::new(cores * crate::gate::HEAVY_PER_CORE));
        Self {
            inner: Arc::new(Inner {
                service,
                face,
                counter: Counter::default(),
                answers: Shelf::default(),
                files: Shelf::default(),
                genomic: Shelf::default(),
                counters: Counters::default(),
                heavy,
            }),
        }
    }

    /// The register, or the refusal that says why there is none.
    pub(crate) fn registry(&self) -> Result<&Registry, Refusal> {
        self.inner.service.as_ref().map(|open| &open.registry).map_err(|why| Refusal::unready(*why))
    }

    /// Why there is no register, where there is none.
    pub(crate) fn why_unready(&self) -> Option<Unready> {
        self.inner.service.as_ref().err().copied()
    }

    /// The folder of the public log.
    pub(crate) fn log_folder(&self) -> Option<PathBuf> {
        self.inner.service.as_ref().ok().map(|open| open.dir.join("log"))
    }

    /// Whether this is a demonstration.
    pub(crate) fn demonstration(&self) -> bool {
        self.inner.service.as_ref().is_ok_and(|open| open.registry.mode() == Mode::Demonstration)
    }

    /// Whether this is a register for exercises, whatever whoever serves it says: its mark is in the register itself.
    pub(crate) fn training(&self) -> bool {
        self.inner.face.training || self.inner.service.as_ref().is_ok_and(|open| open.registry.training())
    }

    /// Where the pages are shown.
    pub(crate) fn face(&self) -> &Face {
        &self.inner.face
    }

    /// What the counter's pages keep between two requests.
    pub(crate) fn counter(&self) -> &Counter {
        &self.inner.counter
    }

    /// Answers to officers, kept for a while.
    pub(crate) fn answers(&self) -> &Shelf<KeptAnswer> {
        &self.inner.answers
    }

    /// Files that people have opened.
    pub(crate) fn files(&self) -> &Shelf<KeptFile> {
        &self.inner.files
    }

    /// Answers to DNA examiners, and where their forms led.
    pub(crate) fn genomic(&self) -> &Shelf<KeptGenomic> {
        &self.inner.genomic
    }

    pub(crate) fn counters(&self) -> &Counters {
        &self.inner.counters
    }

    pub(crate) fn heavy(&self) -> Arc<Semaphore> {
        self.inner.heavy.clone()
    }
}
