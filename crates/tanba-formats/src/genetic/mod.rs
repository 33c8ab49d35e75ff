//! What genetic profiles travel in: tables of genotypes and of allele frequencies, CODIS CMF, Familias, and the form in which
//! the Prüm states exchange profiles; and the names of the markers and kits that all of these use.
//!
//! ```text
//! [`genotypes`]    CSV wide and long, GeneMapper exports       <-> GenotypeTable
//! [`frequencies`]  long, wide, pop.STR, Familias text          <-> PopulationFrequencies
//! [`cmf`]          CODIS Common Message Format 3.2, 2017, Rapid <-> CmfFile, RapidFile
//! [`familias`]     .fam                                         <-> FamiliasFile
//! [`pruem`]        a profile                                    <-> two values a locus, wildcards
//! [`marker`], [`kit`]: which locus is meant, and which kit types it
//! ```
//!
//! An allele is a text here: what a file says stays what it says (`9.3`, `<9`, `OL`). Whether it is a designation that may be
//! compared is for those who compare.

pub mod cmf;
#[doc(hidden)]
pub mod examples;
pub mod familias;
pub mod frequencies;
pub mod genotypes;
pub mod kit;
pub mod marker;
mod notes;
pub mod pruem;
mod table;
mod text;
mod xml;

pub use kit::{KITS, Kit, LOCUS_SETS};
pub use marker::{Chromosome, MARKERS, Marker, MarkerName};

/// Largest file that is read, in bytes: a national database of wide rows fits several times.
pub const MAX_BYTES: usize = 256 * 1024 * 1024;

/// Why a file was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// It is something else.
    #[error("this is not {expected}: {instead}")]
    NotThis {
        /// What was asked for.
        expected: &'static str,
        /// What it lacks or is, and what to do.
        instead: &'static str,
    },
    /// More of something than is read.
    #[error("the file has more than {most} {what}: split it and read the parts")]
    TooMuch {
        /// What there is too much of.
        what: &'static str,
        /// The most that is read.
        most: usize,
    },
    /// It breaks off or goes wrong before anything useful was read.
    #[error("the file cannot be read beyond byte {at} ({reason}): export or copy it again")]
    Broken {
        /// What went wrong.
        reason: &'static str,
        /// Where, in bytes from the start.
        at: usize,
    },
}

/// Why a value cannot be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// More of something than the format holds.
    #[error("{what}: at most {most} fit this format; split or shorten")]
    TooMuch {
        /// What is too much.
        what: &'static str,
        /// The most that fits.
        most: usize,
    },
    /// A value that its field does not take.
    #[error("{field} cannot be written: {reason}")]
    Unfit {
        /// Which field, in the words of the format.
        field: &'static str,
        /// What is wrong with it, and what would be right.
        reason: &'static str,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_beyond_the_limit_are_refused_before_they_are_looked_at() {
        let huge = vec![0; MAX_BYTES + 1];
        let errors = [
            genotypes::read(&huge).map(drop),
            frequencies::read(&huge).map(drop),
            cmf::read(&huge).map(drop),
            cmf::read_rapid(&huge).map(drop),
            familias::read(&huge).map(drop),
        ];
        for error in errors {
            assert!(matches!(error, Err(ReadError::TooMuch { what: "bytes", .. })), "{error:?}");
        }
    }
}
