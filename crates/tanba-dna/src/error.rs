//! Everything that can be wrong with genetic input, in words that carry no allele and no person.

use crate::{Category, Locus};

/// Why a profile, a rule, a search or a calculation was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DnaError {
    /// A locus that the panel does not permit; nothing of the profile was kept.
    #[error("locus `{name}` is not in the permitted identification panel: remove it; nothing of this profile was kept")]
    LocusNotPermitted {
        /// The name as given, shortened and stripped of anything unprintable.
        name: String,
    },
    /// An allele designation that cannot be read.
    #[error("an allele at {locus} cannot be read: write a repeat number such as 9, 9.3, <9 or >10")]
    BadAllele {
        /// Where it stood.
        locus: Locus,
    },
    /// A drop-out mark that stands alone, or beside more than one allele.
    #[error(
        "{locus}: a drop-out mark (F or ?) stands beside one allele whose partner may be lost; leave the locus out where nothing was seen"
    )]
    BadDropoutMark {
        /// Where it stood.
        locus: Locus,
    },
    /// An amelogenin value other than X and Y.
    #[error("amelogenin holds X, or X and Y; nothing else")]
    BadSexMarker,
    /// More alleles at one locus than a single record can hold.
    #[error("{locus} has more than {limit} alleles: a single-source profile has one or two, rarely three")]
    TooManyAlleles {
        /// Where.
        locus: Locus,
        /// The most that is accepted.
        limit: usize,
    },
    /// One locus twice, with different alleles (aliases of one locus count as the same).
    #[error("{locus} is given twice with different alleles: decide which typing is right")]
    ContradictoryLocus {
        /// Which.
        locus: Locus,
    },
    /// The sex marker twice, with different values.
    #[error("amelogenin is given twice with different values: decide which typing is right")]
    ContradictorySexMarker,
    /// A profile without any typed locus.
    #[error("the profile has no typed locus: give at least one")]
    EmptyProfile,
    /// Text that is not the expected JSON object or CSV.
    #[error(
        "the profile text cannot be read ({reason}): give a JSON object {{\"TH01\": [\"6\", \"9.3\"]}} or rows locus,allele1,allele2"
    )]
    BadText {
        /// What was wrong, in fixed words.
        reason: &'static str,
    },
    /// Text longer than any profile.
    #[error("the text has more than {limit} bytes, which no profile or table needs")]
    TextTooLong {
        /// The most that is read, in bytes.
        limit: usize,
    },
    /// Stored bytes that are not what `to_bytes` wrote.
    #[error("the stored profile is damaged or of another version ({reason}): restore it from a backup")]
    BadStoredForm {
        /// What was wrong, in fixed words.
        reason: &'static str,
    },
    /// A rule that could never be meant.
    #[error("the match rule is not usable: {reason}")]
    BadRule {
        /// What was wrong, in fixed words.
        reason: &'static str,
    },
    /// Two categories that are never compared.
    #[error("a profile of category {query} is never searched against category {candidate}: leave that category out")]
    CategoriesNotCompared {
        /// The category of the question.
        query: Category,
        /// The category asked for.
        candidate: Category,
    },
    /// Match rules find relatives only by shared alleles.
    #[error(
        "{query} against {candidate} looks for relatives: use low stringency, which screens for parents and children"
    )]
    KinshipNeedsLowStringency {
        /// The category of the question.
        query: Category,
        /// The category asked for.
        candidate: Category,
    },
    /// No category to search was named.
    #[error("the search names no category: name at least one")]
    NothingToSearch,
    /// The query has fewer loci than the rule needs: the answer would be empty whatever the database holds.
    #[error(
        "the profile has {loci} typed loci, the rule compares at least {needed}: type more loci or choose another rule"
    )]
    TooFewLoci {
        /// Typed loci of the query.
        loci: usize,
        /// What the rule asks.
        needed: usize,
    },
    /// This kind of database does not hold that category.
    #[error("category {category} does not belong in this index: elimination profiles have an index of their own")]
    WrongIndex {
        /// Which category.
        category: Category,
    },
    /// A specimen that is already there.
    #[error("this specimen is already in the index: remove it first if its profile changed")]
    SpecimenTwice,
    /// A frequency table that is not one.
    #[error("the allele-frequency table cannot be used ({reason})")]
    BadFrequencies {
        /// What was wrong, in fixed words.
        reason: &'static str,
    },
    /// theta outside 0..1.
    #[error("theta must be at least 0 and below 1")]
    BadTheta,
    /// An allele or locus without a frequency, where no minimum frequency stands in for it.
    #[error("the frequency table has no value for an allele at {locus}: use a minimum frequency or another table")]
    NoFrequency {
        /// Where.
        locus: Locus,
    },
    /// 5/2N of a table that does not tell N.
    #[error("the frequency table does not tell how many chromosomes were counted at {locus}: give a minimum frequency")]
    NoSampleSize {
        /// Where.
        locus: Locus,
    },
    /// A locus that the table does not describe at all.
    #[error(
        "the frequency table does not describe {locus}: use a table that covers it, or leave the locus out knowingly"
    )]
    NoFrequenciesAt {
        /// Which.
        locus: Locus,
    },
    /// Coefficients of relatedness that no two people can have.
    #[error(
        "the coefficients k0, k1, k2 are not those of two people: each 0 to 1, their sum 1, and k1² at least 4 k0 k2"
    )]
    BadKappa,
    /// A relation that has no name here.
    #[error(
        "unknown relation: use one of same, parent-child, full-siblings, half-siblings, grandparent, avuncular, first-cousins, second-cousins"
    )]
    UnknownRelation,
    /// A probability outside its range, or where none belongs.
    #[error("{what} cannot be used: a probability lies at 0 or above and below 1")]
    BadProbability {
        /// Which, in fixed words.
        what: &'static str,
    },
    /// A mutation model that cannot be used.
    #[error("the mutation model cannot be used at {at}: {reason}")]
    BadMutation {
        /// The locus or the relation.
        at: &'static str,
        /// What is wrong and what to do.
        reason: &'static str,
    },
    /// A search by likelihood ratio for what these categories are not compared for.
    #[error(
        "{query} against {candidate} is not compared for this: relatives are looked for among relatives of the missing, \
         the same person everywhere else"
    )]
    HypothesisNotMeant {
        /// The category of the question.
        query: Category,
        /// The category asked for.
        candidate: Category,
    },
    /// Nothing of the query can be weighed.
    #[error("no locus of the profile can be weighed: it needs loci of one or two alleles on the ladder")]
    NothingToWeigh,
    /// A limit of a search outside its range.
    #[error("the search cannot be bounded so: {reason}")]
    BadBound {
        /// What was wrong, in fixed words.
        reason: &'static str,
    },
    /// A count that nobody can have counted.
    #[error("a haplotype cannot be seen more often than people were counted, and at least one must have been")]
    BadCount,
    /// Haplotypes or a model of them that cannot be used.
    #[error("the haplotypes cannot be used: {reason}")]
    BadHaplotypes {
        /// What was wrong, in fixed words.
        reason: &'static str,
    },
    /// A Y-STR, mitochondrial or SNP typing that cannot be used.
    #[error("{place}: {reason}")]
    BadLineage {
        /// Locus, position or SNP; never what stands there.
        place: String,
        /// What was wrong, in fixed words.
        reason: &'static str,
    },
    /// Four alleles or more where only single-source profiles are exchanged.
    #[error("{locus} has four alleles or more, so the profile is a mixture, which is not exchanged: separate it first")]
    MixtureNotExchanged {
        /// Where.
        locus: Locus,
    },
    /// Typed people from whom no table or test can be made.
    #[error("the typed people cannot be used: {reason}")]
    BadSurvey {
        /// What was wrong, in fixed words.
        reason: &'static str,
    },
}
