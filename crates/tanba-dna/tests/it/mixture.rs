//! Mixtures against vectors that another program computed, where a reference folder is at hand.

use serde_json::Value;
use tanba_dna::mixture::vectors::{Side, evidence, hypothesis, parameters};
use tanba_dna::mixture::{FitOptions, Likelihood, LikelihoodRatio, Qualitative};
use tanba_formats::genetic::MarkerName;

use super::{list, vectors};

#[test]
fn likelihoods_at_given_parameters_and_own_fits_agree() {
    let Some(vectors) = vectors("mixtures_efm.json") else { return };
    for case in list(&vectors["cases"]) {
        let evidence = evidence(case, &vectors["kits"]).unwrap();
        let mut fits = Vec::new();
        for side in [Side::Prosecution, Side::Defence] {
            let answer = &case["expected"][side.key()];
            let likelihood = Likelihood::new(&evidence, &hypothesis(case, side).unwrap()).unwrap();
            let given = parameters(case, side, evidence.settings()).unwrap();
            let got = likelihood.at(&given).unwrap();
            for (name, want) in answer["loglik_per_marker"].as_object().unwrap() {
                let marker = MarkerName::of(name);
                let (_, ln) = got.markers.iter().find(|(own, _)| *own == marker).unwrap();
                let want = want.as_f64().unwrap();
                // The other program leaves improbable genotypes out.
                assert!((ln / want - 1.0).abs() < 1e-7, "{} {} {name}: {ln} {want}", case["id"], side.key());
            }
            let fit = likelihood.fit(&FitOptions::default()).unwrap();
            assert!(fit.converged, "{fit:?}");
            let want = answer["loglik"].as_f64().unwrap();
            assert!(fit.ln_likelihood > want - 0.001, "{} {}: {} {want}", case["id"], side.key(), fit.ln_likelihood);
            fits.push(fit);
        }
        let ratio = LikelihoodRatio::of(&fits[0], &fits[1]);
        let want = case["expected"]["log10_LR_mle"].as_f64().unwrap();
        assert!((ratio.log10 - want).abs() < 0.05, "{}: {} {want}", case["id"], ratio.log10);
    }
}

#[test]
fn the_qualitative_model_agrees() {
    let Some(vectors) = vectors("mixtures_efm.json") else { return };
    for case in list(&vectors["cases"]) {
        let evidence = evidence(case, &vectors["kits"]).unwrap();
        for answer in list(&case["expected"]["qualitative"]) {
            for side in [Side::Prosecution, Side::Defence] {
                let hypothesis = hypothesis(case, side).unwrap();
                let qualitative = Qualitative::new(&evidence, &hypothesis).unwrap();
                let want = answer[side.key()]["loglik"].as_f64().unwrap();
                let got = match answer["dropout"].as_f64() {
                    Some(d) => qualitative.at(&vec![d; hypothesis.contributors.len()]).unwrap().total(),
                    None => {
                        let fit = qualitative.fit().unwrap();
                        assert!(fit.ln_likelihood >= want - 1e-6, "{} {fit:?} {want}", case["id"]);
                        continue;
                    }
                };
                assert!((got / want - 1.0).abs() < 1e-10, "{} {}: {got} {want}", case["id"], Value::from(side.key()));
            }
        }
    }
}
