//! The database of profiles, and the stains to search in it.
//!
//! Person K has the specimen `person-<K>`, counted from 1 with leading zeros.
//!
//! - `database.jsonl`: what `tanba dna search` reads, a line a person.
//! - `database.csv`: a heading `specimen,sex,<marker>,<marker>,...` with each marker twice, then a row a person, the mother's
//!   allele first.
//! - `database.bin`, little-endian: the 8 bytes `TNBDNA01`; people `u64`; markers `u32`; for each marker the length of its name
//!   `u8`, the name, its number of alleles `u16`, and each allele in tenths of a repeat `u16`; then for each person 1 + 2 markers
//!   bytes: 0 female or 1 male, and for each marker the place of the mother's and of the father's allele in the marker's list.

use std::path::Path;

use anyhow::Context;
use clap::ValueEnum;
use serde_json::json;
use tanba_dna::Category;
use tanba_synth::Sex;
use tanba_synth::genetics::{AlleleTable, Diploid, Laboratory, ProfilePopulation, typing_truth};

use super::super::{Interrupt, numbered, write};
use super::stream::{Output, check, write_items};
use crate::cmd::dna::Record;
use crate::console::Console;

/// People in a chunk: some half megabyte of text.
const CHUNK: u64 = 1024;

/// How the database is written.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Form {
    /// A JSON object a line.
    Jsonl,
    /// Comma-separated values.
    Csv,
    /// Two bytes a marker.
    Binary,
}

/// Writes the database.
pub(super) fn write_people(
    population: &ProfilePopulation,
    count: u64,
    form: Form,
    folder: &Path,
    console: &Console,
    interrupt: &Interrupt,
) -> anyhow::Result<()> {
    let table = population.table();
    let (name, head) = match form {
        Form::Jsonl => ("database.jsonl", Vec::new()),
        Form::Csv => ("database.csv", csv_heading(table)),
        Form::Binary => ("database.bin", binary_heading(table, count)),
    };
    let output = Output { path: folder.join(name), head, between: b"", tail: b"" };
    let writer = Texts::new(table, count);
    let bar = console.progress(count, "drawing profiles");
    write_items(&[output], (count, CHUNK), &bar, interrupt, |k, buffers| {
        let person = population.person(k);
        let out = &mut buffers[0];
        match form {
            Form::Jsonl => writer.json_line(k, &person, out),
            Form::Csv => writer.csv_row(k, &person, out),
            Form::Binary => {
                out.push(u8::from(person.sex == Sex::Male));
                person.maternal.iter().zip(&person.paternal).for_each(|(a, b)| out.extend([*a, *b]));
            }
        }
        Ok(())
    })?;
    bar.finish_and_clear();
    Ok(())
}

/// Writes `known` stains of people of the database and as many of others, and who left them.
pub(super) fn write_stains(
    population: &ProfilePopulation,
    count: u64,
    known: u64,
    laboratory: &Laboratory,
    judged: bool,
    folder: &Path,
    interrupt: &Interrupt,
) -> anyhow::Result<()> {
    let (mut truth, mut events) = (serde_json::Map::new(), serde_json::Map::new());
    for n in 0..2 * known {
        check(interrupt)?;
        let source = if n < known { n * (count / known) } else { count + n };
        let name = format!("stain-{}", numbered(n, 2 * known));
        let typing = laboratory.typing(population, source, &population.person(source), n);
        let profile = typing.profile(population.table()).with_context(|| {
            format!("nothing is seen of {name} at any core locus: give --stains 0, other frequencies, or less drop-out")
        })?;
        let record = Record::new(name.clone(), Category::CrimeStain, &profile)?;
        write(&folder.join(format!("{name}.json")), &serde_json::to_vec(&record)?)?;
        truth.insert(name.clone(), json!((n < known).then(|| specimen(source, count))));
        events.insert(name.clone(), json!(typing_truth(&name, population.table(), &typing)));
    }
    write(&folder.join("truth.json"), &serde_json::to_vec_pretty(&truth)?)?;
    if judged {
        write(&folder.join("stains-truth.json"), &serde_json::to_vec_pretty(&events)?)?;
    }
    Ok(())
}

fn specimen(k: u64, count: u64) -> String {
    format!("person-{}", numbered(k, count))
}

/// Every piece of text that a line is put together from.
struct Texts {
    /// Digits of a person's number.
    digits: usize,
    /// For each marker: what stands before its alleles in a JSON line, and its alleles.
    markers: Vec<(Vec<u8>, Vec<Vec<u8>>)>,
}

impl Texts {
    fn new(table: &AlleleTable, count: u64) -> Self {
        let markers = table.markers().iter().enumerate().map(|(m, marker)| {
            let comma = if m == 0 { "" } else { "," };
            // Names of markers are letters, digits and four signs, none of which JSON escapes.
            let before = format!("{comma}\"{}\":[\"", marker.name()).into_bytes();
            (before, marker.alleles().iter().map(|allele| allele.to_string().into_bytes()).collect())
        });
        Self { digits: count.to_string().len().max(3), markers: markers.collect() }
    }

    /// The line of a [`Record`] of a convicted person; a test holds the two together.
    fn json_line(&self, k: u64, person: &Diploid, out: &mut Vec<u8>) {
        out.extend(b"{\"specimen\":\"person-");
        self.number(k, out);
        out.extend(b"\",\"category\":\"convicted_person\",\"profile\":{");
        for ((before, alleles), (a, b)) in self.markers.iter().zip(person.maternal.iter().zip(&person.paternal)) {
            out.extend(before);
            out.extend(&alleles[usize::from(*a.min(b))]);
            if a != b {
                out.extend(b"\",\"");
                out.extend(&alleles[usize::from(*a.max(b))]);
            }
            out.extend(b"\"]");
        }
        let sex: &[u8] =
            if person.sex == Sex::Male { b",\"AMEL\":[\"X\",\"Y\"]}}\n" } else { b",\"AMEL\":[\"X\"]}}\n" };
        out.extend(sex);
    }

    fn csv_row(&self, k: u64, person: &Diploid, out: &mut Vec<u8>) {
        out.extend(b"person-");
        self.number(k, out);
        out.extend(if person.sex == Sex::Male { &b",male"[..] } else { b",female" });
        for ((_, alleles), (a, b)) in self.markers.iter().zip(person.maternal.iter().zip(&person.paternal)) {
            for allele in [a, b] {
                out.push(b',');
                out.extend(&alleles[usize::from(*allele)]);
            }
        }
        out.push(b'\n');
    }

    /// `k` counted from 1, as [`numbered`] writes it.
    fn number(&self, k: u64, out: &mut Vec<u8>) {
        let (mut text, mut rest) = ([b'0'; 20], k + 1);
        let mut at = text.len();
        while rest > 0 || text.len() - at < self.digits {
            at -= 1;
            text[at] = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        out.extend(&text[at..]);
    }
}

fn csv_heading(table: &AlleleTable) -> Vec<u8> {
    let mut text = "specimen,sex".to_owned();
    for marker in table.markers() {
        for _ in 0..2 {
            text.push(',');
            text.push_str(marker.name());
        }
    }
    text.push('\n');
    text.into_bytes()
}

fn binary_heading(table: &AlleleTable, count: u64) -> Vec<u8> {
    let mut head = b"TNBDNA01".to_vec();
    head.extend(count.to_le_bytes());
    head.extend((table.markers().len() as u32).to_le_bytes());
    for marker in table.markers() {
        // A name has at most 24 bytes, a marker at most 255 alleles.
        head.push(marker.name().len() as u8);
        head.extend(marker.name().bytes());
        head.extend((marker.alleles().len() as u16).to_le_bytes());
        marker.alleles().iter().for_each(|allele| head.extend(allele.tenths().to_le_bytes()));
    }
    head
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_the_record_that_the_search_reads() {
        let population = ProfilePopulation::new(AlleleTable::illustration(), 4, 0.0, 1).unwrap();
        let texts = Texts::new(population.table(), 20_000);
        for k in [0, 1, 99, 19_999, 123_456] {
            let person = population.person(k);
            let profile = population.table().profile(&person).unwrap();
            let record = Record::new(specimen(k, 20_000), Category::ConvictedPerson, &profile).unwrap();
            let mut line = Vec::new();
            texts.json_line(k, &person, &mut line);
            assert_eq!(String::from_utf8(line).unwrap(), serde_json::to_string(&record).unwrap() + "\n");
        }
    }
}
