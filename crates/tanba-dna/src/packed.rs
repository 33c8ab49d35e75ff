//! A profile as twenty machine words, so that scanning millions of them is integer comparison.
//!
//! Nearly every profile has one or two on-ladder alleles per locus. Those fit a `u32` per locus: the smaller designation in
//! the high half, the larger in the low half, a homozygote's in both, 0 where the locus was not typed. Profiles with
//! off-ladder marks or more alleles are not packed: [`ProfileComparison`](crate::ProfileComparison) compares those.

use crate::{Allele, AlleleMark, Genotype, Locus, Profile, Rule, Stringency};

/// A packed profile; see the module.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Packed {
    /// One bit per typed locus, so that what two rows have in common is one population count.
    typed: u32,
    words: [u32; Locus::COUNT],
}

/// Whether a packed pair is a candidate under a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Candidate,
    NoCandidate,
    /// Fewer loci in common than the rule compares.
    TooFewLoci,
}

impl Packed {
    /// The packed form, where the profile has one.
    pub(crate) fn of(profile: &Profile) -> Option<Self> {
        let (mut typed, mut words) = (0, [0; Locus::COUNT]);
        for (locus, genotype) in profile.genotypes() {
            let alleles = genotype.alleles();
            if alleles.len() > 2 || alleles.iter().any(|allele| allele.mark() != AlleleMark::Exact) {
                return None;
            }
            let (low, high) = (alleles[0], alleles[alleles.len() - 1]);
            words[locus.index()] = u32::from(low.code()) << 16 | u32::from(high.code());
            typed |= 1 << locus.index();
        }
        Some(Self { typed, words })
    }

    /// The profile again (without a sex marker, which takes no part in matching).
    pub(crate) fn unpack(&self) -> Profile {
        let genotypes = Locus::ALL.into_iter().zip(self.words).filter(|(_, word)| *word != 0).map(|(locus, word)| {
            let alleles =
                [(word >> 16) as u16, word as u16].map(|code| Allele::from_code(code).expect("packed from alleles"));
            (locus, Genotype::new(alleles).expect("one or two alleles"))
        });
        Profile::from_genotypes(genotypes, None).expect("packed from a profile, which has a locus")
    }

    /// Judges the pair; the same answer as the readable comparison gives (a test holds the two together).
    pub(crate) fn judge(&self, other: &Self, rule: &Rule) -> Verdict {
        // One scan per level, so that the level is not asked again at every locus.
        match rule.stringency() {
            Stringency::High => self.scan(other, rule, |a, b| a == b),
            Stringency::Moderate => self.scan(other, rule, |a, b| a == b || within(a, b) || within(b, a)),
            Stringency::Low => self.scan(other, rule, |a, b| holds(b, a >> 16) || holds(b, a & 0xFFFF)),
        }
    }

    #[inline(always)]
    fn scan(&self, other: &Self, rule: &Rule, agree: impl Fn(u32, u32) -> bool) -> Verdict {
        if ((self.typed & other.typed).count_ones() as usize) < rule.min_loci() {
            return Verdict::TooFewLoci;
        }
        let mut left = rule.max_mismatches();
        for (&a, &b) in self.words.iter().zip(&other.words) {
            if !agree(a, b) && a != 0 && b != 0 {
                // Most rows end here, at their second or third locus.
                if left == 0 {
                    return Verdict::NoCandidate;
                }
                left -= 1;
            }
        }
        Verdict::Candidate
    }
}

/// Whether the genotype word holds the designation.
#[inline(always)]
fn holds(word: u32, code: u32) -> bool {
    word >> 16 == code || word & 0xFFFF == code
}

/// Whether all designations of `a` are in `b`.
#[inline(always)]
fn within(a: u32, b: u32) -> bool {
    holds(b, a >> 16) && holds(b, a & 0xFFFF)
}
