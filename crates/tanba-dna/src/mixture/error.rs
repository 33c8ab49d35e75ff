//! What can be wrong with a mixture, in words that name marker and person and never an allele.

use tanba_formats::genetic::MarkerName;

/// Why a mixture was not interpreted.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MixtureError {
    /// A number outside its range.
    #[error("{what} must be {range}")]
    OutOfRange {
        /// What.
        what: &'static str,
        /// Which values it takes.
        range: &'static str,
    },
    /// Something wrong with the peaks of a marker.
    #[error("{marker}, replicate {replicate}: {reason}")]
    BadPeaks {
        /// Where.
        marker: MarkerName,
        /// Which amplification, from 1.
        replicate: usize,
        /// What is wrong and what to do.
        reason: &'static str,
    },
    /// Something wrong with what is known of a marker: frequencies, sizes, thresholds.
    #[error("{marker}: {reason}")]
    BadMarker {
        /// Where.
        marker: MarkerName,
        /// What is wrong and what to do.
        reason: &'static str,
    },
    /// Something wrong with a hypothesis.
    #[error("the hypothesis cannot be used: {reason}")]
    BadHypothesis {
        /// What is wrong and what to do.
        reason: &'static str,
    },
    /// Something wrong with a person's reference.
    #[error("the reference of {person:?}, {marker}: {reason}")]
    BadReference {
        /// Whose, by the name in the case.
        person: String,
        /// Where.
        marker: MarkerName,
        /// What is wrong and what to do.
        reason: &'static str,
    },
    /// The evidence has probability zero whatever the parameters: without drop-in, a peak that no contributor explains.
    #[error(
        "the evidence cannot have arisen under this hypothesis at {marker}: allow drop-in, stutter or another contributor"
    )]
    Impossible {
        /// The first marker at which that is so.
        marker: MarkerName,
    },
    /// The case file does not say what it should.
    #[error("the case file cannot be used at {at}: {reason}")]
    BadCase {
        /// Which field.
        at: String,
        /// What is wrong and what to do.
        reason: String,
    },
}
