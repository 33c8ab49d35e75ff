//! The engine against the slow reference, and what must hold whatever the stain.

use proptest::prelude::*;

use super::parameters::Parameters;
use super::slow::{self, cases};
use super::sum::Logarithm;
use super::{Contributor, Evidence, Hypothesis, Likelihood};

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
        let slow = slow::marker(&evidence, 0, &hypothesis, &parameters).ln();
        prop_assert!(close(fast, slow, 1e-9), "{fast} {slow}");
    }

    #[test]
    fn gradients_are_those_of_differences((evidence, hypothesis, parameters) in cases()) {
        let likelihood = Likelihood::new(&evidence, &hypothesis).unwrap();
        let x = likelihood.scale().from_parameters(&parameters);
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
        let program = &likelihood.programs()[0];
        let (plain, mut of_plain) = likelihood.weights::<f64>(program, &parameters);
        let (ln, of_ln) = likelihood.weights::<Logarithm>(program, &parameters);
        prop_assert!(close(plain, ln, 1e-11));
        for (a, b) in of_plain.iter_mut().flatten().zip(of_ln.iter().flatten()) {
            prop_assert!(close(*a, *b, 1e-9));
        }
    }

    #[test]
    fn the_order_of_contributors_and_of_replicates_does_not_matter((evidence, hypothesis, parameters) in cases()) {
        let here = total(&evidence, &hypothesis, &parameters);
        let mut turned = parameters.clone();
        turned.proportions.reverse();
        let other = Hypothesis { contributors: hypothesis.contributors.iter().rev().copied().collect(), ..hypothesis.clone() };
        prop_assert!(close(total(&evidence, &other, &turned), here, 1e-11));
        let mut markers = evidence.markers().to_vec();
        for peaks in markers[0].replicates.iter_mut().flatten() {
            peaks.reverse();
        }
        markers[0].replicates.reverse();
        let other = Evidence::new(*evidence.settings(), markers, evidence.references().to_vec()).unwrap();
        prop_assert!(close(total(&other, &hypothesis, &parameters), here, 1e-11));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn three_unknown_contributors_too((evidence, _, mut parameters) in cases()) {
        let hypothesis = Hypothesis { contributors: vec![Contributor::Unknown; 3], typed_only: vec![0] };
        parameters.proportions = vec![0.5, 0.3, 0.2];
        let fast = total(&evidence, &hypothesis, &parameters);
        let slow = slow::marker(&evidence, 0, &hypothesis, &parameters).ln();
        prop_assert!(close(fast, slow, 1e-9), "{fast} {slow}");
    }
}
