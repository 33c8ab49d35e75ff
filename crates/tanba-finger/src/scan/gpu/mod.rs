//! The first look on an NVIDIA GPU: the same scores as [`super::scan`], bit for bit.
//!
//! Behind the feature `cuda`, which builds without CUDA: the driver and CUDA's compiler (NVRTC) are looked for when [`Gpu::find`] is called, and where one
//! is missing the error says so and everything goes on as before. The kernel is `kernel.cu`, compiled on the machine that it runs on.
//!
//! ```text
//! let gpu = Gpu::find()?;                   once a program: finds, compiles, and compares a few scores with the processor's
//! let gallery = gpu.upload(&prints)?;       once a gallery: 2112 bytes a print stay on the GPU
//! gallery.scan(&probe, &mut scores)?;       as scan(&probe, &prints, &mut scores)
//! ```
//!
//! Without a GPU the tests compile the same kernel as C++ and hold its scores against the processor's (`emulated.cpp`).

mod invented;
#[cfg(feature = "cuda")]
mod launch;
mod packed;

/// Threads of a block; each has a print.
const BLOCK: usize = 128;

/// What `kernel.cu` must be told, in the words that both NVRTC and C++ compilers know.
fn definitions() -> Vec<String> {
    let all = [
        ("LANES", super::LANES),
        ("WORDS", super::WORDS),
        ("CODE_WORDS", super::CODE_WORDS),
        ("FEWEST", super::FEWEST),
        ("TILE", packed::TILE),
        ("BLOCK", BLOCK),
    ];
    all.into_iter().map(|(name, value)| format!("-D{name}={value}")).collect()
}

#[cfg(feature = "cuda")]
pub use on_device::{Gpu, GpuError, GpuGallery};

#[cfg(feature = "cuda")]
mod on_device {
    use std::fmt;
    use std::panic::catch_unwind;
    use std::sync::Arc;

    use cudarc::driver::{CudaContext, CudaSlice, CudaStream, DriverError, sys::CUresult};

    use super::launch::{self, Kernel};
    use super::packed::{self, ROWS, TILE};
    use super::{super::ScanPrint, super::scan, invented};

    /// Prints that are packed and sent at once: 138 MB.
    const SENT_AT_ONCE: usize = 1 << 16;
    /// Scores that are made at once, at most: 256 MB of the GPU.
    const SCORES_AT_ONCE: usize = 1 << 26;
    /// Probes of one launch, at most (CUDA: rows of a grid).
    const PROBES_AT_ONCE: usize = 65_535;

    /// Why there is no GPU to search on, or what went wrong there. The search on the processor gives the same scores.
    #[derive(Debug, thiserror::Error)]
    #[non_exhaustive]
    pub enum GpuError {
        /// The driver's library is not on this machine.
        #[error(
            "no CUDA driver was found: install the driver of an NVIDIA GPU (libcuda), or search on the processor, which gives the same scores"
        )]
        NoDriver,
        /// The driver sees no GPU.
        #[error(
            "no CUDA device was found: see what nvidia-smi lists and whether CUDA_VISIBLE_DEVICES hides it, or search on the processor, which gives the \
             same scores"
        )]
        NoDevice,
        /// The driver is there, the compiler is not.
        #[error(
            "CUDA's compiler was not found: install NVRTC (libnvrtc, a part of the CUDA toolkit) in a version that the driver supports, or search on the \
             processor, which gives the same scores"
        )]
        NoCompiler,
        /// The compiler refused the kernel.
        #[error(
            "the kernel of the first look was not compiled: {0}; report this with the version of CUDA, and search on the processor"
        )]
        NotCompiled(String),
        /// The driver or the compiler lacks something that every version since CUDA 11.4 has.
        #[error(
            "the CUDA driver or compiler is too old: update it, or search on the processor, which gives the same scores"
        )]
        TooOld,
        /// The driver refused something.
        #[error(
            "{doing} failed: {why}; see what nvidia-smi says about memory and errors, or search on the processor, which gives the same scores"
        )]
        Refused {
            /// What was to be done.
            doing: &'static str,
            /// What the driver says.
            why: String,
        },
        /// More prints than a kernel can number.
        #[error("{0} prints are too many for one gallery on a GPU: cut it into galleries of at most 4,000,000,000")]
        TooMany(usize),
        /// The GPU gives other scores than the processor.
        #[error(
            "the GPU gives other scores than the processor: do not search on it, and report this with its name and the version of CUDA"
        )]
        Differs,
    }

    /// What the driver says when it refuses something.
    fn refused(doing: &'static str) -> impl Fn(DriverError) -> GpuError {
        move |error| GpuError::Refused { doing, why: error.to_string() }
    }

    /// A GPU with the kernel of the first look.
    #[derive(Clone)]
    pub struct Gpu {
        stream: Arc<CudaStream>,
        kernel: Kernel,
        name: String,
    }

    impl Gpu {
        /// The first GPU that the driver offers (`CUDA_VISIBLE_DEVICES` says which that is), its scores compared with the processor's on a few
        /// prints of nobody.
        pub fn find() -> Result<Self, GpuError> {
            // The loader panics at a function that the driver does not have; after this call all that are used have been found.
            catch_unwind(Self::opened_and_compared).unwrap_or(Err(GpuError::TooOld))
        }

        /// What the driver calls it.
        pub fn name(&self) -> &str {
            &self.name
        }

        /// Sends the prints of a gallery to the GPU, where they stay: 1344 bytes each.
        pub fn upload(&self, prints: &[ScanPrint]) -> Result<GpuGallery, GpuError> {
            let failed = refused("sending a gallery to the GPU");
            let count = u32::try_from(prints.len()).ok().filter(|count| *count <= 4_000_000_000);
            let count = count.ok_or(GpuError::TooMany(prints.len()))?;
            if prints.is_empty() {
                return Ok(GpuGallery { gpu: self.clone(), tiles: None, count });
            }
            let mut tiles = self.stream.alloc_zeros(prints.len().div_ceil(TILE) * TILE * ROWS).map_err(&failed)?;
            for (part, prints) in prints.chunks(SENT_AT_ONCE).enumerate() {
                let packed = packed::tiled(prints);
                let begin = part * SENT_AT_ONCE * ROWS;
                let mut into = tiles.slice_mut(begin..begin + packed.len());
                self.stream.memcpy_htod(&packed, &mut into).map_err(&failed)?;
            }
            self.stream.synchronize().map_err(&failed)?;
            Ok(GpuGallery { gpu: self.clone(), tiles: Some(tiles), count })
        }

        fn opened_and_compared() -> Result<Self, GpuError> {
            let gpu = Self::opened()?;
            let prints = invented::prints();
            let (mut here, mut there) = (vec![0; prints.len()], vec![0; prints.len() * prints.len()]);
            gpu.upload(&prints)?.scan_all(&prints, &mut there)?;
            for (probe, there) in prints.iter().zip(there.chunks_exact(prints.len())) {
                scan(probe, &prints, &mut here);
                if here != there {
                    return Err(GpuError::Differs);
                }
            }
            Ok(gpu)
        }

        fn opened() -> Result<Self, GpuError> {
            if !launch::has_driver() {
                return Err(GpuError::NoDriver);
            }
            match CudaContext::device_count() {
                Ok(0) | Err(DriverError(CUresult::CUDA_ERROR_NO_DEVICE)) => return Err(GpuError::NoDevice),
                // What the CUDA toolkit brings to link against is no driver.
                Err(DriverError(CUresult::CUDA_ERROR_STUB_LIBRARY)) => return Err(GpuError::NoDriver),
                Ok(_) => {}
                Err(error) => return Err(refused("starting the CUDA driver")(error)),
            }
            if !launch::has_compiler() {
                return Err(GpuError::NoCompiler);
            }
            let context = CudaContext::new(0).map_err(refused("opening the GPU"))?;
            let name = context.name().map_err(refused("asking the GPU's name"))?;
            Ok(Self { stream: context.default_stream(), kernel: Kernel::compiled(&context)?, name })
        }
    }

    impl fmt::Debug for Gpu {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.debug_struct("Gpu").field("name", &self.name).finish_non_exhaustive()
        }
    }

    /// The prints of a gallery on a GPU.
    #[derive(Debug)]
    pub struct GpuGallery {
        gpu: Gpu,
        /// Nothing where there are no prints: CUDA has no memory of no length.
        tiles: Option<CudaSlice<u64>>,
        count: u32,
    }

    impl Drop for GpuGallery {
        /// Nothing of the prints stays readable on the GPU.
        fn drop(&mut self) {
            if let Some(tiles) = &mut self.tiles {
                // A driver that refuses even that is about to be unloaded with all its memory.
                let _ = self.gpu.stream.memset_zeros(tiles);
            }
        }
    }

    impl GpuGallery {
        /// How many prints there are.
        pub fn len(&self) -> usize {
            self.count as usize
        }

        /// Whether there are none.
        pub fn is_empty(&self) -> bool {
            self.count == 0
        }

        /// Scores a probe against every print, as [`super::super::scan`] does. Scores beyond the last print stay as they are, and prints beyond the
        /// last score have none. After an error the scores mean nothing.
        pub fn scan(&self, probe: &ScanPrint, scores: &mut [u32]) -> Result<(), GpuError> {
            if scores.len() < self.len() {
                let mut all = vec![0; self.len()];
                self.scan_all(std::slice::from_ref(probe), &mut all)?;
                scores.copy_from_slice(&all[..scores.len()]);
                return Ok(());
            }
            let scores = &mut scores[..self.len()];
            self.scan_all(std::slice::from_ref(probe), scores)
        }

        /// Scores several probes: all scores of the first one, then all of the second. Faster than one after the other where the gallery is small.
        ///
        /// # Panics
        ///
        /// Where `scores` has not one place for every probe and print.
        pub fn scan_all(&self, probes: &[ScanPrint], scores: &mut [u32]) -> Result<(), GpuError> {
            assert_eq!(scores.len(), probes.len() * self.len(), "one score for every probe and print");
            let Some(tiles) = &self.tiles else { return Ok(()) };
            let failed = refused("scoring on the GPU");
            let stream = &self.gpu.stream;
            let at_once = (SCORES_AT_ONCE / self.len()).clamp(1, PROBES_AT_ONCE);
            for (probes, scores) in probes.chunks(at_once).zip(scores.chunks_mut(at_once * self.len())) {
                let packed: Vec<u64> = probes.iter().flat_map(packed::probe).collect();
                let packed = stream.clone_htod(&packed).map_err(&failed)?;
                let mut made = stream.alloc_zeros(scores.len()).map_err(&failed)?;
                self.gpu.kernel.launch(stream, tiles, self.count, &packed, &mut made).map_err(&failed)?;
                stream.memcpy_dtoh(&made, scores).map_err(&failed)?;
                stream.synchronize().map_err(&failed)?;
            }
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests;
