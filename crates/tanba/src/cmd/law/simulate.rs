//! `tanba law simulate`: two packs over the same people who do not exist.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use serde_json::{Value, json};
use tanba_law::{Date, Duty, Lang, Library, Mode, Pack, Status, Subject, Trigger, check};
use tanba_synth::{CalendarDate, Person, Population};

use super::words::{Words, words};
use super::{pack_or_file, parse_date};
use crate::console::Console;

/// Greatest age of a simulated person, in years: the population's own limit.
const OLDEST: u8 = 104;
/// Ages, in completed years, at which groups of people begin.
const GROUPS: [u16; 6] = [0, 12, 16, 18, 60, 80];
/// Colours of must, may and must not, apart in print and for the colour-blind.
const COLOURS: [&str; 3] = ["#0b5394", "#f1a340", "#bdbdbd"];

/// Where the chart's bars begin, in pixels.
const LEFT: u64 = 190;
/// Length of a whole bar, in pixels.
const WIDTH: u64 = 520;
/// Height of a bar, in pixels.
const BAR: u64 = 12;

#[derive(Args)]
pub(super) struct Simulate {
    /// The law before: a pack's id, or a file that ends in `.yaml`.
    #[arg(long, value_name = "PACK")]
    from: String,
    /// The law after, likewise.
    #[arg(long, value_name = "PACK")]
    to: String,
    /// The day on which both are asked; both must hold on it.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = parse_date)]
    as_of: Date,
    /// How many people.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    people: u64,
    /// The same seed gives the same people.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The event on which everyone comes. Without it, citizens come for an identity card, foreigners for a residence permit,
    /// stateless people for their certificate.
    #[arg(long, value_name = "EVENT", value_parser = parse_trigger)]
    event: Option<Trigger>,
    /// Write a chart of both laws to this SVG file.
    #[arg(long, value_name = "FILE")]
    chart: Option<PathBuf>,
}

fn parse_trigger(name: &str) -> Result<Trigger, String> {
    let names = || Trigger::ALL.iter().map(|trigger| trigger.name()).collect::<Vec<_>>().join(", ");
    Trigger::from_name(name).ok_or_else(|| format!("no such event; use one of {}", names()))
}

/// Status, first age of the group, category before and after.
type Cell = (Status, u16, Duty, Duty);

impl Simulate {
    pub(super) fn run(&self, library: &Library, lang: Lang, console: &Console) -> anyhow::Result<()> {
        let packs = [pack_or_file(library, &self.from)?, pack_or_file(library, &self.to)?];
        let day = self.as_of;
        let month = |part: i8| u8::try_from(part).context("a date of the calendar");
        let as_of: CalendarDate = (day.year(), month(day.month())?, month(day.day())?);
        let mut cells: BTreeMap<(&'static str, u16, u8, u8), (Cell, u64)> = BTreeMap::new();
        let bar = console.progress(self.people, "asking the law");
        for person in Population::residents(self.seed, self.people, as_of, (0, OLDEST)) {
            let cell = self.ask(&packs, &person)?;
            let (status, group, before, after) = cell;
            cells.entry((status.name(), group, before as u8, after as u8)).or_insert((cell, 0)).1 += 1;
            bar.inc(1);
        }
        bar.finish_and_clear();
        let counted: Vec<(Cell, u64)> = cells.into_values().collect();
        if let Some(path) = &self.chart {
            let svg = chart(&packs, self.people, &counted, lang);
            std::fs::write(path, svg).with_context(|| format!("cannot write {}", path.display()))?;
        }
        console.answer(&self.in_json(&packs, &counted), told(&packs, self.people, &counted, lang));
        Ok(())
    }

    fn ask(&self, packs: &[Pack; 2], person: &Person) -> anyhow::Result<Cell> {
        let (status, usual) = match person.status {
            tanba_synth::Status::Citizen => (Status::Citizen, Trigger::IdentityCard),
            tanba_synth::Status::Foreigner => (Status::Foreigner, Trigger::ResidencePermit),
            tanba_synth::Status::Stateless => (Status::Stateless, Trigger::StatelessCertificate),
        };
        let born = parse_date(&person.born.iso()).map_err(anyhow::Error::msg)?;
        let subject = Subject::new(status, born, self.event.unwrap_or(usual));
        let [before, after] = packs.each_ref().map(|pack| check(pack, &subject, self.as_of, None, Mode::Production));
        let (before, after) = (before?, after?);
        let age = after.age.unwrap_or_default();
        let group = GROUPS.iter().rev().find(|from| **from <= age).copied().unwrap_or_default();
        Ok((status, group, before.decision, after.decision))
    }

    fn in_json(&self, packs: &[Pack; 2], counted: &[(Cell, u64)]) -> Value {
        let totals = |at: usize| {
            let total = |duty: Duty| sum(counted, |cell| [cell.2, cell.3][at] == duty);
            json!({ "must": total(Duty::Must), "may": total(Duty::May), "must_not": total(Duty::MustNot) })
        };
        let groups: Vec<_> = counted
            .iter()
            .map(|((status, group, before, after), people)| {
                json!({ "status": status, "age": ages(*group), "before": before, "after": after, "people": people })
            })
            .collect();
        json!({
            "from": packs[0].id(),
            "from_hash": packs[0].hash(),
            "to": packs[1].id(),
            "to_hash": packs[1].hash(),
            "as_of": self.as_of,
            "seed": self.seed,
            "people": self.people,
            "changed": sum(counted, |cell| cell.2 != cell.3),
            "before": totals(0),
            "after": totals(1),
            "groups": groups,
        })
    }
}

fn sum(counted: &[(Cell, u64)], wanted: impl Fn(&Cell) -> bool) -> u64 {
    counted.iter().filter(|(cell, _)| wanted(cell)).map(|(_, people)| people).sum()
}

/// The ages of a group as a law writes them: `[12,16)`.
fn ages(from: u16) -> String {
    match GROUPS.iter().find(|next| **next > from) {
        Some(next) => format!("[{from},{next})"),
        None => format!("[{from},inf)"),
    }
}

/// The same as people say it: `12-15`, `80+`.
fn ages_told(from: u16) -> String {
    match GROUPS.iter().find(|next| **next > from) {
        Some(next) => format!("{from}-{}", next - 1),
        None => format!("{from}+"),
    }
}

fn category<'a>(duty: Duty, words: &Words) -> &'a str {
    match duty {
        Duty::Must => words.must,
        Duty::May => words.may,
        Duty::MustNot => words.must_not,
    }
}

fn told(packs: &[Pack; 2], people: u64, counted: &[(Cell, u64)], lang: Lang) -> String {
    let words = words(lang);
    let changed = sum(counted, |cell| cell.2 != cell.3);
    let mut out = format!("{}: {people}\n{}: {changed}\n", words.people, words.changed);
    for (at, pack, label) in [(0, &packs[0], words.before), (1, &packs[1], words.after)] {
        let _ = writeln!(out, "\n{label}: {} ({})", pack.title().get(lang), pack.id());
        for duty in [Duty::Must, Duty::May, Duty::MustNot] {
            let total = sum(counted, |cell| [cell.2, cell.3][at] == duty);
            let _ = writeln!(out, "  {}: {total}", category(duty, &words));
        }
    }
    let _ = writeln!(out);
    for ((status, group, before, after), people) in counted.iter().filter(|(cell, _)| cell.2 != cell.3) {
        let (before, after) = (category(*before, &words), category(*after, &words));
        let _ = writeln!(out, "{status} {}: {before} → {after}: {people}", ages_told(*group));
    }
    out.trim_end().to_owned()
}

/// Two bars for every status and age group, before above after, as shares of the group.
fn chart(packs: &[Pack; 2], people: u64, counted: &[(Cell, u64)], lang: Lang) -> String {
    let words = words(lang);
    let mut groups: Vec<(Status, u16)> = counted.iter().map(|(cell, _)| (cell.0, cell.1)).collect();
    groups.dedup();
    let step = 2 * BAR + 12;
    let height = 96 + groups.len() as u64 * step;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{height}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n\
         <text x=\"12\" y=\"20\">{}: {} ({}). {}: {} ({})</text>\n",
        LEFT + WIDTH + 90,
        words.before,
        packs[0].id(),
        &packs[0].hash().to_string()[..8],
        words.after,
        packs[1].id(),
        &packs[1].hash().to_string()[..8],
    );
    let mut x = 12;
    for (duty, colour) in [Duty::Must, Duty::May, Duty::MustNot].into_iter().zip(COLOURS) {
        let _ = writeln!(
            out,
            "<rect x=\"{x}\" y=\"32\" width=\"12\" height=\"12\" fill=\"{colour}\"/><text x=\"{}\" y=\"43\">{}</text>",
            x + 18,
            category(duty, &words)
        );
        x += 240;
    }
    for (row, (status, group)) in (0u64..).zip(&groups) {
        let here = |cell: &Cell| (cell.0, cell.1) == (*status, *group);
        let all = sum(counted, here);
        let top = 60 + row * step;
        let _ = writeln!(out, "<text x=\"12\" y=\"{}\">{status} {}: {all}</text>", top + BAR + 4, ages_told(*group));
        for at in [0usize, 1] {
            let y = top + at as u64 * (BAR + 1);
            let mut done = 0;
            for (duty, colour) in [Duty::Must, Duty::May, Duty::MustNot].into_iter().zip(COLOURS) {
                let part = sum(counted, |cell| here(cell) && [cell.2, cell.3][at] == duty);
                let (from, to) = (done * WIDTH / all, (done + part) * WIDTH / all);
                if to > from {
                    let (x, width) = (LEFT + from, to - from);
                    let _ = writeln!(
                        out,
                        "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{BAR}\" fill=\"{colour}\"/>"
                    );
                }
                done += part;
            }
        }
    }
    let _ = writeln!(out, "<text x=\"12\" y=\"{}\">{}: {people}</text>\n</svg>", height - 16, words.people);
    out
}
