//! The files of a search: the profile, the database, the frequencies, the rule.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tanba_dna::{Category, Database, FrequencyTable, Panel, Profile, SourcedRule, SpecimenId};
use tanba_formats::genetic::frequencies;

use crate::console::Console;
use crate::input::read_file;

/// The longest line of a database, bytes: the longest profile that is read, and its names.
const MAX_LINE: u64 = 80 * 1024;

/// A line of a database.
#[derive(Serialize, Deserialize)]
pub(crate) struct Record {
    pub(super) specimen: String,
    pub(super) category: Category,
    profile: Box<RawValue>,
}

impl Record {
    /// The line of a profile.
    pub(crate) fn new(specimen: String, category: Category, profile: &Profile) -> anyhow::Result<Self> {
        Ok(Self { specimen, category, profile: RawValue::from_string(profile.to_json())? })
    }
}

/// A profile, and the category that its file gives it.
pub(super) fn read_query(path: &Path) -> anyhow::Result<(Profile, Option<Category>)> {
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
pub(super) fn load(path: &Path, quality: bool, console: &Console) -> anyhow::Result<(Database, Vec<String>)> {
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

/// The populations of tables of frequencies, in any form that is read.
pub(super) fn read_frequencies(path: &Path) -> anyhow::Result<Vec<FrequencyTable>> {
    let failed = || format!("cannot use the frequencies {}", path.display());
    let published = frequencies::read(&read_file(path)?).with_context(failed)?.value;
    let file_name = path.file_stem().unwrap_or_default().to_string_lossy();
    published
        .into_iter()
        .map(|mut population| {
            // A table without a name goes by that of its file.
            population.population.get_or_insert_with(|| file_name.clone().into_owned());
            FrequencyTable::from_published(&population).with_context(failed)
        })
        .collect()
}

/// Built-in rules, by the name that a command gives.
const RULES: [(&str, &str); 1] = [("interpol", include_str!("../../../../rules/interpol.toml"))];

/// A match rule: a built-in one by its name, or a document, JSON, or TOML where the file is named so.
pub(super) fn read_rule(path: &Path) -> anyhow::Result<SourcedRule> {
    use figment::providers::{Format, Toml};
    let failed = || format!("cannot use the rule {}", path.display());
    let toml = |text| figment::Figment::from(Toml::string(text)).extract().with_context(failed);
    if let Some((_, text)) = RULES.into_iter().find(|(name, _)| path.as_os_str() == *name) {
        return toml(text);
    }
    let bytes = read_file(path)?;
    let text = str::from_utf8(&bytes).context("it is not text").with_context(failed)?;
    if path.extension().is_some_and(|ending| ending == "toml") {
        toml(text)
    } else {
        serde_json::from_str(text).with_context(failed)
    }
}
