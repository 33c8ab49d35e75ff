//! Families, mixtures and a disaster, as cases and truth.

use std::path::Path;

use serde::Serialize;
use serde_json::{Value, json};
use tanba_synth::genetics::{
    CASE_FORMAT, Disaster, Families, KIT_NAME, Laboratory, Stains, disaster_case, family_case, kit_rows, mixture_case,
    population_object,
};

use super::super::{Interrupt, numbered, write};
use super::stream::{Output, write_items};
use super::{Dna, Plan};
use crate::console::Console;

/// Genotypes in a chunk, over all its cases and their people: some megabyte of text.
const CHUNK: usize = 20_000;
/// The format of the truth.
const TRUTH_FORMAT: &str = "dna-truth/1";
/// Who made the cases.
const SOURCE: &str = "tanba synth dna: people who do not exist";

/// Writes families of the planned pedigree.
pub(super) fn write_families(
    plan: &Plan,
    laboratory: &Laboratory,
    dna: &Dna,
    count: u64,
    console: &Console,
    interrupt: &Interrupt,
) -> anyhow::Result<()> {
    let families = Families::new(&plan.pedigree, &plan.population, &plan.meiosis, dna.seed, "cases");
    let table = plan.population.table();
    let missing = !plan.pedigree.missing().is_empty();
    let head = json!({
        "format": CASE_FORMAT,
        "kind": if missing { "missing_person" } else { "pairwise_kinship" },
        "source": SOURCE,
        "conventions": {
            "H1": "the pedigree as it stands",
            "H2": if missing {
                "the profiles of the missing are of people unrelated to the family"
            } else {
                "member B (or else the last typed member) is unrelated to the others"
            },
            "theta": "coancestry of all founders of a case, who are of one subpopulation",
            "mutation": "rows = parent; to alleles of the table only",
            "linkage": "pairs of markers with their recombination fraction; no linkage disequilibrium",
        },
        "populations": { table.population(): population_object(table) },
    });
    let bar = console.progress(count, "having families");
    let outputs = pair(&dna.out, "families", &head)?;
    let chunk = chunk(plan.pedigree.members().len() * table.markers().len());
    write_items(&outputs, (count, chunk), &bar, interrupt, |k, buffers| {
        let id = format!("family-{}", numbered(k, count));
        append(family_case(id, &families, laboratory, dna.false_share, k), buffers)
    })?;
    bar.finish_and_clear();
    Ok(())
}

/// Writes mixtures.
pub(super) fn write_mixtures(
    stains: &Stains<'_>,
    count: u64,
    folder: &Path,
    console: &Console,
    interrupt: &Interrupt,
) -> anyhow::Result<()> {
    let head = json!({
        "format": CASE_FORMAT,
        "kind": "mixture_continuous",
        "source": SOURCE,
        "conventions": {
            "model": "gamma heights: shape = share * copies * beta^((bases - 125) / 100) / omega^2 after stutter, scale = mu omega^2",
            "stutter": "an allele keeps 1 - back - forward of its shape; one repeat below receives back, one above forward",
            "drop_in": "drop_in_prob a marker; height above AT exponential with rate drop_in_lambda",
            "kit": "illustrative lengths, of no product",
        },
        "kits": { KIT_NAME: kit_rows(stains.population().table()) },
    });
    let bar = console.progress(count, "leaving stains");
    // A case holds the frequencies too, as much as some ten people.
    let chunk = chunk(10 * stains.population().table().markers().len());
    write_items(&pair(folder, "mixtures", &head)?, (count, chunk), &bar, interrupt, |k, buffers| {
        append(mixture_case(format!("mixture-{}", numbered(k, count)), stains, k), buffers)
    })?;
    bar.finish_and_clear();
    Ok(())
}

/// Writes a disaster; how many families it has.
pub(super) fn write_remains(plan: &Plan, dna: &Dna, count: usize) -> anyhow::Result<usize> {
    let disaster = Disaster::new(&plan.population, &plan.meiosis, plan.peaks, dna.seed, count)?;
    let (case, truth) = disaster_case("disaster".to_owned(), &disaster, &plan.population, &plan.meiosis);
    let head = json!({
        "format": CASE_FORMAT,
        "kind": "dvi",
        "source": SOURCE,
        "conventions": {
            "pm": "a marker that could not be called is absent; a homozygote is called only above a stochastic threshold",
            "ids": "V remains, F families, M missing, R typed relatives, U others; all differ within a case",
            "theta": plan.population.theta(),
        },
    });
    for (output, list) in pair(&dna.out, "dvi", &head)?.into_iter().zip([json_bytes(&case)?, json_bytes(&truth)?]) {
        write(&output.path, &[&output.head[..], &list, output.tail].concat())?;
    }
    Ok(disaster.families.len())
}

/// Cases in a chunk where each has so many genotypes: a large pedigree must not fill the memory.
fn chunk(genotypes: usize) -> u64 {
    (CHUNK / genotypes.max(1)).max(1) as u64
}

/// The file of cases and the file of truth.
fn pair(folder: &Path, name: &str, head: &Value) -> anyhow::Result<[Output; 2]> {
    let list = if name == "dvi" { "datasets" } else { "cases" };
    let truth = json!({ "format": TRUTH_FORMAT, "kind": head["kind"] });
    Ok([
        Output::list(folder.join(format!("{name}.json")), head, list)?,
        Output::list(folder.join(format!("{name}-truth.json")), &truth, list)?,
    ])
}

fn append<A: Serialize, B: Serialize>((case, truth): (A, B), buffers: &mut [Vec<u8>]) -> anyhow::Result<()> {
    serde_json::to_writer(&mut buffers[0], &case)?;
    serde_json::to_writer(&mut buffers[1], &truth)?;
    Ok(())
}

fn json_bytes(value: &impl Serialize) -> anyhow::Result<Vec<u8>> {
    Ok(serde_json::to_vec(value)?)
}
