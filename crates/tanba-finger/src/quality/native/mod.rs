//! The native quality measures of ISO/IEC 29794-4:2024, computed by our own code.
//!
//! Method: a frame of nearly white rows and columns is cut off ([`frame`]); local blocks of 32 x 32 pixels get an orientation
//! and, turned upright, a strip across their ridges ([`blocks`]); each family of measures (frequency, clarity, uniformity,
//! certainty, flow) is a value for each block or ridge, told as ten bins, mean and standard deviation ([`histogram`]). Gray
//! levels ([`contrast`]) and the region of interest with its coherence ([`region`]) are single numbers. Where the wording of the
//! standard leaves a choice (order of widths, rounding of turned pixels, edges), that reading is taken which gives the outputs
//! published for the five example images of the standard's reference implementation; a test holds all of them.
//!
//! Names are those of the standard's conformance table. The four measures that take minutiae have names of our own, because
//! they are computed from this engine's minutiae and not from those of the reference implementation. These numbers are
//! measures only: the unified score of the standard is a trained forest, which is not here, and no number that Tanba gives is
//! an NFIQ 2 score.

mod blocks;
mod certainty;
mod clarity;
mod contrast;
mod flow;
mod frame;
mod frequency;
mod histogram;
mod minutiae;
mod region;
mod uniformity;

use crate::Minutia;
use blocks::Blocks;
use frame::Frame;
use histogram::{CERTAINTY, CLARITY, FLOW, FREQUENCY, UNIFORMITY};
use serde::Serialize;
use tanba_formats::image::resample;
use tanba_formats::{Gray8, Ppi};

/// One native measure.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct NativeMeasure {
    /// Name in the standard's conformance table; for what is computed from our own minutiae a name of our own.
    pub name: &'static str,
    /// The value, finite. Counts are whole numbers; mean and deviation of nothing are 0.
    pub value: f64,
}

/// All native measures of an image, always the same ones in the same order. `minutiae` are those that [`crate::extract`] found
/// in the same image (none if it refused), in pixels at 500 ppi of the whole image.
///
/// Costs some tens of milliseconds; extraction does not need it and does not do it.
pub fn native_measures(image: &Gray8, minutiae: &[Minutia]) -> Vec<NativeMeasure> {
    let resampled = (image.ppi() != Ppi::NOMINAL).then(|| resample(image, Ppi::NOMINAL));
    let frame = Frame::cut(resampled.as_ref().unwrap_or(image));
    let blocks = Blocks::of(&frame);
    let region = region::Region::of(&frame);
    let (mean, deviation) = contrast::mean_and_deviation(&frame);

    let mut out = Vec::with_capacity(72);
    let mut say = |name, value| out.push(NativeMeasure { name, value });
    say("UniformImage", deviation);
    say("EmptyImageOrContrastTooLow", mean);
    say("SufficientFingerprintForeground", region.pixels() as f64);
    FREQUENCY.tell(&frequency::values(&blocks), &mut say);
    let found = minutiae::Found::of(&frame, minutiae, mean, deviation);
    say("minutiae_in_200x200", found.in_the_middle);
    say("minutiae_count", found.count);
    say("minutiae_mu_2", found.somewhat_dark);
    say("minutiae_ocl_80", found.certain);
    say("ImgProcROIArea_Mean", region.mean_gray(&frame));
    CLARITY.tell(&clarity::values(&blocks), &mut say);
    say("MMB", contrast::mean_of_block_means(&frame));
    say("Mu", mean);
    CERTAINTY.tell(&certainty::values(&frame), &mut say);
    FLOW.tell(&flow::values(&blocks), &mut say);
    let (sum, relative) = region.coherence(&frame);
    say("OrientationMap_ROIFilter_CoherenceRel", relative);
    say("OrientationMap_ROIFilter_CoherenceSum", sum);
    UNIFORMITY.tell(&uniformity::values(&blocks), &mut say);
    out
}

#[cfg(test)]
mod tests;
