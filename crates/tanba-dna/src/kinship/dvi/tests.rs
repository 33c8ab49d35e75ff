//! theta: joint identification against a sum over every allele of everybody, drawn one after the other.

use super::*;
use crate::Theta;
use crate::kinship::{Marker, MutationModel, Pedigree, Person, Sex, person};

const P: [f64; 3] = [0.2, 0.3, 0.5];

/// Ordered alleles of everybody, by places in P.
type Alleles = Vec<[usize; 2]>;
/// Somebody of a pedigree: parents, who stand before, and what is typed.
type Somebody = (Option<[usize; 2]>, Option<[usize; 2]>);

/// Everything that can be, slowly: founders' alleles come out of an urn in which every allele drawn is likelier the next time;
/// children get either allele of each parent, perhaps mutated. The probability that what is typed is shown.
fn slow(pedigree: &[Somebody], marker: &Marker, theta: f64) -> f64 {
    fn next(of: &[Somebody], so_far: &mut Alleles, drawn: &mut Vec<usize>, marker: &Marker, theta: f64) -> f64 {
        let person = so_far.len();
        let Some((parents, typed)) = of.get(person) else { return 1.0 };
        let mut total = 0.0;
        for a in 0..P.len() {
            for b in 0..P.len() {
                if typed.is_some_and(|pair| pair != [a, b] && pair != [b, a]) {
                    continue;
                }
                let before = drawn.len();
                let probability = match parents {
                    None => [a, b].into_iter().fold(1.0, |product, allele| {
                        let (seen, alike) = (drawn.len(), drawn.iter().filter(|d| **d == allele).count());
                        drawn.push(allele);
                        let urn = alike as f64 * theta + (1.0 - theta) * P[allele];
                        product * if seen == 0 { P[allele] } else { urn / (1.0 + (seen as f64 - 1.0) * theta) }
                    }),
                    Some([father, mother]) => {
                        let from = |parent: usize, to: usize, matrix: &crate::kinship::MutationMatrix| {
                            so_far[parent].iter().map(|allele| 0.5 * matrix.get(*allele, to)).sum::<f64>()
                        };
                        from(*father, a, marker.male()) * from(*mother, b, marker.female())
                    }
                };
                if probability > 0.0 {
                    so_far.push([a, b]);
                    total += probability * next(of, so_far, drawn, marker, theta);
                    so_far.pop();
                }
                drawn.truncate(before);
            }
        }
        total
    }
    next(pedigree, &mut Vec::new(), &mut Vec::new(), marker, theta)
}

/// A family of a typed mother, an untyped father, a typed and two missing children; three victims.
struct Small {
    case: DviCase,
    markers: Vec<Marker>,
    typed: [Vec<[usize; 2]>; 2],
    victims: Vec<Vec<[usize; 2]>>,
}

fn small(model: &MutationModel, theta: f64) -> Small {
    let labels: Vec<String> = ["7", "8", "9"].map(str::to_owned).to_vec();
    let markers: Vec<Marker> = ["L1", "L2"]
        .map(|name| Marker::new(name, labels.clone(), P.to_vec()).unwrap().with_mutation(model, model).unwrap())
        .to_vec();
    // By marker: mother and typed child; then the victims.
    let typed = [vec![[0, 1], [1, 2]], vec![[0, 0], [0, 2]]];
    let victims = vec![vec![[0, 2], [0, 0]], vec![[1, 1], [0, 2]], vec![[0, 1], [0, 1]]];
    let pair = |m: usize, [a, b]: [usize; 2]| Some(markers[m].pair(&labels[a], &labels[b]).unwrap());
    let persons = [
        person("F", None, Sex::Male),
        person("M", None, Sex::Female),
        person("C", Some(("F", "M")), Sex::Male),
        person("X", Some(("F", "M")), Sex::Male),
        person("Y", Some(("F", "M")), Sex::Female),
    ];
    let genotypes = (0..2).map(|m| vec![None, pair(m, typed[m][0]), pair(m, typed[m][1]), None, None]).collect();
    let family = Family {
        name: "F".to_owned(),
        pedigree: Pedigree::new(&persons, &[]).unwrap(),
        genotypes,
        missing: vec![3, 4],
    };
    // A second family, so that there is something to be a product of.
    let other: Vec<Person> = persons[..3].to_vec();
    let other = Family {
        name: "G".to_owned(),
        pedigree: Pedigree::new(&other.iter().map(rename).collect::<Vec<_>>(), &[]).unwrap(),
        genotypes: (0..2).map(|m| vec![None, pair(m, [1, 2]), None]).collect(),
        missing: vec![2],
    };
    let victim = |(n, of): (usize, &Vec<[usize; 2]>)| Victim {
        id: format!("V{n}"),
        sex: Sex::Unknown,
        genotypes: (0..2).map(|m| pair(m, of[m])).collect(),
    };
    let all = victims.iter().enumerate().map(victim).collect();
    let case = DviCase::new(markers.clone(), all, vec![family, other]).unwrap();
    Small { case: case.with_theta(Theta::new(theta).unwrap()), markers, typed, victims }
}

fn rename(of: &Person) -> Person {
    let name = |id: &String| format!("{id}2");
    Person { id: name(&of.id), father: of.father.as_ref().map(name), mother: of.mother.as_ref().map(name), sex: of.sex }
}

impl Small {
    /// The likelihood of an assignment over that of nobody, family by family, each with its pool.
    fn lr(&self, who: &[Option<usize>]) -> f64 {
        let mut lr = 1.0;
        let theta = self.case.theta();
        for (m, marker) in self.markers.iter().enumerate() {
            let at = |missing: usize| who.iter().position(|w| *w == Some(missing)).map(|v| self.victims[v][m]);
            let founder = |typed| (None, typed);
            let child = |typed| (Some([0, 1]), typed);
            let [mother, sibling] = [self.typed[m][0], self.typed[m][1]];
            let family = |x, y| vec![founder(None), founder(Some(mother)), child(Some(sibling)), child(x), child(y)];
            let strangers = [at(0), at(1)].into_iter().flatten().map(|typed| founder(Some(typed)));
            let apart: Vec<_> = family(None, None).into_iter().chain(strangers).collect();
            lr *= slow(&family(at(0), at(1)), marker, theta) / slow(&apart, marker, theta);
            if let Some(only) = at(2) {
                let parents = [founder(None), founder(Some([1, 2]))];
                let together: Vec<_> = parents.into_iter().chain([child(Some(only))]).collect();
                let apart: Vec<_> = parents.into_iter().chain([founder(Some(only))]).collect();
                lr *= slow(&together, marker, theta) / slow(&apart, marker, theta);
            }
        }
        lr
    }
}

#[test]
fn with_theta_every_assignment_has_the_likelihood_of_everything_written_out() {
    for (model, theta) in [
        (MutationModel::None, 0.0),
        (MutationModel::None, 0.04),
        (MutationModel::Stepwise { rate: 0.03, rate2: 0.0, range: 0.2 }, 0.0),
        (MutationModel::Stepwise { rate: 0.03, rate2: 0.0, range: 0.2 }, 0.04),
    ] {
        let small = small(&model, theta);
        let pairs = pair_table(&small.case, MutationUse::Everywhere, &|| true).unwrap();
        let joint = Joint::new(&small.case, &pairs, JointLimits::default(), &|| true).unwrap();
        let all = joint.best(usize::MAX);
        assert_eq!(all.len() as f64, joint.number());
        let slow: Vec<f64> = all.iter().map(|of| small.lr(&of.victims)).collect();
        let total: f64 = slow.iter().sum();
        assert!(all.len() > 8 && all.iter().any(|of| of.victims.iter().flatten().count() == 3), "{}", all.len());
        for (of, lr) in all.iter().zip(&slow) {
            assert!((of.ln_lr.exp() - lr).abs() < 1e-9 * lr.max(1e-9), "{model:?} {theta} {:?} {lr}", of.victims);
            assert!((of.posterior - lr / total).abs() < 1e-9);
        }
        for v in 0..3 {
            for m in 0..3 {
                let mut who = vec![None; 3];
                who[v] = Some(m);
                let lr = small.lr(&who);
                assert!((pairs.ln_lr[v][m].unwrap().exp() - lr).abs() < 1e-9 * lr.max(1e-9), "{v} {m} {lr}");
            }
        }
    }
}
