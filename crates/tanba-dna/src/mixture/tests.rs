//! The engine against the slow reference, and what must hold whatever the stain.

use std::collections::BTreeMap;

use proptest::prelude::*;
use tanba_formats::genetic::MarkerName;

use super::slow::{self, cases};
use super::sum::Logarithm;
use super::{
    ConservativeRatio, Contributor, Evidence, FitOptions, Hypothesis, Kin, Likelihood, LikelihoodRatio, MarkerEvidence,
    NonContributors, OwnSettings, Parameters, Peak, Qualitative, Question, Reference, Related, Relative, Sampling,
    Settings,
};
use crate::{Allele, Relation};

fn close(a: f64, b: f64, tolerance: f64) -> bool {
    (a - b).abs() <= tolerance * (1.0 + b.abs()) || a == b
}

fn total(evidence: &Evidence, hypothesis: &Hypothesis, parameters: &Parameters) -> f64 {
    Likelihood::new(evidence, hypothesis).unwrap().at(parameters).unwrap().total()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_sum_is_that_over_all_genotypes((evidence, hypothesis, parameters) in cases()) {
        let fast = total(&evidence, &hypothesis, &parameters);
        let slow = slow::marker(&evidence, 0, &hypothesis, &parameters);
        prop_assert!(close(fast, slow, 1e-9), "{fast} {slow}");
    }

    #[test]
    fn gradients_are_those_of_differences((evidence, hypothesis, parameters) in cases()) {
        let likelihood = Likelihood::new(&evidence, &hypothesis).unwrap();
        let x = likelihood.scale().place(&parameters);
        let (value, gradient) = likelihood.value_and_gradient(&x);
        prop_assert!(close(value, likelihood.value(&x), 1e-12));
        for i in 0..x.len() {
            let at = |step: f64| {
                let mut there = x.clone();
                there[i] += step;
                likelihood.value(&there)
            };
            let h = 1e-4;
            // Richardson's extrapolation of central differences.
            let by = (8.0 * (at(h) - at(-h)) - (at(2.0 * h) - at(-2.0 * h))) / (12.0 * h);
            prop_assert!(close(gradient[i], by, 1e-6), "{i}: {} {by} {parameters:?}", gradient[i]);
        }
    }

    #[test]
    fn logarithms_say_the_same_where_plain_numbers_do((evidence, hypothesis, parameters) in cases()) {
        let likelihood = Likelihood::new(&evidence, &hypothesis).unwrap();
        for program in &likelihood.programs()[0] {
            let (plain, mut of_plain) = likelihood.weights::<f64>(program, &parameters);
            let (ln, of_ln) = likelihood.weights::<Logarithm>(program, &parameters);
            // Plain numbers say themselves where they lose parts.
            prop_assume!(!plain.is_nan());
            prop_assert!(close(plain, ln, 1e-11));
            for (a, b) in of_plain.iter_mut().flatten().zip(of_ln.iter().flatten()) {
                prop_assert!(close(*a, *b, 1e-9));
            }
        }
    }

    #[test]
    fn the_order_of_contributors_and_of_replicates_does_not_matter((evidence, hypothesis, parameters) in cases()) {
        let here = total(&evidence, &hypothesis, &parameters);
        let mut turned = parameters.clone();
        turned.proportions.reverse();
        let last = hypothesis.contributors.len() - 1;
        let kin = hypothesis.kin.iter().map(|kin| Kin {
            unknown: last - kin.unknown,
            to: match kin.to {
                Relative::Unknown(place) => Relative::Unknown(last - place),
                reference => reference,
            },
            ..*kin
        });
        let other = Hypothesis {
            contributors: hypothesis.contributors.iter().rev().copied().collect(),
            kin: kin.collect(),
            ..hypothesis.clone()
        };
        prop_assert!(close(total(&evidence, &other, &turned), here, 1e-11));
        let mut markers = evidence.markers().to_vec();
        for peaks in markers[0].replicates.iter_mut().flatten() {
            peaks.reverse();
        }
        markers[0].replicates.reverse();
        let other = Evidence::new(*evidence.settings(), markers, evidence.references().to_vec()).unwrap();
        let mut turned = parameters.clone();
        for factor in &mut turned.replicate_factors {
            turned.mu *= *factor;
            *factor = 1.0 / *factor;
        }
        prop_assert!(close(total(&other, &hypothesis, &turned), here, 1e-11));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn three_unknown_contributors_too((evidence, _, mut parameters) in cases()) {
        let hypothesis = Hypothesis { contributors: vec![Contributor::Unknown; 3], typed_only: vec![0], kin: Vec::new() };
        parameters.proportions = vec![0.5, 0.3, 0.2];
        let fast = total(&evidence, &hypothesis, &parameters);
        let slow = slow::marker(&evidence, 0, &hypothesis, &parameters);
        prop_assert!(close(fast, slow, 1e-9), "{fast} {slow}");
    }
}

/// One marker, allele 9.3 of frequency 0.32 seen at 150 RFU; heights are exponential with mean 100 (omega 1), threshold 50.
fn worked_example() -> (Evidence, Parameters) {
    let marker = MarkerEvidence {
        marker: MarkerName::of("TH01"),
        replicates: vec![Some(vec![Peak { allele: allele(93), height: 150.0 }])],
        threshold: 50.0,
        frequencies: [(allele(60), 0.68), (allele(93), 0.32)].into(),
        sizes: BTreeMap::new(),
        rest_size: None,
        own: OwnSettings::default(),
    };
    let settings = Settings {
        degradation: false,
        back_stutter: false,
        forward_stutter: false,
        double_back_stutter: false,
        height_by_replicate: false,
        theta: 0.0,
        drop_in: 0.05,
        drop_in_rate: 0.01,
        minimum_frequency: None,
    };
    let reference =
        Reference { id: "P".to_owned(), genotypes: [(MarkerName::of("TH01"), [allele(60), allele(93)])].into() };
    let parameters = Parameters {
        proportions: vec![1.0],
        mu: 100.0,
        omega: 1.0,
        beta: 1.0,
        back_stutter: 0.0,
        forward_stutter: 0.0,
        double_back_stutter: 0.0,
        replicate_factors: Vec::new(),
    };
    (Evidence::new(settings, vec![marker], vec![reference]).unwrap(), parameters)
}

fn allele(tenths: u16) -> Allele {
    Allele::from_tenths(tenths).unwrap()
}

#[test]
fn the_worked_example_of_the_documents() {
    let (evidence, parameters) = worked_example();
    let [with, without] = Hypothesis::pair(&evidence, 0, &[], 1).unwrap();
    // The numbers of docs/dna/mixtures.md, by hand.
    let seen_once = (-1.5_f64).exp() / 100.0 * (1.0 - (-0.5_f64).exp()) * 0.95;
    let seen_twice = 150.0 * (-1.5_f64).exp() / 1e4 * 0.95;
    let dropped_in = (1.0 - 1.5 * (-0.5_f64).exp()) * 0.05 * 0.32 * 0.01 * (-1.0_f64).exp();
    let defence = 0.32 * 0.32 * seen_twice + 2.0 * 0.32 * 0.68 * seen_once + 0.68 * 0.68 * dropped_in;
    let (p, d) = (total(&evidence, &with, &parameters).exp(), total(&evidence, &without, &parameters).exp());
    assert!((p / seen_once - 1.0).abs() < 1e-12 && (d / defence - 1.0).abs() < 1e-12, "{p} {d}");
    assert!((p / d - 1.206_98).abs() < 1e-4, "{}", p / d);
    let likelihood = Likelihood::new(&evidence, &without).unwrap();
    let genotypes = &likelihood.deconvolve(&parameters).unwrap()[0].genotypes;
    let homozygote = genotypes.iter().find(|g| g.alleles == [Some(allele(93)); 2]).unwrap().probability;
    assert!((homozygote - 0.32 * 0.32 * seen_twice / defence).abs() < 1e-12);
    // The height between the threshold and 150, given that there is a peak.
    let check = &likelihood.check(&parameters).unwrap().peaks[0];
    let up_to = |y: f64| {
        let once = (-0.5_f64).exp() - (-y / 100.0).exp();
        let twice = 1.5 * (-0.5_f64).exp() - (1.0 + y / 100.0) * (-y / 100.0).exp();
        let in_ = (1.0 - 1.5 * (-0.5_f64).exp()) * 0.05 * 0.32 * (1.0 - (-0.01 * (y - 50.0)).exp());
        0.1024 * 0.95 * twice + 0.4352 * 0.95 * once * (1.0 - (-0.5_f64).exp()) + 0.4624 * in_
    };
    assert!((check.probability - up_to(150.0) / up_to(1e9)).abs() < 1e-10, "{check:?}");
}

#[test]
fn a_sibling_instead_as_in_the_documents() {
    let (evidence, parameters) = worked_example();
    let seen = [(1.0 - 1.5 * (-0.5_f64).exp()) * 0.05 * 0.32 * 0.01 * (-1.0_f64).exp(), 0.000_834_051, 0.003_179_605];
    let question = |relation, to| Question {
        interest: 0,
        known: Vec::new(),
        contributors: 1,
        related: vec![Related { unknown: None, relation, to: Relative::Reference(to) }],
    };
    let ratio = |relation| {
        let [with, without] = question(relation, 0).hypotheses(&evidence).unwrap();
        (total(&evidence, &with, &parameters) - total(&evidence, &without, &parameters)).exp()
    };
    // 6/6, 6/9.3 and 9.3/9.3 of a brother of 6/9.3, of a child, of a twin.
    for (relation, genotypes) in [
        (Relation::FullSiblings, [0.2856, 0.6088, 0.1056]),
        (Relation::ParentChild, [0.34, 0.5, 0.16]),
        (Relation::Same, [0.0, 1.0, 0.0]),
    ] {
        let instead: f64 = seen.iter().zip(genotypes).map(|(seen, genotype)| seen * genotype).sum();
        assert!((ratio(relation) - seen[1] / instead).abs() < 1e-6, "{relation}: {}", ratio(relation));
    }
    assert!((ratio(Relation::FullSiblings) - 0.986_98).abs() < 1e-5);
    // Nobody of that number, or nobody else.
    assert!(question(Relation::FullSiblings, 1).hypotheses(&evidence).is_err());
    for (unknown, to) in
        [(Some(1), Relative::Reference(0)), (None, Relative::Unknown(1)), (Some(0), Relative::Reference(0))]
    {
        let related = vec![Related { unknown, relation: Relation::FullSiblings, to }];
        assert!(
            Question { related, ..question(Relation::Same, 0) }.hypotheses(&evidence).is_err(),
            "{unknown:?} {to:?}"
        );
    }
}

#[test]
fn relatives_are_weighed_in_the_qualitative_model_and_in_genotypes_too() {
    let (evidence, _) = worked_example();
    let related = vec![Related { unknown: None, relation: Relation::FullSiblings, to: Relative::Reference(0) }];
    let question = Question { interest: 0, known: Vec::new(), contributors: 1, related };
    let [_, without] = question.hypotheses(&evidence).unwrap();
    // Drop-out 0.1: 9.3 seen, 6 not. 6/6 is lost and 9.3 dropped in; of 6/9.3 one is lost; of 9.3/9.3 not both are.
    let by_hand = 0.2856 * 0.01 * 0.05 * 0.32 + 0.6088 * 0.1 * 0.9 * 0.95 + 0.1056 * 0.99 * 0.95;
    let got = Qualitative::new(&evidence, &without).unwrap().at(&[0.1]).unwrap().total().exp();
    assert!((got - by_hand).abs() < 1e-12, "{got} {by_hand}");
    let (evidence, parameters) = worked_example();
    let likelihood = Likelihood::new(&evidence, &without).unwrap();
    let genotypes = &likelihood.deconvolve(&parameters).unwrap()[0].genotypes;
    let heterozygote = genotypes.iter().find(|g| g.alleles == [Some(allele(93)), None]).unwrap().probability;
    assert!((heterozygote - 0.6088 * 0.000_834_051 / total(&evidence, &without, &parameters).exp()).abs() < 1e-6);
}

#[test]
fn a_replicate_of_half_the_height_is_found_to_be_one() {
    let (evidence, truth) = simulated(11, 1);
    let truth = Parameters { replicate_factors: vec![0.5], ..truth };
    let settings = Settings { height_by_replicate: true, ..*evidence.settings() };
    let people = &evidence.references()[..1];
    let own = Evidence::new(settings, evidence.markers().to_vec(), evidence.references().to_vec()).unwrap();
    let own = own.simulate(people, &truth, 2, 7).unwrap();
    let one = Evidence::new(*evidence.settings(), own.markers().to_vec(), own.references().to_vec()).unwrap();
    let [fit, without] = [&own, &one].map(|evidence| {
        let [with, _] = Hypothesis::pair(evidence, 0, &[], 1).unwrap();
        Likelihood::new(evidence, &with).unwrap().fit(&FitOptions::default()).unwrap()
    });
    assert!((fit.parameters.replicate_factors[0].ln() - 0.5_f64.ln()).abs() < 0.1, "{:?}", fit.parameters);
    assert!(without.parameters.replicate_factors.is_empty() && fit.ln_likelihood > without.ln_likelihood + 10.0);
    // As many factors as the evidence asks for, and no others.
    let [with, _] = Hypothesis::pair(&own, 0, &[], 1).unwrap();
    assert!(Likelihood::new(&own, &with).unwrap().at(&without.parameters).is_err());
}

#[test]
fn stutter_of_two_repeats_asks_for_that_of_one() {
    let (evidence, _) = worked_example();
    let settings = Settings { double_back_stutter: true, ..*evidence.settings() };
    assert!(Evidence::new(settings, evidence.markers().to_vec(), Vec::new()).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn genotype_probabilities_sum_to_one_and_checks_are_probabilities((evidence, hypothesis, parameters) in cases()) {
        let likelihood = Likelihood::new(&evidence, &hypothesis).unwrap();
        for one in likelihood.deconvolve(&parameters).unwrap() {
            let sum: f64 = one.genotypes.iter().map(|g| g.probability).sum();
            prop_assert!((sum - 1.0).abs() < 1e-9, "{sum}");
        }
        let check = likelihood.check(&parameters).unwrap();
        prop_assert!(check.peaks.iter().all(|peak| (0.0..=1.0).contains(&peak.probability)));
        prop_assert!((0.0..=1.0).contains(&check.p_value));
    }
}

/// A stain of `people` at twelve markers, and its evidence with their references.
fn simulated(seed: u64, people: usize) -> (Evidence, Parameters) {
    let markers = (0..12).map(|k| MarkerEvidence {
        marker: MarkerName::of(&format!("D{k}S{}", 100 + k)),
        replicates: vec![Some(Vec::new())],
        threshold: 50.0,
        frequencies: (0..8).map(|a| (allele(100 + 10 * a), 0.125)).collect(),
        // One repeat beyond both ends, where stutter falls.
        sizes: (0..10).map(|a| (allele(90 + 10 * a), 96.0 + 20.0 * f64::from(k) + 4.0 * f64::from(a))).collect(),
        rest_size: Some(130.0 + 20.0 * f64::from(k)),
        own: OwnSettings::default(),
    });
    let settings = Settings { forward_stutter: false, theta: 0.0, ..Settings::default() };
    let empty = Evidence::new(settings, markers.collect(), Vec::new()).unwrap();
    let references: Vec<Reference> = (0..people as u64 + 1).map(|k| empty.random_person(seed, k)).collect();
    let parameters = Parameters {
        proportions: if people == 1 { vec![1.0] } else { vec![0.7, 0.3] },
        mu: 1000.0,
        omega: 0.2,
        beta: 0.8,
        back_stutter: 0.08,
        forward_stutter: 0.0,
        double_back_stutter: 0.0,
        replicate_factors: Vec::new(),
    };
    let empty = Evidence::new(settings, empty.markers().to_vec(), references.clone()).unwrap();
    (empty.simulate(&references[..people], &parameters, 1, seed).unwrap(), parameters)
}

#[test]
fn fits_find_the_parameters_and_tell_donors_from_others() {
    let options = FitOptions::default();
    let mut means = [0.0; 4];
    for seed in 0..6 {
        let (evidence, truth) = simulated(seed, 2);
        let ratio = |interest: usize| {
            let pair = Hypothesis::pair(&evidence, interest, &[], 2).unwrap();
            let fits = pair.map(|hypothesis| Likelihood::new(&evidence, &hypothesis).unwrap().fit(&options).unwrap());
            assert!(fits.iter().all(|fit| fit.converged && fit.agreeing > 1), "seed {seed}");
            (LikelihoodRatio::of(&fits[0], &fits[1]).log10, fits[0].parameters.clone())
        };
        let (major, fitted) = ratio(0);
        assert!(
            major > 6.0 && ratio(1).0 > 1.0 && ratio(2).0 < 0.0,
            "seed {seed}: {major} {} {}",
            ratio(1).0,
            ratio(2).0
        );
        let found = [fitted.proportions[0], fitted.mu.ln(), fitted.omega.ln(), fitted.beta.ln()];
        let true_ones = [truth.proportions[0], truth.mu.ln(), truth.omega.ln(), truth.beta.ln()];
        for (mean, (found, truth)) in means.iter_mut().zip(found.iter().zip(true_ones)) {
            *mean += (found - truth) / 6.0;
        }
    }
    assert!(means.iter().all(|mean| mean.abs() < 0.15), "{means:?}");
}

#[test]
fn the_ratio_averages_to_one_for_people_who_did_not_contribute() {
    // All genotypes that differ in the stain's eyes, each with its probability under the second hypothesis: the expectation is exact.
    let (evidence, parameters) = worked_example();
    let [with, without] = Hypothesis::pair(&evidence, 0, &[], 1).unwrap();
    let defence = total(&evidence, &without, &parameters).exp();
    let mut mean = 0.0;
    for (pair, probability) in [([60, 60], 0.68 * 0.68), ([60, 93], 2.0 * 0.68 * 0.32), ([93, 93], 0.32 * 0.32)] {
        let reference =
            Reference { id: "P".to_owned(), genotypes: [(MarkerName::of("TH01"), pair.map(allele))].into() };
        let other = Evidence::new(*evidence.settings(), evidence.markers().to_vec(), vec![reference]).unwrap();
        mean += probability * total(&other, &with, &parameters).exp() / defence;
    }
    assert!((mean - 1.0).abs() < 1e-12, "{mean}");
}

#[test]
fn the_conservative_ratio_is_below_the_median_and_repeats_itself() {
    let (evidence, _) = simulated(3, 1);
    let pair = Hypothesis::pair(&evidence, 0, &[], 1).unwrap();
    let both = pair.map(|hypothesis| {
        let likelihood = Likelihood::new(&evidence, &hypothesis).unwrap();
        let fit = likelihood.fit(&FitOptions::default()).unwrap();
        (likelihood, fit)
    });
    let sampling = Sampling { draws: 1_000, ..Sampling::default() };
    let ratio = || ConservativeRatio::of((&both[0].0, &both[0].1), (&both[1].0, &both[1].1), &sampling).unwrap();
    let first = ratio();
    assert!(first.log10 < first.log10_median && first == ratio(), "{first:?}");
    assert!(first.accepted.iter().all(|share| (0.1..0.7).contains(share)), "{first:?}");
    // A ratio of likelihoods at the maxima is what uncertainty spreads around, within a chi-square of either side.
    let best = LikelihoodRatio::of(&both[0].1, &both[1].1).log10;
    assert!((first.log10_median - best).abs() < 2.0 && first.log10 > best - 5.0, "{first:?} {best}");
    let question = Question { interest: 0, known: Vec::new(), contributors: 1, related: Vec::new() };
    let others = NonContributors::test(&evidence, &question, 10, &FitOptions { starts: 1, seed: 5 }).unwrap();
    assert!(others.max() < best && others.above_one() == 0, "{others:?}");
}
