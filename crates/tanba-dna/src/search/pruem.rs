//! Search by the rules of the Prüm states: two values a locus, wildcards, full and near matches.
//!
//! Source: Council Decision 2008/616/JHA, annex, chapter 1. Both orders of the values are tried, a wildcard agrees with anything. A
//! match needs six loci that are complete on both sides and equal; a near match differs in one of all compared values. The
//! inclusion rules are read from the decision (`tanba_formats::genetic::pruem`); the number of six *matching* loci and the near
//! match are written from memory of its section 1.2 and are to be held against the Official Journal before use.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use tanba_formats::genetic::pruem::{PruemProfile, PruemValue};

use super::SpecimenId;
use super::database::Database;
use super::filter::Filter;
use crate::{Allele, AlleleMark, Category, DnaError, Genotype, Locus, Panel, Profile};

/// The rule's numbers: as the Prüm states have them, or others for an exchange that works alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PruemRule {
    /// Loci that must be complete on both sides and equal.
    pub min_equal_loci: u8,
    /// Whether one value may differ.
    pub near_matches: bool,
}

/// A profile of two values a locus, of which some may be anything.
#[derive(Clone, PartialEq, Eq)]
pub struct TwoValueProfile {
    loci: BTreeMap<Locus, [Option<Allele>; 2]>,
}

/// How well two profiles of two values agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PruemMatch {
    /// All compared values are the same, and none is a wildcard.
    Full,
    /// All compared values agree, some by a wildcard.
    WithWildcard,
    /// One value differs by less than a repeat (9 and 9.3).
    NearByVariant,
    /// One value differs.
    NearByValue,
}

/// A candidate of a search by the Prüm rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PruemHit {
    /// Which profile.
    pub specimen: SpecimenId,
    /// Why that profile is held.
    pub category: Category,
    /// How well it agrees.
    pub agreement: PruemMatch,
    /// Loci that are complete on both sides and equal.
    pub equal_loci: usize,
    /// Loci that both have.
    pub compared_loci: usize,
}

/// What a search by the Prüm rules found, and in how much.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PruemAnswer {
    /// The best agreement first, then the most equal loci, then the specimen.
    pub hits: Vec<PruemHit>,
    /// Profiles that the query was held against.
    pub profiles_searched: usize,
    /// Of those, profiles with fewer loci in common than must be equal.
    pub profiles_not_comparable: usize,
}

impl PruemRule {
    /// Six equal loci, near matches told.
    pub const DECISION: Self = Self { min_equal_loci: 6, near_matches: true };
}

impl TwoValueProfile {
    /// A transmitted profile, in the loci that the panel permits; the others are passed over and never kept.
    ///
    /// # Errors
    /// [`DnaError::BadAllele`], [`DnaError::EmptyProfile`].
    pub fn from_transmitted(transmitted: &PruemProfile, panel: &Panel) -> Result<Self, DnaError> {
        let mut loci = BTreeMap::new();
        for at in &transmitted.loci {
            let Some(locus) = Locus::parse(at.marker.as_str()).filter(|locus| panel.permits(*locus)) else { continue };
            let value = |value: &PruemValue| match value {
                PruemValue::Wildcard => Ok(None),
                PruemValue::Allele(text) => Allele::parse(text).map(Some).ok_or(DnaError::BadAllele { locus }),
            };
            loci.insert(locus, [value(&at.values[0])?, value(&at.values[1])?]);
        }
        if loci.is_empty() { Err(DnaError::EmptyProfile) } else { Ok(Self { loci }) }
    }

    /// A profile in two values: of three alleles the first and a wildcard, for an off-ladder or drop-out mark a wildcard; a locus without any
    /// known value says nothing and is left out.
    ///
    /// # Errors
    /// [`DnaError::MixtureNotExchanged`] for four alleles, [`DnaError::EmptyProfile`].
    pub fn of(profile: &Profile) -> Result<Self, DnaError> {
        let mut loci = BTreeMap::new();
        for (locus, genotype) in profile.genotypes() {
            let known = |allele: Allele| (allele.mark() == AlleleMark::Exact).then_some(allele);
            let values = match *genotype.alleles() {
                [one] if genotype.partner_may_be_lost() => [known(one), None],
                [one] => [known(one); 2],
                [one, two] => [known(one), known(two)],
                [first, _, _] => [known(first), None],
                _ => return Err(DnaError::MixtureNotExchanged { locus }),
            };
            if values != [None, None] {
                loci.insert(locus, values);
            }
        }
        if loci.is_empty() { Err(DnaError::EmptyProfile) } else { Ok(Self { loci }) }
    }

    /// The agreement with another profile under a rule, with the equal and the compared loci; `None` for no match.
    pub fn compare(&self, other: &Self, rule: &PruemRule) -> Option<(PruemMatch, usize, usize)> {
        let (mut agreement, mut differing, mut equal, mut compared) = (PruemMatch::Full, 0, 0, 0);
        for (locus, ours) in &self.loci {
            let Some(theirs) = other.loci.get(locus) else { continue };
            compared += 1;
            let turned = [theirs[1], theirs[0]];
            // The order of the values means nothing: the better one counts.
            let (differs, by) = judge(ours, theirs).min(judge(ours, &turned));
            differing += differs;
            agreement = agreement.max(by);
            equal += usize::from(by == PruemMatch::Full);
        }
        let near = rule.near_matches && differing == 1;
        let enough = equal >= usize::from(rule.min_equal_loci);
        (enough && (differing == 0 || near)).then_some((agreement, equal, compared))
    }

    fn typed(&self) -> u32 {
        self.loci.keys().fold(0, |set, locus| set | 1 << locus.index())
    }

    /// The loci of which both values are known. Where one is a wildcard, a row need not share the other: it may be the one value
    /// that differs.
    fn complete(&self) -> Vec<(Locus, Genotype)> {
        let complete = self.loci.iter().filter_map(|(locus, values)| match *values {
            [Some(a), Some(b)] => Genotype::new([a, b]).map(|genotype| (*locus, genotype)),
            _ => None,
        });
        complete.collect()
    }
}

/// How many values differ, and the worst way in which they do.
fn judge(ours: &[Option<Allele>; 2], theirs: &[Option<Allele>; 2]) -> (usize, PruemMatch) {
    let mut differing = 0;
    let mut by = PruemMatch::Full;
    for (a, b) in ours.iter().zip(theirs) {
        let (Some(a), Some(b)) = (a, b) else {
            by = by.max(PruemMatch::WithWildcard);
            continue;
        };
        if a != b {
            differing += 1;
            let variant = a.tenths() / 10 == b.tenths() / 10;
            by = by.max(if variant { PruemMatch::NearByVariant } else { PruemMatch::NearByValue });
        }
    }
    (differing, by)
}

impl Database {
    /// Compares a profile of two values with every profile of the named categories.
    ///
    /// # Errors
    /// [`DnaError::CategoriesNotCompared`] (also where relatives would be looked for), [`DnaError::NothingToSearch`],
    /// [`DnaError::TooFewLoci`] where the query has fewer complete loci than must be equal.
    pub fn search_pruem(
        &self,
        query: &TwoValueProfile,
        category: Category,
        rule: &PruemRule,
        against: &[Category],
    ) -> Result<PruemAnswer, DnaError> {
        let searches = self.compared(category, against)?;
        if let Some((candidate, _)) = searches.iter().find(|(_, purpose)| *purpose == crate::Comparison::Kinship) {
            return Err(DnaError::CategoriesNotCompared { query: category, candidate: *candidate });
        }
        let (complete, needed) = (query.complete(), usize::from(rule.min_equal_loci));
        if needed == 0 {
            return Err(DnaError::BadRule { reason: "at least one locus must be equal" });
        }
        if complete.len() < needed {
            return Err(DnaError::TooFewLoci { loci: complete.len(), needed });
        }
        let mut answer = PruemAnswer { hits: Vec::new(), profiles_searched: 0, profiles_not_comparable: 0 };
        for (category, _) in searches {
            let Some(shelf) = self.shelf(category) else { continue };
            let filter = Filter::sharing(&complete, query.typed(), needed, &shelf.columns);
            let found = shelf.survivors(&filter, |survivors| {
                let judged = survivors.rows.iter().filter_map(|row| {
                    // A stored profile that is a mixture is not exchanged, and matches nothing.
                    let other = TwoValueProfile::of(&shelf.columns.profile(*row)).ok()?;
                    let (agreement, equal_loci, compared_loci) = query.compare(&other, rule)?;
                    let specimen = shelf.specimens[*row];
                    Some(PruemHit { specimen, category, agreement, equal_loci, compared_loci })
                });
                (judged.collect::<Vec<_>>(), survivors.too_few)
            });
            answer.profiles_searched += shelf.columns.len();
            for (hits, too_few) in found {
                answer.hits.extend(hits);
                answer.profiles_not_comparable += too_few;
            }
        }
        answer.hits.sort_by_key(|hit| (hit.agreement, usize::MAX - hit.equal_loci, hit.specimen));
        Ok(answer)
    }
}

impl fmt::Debug for TwoValueProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TwoValueProfile({} loci)", self.loci.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stored::tests::any_profile;
    use proptest::prelude::*;

    fn two(rows: &[(&str, [&str; 2])]) -> TwoValueProfile {
        let value = |text: &str| if text == "*" { PruemValue::Wildcard } else { PruemValue::Allele(text.to_owned()) };
        let loci = rows.iter().map(|(name, values)| tanba_formats::genetic::pruem::PruemLocus {
            marker: tanba_formats::genetic::MarkerName::of(name),
            values: values.map(value),
        });
        TwoValueProfile::from_transmitted(&PruemProfile { loci: loci.collect() }, &Panel::CODIS_20).unwrap()
    }

    const SEVEN: [(&str, [&str; 2]); 7] = [
        ("TH01", ["6", "9.3"]),
        ("vWA", ["17", "18"]),
        ("FGA", ["20", "20"]),
        ("D21S11", ["28", "30"]),
        ("D3S1358", ["15", "16"]),
        ("D8S1179", ["13", "14"]),
        ("D18S51", ["12", "15"]),
    ];

    #[test]
    fn full_wildcard_near_and_none() {
        let own = two(&SEVEN);
        let rule = PruemRule::DECISION;
        let with = |at: usize, values: [&'static str; 2]| {
            let mut rows = SEVEN;
            rows[at].1 = values;
            own.compare(&two(&rows), &rule)
        };
        assert_eq!(own.compare(&own, &rule), Some((PruemMatch::Full, 7, 7)));
        assert_eq!(with(0, ["9.3", "6"]), Some((PruemMatch::Full, 7, 7)), "the order of the values means nothing");
        for wild in [["6", "*"], ["*", "6"], ["9.3", "*"], ["*", "9.3"]] {
            assert_eq!(with(0, wild), Some((PruemMatch::WithWildcard, 6, 7)), "{wild:?}");
        }
        assert_eq!(with(0, ["6", "9"]), Some((PruemMatch::NearByVariant, 6, 7)));
        assert_eq!(with(0, ["6", "8"]), Some((PruemMatch::NearByValue, 6, 7)));
        assert_eq!(with(0, ["7", "*"]), Some((PruemMatch::NearByValue, 6, 7)));
        assert_eq!(with(0, ["7", "8"]), None, "two values differ");
        assert_eq!(own.compare(&two(&SEVEN[..5]), &rule), None, "five loci are not six");
        let strict = PruemRule { near_matches: false, ..rule };
        let mut near = SEVEN;
        near[2].1 = ["20", "21"];
        assert_eq!(own.compare(&two(&near), &strict), None);
    }

    #[test]
    fn loci_outside_the_panel_are_passed_over() {
        let mut rows = SEVEN.to_vec();
        rows.push(("SE33", ["17", "18"]));
        assert_eq!(two(&rows), two(&SEVEN));
        assert!(!format!("{:?}", two(&SEVEN)).contains("9.3"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]

        /// The search against the plain comparison: stored profiles of every shape, queries with wildcards.
        #[test]
        fn the_search_answers_as_the_comparison(
            profiles in prop::collection::vec(any_profile(), 1..80),
            query in any_profile(),
            wild in prop::collection::vec(any::<bool>(), 20),
            needed in 1u8..3,
            near_matches: bool,
        ) {
            let Ok(mut query) = TwoValueProfile::of(&query) else { return Ok(()) };
            for (values, wild) in query.loci.values_mut().zip(wild) {
                if wild && values[0].is_some() {
                    values[1] = None;
                }
            }
            let rule = PruemRule { min_equal_loci: needed, near_matches };
            let mut database = Database::investigative();
            for (n, profile) in profiles.iter().enumerate() {
                database.insert(SpecimenId(n as u128), Category::ConvictedPerson, profile).unwrap();
            }
            let against = [Category::ConvictedPerson];
            let Ok(answer) = database.search_pruem(&query, Category::CrimeStain, &rule, &against) else {
                prop_assert!(query.complete().len() < usize::from(needed));
                return Ok(());
            };
            let mut found: Vec<usize> = answer.hits.iter().map(|hit| hit.specimen.0 as usize).collect();
            found.sort_unstable();
            let expected = profiles.iter().enumerate().filter(|(_, profile)| {
                TwoValueProfile::of(profile).is_ok_and(|other| query.compare(&other, &rule).is_some())
            });
            prop_assert_eq!(found, expected.map(|(n, _)| n).collect::<Vec<_>>());
        }
    }
}
