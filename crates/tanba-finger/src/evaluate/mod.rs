//! Accuracy on a set of impressions: error rates, intervals, plots (ISO/IEC 19795-1; FVC protocol).
//!
//! The recipe: [`ImpressionSet::from_names`] says which impression is of which finger, [`ScoreMatrix`] holds all comparisons,
//! [`Trials::of`] sorts them into genuine and impostor, [`Trials::figures`] reads the error rates off,
//! [`Trials::bootstrap`] repeats that on fingers drawn with replacement, and [`Interval::of`] turns the repetitions into
//! confidence intervals. Further questions to the same trials: [`Versus`] another matcher, what a threshold does
//! ([`Trials::realised`]), whether likelihood ratios are true ([`Trials::cost`], [`Trials::calibration`]), and who is left out
//! ([`LeftOut`]). Nothing here opens a file.

mod binomial;
mod bootstrap;
mod evidence;
mod isotonic;
mod left_out;
mod matrix;
mod paired;
mod plot;
mod set;
mod sweep;
mod tally;
mod worst;

pub use binomial::clopper_pearson;
pub use bootstrap::{Draw, Interval, Numbers, REPLICATES, mean_figures, mean_replicates, percentiles};
pub use evidence::{CalibrationBin, Cost};
pub use isotonic::{Block, Isotonic, cllr};
pub use left_out::{LeftOut, Share, Tenth, by_person};
pub use matrix::{MatrixError, ScoreMatrix};
pub use paired::{Measured, Ratio, Versus};
pub use plot::{
    Axis, BAND_FMR, Band, Curve, Line, calibration_svg, det_svg, histogram_svg, left_out_svg, lines_svg, tippett_svg,
};
pub use set::{Impostors, Impression, ImpressionSet, SetError};
pub use sweep::{Figures, Trials};
pub use tally::{Rate, Realised};
pub use worst::{Pair, WorstPairs};
