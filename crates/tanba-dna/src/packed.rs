//! A profile as twenty machine words, so that scanning millions of them is integer comparison.
//!
//! Nearly every profile has one or two on-ladder alleles per locus. Those fit a `u32` per locus: the smaller designation in
//! the high half, the larger in the low half, a homozygote's in both, 0 where the locus was not typed. Profiles with
//! off-ladder marks or more alleles are not packed: [`ProfileComparison`](crate::ProfileComparison) compares those.

use crate::{Allele, AlleleMark, Genotype, Locus, Profile, Rule, Stringency};

/// A packed profile; see the module.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Packed([u32; Locus::COUNT]);

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
        let mut words = [0; Locus::COUNT];
        for (locus, genotype) in profile.genotypes() {
            let alleles = genotype.alleles();
            if alleles.len() > 2 || alleles.iter().any(|allele| allele.mark() != AlleleMark::Exact) {
                return None;
            }
            let (low, high) = (alleles[0], alleles[alleles.len() - 1]);
            words[locus.index()] = u32::from(low.code()) << 16 | u32::from(high.code());
        }
        Some(Self(words))
    }

    /// The profile again (without a sex marker, which takes no part in matching).
    pub(crate) fn unpack(&self) -> Profile {
        let genotypes = Locus::ALL.into_iter().zip(self.0).filter(|(_, word)| *word != 0).map(|(locus, word)| {
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
        let (mut compared, mut mismatches, most) = (0, 0, rule.max_mismatches());
        let mut excluded = false;
        for (a, b) in self.0.into_iter().zip(other.0) {
            if a == 0 || b == 0 {
                continue;
            }
            compared += 1;
            if !agree(a, b) {
                mismatches += 1;
                // Enough disagrees; if enough was compared as well, the rest of the row cannot change the answer.
                excluded = mismatches > most;
            }
            if excluded && compared >= rule.min_loci() {
                return Verdict::NoCandidate;
            }
        }
        match (compared >= rule.min_loci(), excluded) {
            (false, _) => Verdict::TooFewLoci,
            (true, true) => Verdict::NoCandidate,
            (true, false) => Verdict::Candidate,
        }
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
