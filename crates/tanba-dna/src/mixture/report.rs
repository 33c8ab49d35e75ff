//! A case computed, and told so that a court can read it.

use std::fmt::Write as _;

use super::{
    ConservativeRatio, Contributor, Fit, Hypothesis, Kin, Likelihood, LikelihoodRatio, MixtureCase, MixtureError,
    ModelCheck, NonContributors, OwnSettings, Parameters, Relative,
};
use crate::Relation;

/// Everything that was computed of a case.
#[derive(Debug, Clone)]
pub struct Findings {
    /// Fits of the two hypotheses; `None` where the hypothesis cannot explain the evidence at all.
    pub fits: [Option<Fit>; 2],
    /// The ratio; minus infinity where the first hypothesis is impossible.
    pub ratio: Option<LikelihoodRatio>,
    /// The conservative ratio, if asked for and both hypotheses are possible.
    pub conservative: Option<ConservativeRatio>,
    /// How well the model fits under each hypothesis.
    pub checks: [Option<ModelCheck>; 2],
    /// Random people, if asked for.
    pub non_contributors: Option<NonContributors>,
}

impl Findings {
    /// Computes a case.
    ///
    /// # Errors
    /// [`MixtureError`]; [`MixtureError::Impossible`] only where neither hypothesis explains the evidence.
    pub fn of(case: &MixtureCase) -> Result<Self, MixtureError> {
        let [first, second] = &case.hypotheses;
        let (first, second) = (Likelihood::new(&case.evidence, first)?, Likelihood::new(&case.evidence, second)?);
        let possible = |likelihood: &Likelihood| match likelihood.fit(&case.fit) {
            Ok(fit) => Ok(Some(fit)),
            Err(MixtureError::Impossible { .. }) => Ok(None),
            Err(error) => Err(error),
        };
        let fits = [possible(&first)?, possible(&second)?];
        if fits.iter().all(Option::is_none) {
            // Said once more, with the marker.
            second.fit(&case.fit)?;
        }
        let (mut ratio, mut conservative) = (None, None);
        if let [Some(a), Some(b)] = &fits {
            ratio = Some(LikelihoodRatio::of(a, b));
            conservative = case
                .conservative
                .map(|sampling| ConservativeRatio::of((&first, a), (&second, b), &sampling))
                .transpose()?;
        }
        let check = |likelihood: &Likelihood, fit: &Option<Fit>| {
            fit.as_ref().map(|fit| likelihood.check(&fit.parameters)).transpose()
        };
        let checks = [check(&first, &fits[0])?, check(&second, &fits[1])?];
        let non_contributors = (case.non_contributors > 0)
            .then(|| NonContributors::test(&case.evidence, &case.question, case.non_contributors, &case.fit))
            .transpose()?;
        Ok(Self { fits, ratio, conservative, checks, non_contributors })
    }

    /// Base-10 logarithm of the likelihood ratio, infinite where one hypothesis is impossible.
    pub fn log10(&self) -> f64 {
        match (&self.ratio, &self.fits) {
            (Some(ratio), _) => ratio.log10,
            (None, [None, _]) => f64::NEG_INFINITY,
            (None, _) => f64::INFINITY,
        }
    }
}

/// A hypothesis in words.
pub fn in_words(case: &MixtureCase, hypothesis: &Hypothesis) -> String {
    let mut names: Vec<String> = hypothesis
        .contributors
        .iter()
        .filter_map(|contributor| match contributor {
            Contributor::Known(reference) => Some(case.evidence.references()[*reference].id.clone()),
            Contributor::Unknown => None,
        })
        .collect();
    for Kin { relation, to, .. } in &hypothesis.kin {
        names.push(match to {
            Relative::Reference(of) => {
                format!("an unknown person who is {} of {}", related(*relation), case.evidence.references()[*of].id)
            }
            Relative::Unknown(_) => format!("two unknown people, one of them {} of the other", related(*relation)),
        });
    }
    let others = (0..hypothesis.contributors.len()).filter(|place| hypothesis.is_anybody(*place)).count();
    match others {
        0 => {}
        1 => names.push("one unknown person who is not related to anyone named".to_owned()),
        n => names.push(format!("{n} unknown people who are related neither to each other nor to anyone named")),
    }
    format!("the stain comes from {}", names.join(", "))
}

/// What somebody of this relation is of the other.
fn related(relation: Relation) -> &'static str {
    match relation {
        Relation::Same => "an identical twin",
        Relation::ParentChild => "a parent or child",
        Relation::FullSiblings => "a full sibling",
        Relation::HalfSiblings => "a half sibling",
        Relation::Grandparent => "a grandparent or grandchild",
        Relation::Avuncular => "an uncle, aunt, nephew or niece",
        Relation::FirstCousins => "a first cousin",
        Relation::SecondCousins => "a second cousin",
    }
}

/// Words for a likelihood ratio ([`crate::verbal_support`]).
pub fn verbal(log10: f64) -> String {
    let Some(support) = crate::verbal_support(log10) else {
        return "no support for one proposition over the other".to_owned();
    };
    let (first, second) = if log10 > 0.0 { ("first", "second") } else { ("second", "first") };
    format!("{support} for the {first} proposition over the {second}")
}

/// The report. `origin` are lines on the program and the files, with versions and hashes.
pub fn report(case: &MixtureCase, findings: &Findings, origin: &[String]) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(out, "MIXTURE: {}", if case.title.is_empty() { "without a title" } else { &case.title });
    for line in origin {
        let _ = writeln!(out, "{line}");
    }
    let _ = writeln!(out, "\nPropositions");
    for (name, hypothesis) in ["First ", "Second"].iter().zip(&case.hypotheses) {
        let _ = writeln!(out, "  {name}: {}", in_words(case, hypothesis));
    }
    let settings = case.evidence.settings();
    let yes = |used| if used { "yes" } else { "no" };
    let _ = writeln!(
        out,
        "\nModel: gamma distribution of peak heights (Cowell et al. 2015; Bleka, Storvik and Gill 2016)\n  degradation {}, back stutter {}, forward stutter {}, stutter of two repeats {}, a height for each replicate {}, theta {} (Balding and Nichols 1994)\n  drop-in {} a marker and replicate, heights above the threshold at rate {} per RFU\n  allele frequencies: {}; alleles that are not in the table: {:.6}\n  replicates: {}; markers: {}",
        yes(settings.degradation),
        yes(settings.back_stutter),
        yes(settings.forward_stutter),
        yes(settings.double_back_stutter),
        yes(settings.height_by_replicate),
        settings.theta,
        settings.drop_in,
        settings.drop_in_rate,
        case.population,
        case.evidence.minimum,
        case.replicates.join(", "),
        case.evidence.markers().len()
    );
    for marker in case.evidence.markers().iter().filter(|marker| marker.own != OwnSettings::default()) {
        let own = settings.at(marker);
        let _ = writeln!(
            out,
            "  {}: theta {}, drop-in {}, heights at rate {}, as the case says",
            marker.marker, own.theta, own.drop_in, own.drop_in_rate
        );
    }
    for (name, (fit, check)) in ["first", "second"].iter().zip(findings.fits.iter().zip(&findings.checks)) {
        match fit {
            None => {
                let _ = writeln!(
                    out,
                    "\nUnder the {name} proposition the evidence is impossible, whatever the parameters."
                );
            }
            Some(fit) => {
                let _ = writeln!(
                    out,
                    "\nUnder the {name} proposition (maximum likelihood)\n  {}",
                    parameters(&fit.parameters)
                );
                let _ = writeln!(
                    out,
                    "  ln likelihood {:.4}; {} of {} starts reached it",
                    fit.ln_likelihood,
                    fit.agreeing,
                    fit.ends.len()
                );
                if let Some(warning) = fit.warning() {
                    let _ = writeln!(out, "  WARNING: {warning}");
                }
                if let Some(check) = check {
                    let _ = writeln!(
                        out,
                        "  model check: {} peaks, distance from uniform {:.3} (p = {:.3}), {} outliers",
                        check.peaks.len(),
                        check.distance,
                        check.p_value,
                        check.outliers
                    );
                }
            }
        }
    }
    if let Some(ratio) = &findings.ratio {
        let _ = writeln!(out, "\n  marker        log10 LR");
        for (marker, log10) in &ratio.markers {
            let _ = writeln!(out, "  {:12} {log10:9.4}", marker.as_str());
        }
    }
    let log10 = findings.log10();
    let _ = writeln!(out, "\nLikelihood ratio: 10^{log10:.4}");
    let _ = writeln!(
        out,
        "  The evidence is {} times as probable if the first proposition is true as if the second is.",
        power(log10)
    );
    let _ = writeln!(
        out,
        "  In words: {} (ENFSI Guideline for Evaluative Reporting in Forensic Science, 2015).\n  This is no probability that a proposition is true.",
        verbal(log10)
    );
    if let Some(conservative) = &findings.conservative {
        let _ = writeln!(
            out,
            "Conservative likelihood ratio ({} % quantile over the uncertainty of the parameters): 10^{:.4}\n  median 10^{:.4}; effective draws {:.0} and {:.0}, proposals taken {:.2} and {:.2}",
            100.0 * conservative.quantile,
            conservative.log10,
            conservative.log10_median,
            conservative.effective[0],
            conservative.effective[1],
            conservative.accepted[0],
            conservative.accepted[1]
        );
        if let Some(warning) = conservative.warning() {
            let _ = writeln!(out, "  WARNING: {warning}");
        }
    }
    if let Some(others) = &findings.non_contributors {
        let _ = writeln!(
            out,
            "{} random people in the place of the person of interest: largest 10^{:.2}, median 10^{:.2}; above 1: {}; above this ratio: {}",
            others.log10.len(),
            others.max(),
            others.quantile(0.5),
            others.above_one(),
            others.log10.iter().filter(|other| **other >= log10).count()
        );
    }
    if !case.notes.is_empty() {
        let _ = writeln!(out, "\nNotes");
        for note in &case.notes {
            let _ = writeln!(out, "  {note}");
        }
    }
    out
}

fn parameters(p: &Parameters) -> String {
    let factors: Vec<String> = p.replicate_factors.iter().map(|factor| format!("{factor:.3}")).collect();
    let replicates = match factors[..] {
        [] => String::new(),
        _ => format!(" (times {} in the replicates after the first)", factors.join(", ")),
    };
    let shares: Vec<String> = p.proportions.iter().map(|share| format!("{share:.4}")).collect();
    format!(
        "proportions {}; expected height {:.1} RFU{replicates}, variation {:.4}; degradation {:.4}; back stutter {:.4}, forward stutter {:.4}, of two repeats {:.4}",
        shares.join(", "),
        p.mu,
        p.omega,
        p.beta,
        p.back_stutter,
        p.forward_stutter,
        p.double_back_stutter
    )
}

/// A ratio as people write it.
fn power(log10: f64) -> String {
    match log10 {
        l if l == f64::NEG_INFINITY => "0".to_owned(),
        l if l == f64::INFINITY => "infinitely many".to_owned(),
        l if l.abs() < 4.0 => format!("{:.3}", 10_f64.powf(l)),
        l => format!("{:.2} x 10^{}", 10_f64.powf(l - l.floor()), l.floor()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_follow_the_scale() {
        for (ratio, words) in [
            (1.5_f64, "no support"),
            (5.0, "weak support for the first"),
            (0.05, "moderate support for the second"),
            (500.0, "moderately strong"),
            (2e5, "very strong"),
            (1e9, "extremely strong"),
        ] {
            assert!(verbal(ratio.log10()).starts_with(words), "{ratio}: {}", verbal(ratio.log10()));
        }
    }
}
