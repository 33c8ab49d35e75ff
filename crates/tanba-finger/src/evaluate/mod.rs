//! Accuracy on a set of impressions: error rates, intervals, plots (ISO/IEC 19795-1; FVC protocol).
//!
//! The recipe: [`ImpressionSet::from_names`] says which impression is of which finger, [`ScoreMatrix`] holds all comparisons,
//! [`Trials::of`] sorts them into genuine and impostor, [`Trials::figures`] reads the error rates off,
//! [`Trials::bootstrap`] repeats that on fingers drawn with replacement, and [`Interval::of`] turns the repetitions into
//! confidence intervals. Nothing here opens a file.

mod bootstrap;
mod matrix;
mod plot;
mod set;
mod sweep;

pub use bootstrap::{Difference, Interval, REPLICATES, mean_figures, mean_replicates, paired_difference};
pub use matrix::{MatrixError, ScoreMatrix};
pub use plot::{Curve, det_svg, histogram_svg};
pub use set::{Impostors, Impression, ImpressionSet, SetError};
pub use sweep::{Figures, Trials};
