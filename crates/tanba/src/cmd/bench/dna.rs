//! `tanba bench dna`: how fast one core searches profiles of nobody, beside a plain scan of the same profiles.

use std::fmt::Write as _;
use std::hint::black_box;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::Context;
use clap::Args;
use serde_json::{Value, json};
use tanba_dna::kinship::MutationModel;
use tanba_dna::{
    Category, Database, FrequencyTable, Hypothesis, Locus, LrBound, LrSearch, MinimumFrequency, Mutation, ParentRole,
    Profile, Relation, Rule, SpecimenId, Stringency, Theta, TwoPeople,
};
use tanba_synth::genetics::{AlleleTable, ProfilePopulation};

use crate::console::Console;
use crate::input::read_file;

/// Queries, each of somebody in the database.
const QUERIES: u64 = 20;
/// Rounds; the fastest counts, because other work on the machine only slows.
const ROUNDS: usize = 5;
/// The likelihood ratio of a lead, log10.
const LEAST_LOG10: f64 = 3.0;

/// Options of `tanba bench dna`.
#[derive(Args)]
pub(crate) struct Dna {
    /// Profiles of 20 loci.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1_000..=20_000_000))]
    profiles: u64,
    /// Whose allele frequencies (CSV); made-up ones otherwise.
    #[arg(long, value_name = "FILE")]
    frequencies: Option<PathBuf>,
    /// Which people.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// A row of the plain scan: two alleles a locus, in tenths.
type Row = [[u16; 2]; Locus::COUNT];

impl Dna {
    /// Measures.
    pub(crate) fn run(self, console: &Console) -> anyhow::Result<()> {
        let (alleles, table) = self.population()?;
        let population = ProfilePopulation::new(alleles, self.seed, 0.0, 1)?;
        let mut databases =
            [Category::ConvictedPerson, Category::UnidentifiedBody].map(|c| (c, Database::investigative()));
        let (mut rows, mut queries) = (Vec::with_capacity(self.profiles as usize), Vec::new());
        let before = resident();
        for k in 0..self.profiles {
            let person = population.table().profile(&population.person(k)).context("no core locus in the table")?;
            rows.push(row(&person));
            let (category, database) = &mut databases[0];
            database.insert(SpecimenId(k.into()), *category, &person)?;
            if k % (self.profiles / QUERIES) == 0 {
                queries.push(person);
            }
        }
        let row_bytes = self.profiles * size_of::<Row>() as u64;
        let memory = resident()
            .zip(before)
            .map(|(now, then)| now.saturating_sub(then).saturating_sub(row_bytes) as f64 / self.profiles as f64);
        // The same profiles once more, as bodies, for the search of relatives.
        for k in 0..self.profiles {
            let person = population.table().profile(&population.person(k)).context("no core locus in the table")?;
            let (category, database) = &mut databases[1];
            database.insert(SpecimenId(k.into()), *category, &person)?;
        }
        let one = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
        let (json, text) = one.install(|| self.measure(&databases, &rows, &queries, &table, memory))?;
        console.answer(&json, text);
        Ok(())
    }

    fn measure(
        &self,
        databases: &[(Category, Database); 2],
        rows: &[Row],
        queries: &[Profile],
        table: &FrequencyTable,
        memory: Option<f64>,
    ) -> anyhow::Result<(Value, String)> {
        let mut text = format!(
            "{} profiles of 20 loci, {} queries, one core, the best of {ROUNDS} rounds",
            self.profiles,
            queries.len()
        );
        let mut rules = Vec::new();
        let mut slower = f64::INFINITY;
        let mut least_ratio = f64::INFINITY;
        for (name, level, mismatches) in [
            ("high/0", Stringency::High, 0),
            ("moderate/0", Stringency::Moderate, 0),
            ("moderate/1", Stringency::Moderate, 1),
            ("moderate/3", Stringency::Moderate, 3),
            ("low/0", Stringency::Low, 0),
        ] {
            let rule = Rule::new(level, mismatches, 8)?;
            let (category, database) = &databases[0];
            let mut hits = 0;
            let rate = self.fastest(queries, |query| {
                hits += database.search(query, Category::CrimeStain, &rule, &[*category])?.hits.len();
                Ok(())
            })?;
            let mut plain_hits = 0;
            let plain = self.fastest(queries, |query| {
                plain_hits += plain_scan(rows, &row(query), level, mismatches);
                Ok(())
            })?;
            anyhow::ensure!(hits == plain_hits, "{name}: the search found {hits}, the plain scan {plain_hits}");
            if mismatches == 0 && level != Stringency::Low {
                slower = slower.min(rate);
                least_ratio = least_ratio.min(rate / plain);
            }
            // Writing to a string cannot fail.
            let _ = write!(
                text,
                "\n  {name}: {:.0} M profiles/s, {:.2} ms a query; plain scan {:.0} M/s, ratio {:.1}",
                rate / 1e6,
                self.profiles as f64 / rate * 1e3,
                plain / 1e6,
                rate / plain
            );
            rules.push(
                json!({ "rule": name, "profiles_per_s": rate, "plain_profiles_per_s": plain, "ratio": rate / plain }),
            );
        }
        let (mut relations, mut lr_rate) = (Vec::new(), f64::INFINITY);
        let model = MutationModel::Stepwise { rate: 0.002, rate2: 1e-6, range: 0.1 };
        let stepwise = Mutation { model, first_is: ParentRole::Parent };
        for (relation, mutation) in [
            (Relation::ParentChild, None),
            (Relation::FullSiblings, None),
            (Relation::HalfSiblings, None),
            (Relation::ParentChild, Some(&stepwise)),
            (Relation::FullSiblings, Some(&stepwise)),
            (Relation::SecondCousins, Some(&stepwise)),
        ] {
            let hypothesis = match mutation {
                None => Hypothesis::Kinship { kappa: relation.kappa() },
                Some(mutation) => Hypothesis::Related { relation, mutation: mutation.clone() },
            };
            let two = TwoPeople::new(hypothesis, table, Theta::new(0.01)?, MinimumFrequency::AtLeast(0.001))?;
            let bound = LrBound { least_log10: LEAST_LOG10, most: 100, min_loci: 8 };
            let (category, database) = &databases[1];
            let rate = self.fastest(queries, |query| {
                let against = &[*category];
                let search = LrSearch { query, category: Category::RelativeOfMissing, two: &two, against, bound };
                black_box(database.search_by_lr(&search)?);
                Ok(())
            })?;
            if relation == Relation::FullSiblings && mutation.is_none() {
                lr_rate = rate;
            }
            let how = if mutation.is_some() { ", stepwise mutation" } else { "" };
            let ms = self.profiles as f64 / rate * 1e3;
            let _ = write!(
                text,
                "\n  {relation} by likelihood ratio{how}: {:.0} M profiles/s, {ms:.1} ms a query",
                rate / 1e6
            );
            relations.push(
                json!({ "relation": relation.name(), "stepwise_mutation": mutation.is_some(), "profiles_per_s": rate }),
            );
        }
        let pair_ns = pair_ns(queries, table)?;
        let _ = write!(text, "\n  one pair at 20 loci by itself: {pair_ns:.0} ns");
        if let Some(memory) = memory {
            let _ = write!(text, "\n  {memory:.0} bytes a profile in memory");
        }
        let load = load();
        if let Some(load) = &load {
            let _ = write!(text, "\n  load of the machine: {load}");
        }
        let json = json!({
                "profiles": self.profiles,
                "profiles_per_s_per_core": slower,
                "ratio_to_plain_scan": least_ratio,
                "lr_profiles_per_s_per_core": lr_rate,
                "ns_per_pair_lr": pair_ns,
                "bytes_per_profile": memory,
                "rules": rules,
                "relations": relations,
                "population": table.population(),
                "load": load,
        });
        Ok((json, text))
    }

    fn population(&self) -> anyhow::Result<(AlleleTable, FrequencyTable)> {
        let Some(path) = &self.frequencies else {
            let table = tanba_synth::StrGenotype::frequencies();
            return Ok((AlleleTable::from_frequencies(&table)?, table));
        };
        let bytes = read_file(path)?;
        let text = str::from_utf8(&bytes).context("the frequencies are not text")?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let table = FrequencyTable::from_csv(&name, text).context("the frequencies cannot be used")?;
        Ok((AlleleTable::from_frequencies(&table)?, table))
    }

    /// Profiles per second over all queries, in the fastest round.
    fn fastest(
        &self,
        queries: &[Profile],
        mut search: impl FnMut(&Profile) -> anyhow::Result<()>,
    ) -> anyhow::Result<f64> {
        let mut best = f64::INFINITY;
        for _ in 0..ROUNDS {
            let started = Instant::now();
            queries.iter().try_for_each(&mut search)?;
            best = best.min(started.elapsed().as_secs_f64());
        }
        Ok(self.profiles as f64 * queries.len() as f64 / best)
    }
}

/// Nanoseconds for the likelihood ratio of two profiles as siblings.
fn pair_ns(queries: &[Profile], table: &FrequencyTable) -> anyhow::Result<f64> {
    let hypothesis = Hypothesis::Kinship { kappa: Relation::FullSiblings.kappa() };
    let two = TwoPeople::new(hypothesis, table, Theta::new(0.01)?, MinimumFrequency::AtLeast(0.001))?;
    let mut best = f64::INFINITY;
    for _ in 0..20 {
        let started = Instant::now();
        for a in queries {
            for b in queries {
                let mut log10 = 0.0;
                for (locus, own) in a.genotypes() {
                    let lr = b.at(locus).map(|other| two.lr(locus, own, other)).transpose()?;
                    log10 += lr.flatten().map_or(0.0, f64::log10);
                }
                black_box(log10);
            }
        }
        best = best.min(started.elapsed().as_secs_f64());
    }
    Ok(best * 1e9 / (queries.len() * queries.len()) as f64)
}

fn row(profile: &Profile) -> Row {
    Locus::ALL.map(|locus| {
        let alleles = profile.at(locus).map_or(&[][..], |genotype| genotype.alleles());
        let tenths = |at: Option<&tanba_dna::Allele>| at.map_or(0, |allele| allele.tenths());
        [tenths(alleles.first()), tenths(alleles.last())]
    })
}

/// What anybody would write first: row by row, locus by locus, out at the mismatch that is one too many.
fn plain_scan(rows: &[Row], query: &Row, level: Stringency, mismatches: u8) -> usize {
    let agree = |[a, b]: [u16; 2], [x, y]: [u16; 2]| match level {
        Stringency::High => a == x && b == y,
        Stringency::Moderate => (x == a || x == b) && (y == a || y == b) || (a == x || a == y) && (b == x || b == y),
        Stringency::Low => x == a || x == b || y == a || y == b,
    };
    let candidate = |row: &&Row| {
        let mut left = mismatches;
        for (own, other) in query.iter().zip(*row) {
            if !agree(*own, *other) {
                if left == 0 {
                    return false;
                }
                left -= 1;
            }
        }
        true
    };
    rows.iter().filter(candidate).count()
}

/// Memory of this process, bytes, where the system tells.
fn resident() -> Option<u64> {
    let pages: u64 = std::fs::read_to_string("/proc/self/statm").ok()?.split(' ').nth(1)?.parse().ok()?;
    Some(pages * 4096)
}

/// The load of the machine over the last minute, where the system tells.
fn load() -> Option<String> {
    Some(std::fs::read_to_string("/proc/loadavg").ok()?.split(' ').next()?.to_owned())
}
