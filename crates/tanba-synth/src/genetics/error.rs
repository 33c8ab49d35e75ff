//! What can be wrong with a table, a pedigree or a number. Members are named by their place, never by their id.

/// Why a table, a pedigree or a parameter was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GeneticsError {
    /// A row of a frequency table.
    #[error("line {line} of the allele frequencies cannot be used: {reason}")]
    BadRow {
        /// Line, counted from 1.
        line: usize,
        /// What was wrong, in fixed words.
        reason: &'static str,
    },
    /// A marker of a frequency table.
    #[error("marker {marker} of the allele frequencies cannot be used: {reason}")]
    BadMarker {
        /// The marker's name, printable and short.
        marker: String,
        /// What was wrong, in fixed words.
        reason: &'static str,
    },
    /// No usable marker at all.
    #[error("the allele frequencies have no STR marker: give a CSV with the columns marker,allele,freq,n_chrom")]
    NoMarkers,
    /// A number outside its range.
    #[error("{what} must be {range}")]
    OutOfRange {
        /// What it is.
        what: &'static str,
        /// The range, in words.
        range: &'static str,
    },
    /// A mutation model.
    #[error("the mutation model cannot be used: {reason}")]
    BadMutation {
        /// What is wrong and what to do.
        reason: &'static str,
    },
    /// A member of a pedigree.
    #[error("member {member} of the pedigree {reason}")]
    BadMember {
        /// Place, counted from 1.
        member: usize,
        /// What is wrong and what to do.
        reason: &'static str,
    },
    /// A pedigree as a whole.
    #[error("the pedigree cannot be used: {reason}")]
    BadPedigree {
        /// What is wrong and what to do.
        reason: &'static str,
    },
}
