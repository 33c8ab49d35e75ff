//! The supervisor's first page: what needs attention first, in sentences. And the log behind it, by questions.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::routing::{get, post};
use jiff::civil::Date;
use serde::Deserialize;
use tanba_registry::{
    AnomalyKind, AnomalyNote, FalseAlarms, Instant, LogEntryView, LogFilter, LogPage, NewNoteAnswer, Outcome,
    OversightSummary, SupervisorEntry,
};

use super::super::{Answer, Page, Sent, SignedIn, arg, render, see};
use super::{address, chart, given};
use crate::input::Asked;
use crate::problem::Refusal;
use crate::routes::transparency::Place;
use crate::state::ServerState;

/// Entries on a page of the log.
const PAGE: u32 = 50;
/// Entries of a note that its link names: an address has an end.
pub(super) const NAMED: usize = 60;

pub(super) fn routes() -> Router<ServerState> {
    Router::new()
        .route("/oversight", get(first_page))
        .route("/oversight/note-answers", post(answer))
        .route("/oversight-log", get(log))
        .route("/oversight-log/{seq}", get(entry))
}

// ---------------------------------------------------------------------------------------------------- the first page

#[derive(Deserialize)]
struct DaysAsked {
    days: Option<u32>,
}

/// A note as the page tells it.
struct Told {
    sentence: String,
    when: String,
    who: String,
    link: String,
    /// A lookup of oneself, a row of denials: what is grave.
    grave: bool,
    /// The rule, whom the note is about and its entries, for the answer.
    kind: &'static str,
    subject: String,
    entries: String,
}

/// How the notes of a rule were answered.
struct AnsweredRow {
    rule: String,
    founded: u64,
    unfounded: u64,
    rate: String,
}

struct DayRow {
    day: String,
    effects: u64,
    looks: u64,
    denials: u64,
}

struct PurposeRow {
    organisation: String,
    purpose: String,
    looks: u64,
    denials: u64,
    link: String,
}

#[derive(Template)]
#[template(path = "oversight/first.html")]
struct FirstPage {
    p: Page,
    days: u32,
    choices: [u32; 3],
    period: String,
    summary: OversightSummary,
    notes: Vec<Told>,
    answered: Vec<AnsweredRow>,
    answered_sentence: String,
    waiting: Vec<String>,
    attention: String,
    days_sentence: String,
    days_chart: String,
    day_rows: Vec<DayRow>,
    bodies_sentence: String,
    bodies_chart: String,
    purpose_rows: Vec<PurposeRow>,
}

async fn first_page(State(state): State<ServerState>, signed: SignedIn, Asked(asked): Asked<DaysAsked>) -> Answer {
    let days = asked.days.unwrap_or(7).clamp(1, 92);
    let summary = signed.registry.oversight_summary(&signed.actor, days).await?;
    let p = Page::new(&state, &signed, "oversight", "oversight-title");
    let notes: Vec<Told> = summary.notes.iter().map(|note| told(&p, note, &summary.organisations)).collect();
    let now = signed.registry.now();
    let waiting = summary
        .waiting
        .iter()
        .map(|w| {
            let days = (now.micros() - w.oldest.micros()) / 86_400_000_000;
            let what = p.count(&format!("oversight-waiting-{}", w.kind.replace('_', "-")), &w.count);
            p.tn("oversight-waiting-since", [arg("what", what), arg("n", days)])
        })
        .collect::<Vec<_>>();
    let day_rows = day_rows(&p, &summary);
    let (looks, denials): (u64, u64) =
        (day_rows.iter().map(|d| d.looks).sum(), day_rows.iter().map(|d| d.denials).sum());
    let days_sentence = p.tn(
        "oversight-days-sentence",
        [arg("looks", looks as i64), arg("denials", denials as i64), arg("days", i64::from(days))],
    );
    let columns: Vec<(String, u64)> =
        day_rows.iter().map(|d| (d.day.split(' ').next().unwrap_or_default().to_owned(), d.looks)).collect();
    let purpose_rows = purpose_rows(&p, &summary);
    let mut bodies: BTreeMap<&str, u64> = BTreeMap::new();
    for row in &purpose_rows {
        *bodies.entry(&row.organisation).or_default() += row.looks;
    }
    let mut bodies: Vec<(String, u64, String)> =
        bodies.into_iter().map(|(name, n)| (name.to_owned(), n, p.number(&n))).collect();
    bodies.sort_by_key(|b| std::cmp::Reverse(b.1));
    let bodies_sentence = match bodies.first() {
        Some((name, n, _)) if *n > 0 => {
            p.tn("oversight-bodies-sentence", [arg("name", name.clone()), arg("n", *n as i64)])
        }
        _ => p.t("oversight-bodies-none"),
    };
    render(&FirstPage {
        days,
        choices: [1, 7, 30],
        period: if summary.from == summary.to {
            p.date(&summary.to)
        } else {
            p.tn("oversight-period", [arg("from", p.date(&summary.from)), arg("to", p.date(&summary.to))])
        },
        attention: p.tn(
            "oversight-attention",
            [
                arg("notes", notes.len() as i64),
                arg("waiting", summary.waiting.iter().map(|w| w.count).sum::<u64>() as i64),
            ],
        ),
        days_chart: chart::columns(
            "days",
            &p.t("oversight-days-title"),
            &days_sentence,
            &columns,
            columns.len().div_ceil(8),
        ),
        bodies_chart: chart::bars("bodies", &p.t("oversight-bodies-title"), &bodies_sentence, &bodies),
        answered_sentence: answered_sentence(&p, &summary.false_alarms),
        answered: summary.false_alarms.iter().map(|counts| answered_row(&p, counts)).collect(),
        notes,
        waiting,
        days_sentence,
        day_rows,
        bodies_sentence,
        purpose_rows,
        summary,
        p,
    })
}

fn told(p: &Page, note: &AnomalyNote, organisations: &BTreeMap<String, String>) -> Told {
    let account = note.account.clone().unwrap_or_else(|| p.t("oversight-some-account"));
    let places: Vec<String> = note.entries.iter().rev().take(NAMED).map(u64::to_string).collect();
    Told {
        sentence: p.tn(
            &format!("oversight-note-{}", note.kind.name().replace('_', "-")),
            [
                arg("account", account),
                arg("organisation", names(&note.organisations, organisations)),
                arg("site", note.site.clone().unwrap_or_default()),
                arg("n", i64::try_from(note.count).unwrap_or(i64::MAX)),
            ],
        ),
        when: if note.from == note.to {
            p.time(&note.from)
        } else {
            p.tn("oversight-period", [arg("from", p.time(&note.from)), arg("to", p.time(&note.to))])
        },
        who: names(&note.organisations, organisations),
        link: address("/oversight-log", &[("places", places.join("-"))]),
        kind: note.kind.name(),
        subject: note.subject(),
        entries: note.entries.iter().map(u64::to_string).collect::<Vec<_>>().join("-"),
        grave: matches!(
            note.kind,
            AnomalyKind::SelfLookup
                | AnomalyKind::DenialsInARow
                | AnomalyKind::VolumeReached
                | AnomalyKind::OrdersOverdue
                | AnomalyKind::RowsUnreconciled
                | AnomalyKind::NoticesLate
                | AnomalyKind::ErasuresUnsigned
        ),
    }
}

/// How many answered notes had nothing to them.
fn answered_sentence(p: &Page, counts: &[FalseAlarms]) -> String {
    let (founded, unfounded) = counts.iter().fold((0, 0), |(f, u), c| (f + c.founded, u + c.unfounded));
    let all = FalseAlarms { kind: AnomalyKind::SelfLookup, founded, unfounded };
    match all.rate() {
        None => p.t("notes-answered-none"),
        Some(rate) => p.tn(
            "notes-answered-sentence",
            [
                arg("n", i64::try_from(founded + unfounded).unwrap_or(i64::MAX)),
                arg("unfounded", i64::try_from(unfounded).unwrap_or(i64::MAX)),
                arg("percent", p.lang.decimal(100.0 * rate, 0)),
            ],
        ),
    }
}

fn answered_row(p: &Page, counts: &FalseAlarms) -> AnsweredRow {
    AnsweredRow {
        rule: p.code("note-rule", counts.kind.name()),
        founded: counts.founded,
        unfounded: counts.unfounded,
        rate: counts.rate().map(|rate| format!("{} %", p.lang.decimal(100.0 * rate, 0))).unwrap_or_default(),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AnswerForm {
    kind: AnomalyKind,
    subject: String,
    entries: String,
    founded: bool,
    reason: String,
}

async fn answer(signed: SignedIn, Sent(form): Sent<AnswerForm>) -> Answer {
    let new = NewNoteAnswer {
        kind: form.kind,
        subject: form.subject,
        entries: places(Some(&form.entries))?,
        founded: form.founded,
        reason: form.reason.trim().to_owned(),
    };
    signed.registry.answer_note(&signed.actor, &new).await?;
    see("/oversight?done=note-answered")
}

fn names(codes: &[String], organisations: &BTreeMap<String, String>) -> String {
    codes.iter().map(|code| organisations.get(code).unwrap_or(code).as_str()).collect::<Vec<_>>().join(", ")
}

/// Every day of the period, also those on which nothing happened.
fn day_rows(p: &Page, summary: &OversightSummary) -> Vec<DayRow> {
    let mut rows = Vec::new();
    let mut day = summary.from;
    while day <= summary.to {
        let of =
            |outcome| summary.activity.iter().filter(|a| a.day == day && a.outcome == outcome).map(|a| a.count).sum();
        rows.push(DayRow {
            day: short_day(p, day),
            effects: of(Outcome::Effect),
            looks: of(Outcome::Look),
            denials: of(Outcome::Denial),
        });
        let Ok(next) = day.tomorrow() else { break };
        day = next;
    }
    rows
}

/// Day and month.
fn short_day(p: &Page, day: Date) -> String {
    format!("{} {}", day.day(), p.t(&format!("month-{}", day.month())))
}

fn purpose_rows(p: &Page, summary: &OversightSummary) -> Vec<PurposeRow> {
    let mut counts: BTreeMap<(&str, &str), (u64, u64)> = BTreeMap::new();
    for a in summary.activity.iter().filter(|a| a.outcome != Outcome::Effect) {
        let (looks, denials) = counts.entry((&a.organisation, &a.purpose)).or_default();
        *if a.outcome == Outcome::Look { looks } else { denials } += a.count;
    }
    let mut rows: Vec<PurposeRow> = counts
        .into_iter()
        .map(|((organisation, purpose), (looks, denials))| PurposeRow {
            organisation: match organisation {
                "" => p.t("oversight-nobody"),
                code => summary.organisations.get(code).cloned().unwrap_or_else(|| code.to_owned()),
            },
            purpose: p.code("purpose", purpose),
            looks,
            denials,
            link: address(
                "/oversight-log",
                &[
                    ("organisation", organisation.to_owned()),
                    ("purpose", purpose.to_owned()),
                    ("since", summary.from.to_string()),
                ],
            ),
        })
        .collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.looks + row.denials));
    rows
}

// ----------------------------------------------------------------------------------------------------------- the log

#[derive(Deserialize, Default)]
struct LogAsked {
    outcome: Option<String>,
    event: Option<String>,
    organisation: Option<String>,
    purpose: Option<String>,
    since: Option<String>,
    until: Option<String>,
    before: Option<u64>,
    places: Option<String>,
}

/// The beginnings of event names that the form offers.
const EVENTS: [&str; 15] = [
    "access.",
    "encounter.",
    "finger.",
    "consent.",
    "registration.",
    "candidate.",
    "judgement.",
    "document.",
    "refusal.",
    "exemption.",
    "revision.",
    "person.",
    "file.",
    "session.",
    "own_record.",
];

struct Choice {
    value: String,
    name: String,
    chosen: bool,
}

struct Row {
    seq: u64,
    at: Instant,
    event: String,
    code: String,
    outcome: &'static str,
    organisation: String,
    login: String,
    purpose: String,
    subjects: usize,
}

#[derive(Template)]
#[template(path = "oversight/log.html")]
struct LogTemplate {
    p: Page,
    rows: Vec<Row>,
    outcomes: Vec<Choice>,
    events: Vec<Choice>,
    organisations: Vec<Choice>,
    purposes: Vec<Choice>,
    since: String,
    until: String,
    /// Only the entries of a note.
    of_note: usize,
    asked: bool,
    older: Option<String>,
    newest: Option<String>,
}

async fn log(State(state): State<ServerState>, signed: SignedIn, Asked(asked): Asked<LogAsked>) -> Answer {
    let zone = signed.registry.zone().clone();
    let outcome = given(asked.outcome);
    let filter = LogFilter {
        outcome: outcome.as_deref().map(outcome_of).transpose()?,
        event: given(asked.event),
        organisation: given(asked.organisation),
        purpose: given(asked.purpose),
        account: None,
        since: day(given(asked.since).as_deref())?.map(|d| zone.day_begins(d)),
        until: day(given(asked.until).as_deref())?.and_then(|d| d.tomorrow().ok()).map(|next| zone.day_begins(next)),
        before: asked.before,
        places: places(asked.places.as_deref())?,
    };
    let LogPage { entries, more, organisations } = signed.registry.supervise_log(&signed.actor, &filter, PAGE).await?;
    let p = Page::new(&state, &signed, "oversight", "oversight-log-title");
    let since = filter.since.map(|at| zone.date(at).to_string()).unwrap_or_default();
    let until = filter.until.map(|at| zone.date(Instant::from_micros(at.micros() - 1)).to_string()).unwrap_or_default();
    let listed: Vec<String> = filter.places.iter().map(u64::to_string).collect();
    let again = |before: String| {
        address(
            "/oversight-log",
            &[
                ("outcome", outcome.clone().unwrap_or_default()),
                ("event", filter.event.clone().unwrap_or_default()),
                ("organisation", filter.organisation.clone().unwrap_or_default()),
                ("purpose", filter.purpose.clone().unwrap_or_default()),
                ("since", since.clone()),
                ("until", until.clone()),
                ("places", listed.join("-")),
                ("before", before),
            ],
        )
    };
    let purposes: BTreeSet<String> = entries
        .iter()
        .map(|e| e.look.purpose.clone())
        .chain(filter.purpose.clone())
        .filter(|x| !x.is_empty())
        .collect();
    let choice = |value: &str, name: String, chosen: Option<&str>| Choice {
        value: value.to_owned(),
        name,
        chosen: chosen == Some(value),
    };
    render(&LogTemplate {
        outcomes: ["effect", "look", "denial"]
            .map(|o| choice(o, p.code("outcome", o), outcome.as_deref()))
            .into_iter()
            .collect(),
        events: EVENTS
            .iter()
            .map(|e| choice(e, p.code("events", e.trim_end_matches('.')), filter.event.as_deref()))
            .collect(),
        organisations: organisations
            .iter()
            .map(|(code, name)| choice(code, name.clone(), filter.organisation.as_deref()))
            .collect(),
        purposes: purposes
            .iter()
            .map(|code| choice(code, p.code("purpose", code), filter.purpose.as_deref()))
            .collect(),
        of_note: filter.places.len(),
        asked: filter != LogFilter::default(),
        older: entries.last().filter(|_| more).map(|last| again(last.look.seq.to_string())),
        newest: filter.before.map(|_| again(String::new())),
        rows: entries.iter().map(|entry| row(&p, entry, &organisations)).collect(),
        since,
        until,
        p,
    })
}

fn row(p: &Page, entry: &SupervisorEntry, organisations: &BTreeMap<String, String>) -> Row {
    let look = &entry.look;
    Row {
        seq: look.seq,
        at: look.at,
        event: p.code("event", &look.event),
        code: look.event.clone(),
        outcome: outcome_name(look.outcome),
        organisation: look
            .organisation
            .as_ref()
            .map_or_else(String::new, |code| organisations.get(code).unwrap_or(code).clone()),
        login: entry.login.clone().unwrap_or_default(),
        purpose: p.code("purpose", &look.purpose),
        subjects: entry.subjects,
    }
}

pub(super) fn outcome_name(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Effect => "effect",
        Outcome::Look => "look",
        Outcome::Denial => "denial",
    }
}

fn outcome_of(text: &str) -> Result<Outcome, Refusal> {
    [Outcome::Effect, Outcome::Look, Outcome::Denial]
        .into_iter()
        .find(|o| outcome_name(*o) == text)
        .ok_or_else(bad_query)
}

fn day(text: Option<&str>) -> Result<Option<Date>, Refusal> {
    text.map(|t| t.parse().map_err(|_| bad_query())).transpose()
}

pub(super) fn places(text: Option<&str>) -> Result<Vec<u64>, Refusal> {
    text.unwrap_or_default()
        .split('-')
        .filter(|part| !part.is_empty())
        .map(|part| part.parse().map_err(|_| bad_query()))
        .collect()
}

pub(super) fn bad_query() -> Refusal {
    Refusal::new(
        axum::http::StatusCode::BAD_REQUEST,
        "bad_query",
        "the address has parameters that this page does not take",
    )
}

// --------------------------------------------------------------------------------------------------------- one entry

#[derive(Template)]
#[template(path = "oversight/entry.html")]
struct EntryTemplate {
    p: Page,
    view: LogEntryView,
    row: Row,
    details: String,
    leaf: String,
    key: String,
}

async fn entry(State(state): State<ServerState>, signed: SignedIn, Place(seq): Place) -> Answer {
    let view = signed.registry.supervise_entry(&signed.actor, seq).await?;
    let p = Page::new(&state, &signed, "oversight", "oversight-entry-title");
    let leaf = serde_json::from_str::<serde_json::Value>(&view.leaf)
        .ok()
        .and_then(|leaf| serde_json::to_string_pretty(&leaf).ok())
        .unwrap_or_else(|| view.leaf.clone());
    let details = match &view.entry.details {
        serde_json::Value::Null => String::new(),
        details => serde_json::to_string_pretty(details).unwrap_or_default(),
    };
    render(&EntryTemplate {
        row: row(&p, &view.entry, &BTreeMap::new()),
        details,
        leaf,
        key: signed.registry.verifier_key(),
        view,
        p,
    })
}
