//! DNA records (Type 18).

use super::{number, rows, text, values};
use crate::ansi_nist::Record;

/// A sample and what was found in it (section 8.18).
#[derive(Debug, Clone, PartialEq)]
pub struct Dna<'a> {
    /// Information designation character.
    pub idc: Option<u8>,
    /// Who sends it.
    pub source_agency: Option<&'a str>,
    /// The laboratory that typed it.
    pub laboratory: Option<Laboratory<'a>>,
    /// 0 none, 1 one, 2 several analyses of the sample.
    pub analyses: Option<u8>,
    /// Whose sample it is.
    pub donor: Option<Donor<'a>>,
    /// Relationship that is claimed to the person who is looked for, as its code.
    pub claimed_relationship: Option<u8>,
    /// The same as it was found.
    pub validated_relationship: Option<u8>,
    /// Type of the sample: 1 nuclear or 2 mitochondrial, and where it comes from.
    pub sample: Option<(Option<u8>, Option<&'a str>)>,
    /// How it was typed, as codes.
    pub technologies: Vec<u8>,
    /// How it was collected.
    pub collection: Option<&'a str>,
    /// The day it was collected, YYYYMMDD.
    pub collected: Option<&'a str>,
    /// The day the profile was stored.
    pub stored: Option<&'a str>,
    /// The identifier of the profile.
    pub profile: Option<&'a str>,
    /// Loci with short tandem repeats.
    pub loci: Vec<StrLocus<'a>>,
    /// Pairs of alleles with their weights: what a mixture may be of.
    pub pairs: Vec<AllelePair<'a>>,
    /// Comments.
    pub comment: Option<&'a str>,
}

/// A laboratory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Laboratory<'a> {
    /// Type of the unit: 1 of a government, 2 private, 3 other.
    pub unit: Option<u8>,
    /// G government, I industry, O other, U unknown.
    pub kind: Option<&'a str>,
    /// Its name.
    pub name: Option<&'a str>,
    /// Who is to be asked.
    pub contact: Option<&'a str>,
    /// Its country.
    pub country: Option<&'a str>,
}

/// Whose a sample is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Donor<'a> {
    /// Kind of donor, as its code.
    pub kind: Option<u8>,
    /// Sex: M, F, X.
    pub sex: Option<&'a str>,
    /// Date of birth, YYYYMMDD.
    pub born: Option<&'a str>,
}

/// A locus with its alleles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StrLocus<'a> {
    /// 0 autosomal, 1 X, 2 Y.
    pub kind: Option<u8>,
    /// Its number in the list of loci that NIST keeps, or its name.
    pub locus: Option<&'a str>,
    /// Up to three alleles.
    pub alleles: Vec<&'a str>,
    /// Name of the kit.
    pub kit: Option<&'a str>,
}

/// A pair of alleles and its weight.
#[derive(Debug, Clone, PartialEq)]
pub struct AllelePair<'a> {
    /// Its locus.
    pub locus: &'a str,
    /// The pair as it is written.
    pub pair: &'a str,
    /// Its weight.
    pub weight: Option<f64>,
}

impl<'a> Dna<'a> {
    /// The sample of a record, if it is of Type 18.
    pub fn of(record: &'a Record<'_>) -> Option<Self> {
        (record.kind == 18).then(|| Self {
            idc: record.idc(),
            source_agency: text(record, 4),
            laboratory: rows(record, 3).next().map(|r| Laboratory {
                unit: r.number(0),
                kind: r.text(1),
                name: r.text(3),
                contact: r.text(4),
                country: r.text(5),
            }),
            analyses: number(record, 5),
            donor: rows(record, 6).next().map(|r| Donor { kind: r.number(0), sex: r.text(1), born: r.text(3) }),
            claimed_relationship: number(record, 7),
            validated_relationship: number(record, 8),
            sample: rows(record, 10).next().map(|r| (r.number(0), r.text(1))),
            technologies: values(record, 11).iter().filter_map(|t| t.parse().ok()).collect(),
            collection: text(record, 12),
            collected: text(record, 13),
            stored: text(record, 14),
            profile: rows(record, 15).next().and_then(|r| r.text(2)),
            loci: rows(record, 16)
                .map(|r| StrLocus {
                    kind: r.number(0),
                    locus: r.text(1),
                    alleles: (5..8).filter_map(|i| r.text(i)).collect(),
                    kit: r.text(12),
                })
                .collect(),
            pairs: rows(record, 21)
                .filter_map(|r| Some(AllelePair { locus: r.text(0)?, pair: r.text(1)?, weight: r.number(2) }))
                .collect(),
            comment: text(record, 22),
        })
    }
}
