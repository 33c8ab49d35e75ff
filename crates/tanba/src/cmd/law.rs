//! `tanba law`: what the law says of a person, which packs there are, and what stands in them.

use std::fmt::Write as _;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use tanba_law::{
    Amount, AssumptionSheet, Clause, Consequence, Date, Decision, Duty, Lang, Library, Mode, Pack, PackStatus, Rule, Selector,
    Subject, check,
};

use crate::console::Console;

/// The longest subject read, bytes; the law crate refuses more than 64 KiB itself, with its own words.
const MAX_SUBJECT: u64 = 64 * 1024 + 1;

/// Options of `tanba law`.
#[derive(Args)]
pub(crate) struct Law {
    #[command(subcommand)]
    question: Question,
    /// Language of the answer for people: kk, ru or en.
    #[arg(long, global = true, default_value = "en", value_parser = |name: &str| name.parse::<Lang>())]
    lang: Lang,
}

#[derive(Subcommand)]
enum Question {
    /// What the law says of one person on one date.
    Check(Check),
    /// The law packs and assumption sheets that come with the program.
    List,
    /// Every rule of a pack, or every assumption of a sheet, with its source and how well it is known.
    Show {
        /// Id of a pack or sheet, as `tanba law list` gives it.
        id: String,
    },
}

#[derive(Args)]
struct Check {
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

fn parse_date(text: &str) -> Result<Date, String> {
    text.parse().map_err(|_| "a date is written YYYY-MM-DD".to_owned())
}

impl Law {
    /// Runs it.
    pub(crate) fn run(self, console: &Console) -> anyhow::Result<()> {
        let library = Library::embedded();
        match self.question {
            Question::Check(question) => question.run(library, self.lang, console),
            Question::List => {
                list(library, self.lang, console);
                Ok(())
            }
            Question::Show { id } => match (library.pack(&id), library.sheet(&id)) {
                (Some(pack), _) => show_pack(pack, self.lang, console),
                (None, Some(sheet)) => {
                    show_sheet(sheet, self.lang, console);
                    Ok(())
                }
                (None, None) => bail!("there is no pack or sheet of this id; `tanba law list` names them"),
            },
        }
    }
}

impl Check {
    fn run(self, library: &Library, lang: Lang, console: &Console) -> anyhow::Result<()> {
        let pack = library.pack(&self.pack).with_context(|| {
            let ids: Vec<_> = library.packs().iter().map(Pack::id).collect();
            format!("there is no pack of this id; there are {}", ids.join(", "))
        })?;
        let (subject, noticed) = Subject::from_json(&read_subject(&self.subject)?)?;
        let mut decision = check(pack, &subject, self.as_of, self.known_on, Mode::Production)?;
        decision.diagnostics.splice(0..0, noticed);
        let mut answer = serde_json::to_value(&decision).context("the decision does not serialise")?;
        answer["pack_status"] = json!(pack.status());
        console.answer(&answer, told(pack, &decision, lang).trim_end());
        Ok(())
    }
}

fn read_subject(path: &Path) -> anyhow::Result<String> {
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        std::io::stdin().take(MAX_SUBJECT).read_to_end(&mut bytes).context("cannot read standard input")?;
    } else {
        let cannot = || format!("cannot read {}", path.display());
        let file = File::open(path).with_context(cannot)?;
        file.take(MAX_SUBJECT).read_to_end(&mut bytes).with_context(cannot)?;
    }
    String::from_utf8(bytes).ok().context("the subject is not UTF-8 text; give one JSON object")
}

/// The words around the answer: Kazakh, Russian, English.
struct Words {
    must: &'static str,
    may: &'static str,
    must_not: &'static str,
    on: &'static str,
    age: &'static str,
    missing: &'static str,
    obligations: &'static str,
    consequences: &'static str,
    possible_now: &'static str,
    notes: &'static str,
    open: &'static str,
    draft: &'static str,
    unsigned: &'static str,
    signed: &'static str,
}

fn words(lang: Lang) -> Words {
    match lang {
        Lang::Kk => Words {
            must: "ТІРКЕЛУГЕ МІНДЕТТІ",
            may: "ТІРКЕЛУІ МҮМКІН",
            must_not: "ТІРКЕЛМЕЙДІ",
            on: "Күні",
            age: "жасы",
            missing: "Әлі керек:",
            obligations: "Тіркеуші органның міндеттері:",
            consequences: "Бас тартса (автоматты түрде емес; шешімді орган қабылдайды, шағым тоқтатады):",
            possible_now: "қазір мүмкін",
            notes: "Ескертулер:",
            open: "Заңгер шешуі тиіс:",
            draft: "ЖОБА, заңгер қол қоймаған",
            unsigned: "АЯҚТАЛҒАН, қол қойылмаған",
            signed: "ҚОЛ ҚОЙЫЛҒАН",
        },
        Lang::Ru => Words {
            must: "ОБЯЗАН ПРОЙТИ РЕГИСТРАЦИЮ",
            may: "МОЖЕТ ПРОЙТИ РЕГИСТРАЦИЮ",
            must_not: "РЕГИСТРАЦИИ НЕ ПОДЛЕЖИТ",
            on: "Дата",
            age: "возраст",
            missing: "Ещё нужно:",
            obligations: "Обязанности регистрирующего органа:",
            consequences: "При отказе (не автоматически; решает орган, жалоба приостанавливает):",
            possible_now: "возможно сейчас",
            notes: "Замечания:",
            open: "Должен решить юрист:",
            draft: "ЧЕРНОВИК, юристом не подписан",
            unsigned: "ОКОНЧАТЕЛЬНЫЙ, не подписан",
            signed: "ПОДПИСАН",
        },
        Lang::En => Words {
            must: "MUST be registered",
            may: "MAY be registered",
            must_not: "MUST NOT be registered",
            on: "Date",
            age: "age",
            missing: "Still needed:",
            obligations: "The registering body must:",
            consequences: "If the person refuses (never by itself: an authority decides, an appeal suspends):",
            possible_now: "possible now",
            notes: "Notes:",
            open: "For a lawyer to settle:",
            draft: "DRAFT, signed by no lawyer",
            unsigned: "FINAL, not signed",
            signed: "SIGNED",
        },
    }
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

fn status(pack: &Pack, words: &Words) -> &'static str {
    match (pack.status(), pack.approval()) {
        (PackStatus::Draft, _) => words.draft,
        (PackStatus::Final, None) => words.unsigned,
        (PackStatus::Final, Some(_)) => words.signed,
    }
}

fn list(library: &Library, lang: Lang, console: &Console) {
    let mut out = String::new();
    for pack in library.packs() {
        let until = pack.valid_to().map_or_else(|| "…".to_owned(), |end| end.to_string());
        let _ = writeln!(
            out,
            "{}\n  {}\n  {} – {until}; {}",
            pack.id(),
            pack.title().get(lang),
            pack.valid_from(),
            status(pack, &words(lang))
        );
    }
    for sheet in library.sheets() {
        let _ = writeln!(out, "{}\n  {}", sheet.id(), sheet.title().get(lang));
    }
    let packs: Vec<_> = library.packs().iter().map(about).collect();
    let sheets: Vec<_> = library
        .sheets()
        .iter()
        .map(|sheet| json!({ "id": sheet.id(), "title": sheet.title(), "hash": sheet.hash() }))
        .collect();
    console.answer(&json!({ "packs": packs, "sheets": sheets }), out.trim_end());
}

fn about(pack: &Pack) -> Value {
    json!({
        "id": pack.id(),
        "title": pack.title(),
        "jurisdiction": pack.jurisdiction(),
        "modality": pack.modality(),
        "status": pack.status(),
        "valid_from": pack.valid_from(),
        "valid_to": pack.valid_to(),
        "known_from": pack.known_from(),
        "pack_hash": pack.hash(),
    })
}

fn show_pack(pack: &Pack, lang: Lang, console: &Console) -> anyhow::Result<()> {
    let words = words(lang);
    let act = pack.instrument();
    let mut out = format!(
        "{} ({})\n{} sha256:{}\n{}{}, {}\n\n{}\n",
        pack.title().get(lang),
        status(pack, &words),
        pack.id(),
        pack.hash(),
        act.number,
        act.date.map(|date| format!(" {date}")).unwrap_or_default(),
        act.title.get(lang),
        pack.history().get(lang)
    );
    for clause in pack.clauses() {
        let text = clause.text.map_or_else(String::new, |text| format!(" {}", text.get(lang)));
        let _ = writeln!(out, "\n[{}]{text}", clause.code);
        if let Some(rule) = pack.rules().iter().find(|rule| rule.code == clause.code) {
            let _ = writeln!(out, "    {}", scope(rule));
        }
        let _ = writeln!(out, "    {}", sourced(&clause));
    }
    let open: Vec<_> = pack.open_questions().iter().map(|clause| clause.code).collect();
    let _ = writeln!(out, "\n{} {}", words.open, open.join(", "));
    let mut answer = about(pack);
    answer["open_questions"] = json!(open);
    answer["content"] = serde_json::from_str(pack.canonical_json()).context("the pack's canonical form is not JSON")?;
    console.answer(&answer, out.trim_end());
    Ok(())
}

/// Whom a rule binds, at what age, on which events, in the names of the file.
fn scope(rule: &Rule) -> String {
    fn names<T: ToString>(meant: &Selector<T>) -> String {
        match meant {
            Selector::Any => "any".to_owned(),
            Selector::Only(items) => items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        }
    }
    format!("{:?}: {} {}; {}", rule.basis, names(&rule.who), rule.age, names(&rule.triggers)).to_lowercase()
}

fn sourced(clause: &Clause<'_>) -> String {
    let ground = clause.ground;
    format!("{}; {} ({:?})", ground.cite, ground.source, ground.confidence)
}

fn show_sheet(sheet: &AssumptionSheet, lang: Lang, console: &Console) {
    let mut out = format!("{}\n{} sha256:{}\n", sheet.title().get(lang), sheet.id(), sheet.hash());
    let mut assumptions = Vec::new();
    for (code, text, reason) in sheet.assumptions() {
        let _ = writeln!(out, "\n[{code}] {}\n    {}", text.get(lang), reason.get(lang));
        assumptions.push(json!({ "code": code, "text": text, "reason": reason }));
    }
    let answer = json!({ "id": sheet.id(), "title": sheet.title(), "hash": sheet.hash(), "assumptions": assumptions });
    console.answer(&answer, out.trim_end());
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
