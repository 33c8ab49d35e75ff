//! The statistics of a day: each chart with its sentence above and its numbers beneath. No person is in them.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::routing::get;
use jiff::civil::Date;
use serde::Deserialize;
use tanba_registry::{DayStatistics, Role, StatisticsScope};

use super::super::{Answer, Page, SignedIn, arg, render};
use super::supervisor::bad_query;
use super::{address, chart, given};
use crate::input::Asked;
use crate::state::ServerState;

pub(super) fn routes() -> Router<ServerState> {
    Router::new().route("/statistics", get(page))
}

#[derive(Deserialize)]
struct DayAsked {
    day: Option<String>,
    of: Option<String>,
}

struct Figure {
    title: String,
    sentence: String,
    chart: String,
}

struct FingerRow {
    finger: String,
    kept: u64,
    median: String,
    flagged: u64,
    recaptured: u64,
}

#[derive(Template)]
#[template(path = "oversight/statistics.html")]
struct Statistics {
    p: Page,
    day: DayStatistics,
    heading: String,
    /// Both scopes are open to this account.
    may_choose: bool,
    own: bool,
    yesterday: String,
    tomorrow: Option<String>,
    other_scope: String,
    arrivals: Figure,
    hours: Vec<(String, u64)>,
    outcomes: Figure,
    outcome_rows: Vec<(String, u64)>,
    quality: Figure,
    deciles: Vec<(String, u64)>,
    fingers: Vec<FingerRow>,
    times: Figure,
    denial_rows: Vec<(String, String, u64)>,
    denials_sentence: String,
}

/// A session at no station has no site whose day there were to tell.
#[derive(Template)]
#[template(path = "oversight/no_station.html")]
struct NoStation {
    p: Page,
}

async fn page(State(state): State<ServerState>, signed: SignedIn, Asked(asked): Asked<DayAsked>) -> Answer {
    let today = signed.registry.today();
    let date: Date = match given(asked.day) {
        None => today,
        Some(text) => text.parse().map_err(|_| bad_query())?,
    };
    let has = |role| signed.actor.roles().contains(&role);
    let may_see_all = has(Role::Supervisor) || has(Role::SecondOfficer);
    let scope = match given(asked.of).as_deref() {
        Some("all") => StatisticsScope::All,
        Some("site") => StatisticsScope::OwnSite,
        Some(_) => return Err(bad_query()),
        None if may_see_all && signed.actor.station().is_none() => StatisticsScope::All,
        None => StatisticsScope::OwnSite,
    };
    if scope == StatisticsScope::OwnSite && signed.actor.station().is_none() && has(Role::Operator) {
        return render(&NoStation { p: Page::new(&state, &signed, "oversight", "stats-title") });
    }
    let day = signed.registry.day_statistics(&signed.actor, date, scope).await?;
    let p = Page::new(&state, &signed, "oversight", "stats-title");
    let own = scope == StatisticsScope::OwnSite;
    let of = if own { "site" } else { "all" };
    let at = |day: Date, of: &str| address("/statistics", &[("day", day.to_string()), ("of", of.to_owned())]);
    let hours: Vec<(String, u64)> =
        day.arrivals_by_hour.iter().enumerate().map(|(hour, n)| (hour.to_string(), *n)).collect();
    let deciles: Vec<(String, u64)> = day
        .quality_deciles
        .iter()
        .enumerate()
        .map(|(i, n)| (format!("{}–{}", i * 10, if i == 9 { 100 } else { i * 10 + 9 }), *n))
        .collect();
    let outcome_rows = outcome_rows(&p, &day);
    render(&Statistics {
        heading: p.date(&date),
        may_choose: may_see_all && signed.actor.station().is_some(),
        own,
        yesterday: at(date.yesterday().unwrap_or(date), of),
        tomorrow: (date < today).then(|| at(date.tomorrow().unwrap_or(date), of)),
        other_scope: at(date, if own { "all" } else { "site" }),
        arrivals: arrivals(&p, &day, &hours),
        outcomes: outcomes(&p, &day, &outcome_rows),
        quality: quality(&p, &day),
        times: times(&p, &day),
        fingers: day
            .fingers
            .iter()
            .map(|f| FingerRow {
                finger: p.code("stats-finger", f.finger.name()),
                kept: f.kept,
                median: f.median_quality.map_or_else(|| "–".to_owned(), |q| q.to_string()),
                flagged: f.flagged,
                recaptured: f.recaptured,
            })
            .collect(),
        denial_rows: day
            .denials
            .iter()
            .map(|d| (p.code("event", &d.event), p.code("reason", &d.reason), d.count))
            .collect(),
        denials_sentence: p.count("stats-denials-sentence", &day.denials.iter().map(|d| d.count).sum::<u64>()),
        hours,
        deciles,
        outcome_rows,
        day,
        p,
    })
}

fn arrivals(p: &Page, day: &DayStatistics, hours: &[(String, u64)]) -> Figure {
    let busiest = day.arrivals_by_hour.iter().enumerate().max_by_key(|(hour, n)| (**n, 24 - hour));
    let sentence = match busiest {
        Some((hour, most)) if *most > 0 => p.tn(
            "stats-arrivals-sentence",
            [
                arg("n", day.arrivals as i64),
                arg("from", format!("{hour:02}:00")),
                arg("to", format!("{:02}:00", (hour + 1) % 24)),
                arg("most", *most as i64),
            ],
        ),
        _ => p.t("stats-arrivals-none"),
    };
    let title = p.t("stats-arrivals-title");
    Figure { chart: chart::columns("arrivals", &title, &sentence, hours, 3), title, sentence }
}

fn outcome_rows(p: &Page, day: &DayStatistics) -> Vec<(String, u64)> {
    let o = day.outcomes;
    [
        ("registered", o.registered),
        ("verified", o.verified),
        ("exempt", o.exempt),
        ("refused", o.refused),
        ("adjudication", o.adjudication),
        ("duplicate", o.duplicate),
        ("conflict", o.conflict),
        ("denied", o.denied),
        ("open", o.open),
    ]
    .map(|(state, n)| (p.code("stats-outcome", state), n))
    .into()
}

fn outcomes(p: &Page, day: &DayStatistics, rows: &[(String, u64)]) -> Figure {
    let o = day.outcomes;
    let sentence = p.tn(
        "stats-outcomes-sentence",
        [
            arg("done", (o.registered + o.verified + o.exempt) as i64),
            arg("n", day.arrivals as i64),
            arg("refused", o.refused as i64),
            arg("waiting", (o.adjudication + o.open) as i64),
        ],
    );
    let title = p.t("stats-outcomes-title");
    // What did not happen is in the table.
    let drawn: Vec<(String, u64, String)> =
        rows.iter().filter(|(_, n)| *n > 0).map(|(name, n)| (name.clone(), *n, p.number(n))).collect();
    Figure { chart: chart::bars("outcomes", &title, &sentence, &drawn), title, sentence }
}

fn quality(p: &Page, day: &DayStatistics) -> Figure {
    let kept: u64 = day.quality_deciles.iter().sum();
    let sentence = p.tn(
        "stats-quality-sentence",
        [
            arg("n", kept as i64),
            arg("flagged", day.flagged as i64),
            arg("below", i64::from(day.flag_below)),
            arg("recaptured", day.fingers_recaptured as i64),
        ],
    );
    let title = p.t("stats-quality-title");
    let values: Vec<(String, u64)> =
        day.quality_deciles.iter().enumerate().map(|(i, n)| ((i * 10).to_string(), *n)).collect();
    Figure { chart: chart::columns("quality", &title, &sentence, &values, 1), title, sentence }
}

fn times(p: &Page, day: &DayStatistics) -> Figure {
    let title = p.t("stats-times-title");
    let (Some(median), Some(p90)) = (day.times.median_seconds, day.times.p90_seconds) else {
        let sentence = p.t("stats-times-none");
        return Figure { chart: String::new(), title, sentence };
    };
    let sentence = p.tn(
        "stats-times-sentence",
        [arg("n", day.times.ended as i64), arg("median", minutes(p, median)), arg("most", minutes(p, p90))],
    );
    let bars =
        [(p.t("stats-times-median"), median, minutes(p, median)), (p.t("stats-times-p90"), p90, minutes(p, p90))];
    Figure { chart: chart::bars("times", &title, &sentence, &bars), title, sentence }
}

/// A length of time as people say it.
fn minutes(p: &Page, seconds: u64) -> String {
    if seconds < 120 { p.count("stats-seconds", &seconds) } else { p.count("stats-minutes", &((seconds + 30) / 60)) }
}
