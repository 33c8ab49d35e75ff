//! What can be wrong with a pedigree, a marker or a case: loci, persons and lines are named, alleles never.

/// Why a kinship calculation was refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum KinshipError {
    /// A marker that cannot be used.
    #[error("marker {marker}: {reason}")]
    Marker {
        /// Its name, shortened.
        marker: String,
        /// What is wrong and what to do.
        reason: &'static str,
    },
    /// A mutation model that cannot be used.
    #[error("mutation model ({reason})")]
    Mutation {
        /// What is wrong and what to do.
        reason: &'static str,
    },
    /// A pedigree that cannot be.
    #[error("pedigree, person `{person}`: {reason}")]
    Pedigree {
        /// The person's id in the case, shortened.
        person: String,
        /// What is wrong and what to do.
        reason: &'static str,
    },
    /// A genotype that does not fit its marker or person.
    #[error("marker {marker}, person `{person}`: {reason}")]
    Genotype {
        /// The marker, shortened.
        marker: String,
        /// The person's id in the case, shortened.
        person: String,
        /// What is wrong and what to do.
        reason: &'static str,
    },
    /// theta outside 0..1.
    #[error("theta must be at least 0 and below 1")]
    BadTheta,
    /// The exact calculation would need more memory or time than is granted.
    #[error("{what} is too large for an exact answer ({size:.1e} steps, {limit:.1e} are granted): {advice}")]
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// Its size, in the unit of the limit.
        size: f64,
        /// The most that is granted.
        limit: f64,
        /// What to do instead.
        advice: &'static str,
    },
    /// A case whose parts do not fit together.
    #[error("{reason}: {name}")]
    Case {
        /// What is wrong and what to do.
        reason: &'static str,
        /// The person, marker or hypothesis, shortened.
        name: String,
    },
    /// The caller asked to stop.
    #[error("stopped on request before the answer was complete: nothing of it is shown")]
    Interrupted,
}

/// The longest name that a message shows.
const MAX_NAME: usize = 48;

/// A name fit for a message: short, without control characters. Ids of a case may be in any script and hold blanks.
fn shown(name: &str) -> String {
    let mut text: String = name.chars().map(|c| if c.is_control() { '?' } else { c }).take(MAX_NAME).collect();
    if name.chars().nth(MAX_NAME).is_some() {
        text.push_str("...");
    }
    text
}

impl KinshipError {
    pub(crate) fn marker(marker: &str, reason: &'static str) -> Self {
        Self::Marker { marker: shown(marker), reason }
    }

    pub(crate) fn pedigree(person: &str, reason: &'static str) -> Self {
        Self::Pedigree { person: shown(person), reason }
    }

    pub(crate) fn genotype(marker: &str, person: &str, reason: &'static str) -> Self {
        Self::Genotype { marker: shown(marker), person: shown(person), reason }
    }

    pub(crate) fn case(reason: &'static str, name: &str) -> Self {
        Self::Case { reason, name: shown(name) }
    }
}
