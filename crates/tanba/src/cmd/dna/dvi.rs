//! `tanba dna dvi`: unidentified persons against families that miss somebody.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Context;
use clap::{Args, ValueEnum};
use serde_json::{Map, Value, json};
use tanba_dna::kinship::case::familias::Part;
use tanba_dna::kinship::dvi::{
    Assignment, Conclusion, DviCase, DviPicture, Finding, Joint, JointLimits, MutationUse, PairTable, Solution,
    SolveRules, pair_table, solve,
};

use super::case::{
    Opened, draw_into, inputs_json, linkage_in_words, linkage_json, log10_json, mutation_in_words, open, plain,
    provenance, put_svg, ratio,
};
use crate::console::Console;

/// Options of `tanba dna dvi`.
#[derive(Args)]
pub(crate) struct Dvi {
    /// The case: TOML or JSON (docs/dna/case.schema.json), or a project of Familias with its section for victims (.fam).
    case: PathBuf,
    /// A pair with more excluding markers takes no part.
    #[arg(long, default_value_t = 2)]
    max_exclusions: usize,
    /// Whether mutation takes part in all families, or only where relatives contradict each other without it.
    #[arg(long, value_enum, default_value = "everywhere")]
    mutation: Use,
    /// How many assignments to list, the best first.
    #[arg(long, default_value_t = 100)]
    top: usize,
    /// Likelihood ratio from which a pair counts as a match.
    #[arg(long, default_value_t = 1e4)]
    threshold: f64,
    /// Stop after so many seconds rather than answer in part.
    #[arg(long, default_value_t = 600)]
    limit_s: u64,
    /// Draw into this folder (SVG): the table of victims and missing persons, the pedigree of each family, and its part of the table.
    #[arg(long, value_name = "DIR")]
    svg: Option<PathBuf>,
}

/// Where mutation takes part.
#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Use {
    /// In all families.
    Everywhere,
    /// Where relatives contradict each other without it.
    WhereNeeded,
}

/// The most assignments that are listed.
const MAX_TOP: usize = 100_000;

/// The most missing persons of one sheet of the drawn table.
const SHEET: usize = 40;

/// What was found.
struct Found {
    pairs: PairTable,
    joint: Joint,
    best: Vec<Assignment>,
    marginals: Vec<Vec<f64>>,
    solution: Solution,
}

impl Dvi {
    /// Works the case out.
    pub(crate) fn run(self, console: &Console) -> anyhow::Result<()> {
        let here = || format!("cannot work out {}", self.case.display());
        let opened = open(&self.case, Part::Victims)?;
        let case = opened.file.dvi(opened.table.as_ref()).with_context(here)?;
        let until = Instant::now() + Duration::from_secs(self.limit_s);
        let proceed = || Instant::now() < until;
        let limits = JointLimits { max_exclusions: self.max_exclusions, ..JointLimits::default() };
        let mutation = match self.mutation {
            Use::Everywhere => MutationUse::Everywhere,
            Use::WhereNeeded => MutationUse::WhereRelativesNeedIt,
        };
        let pairs = pair_table(&case, mutation, &proceed).with_context(here)?;
        let joint = Joint::new(&case, &pairs, limits, &proceed).with_context(here)?;
        let rules = SolveRules { threshold: self.threshold, probable: (self.threshold / 10.0).max(1.0), limits };
        let solution = solve(&case, rules, &proceed).with_context(here)?;
        let found =
            Found { best: joint.best(self.top.min(MAX_TOP)), marginals: joint.marginals(), pairs, joint, solution };
        if let Some(folder) = &self.svg {
            draw(folder, &case, &found, limits)?;
        }
        console.answer(&in_json(&opened, &case, &found), report(&opened, &case, &found));
        Ok(())
    }
}

/// The table in sheets that can be read, then each family: its pedigree and its part of the table.
fn draw(folder: &Path, case: &DviCase, found: &Found, limits: JointLimits) -> anyhow::Result<()> {
    let pedigrees: Vec<_> = case
        .families()
        .iter()
        .map(|f| {
            let typed = (0..f.pedigree.len()).map(|p| f.genotypes.iter().any(|of| of[p].is_some())).collect();
            let missing = (0..f.pedigree.len()).map(|p| f.missing.contains(&p)).collect();
            (f.name.as_str(), &f.pedigree, typed, missing)
        })
        .collect();
    draw_into(folder, &pedigrees)?;
    let Found { pairs, marginals, solution, .. } = found;
    let picture = DviPicture { case, pairs, marginals, solution, limits };
    let all: Vec<usize> = (0..case.number_missing()).collect();
    let sheets = all.len().div_ceil(SHEET);
    for (number, missing) in (1..).zip(all.chunks(SHEET)) {
        let (title, name) = match sheets {
            1 => ("Victims and missing persons".to_owned(), "table".to_owned()),
            _ => (format!("Victims and missing persons, sheet {number} of {sheets}"), format!("table-{number}")),
        };
        put_svg(folder, &name, &picture.sheet(&title, missing))?;
    }
    for (f, family) in case.families().iter().enumerate() {
        let missing: Vec<usize> = all.iter().copied().filter(|m| case.family_of(*m) == f).collect();
        let svg = picture.sheet(&format!("Victims and the missing of family {}", family.name), &missing);
        put_svg(folder, &format!("{}-{}-table", f + 1, plain(&family.name)), &svg)?;
    }
    Ok(())
}

fn word(conclusion: Conclusion) -> &'static str {
    match conclusion {
        Conclusion::Undisputed => "undisputed",
        Conclusion::MatchByJoint => "match by joint assignment",
        Conclusion::SymmetricMatch => "match of a group of alike",
        Conclusion::Probable => "probable",
        Conclusion::Disputed => "disputed",
        Conclusion::Inconclusive => "inconclusive",
        Conclusion::NoMatch => "no match",
        Conclusion::Excluded => "excluded",
    }
}

fn in_json(opened: &Opened, case: &DviCase, found: &Found) -> Value {
    let missing: Vec<&str> = (0..case.number_missing()).map(|m| case.missing_id(m)).collect();
    let victims: Vec<&str> = case.victims().iter().map(|v| v.id.as_str()).collect();
    let assignment = |of: &Assignment| {
        let who: Map<String, Value> =
            victims.iter().zip(&of.victims).map(|(v, m)| ((*v).to_owned(), json!(m.map(|m| missing[m])))).collect();
        json!({
            "victims": who,
            "log10_lr": log10_json(of.ln_lr),
            "log10_lr_without_references": log10_json(of.ln_lr_without_references),
            "posterior": of.posterior,
        })
    };
    let proposal = |id: &str, f: &Finding, others: &[&str]| {
        json!({
            "id": id,
            "proposed": f.others.iter().map(|o| others[*o]).collect::<Vec<_>>(),
            "log10_lr": f.ln_lr.map_or(Value::Null, log10_json),
            "log10_glr": f.ln_glr.map_or(Value::Null, log10_json),
            "conclusion": word(f.conclusion),
            "step": f.step,
            "exclusions": f.exclusions,
        })
    };
    let pairs: Vec<Vec<Value>> = found
        .pairs
        .ln_lr
        .iter()
        .map(|row| row.iter().map(|ln| ln.map_or(Value::Null, |ln| json!(ln.exp()))).collect())
        .collect();
    json!({
        "assignments": found.best.iter().map(assignment).collect::<Vec<_>>(),
        "theta": case.theta(),
        "linked": linkage_json(case.markers(), case.linkage()),
        "number_of_assignments": found.joint.number(),
        "log10_likelihood_of_nobody": log10_json(found.pairs.ln_null),
        "pairs": { "rows": victims, "cols": missing, "lr": pairs, "exclusions": found.pairs.exclusions },
        "marginals": { "rows": victims, "cols": missing.iter().copied().chain(["nobody"]).collect::<Vec<_>>(), "values": found.marginals },
        "missing": found.solution.missing.iter().enumerate().map(|(m, f)| proposal(missing[m], f, &victims)).collect::<Vec<_>>(),
        "victims": found.solution.victims.iter().enumerate().map(|(v, f)| proposal(victims[v], f, &missing)).collect::<Vec<_>>(),
        "version": env!("CARGO_PKG_VERSION"),
        "inputs": inputs_json(&opened.inputs),
    })
}

fn report(opened: &Opened, case: &DviCase, found: &Found) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail, here and below.
    let _ = writeln!(text, "Identification of victims: proposals for two experts, who decide\n{}", opened.file.title);
    let _ = writeln!(
        text,
        "\n{} victims, {} missing persons of {} families, {} markers taken as independent{}, theta {}",
        case.victims().len(),
        case.number_missing(),
        case.families().len(),
        case.markers().len(),
        if case.linkage().is_none() { "" } else { " but for those below" },
        case.theta()
    );
    for line in linkage_in_words(case.markers(), case.linkage()).chain(mutation_in_words(&opened.file, case.markers()))
    {
        let _ = writeln!(text, "  {line}");
    }
    let _ = writeln!(text, "\nMissing persons");
    for (m, finding) in found.solution.missing.iter().enumerate() {
        let names: Vec<&str> = finding.others.iter().map(|v| case.victims()[*v].id.as_str()).collect();
        let family = &case.families()[case.family_of(m)].name;
        let _ = writeln!(text, "  {:<14} {family:<10} {}", case.missing_id(m), in_words(finding, &names));
    }
    let _ = writeln!(text, "\nVictims");
    for (v, finding) in found.solution.victims.iter().enumerate() {
        let names: Vec<&str> = finding.others.iter().map(|m| case.missing_id(*m)).collect();
        let _ = writeln!(text, "  {:<14} {}", case.victims()[v].id, in_words(finding, &names));
    }
    let _ = writeln!(
        text,
        "\nThe most probable of {} assignments, each as likely beforehand (likelihood ratio against: no victim is anybody missing)",
        found.joint.number()
    );
    for of in found.best.iter().take(10) {
        let who: Vec<String> = of
            .victims
            .iter()
            .enumerate()
            .map(|(v, m)| format!("{}={}", case.victims()[v].id, m.map_or("nobody", |m| case.missing_id(m))))
            .collect();
        let _ = writeln!(text, "  {:.6}  {:>10}  {}", of.posterior, ratio(of.ln_lr), who.join(" "));
    }
    let _ = write!(text, "\n{}", provenance(&opened.inputs));
    text
}

fn in_words(finding: &Finding, names: &[&str]) -> String {
    let mut text = word(finding.conclusion).to_owned();
    if !names.is_empty() {
        let _ = write!(text, ": {}", names.join(" / "));
    }
    for (what, ln) in [("LR", finding.ln_lr), ("GLR", finding.ln_glr)] {
        if let Some(ln) = ln {
            let _ = write!(text, ", {what} {}", ratio(ln));
        }
    }
    match (finding.conclusion, finding.exclusions) {
        (Conclusion::Excluded, Some(n)) => {
            let _ = write!(text, ", {n} excluding markers or more");
        }
        (Conclusion::Excluded, None) => text.push_str(", no pair of fitting sex"),
        _ => {}
    }
    text
}
