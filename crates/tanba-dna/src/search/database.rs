//! Exhaustive search: one profile against every profile of the named categories, with the coverage of the answer.

use std::collections::HashMap;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::columns::Columns;
use super::filter::{Filter, Survivors};
use crate::{Category, Comparison, DnaError, Profile, ProfileComparison, Rule};

/// Names one profile in a database; a meaningless number (a UUID's 128 bits), never a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SpecimenId(pub u128);

/// Profiles in memory, searchable by match rules.
///
/// Two kinds exist and nothing crosses between them: the investigative index, and the quality index that holds elimination
/// profiles alone. A search of the one can therefore never return a profile of the other.
pub struct Database {
    quality: bool,
    shelves: HashMap<Category, Shelf>,
    places: HashMap<SpecimenId, (Category, usize)>,
}

/// A candidate. A lead for two examiners, never an identification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hit {
    /// Which profile.
    pub specimen: SpecimenId,
    /// Why that profile is held.
    pub category: Category,
    /// What the comparison looks for.
    pub purpose: Comparison,
    /// Agreement at every locus typed in both.
    pub comparison: ProfileComparison,
    /// Loci that fail the rule's stringency.
    pub mismatches: usize,
}

/// What a search found, and in how much.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchAnswer {
    /// Fewest mismatches first, then most loci in full agreement, then most loci compared, then the specimen.
    pub hits: Vec<Hit>,
    /// Profiles that the query was held against: all of the named categories.
    pub profiles_searched: usize,
    /// Of those, profiles with too few loci in common with the query for the rule: they were neither found nor excluded.
    pub profiles_not_comparable: usize,
}

/// The profiles of one category, row by row.
pub(super) struct Shelf {
    pub(super) specimens: Vec<SpecimenId>,
    pub(super) columns: Columns,
}

/// Blocks of 64 rows that one task scans: 16,384 rows, some tens of microseconds.
pub(super) const TASK: usize = 256;

impl Database {
    /// An empty index for investigations: every category but elimination.
    pub fn investigative() -> Self {
        Self { quality: false, shelves: HashMap::new(), places: HashMap::new() }
    }

    /// An empty index for quality management: elimination profiles only.
    pub fn quality() -> Self {
        Self { quality: true, shelves: HashMap::new(), places: HashMap::new() }
    }

    /// Adds a profile.
    ///
    /// # Errors
    /// [`DnaError::WrongIndex`] where the category does not belong here, [`DnaError::SpecimenTwice`] where it is present.
    pub fn insert(&mut self, specimen: SpecimenId, category: Category, profile: &Profile) -> Result<(), DnaError> {
        if (category == Category::Elimination) != self.quality {
            return Err(DnaError::WrongIndex { category });
        }
        if self.places.contains_key(&specimen) {
            return Err(DnaError::SpecimenTwice);
        }
        let shelf = self.shelves.entry(category).or_insert_with(Shelf::new);
        self.places.insert(specimen, (category, shelf.specimens.len()));
        shelf.specimens.push(specimen);
        shelf.columns.push(profile);
        Ok(())
    }

    /// Takes a profile out; whether it was there.
    pub fn remove(&mut self, specimen: SpecimenId) -> bool {
        let Some((category, row)) = self.places.remove(&specimen) else { return false };
        let shelf = self.shelves.entry(category).or_insert_with(Shelf::new);
        shelf.specimens.swap_remove(row);
        shelf.columns.swap_remove(row);
        if let Some(moved) = shelf.specimens.get(row) {
            self.places.insert(*moved, (category, row));
        }
        true
    }

    /// Takes all profiles of a category out.
    pub fn remove_all(&mut self, category: Category) {
        self.shelves.remove(&category);
        self.places.retain(|_, (of, _)| *of != category);
    }

    /// Whether a specimen is held.
    pub fn contains(&self, specimen: SpecimenId) -> bool {
        self.places.contains_key(&specimen)
    }

    /// How many profiles are held.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether none is held.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Compares a profile with every profile of the named categories.
    ///
    /// # Errors
    /// [`DnaError::CategoriesNotCompared`] and [`DnaError::KinshipNeedsLowStringency`] where a named category may not be
    /// searched from `category`, or not so; [`DnaError::NothingToSearch`]; [`DnaError::TooFewLoci`].
    /// Nothing was searched then: a part of an answer is no answer.
    pub fn search(
        &self,
        query: &Profile,
        category: Category,
        rule: &Rule,
        against: &[Category],
    ) -> Result<SearchAnswer, DnaError> {
        let searches = self.permitted(category, rule, against)?;
        if query.typed_loci() < rule.min_loci() {
            return Err(DnaError::TooFewLoci { loci: query.typed_loci(), needed: rule.min_loci() });
        }
        let mut answer = SearchAnswer { hits: Vec::new(), profiles_searched: 0, profiles_not_comparable: 0 };
        for (category, purpose) in searches {
            let Some(shelf) = self.shelves.get(&category) else { continue };
            let found = shelf.search(query, rule);
            answer.profiles_searched += shelf.columns.len();
            answer.profiles_not_comparable += found.not_comparable;
            answer.hits.extend(found.candidates.into_iter().map(|(specimen, comparison)| {
                let mismatches = rule.mismatches(&comparison);
                Hit { specimen, category, purpose, comparison, mismatches }
            }));
        }
        answer.hits.sort_by_cached_key(|hit| {
            let full = hit.comparison.matches(crate::Stringency::High);
            (hit.mismatches, usize::MAX - full, usize::MAX - hit.comparison.loci.len(), hit.specimen)
        });
        Ok(answer)
    }

    pub(super) fn shelf(&self, category: Category) -> Option<&Shelf> {
        self.shelves.get(&category)
    }

    /// The categories to search, each once, with what is looked for; refuses the search where one is not allowed.
    pub(super) fn permitted(
        &self,
        query: Category,
        rule: &Rule,
        against: &[Category],
    ) -> Result<Vec<(Category, Comparison)>, DnaError> {
        let searches = self.compared(query, against)?;
        let kinship = searches.iter().find(|(_, purpose)| *purpose == Comparison::Kinship);
        match kinship {
            Some((candidate, _)) if rule.stringency() != crate::Stringency::Low || rule.levels().next().is_some() => {
                Err(DnaError::KinshipNeedsLowStringency { query, candidate: *candidate })
            }
            _ => Ok(searches),
        }
    }

    /// The categories to search, each once, with what is looked for.
    pub(super) fn compared(
        &self,
        query: Category,
        against: &[Category],
    ) -> Result<Vec<(Category, Comparison)>, DnaError> {
        let mut searches = Vec::new();
        for &candidate in against {
            let purpose = query
                .compared_with(candidate)
                .filter(|purpose| (*purpose == Comparison::Quality) == self.quality)
                .ok_or(DnaError::CategoriesNotCompared { query, candidate })?;
            if !searches.contains(&(candidate, purpose)) {
                searches.push((candidate, purpose));
            }
        }
        if searches.is_empty() { Err(DnaError::NothingToSearch) } else { Ok(searches) }
    }
}

#[derive(Default)]
struct Found {
    candidates: Vec<(SpecimenId, ProfileComparison)>,
    not_comparable: usize,
}

impl Shelf {
    fn new() -> Self {
        Self { specimens: Vec::new(), columns: Columns::new() }
    }

    /// Bytes first; what survives is compared in full, so that the answer is that of the plain comparison.
    fn search(&self, query: &Profile, rule: &Rule) -> Found {
        let filter = Filter::of(query, rule, &self.columns);
        self.survivors(&filter, |survivors| {
            let mut found = Found { candidates: Vec::new(), not_comparable: survivors.too_few };
            for row in survivors.rows {
                let comparison = ProfileComparison::between(query, &self.columns.profile(row));
                if rule.accepts(&comparison) {
                    found.candidates.push((self.specimens[row], comparison));
                }
            }
            found
        })
        .into_iter()
        .fold(Found::default(), Found::merged)
    }

    /// Scans all rows on all cores, and judges what each task leaves over.
    pub(super) fn survivors<T: Send>(&self, filter: &Filter, judge: impl Fn(Survivors) -> T + Sync) -> Vec<T> {
        let blocks = self.columns.blocks();
        (0..blocks.div_ceil(TASK))
            .into_par_iter()
            .map(|task| judge(filter.scan(&self.columns, task * TASK..(task * TASK + TASK).min(blocks))))
            .collect()
    }
}

impl Found {
    fn merged(mut self, mut other: Self) -> Self {
        self.candidates.append(&mut other.candidates);
        self.not_comparable += other.not_comparable;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stored::tests::any_profile;
    use crate::{Locus, Panel, Stringency};
    use proptest::prelude::*;

    fn profile(shift: u16) -> Profile {
        let rows: Vec<String> =
            Locus::ALL.iter().map(|l| format!("{l},{},{}", 10 + shift, 10 + shift + u16::from(l.code()) % 3)).collect();
        Profile::from_csv(&rows.join("\n"), &Panel::CODIS_20).unwrap()
    }

    #[test]
    fn a_category_that_is_taken_out_is_found_no_more_and_comes_back() {
        let mut database = Database::investigative();
        let convicted = [Category::ConvictedPerson];
        let searched = |database: &Database| {
            database.search(&profile(0), Category::CrimeStain, &Rule::SAME_PROFILE, &convicted).unwrap()
        };
        database.insert(SpecimenId(1), Category::ConvictedPerson, &profile(0)).unwrap();
        database.insert(SpecimenId(2), Category::UnidentifiedBody, &profile(0)).unwrap();
        database.remove_all(Category::ConvictedPerson);
        assert!(!database.contains(SpecimenId(1)) && database.contains(SpecimenId(2)));
        assert_eq!(searched(&database).profiles_searched, 0);
        database.insert(SpecimenId(1), Category::ConvictedPerson, &profile(0)).unwrap();
        assert_eq!(searched(&database).hits.len(), 1);
    }

    #[test]
    fn a_stain_finds_its_convict_and_a_body_its_reference() {
        let mut database = Database::investigative();
        database.insert(SpecimenId(1), Category::ConvictedPerson, &profile(0)).unwrap();
        database.insert(SpecimenId(2), Category::ConvictedPerson, &profile(5)).unwrap();
        database.insert(SpecimenId(3), Category::MissingPersonReference, &profile(9)).unwrap();
        let stain = database
            .search(&profile(5), Category::CrimeStain, &Rule::SAME_PROFILE, &[Category::ConvictedPerson])
            .unwrap();
        assert_eq!((stain.profiles_searched, stain.hits.len()), (2, 1));
        assert_eq!((stain.hits[0].specimen, stain.hits[0].comparison.matches(Stringency::High)), (SpecimenId(2), 20));
        let body: Vec<_> = Category::UnidentifiedBody.same_source_categories().collect();
        let body = database.search(&profile(9), Category::UnidentifiedBody, &Rule::SAME_PROFILE, &body).unwrap();
        assert_eq!(body.hits.iter().map(|hit| hit.specimen).collect::<Vec<_>>(), [SpecimenId(3)]);
        assert!(database.remove(SpecimenId(3)) && !database.remove(SpecimenId(3)));
        assert_eq!((database.len(), database.contains(SpecimenId(3))), (2, false));
    }

    #[test]
    fn relatives_never_meet_stains_and_elimination_is_never_returned() {
        let mut database = Database::investigative();
        database.insert(SpecimenId(1), Category::RelativeOfMissing, &profile(0)).unwrap();
        assert_eq!(
            database.insert(SpecimenId(2), Category::Elimination, &profile(0)),
            Err(DnaError::WrongIndex { category: Category::Elimination })
        );
        for query in Category::ALL {
            for candidate in Category::ALL {
                let answer = database.search(&profile(0), query, &Rule::PARENT_CHILD_SCREEN, &[candidate]);
                if let Ok(answer) = answer {
                    let relative = candidate == Category::RelativeOfMissing;
                    let lost = matches!(query, Category::UnidentifiedBody | Category::UnidentifiedPerson);
                    assert!(answer.hits.is_empty() || (relative && lost), "{query} {candidate}");
                }
            }
        }
        assert!(matches!(
            database.search(&profile(0), Category::CrimeStain, &Rule::SAME_PROFILE, &[Category::RelativeOfMissing]),
            Err(DnaError::CategoriesNotCompared { .. })
        ));
        assert!(matches!(
            database.search(
                &profile(0),
                Category::UnidentifiedBody,
                &Rule::SAME_PROFILE,
                &[Category::RelativeOfMissing]
            ),
            Err(DnaError::KinshipNeedsLowStringency { .. })
        ));
        let mut quality = Database::quality();
        quality.insert(SpecimenId(3), Category::Elimination, &profile(1)).unwrap();
        assert!(quality.insert(SpecimenId(4), Category::ConvictedPerson, &profile(1)).is_err());
        let found =
            quality.search(&profile(1), Category::CrimeStain, &Rule::SAME_PROFILE, &[Category::Elimination]).unwrap();
        assert_eq!(found.hits[0].purpose, Comparison::Quality);
    }

    #[test]
    fn a_sparse_profile_counts_as_not_comparable_and_a_sparse_query_is_refused() {
        let mut database = Database::investigative();
        let sparse = Profile::from_csv("TH01,6,9.3", &Panel::CODIS_20).unwrap();
        database.insert(SpecimenId(1), Category::ConvictedPerson, &sparse).unwrap();
        assert_eq!(database.insert(SpecimenId(1), Category::CrimeStain, &sparse), Err(DnaError::SpecimenTwice));
        let against = &[Category::ConvictedPerson];
        let answer = database.search(&profile(0), Category::CrimeStain, &Rule::SAME_PROFILE, against).unwrap();
        assert_eq!((answer.profiles_searched, answer.profiles_not_comparable), (1, 1));
        assert_eq!(
            database.search(&sparse, Category::CrimeStain, &Rule::SAME_PROFILE, against),
            Err(DnaError::TooFewLoci { loci: 1, needed: 8 })
        );
        assert_eq!(
            database.search(&profile(0), Category::CrimeStain, &Rule::SAME_PROFILE, &[]),
            Err(DnaError::NothingToSearch)
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]

        /// The scan of bytes against the readable comparison: profiles of every shape, a level for each locus, rows that went.
        #[test]
        fn the_scan_answers_as_the_plain_comparison(
            profiles in prop::collection::vec(any_profile(), 1..150),
            gone in prop::collection::vec(any::<prop::sample::Index>(), 0..20),
            full in 0u8..4,
            special in prop::collection::vec((0usize..20, 0usize..3), 0..4),
            query in any_profile(),
            mismatches in 0u8..3,
            loci in 1u8..6,
            level in prop::sample::select(vec![Stringency::Low, Stringency::Moderate, Stringency::High]),
        ) {
            prop_assume!(mismatches < loci && query.typed_loci() >= usize::from(loci));
            let levels = [Stringency::Low, Stringency::Moderate, Stringency::High];
            let special = special.into_iter().map(|(locus, level)| (Locus::ALL[locus], levels[level]));
            let rule = Rule::new(level, mismatches, loci).unwrap().with_levels(special).with_min_full(full).unwrap();
            let mut database = Database::investigative();
            for (n, profile) in profiles.iter().enumerate() {
                database.insert(SpecimenId(n as u128), Category::CrimeStain, profile).unwrap();
            }
            let gone: Vec<usize> = gone.iter().map(|at| at.index(profiles.len())).collect();
            for n in &gone {
                database.remove(SpecimenId(*n as u128));
            }
            let answer = database.search(&query, Category::CrimeStain, &rule, &[Category::CrimeStain]).unwrap();
            let mut found: Vec<_> = answer.hits.iter().map(|hit| hit.specimen.0 as usize).collect();
            found.sort_unstable();
            let compared: Vec<_> = profiles.iter().map(|p| ProfileComparison::between(&query, p)).collect();
            let left: Vec<usize> = (0..profiles.len()).filter(|n| !gone.contains(n)).collect();
            let expected: Vec<_> = left.iter().copied().filter(|n| rule.accepts(&compared[*n])).collect();
            prop_assert_eq!(found, expected);
            let sparse = left.iter().filter(|n| compared[**n].loci.len() < usize::from(loci)).count();
            prop_assert_eq!(answer.profiles_not_comparable, sparse);
            prop_assert_eq!(answer.profiles_searched, left.len());
        }
    }
}
