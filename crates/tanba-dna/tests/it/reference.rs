//! The likelihood as its definition says it: a sum over every ordered genotype of everybody. Slow, short and written without a
//! look at the engine.

use proptest::prelude::*;
use tanba_dna::Theta;
use tanba_dna::kinship::{
    AllelePair, Inheritance, KinshipError, LikelihoodEngine, Marker, MutationModel, Pedigree, Person, Sex,
};

/// The sum over all ordered genotypes; alleles of a male on X are one.
fn likelihood(pedigree: &Pedigree, marker: &Marker, genotypes: &[Option<AllelePair>], theta: f64) -> f64 {
    likelihood_if(pedigree, marker, genotypes, theta, &|_, _| [0.5, 0.5])
}

/// The same if the alleles of parents are handed down with these probabilities: `handed(child, 0 for the father's, 1)`.
fn likelihood_if(
    pedigree: &Pedigree,
    marker: &Marker,
    genotypes: &[Option<AllelePair>],
    theta: f64,
    handed: &dyn Fn(usize, usize) -> [f64; 2],
) -> f64 {
    let n = pedigree.len();
    let k = marker.frequencies().len();
    let x = marker.inheritance() == Inheritance::X;
    let one = |person: usize| x && pedigree.sex(person) == Sex::Male;
    let silent = (marker.labels().len() < k).then_some(k - 1);
    let mut alleles = vec![[0usize; 2]; n];
    let mut total = 0.0;
    'all: loop {
        let mut product = 1.0;
        let mut drawn: Vec<usize> = Vec::new();
        for person in 0..n {
            let [a, b] = alleles[person];
            let twin = pedigree.twin_of(person);
            if twin != person {
                product *= f64::from(u8::from(alleles[twin] == alleles[person]));
            } else if let Some([father, mother]) = pedigree.parents(person) {
                let from = |seat: usize, parent: usize, child: usize, matrix: &tanba_dna::kinship::MutationMatrix| {
                    let ([p, q], [of_p, of_q]) = (alleles[parent], handed(person, seat));
                    of_p * matrix.get(p, child) + of_q * matrix.get(q, child)
                };
                if !one(person) {
                    product *= from(0, father, a, marker.male());
                }
                product *= from(1, mother, b, marker.female());
            } else {
                let seats = if one(person) { &alleles[person][..1] } else { &alleles[person][..] };
                for &allele in seats {
                    // The urn of Balding and Nichols.
                    let before = drawn.iter().filter(|d| **d == allele).count() as f64;
                    let number = drawn.len() as f64;
                    product *= (before * theta + (1.0 - theta) * marker.frequencies()[allele])
                        / if number == 0.0 { 1.0 - theta } else { 1.0 + (number - 1.0) * theta };
                    drawn.push(allele);
                }
            }
            if let Some(pair) = genotypes[person] {
                let mut seen: Vec<usize> = [a, b].into_iter().filter(|s| Some(*s) != silent).collect();
                seen.sort_unstable();
                seen.dedup();
                let mut typed: Vec<usize> = pair.places().map(usize::from).collect();
                typed.dedup();
                let shown = if pair.partner_may_be_lost() { seen.contains(&typed[0]) } else { seen == typed };
                product *= f64::from(u8::from(shown));
            }
            if product == 0.0 {
                break;
            }
        }
        total += product;
        for person in 0..n {
            for seat in 0..2 {
                alleles[person][seat] += 1;
                if one(person) {
                    alleles[person][1] = alleles[person][0];
                    if alleles[person][0] < k {
                        continue 'all;
                    }
                    alleles[person] = [0; 2];
                    break;
                }
                if alleles[person][seat] < k {
                    continue 'all;
                }
                alleles[person][seat] = 0;
            }
        }
        return total;
    }
}

/// Linked markers: for every way in which parents hand down their first or second alleles at a marker, the sum over all genotypes;
/// from one marker to the next each meiosis keeps its way or changes it (Lander, Green: *Construction of multilocus genetic
/// linkage maps in humans*, 1987).
fn linked(
    pedigree: &Pedigree,
    markers: &[(Marker, Vec<Option<AllelePair>>)],
    recombination: &[f64],
    theta: f64,
) -> f64 {
    let children: Vec<usize> =
        (0..pedigree.len()).filter(|p| pedigree.twin_of(*p) == *p && pedigree.parents(*p).is_some()).collect();
    let meioses = 2 * children.len();
    let mut ways = vec![0.5f64.powi(meioses as i32); 1 << meioses];
    for (m, (marker, genotypes)) in markers.iter().enumerate() {
        if m > 0 {
            let r = recombination[m - 1];
            for bit in 0..meioses {
                let before = ways.clone();
                for (way, sum) in ways.iter_mut().enumerate() {
                    *sum = (1.0 - r) * before[way] + r * before[way ^ (1 << bit)];
                }
            }
        }
        for (way, probability) in ways.iter_mut().enumerate() {
            let handed = |child: usize, seat: usize| {
                let place = children.iter().position(|c| *c == child).unwrap();
                if way >> (2 * place + seat) & 1 == 0 { [1.0, 0.0] } else { [0.0, 1.0] }
            };
            *probability *= likelihood_if(pedigree, marker, genotypes, theta, &handed);
        }
    }
    ways.iter().sum()
}

/// Parents by place; persons without are founders; sexes by place.
fn build(parents: &[Option<[usize; 2]>], sexes: &[Sex], twins: &[[usize; 2]]) -> Pedigree {
    let persons: Vec<Person> = parents
        .iter()
        .zip(sexes)
        .enumerate()
        .map(|(i, (parents, sex))| Person {
            id: i.to_string(),
            father: parents.map(|p| p[0].to_string()),
            mother: parents.map(|p| p[1].to_string()),
            sex: *sex,
        })
        .collect();
    let twins: Vec<Vec<String>> = twins.iter().map(|pair| pair.iter().map(ToString::to_string).collect()).collect();
    Pedigree::new(&persons, &twins).unwrap()
}

/// A random small pedigree: up to `most` persons, each with parents among those before, inbreeding allowed.
fn pedigrees(most: usize) -> impl Strategy<Value = (Vec<Option<[usize; 2]>>, Vec<Sex>)> {
    prop::collection::vec(
        (any::<bool>(), any::<bool>(), any::<prop::sample::Index>(), any::<prop::sample::Index>()),
        1..=most,
    )
    .prop_map(|rows| {
        let mut parents: Vec<Option<[usize; 2]>> = Vec::new();
        let mut sexes: Vec<Sex> = Vec::new();
        for (male, founder, f, m) in rows {
            let of = |sex: Sex| (0..sexes.len()).filter(|i| sexes[*i] == sex).collect::<Vec<_>>();
            let (males, females) = (of(Sex::Male), of(Sex::Female));
            parents.push(if founder || males.is_empty() || females.is_empty() {
                None
            } else {
                Some([males[f.index(males.len())], females[m.index(females.len())]])
            });
            sexes.push(if male { Sex::Male } else { Sex::Female });
        }
        (parents, sexes)
    })
}

/// Of three alleles: nothing, one beside a drop-out mark, two.
fn typed() -> impl Strategy<Value = Option<(u16, Option<u16>)>> {
    prop::option::weighted(0.6, (0u16..3, prop::option::weighted(0.75, 0u16..3)))
}

fn genotype(typed: Option<(u16, Option<u16>)>) -> Option<AllelePair> {
    let (a, b) = typed?;
    Some(b.map_or(AllelePair::with_dropout_mark(a), |b| AllelePair::new(a, b)))
}

fn mutation() -> impl Strategy<Value = MutationModel> {
    prop_oneof![
        Just(MutationModel::None),
        Just(MutationModel::Equal { rate: 0.1 }),
        Just(MutationModel::Proportional { rate: 0.05 }),
        Just(MutationModel::Stepwise { rate: 0.1, rate2: 0.02, range: 0.3 }),
        Just(MutationModel::Custom { matrix: vec![0.9, 0.1, 0.0, 0.0, 0.7, 0.3, 0.2, 0.2, 0.6] }),
    ]
}

fn marker(male: &MutationModel, female: &MutationModel, silent: bool, x: bool) -> Marker {
    let labels = ["7", "8", "9.3"].map(str::to_owned).to_vec();
    let marker = Marker::new("L", labels, vec![0.5, 0.3, 0.2]).unwrap().with_mutation(male, female).unwrap();
    let marker = if silent { marker.with_silent(0.1).unwrap() } else { marker };
    marker.on(if x { Inheritance::X } else { Inheritance::Autosomal })
}

/// What is typed of each person: one allele, or two.
type Typing = Vec<Option<(u16, Option<u16>)>>;

/// Holds the engine against [`linked`] for markers of three alleles.
#[allow(clippy::too_many_arguments)] // what a case is made of
fn same_linked(
    pedigree: &Pedigree,
    sexes: &[Sex],
    models: &[MutationModel],
    silent: bool,
    x: bool,
    theta: f64,
    typing: &[Typing],
    recombination: &[f64],
) -> Result<(), TestCaseError> {
    let of = |m: usize| {
        let genotypes: Vec<Option<AllelePair>> = (0..pedigree.len())
            .map(|p| match typing[m][p]?.0 {
                a if x && sexes[p] == Sex::Male => Some(AllelePair::new(a, a)),
                _ => genotype(typing[m][p]),
            })
            .collect();
        (marker(&models[m], &models[m], silent, x), genotypes)
    };
    let markers: Vec<(Marker, Vec<Option<AllelePair>>)> = (0..typing.len()).map(of).collect();
    let together: Vec<(&Marker, &[Option<AllelePair>])> = markers.iter().map(|(m, g)| (m, &g[..])).collect();
    let recombination = &recombination[..markers.len() - 1];
    let mut engine = LikelihoodEngine::new(pedigree, Theta::new(theta).unwrap());
    match engine.ln_likelihood_linked(&together, recombination) {
        // Each marker's gene pool multiplies the work.
        Err(KinshipError::TooLarge { .. }) if theta > 0.0 => Ok(()),
        fast => same(fast.unwrap(), linked(pedigree, &markers, recombination, theta)),
    }
}

fn same(fast_ln: f64, slow: f64) -> Result<(), TestCaseError> {
    let fast = fast_ln.exp();
    prop_assert!((fast - slow).abs() <= 1e-11 * slow, "{} {}", fast, slow);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn the_engine_gives_the_sum_over_all_genotypes(
        (parents, sexes) in pedigrees(5),
        (male, female) in (mutation(), mutation()),
        (silent, x) in (prop::bool::weighted(0.2), prop::bool::weighted(0.3)),
        theta in prop_oneof![Just(0.0), Just(0.03), Just(0.4)],
        typing in prop::collection::vec(typed(), 5),
    ) {
        let pedigree = build(&parents, &sexes, &[]);
        let marker = marker(&male, &female, silent, x);
        let genotypes: Vec<Option<AllelePair>> = (0..pedigree.len())
            .map(|p| match typing[p]?.0 {
                a if x && sexes[p] == Sex::Male => Some(AllelePair::new(a, a)),
                _ => genotype(typing[p]),
            })
            .collect();
        let fast = LikelihoodEngine::new(&pedigree, Theta::new(theta).unwrap()).ln_likelihood(&marker, &genotypes).unwrap();
        same(fast, likelihood(&pedigree, &marker, &genotypes, theta))?;
    }

    #[test]
    fn identical_twins_are_one_genotype(
        typing in prop::collection::vec(typed(), 5),
        (male, theta) in (mutation(), prop_oneof![Just(0.0), Just(0.05)]),
    ) {
        use Sex::{Female, Male};
        // Parents 0 and 1, twin sisters 2 and 3, a child of one of them by an unknown founder is left out of five persons: the
        // second twin's child has the first twin's grandmother's place instead.
        let parents = [None, None, Some([0, 1]), Some([0, 1]), Some([0, 3])];
        let pedigree = build(&parents, &[Male, Female, Female, Female, Male], &[[2, 3]]);
        let marker = marker(&male, &male, false, false);
        let genotypes: Vec<Option<AllelePair>> = typing.into_iter().map(genotype).collect();
        let fast = LikelihoodEngine::new(&pedigree, Theta::new(theta).unwrap()).ln_likelihood(&marker, &genotypes).unwrap();
        same(fast, likelihood(&pedigree, &marker, &genotypes, theta))?;
    }
}

proptest! {
    // Each case is thousands of sums.
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn linked_markers_give_the_sum_over_all_ways_to_hand_down(
        (parents, sexes) in pedigrees(4),
        models in prop::collection::vec(mutation(), 3),
        (silent, x) in (prop::bool::weighted(0.2), prop::bool::weighted(0.3)),
        theta in prop_oneof![4 => Just(0.0), 1 => Just(0.05)],
        typing in prop::collection::vec(prop::collection::vec(typed(), 4), 2..=3),
        recombination in prop::collection::vec(prop_oneof![Just(0.0), 0.0..0.5, Just(0.5)], 2),
    ) {
        let pedigree = build(&parents, &sexes, &[]);
        same_linked(&pedigree, &sexes, &models, silent, x, theta, &typing, &recombination)?;
    }

    #[test]
    fn linked_markers_with_twins_in_a_loop(
        models in prop::collection::vec(mutation(), 2),
        typing in prop::collection::vec(prop::collection::vec(typed(), 5), 2),
        (r, x) in (0.0..0.5, any::<bool>()),
    ) {
        use Sex::{Female, Male};
        // Parents 0 and 1 of twins 2 and 3; 4 is a child of 0 and 3.
        let parents = [None, None, Some([0, 1]), Some([0, 1]), Some([0, 3])];
        let sexes = [Male, Female, Female, Female, Male];
        let pedigree = build(&parents, &sexes, &[[2, 3]]);
        same_linked(&pedigree, &sexes, &models, false, x, 0.0, &typing, &[r])?;
    }
}
