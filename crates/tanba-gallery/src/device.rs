//! The first look made elsewhere than on the processor: on a GPU that holds a copy of the codes.
//!
//! The copy is derived from what is in memory and never decides anything: scores are the same bit for bit, who is alive is asked of the
//! gallery, and prints that the copy does not have yet are looked at by the processor. Where the device fails in the middle of a search, the
//! processor does it all, and the coverage says so.

use crate::chunk::{Chunk, Lane};
use crate::part::Part;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::sync::{Arc, Weak};
use tanba_finger::scan::ScanPrint;
use tanba_formats::Finger;

/// Prints that lie together on a device: what is sent anew when somebody in it was erased (88 MB).
const BLOCK: usize = 1 << 16;

/// Why a device did not answer, in words for the machine's log; nothing of people is in them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct DeviceError(pub String);

/// Something that scores prints as [`tanba_finger::scan`] does.
pub trait LookDevice: fmt::Debug + Send + Sync {
    /// What it is called.
    fn name(&self) -> &str;

    /// Takes prints, which stay until what is returned is dropped; nothing of them is readable on the device then.
    ///
    /// # Errors
    /// [`DeviceError`], such as for no memory left.
    fn upload(&self, prints: &[ScanPrint]) -> Result<Box<dyn DevicePrints>, DeviceError>;
}

/// Prints on a device.
pub trait DevicePrints: fmt::Debug + Send + Sync {
    /// Scores of some probes: all of the first one, a score for each print, then all of the second. `scores` has exactly these places.
    ///
    /// # Errors
    /// [`DeviceError`]; the scores mean nothing then.
    fn scan(&self, probes: &[ScanPrint], scores: &mut [u32]) -> Result<(), DeviceError>;
}

/// How far a device has a gallery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnDevice {
    /// What the device is called.
    pub device: String,
    /// Prints that it holds.
    pub prints: usize,
}

/// Codes of a gallery on a device.
#[derive(Debug, Clone)]
pub(crate) struct Mirror {
    device: Arc<dyn LookDevice>,
    blocks: Vec<Arc<Block>>,
    /// Where a chunk's prints of a finger are.
    places: Arc<Places>,
}

/// Block, and where a chunk's prints begin in it. Chunks are known by their addresses, which are only compared.
type Places = HashMap<(Finger, usize), (usize, usize)>;

fn places(blocks: &[Arc<Block>]) -> Places {
    let of_block = |(number, block): (usize, &Arc<Block>)| {
        let finger = block.finger;
        let chunks = block.chunks.iter();
        chunks.map(|(chunk, begin)| ((finger, chunk.as_ptr().addr()), (number, *begin))).collect::<Vec<_>>()
    };
    blocks.iter().enumerate().flat_map(of_block).collect()
}

/// Prints of one finger position, from several chunks.
#[derive(Debug)]
struct Block {
    finger: Finger,
    prints: Box<dyn DevicePrints>,
    /// Where each chunk's prints begin. The reference keeps nobody alive, and keeps the address from being used again.
    chunks: Vec<(Weak<Chunk>, usize)>,
    count: usize,
}

impl Block {
    /// Whether every chunk is still one of these.
    fn serves(&self, here: &HashSet<*const Chunk>) -> bool {
        self.chunks.iter().all(|(chunk, _)| here.contains(&chunk.as_ptr()))
    }
}

impl Mirror {
    pub(crate) fn new(device: Arc<dyn LookDevice>) -> Self {
        Self { device, blocks: Vec::new(), places: Arc::default() }
    }

    /// The same device with nothing on it.
    pub(crate) fn emptied(&self) -> Self {
        Self::new(Arc::clone(&self.device))
    }

    pub(crate) fn stats(&self) -> OnDevice {
        let prints = self.blocks.iter().map(|block| block.count).sum();
        OnDevice { device: self.device.name().to_owned(), prints }
    }

    /// The mirror of these parts: blocks of which a chunk is gone (because somebody of it is) go, and chunks that no block has are sent. Parts
    /// that still take people stay with the processor.
    pub(crate) fn renewed(&self, parts: &[Arc<Part>]) -> Result<Self, DeviceError> {
        let chunks = || parts.iter().filter(|part| !part.open).flat_map(|part| &part.pieces).map(|piece| &piece.chunk);
        let here: HashSet<*const Chunk> = chunks().map(Arc::as_ptr).collect();
        let mut blocks: Vec<Arc<Block>> = self.blocks.iter().filter(|block| block.serves(&here)).cloned().collect();
        let mut gathered: BTreeMap<u8, Gathered> = BTreeMap::new();
        let sent = places(&blocks);
        for chunk in chunks() {
            for lane in chunk.lanes.iter().filter(|lane| !sent.contains_key(&(lane.finger, Arc::as_ptr(chunk).addr())))
            {
                let of_finger = gathered.entry(lane.finger.code()).or_insert_with(|| Gathered::new(lane.finger));
                of_finger.add(chunk, lane);
                if of_finger.prints.len() >= BLOCK {
                    blocks.extend(of_finger.sent(&*self.device)?);
                }
            }
        }
        for mut rest in gathered.into_values() {
            blocks.extend(rest.sent(&*self.device)?);
        }
        let places = Arc::new(places(&blocks));
        Ok(Self { device: Arc::clone(&self.device), blocks, places })
    }

    /// Scores of the probes against every print of the fingers that they may be of. `fits` says which those are.
    pub(crate) fn look(
        &self,
        probes: &[ScanPrint],
        fits: impl Fn(Finger) -> Vec<usize>,
    ) -> Result<DeviceScores, DeviceError> {
        let scored = |block: &Arc<Block>| {
            let which = fits(block.finger);
            let wanted: Vec<ScanPrint> = which.iter().map(|probe| probes[*probe].clone()).collect();
            let mut scores = vec![0; wanted.len() * block.count];
            if !wanted.is_empty() {
                block.prints.scan(&wanted, &mut scores)?;
            }
            Ok(Scored { scores, count: block.count, which })
        };
        let blocks = self.blocks.iter().map(scored).collect::<Result<_, DeviceError>>()?;
        Ok(DeviceScores { blocks, places: Arc::clone(&self.places) })
    }
}

/// Prints on their way to a device.
struct Gathered {
    finger: Finger,
    prints: Vec<ScanPrint>,
    chunks: Vec<(Weak<Chunk>, usize)>,
}

impl Gathered {
    fn new(finger: Finger) -> Self {
        Self { finger, prints: Vec::new(), chunks: Vec::new() }
    }

    fn add(&mut self, chunk: &Arc<Chunk>, lane: &Lane) {
        self.chunks.push((Arc::downgrade(chunk), self.prints.len()));
        self.prints.extend_from_slice(&lane.prints);
    }

    /// Sends what has gathered, and begins anew.
    fn sent(&mut self, device: &dyn LookDevice) -> Result<Option<Arc<Block>>, DeviceError> {
        if self.prints.is_empty() {
            return Ok(None);
        }
        let prints = device.upload(&self.prints)?;
        let count = self.prints.len();
        self.prints.clear();
        let chunks = core::mem::take(&mut self.chunks);
        Ok(Some(Arc::new(Block { finger: self.finger, prints, chunks, count })))
    }
}

/// What a device made of the probes of one search.
#[derive(Debug)]
pub(crate) struct DeviceScores {
    /// Block by block; without scores where no probe may be of the block's finger.
    blocks: Vec<Scored>,
    places: Arc<Places>,
}

#[derive(Debug)]
struct Scored {
    scores: Vec<u32>,
    count: usize,
    /// The probes that were scored, by number.
    which: Vec<usize>,
}

impl DeviceScores {
    /// A probe's scores against the prints of a chunk's lane, where the device had them.
    pub(crate) fn of(&self, chunk: &Chunk, lane: &Lane, probe: usize) -> Option<&[u32]> {
        let (block, begin) = *self.places.get(&(lane.finger, core::ptr::from_ref(chunk).addr()))?;
        let block = &self.blocks[block];
        let row = block.which.iter().position(|of| *of == probe)?;
        let begin = row * block.count + begin;
        block.scores.get(begin..begin + lane.prints.len())
    }
}

#[cfg(feature = "cuda")]
mod cuda {
    use super::{DeviceError, DevicePrints, LookDevice};
    use tanba_finger::scan::ScanPrint;
    use tanba_finger::scan::gpu::{Gpu, GpuError, GpuGallery};

    impl From<GpuError> for DeviceError {
        fn from(error: GpuError) -> Self {
            Self(error.to_string())
        }
    }

    impl LookDevice for Gpu {
        fn name(&self) -> &str {
            Gpu::name(self)
        }

        fn upload(&self, prints: &[ScanPrint]) -> Result<Box<dyn DevicePrints>, DeviceError> {
            Ok(Box::new(Gpu::upload(self, prints)?))
        }
    }

    impl DevicePrints for GpuGallery {
        fn scan(&self, probes: &[ScanPrint], scores: &mut [u32]) -> Result<(), DeviceError> {
            Ok(self.scan_all(probes, scores)?)
        }
    }
}
