//! The kernel compiled, and launched. The only `unsafe` of the house is here: CUDA takes what it is given, and nothing but this file makes sure that
//! arguments are what `kernel.cu` expects.
#![allow(unsafe_code)]

use std::sync::Arc;

use cudarc::driver::{CudaContext, CudaFunction, CudaSlice, CudaStream, DriverError, LaunchConfig, PushKernelArg};
use cudarc::nvrtc::{CompileError, CompileOptions, Ptx, compile_ptx_with_opts};

use super::GpuError;
use super::packed::{ROWS, TILE};
use super::{BLOCK, definitions};

const SOURCE: &str = include_str!("kernel.cu");
const NAME: &str = "first_look";

/// Whether the driver's library is on this machine. Where it is not, every call of the driver panics.
pub(super) fn has_driver() -> bool {
    // SAFETY: this loads a library by its well-known name and unloads it; the driver's own code that runs then is made for that, and whoever can put
    // another library of that name onto the loader's path can change this program too.
    unsafe { cudarc::driver::sys::is_culib_present() }
}

/// Whether CUDA's compiler is on this machine.
pub(super) fn has_compiler() -> bool {
    // SAFETY: as for the driver.
    unsafe { cudarc::nvrtc::sys::is_culib_present() }
}

/// What CUDA's compiler makes of `kernel.cu`, for any GPU that it knows.
pub(super) fn assembly() -> Result<Ptx, GpuError> {
    let options =
        CompileOptions { options: definitions(), name: Some("kernel.cu".into()), ..CompileOptions::default() };
    compile_ptx_with_opts(SOURCE, options).map_err(|error| {
        GpuError::NotCompiled(match error {
            CompileError::CompileError { log, .. } => log.to_string_lossy().trim().into(),
            other => other.to_string(),
        })
    })
}

/// `first_look` of `kernel.cu`, and nothing else.
#[derive(Clone)]
pub(super) struct Kernel(CudaFunction);

impl Kernel {
    /// Compiled for whatever GPU the driver has: the driver makes machine code of the assembly.
    pub(super) fn compiled(context: &Arc<CudaContext>) -> Result<Self, GpuError> {
        let loaded = context.load_module(assembly()?).and_then(|module| module.load_function(NAME));
        loaded.map(Self).map_err(|error| GpuError::Refused {
            doing: "loading the kernel (a compiler newer than the driver is refused)",
            why: error.to_string(),
        })
    }

    /// Scores the probes against `prints` prints, a row of scores for each; returns before the GPU is done.
    ///
    /// # Panics
    ///
    /// Where one of the three is shorter than that.
    pub(super) fn launch(
        &self,
        stream: &Arc<CudaStream>,
        gallery: &CudaSlice<u64>,
        prints: u32,
        probes: &CudaSlice<u64>,
        scores: &mut CudaSlice<u32>,
    ) -> Result<(), DriverError> {
        let all = prints as usize;
        let rows = probes.len() / ROWS;
        assert!(gallery.len() >= all.div_ceil(TILE) * TILE * ROWS, "the gallery has all its tiles");
        assert!(scores.len() >= rows * all, "every score has its place");
        let shape = LaunchConfig {
            grid_dim: (prints.div_ceil(BLOCK as u32), rows as u32, 1),
            block_dim: (BLOCK as u32, 1, 1),
            shared_mem_bytes: 0,
        };
        let mut launch = stream.launch_builder(&self.0);
        launch.arg(gallery).arg(&prints).arg(probes).arg(scores);
        // SAFETY: the four arguments are those of `first_look`, in its order and of its types. It reads the tiles of `prints` prints and, for each row of
        // blocks, ROWS words of a probe, and writes only scores, of which there is one for every row and print; all three lengths were just made sure
        // of, and `scores` alone is borrowed to be written. Whatever a print holds, cylinders are numbered below LANES, so no thread leaves its tile.
        unsafe { launch.launch(shape) }.map(drop)
    }
}
