//! The law of other countries, case by case: `tests/countries/<pack>.txt` holds questions, and behind `=>` the answers.
//!
//! A line is one of (words may be left out from the end):
//! `check DATE SUBJECT`, `refuse DATE STATUS EVENT WHAT@DATE...`, `access DATE BODY PURPOSE ACT DATA POPULATION [AUTHORITY|urgent] [SEARCHED[@DAYS]...]`,
//! `transfer` likewise, `keep DATE KIND CATEGORY [gravity=..] [minor] [adult] [born=DATE] [hold=AUTHORITY] EVENT@DATE...`.
//!
//! `TANBA_UPDATE=1 cargo test -p tanba-law countries` writes the answers anew; read the difference before you keep it.

use jiff::civil::Date;
use std::path::{Path, PathBuf};
use tanba_law::{
    AccessDecision, AccessRequest, LegalHold, Library, Mode, Pack, PackStatus, RefusalEvent, RefusalHistory,
    RefusalKind, RetentionKind, RetentionRecord, SanctionFacts, Searched, Status, Subject, Trigger, access, activate,
    check, refusal_step, retention, transfer,
};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/countries")
}

/// The name that a value has in files.
fn named<T: serde::Serialize>(value: T) -> String {
    serde_json::to_value(value).unwrap().as_str().unwrap().to_owned()
}

fn read<T: serde::de::DeserializeOwned>(word: &str) -> T {
    serde_json::from_value(word.into()).unwrap_or_else(|_| panic!("{word} is no word of the engine"))
}

fn list<T: AsRef<str>>(items: impl IntoIterator<Item = T>) -> String {
    let items: Vec<String> = items.into_iter().map(|item| item.as_ref().to_owned()).collect();
    if items.is_empty() { "-".to_owned() } else { items.join(",") }
}

fn answer(pack: &Pack, question: &str) -> String {
    let (verb, rest) = question.split_once(' ').expect(question);
    let (day, rest) = rest.split_once(' ').expect(question);
    let day: Date = day.parse().expect(question);
    let words: Vec<&str> = rest.split_whitespace().collect();
    match verb {
        "check" => checked(pack, rest, day),
        "refuse" => refused(pack, &words, day),
        "access" => looked(&access(pack, &request(&words), day, Mode::Production)),
        "transfer" => looked(&transfer(pack, &request(&words), day, Mode::Production)),
        "keep" => kept(pack, &words, day),
        _ => panic!("no such question: {question}"),
    }
}

fn checked(pack: &Pack, subject: &str, day: Date) -> String {
    let (subject, notes) = Subject::from_json(subject).expect(subject);
    assert!(notes.is_empty(), "{} {notes:?}", pack.id());
    let decision = match check(pack, &subject, day, None, Mode::Production) {
        Ok(decision) => decision,
        Err(error) => return format!("error: {error}"),
    };
    let steps = decision.consequences.iter().map(|step| format!("{}:{}", step.clause, named(step.kind)));
    format!(
        "{} {}; missing {}; duties {}; a refusal {}; group {}",
        named(decision.decision),
        decision.clause,
        list(decision.missing.iter().map(|missing| missing.code.as_str())),
        list(decision.obligations.iter().map(|duty| duty.code.as_str())),
        list(steps),
        decision.group.as_deref().unwrap_or("-"),
    )
}

fn refused(pack: &Pack, words: &[&str], day: Date) -> String {
    let events = words[2..].iter().map(|word| {
        let (what, on) = word.split_once('@').expect(word);
        let step = |name: &str| name.split_once(':').map(|(_, step)| step.to_owned()).unwrap_or_default();
        let kind = match what.split(':').next().unwrap() {
            "refused" => RefusalKind::Refused,
            "decided" => RefusalKind::Decided { step: step(what) },
            "fulfilled" => RefusalKind::Fulfilled { step: step(what) },
            "appealed" => RefusalKind::AppealOpened,
            other => panic!("no such event: {other}"),
        };
        RefusalEvent { on: on.parse().unwrap(), kind }
    });
    let status = Status::from_name(words[0]).unwrap();
    let trigger = Trigger::from_name(words[1]).unwrap();
    let history = RefusalHistory { status, trigger, obliged: true, events: events.collect() };
    match refusal_step(pack, &history, day, Mode::Production) {
        Err(error) => format!("error: {error}"),
        Ok(answer) => {
            let step = answer.step.map(|step| {
                let money = step.amount.and_then(|amount| Some(format!(" {} {}", amount.value?, amount.currency?)));
                let term = step.term.map(|term| format!(" {term}"));
                format!("{}{}{}", named(step.kind), money.unwrap_or_default(), term.unwrap_or_default())
            });
            format!("{} {} {}", named(answer.state), answer.clause, step.unwrap_or_default()).trim_end().to_owned()
        }
    }
}

/// `prum`: answered; `prum@2`: begun two days ago and not answered.
fn searched(word: &str, now: i64) -> Searched {
    let (what, days) = word.split_once('@').map_or((word, None), |(what, days)| (what, Some(days)));
    let days: i64 = days.map_or(0, |days| days.parse().expect(word));
    Searched { what: what.to_owned(), begun: now - days * 86_400_000_000, answered: days == 0 }
}

fn request(words: &[&str]) -> AccessRequest {
    const NOW: i64 = 1_781_500_000_000_000;
    let authority = words.get(5).filter(|word| **word != "urgent");
    let sanction = authority.map(|authority| SanctionFacts {
        authority: (*authority).to_owned(),
        valid_from: NOW - 1,
        valid_to: NOW + 1,
        uses_left: 1,
        purposes: vec![words[1].to_owned()],
        subject_matches: true,
        separate_persons: true,
        within_term: true,
    });
    AccessRequest {
        body: Some(words[0].to_owned()),
        officer_present: true,
        purpose: Some(words[1].to_owned()),
        legal_basis: Some("named in the case".to_owned()),
        case_present: true,
        act: read(words[2]),
        data: read(words[3]),
        population: words[4].to_owned(),
        sanction,
        urgent: words.get(5) == Some(&"urgent"),
        searched: words.iter().skip(6).map(|word| searched(word, NOW)).collect(),
        at: NOW,
    }
}

fn looked(decision: &AccessDecision) -> String {
    let verdict = if decision.permit { "permit" } else { "deny" };
    let review = decision.review_working_days.map(|days| format!("; review in {days} working days"));
    let (fields, review) = (list(&decision.fields), review.unwrap_or_default());
    format!("{verdict} {} by {}; fields {fields}{review}", decision.reason_code, decision.clause)
}

fn kept(pack: &Pack, words: &[&str], day: Date) -> String {
    let kind = match words[0] {
        "profile" => RetentionKind::Profile,
        "sample" => RetentionKind::Sample,
        "log" => RetentionKind::Log,
        other => panic!("no such kind: {other}"),
    };
    let mut record = RetentionRecord::collected(kind, words[1], day);
    record.events.clear();
    for word in &words[2..] {
        if let Some((event, on)) = word.split_once('@') {
            record.events.push((event.to_owned(), on.parse().unwrap()));
            continue;
        }
        match word.split_once('=') {
            Some(("gravity", gravity)) => record.gravity = Some(gravity.to_owned()),
            Some(("born", born)) => record.born = Some(born.parse().unwrap()),
            Some(("hold", authority)) => {
                let until = day.tomorrow().unwrap();
                record.hold = Some(LegalHold { authority: Some(authority.to_owned()), from: day, until });
            }
            None if *word == "minor" => record.minor = Some(true),
            None if *word == "adult" => record.minor = Some(false),
            _ => panic!("no such word: {word}"),
        }
    }
    let answer = retention(pack, &record, day, Mode::Production);
    let day = |day: Option<Date>| day.map_or("-".to_owned(), |day| day.to_string());
    let state = named(answer.state);
    let refused = if answer.hold_refused { "; the hold does not count" } else { "" };
    format!("{state} by {}; until {}; notice {}{refused}", answer.clause, day(answer.until), day(answer.notice_on))
}

/// Every pack of another country has cases, and each has the answer that stands beside it.
#[test]
fn countries_answer_as_their_cases_say() {
    let update = std::env::var_os("TANBA_UPDATE").is_some();
    let mut wrong = Vec::new();
    for pack in Library::embedded().packs().iter().filter(|pack| pack.jurisdiction() != "KZ") {
        let file = folder().join(format!("{}.txt", pack.id()));
        let text = std::fs::read_to_string(&file).unwrap_or_else(|_| panic!("{} has no cases", pack.id()));
        let line = |line: &str| match line.split(" =>").next() {
            Some(question) if !line.starts_with('#') && !line.is_empty() => {
                format!("{question} => {}", answer(pack, question))
            }
            _ => line.to_owned(),
        };
        let now: String = text.lines().map(|asked| line(asked) + "\n").collect();
        let cases = now.lines().filter(|line| line.contains(" => ")).count();
        assert!(cases >= 5, "{} has {cases} cases", pack.id());
        if update {
            std::fs::write(&file, &now).unwrap();
        } else {
            let pairs = text.lines().zip(now.lines()).filter(|(was, is)| was != is);
            wrong.extend(pairs.map(|(was, is)| format!("{}\n  is  {was}\n  now {is}", pack.id())));
        }
    }
    assert!(wrong.is_empty(), "if on purpose, TANBA_UPDATE=1 cargo test -p tanba-law countries:\n{}", wrong.join("\n"));
}

#[test]
fn files_of_cases_belong_to_packs() {
    for entry in std::fs::read_dir(folder()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(Library::embedded().pack(name.trim_end_matches(".txt")).is_some(), "{name}");
    }
}

/// Drafts in production: refused. In a demonstration: with their own sheet alone, which assumes nothing for them.
#[test]
fn other_countries_are_drafts_and_run_in_demonstrations_only() {
    let sheet = Library::embedded().sheet("comparison-demo").unwrap();
    assert_eq!(sheet.assumptions().count(), 0);
    for pack in Library::embedded().packs().iter().filter(|pack| pack.jurisdiction() != "KZ") {
        assert_eq!(pack.status(), PackStatus::Draft, "{}", pack.id());
        assert!(activate(pack, Mode::Production).is_err());
        assert!(activate(pack, Mode::Demonstration(sheet)).is_ok(), "{} is not on the sheet", pack.id());
        assert!(activate(pack, Mode::Demonstration(crate::sheet())).is_err());
        assert!(!pack.open_questions().is_empty(), "{} leaves something to a lawyer", pack.id());
    }
}

#[test]
fn the_list_of_packs_has_each_with_its_days() {
    let list = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("packs/README.md")).unwrap();
    for pack in Library::embedded().packs() {
        let row = list.lines().find(|line| line.starts_with(&format!("| `{}` |", pack.id())));
        let row = row.unwrap_or_else(|| panic!("{} is not in packs/README.md", pack.id()));
        let mut days = vec![pack.known_from()];
        days.extend(pack.in_force(pack.valid_from(), None).is_ok().then(|| pack.valid_from()));
        days.extend(pack.struck().map(|struck| struck.on));
        for day in days {
            assert!(row.contains(&day.to_string()), "{}: {day}", pack.id());
        }
    }
}
