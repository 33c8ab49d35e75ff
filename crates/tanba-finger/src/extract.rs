//! From an image to minutiae. [`extract`] reads as the method; each stage has a file of its own, and every number is in
//! [`ExtractParams`].

pub(crate) mod cells;
mod first_pass;
mod flow;
mod gabor;
mod learned;
mod lines;
mod normalise;
mod readable;
mod ridges;
mod rules;
mod segment;
pub(crate) mod spectrum;
mod tensor;
mod thin;

use crate::params::ExtractParams;
use crate::quality::{Measures, QualityReport, assess, overall};
use crate::sink::{Flow, Mask, NoSink, Plane, Stage, StageData, StageSink};
use crate::{Minutia, Pattern, Recipe, RidgeMap, Template};
use cells::Cells;
use gabor::{FullBank, HalfBank};
pub use learned::LearnedRidges;
pub(crate) use normalise::CELL;
use segment::Segments;
use spectrum::{Spectrum, Waves};
use std::sync::{Arc, OnceLock};
use tanba_formats::image::resample;
use tanba_formats::{Gray8, Ppi};

/// Why no template could be made of an image, and what to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExtractError {
    /// The image has a side shorter than a fingertip.
    #[error(
        "the image is {width} x {height} pixels at 500 ppi, at least {min} each way are needed: capture the whole fingertip, or give the right resolution"
    )]
    TooSmall {
        /// Width at 500 ppi.
        width: usize,
        /// Height at 500 ppi.
        height: usize,
        /// Smallest side.
        min: usize,
    },
    /// The image has a side longer than any finger or slap scanner makes.
    #[error(
        "the image is {width} x {height} pixels at 500 ppi, at most {max} each way are taken: cut the finger out, or give the right resolution"
    )]
    TooLarge {
        /// Width at 500 ppi.
        width: usize,
        /// Height at 500 ppi.
        height: usize,
        /// Largest side.
        max: usize,
    },
    /// Nothing on the image looks like ridges.
    #[error(
        "no ridges were found (readable area {area} pixels of {needed} needed): check that it is a fingerprint, clean finger and glass, capture again"
    )]
    NoRidges {
        /// Readable area found, pixels at 500 ppi.
        area: usize,
        /// Smallest readable area.
        needed: usize,
    },
    /// There is a pattern, but not one wave with a smooth flow, as ridges are.
    #[error("the image has a pattern, but not that of ridges: check that it is a single fingerprint, capture again")]
    NotAFingerprint,
    /// Ridges are lighter than what lies beside the finger.
    #[error(
        "the image looks inverted (light ridges on dark ground): turn its gray levels over, or check the scanner's settings"
    )]
    Inverted,
    /// There are ridges, but not enough minutiae to compare by.
    #[error(
        "only {found} minutiae were found, at least {needed} are needed: place more of the finger and capture again"
    )]
    TooFewMinutiae {
        /// Minutiae found.
        found: usize,
        /// Smallest number accepted.
        needed: usize,
    },
}

/// A way from an image to a template, one for each [`Recipe`]. Templates of all recipes are compared alike.
pub trait Extractor: Sync {
    /// By which recipe it works; its templates say so.
    fn recipe(&self) -> Recipe;

    /// The template of an image of one finger.
    ///
    /// # Errors
    /// [`ExtractError`] when the image is no fingerprint or too poor a one.
    fn extract(&self, image: &Gray8, sink: &mut dyn StageSink) -> Result<Template, ExtractError>;

    /// The template, and the judgement of the capture as [`assess`](crate::assess) gives it.
    ///
    /// # Errors
    /// Those of [`Self::extract`].
    fn extract_and_assess(&self, image: &Gray8) -> Result<(Template, QualityReport), ExtractError> {
        Ok((self.extract(image, &mut NoSink)?, assess(image)))
    }
}

/// The recipe of [`extract`]: ridges filtered along their own flow, thinned and read.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct FilteredRidges(pub ExtractParams);

impl Extractor for FilteredRidges {
    fn recipe(&self) -> Recipe {
        Recipe::FilteredRidges2
    }

    fn extract(&self, image: &Gray8, sink: &mut dyn StageSink) -> Result<Template, ExtractError> {
        extract(image, &self.0, sink)
    }

    /// Both of one analysis.
    fn extract_and_assess(&self, image: &Gray8) -> Result<(Template, QualityReport), ExtractError> {
        let analysis = analyse(image, &self.0, &mut NoSink)?;
        let measures = Measures::of(&analysis);
        let report = QualityReport::of(&analysis, &measures, &self.0);
        Ok((template(analysis, &measures, &self.0, self.recipe())?, report))
    }
}

/// Minutiae of a fingerprint image, by the recipe of [`FilteredRidges`].
///
/// The sink is handed every stage in order; pass [`crate::NoSink`] to look at none.
///
/// # Errors
/// [`ExtractError`] when the image is no fingerprint or too poor a one.
pub fn extract(image: &Gray8, params: &ExtractParams, sink: &mut dyn StageSink) -> Result<Template, ExtractError> {
    let analysis = analyse(image, params, sink)?;
    let measures = Measures::of(&analysis);
    template(analysis, &measures, params, Recipe::FilteredRidges2)
}

/// The template, unless what was read is no fingerprint or too poor a one.
fn template(
    analysis: Analysis,
    measures: &Measures,
    params: &ExtractParams,
    recipe: Recipe,
) -> Result<Template, ExtractError> {
    let quality = overall(measures);
    let Analysis { image, readable, minutiae, enhanced, ground, .. } = analysis;
    let area = readable.count();
    if area < params.area_min {
        return Err(ExtractError::NoRidges { area, needed: params.area_min });
    }
    if !measures.ridge_like(params) {
        return Err(ExtractError::NotAFingerprint);
    }
    if ground < params.ground_min {
        return Err(ExtractError::Inverted);
    }
    if minutiae.len() < params.minutiae_min {
        return Err(ExtractError::TooFewMinutiae { found: minutiae.len(), needed: params.minutiae_min });
    }
    let ridges = Some(Arc::new(RidgeMap::of(&enhanced, &readable)));
    let (width, height) = (image.width as u16, image.height as u16);
    Ok(Template { recipe, width, height, quality, minutiae, ridges })
}

/// Everything that the stages of the method made of one image.
pub(crate) struct Analysis {
    /// The image at 500 ppi.
    pub(crate) image: Plane,
    /// Where the finger touched, on cells of [`CELL`] pixels.
    pub(crate) print: Mask,
    /// Local mean removed, contrast made equal, ridges positive.
    pub(crate) normal: Plane,
    /// What the Fourier windows saw.
    pub(crate) windows: Spectrum,
    /// Ridge orientation on cells of [`CELL`] pixels.
    pub(crate) flow: Flow,
    /// Ridge period in pixels.
    pub(crate) period: Cells,
    /// After both passes of the contextual filter.
    pub(crate) enhanced: Plane,
    /// How much lighter it is beside the print than on it, gray levels.
    pub(crate) ground: f32,
    /// Where ridges can be read, per pixel.
    pub(crate) readable: Mask,
    /// How well, 0-1, on cells of [`CELL`] pixels.
    pub(crate) certainty: Cells,
    /// The minutiae, best first.
    pub(crate) minutiae: Vec<Minutia>,
}

/// The method, stage by stage. Only the size of the image can be refused here.
pub(crate) fn analyse(
    image: &Gray8,
    params: &ExtractParams,
    sink: &mut dyn StageSink,
) -> Result<Analysis, ExtractError> {
    let image = at_nominal(image, params)?;
    let looks = sink.looks();
    let mut show = |name, explanation, data: StageData<'_>| sink.stage(Stage { name, explanation, data });
    show("image", "The image at 500 pixels per inch.", StageData::Map(&image));

    let Segments { print, alive, ground } = segment::segment(&image, params);
    show("print", "Where the finger touched: cells with enough gradient energy.", StageData::Mask(&print));
    show("alive", "The same without bare rims and blots.", StageData::Mask(&alive));
    let normal = normalise::normalise(&image, &alive, params);
    show("normalised", "Local mean removed, local contrast made equal; ridges are positive.", StageData::Map(&normal));

    let tables = Tables::shared(params);
    let windows = spectrum::spectrum(&normal, &print, &tables.waves);
    let flow = flow::smooth_flow(&windows, params);
    show("orientation", "Ridge orientation from short-time Fourier windows, smoothed.", StageData::Flow(&flow));
    let period = flow::smooth_period(&windows, params);
    show("period", "Distance from ridge to ridge in pixels.", StageData::Map(&as_plane(&period)));

    let second = flow::second_flow(&windows, params);
    show("second-opinion", "Orientation by what the surest windows around say.", StageData::Flow(&second));
    let flows = (&flow, &second);
    let first = first_pass::enhance_coarsely(&normal, flows, &period, &print, &tables.half_bank, params);
    show("enhanced-1", "Every place filtered by the wave that runs there.", StageData::Map(&first));
    let mixed = mix(first, &normal, params);
    let flow = tensor::tensor_flow(&mixed, params);
    show("orientation-2", "Orientation again, from gradients of the enhanced image.", StageData::Flow(&flow));
    let enhanced = gabor::enhance(&mixed, &flow, &period, &print, &tables.bank);
    show("enhanced-2", "Filtered again along the better orientation.", StageData::Map(&enhanced));

    let certainty = readable::certainty(&normal, &enhanced, &flow, &windows, &alive, params);
    let cells = readable::readable(&certainty, params.readable_certainty, params);
    let readable = readable::to_pixels(&cells, image.width, image.height);
    show("certainty", "How well the print agrees with its own flow, 0 to 1.", StageData::Map(&as_plane(&certainty)));
    show("readable", "Where ridges can be read.", StageData::Mask(&readable));

    let ridges = ridges::ridge_map(&enhanced, &readable, params.island_area, params.hole_area);
    show("ridges", "Ridges, without specks and pores.", StageData::Mask(&ridges));
    if looks {
        let pattern = Pattern::of(&flow, &readable, &ridges);
        show("singular", "Cores and deltas, and the class they tell.", StageData::Pattern(&pattern));
    }
    let mut skeleton = thin::thin(&ridges);
    lines::prune(&mut skeleton, params.spur_length);
    if looks {
        let lines = skeleton.to_mask(image.width, image.height);
        show("lines", "Ridges thinned to lines, hairs cut.", StageData::Mask(&lines));
    }
    let nodes = lines::nodes(&skeleton, params.trace_length);
    let minutiae = rules::judge(&nodes, &rules::distance_inside(&cells), &flow, &period, &certainty, params);
    show("minutiae", "Ends and forks that are no accident of the capture.", StageData::Minutiae(&minutiae));
    Ok(Analysis { ground, image, print, normal, windows, flow, period, enhanced, readable, certainty, minutiae })
}

/// What depends on the parameters only.
struct Tables {
    waves: Waves,
    bank: FullBank,
    /// The bank for half the resolution.
    half_bank: HalfBank,
}

impl Tables {
    /// The tables for these parameters; those of the default parameters are made once and kept.
    fn shared(params: &ExtractParams) -> Arc<Self> {
        static DEFAULT: OnceLock<Arc<Tables>> = OnceLock::new();
        let make = || {
            Arc::new(Self {
                waves: Waves::new(params),
                bank: FullBank::new(params, 1.0),
                half_bank: HalfBank::new(params, 2.0),
            })
        };
        if *params == ExtractParams::default() { Arc::clone(DEFAULT.get_or_init(make)) } else { make() }
    }
}

/// The image as numbers at 500 ppi.
fn at_nominal(image: &Gray8, params: &ExtractParams) -> Result<Plane, ExtractError> {
    let scale = Ppi::NOMINAL.get() / image.ppi().get();
    // The size is judged before any memory is asked for.
    let side = |n: usize| (n as f64 * scale).round() as usize;
    let (width, height) = (side(image.width()), side(image.height()));
    if width < params.side_min || height < params.side_min {
        return Err(ExtractError::TooSmall { width, height, min: params.side_min });
    }
    if width > params.side_max || height > params.side_max {
        return Err(ExtractError::TooLarge { width, height, max: params.side_max });
    }
    let resampled = if scale == 1.0 { None } else { Some(resample(image, Ppi::NOMINAL)) };
    let image = resampled.as_ref().unwrap_or(image);
    let data = image.pixels().iter().map(|&v| f32::from(v)).collect();
    Ok(Plane { width: image.width(), height: image.height(), data })
}

/// Input of the second pass: the first pass cleans, the normalised image keeps it honest.
fn mix(mut enhanced: Plane, normal: &Plane, params: &ExtractParams) -> Plane {
    let share = params.second_pass_share;
    for (e, n) in enhanced.data.iter_mut().zip(&normal.data) {
        *e = share * *e + (1.0 - share) * n;
    }
    enhanced
}

/// A cell map as a plane of its own size, for the sink.
fn as_plane(cells: &Cells) -> Plane {
    Plane { width: cells.width, height: cells.height, data: cells.data.clone() }
}

#[cfg(test)]
mod tests;
