//! Cases with known answers, of format `dna-vectors/1` and kind `mixture_continuous`: how they become evidence and hypotheses.
//!
//! What such a case fixes beyond the model: alleles that a person has and nobody saw belong to the rest; the fragment lengths are
//! those of the case itself, where it lists them.

use std::collections::BTreeMap;

use serde_json::Value;
use tanba_formats::genetic::MarkerName;

use super::evidence::fragment_size;
use super::{
    Contributor, Evidence, Hypothesis, MarkerEvidence, MixtureError, OwnSettings, Parameters, Peak, Reference, Settings,
};
use crate::Allele;

/// Which of the two hypotheses of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The person of interest contributed.
    Prosecution,
    /// An unknown contributed instead.
    Defence,
}

impl Side {
    /// The name of its answers in the file.
    pub fn key(self) -> &'static str {
        match self {
            Self::Prosecution => "Hp",
            Self::Defence => "Hd",
        }
    }
}

fn bad(at: &str, reason: &str) -> MixtureError {
    MixtureError::BadCase { at: at.to_owned(), reason: reason.to_owned() }
}

fn number(case: &Value, at: &str) -> Result<f64, MixtureError> {
    case[at].as_f64().ok_or_else(|| bad(at, "a number is expected"))
}

/// A setting that is one number for all markers, or an object with one for each: that of a marker, where it has its own.
fn own(case: &Value, at: &str, marker: &str) -> Result<Option<f64>, MixtureError> {
    match case[at].as_object() {
        None => number(case, at).map(|_| None),
        Some(own) => own.get(marker).and_then(Value::as_f64).map(Some).ok_or_else(|| bad(at, "a marker has no number")),
    }
}

/// What all markers have; `usual` where each has its own.
fn shared(case: &Value, at: &str, usual: f64) -> Result<f64, MixtureError> {
    if case[at].is_object() { Ok(usual) } else { number(case, at) }
}

fn flag(case: &Value, at: &str) -> Result<bool, MixtureError> {
    case[at].as_bool().ok_or_else(|| bad(at, "true or false is expected"))
}

fn object<'a>(value: &'a Value, at: &str) -> Result<&'a serde_json::Map<String, Value>, MixtureError> {
    value.as_object().ok_or_else(|| bad(at, "an object is expected"))
}

fn alleles(value: &Value, at: &str) -> Result<Vec<Allele>, MixtureError> {
    let list = value.as_array().ok_or_else(|| bad(at, "a list of alleles is expected"))?;
    let read =
        |allele: &Value| allele.as_str().and_then(Allele::parse).ok_or_else(|| bad(at, "an allele cannot be read"));
    list.iter().map(read).collect()
}

/// The evidence of a case. `kits` are those of the file.
///
/// # Errors
/// [`MixtureError::BadCase`] with the field, and everything that [`Evidence::new`] refuses.
pub fn evidence(case: &Value, kits: &Value) -> Result<Evidence, MixtureError> {
    let usual = Settings::default();
    let settings = Settings {
        degradation: flag(case, "degradation")?,
        back_stutter: flag(case, "back_stutter")?,
        forward_stutter: flag(case, "forward_stutter")?,
        double_back_stutter: false,
        height_by_replicate: false,
        theta: shared(case, "fst", usual.theta)?,
        drop_in: shared(case, "drop_in_prob", usual.drop_in)?,
        drop_in_rate: shared(case, "drop_in_lambda", usual.drop_in_rate)?,
        minimum_frequency: None,
    };
    let samples = object(&case["samples"], "samples")?;
    let sizes = fragment_sizes(case, kits)?;
    let mut markers = Vec::new();
    for (name, table) in object(&case["pop_freqs"], "pop_freqs")? {
        let mut replicates: Vec<Option<Vec<Peak>>> = Vec::new();
        for sample in samples.values() {
            let Some(peaks) = sample.get(name) else {
                replicates.push(None);
                continue;
            };
            let designations = alleles(&peaks["adata"], name)?;
            let heights = peaks["hdata"].as_array().ok_or_else(|| bad(name, "a list of heights is expected"))?;
            if designations.len() != heights.len() {
                return Err(bad(name, "there are not as many heights as alleles"));
            }
            let peak = |(allele, height): (&Allele, &Value)| {
                let height = height.as_f64().ok_or_else(|| bad(name, "a height is no number"))?;
                Ok(Peak { allele: *allele, height })
            };
            replicates.push(Some(designations.iter().zip(heights).map(peak).collect::<Result<_, MixtureError>>()?));
        }
        if replicates.iter().all(Option::is_none) {
            continue;
        }
        let mut frequencies = BTreeMap::new();
        for (allele, frequency) in object(table, name)? {
            let allele = Allele::parse(allele).ok_or_else(|| bad(name, "an allele of the table cannot be read"))?;
            frequencies.insert(allele, frequency.as_f64().ok_or_else(|| bad(name, "a frequency is no number"))?);
        }
        let threshold = own(case, "AT", name)?.map_or_else(|| number(case, "AT"), Ok)?;
        let own = OwnSettings {
            theta: own(case, "fst", name)?,
            drop_in: own(case, "drop_in_prob", name)?,
            drop_in_rate: own(case, "drop_in_lambda", name)?,
        };
        let marker = MarkerName::of(name);
        let (mut sizes, rest_size) = sizes.get(&marker).cloned().unwrap_or_default();
        let repeat = marker.marker().and_then(|known| known.repeat).map(f64::from);
        for peak in replicates.iter().flatten().flatten() {
            if let Some(size) = fragment_size(peak.allele, &sizes, repeat) {
                sizes.insert(peak.allele, size);
            }
        }
        markers.push(MarkerEvidence { marker, replicates, threshold, frequencies, sizes, rest_size, own });
    }
    let mut references = Vec::new();
    for (id, typed) in object(&case["references"], "references")? {
        let mut genotypes = BTreeMap::new();
        for (name, pair) in object(typed, id)? {
            match alleles(&pair["adata"], name)?[..] {
                [] => continue,
                [a] => genotypes.insert(MarkerName::of(name), [a, a]),
                [a, b] => genotypes.insert(MarkerName::of(name), [a, b]),
                _ => return Err(bad(name, "a reference has more than two alleles")),
            };
        }
        references.push(Reference { id: id.clone(), genotypes });
    }
    Evidence::new(settings, markers, references)
}

type Sizes = (BTreeMap<Allele, f64>, Option<f64>);

/// Fragment lengths: those that the case lists, those of its kit otherwise; `99` is the rest, in a kit its longest fragment.
fn fragment_sizes(case: &Value, kits: &Value) -> Result<BTreeMap<MarkerName, Sizes>, MixtureError> {
    let mut all: BTreeMap<MarkerName, Sizes> = BTreeMap::new();
    let rows = case["kit"].as_str().and_then(|kit| kits[kit].as_array());
    for row in rows.into_iter().flatten() {
        let (Some(name), Some(size)) = (row["Marker"].as_str(), row["Size"].as_f64()) else {
            return Err(bad("kits", "a row has no marker or no size"));
        };
        let (sizes, rest) = all.entry(MarkerName::of(name)).or_default();
        *rest = Some(rest.map_or(size, |rest: f64| rest.max(size)));
        if let Some(allele) = row["Allele"].as_str().and_then(Allele::parse) {
            sizes.insert(allele, size);
        }
    }
    let listed = &case["basepairs"];
    let (Some(markers), Some(counts), Some(names), Some(places)) = (
        listed["markers"].as_array(),
        listed["nAlleles"].as_array(),
        listed["alleles"].as_array(),
        listed["basepair"].as_array(),
    ) else {
        return Ok(all);
    };
    let mut rows = names.iter().zip(places);
    for (marker, count) in markers.iter().zip(counts) {
        let (Some(marker), Some(count)) = (marker.as_str(), count.as_u64()) else {
            return Err(bad("basepairs", "a marker or a count cannot be read"));
        };
        let (sizes, rest) = all.entry(MarkerName::of(marker)).or_default();
        for (name, place) in rows.by_ref().take(usize::try_from(count).unwrap_or(0)) {
            let (Some(name), Some(place)) = (name.as_str(), place.as_f64()) else {
                return Err(bad("basepairs", "an allele or a size cannot be read"));
            };
            let size = 125.0 + 100.0 * place;
            match (name, Allele::parse(name)) {
                ("99", _) => *rest = Some(size),
                (_, Some(allele)) => drop(sizes.insert(allele, size)),
                _ => return Err(bad("basepairs", "an allele cannot be read")),
            }
        }
    }
    Ok(all)
}

/// One of the two hypotheses of a case: the place of each reference in `condOrder` (0: not a contributor), and `knownRef`.
///
/// # Errors
/// [`MixtureError::BadCase`] with the field.
pub fn hypothesis(case: &Value, side: Side) -> Result<Hypothesis, MixtureError> {
    let contributors = case["NOC"].as_u64().and_then(|n| usize::try_from(n).ok()).filter(|n| (1..=20).contains(n));
    let contributors = contributors.ok_or_else(|| bad("NOC", "a number of contributors is expected"))?;
    let answer = &case["expected"][side.key()];
    let numbers = |value: &Value| -> Vec<usize> {
        let one = |v: &Value| v.as_u64().and_then(|n| usize::try_from(n).ok());
        value.as_array().map_or_else(|| one(value).into_iter().collect(), |all| all.iter().filter_map(one).collect())
    };
    let mut places = vec![Contributor::Unknown; contributors];
    for (reference, place) in numbers(&answer["condOrder"]).into_iter().enumerate() {
        if place > 0 {
            *places.get_mut(place - 1).ok_or_else(|| bad("condOrder", "a place beyond the contributors"))? =
                Contributor::Known(reference);
        }
    }
    let typed_only = numbers(&answer["knownRef"]);
    if typed_only.contains(&0) {
        return Err(bad("knownRef", "references are counted from 1"));
    }
    Ok(Hypothesis {
        contributors: places,
        typed_only: typed_only.into_iter().map(|n| n - 1).collect(),
        kin: Vec::new(),
    })
}

/// Parameters in the order of `theta_hat_vec`: proportions, mu, omega, then beta and the stutter shares where they are modelled.
///
/// # Errors
/// [`MixtureError::BadCase`].
pub fn parameters(case: &Value, side: Side, settings: &Settings) -> Result<Parameters, MixtureError> {
    let list = case["expected"][side.key()]["theta_hat_vec"].as_array();
    let list: Option<Vec<f64>> = list.and_then(|list| list.iter().map(Value::as_f64).collect());
    let list = list.ok_or_else(|| bad("theta_hat_vec", "a list of numbers is expected"))?;
    let contributors = case["NOC"].as_u64().and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
    let short = || bad("theta_hat_vec", "it is too short");
    let proportions = list.get(..contributors).ok_or_else(short)?.to_vec();
    let mut rest = list.into_iter().skip(contributors);
    let mut next = |used: bool, otherwise: f64| if used { rest.next().ok_or_else(short) } else { Ok(otherwise) };
    Ok(Parameters {
        proportions,
        mu: next(true, 0.0)?,
        omega: next(true, 0.0)?,
        beta: next(settings.degradation, 1.0)?,
        back_stutter: next(settings.back_stutter, 0.0)?,
        forward_stutter: next(settings.forward_stutter, 0.0)?,
        double_back_stutter: 0.0,
        replicate_factors: Vec::new(),
    })
}
