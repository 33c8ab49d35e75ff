//! What must hold of any case, whatever its numbers.

use proptest::prelude::*;
use tanba_dna::Theta;
use tanba_dna::kinship::dvi::{DviCase, Family, Joint, JointLimits, MutationUse, Victim, pair_table};
use tanba_dna::kinship::{AllelePair, IbdStates, LikelihoodEngine, Marker, MutationModel, Pedigree, Person, Sex};

fn person(id: &str, parents: Option<(&str, &str)>, sex: Sex) -> Person {
    Person { id: id.to_owned(), father: parents.map(|p| p.0.to_owned()), mother: parents.map(|p| p.1.to_owned()), sex }
}

/// Brothers of first-cousin parents, and an uncle.
fn inbred() -> Vec<Person> {
    use Sex::{Female, Male};
    vec![
        person("GF", None, Male),
        person("GM", None, Female),
        person("F1", Some(("GF", "GM")), Male),
        person("M2", Some(("GF", "GM")), Female),
        person("M1", None, Female),
        person("F2", None, Male),
        person("F", Some(("F1", "M1")), Male),
        person("M", Some(("F2", "M2")), Female),
        person("A", Some(("F", "M")), Male),
        person("B", Some(("F", "M")), Male),
    ]
}

fn marker(labels: &[&str], p: &[f64], model: &MutationModel) -> Marker {
    let labels = labels.iter().map(ToString::to_string).collect();
    Marker::new("L", labels, p.to_vec()).unwrap().with_mutation(model, model).unwrap()
}

fn ln(pedigree: &Pedigree, marker: &Marker, genotypes: &[Option<AllelePair>], theta: f64) -> f64 {
    LikelihoodEngine::new(pedigree, Theta::new(theta).unwrap()).ln_likelihood(marker, genotypes).unwrap()
}

fn model() -> impl Strategy<Value = MutationModel> {
    prop_oneof![
        Just(MutationModel::None),
        Just(MutationModel::Equal { rate: 0.01 }),
        Just(MutationModel::Stepwise { rate: 0.02, rate2: 0.001, range: 0.2 }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_people_and_alleles_does_not_matter(
        model in model(),
        typing in prop::collection::vec(prop::option::weighted(0.4, (0usize..4, 0usize..4)), 10),
        people in Just((0..10).collect::<Vec<usize>>()).prop_shuffle(),
        alleles in Just((0..4).collect::<Vec<usize>>()).prop_shuffle(),
        theta in prop_oneof![3 => Just(0.0), 1 => Just(0.02)],
    ) {
        // With theta and a model that cannot be lumped the sum over blocks of all founders takes seconds for this many people.
        prop_assume!(theta == 0.0 || model == MutationModel::None);
        let (labels, p) = (["7", "8", "9", "9.3"], [0.4, 0.3, 0.2, 0.1]);
        let typed = |marker: &Marker, person: usize| {
            typing[person].map(|(a, b)| marker.pair(labels[a], labels[b]).unwrap())
        };
        let plain = marker(&labels, &p, &model);
        let pedigree = Pedigree::new(&inbred(), &[]).unwrap();
        let genotypes: Vec<_> = (0..10).map(|i| typed(&plain, i)).collect();
        let first = ln(&pedigree, &plain, &genotypes, theta);
        let of_labels: Vec<&str> = alleles.iter().map(|a| labels[*a]).collect();
        let of_p: Vec<f64> = alleles.iter().map(|a| p[*a]).collect();
        let shuffled = marker(&of_labels, &of_p, &model);
        let all = inbred();
        let persons: Vec<Person> = people.iter().map(|i| all[*i].clone()).collect();
        let pedigree = Pedigree::new(&persons, &[]).unwrap();
        let genotypes: Vec<_> = people.iter().map(|i| typed(&shuffled, *i)).collect();
        let second = ln(&pedigree, &shuffled, &genotypes, theta);
        prop_assert!(first == second || (first - second).abs() < 1e-10, "{} {}", first, second);
    }

    #[test]
    fn states_of_identity_and_elimination_agree(
        (a, b) in (0usize..10, 0usize..10),
        (ga, gb) in ((0u16..3, 0u16..3), (0u16..3, 0u16..3)),
        marked in (prop::bool::weighted(0.3), prop::bool::weighted(0.3)),
        theta in prop_oneof![Just(0.0), Just(0.05)],
    ) {
        prop_assume!(a != b);
        let pedigree = Pedigree::new(&inbred(), &[]).unwrap();
        let (labels, p) = (["7", "8", "9"], [0.6, 0.3, 0.1]);
        let none = marker(&labels, &p, &MutationModel::None);
        let [ga, gb] = [(ga, marked.0), (gb, marked.1)].map(|((x, y), marked)| match marked {
            true => AllelePair::with_dropout_mark(x),
            false => AllelePair::new(x, y),
        });
        let states = IbdStates::of(&pedigree, a, b).unwrap().likelihood(&none, ga, gb, Theta::new(theta).unwrap());
        // A third person whose genotype is summed over keeps the engine from the way of two: here the founder GM.
        let other = (0..10).find(|o| *o != a && *o != b).unwrap();
        let mut sum = 0.0;
        for x in 0..3 {
            for y in x..3 {
                let mut genotypes = vec![None; 10];
                (genotypes[a], genotypes[b]) = (Some(ga), Some(gb));
                genotypes[other] = Some(AllelePair::new(x, y));
                sum += ln(&pedigree, &none, &genotypes, theta).exp();
            }
        }
        prop_assert!((sum - states).abs() <= 1e-12 * states.max(1e-3), "{} {}", sum, states);
    }

    #[test]
    fn all_assignments_are_those_of_a_plain_count(
        victims in prop::collection::vec(((0u16..3, 0u16..3), (0u16..3, 0u16..3)), 1..5),
        references in prop::collection::vec(((0u16..3, 0u16..3), (0u16..3, 0u16..3)), 3),
        model in model(),
        needed in any::<bool>(),
    ) {
        use Sex::{Female, Male, Unknown};
        let markers = vec![
            marker(&["7", "8", "9"], &[0.5, 0.3, 0.2], &model),
            marker(&["10", "11", "12"], &[0.2, 0.2, 0.6], &model),
        ];
        let pair = |(a, b): (u16, u16)| Some(AllelePair::new(a, b));
        let victims: Vec<Victim> = victims
            .iter()
            .enumerate()
            .map(|(i, (x, y))| Victim { id: format!("V{i}"), sex: if i == 1 { Female } else { Unknown }, genotypes: vec![pair(*x), pair(*y)] })
            .collect();
        let family = |name: &str, sons: usize, of: ((u16, u16), (u16, u16))| {
            let mut persons = vec![person("F", None, Male), person("M", None, Female)];
            for son in 0..sons {
                persons.push(person(&format!("{name}{son}"), Some(("F", "M")), Male));
            }
            let n = persons.len();
            let genotypes = [of.0, of.1].map(|g| (0..n).map(|p| pair(g).filter(|_| p == 0)).collect()).to_vec();
            Family { name: name.into(), pedigree: Pedigree::new(&persons, &[]).unwrap(), genotypes, missing: (2..n).collect() }
        };
        let families = vec![family("a", 2, references[0]), family("b", 1, references[1]), family("c", 1, references[2])];
        let case = DviCase::new(markers.clone(), victims.clone(), families.clone()).unwrap();
        let mutation = if needed { MutationUse::WhereRelativesNeedIt } else { MutationUse::Everywhere };
        let pairs = pair_table(&case, mutation, &|| true).unwrap();
        let limits = JointLimits { max_exclusions: usize::MAX, ..JointLimits::default() };
        let joint = Joint::new(&case, &pairs, limits, &|| true).unwrap();
        // One father typed never contradicts himself: where mutation is only for those who need it, nothing mutates.
        let markers: Vec<Marker> = if needed { markers.iter().map(Marker::without_mutation).collect() } else { markers };
        let possible = |v: usize, m: usize| pairs.ln_lr[v][m].is_some_and(|ln| ln > f64::NEG_INFINITY);
        // Every assignment, by counting in base 5.
        let mut plain: Vec<(Vec<Option<usize>>, f64)> = Vec::new();
        for code in 0..5usize.pow(victims.len() as u32) {
            let who: Vec<Option<usize>> = (0..victims.len()).map(|v| Some(code / 5usize.pow(v as u32) % 5).filter(|m| *m < 4)).collect();
            let twice = (0..4).any(|m| who.iter().filter(|w| **w == Some(m)).count() > 1);
            if twice || who.iter().enumerate().any(|(v, m)| m.is_some_and(|m| !possible(v, m))) {
                continue;
            }
            let mut total = 0.0;
            let mut first = 0;
            for family in &families {
                for (m, marker) in markers.iter().enumerate() {
                    let mut genotypes = family.genotypes[m].clone();
                    let before = ln(&family.pedigree, marker, &genotypes, 0.0);
                    for (place, at) in family.missing.iter().enumerate() {
                        if let Some(v) = who.iter().position(|w| *w == Some(first + place)) {
                            genotypes[*at] = victims[v].genotypes[m];
                            let alone = Pedigree::new(&[person("V", None, Male)], &[]).unwrap();
                            total -= ln(&alone, marker, &[victims[v].genotypes[m]], 0.0);
                        }
                    }
                    total += ln(&family.pedigree, marker, &genotypes, 0.0) - before;
                }
                first += family.missing.len();
            }
            plain.push((who, total));
        }
        prop_assert_eq!(joint.number(), plain.len() as f64);
        let sum: f64 = plain.iter().map(|(_, ln)| ln.exp()).sum();
        prop_assert!((joint.ln_total() - sum.ln()).abs() < 1e-10);
        let best = joint.best(usize::MAX);
        prop_assert_eq!(best.len(), plain.len());
        prop_assert!(best.windows(2).all(|p| p[0].ln_lr >= p[1].ln_lr));
        for (who, ln) in &plain {
            let got = best.iter().find(|a| a.victims == *who).unwrap();
            prop_assert!(got.ln_lr == *ln || (got.ln_lr - ln).abs() < 1e-10);
        }
        for (v, row) in joint.marginals().iter().enumerate() {
            for (m, got) in row.iter().enumerate() {
                let of = Some(m).filter(|m| *m < 4);
                let known: f64 = plain.iter().filter(|(who, _)| who[v] == of).map(|(_, ln)| ln.exp()).sum::<f64>() / sum;
                prop_assert!((got - known).abs() < 1e-12, "{} {} {} {}", v, m, got, known);
            }
        }
    }
}

/// Under H2 the mean of the ratio is 1, whatever H1 says; summed over every pair of genotypes, not simulated.
#[test]
fn ratios_average_to_one_under_the_alternative() {
    let pedigree = Pedigree::new(&inbred(), &[]).unwrap();
    let apart = Pedigree::new(&[person("A", None, Sex::Male), person("B", None, Sex::Male)], &[]).unwrap();
    for model in [MutationModel::None, MutationModel::Stepwise { rate: 0.02, rate2: 0.001, range: 0.2 }] {
        for theta in [0.0, 0.03] {
            let of = marker(&["7", "8", "9"], &[0.5, 0.3, 0.2], &model);
            let mut mean = 0.0;
            let pairs: Vec<AllelePair> = (0..3).flat_map(|x| (x..3).map(move |y| AllelePair::new(x, y))).collect();
            for a in &pairs {
                for b in &pairs {
                    let mut genotypes = vec![None; 10];
                    (genotypes[8], genotypes[9]) = (Some(*a), Some(*b));
                    let h1 = ln(&pedigree, &of, &genotypes, theta);
                    let h2 = ln(&apart, &of, &[Some(*a), Some(*b)], theta);
                    mean += h2.exp() * (h1 - h2).exp();
                }
            }
            assert!((mean - 1.0).abs() < 1e-12, "{model:?} {theta} {mean}");
        }
    }
}

/// A loop that typed people cut is no loop: the inbred child's likelihood given its typed parents is that of any child of theirs.
#[test]
fn typed_parents_cut_a_loop() {
    let of =
        marker(&["7", "8", "9"], &[0.5, 0.3, 0.2], &MutationModel::Stepwise { rate: 0.02, rate2: 0.0, range: 0.2 });
    let pair = |a, b| Some(AllelePair::new(a, b));
    let inbred = Pedigree::new(&inbred(), &[]).unwrap();
    let simple = Pedigree::new(
        &[person("F", None, Sex::Male), person("M", None, Sex::Female), person("A", Some(("F", "M")), Sex::Male)],
        &[],
    )
    .unwrap();
    let mut with = vec![None; 10];
    (with[6], with[7], with[8]) = (pair(0, 1), pair(1, 2), pair(0, 2));
    let mut without = with.clone();
    without[8] = None;
    let conditional = ln(&inbred, &of, &with, 0.0) - ln(&inbred, &of, &without, 0.0);
    let plain = ln(&simple, &of, &[pair(0, 1), pair(1, 2), pair(0, 2)], 0.0)
        - ln(&simple, &of, &[pair(0, 1), pair(1, 2), None], 0.0);
    assert!((conditional - plain).abs() < 1e-12);
}

/// What the peers did not finish: stepwise mutation over four generations with a rich marker, theta between second cousins.
#[test]
fn hard_cases_finish() {
    use Sex::{Female, Male};
    let labels: Vec<String> =
        (0..30).map(|i| format!("{}{}", 10 + i / 2, if i % 2 == 0 { "" } else { ".2" })).collect();
    let p = vec![1.0 / 30.0; 30];
    let model = MutationModel::Stepwise { rate: 0.002, rate2: 1e-6, range: 0.1 };
    let rich = Marker::new("L", labels, p).unwrap().with_mutation(&model, &model).unwrap();
    let mut persons = vec![person("0", None, Male), person("0w", None, Female)];
    for line in ["a", "b"] {
        let id = |g: usize| if g == 0 { "0".to_owned() } else { format!("{line}{g}") };
        for g in 1..=3 {
            persons.push(person(
                &id(g),
                Some((&id(g - 1), &if g == 1 { "0w".to_owned() } else { format!("{line}{}w", g - 1) })),
                Male,
            ));
            persons.push(person(&format!("{line}{g}w"), None, Female));
        }
    }
    let cousins = Pedigree::new(&persons, &[]).unwrap();
    let mut genotypes = vec![None; cousins.len()];
    genotypes[cousins.place("a3").unwrap()] = Some(AllelePair::new(2, 7));
    genotypes[cousins.place("b3").unwrap()] = Some(AllelePair::new(2, 9));
    let theta_none = ln(&cousins, &rich.without_mutation(), &genotypes, 0.02);
    let stepwise = ln(&cousins, &rich, &genotypes, 0.0);
    let both = ln(&cousins, &rich, &genotypes, 0.02);
    assert!(theta_none.is_finite() && stepwise.is_finite() && (both - theta_none).abs() < 0.05);
}
