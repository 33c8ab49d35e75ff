//! `tanba dna mixture`: a case file computed, with its report and pictures.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, bail};
use clap::Args;
use figment::Figment;
use figment::providers::{Format, Toml};
use serde_json::{Value, json};
use tanba_dna::mixture::report::{Findings, in_words, report, verbal};
use tanba_dna::mixture::{Fit, Likelihood, MixtureCase, electropherogram, model_check_plot};

use crate::console::Console;
use crate::input::read_file;

/// The longest case file or table, bytes.
const MAX_CASE: usize = 16 << 20;

/// Options of `tanba dna mixture`.
#[derive(Args)]
pub(crate) struct Mixture {
    /// Case file (JSON or TOML; docs/dna/mixture.schema.json).
    case: PathBuf,
    /// Folder for the report, the electropherogram and the model checks.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Also list the most probable genotypes of each unknown contributor.
    #[arg(long)]
    deconvolve: bool,
}

impl Mixture {
    /// Computes the case.
    pub(crate) fn run(self, console: &Console) -> anyhow::Result<()> {
        let started = Instant::now();
        let failed = || format!("cannot compute the mixture {}", self.case.display());
        let hashes = RefCell::new(Vec::new());
        let folder = self.case.parent().unwrap_or(Path::new("."));
        let mut open = |name: &str| read_named(folder, name, &hashes).map_err(|error| format!("{error:#}"));
        let document = document(&self.case, &hashes).with_context(failed)?;
        let case = MixtureCase::read(&document, &mut open).with_context(failed)?;
        let findings = Findings::of(&case).with_context(failed)?;
        let seconds = started.elapsed().as_secs_f64();

        let mut origin = vec![format!("Computed by tanba {}", env!("CARGO_PKG_VERSION"))];
        let files = hashes.into_inner();
        origin.extend(files.iter().map(|(name, hash)| format!("{name}: SHA-256 {hash}")));
        let mut text = report(&case, &findings, &origin);
        let genotypes = if self.deconvolve { deconvolution(&case, &findings, &mut text)? } else { Value::Null };
        if let Some(out) = &self.out {
            write(out, &case, &findings, &text)?;
        }
        console.answer(
            &json!({
                "log10_lr": finite(findings.log10()),
                "verbal": verbal(findings.log10()),
                "markers": findings.ratio.as_ref().map(|ratio| {
                    ratio.markers.iter().map(|(marker, log10)| json!({ "marker": marker.as_str(), "log10_lr": log10 })).collect::<Vec<_>>()
                }),
                "hypotheses": case.hypotheses.iter().zip(&findings.fits).map(|(hypothesis, fit)| {
                    json!({ "words": in_words(&case, hypothesis), "fit": fit.as_ref().map(fitted) })
                }).collect::<Vec<_>>(),
                "conservative_log10_lr": findings.conservative.map(|conservative| conservative.log10),
                "conservative": findings.conservative.map(|conservative| json!({
                    "quantile": conservative.quantile,
                    "log10_lr": conservative.log10,
                    "median_log10_lr": conservative.log10_median,
                    "effective_draws": conservative.effective,
                    "proposals_taken": conservative.accepted,
                    "warning": conservative.warning(),
                })),
                "model_check_p": findings.checks.iter().map(|check| check.as_ref().map(|check| check.p_value)).collect::<Vec<_>>(),
                "non_contributors": findings.non_contributors.as_ref().map(|others| json!({
                    "people": others.log10.len(),
                    "above_one": others.above_one(),
                    "max_log10_lr": finite(others.max()),
                })),
                "genotypes": genotypes,
                "files": super::case::inputs_json(&files),
                "notes": case.notes,
                "seconds": seconds,
            }),
            text.trim_end(),
        );
        Ok(())
    }
}

fn fitted(fit: &Fit) -> Value {
    json!({
        "ln_likelihood": fit.ln_likelihood,
        "parameters": fit.parameters,
        "markers": fit.markers.iter().map(|(marker, ln)| json!({ "marker": marker.as_str(), "ln_likelihood": ln })).collect::<Vec<_>>(),
        "starts": fit.ends.len(),
        "agreeing": fit.agreeing,
        "converged": fit.converged,
        "warning": fit.warning(),
    })
}

/// JSON has no infinity: `null` is the logarithm of 0.
fn finite(log10: f64) -> Option<f64> {
    log10.is_finite().then_some(log10)
}

type Hashes = RefCell<Vec<(String, String)>>;

fn noted(name: String, bytes: Vec<u8>, hashes: &Hashes) -> anyhow::Result<Vec<u8>> {
    if bytes.len() > MAX_CASE {
        bail!("{name} has more than {} MB: give the rows of this case only", MAX_CASE >> 20);
    }
    let mut hashes = hashes.borrow_mut();
    if !hashes.iter().any(|(known, _)| *known == name) {
        hashes.push((name, super::case::sha256(&bytes)));
    }
    Ok(bytes)
}

fn read_named(folder: &Path, name: &str, hashes: &Hashes) -> anyhow::Result<Vec<u8>> {
    noted(name.to_owned(), read_file(&folder.join(name))?, hashes)
}

fn document(path: &Path, hashes: &Hashes) -> anyhow::Result<Value> {
    let bytes = noted(path.display().to_string(), read_file(path)?, hashes)?;
    let text = str::from_utf8(&bytes).context("it is not text")?;
    if path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("toml")) {
        return Figment::from(Toml::string(text)).extract().context("it is not TOML");
    }
    serde_json::from_str(text).context("it is not JSON (a TOML case ends in .toml)")
}

/// The most probable genotypes of the unknown contributors, under the first proposition.
fn deconvolution(case: &MixtureCase, findings: &Findings, text: &mut String) -> anyhow::Result<Value> {
    const SHOWN: usize = 5;
    let (hypothesis, fit) = match &findings.fits {
        [Some(fit), _] if case.hypotheses[0].unknowns() > 0 => (&case.hypotheses[0], fit),
        [_, Some(fit)] => (&case.hypotheses[1], fit),
        _ => return Ok(Value::Null),
    };
    let all = Likelihood::new(&case.evidence, hypothesis)?.deconvolve(&fit.parameters)?;
    *text += &format!("\nMost probable genotypes of the unknown if {}\n", in_words(case, hypothesis));
    let mut rows = Vec::new();
    for one in &all {
        let shown: Vec<(String, f64)> = one
            .genotypes
            .iter()
            .take(SHOWN)
            .map(|g| (g.alleles.map(|a| a.map_or("other".to_owned(), |a| a.to_string())).join("/"), g.probability))
            .collect();
        let list: Vec<String> = shown.iter().map(|(name, p)| format!("{name} {p:.3}")).collect();
        *text += &format!("  contributor {}, {:10} {}\n", one.contributor + 1, one.marker.as_str(), list.join("  "));
        rows.push(json!({
            "contributor": one.contributor + 1,
            "marker": one.marker.as_str(),
            "genotypes": shown.iter().map(|(name, p)| json!({ "alleles": name, "probability": p })).collect::<Vec<_>>(),
        }));
    }
    Ok(Value::from(rows))
}

fn write(out: &Path, case: &MixtureCase, findings: &Findings, text: &str) -> anyhow::Result<()> {
    std::fs::create_dir_all(out).with_context(|| format!("cannot make the folder {}", out.display()))?;
    let put = |name: &str, content: &str| {
        let path = out.join(name);
        std::fs::write(&path, content).with_context(|| format!("cannot write {}", path.display()))
    };
    put("report.txt", text)?;
    let shown = case.hypotheses.iter().zip(&findings.fits).find_map(|(h, fit)| Some((h, fit.as_ref()?)));
    if let Some((hypothesis, fit)) = shown {
        let expected = Likelihood::new(&case.evidence, hypothesis)?.expected_heights(&fit.parameters)?;
        put("electropherogram.svg", &electropherogram(case, &expected))?;
    }
    for (name, check) in ["first", "second"].iter().zip(&findings.checks) {
        if let Some(check) = check {
            put(&format!("check-{name}.svg"), &model_check_plot(&format!("Model check, {name} proposition"), check))?;
        }
    }
    Ok(())
}
