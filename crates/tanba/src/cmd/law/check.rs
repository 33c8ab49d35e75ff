//! `tanba law check` and `explain`: what the law says of one person.

use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use serde_json::{Value, json};
use tanba_law::{
    Amount, Consequence, Date, Decision, Duty, Lang, Library, Mode, Pack, RuleTried, Speaks, Subject, check,
    rules_tried,
};

use super::words::{Words, status, words};
use super::{pack_named, parse_date, read_text};
use crate::console::Console;

/// The longest subject read, bytes; the law crate refuses more than 64 KiB itself, with its own words.
const MAX_SUBJECT: u64 = 64 * 1024 + 1;

#[derive(Args)]
pub(super) struct Check {
    /// Id of the pack, as `tanba law list` gives it.
    #[arg(long)]
    pack: String,
    /// The date the question is for (the day of capture).
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = parse_date)]
    as_of: Date,
    /// Answer as the law was known on this day.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = parse_date)]
    known_on: Option<Date>,
    /// JSON file with the facts of the person, or `-` for standard input.
    subject: PathBuf,
}

impl Check {
    /// `check`: the answer, in one language.
    pub(super) fn run(&self, library: &Library, lang: Lang, console: &Console) -> anyhow::Result<()> {
        let (pack, _, decision) = self.decide(library)?;
        console.answer(&in_json(pack, &decision)?, told(pack, &decision, lang).trim_end());
        Ok(())
    }

    /// `explain`: the answer in all three languages, with every rule that was tried and the sources.
    pub(super) fn explain(&self, library: &Library, console: &Console) -> anyhow::Result<()> {
        let (pack, subject, decision) = self.decide(library)?;
        let tried = rules_tried(pack, &subject, self.as_of);
        let said = [Lang::Kk, Lang::Ru, Lang::En].map(|lang| explained(pack, &decision, &tried, lang));
        let mut answer = in_json(pack, &decision)?;
        answer["rules_tried"] = json!(tried);
        answer["sources"] =
            sources(pack, &decision).map(|(code, line)| json!({ "clause": code, "source": line })).collect();
        let [kk, ru, en] = &said;
        answer["explanation"] = json!({ "kk": kk, "ru": ru, "en": en });
        console.answer(&answer, said.join(&format!("\n{}\n\n", "-".repeat(72))).trim_end());
        Ok(())
    }

    fn decide<'a>(&self, library: &'a Library) -> anyhow::Result<(&'a Pack, Subject, Decision)> {
        let pack = pack_named(library, &self.pack)?;
        let (subject, noticed) = Subject::from_json(&read_text(&self.subject, MAX_SUBJECT)?)?;
        let mut decision = check(pack, &subject, self.as_of, self.known_on, Mode::Production)?;
        decision.diagnostics.splice(0..0, noticed);
        Ok((pack, subject, decision))
    }
}

fn in_json(pack: &Pack, decision: &Decision) -> anyhow::Result<Value> {
    let mut answer = serde_json::to_value(decision).context("the decision does not serialise")?;
    answer["pack_status"] = json!(pack.status());
    Ok(answer)
}

/// A decision in plain words. Writing to a `String` cannot fail.
fn told(pack: &Pack, decision: &Decision, lang: Lang) -> String {
    let words = words(lang);
    let category = match decision.decision {
        Duty::Must => words.must,
        Duty::May => words.may,
        Duty::MustNot => words.must_not,
    };
    let mut out = String::new();
    let age = decision.age.map(|age| format!(", {} {age}", words.age)).unwrap_or_default();
    let _ = writeln!(out, "{category}\n{}: {}{age}\n", words.on, decision.as_of);
    for reason in &decision.reasons {
        let _ = writeln!(out, "  {}\n    [{}] {}", reason.text.get(lang), reason.clause, reason.citation);
    }
    let mut section = |title: &str, lines: Vec<String>| {
        if !lines.is_empty() {
            let _ = writeln!(out, "\n{title}\n  {}", lines.join("\n  "));
        }
    };
    section(words.missing, decision.missing.iter().map(|item| item.text.get(lang).to_owned()).collect());
    let due = |date: Option<Date>| date.map(|date| format!(" ({date})")).unwrap_or_default();
    section(
        words.obligations,
        decision.obligations.iter().map(|duty| format!("{}{}", duty.text.get(lang), due(duty.due))).collect(),
    );
    section(words.consequences, decision.consequences.iter().map(|step| rung(step, lang, &words)).collect());
    section(words.notes, decision.diagnostics.iter().map(|note| note.text.get(lang).to_owned()).collect());
    let _ =
        writeln!(out, "\n{} ({})\n{} sha256:{}", pack.title().get(lang), status(pack, &words), pack.id(), pack.hash());
    out
}

/// One consequence: its place, the sum where there is one, whether it is possible now, and its clause.
fn rung(step: &Consequence, lang: Lang, words: &Words) -> String {
    let sum = step.amount.as_ref().map_or_else(String::new, |amount| match (amount.value, &amount.currency) {
        (Some(value), Some(currency)) => match stated(amount) {
            Some(stated) => format!(" ({stated} = {value} {currency})"),
            None => format!(" ({value} {currency})"),
        },
        _ => stated(amount).map(|stated| format!(" ({stated})")).unwrap_or_default(),
    });
    let now = if step.possible_now { format!(" — {}", words.possible_now) } else { String::new() };
    format!("{}. {}{sum}{now} [{}]", step.order, step.text.get(lang), step.clause)
}

/// Units of the index, where the law names them.
fn stated(amount: &Amount) -> Option<String> {
    Some(format!("{} {}", amount.units?, amount.index.as_ref()?))
}

/// The decision, the rules tried and where everything stands.
fn explained(pack: &Pack, decision: &Decision, tried: &[RuleTried], lang: Lang) -> String {
    let words = words(lang);
    let mut out = told(pack, decision, lang);
    let _ = writeln!(out, "\n{}", words.tried);
    for rule in tried {
        let mark = match rule.speaks {
            Speaks::Yes => "+",
            Speaks::Perhaps => "?",
            Speaks::No => "-",
        };
        let hangs_on =
            if rule.hangs_on.is_empty() { String::new() } else { format!(" ({})", rule.hangs_on.join(", ")) };
        let _ = writeln!(out, "  {mark} {}{hangs_on}", rule.clause);
    }
    let _ = writeln!(out, "\n{}", words.sources);
    for (code, line) in sources(pack, decision) {
        let _ = writeln!(out, "  [{code}] {line}");
    }
    out
}

/// Every clause that the decision cites, once, with its source.
fn sources<'a>(pack: &'a Pack, decision: &'a Decision) -> impl Iterator<Item = (&'a str, String)> {
    let cited = decision.reasons.iter().map(|reason| &reason.clause);
    let cited = cited.chain(decision.obligations.iter().map(|duty| &duty.code));
    let mut cited: Vec<&String> = cited.chain(decision.consequences.iter().map(|step| &step.clause)).collect();
    let mut seen = std::collections::HashSet::new();
    cited.retain(|code| seen.insert(*code));
    cited.into_iter().filter_map(|code| Some((code.as_str(), super::show::sourced(&pack.clause(code)?))))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The answer in plain words for a fixed person under a fixed pack.
    fn answer(subject: &str, lang: Lang) -> String {
        let pack = Library::embedded().pack("kz-2016-as-enacted").expect("embedded");
        let (subject, _) = Subject::from_json(subject).unwrap();
        told(pack, &check(pack, &subject, "2026-06-01".parse().unwrap(), None, Mode::Production).unwrap(), lang)
    }

    #[test]
    fn the_answer_names_the_clause_the_steps_with_their_sums_and_the_hash() {
        let refuser = r#"{"status":"citizen","born":"1990-01-01","trigger":"passport","prior_refusals":1}"#;
        for (lang, category) in [(Lang::Kk, "МІНДЕТТІ"), (Lang::Ru, "ОБЯЗАН"), (Lang::En, "MUST be")] {
            let told = answer(refuser, lang);
            for part in [category, "[citizen-from-16]", "(5 KZ_MCI = 21625 KZT)", words(lang).possible_now, "sha256:"] {
                assert!(told.contains(part), "{part} in {told}");
            }
            assert!(told.find("[refusal-fine]").unwrap() < told.find("[refusal-document]").unwrap());
        }
    }

    #[test]
    fn a_minor_without_a_guardian_is_told_what_is_needed_and_threatened_with_nothing() {
        let told = answer(r#"{"status":"citizen","born":"2012-02-29","trigger":"passport"}"#, Lang::En);
        assert!(told.starts_with("MAY be registered"), "{told}");
        assert!(told.contains(words(Lang::En).missing) && !told.contains(words(Lang::En).consequences), "{told}");
    }
}
