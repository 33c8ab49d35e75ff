//! Match rules: how well two profiles agree at each locus, and when that makes a candidate.
//!
//! The levels are those of CODIS (SWGDAM 2009, FBI CODIS/NDIS frequently asked questions): high, the alleles are the same;
//! moderate, all alleles of one of the two are in the other; low, they share one. A locus that was not typed on either side
//! is not compared and is no mismatch.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{DnaError, Genotype, Locus, Profile};

/// How well a locus must agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stringency {
    /// At least one allele in common.
    Low,
    /// All alleles of one profile, whichever, are in the other.
    Moderate,
    /// The same alleles.
    High,
}

/// How well a locus agrees, from nothing in common upwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Agreement {
    /// No allele in common.
    None,
    /// At least one allele in common.
    Low,
    /// All alleles of one are in the other.
    Moderate,
    /// The same alleles.
    High,
}

/// When two profiles are candidates for each other.
///
/// As a document: `{"stringency": "moderate", "max_mismatches": 1, "min_loci": 8}`, and where they are needed
/// `"min_full": 6` (loci that must agree at high) and `"loci": {"TH01": "low"}` (another level at a locus).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RawRule", into = "RawRule")]
pub struct Rule {
    stringency: Stringency,
    max_mismatches: u8,
    min_loci: u8,
    min_full: u8,
    /// Levels that differ from `stringency`, by [`Locus::index`].
    at: [Option<Stringency>; Locus::COUNT],
}

/// The agreement at one compared locus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocusAgreement {
    /// Where.
    pub locus: Locus,
    /// How well.
    pub agreement: Agreement,
}

/// Two profiles compared: the loci typed on both sides, with their agreement. Names levels, never alleles.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileComparison {
    /// The compared loci, in the order of their codes.
    pub loci: Vec<LocusAgreement>,
}

impl Rule {
    /// For finding the same person: tolerates drop-out at every locus and one locus that disagrees altogether.
    /// Eight loci, the fewest of the original CODIS rules for a database search of a forensic profile.
    pub const SAME_PROFILE: Self = Self::of(Stringency::Moderate, 1, 8);

    /// For screening parents and children: one allele shared everywhere, one locus left for a mutation.
    /// Twelve loci: with fewer, chance sharing fills the list.
    pub const PARENT_CHILD_SCREEN: Self = Self::of(Stringency::Low, 1, 12);

    const fn of(stringency: Stringency, max_mismatches: u8, min_loci: u8) -> Self {
        Self { stringency, max_mismatches, min_loci, min_full: 0, at: [None; Locus::COUNT] }
    }

    /// A rule: `max_mismatches` loci may fail `stringency`, of at least `min_loci` compared.
    ///
    /// # Errors
    /// [`DnaError::BadRule`] where no locus is asked for, more than there are, or mismatches could outnumber the rest.
    pub fn new(stringency: Stringency, max_mismatches: u8, min_loci: u8) -> Result<Self, DnaError> {
        let reason = if min_loci == 0 {
            "at least one locus must be compared"
        } else if usize::from(min_loci) > Locus::COUNT {
            "more loci are asked for than the panel has"
        } else if max_mismatches >= min_loci {
            "as many loci may disagree as are compared: everybody would be a candidate"
        } else {
            return Ok(Self::of(stringency, max_mismatches, min_loci));
        };
        Err(DnaError::BadRule { reason })
    }

    /// The rule with another level at some loci.
    #[must_use]
    pub fn with_levels(mut self, levels: impl IntoIterator<Item = (Locus, Stringency)>) -> Self {
        for (locus, level) in levels {
            self.at[locus.index()] = (level != self.stringency).then_some(level);
        }
        self
    }

    /// The rule, where besides so many compared loci must agree in full (high stringency).
    ///
    /// # Errors
    /// [`DnaError::BadRule`] where that is more than there are loci.
    pub fn with_min_full(mut self, min_full: u8) -> Result<Self, DnaError> {
        if usize::from(min_full) > Locus::COUNT {
            return Err(DnaError::BadRule { reason: "more loci must agree in full than the panel has" });
        }
        self.min_full = min_full;
        Ok(self)
    }

    /// What a locus must reach.
    pub fn stringency(&self) -> Stringency {
        self.stringency
    }

    /// What this locus must reach.
    pub fn stringency_at(&self, locus: Locus) -> Stringency {
        self.at[locus.index()].unwrap_or(self.stringency)
    }

    /// The loci whose level differs from [`Rule::stringency`].
    pub fn levels(&self) -> impl Iterator<Item = (Locus, Stringency)> {
        Locus::ALL.into_iter().zip(self.at).filter_map(|(locus, level)| Some((locus, level?)))
    }

    /// How many loci must agree in full.
    pub fn min_full(&self) -> usize {
        usize::from(self.min_full)
    }

    /// How many loci may fail it.
    pub fn max_mismatches(&self) -> usize {
        usize::from(self.max_mismatches)
    }

    /// How many loci must be compared.
    pub fn min_loci(&self) -> usize {
        usize::from(self.min_loci)
    }

    /// Whether a comparison makes a candidate.
    pub fn accepts(&self, comparison: &ProfileComparison) -> bool {
        comparison.loci.len() >= self.min_loci()
            && self.mismatches(comparison) <= self.max_mismatches()
            && comparison.matches(Stringency::High) >= self.min_full()
    }

    /// The compared loci that fail the level that the rule sets for them.
    pub fn mismatches(&self, comparison: &ProfileComparison) -> usize {
        comparison.loci.iter().filter(|at| !self.stringency_at(at.locus).met_by(at.agreement)).count()
    }
}

impl Stringency {
    /// Whether an agreement reaches this level.
    pub fn met_by(self, agreement: Agreement) -> bool {
        agreement
            >= match self {
                Self::Low => Agreement::Low,
                Self::Moderate => Agreement::Moderate,
                Self::High => Agreement::High,
            }
    }
}

impl Agreement {
    /// How well two genotypes agree. The same alleles means the same designations; below that, an off-ladder mark agrees
    /// with every designation it can stand for, and an allele that may have dropped out can be any one allele. So a genotype with a
    /// drop-out mark never agrees in full, not even with itself: nobody knows what it is.
    pub fn between(a: &Genotype, b: &Genotype) -> Self {
        let within = |a: &Genotype, b: &Genotype| {
            let missing = a.alleles().iter().filter(|x| !b.alleles().iter().any(|y| x.could_be(*y))).count();
            missing <= usize::from(b.partner_may_be_lost())
        };
        let marked = a.partner_may_be_lost() || b.partner_may_be_lost();
        if a == b && !marked {
            Self::High
        } else if within(a, b) || within(b, a) {
            Self::Moderate
        } else if marked || a.alleles().iter().any(|x| b.alleles().iter().any(|y| x.could_be(*y))) {
            Self::Low
        } else {
            Self::None
        }
    }
}

impl ProfileComparison {
    /// Compares two profiles at every locus typed in both.
    pub fn between(a: &Profile, b: &Profile) -> Self {
        let loci = a
            .genotypes()
            .filter_map(|(locus, ours)| {
                let agreement = Agreement::between(ours, b.at(locus)?);
                Some(LocusAgreement { locus, agreement })
            })
            .collect();
        Self { loci }
    }

    /// Compared loci that fail a stringency.
    pub fn mismatches(&self, stringency: Stringency) -> usize {
        self.loci.iter().filter(|locus| !stringency.met_by(locus.agreement)).count()
    }

    /// Compared loci that reach a stringency.
    pub fn matches(&self, stringency: Stringency) -> usize {
        self.loci.len() - self.mismatches(stringency)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRule {
    stringency: Stringency,
    max_mismatches: u8,
    min_loci: u8,
    #[serde(default, skip_serializing_if = "is_zero")]
    min_full: u8,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    loci: BTreeMap<Locus, Stringency>,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // the form that serde asks for
fn is_zero(number: &u8) -> bool {
    *number == 0
}

impl TryFrom<RawRule> for Rule {
    type Error = DnaError;

    fn try_from(raw: RawRule) -> Result<Self, Self::Error> {
        Self::new(raw.stringency, raw.max_mismatches, raw.min_loci)?.with_levels(raw.loci).with_min_full(raw.min_full)
    }
}

impl From<Rule> for RawRule {
    fn from(rule: Rule) -> Self {
        Self {
            stringency: rule.stringency,
            max_mismatches: rule.max_mismatches,
            min_loci: rule.min_loci,
            min_full: rule.min_full,
            loci: rule.levels().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Allele;

    fn genotype(texts: &[&str]) -> Genotype {
        match texts {
            [one, "F"] => Genotype::with_dropout_mark(Allele::parse(one).unwrap()),
            texts => Genotype::new(texts.iter().map(|t| Allele::parse(t).unwrap())).unwrap(),
        }
    }

    #[test]
    fn the_levels() {
        for (a, b, expected) in [
            (&["28", "31.2"][..], &["31.2", "28"][..], Agreement::High),
            (&["13"], &["13", "13"], Agreement::High),
            (&["13"], &["13", "14"], Agreement::Moderate),
            (&["8", "10", "11"], &["8", "11"], Agreement::Moderate),
            (&["8", "10"], &["8", "11"], Agreement::Low),
            (&["8", "10"], &["9", "11"], Agreement::None),
            (&["9"], &["9.3"], Agreement::None),
            (&["<9", "12"], &["8", "12"], Agreement::Moderate),
            (&["<9", "12"], &["<9", "12"], Agreement::High),
            (&["<9", "12"], &["9", "13"], Agreement::None),
            // An allele that may be lost is any one allele: enough for a heterozygote at moderate, never for high.
            (&["13", "F"], &["13", "14"], Agreement::Moderate),
            (&["13", "F"], &["13"], Agreement::Moderate),
            (&["13", "F"], &["13", "F"], Agreement::Moderate),
            (&["13", "F"], &["14", "F"], Agreement::Moderate),
            (&["13", "F"], &["14"], Agreement::Moderate),
            (&["13", "F"], &["14", "15"], Agreement::Low),
            (&["13", "F"], &["14", "15", "16"], Agreement::Low),
        ] {
            assert_eq!(Agreement::between(&genotype(a), &genotype(b)), expected, "{a:?} {b:?}");
            assert_eq!(Agreement::between(&genotype(b), &genotype(a)), expected, "{b:?} {a:?}");
        }
    }

    #[test]
    fn untyped_loci_are_neither_compared_nor_mismatches() {
        let panel = &crate::Panel::CODIS_20;
        let a = Profile::from_csv("TH01,6,9.3\nvWA,17,18\nFGA,20,21", panel).unwrap();
        let b = Profile::from_csv("TH01,6,9.3\nvWA,14,15\nTPOX,8,8", panel).unwrap();
        let comparison = ProfileComparison::between(&a, &b);
        assert_eq!((comparison.loci.len(), comparison.mismatches(Stringency::Low)), (2, 1));
        assert!(Rule::new(Stringency::High, 1, 2).unwrap().accepts(&comparison));
        assert!(!Rule::new(Stringency::High, 0, 2).unwrap().accepts(&comparison));
        assert!(!Rule::new(Stringency::High, 1, 3).unwrap().accepts(&comparison));
    }

    #[test]
    fn a_rule_is_data_with_a_level_for_each_locus() {
        let text = r#"{"stringency":"high","max_mismatches":0,"min_loci":2,"min_full":1,"loci":{"TH01":"low"}}"#;
        let rule: Rule = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&rule).unwrap(), text);
        let plain = r#"{"stringency":"moderate","max_mismatches":1,"min_loci":8}"#;
        assert_eq!(serde_json::to_string(&Rule::SAME_PROFILE).unwrap(), plain);
        let panel = &crate::Panel::CODIS_20;
        let a = Profile::from_csv("TH01,6,9.3\nvWA,17,18", panel).unwrap();
        let near = Profile::from_csv("TH01,6,7\nvWA,17,18", panel).unwrap();
        let far = Profile::from_csv("TH01,6,9.3\nvWA,17", panel).unwrap();
        assert!(rule.accepts(&ProfileComparison::between(&a, &near)));
        assert!(!rule.accepts(&ProfileComparison::between(&a, &far)));
        assert!(!rule.with_min_full(2).unwrap().accepts(&ProfileComparison::between(&a, &near)));
        for wrong in [text.replace("TH01", "SE33"), text.replace("min_full", "least"), text.replace(":1,", ":21,")] {
            assert!(serde_json::from_str::<Rule>(&wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn rules_that_make_everybody_a_candidate_are_refused() {
        for (mismatches, loci) in [(0, 0), (3, 3), (0, 21)] {
            assert!(Rule::new(Stringency::Low, mismatches, loci).is_err());
        }
        assert!(serde_json::from_str::<Rule>(r#"{"stringency":"low","max_mismatches":9,"min_loci":3}"#).is_err());
    }
}
