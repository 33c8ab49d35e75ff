//! The fast searches and what they promise, against plain reckoning.

use proptest::prelude::*;

use super::*;
use crate::kinship::MutationModel;
use crate::weight::{Hypothesis, Mutation, ParentRole, Relation, TwoPeople};
use crate::{
    Allele, Category, FrequencyTable, Genotype, Locus, MinimumFrequency, Profile, ProfileComparison, Rule, Stringency,
    Theta,
};

/// Three loci of a few alleles, so that by chance people agree.
const TABLE: &str = "TH01,6,0.2,200\nTH01,7,0.1,200\nTH01,8,0.4,200\nTH01,9.3,0.3,200\n\
    vWA,16,0.5,200\nvWA,17,0.3,200\nvWA,18,0.2,200\n\
    FGA,20,0.25,200\nFGA,21,0.25,200\nFGA,22,0.25,200\nFGA,23,0.15,200\nFGA,24,0.1,200";
const LOCI: [Locus; 3] = [Locus::Fga, Locus::Th01, Locus::Vwa];

fn table() -> FrequencyTable {
    FrequencyTable::from_csv("made up", TABLE).unwrap()
}

/// A generator that a test can repeat (xorshift64*).
struct Draw(u64);

impl Draw {
    fn uniform(&mut self) -> f64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn allele(&mut self, table: &FrequencyTable, locus: Locus) -> Allele {
        let mut left = self.uniform();
        let mut last = None;
        for (allele, p) in table.alleles(locus) {
            last = Some(allele);
            left -= p;
            if left < 0.0 {
                break;
            }
        }
        last.unwrap()
    }

    fn person(&mut self, table: &FrequencyTable) -> Profile {
        let genotypes =
            LOCI.map(|locus| (locus, Genotype::new([self.allele(table, locus), self.allele(table, locus)]).unwrap()));
        Profile::from_genotypes(genotypes, None).unwrap()
    }
}

fn any_genotype() -> impl Strategy<Value = Genotype> {
    let names = ["5", "6", "7", "8", "9.3", "16", "17", "18", "20", "21", "<6", ">23"];
    let alleles = prop::collection::vec(prop::sample::select(names.to_vec()), 1..4);
    (alleles, prop::bool::weighted(0.15)).prop_map(|(names, marked)| match marked {
        true => Genotype::with_dropout_mark(Allele::parse(names[0]).unwrap()),
        false => Genotype::new(names.iter().map(|name| Allele::parse(name).unwrap())).unwrap(),
    })
}

/// Partial profiles with off-ladder and drop-out marks, three alleles, and alleles that the table lacks.
fn any_profile() -> impl Strategy<Value = Profile> {
    let locus = prop::sample::select(LOCI.to_vec());
    prop::collection::vec((locus, any_genotype()), 1..5).prop_map(|g| Profile::from_genotypes(g, None).unwrap())
}

fn any_hypothesis() -> impl Strategy<Value = Hypothesis> {
    let relation = || prop::sample::select(Relation::ALL[1..].to_vec());
    let model = (0usize..3, 0.0..0.1).prop_map(|(kind, rate)| match kind {
        0 => MutationModel::Equal { rate },
        1 => MutationModel::Proportional { rate },
        _ => MutationModel::Stepwise { rate, rate2: rate / 10.0, range: 0.2 },
    });
    prop_oneof![
        relation().prop_map(|r| Hypothesis::Kinship { kappa: r.kappa() }),
        (relation(), model, prop::sample::select(vec![ParentRole::Parent, ParentRole::Child])).prop_map(
            |(relation, model, first_is)| Hypothesis::Related { relation, mutation: Mutation { model, first_is } }
        ),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Which leads, in which order, with which numbers: as each pair weighed alone.
    #[test]
    fn leads_are_those_of_each_pair_weighed_alone(
        profiles in prop::collection::vec(any_profile(), 1..200),
        gone in prop::collection::vec(any::<prop::sample::Index>(), 0..20),
        query in any_profile(),
        hypothesis in any_hypothesis(),
        theta in 0.0..0.05f64,
        least_log10 in -3.0..2.0f64,
        most in 1usize..30,
        min_loci in 1u8..3,
    ) {
        let table = table();
        let theta = Theta::new(theta).unwrap();
        let two = TwoPeople::new(hypothesis, &table, theta, MinimumFrequency::FiveOverTwoN).unwrap();
        let mut database = Database::investigative();
        for (n, profile) in profiles.iter().enumerate() {
            database.insert(SpecimenId(n as u128), Category::RelativeOfMissing, profile).unwrap();
        }
        let gone: Vec<usize> = gone.iter().map(|at| at.index(profiles.len())).collect();
        for n in &gone {
            database.remove(SpecimenId(*n as u128));
        }
        let bound = LrBound { least_log10, most, min_loci };
        let against = [Category::RelativeOfMissing];
        prop_assume!(query.genotypes().any(|(_, g)| g.typing().is_some()) && query.typed_loci() >= usize::from(min_loci));
        let answer = database.search_by_lr(&LrSearch { query: &query, category: Category::UnidentifiedBody, two: &two, against: &against, bound }).unwrap();

        let mut expected = Vec::new();
        let mut sparse = 0;
        for n in (0..profiles.len()).filter(|n| !gone.contains(n)) {
            let common = query.genotypes().filter(|(locus, _)| profiles[n].at(*locus).is_some()).count();
            if common < usize::from(min_loci) {
                sparse += 1;
                continue;
            }
            let mut sum = 0.0;
            for (locus, own) in query.genotypes() {
                let Some(other) = profiles[n].at(locus) else { continue };
                sum += two.lr(locus, own, other).unwrap().map_or(0.0, f64::log10);
            }
            if sum >= least_log10 {
                expected.push((sum, n));
            }
        }
        expected.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        prop_assert_eq!(answer.reached, expected.len());
        prop_assert_eq!(answer.profiles_not_comparable, sparse);
        let found: Vec<(f64, usize)> = answer.leads.iter().map(|l| (l.log10_lr, l.specimen.0 as usize)).collect();
        expected.truncate(most);
        prop_assert_eq!(found, expected);
    }

    /// Adventitious hits by enumeration: every pair of genotypes at two loci, with its probability.
    #[test]
    fn chance_is_that_of_enumeration(
        query in any_profile(),
        mismatches in 0u8..2,
        full in 0u8..3,
        level in prop::sample::select(vec![Stringency::Low, Stringency::Moderate, Stringency::High]),
        theta in 0.0..0.1f64,
    ) {
        let table = table();
        let min_loci = query.typed_loci() as u8;
        prop_assume!(mismatches < min_loci);
        let rule = Rule::new(level, mismatches, min_loci).unwrap().with_min_full(full).unwrap();
        let everybody = Draw(7).person(&table);
        let mut database = Database::investigative();
        database.insert(SpecimenId(1), Category::ConvictedPerson, &everybody).unwrap();
        let hits = database.adventitious_hits(
            &query,
            Category::CrimeStain,
            &rule,
            &[Category::ConvictedPerson],
            &table,
            Theta::new(theta).unwrap(),
            MinimumFrequency::FiveOverTwoN,
        ).unwrap();
        let mut people = vec![(1.0, Vec::new())];
        for (locus, genotype) in query.genotypes() {
            let all = tail::possible(&table, locus, genotype, theta, MinimumFrequency::FiveOverTwoN).unwrap();
            prop_assert!((all.iter().map(|g| g.probability).sum::<f64>() - 1.0).abs() < 1e-9);
            people = people.iter().flat_map(|(p, loci): &(f64, Vec<(Locus, Genotype)>)| {
                all.iter().map(move |g| {
                    let mut loci = loci.clone();
                    loci.push((locus, Genotype::new(g.alleles).unwrap()));
                    (p * g.probability, loci)
                })
            }).collect();
        }
        let expected: f64 = people.into_iter().filter_map(|(p, loci)| {
            let person = Profile::from_genotypes(loci, None).unwrap();
            rule.accepts(&ProfileComparison::between(&query, &person)).then_some(p)
        }).sum();
        prop_assert!((hits.expected - expected).abs() < 1e-9, "{} {}", hits.expected, expected);
    }
}

#[test]
fn chance_and_leads_are_those_of_a_simulated_population() {
    let (table, mut draw) = (table(), Draw(20_261_126));
    let mut database = Database::investigative();
    const PEOPLE: usize = 40_000;
    for n in 0..PEOPLE {
        let person = draw.person(&table);
        database.insert(SpecimenId(n as u128), Category::ConvictedPerson, &person).unwrap();
        database.insert(SpecimenId((PEOPLE + n) as u128), Category::UnidentifiedBody, &person).unwrap();
    }
    // Four standard deviations of a Poisson number: a wrong formula is far outside.
    let near = |found: usize, expected: f64| (found as f64 - expected).abs() < 4.0 * expected.sqrt() + 1.0;
    let none = Theta::new(0.0).unwrap();
    for _ in 0..5 {
        let query = draw.person(&table);
        for (level, mismatches) in [(Stringency::High, 0), (Stringency::Moderate, 1), (Stringency::Low, 0)] {
            let rule = Rule::new(level, mismatches, 3).unwrap();
            let against = [Category::ConvictedPerson];
            let found = database.search(&query, Category::CrimeStain, &rule, &against).unwrap().hits.len();
            for hits in [
                database.adventitious_hits(
                    &query,
                    Category::CrimeStain,
                    &rule,
                    &against,
                    &table,
                    none,
                    MinimumFrequency::None,
                ),
                database.adventitious_hits_of_own_frequencies(&query, Category::CrimeStain, &rule, &against, none),
            ] {
                let hits = hits.unwrap();
                assert_eq!(hits.profiles, PEOPLE);
                assert!(near(found, hits.expected), "{level:?} {found} {}", hits.expected);
            }
        }
        for relation in [Relation::ParentChild, Relation::FullSiblings] {
            let hypothesis = Hypothesis::Kinship { kappa: relation.kappa() };
            let two = TwoPeople::new(hypothesis, &table, none, MinimumFrequency::None).unwrap();
            let bound = LrBound { least_log10: 0.5, most: 10, min_loci: 1 };
            let against = [Category::UnidentifiedBody];
            let category = Category::RelativeOfMissing;
            let asked = LrSearch { query: &query, category, two: &two, against: &against, bound };
            let found = database.search_by_lr(&asked).unwrap();
            let expected = database.leads_to_expect(&asked).unwrap();
            let [low, high] = expected.unrelated;
            assert!(low <= high && expected.found[0] <= expected.found[1]);
            assert!(near(found.reached, low) || near(found.reached, high), "{} {low} {high}", found.reached);
        }
    }
}

/// The example of docs/dna/search.md: 6,7 with p = 0.2 and q = 0.1 among a thousand profiles.
#[test]
fn chance_by_hand() {
    let table = table();
    let query = Profile::from_csv("TH01,6,7", &crate::Panel::CODIS_20).unwrap();
    let mut database = Database::investigative();
    for n in 0..1000 {
        database.insert(SpecimenId(n), Category::ConvictedPerson, &query).unwrap();
    }
    for (level, by_hand) in [(Stringency::High, 40.0), (Stringency::Moderate, 90.0), (Stringency::Low, 510.0)] {
        let rule = Rule::new(level, 0, 1).unwrap();
        let theta = Theta::new(0.0).unwrap();
        let (against, none) = ([Category::ConvictedPerson], MinimumFrequency::None);
        let hits = database.adventitious_hits(&query, Category::CrimeStain, &rule, &against, &table, theta, none);
        assert!((hits.unwrap().expected - by_hand).abs() < 1e-9, "{level:?}");
    }
}

#[test]
fn a_locus_that_nobody_was_typed_at_stops_no_search() {
    let (table, none) = (table(), Theta::new(0.0).unwrap());
    let mut database = Database::investigative();
    let rows = Profile::from_csv("TH01,6,7\nvWA,<12", &crate::Panel::CODIS_20).unwrap();
    database.insert(SpecimenId(1), Category::ConvictedPerson, &rows).unwrap();
    let query = Profile::from_csv("TH01,6,7\nvWA,16\nTPOX,8,9", &crate::Panel::CODIS_20).unwrap();
    let (rule, against) = (Rule::new(Stringency::Low, 0, 1).unwrap(), [Category::ConvictedPerson]);
    let own = database.adventitious_hits_of_own_frequencies(&query, Category::CrimeStain, &rule, &against, none);
    assert!(
        (own.unwrap().expected - 1.0).abs() < 1e-12,
        "both alleles of the only row, and a locus that can only pass"
    );
    let five = MinimumFrequency::FiveOverTwoN;
    let of = |database: &Database| {
        database.adventitious_hits(&query, Category::CrimeStain, &rule, &against, &table, none, five)
    };
    assert!(of(&database).is_ok(), "TPOX is in no table, and in no row");
    database.insert(SpecimenId(2), Category::ConvictedPerson, &query).unwrap();
    assert_eq!(of(&database), Err(crate::DnaError::NoFrequenciesAt { locus: Locus::Tpox }));
}

#[test]
fn a_parent_is_always_found_without_mutation() {
    // Of a child of unrelated people, every parent's likelihood ratio is above 0; the least it can be bounds the search.
    let (table, mut draw) = (table(), Draw(5));
    let hypothesis = Hypothesis::Kinship { kappa: Relation::ParentChild.kappa() };
    let two = TwoPeople::new(hypothesis, &table, Theta::new(0.0).unwrap(), MinimumFrequency::None).unwrap();
    let query = draw.person(&table);
    let mut database = Database::investigative();
    database.insert(SpecimenId(1), Category::UnidentifiedBody, &query).unwrap();
    let bound = LrBound { least_log10: -5.0, most: 10, min_loci: 1 };
    let (category, against) = (Category::RelativeOfMissing, &[Category::UnidentifiedBody]);
    let expected = database.leads_to_expect(&LrSearch { query: &query, category, two: &two, against, bound }).unwrap();
    assert!((expected.found[0] - 1.0).abs() < 1e-9, "{:?}", expected.found);
}

#[test]
fn a_search_is_for_what_the_categories_meet_for() {
    let table = table();
    let none = Theta::new(0.0).unwrap();
    let kin = Hypothesis::Kinship { kappa: Relation::FullSiblings.kappa() };
    let kin = TwoPeople::new(kin, &table, none, MinimumFrequency::None).unwrap();
    let same = Hypothesis::SameSource { dropout: 0.1, dropin: 0.01 };
    let same = TwoPeople::new(same, &table, none, MinimumFrequency::None).unwrap();
    let query = Draw(3).person(&table);
    let bound = LrBound { least_log10: 0.0, most: 10, min_loci: 1 };
    let database = Database::investigative();
    let ask = |category, two: &TwoPeople<'_>, against: &[Category], bound: &LrBound| {
        let asked = LrSearch { query: &query, category, two, against, bound: *bound };
        let refused = database.search_by_lr(&asked).err();
        // What is not searched is not foretold either.
        assert_eq!(database.leads_to_expect(&asked).err(), refused);
        refused
    };
    use Category::{ConvictedPerson, CrimeStain, RelativeOfMissing, UnidentifiedBody};
    assert_eq!(ask(CrimeStain, &same, &[ConvictedPerson], &bound), None);
    assert_eq!(ask(UnidentifiedBody, &kin, &[RelativeOfMissing], &bound), None);
    assert!(matches!(
        ask(CrimeStain, &kin, &[ConvictedPerson], &bound),
        Some(crate::DnaError::HypothesisNotMeant { .. })
    ));
    assert!(matches!(
        ask(UnidentifiedBody, &same, &[RelativeOfMissing], &bound),
        Some(crate::DnaError::HypothesisNotMeant { .. })
    ));
    assert!(matches!(
        ask(CrimeStain, &same, &[RelativeOfMissing], &bound),
        Some(crate::DnaError::CategoriesNotCompared { .. })
    ));
    for wrong in [
        LrBound { least_log10: f64::NAN, ..bound },
        LrBound { most: 0, ..bound },
        LrBound { most: usize::MAX, ..bound },
        LrBound { min_loci: 0, ..bound },
        LrBound { min_loci: 255, ..bound },
    ] {
        assert!(ask(CrimeStain, &same, &[ConvictedPerson], &wrong).is_some());
    }
}

#[test]
fn a_marked_stain_finds_the_heterozygote_that_may_have_left_it() {
    let (table, none) = (table(), Theta::new(0.0).unwrap());
    let of = |text: &str| Profile::from_csv(text, &crate::Panel::CODIS_20).unwrap();
    let stain = of("TH01,6,F\nvWA,16,17");
    let mut database = Database::investigative();
    database.insert(SpecimenId(1), Category::ConvictedPerson, &of("TH01,6,8\nvWA,16,17")).unwrap();
    database.insert(SpecimenId(2), Category::ConvictedPerson, &of("TH01,7,8\nvWA,16,17")).unwrap();
    let against = [Category::ConvictedPerson];
    for (level, found) in [(Stringency::High, 0), (Stringency::Moderate, 1), (Stringency::Low, 2)] {
        let rule = Rule::new(level, 0, 2).unwrap();
        assert_eq!(
            database.search(&stain, Category::CrimeStain, &rule, &against).unwrap().hits.len(),
            found,
            "{level:?}"
        );
    }
    // Seen 6 of a person 6,8: 0.09 against 0.04 · 0.99 + 2 · 0.2 · 0.8 · 0.09; 16,17 is 1/0.3. Without drop-out 6 was
    // shown, by 0.36 of people.
    let marked: f64 = 0.09 / (0.04 * 0.99 + 0.32 * 0.09);
    for (dropout, lr) in [(0.1, marked / 0.3), (0.0, 1.0 / 0.36 / 0.3)] {
        let same = Hypothesis::SameSource { dropout, dropin: 0.0 };
        let two = TwoPeople::new(same, &table, none, MinimumFrequency::None).unwrap();
        let bound = LrBound { least_log10: 0.0, most: 10, min_loci: 2 };
        let asked = LrSearch { query: &stain, category: Category::CrimeStain, two: &two, against: &against, bound };
        let answer = database.search_by_lr(&asked).unwrap();
        assert_eq!(answer.left_out, []);
        assert_eq!(answer.leads[0].specimen, SpecimenId(1));
        assert!((answer.leads[0].log10_lr - lr.log10()).abs() < 1e-12, "{} {lr}", answer.leads[0].log10_lr);
        let expected = database.leads_to_expect(&asked).unwrap();
        assert!(expected.unrelated[0] <= expected.unrelated[1] && expected.found[1] <= 1.0);
    }
}
