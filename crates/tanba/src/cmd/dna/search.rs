//! `tanba dna search`: genetic profiles against a database file, without a registry.
//!
//! A database is a JSON object a line: `{"specimen": "...", "category": "convicted_person", "profile": {"TH01": ["6", "9.3"]}}`.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, bail};
use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::json;
use serde_json::value::RawValue;
use tanba_dna::{
    Category, Comparison, Database, Formula, FrequencyTable, MinimumFrequency, Panel, Profile, Rule, SpecimenId,
    Stringency, Theta, match_probability,
};

use crate::console::Console;
use crate::input::read_file;

/// The longest line of a database, bytes: the longest profile that is read, and its names.
const MAX_LINE: u64 = 80 * 1024;

/// Options of `tanba dna search`.
#[derive(Args)]
pub(crate) struct Search {
    /// Database: a JSON object a line, with specimen, category and profile.
    database: PathBuf,
    /// Profile: a JSON object of locus to alleles, a database line, or CSV rows locus,allele1,allele2.
    profile: PathBuf,
    /// Why the profile is held, such as crime_stain; the profile's own word where it has one.
    #[arg(long)]
    category: Option<Category>,
    /// Categories to search; those of the same source otherwise.
    #[arg(long, value_delimiter = ',', value_name = "CATEGORY")]
    against: Vec<Category>,
    /// What each locus must reach: high, moderate or low.
    #[arg(long, value_parser = parse_stringency, default_value = "moderate")]
    stringency: Stringency,
    /// Loci that may fail it.
    #[arg(long, default_value_t = Rule::SAME_PROFILE.max_mismatches() as u8)]
    max_mismatches: u8,
    /// Loci that must be compared.
    #[arg(long, default_value_t = Rule::SAME_PROFILE.min_loci() as u8)]
    min_loci: u8,
    /// Allele frequencies (CSV), to say how rare the profile is.
    #[arg(long, value_name = "FILE")]
    frequencies: Option<PathBuf>,
    /// Coancestry coefficient for that, 0 to below 1.
    #[arg(long, default_value_t = 0.01)]
    theta: f64,
}

/// A line of a database.
#[derive(Serialize, Deserialize)]
pub(crate) struct Record {
    specimen: String,
    category: Category,
    profile: Box<RawValue>,
}

impl Record {
    /// The line of a profile.
    pub(crate) fn new(specimen: String, category: Category, profile: &Profile) -> anyhow::Result<Self> {
        Ok(Self { specimen, category, profile: RawValue::from_string(profile.to_json())? })
    }
}

impl Search {
    /// Searches.
    pub(crate) fn run(self, console: &Console) -> anyhow::Result<()> {
        let (query, own) = read_query(&self.profile)?;
        let category = self.category.or(own).context(
            "why the profile is held decides what it may be compared with: give --category, such as crime_stain",
        )?;
        let rule = Rule::new(self.stringency, self.max_mismatches, self.min_loci)?;
        let against = if self.against.is_empty() { category.same_source_categories().collect() } else { self.against };
        let quality = against.contains(&Category::Elimination);
        let (database, specimens) = load(&self.database, quality, console)?;

        let started = Instant::now();
        let answer = database.search(&query, category, &rule, &against)?;
        let ms = started.elapsed().as_secs_f64() * 1e3;
        let rarity = self.frequencies.as_ref().map(|path| rarity(&query, path, self.theta)).transpose()?;

        let mut hits = Vec::new();
        let mut human = format!(
            "{} of {} profiles match at {} stringency with at most {} mismatches; {} could not be compared",
            answer.hits.len(),
            answer.profiles_searched,
            stringency_name(self.stringency),
            self.max_mismatches,
            answer.profiles_not_comparable
        );
        for hit in &answer.hits {
            let specimen =
                usize::try_from(hit.specimen.0).ok().and_then(|i| specimens.get(i)).map_or("?", String::as_str);
            let loci = hit.comparison.loci.len();
            let full = hit.comparison.matches(Stringency::High);
            // Writing to a string cannot fail.
            let _ = write!(
                human,
                "\n  {specimen} ({}): {full} of {loci} loci agree fully, {} mismatches",
                hit.category, hit.mismatches
            );
            hits.push(json!({
                "specimen": specimen,
                "category": hit.category.name(),
                "purpose": match hit.purpose {
                    Comparison::SameSource => "same_source",
                    Comparison::Kinship => "kinship",
                    Comparison::Quality => "quality",
                },
                "loci": loci,
                "full_agreement": full,
                "mismatches": hit.mismatches,
            }));
        }
        if let Some(log10) = rarity {
            let _ = write!(
                human,
                "\nthe profile occurs in about 1 of 10^{:.1} unrelated people of that population",
                -log10
            );
        }
        console.answer(
            &json!({
                "hits": hits,
                "profiles_searched": answer.profiles_searched,
                "profiles_not_comparable": answer.profiles_not_comparable,
                "category": category.name(),
                "log10_match_probability": rarity,
                "ms": ms,
            }),
            human,
        );
        Ok(())
    }
}

/// A profile, and the category that its file gives it.
fn read_query(path: &Path) -> anyhow::Result<(Profile, Option<Category>)> {
    let bytes = read_file(path)?;
    let failed = || format!("cannot read the profile {}", path.display());
    let text = str::from_utf8(&bytes).context("it is not text").with_context(failed)?;
    if let Ok(record) = serde_json::from_str::<Record>(text) {
        let profile = Profile::from_json(record.profile.get(), &Panel::CODIS_20).with_context(failed)?;
        return Ok((profile, Some(record.category)));
    }
    let profile = if text.trim_start().starts_with('{') {
        Profile::from_json(text, &Panel::CODIS_20)
    } else {
        Profile::from_csv(text, &Panel::CODIS_20)
    };
    Ok((profile.with_context(failed)?, None))
}

/// The database and the names of its specimens. Elimination profiles and all others never meet in one index, so only one of the
/// two kinds is taken.
fn load(path: &Path, quality: bool, console: &Console) -> anyhow::Result<(Database, Vec<String>)> {
    let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
    let mut reader = BufReader::with_capacity(1 << 20, file);
    let mut database = if quality { Database::quality() } else { Database::investigative() };
    let (mut specimens, mut line, mut number, mut left_out) = (Vec::new(), Vec::new(), 0_u64, 0_u64);
    loop {
        line.clear();
        number += 1;
        let here = || format!("cannot read line {number} of {}", path.display());
        let length = reader.by_ref().take(MAX_LINE).read_until(b'\n', &mut line).with_context(here)?;
        if length == 0 {
            break;
        }
        if length as u64 == MAX_LINE {
            bail!("{}: it is longer than any profile; a database is a JSON object a line", here());
        }
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let record: Record = serde_json::from_slice(&line)
            .with_context(here)
            .context("a database is a JSON object a line, with specimen, category and profile")?;
        if (record.category == Category::Elimination) != quality {
            left_out += 1;
            continue;
        }
        let profile = Profile::from_json(record.profile.get(), &Panel::CODIS_20).with_context(here)?;
        database.insert(SpecimenId(specimens.len() as u128), record.category, &profile).with_context(here)?;
        specimens.push(record.specimen);
    }
    if left_out > 0 {
        console
            .note(format_args!("note: {left_out} profiles are of the other index (elimination or not) and stay out"));
    }
    if database.is_empty() {
        bail!("{} holds no profile to search: a search of nothing says nothing", path.display());
    }
    Ok((database, specimens))
}

/// log10 of the probability that an unrelated person shows the profile (NRC 1996 equation 4.10, unseen alleles at 5/2N).
fn rarity(query: &Profile, path: &Path, theta: f64) -> anyhow::Result<f64> {
    let bytes = read_file(path)?;
    let failed = || format!("cannot use the frequencies {}", path.display());
    let text = str::from_utf8(&bytes).context("they are not text").with_context(failed)?;
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    let table = FrequencyTable::from_csv(&name, text).with_context(failed)?;
    let probability =
        match_probability(query, &table, Formula::Nrc410, Theta::new(theta)?, MinimumFrequency::FiveOverTwoN);
    Ok(probability.with_context(failed)?.log10)
}

fn parse_stringency(text: &str) -> Result<Stringency, String> {
    [Stringency::High, Stringency::Moderate, Stringency::Low]
        .into_iter()
        .find(|s| stringency_name(*s) == text)
        .ok_or_else(|| "a stringency is high, moderate or low".to_owned())
}

fn stringency_name(stringency: Stringency) -> &'static str {
    match stringency {
        Stringency::High => "high",
        Stringency::Moderate => "moderate",
        Stringency::Low => "low",
    }
}
