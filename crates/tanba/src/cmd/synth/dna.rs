//! `tanba synth dna`: profiles, families, mixtures and remains of nobody, with the truth beside them.
//!
//! | asked for | files |
//! |---|---|
//! | `--count N` | `database.jsonl` (or `.csv`, `.bin`), `stain-<n>.json`, `truth.json` (stain to specimen or null) and, where typing goes wrong, `stains-truth.json` |
//! | `--families N` | `families.json`, `families-truth.json` |
//! | `--mixtures N` | `mixtures.json`, `mixtures-truth.json` |
//! | `--remains N` | `dvi.json`, `dvi-truth.json` |
//!
//! What stands in the cases is told by [`tanba_synth::genetics`]; the forms of the database by [`database`].

mod cases;
mod database;
mod stream;

use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use serde_json::json;
use tanba_synth::genetics::{
    AlleleTable, Laboratory, Meiosis, MutationModel, MutationModels, PeakModel, Pedigree, ProfilePopulation, StainSpec,
    Stains, TypingModel,
};

use super::{Interrupt, make_folder};
use crate::console::Console;
use crate::input::read_file;

use database::Form;

/// Options of `tanba synth dna`.
#[derive(Args)]
pub(crate) struct Dna {
    /// Profiles in the database, of convicted people.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=10_000_000),
        required_unless_present_any = ["families", "mixtures", "remains"])]
    count: Option<u64>,
    /// Crime stains left by people of the database, spread evenly over it; as many again are left by nobody in it.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(0..=10_000))]
    stains: u64,
    /// The same seed gives the same bytes.
    #[arg(long)]
    seed: u64,
    /// Folder for the files.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// How the database is written: jsonl (what `tanba dna search` reads), csv, or binary.
    #[arg(long, value_enum, default_value_t = Form::Jsonl, help_heading = "Population")]
    form: Form,
    /// Allele frequencies, CSV rows marker,allele,freq; made-up ones of no real population otherwise.
    #[arg(long, value_name = "FILE", help_heading = "Population")]
    frequencies: Option<PathBuf>,
    /// The core loci alone, or all markers of the frequencies (a registry refuses the others).
    #[arg(long, value_enum, default_value_t = Loci::Core, help_heading = "Population")]
    loci: Loci,
    /// Coancestry coefficient of the subpopulations, 0 to 0.5.
    #[arg(long, default_value_t = 0.0, help_heading = "Population")]
    theta: f64,
    /// Subpopulations, 1 to 10000; person, family and stain K are of number K mod so many, counted from 0.
    #[arg(long, default_value_t = 10, help_heading = "Population")]
    subpopulations: u32,
    /// Families of the pedigree.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=1_000_000), help_heading = "Families")]
    families: Option<u64>,
    /// A standard pedigree by name, or a JSON file: {"name": "x", "members": [{"id": "M", "sex": "female"}, {"id": "C", "mother":
    /// "M", "father": "F", "typed": true, "twin_of": "D"}, ...], "missing": ["C"]}.
    #[arg(long, default_value = "trio", value_name = "NAME|FILE", help_heading = "Families")]
    pedigree: String,
    /// Probability that somebody who is asked about (the missing, member B, a mixture's person of interest) is a stranger, 0 to 1.
    #[arg(long, default_value_t = 0.0, help_heading = "Families")]
    false_share: f64,
    /// How alleles mutate.
    #[arg(long, value_enum, default_value_t = Mutations::Stepwise, help_heading = "Families")]
    mutation_model: Mutations,
    /// Mutations of a father's allele in a meiosis, 0 to 1.
    #[arg(long, default_value_t = 0.002, help_heading = "Families")]
    mutation_rate: f64,
    /// The same of a mother's; 0.3 of the father's otherwise.
    #[arg(long, help_heading = "Families")]
    mutation_rate_female: Option<f64>,
    /// Let vWA and D12S391, CSF1PO and D5S818, SE33 and D6S1043 recombine freely.
    #[arg(long, help_heading = "Families")]
    no_linkage: bool,
    /// Probability that an allele is not seen, in stains and typed members of families, 0 to 1.
    #[arg(long, default_value_t = 0.0, help_heading = "Typing")]
    drop_out: f64,
    /// Probability of a drop-in at a marker, 0 to 1: none in stains and families, 0.02 in mixtures and remains otherwise.
    #[arg(long, help_heading = "Typing")]
    drop_in: Option<f64>,
    /// Probability that an allele is written down as its neighbour, in stains and typed members of families, 0 to 1.
    #[arg(long, default_value_t = 0.0, help_heading = "Typing")]
    typing_error: f64,
    /// Stains with peak heights.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=1_000_000), help_heading = "Mixtures and remains")]
    mixtures: Option<u64>,
    /// People in each, 1 to 5.
    #[arg(long, default_value_t = 2, help_heading = "Mixtures and remains")]
    contributors: usize,
    /// Of whom so many are known, below the number of contributors.
    #[arg(long, default_value_t = 0, help_heading = "Mixtures and remains")]
    known: usize,
    /// Amplifications of each, 1 to 5.
    #[arg(long, default_value_t = 1, help_heading = "Mixtures and remains")]
    replicates: usize,
    /// Probability that the two largest contributors are full siblings, 0 to 1.
    #[arg(long, default_value_t = 0.0, help_heading = "Mixtures and remains")]
    related: f64,
    /// Expected height of one allele of a sole contributor, RFU, 10 to 100000; drawn for each stain otherwise.
    #[arg(long, value_name = "RFU", help_heading = "Mixtures and remains")]
    peak_height: Option<f64>,
    /// Coefficient of variation of that height, 0.02 to 2; drawn for each stain otherwise.
    #[arg(long, help_heading = "Mixtures and remains")]
    peak_variation: Option<f64>,
    /// Factor of the height for each 100 bases more, 0.01 to 1; drawn for each stain otherwise.
    #[arg(long, help_heading = "Mixtures and remains")]
    degradation: Option<f64>,
    /// Analytical threshold, RFU, 1 to 10000.
    #[arg(long, default_value_t = 50.0, value_name = "RFU", help_heading = "Mixtures and remains")]
    threshold: f64,
    /// A disaster with so many degraded remains, and the families of the missing.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=10_000), help_heading = "Mixtures and remains")]
    remains: Option<u64>,
}

/// Which markers are made.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Loci {
    /// The 20 core loci, as far as the frequencies have them.
    Core,
    /// All markers of the frequencies.
    All,
}

/// How alleles mutate.
#[derive(Clone, Copy, ValueEnum)]
enum Mutations {
    /// Never.
    None,
    /// To every other allele alike.
    Equal,
    /// In proportion to the frequencies.
    Proportional,
    /// By whole repeats mostly.
    Stepwise,
}

/// Everything checked, before the first file is begun.
struct Plan {
    population: ProfilePopulation,
    meiosis: Meiosis,
    pedigree: Pedigree,
    typing: TypingModel,
    peaks: PeakModel,
}

impl Dna {
    /// Runs it.
    pub(crate) fn run(self, console: &Console) -> anyhow::Result<()> {
        let plan = self.plan()?;
        let stains = Stains::new(&plan.population, &plan.meiosis, self.stain_spec(plan.peaks), self.seed)?;
        let laboratory = |label| Laboratory::new(plan.typing, self.seed, label);
        let (of_stains, of_members) = (laboratory("stain")?, laboratory("member")?);
        make_folder(&self.out)?;
        if let left @ [_, ..] = plan.population.table().left_out()
            && self.loci == Loci::All
        {
            console.note(format_args!("note: left out for alleles of 100 repeats or more: {}", left.join(", ")));
        }
        let interrupt = Interrupt::listen();
        let mut said = Vec::new();
        let mut left = 0;
        if let Some(count) = self.count {
            database::write_people(&plan.population, count, self.form, &self.out, console, &interrupt)?;
            left = 2 * self.stains.min(count);
            let judged = plan.typing != TypingModel::CLEAN;
            database::write_stains(&plan.population, count, left / 2, &of_stains, judged, &self.out, &interrupt)?;
            said.push(format!("{count} profiles and {left} stains of nobody"));
        }
        if let Some(n) = self.families {
            cases::write_families(&plan, &of_members, &self, n, console, &interrupt)?;
            said.push(format!("{n} families of the pedigree {}", plan.pedigree.text().name));
        }
        if let Some(n) = self.mixtures {
            cases::write_mixtures(&stains, n, &self.out, console, &interrupt)?;
            said.push(format!("{n} stains with peak heights, of {} each", self.contributors));
        }
        if let Some(n) = self.remains {
            let families = cases::write_remains(&plan, &self, n as usize)?;
            said.push(format!("{n} remains, and {families} families who miss somebody"));
        }
        console.answer(
            &json!({
                "profiles": self.count.unwrap_or(0),
                "stains": left,
                "families": self.families.unwrap_or(0),
                "mixtures": self.mixtures.unwrap_or(0),
                "remains": self.remains.unwrap_or(0),
                "markers": plan.population.table().markers().len(),
                "population": plan.population.table().population(),
                "seed": self.seed,
            }),
            said.join("; "),
        );
        Ok(())
    }

    fn plan(&self) -> anyhow::Result<Plan> {
        let table = self.table()?;
        let meiosis = Meiosis::new(&table, self.mutation(), !self.no_linkage)?;
        let population = ProfilePopulation::new(table, self.seed, self.theta, self.subpopulations)?;
        if !(0.0..=1.0).contains(&self.false_share) {
            bail!("the share of false cases must be from 0 to 1");
        }
        let usual = PeakModel::default();
        let peaks = PeakModel {
            mu: self.peak_height.unwrap_or(usual.mu),
            omega: self.peak_variation.unwrap_or(usual.omega),
            beta: self.degradation.unwrap_or(usual.beta),
            threshold: self.threshold,
            drop_in: self.drop_in.unwrap_or(usual.drop_in),
            ..usual
        };
        let typing =
            TypingModel { drop_out: self.drop_out, drop_in: self.drop_in.unwrap_or(0.0), error: self.typing_error };
        Ok(Plan { population, meiosis, pedigree: self.read_pedigree()?, typing, peaks: peaks.checked()? })
    }

    fn table(&self) -> anyhow::Result<AlleleTable> {
        let table = match &self.frequencies {
            None => AlleleTable::illustration(),
            Some(path) => {
                let failed = || format!("cannot use the frequencies {}", path.display());
                let bytes = read_file(path)?;
                let text = str::from_utf8(&bytes).context("they are not text").with_context(failed)?;
                let name = path.file_stem().unwrap_or_default().to_string_lossy();
                AlleleTable::from_csv(&name, text).with_context(failed)?
            }
        };
        match self.loci {
            Loci::All => Ok(table),
            Loci::Core => table.core().context("the frequencies describe no core locus: give --loci all"),
        }
    }

    fn mutation(&self) -> MutationModels {
        let of = |rate| match self.mutation_model {
            Mutations::None => MutationModel::None,
            Mutations::Equal => MutationModel::Equal { rate },
            Mutations::Proportional => MutationModel::Proportional { rate },
            Mutations::Stepwise => MutationModel::stepwise(rate),
        };
        let female = self.mutation_rate_female.unwrap_or(self.mutation_rate * MutationModels::MOTHERS_SHARE);
        MutationModels { female: of(female), male: of(self.mutation_rate) }
    }

    fn read_pedigree(&self) -> anyhow::Result<Pedigree> {
        if let Ok(standard) = Pedigree::standard(&self.pedigree) {
            return Ok(standard);
        }
        let path = PathBuf::from(&self.pedigree);
        if !path.exists() {
            let names: Vec<&str> = Pedigree::standard_names().collect();
            bail!(
                "{} is neither a file nor a standard pedigree; those are {}, and missing-siblings-<1 to 20> and \
                 missing-children-<1 to 20>",
                self.pedigree,
                names.join(", ")
            );
        }
        let failed = || format!("cannot use the pedigree {}", path.display());
        let text = serde_json::from_slice(&read_file(&path)?)
            .context("it is not JSON of the form {\"name\": \"x\", \"members\": [{\"id\": \"A\"}]}")
            .with_context(failed)?;
        Pedigree::new(text).with_context(failed)
    }

    fn stain_spec(&self, model: PeakModel) -> StainSpec {
        StainSpec {
            contributors: self.contributors,
            replicates: self.replicates,
            known: self.known,
            related: self.related,
            false_share: self.false_share,
            model,
            vary_height: self.peak_height.is_none(),
            vary_variation: self.peak_variation.is_none(),
            vary_degradation: self.degradation.is_none(),
        }
    }
}
