//! Pedigrees, markers and genotypes as files of cases write them.

use anyhow::{Context, bail};
use serde_json::Value;
use tanba_dna::kinship::{AllelePair, Inheritance, Marker, MutationModel, Pedigree, Person, Sex};

/// The names of a list.
pub(super) fn texts(value: &Value, what: &str) -> anyhow::Result<Vec<String>> {
    let list = value.as_array().with_context(|| format!("{what}: a list is expected"))?;
    list.iter().map(|v| v.as_str().map(str::to_owned).with_context(|| format!("{what}: a text is expected"))).collect()
}

/// The numbers of a list.
pub(super) fn numbers(value: &Value, what: &str) -> anyhow::Result<Vec<f64>> {
    let list = value.as_array().with_context(|| format!("{what}: a list is expected"))?;
    list.iter().map(|v| v.as_f64().with_context(|| format!("{what}: a number is expected"))).collect()
}

fn sex(value: &Value) -> Sex {
    match value.as_u64() {
        Some(1) => Sex::Male,
        Some(2) => Sex::Female,
        _ => Sex::Unknown,
    }
}

/// The sex of a person by id, in a table of numbers.
pub(super) fn sex_of(table: &Value, id: &str) -> Sex {
    sex(&table[id])
}

/// Lists `id`, `fid`, `mid`, `sex`; a parent `0` is none.
pub(super) fn pedigree(of: &Value) -> anyhow::Result<Pedigree> {
    let (ids, fathers, mothers) = (texts(&of["id"], "id")?, texts(&of["fid"], "fid")?, texts(&of["mid"], "mid")?);
    if fathers.len() != ids.len() || mothers.len() != ids.len() {
        bail!("a pedigree has lists of different length");
    }
    let parent = |id: &String| (id != "0").then(|| id.clone());
    let persons: Vec<Person> = (0..ids.len())
        .map(|i| Person {
            id: ids[i].clone(),
            father: parent(&fathers[i]),
            mother: parent(&mothers[i]),
            sex: sex(&of["sex"][i]),
        })
        .collect();
    Ok(Pedigree::new(&persons, &[])?)
}

/// A mutation model for one sex. Settings may stand under the sex, or be given for each sex by themselves.
fn model(of: &Value, sex: &str) -> anyhow::Result<MutationModel> {
    let of = if of[sex].is_object() { &of[sex] } else { of };
    let setting = |key: &str| if of[key].is_object() && key != "matrix" { &of[key][sex] } else { &of[key] };
    let number = |key: &str| setting(key).as_f64().unwrap_or(0.0);
    let matrix = if of["matrix"][sex].is_array() { &of["matrix"][sex] } else { &of["matrix"] };
    Ok(match setting("model").as_str().or(of["name"].as_str()).unwrap_or("none") {
        "none" | "trivial" => MutationModel::None,
        "equal" => MutationModel::Equal { rate: number("rate") },
        "proportional" => MutationModel::Proportional { rate: number("rate") },
        "stepwise" => MutationModel::Stepwise { rate: number("rate"), rate2: number("rate2"), range: number("range") },
        "onestep" => MutationModel::OneStep { rate: number("rate") },
        _ if matrix.is_array() => {
            let rows = matrix.as_array().context("a matrix is a list of rows")?;
            let rows = rows.iter().map(|row| numbers(row, "matrix")).collect::<anyhow::Result<Vec<_>>>()?;
            MutationModel::Custom { matrix: rows.concat() }
        }
        other => bail!("the mutation model {other:?} is not known"),
    })
}

/// The models of fathers and mothers.
pub(super) fn models(of: &Value) -> anyhow::Result<[MutationModel; 2]> {
    Ok([model(of, "male")?, model(of, "female")?])
}

/// A marker of lists `alleles` and `freqs`.
pub(super) fn marker(name: &str, of: &Value, mutation: &Value) -> anyhow::Result<Marker> {
    let [male, female] = models(mutation)?;
    let marker = Marker::new(name, texts(&of["alleles"], name)?, numbers(&of["freqs"], name)?)?;
    let marker = marker.with_mutation(&male, &female)?;
    let x = of["chrom"].as_str().is_some_and(|c| matches!(c, "X" | "x" | "23")) || of["chrom"] == 23;
    Ok(if x { marker.on(Inheritance::X) } else { marker })
}

/// A genotype; nothing where it is null, or an allele is.
pub(super) fn genotype(marker: &Marker, of: &Value) -> anyhow::Result<Option<AllelePair>> {
    let Some(alleles) = of.as_array().filter(|of| !of.is_empty()) else { return Ok(None) };
    if alleles.iter().any(|allele| allele.is_null() || allele == "0") {
        return Ok(None);
    }
    let text = |at: usize| alleles[at].as_str().with_context(|| format!("{}: an allele is no text", marker.name()));
    Ok(Some(marker.pair(text(0)?, text(alleles.len() - 1)?)?))
}
