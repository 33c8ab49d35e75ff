//! How long mixtures take: the cases of a vector file, then stains that the model makes of the last case's markers and frequencies.
//!
//! `RAYON_NUM_THREADS=1 cargo run --release -p tanba-dna --example mixture_times -- mixtures_efm.json`

#![allow(clippy::print_stdout)] // what it prints is what it is for

use std::time::Instant;

use serde_json::Value;
use tanba_dna::mixture::vectors::{Side, evidence, hypothesis};
use tanba_dna::mixture::{Evidence, FitOptions, Hypothesis, Likelihood, Parameters, Settings};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("name a vector file")?;
    let vectors: Value = serde_json::from_slice(&std::fs::read(path)?)?;
    let cases = vectors["cases"].as_array().ok_or("no cases")?;
    let mut last = None;
    for case in cases {
        let evidence = evidence(case, &vectors["kits"])?;
        let pair = [hypothesis(case, Side::Prosecution)?, hypothesis(case, Side::Defence)?];
        time(case["id"].as_str().unwrap_or("?"), &evidence, &pair)?;
        last = Some(evidence);
    }
    let template = last.ok_or("no case")?;
    for (people, known, forward) in [
        (2, 0, true),
        (3, 1, false),
        (3, 1, true),
        (3, 0, false),
        (3, 0, true),
        (4, 2, true),
        (4, 1, true),
        (4, 0, true),
    ] {
        let shares: &[f64] = [&[0.65, 0.35][..], &[0.5, 0.3, 0.2], &[0.4, 0.3, 0.2, 0.1]][people - 2];
        let references: Vec<_> = (0..people).map(|k| template.random_person(7, k as u64)).collect();
        let parameters = Parameters {
            proportions: shares.to_vec(),
            mu: 1500.0,
            omega: 0.2,
            beta: 0.8,
            back_stutter: 0.07,
            forward_stutter: if forward { 0.02 } else { 0.0 },
            double_back_stutter: 0.0,
            replicate_factors: Vec::new(),
        };
        let settings = Settings { forward_stutter: forward, ..*template.settings() };
        let empty = Evidence::new(settings, template.markers().to_vec(), references.clone())?;
        let stain = empty.simulate(&references, &parameters, 1, 3)?;
        let known: Vec<usize> = (0..known).collect();
        let pair = Hypothesis::pair(&stain, known.len(), &known, people)?;
        let name = format!("{people} people, {} known, forward stutter {forward}", known.len());
        time(&name, &stain, &pair)?;
    }
    Ok(())
}

fn time(name: &str, evidence: &Evidence, pair: &[Hypothesis; 2]) -> Result<(), Box<dyn std::error::Error>> {
    let mut line = format!("{name:44}");
    let mut both = Vec::new();
    let started = Instant::now();
    for hypothesis in pair {
        let started = Instant::now();
        let fit = Likelihood::new(evidence, hypothesis)?.fit(&FitOptions::default())?;
        line += &format!(
            "  {} unknown: {:8.4} s, {:3} evaluations, {} of {} agree;",
            hypothesis.unknowns(),
            started.elapsed().as_secs_f64(),
            fit.evaluations,
            fit.agreeing,
            fit.ends.len()
        );
        both.push(fit.ln_likelihood);
    }
    println!(
        "{line}  log10 LR {:.3}, both {:.4} s",
        (both[0] - both[1]) / std::f64::consts::LN_10,
        started.elapsed().as_secs_f64()
    );
    Ok(())
}
