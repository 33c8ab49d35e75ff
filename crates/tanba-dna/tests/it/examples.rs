//! The numbers that docs/dna/kinship.md works out by hand.

use tanba_dna::Theta;
use tanba_dna::kinship::{
    IbdStates, Inheritance, LikelihoodEngine, Marker, MutationMatrix, MutationModel, Pedigree, Person, Sex,
};

fn family(rows: &[(&str, &str, &str, Sex)]) -> Pedigree {
    let parent = |id: &str| (!id.is_empty()).then(|| id.to_owned());
    let persons: Vec<Person> = rows
        .iter()
        .map(|(id, father, mother, sex)| Person {
            id: (*id).to_owned(),
            father: parent(father),
            mother: parent(mother),
            sex: *sex,
        })
        .collect();
    Pedigree::new(&persons, &[]).unwrap()
}

fn marker(alleles: &[(&str, f64)]) -> Marker {
    let (labels, p) = alleles.iter().map(|(a, p)| ((*a).to_owned(), *p)).unzip();
    Marker::new("L", labels, p).unwrap()
}

/// LR of two typed persons of a pedigree against the same two unrelated.
fn lr(pedigree: &Pedigree, marker: &Marker, a: (&str, [&str; 2]), b: (&str, [&str; 2]), theta: f64) -> f64 {
    let theta = Theta::new(theta).unwrap();
    let [pa, pb] = [a, b].map(|(id, _)| pedigree.place(id).unwrap());
    let apart = family(&[("a", "", "", pedigree.sex(pa)), ("b", "", "", pedigree.sex(pb))]);
    let [ga, gb] = [a, b].map(|(_, [x, y])| Some(marker.pair(x, y).unwrap()));
    let mut genotypes = vec![None; pedigree.len()];
    (genotypes[pa], genotypes[pb]) = (ga, gb);
    let h1 = LikelihoodEngine::new(pedigree, theta).ln_likelihood(marker, &genotypes).unwrap();
    let h2 = LikelihoodEngine::new(&apart, theta).ln_likelihood(marker, &[ga, gb]).unwrap();
    (h1 - h2).exp()
}

fn close(got: f64, by_hand: f64, digits: f64) {
    assert!((got - by_hand).abs() <= digits, "{got} {by_hand}");
}

use Sex::{Female, Male};

fn trio(child: Sex) -> Pedigree {
    family(&[("F", "", "", Male), ("M", "", "", Female), ("C", "F", "M", child)])
}

#[test]
fn father_and_child() {
    let m = marker(&[("A", 0.05), ("x", 0.95)]);
    let both = |theta| lr(&trio(Male), &m, ("F", ["A", "A"]), ("C", ["A", "A"]), theta);
    close(both(0.0), 20.0, 1e-12);
    close(both(0.03), 7.6534, 5e-5);
    close(both(0.03), 1.06 / 0.1385, 1e-12);
}

#[test]
fn brothers_and_cousins() {
    let brothers = family(&[("F", "", "", Male), ("M", "", "", Female), ("A", "F", "M", Male), ("B", "F", "M", Male)]);
    let m = marker(&[("A", 0.1), ("B", 0.2), ("C", 0.7)]);
    close(lr(&brothers, &m, ("A", ["A", "A"]), ("B", ["A", "A"]), 0.0), 30.25, 1e-12);
    let cousins = family(&[
        ("GF", "", "", Male),
        ("GM", "", "", Female),
        ("F1", "GF", "GM", Male),
        ("F2", "GF", "GM", Male),
        ("M1", "", "", Female),
        ("M2", "", "", Female),
        ("A", "F1", "M1", Male),
        ("B", "F2", "M2", Male),
    ]);
    close(lr(&cousins, &m, ("A", ["A", "B"]), ("B", ["A", "C"]), 0.0), 1.375, 1e-12);
    let kappa = |p: &Pedigree, a: &str, b: &str| {
        IbdStates::of(p, p.place(a).unwrap(), p.place(b).unwrap()).unwrap().kappa().unwrap()
    };
    assert_eq!(kappa(&brothers, "A", "B"), [0.25, 0.5, 0.25]);
    assert_eq!(kappa(&brothers, "F", "B"), [0.0, 1.0, 0.0]);
    assert_eq!(kappa(&cousins, "A", "B"), [0.75, 0.25, 0.0]);
    assert_eq!(kappa(&cousins, "A", "F2"), [0.5, 0.5, 0.0]);
}

#[test]
fn mutation() {
    let labels = ["7", "8", "9"].map(str::to_owned);
    let step = MutationModel::Stepwise { rate: 0.01, rate2: 0.0, range: 0.1 };
    close(MutationMatrix::new(&step, &labels, &[0.4, 0.3, 0.3]).unwrap().get(0, 1), 0.00909, 1e-5);
    let stationary = MutationModel::StepwiseStationary { rate: 0.01, range: 0.1 };
    close(MutationMatrix::new(&stationary, &labels, &[0.2, 0.3, 0.5]).unwrap().get(0, 1), 0.011905, 5e-7);
    let equal = MutationModel::Equal { rate: 0.01 };
    let m = marker(&[("7", 0.4), ("8", 0.3), ("9", 0.3)]).with_mutation(&equal, &equal).unwrap();
    close(lr(&trio(Male), &m, ("F", ["7", "7"]), ("C", ["8", "8"]), 0.0), 0.016694, 5e-7);
}

#[test]
fn an_x_of_a_father() {
    let m = marker(&[("A", 0.1), ("x", 0.9)]).on(Inheritance::X);
    close(lr(&trio(Female), &m, ("F", ["A", "A"]), ("C", ["A", "A"]), 0.0), 10.0, 1e-12);
}

#[test]
fn a_drop_out_mark() {
    let m = marker(&[("6", 0.05), ("x", 0.95)]);
    let (father, child) = (m.pair("6", "6").unwrap(), m.with_dropout_mark("6").unwrap());
    let trio = trio(Male);
    let alone = family(&[("F", "", "", Male), ("C", "", "", Male)]);
    let ln = |pedigree: &Pedigree, places: [usize; 2]| {
        let mut genotypes = vec![None; pedigree.len()];
        (genotypes[places[0]], genotypes[places[1]]) = (Some(father), Some(child));
        LikelihoodEngine::new(pedigree, Theta::new(0.0).unwrap()).ln_likelihood(&m, &genotypes).unwrap()
    };
    let of = |pedigree: &Pedigree| ["F", "C"].map(|id| pedigree.place(id).unwrap());
    close((ln(&trio, of(&trio)) - ln(&alone, of(&alone))).exp(), 10.2564, 5e-5);
}

#[test]
fn inbred_states_are_those_of_a_brother_and_sister_of_first_degree_inbreeding() {
    // Parent and child of an incestuous union, by Jacquard's tables: child of full brother and sister, against the father.
    let p = family(&[
        ("GF", "", "", Male),
        ("GM", "", "", Female),
        ("F", "GF", "GM", Male),
        ("M", "GF", "GM", Female),
        ("C", "F", "M", Male),
    ]);
    let states = IbdStates::of(&p, 2, 4).unwrap();
    assert!(states.kappa().is_none());
    let delta = states.condensed();
    close(delta.iter().sum(), 1.0, 1e-15);
    // The child is inbred with F = 1/4.
    close(delta[0] + delta[1] + delta[4] + delta[5], 0.25, 1e-15);
}
