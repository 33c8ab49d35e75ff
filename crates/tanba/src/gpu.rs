//! A GPU for the first look of searches, where the program was built for one.

use std::sync::Arc;

use tanba_gallery::LookDevice;

/// The first GPU of this machine.
///
/// # Errors
/// Where there is none, and where the program was built without the feature `cuda`: what to do about it.
pub(crate) fn find() -> anyhow::Result<Arc<dyn LookDevice>> {
    #[cfg(feature = "cuda")]
    return Ok(Arc::new(tanba_finger::scan::gpu::Gpu::find()?));
    #[cfg(not(feature = "cuda"))]
    anyhow::bail!(
        "this program was built without GPUs: build it with --features cuda, or leave --gpu out; the answers are the same"
    );
}
