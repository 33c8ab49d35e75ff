//! `tanba dna lr`: the likelihood ratio of hypotheses about kinship, as a report that a court can read.

use std::f64::consts::LN_10;
use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use serde_json::{Value, json};
use tanba_dna::kinship::case::familias::Part;
use tanba_dna::kinship::{AllelePair, KinshipAnswer, KinshipCase, TypedPerson};
use tanba_dna::verbal_support;

use super::case::{
    Opened, draw_into, inputs_json, linkage_in_words, linkage_json, linked_before, log10_json, mutation_in_words, open,
    provenance, ratio,
};
use crate::console::Console;

/// Options of `tanba dna lr`.
#[derive(Args)]
pub(crate) struct Lr {
    /// The case: TOML or JSON (docs/dna/case.schema.json), or a project of Familias (.fam).
    case: PathBuf,
    /// Draw the pedigree of each hypothesis into this folder (SVG).
    #[arg(long, value_name = "DIR")]
    svg: Option<PathBuf>,
}

impl Lr {
    /// Works the case out.
    pub(crate) fn run(self, console: &Console) -> anyhow::Result<()> {
        let here = || format!("cannot work out {}", self.case.display());
        let opened = open(&self.case, Part::Pedigrees)?;
        let case = opened.file.kinship(opened.table.as_ref()).with_context(here)?;
        let answer = case.answer().with_context(here)?;
        if let Some(folder) = &self.svg {
            let pedigrees: Vec<_> = case
                .hypotheses()
                .iter()
                .map(|h| {
                    let typed = h.pedigree.ids().iter().map(|id| case.typed().iter().any(|t| t.id == *id)).collect();
                    (h.name.as_str(), &h.pedigree, typed, vec![false; h.pedigree.len()])
                })
                .collect();
            draw_into(folder, &pedigrees)?;
        }
        console.answer(&in_json(&opened, &case, &answer), report(&opened, &case, &answer));
        Ok(())
    }
}

/// The hypothesis whose ratio is the answer: the first that is not the one held against.
fn asked(case: &KinshipCase) -> usize {
    usize::from(case.against() == 0)
}

fn in_json(opened: &Opened, case: &KinshipCase, answer: &KinshipAnswer) -> Value {
    let (first, against) = (asked(case), case.against());
    let by_marker = |of: usize| -> Value {
        case.markers()
            .iter()
            .enumerate()
            .map(|(m, marker)| {
                let ln = answer.ln_likelihoods[of][m] - answer.ln_likelihoods[against][m];
                let lr = if ln.is_nan() { Value::Null } else { json!(ln.exp()) };
                json!({ "marker": marker.name(), "log10_lr": log10_json(ln), "lr": lr, "given": linked_before(case.markers(), case.linkage(), m) })
            })
            .collect()
    };
    let hypotheses: Vec<Value> = case
        .hypotheses()
        .iter()
        .enumerate()
        .map(|(h, hypothesis)| {
            json!({
                "name": hypothesis.name,
                "text": hypothesis.text,
                "log10_likelihood": log10_json(answer.ln_likelihoods[h].iter().sum()),
                "log10_lr": answer.ln_lr[h].map_or(Value::Null, log10_json),
                "prior": hypothesis.prior,
                "posterior": answer.posteriors.as_ref().map(|p| p[h]),
                "loci": by_marker(h),
            })
        })
        .collect();
    json!({
        "log10_lr": answer.ln_lr[first].map_or(Value::Null, log10_json),
        // The two ways to have no finite logarithm, told apart.
        "impossible": answer.ln_lr[first] == Some(f64::NEG_INFINITY),
        "hypothesis": case.hypotheses()[first].name,
        "against": case.hypotheses()[against].name,
        "loci": by_marker(first),
        "hypotheses": hypotheses,
        "theta": f64::from(case.theta()),
        "linked": linkage_json(case.markers(), case.linkage()),
        "drop_out_marks": marked(case).map(|(person, markers)| json!({ "person": person, "markers": markers })).collect::<Vec<_>>(),
        "verbal": answer.ln_lr[first].and_then(|ln| verbal_support(ln / LN_10)),
        "version": env!("CARGO_PKG_VERSION"),
        "inputs": inputs_json(&opened.inputs),
    })
}

/// Who has drop-out marks, and at which markers.
fn marked(case: &KinshipCase) -> impl Iterator<Item = (&str, Vec<&str>)> {
    let of = |person: &TypedPerson| {
        let typed = case.markers().iter().zip(&person.genotypes);
        let open = typed.filter(|(_, pair)| pair.is_some_and(AllelePair::partner_may_be_lost));
        open.map(|(marker, _)| marker.name()).collect::<Vec<_>>()
    };
    case.typed().iter().map(move |person| (person.id.as_str(), of(person))).filter(|(_, markers)| !markers.is_empty())
}

fn report(opened: &Opened, case: &KinshipCase, answer: &KinshipAnswer) -> String {
    let against = case.against();
    let mut text = String::new();
    // Writing to a string cannot fail, here and below.
    let _ = writeln!(text, "Likelihood ratio of hypotheses about kinship\n{}", opened.file.title);
    let _ = writeln!(text, "\nHypotheses");
    for hypothesis in case.hypotheses() {
        let words = if hypothesis.text.is_empty() { "(not put into words in the case)" } else { &hypothesis.text };
        let _ = writeln!(text, "  {}: {words}", hypothesis.name);
    }
    let persons: Vec<&str> = case.typed().iter().map(|t| t.id.as_str()).collect();
    let _ = writeln!(text, "\nTyped: {}", persons.join(", "));
    for (person, markers) in marked(case) {
        let _ = writeln!(
            text,
            "  {person}: at {} an allele may have dropped out; summed over all that it can be",
            markers.join(", ")
        );
    }
    let _ = writeln!(text, "\nModel");
    let _ = writeln!(
        text,
        "  {} markers, taken as independent{}; theta {}: {}",
        case.markers().len(),
        if case.linkage().is_none() { "" } else { " but for these" },
        f64::from(case.theta()),
        if f64::from(case.theta()) > 0.0 {
            "all founders' alleles come from one gene pool (Balding, Nichols 1994)"
        } else {
            "founders' alleles are independent"
        }
    );
    for line in linkage_in_words(case.markers(), case.linkage()).chain(mutation_in_words(&opened.file, case.markers()))
    {
        let _ = writeln!(text, "  {line}");
    }
    let _ = match &opened.table {
        Some(table) => {
            writeln!(
                text,
                "  frequencies: {}",
                table.population.as_deref().unwrap_or("population not named in the table")
            )
        }
        None => writeln!(text, "  frequencies: those of the case"),
    };
    for (h, hypothesis) in case.hypotheses().iter().enumerate().filter(|(h, _)| *h != against) {
        let name = (&hypothesis.name, &case.hypotheses()[against].name);
        let _ = writeln!(text, "\nLikelihood ratio, {} against {}", name.0, name.1);
        for (m, marker) in case.markers().iter().enumerate() {
            let ln = answer.ln_likelihoods[h][m] - answer.ln_likelihoods[against][m];
            let given = linked_before(case.markers(), case.linkage(), m);
            let given = if given.is_empty() { String::new() } else { format!("   given {}", given.join(", ")) };
            let _ = writeln!(text, "  {:<12} {:>12}{given}", marker.name(), ratio(ln));
        }
        match answer.ln_lr[h] {
            None => {
                let _ = writeln!(
                    text,
                    "  neither hypothesis can explain the findings; look at typing and pedigrees, or let markers mutate"
                );
            }
            Some(ln) => {
                let _ = writeln!(text, "  {:<12} {:>12}   log10 {:.4}", "in all", ratio(ln), ln / LN_10);
                let supported = if ln >= 0.0 { name } else { (name.1, name.0) };
                let _ = writeln!(
                    text,
                    "  The findings are {} times as probable if {} is true than if {} is true.",
                    ratio(ln.abs()),
                    supported.0,
                    supported.1
                );
                let words = verbal_support(ln / LN_10).unwrap_or("the findings hardly distinguish the hypotheses");
                let _ = writeln!(text, "  In words: {words} ({} over {})", supported.0, supported.1);
            }
        }
    }
    if let Some(posteriors) = &answer.posteriors {
        let total: f64 = case.hypotheses().iter().map(|h| h.prior).sum();
        let _ = writeln!(text, "\nProbabilities, if beforehand they were as in the first column");
        for (hypothesis, posterior) in case.hypotheses().iter().zip(posteriors) {
            let _ = writeln!(text, "  {:<12} {:>10.6} {:>14.10}", hypothesis.name, hypothesis.prior / total, posterior);
        }
    }
    let _ = writeln!(
        text,
        "\nWords after the ENFSI guideline for evaluative reporting in forensic science (2015). A likelihood ratio compares these\nhypotheses only; it is not the probability that one of them is true."
    );
    let _ = write!(text, "\n{}", provenance(&opened.inputs));
    text
}
