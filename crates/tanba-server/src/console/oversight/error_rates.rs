//! Error rates and thresholds, for anyone to read: what decides a comparison, how often it errs, and for whom more often.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::routing::get;
use tanba_registry::{
    CountedRates, ErrorRates, EvaluationView, GroupRates, MeasuredKind, MeasuredPoint, MeasuredRate, ThresholdKind,
    differentials,
};

use super::super::{Answer, Page, SignedIn, Visitor, arg, render};
use super::chart;
use crate::problem::Refusal;
use crate::state::ServerState;

pub(super) fn routes() -> Router<ServerState> {
    Router::new().route("/error-rates", get(page))
}

/// One kind of comparison of an evaluation.
struct Figure {
    /// The name of the kind, for anchors.
    name: &'static str,
    title: String,
    /// What the threshold in force does.
    sentence: String,
    chart: String,
    /// Threshold, false positives, false negatives.
    rows: Vec<[String; 3]>,
    /// Group, people, false positives, false negatives.
    groups: Vec<[String; 4]>,
    /// How far groups lie apart.
    apart: Vec<String>,
}

/// One evaluation.
struct Part {
    view: EvaluationView,
    /// Whether it is of what runs here.
    of_this_version: bool,
    acquire: String,
    figures: Vec<Figure>,
}

/// What the register counted: one rate.
struct Counted {
    title: String,
    /// Group, people, failed of so many, the share.
    rows: Vec<[String; 4]>,
    apart: Vec<String>,
}

#[derive(Template)]
#[template(path = "oversight/error_rates.html")]
struct RatesPage {
    p: Page,
    rates: ErrorRates,
    parts: Vec<Part>,
    counted: Vec<Counted>,
}

async fn page(State(state): State<ServerState>, visitor: Visitor, signed: Result<SignedIn, Refusal>) -> Answer {
    let rates = state.registry()?.error_rates().await?;
    let p = match &signed {
        Ok(signed) => Page::new(&state, signed, "oversight", "rates-title"),
        Err(_) => Page::open(&state, &visitor, "oversight", "rates-title"),
    };
    let parts = rates.evaluations.iter().enumerate().map(|(at, view)| part(&p, &rates, at, view)).collect();
    let counted = rates.counted.as_ref().map(|counted| told(&p, counted)).unwrap_or_default();
    render(&RatesPage { parts, counted, rates, p })
}

fn part(p: &Page, rates: &ErrorRates, at: usize, view: &EvaluationView) -> Part {
    let evaluation = &view.evaluation;
    Part {
        of_this_version: evaluation.extractor == rates.extractor && evaluation.matcher == rates.matcher,
        acquire: with_interval(p, &evaluation.failure_to_acquire),
        figures: evaluation.measured.iter().map(|measured| figure(p, rates, at, measured)).collect(),
        view: view.clone(),
    }
}

fn figure(p: &Page, rates: &ErrorRates, at: usize, measured: &MeasuredKind) -> Figure {
    let kind = measured.kind;
    let title = p.code("threshold-kind", kind.name());
    let in_force = rates.in_force.iter().find(|t| t.kind == kind).and_then(|t| Some((t.value?, t.people)));
    // A threshold of candidates is for a size of the register: here it is told for the size that was measured.
    let here = in_force.map(|(value, people)| match kind {
        ThresholdKind::Candidates => value + (measured.people as f64 / people as f64).log10(),
        _ => value,
    });
    let nearest = here.and_then(|here| {
        measured.points.iter().min_by(|a, b| (a.threshold - here).abs().total_cmp(&(b.threshold - here).abs()))
    });
    let what = if kind == ThresholdKind::Candidates { "rates-at-search" } else { "rates-at" };
    let sentence = nearest.map_or_else(String::new, |point| {
        p.tn(
            what,
            [
                arg("threshold", p.lang.decimal(point.threshold, 1)),
                arg("people", measured.people),
                arg("false", with_interval(p, &point.false_positive)),
                arg("missed", with_interval(p, &point.false_negative)),
            ],
        )
    });
    let rate =
        |of: fn(&MeasuredPoint) -> f64| measured.points.iter().map(move |p| (p.threshold, of(p))).collect::<Vec<_>>();
    let chart = chart::curves(
        &format!("rates-{at}-{}", kind.name()),
        &title,
        &sentence,
        &[
            (p.t("rates-false"), rate(|p| p.false_positive.value)),
            (p.t("rates-missed"), rate(|p| p.false_negative.value)),
        ],
        here,
        |percent, places| format!("{}\u{a0}%", p.lang.decimal(percent, places)),
    );
    let row = |point: &MeasuredPoint| {
        [
            p.lang.decimal(point.threshold, 1),
            with_interval(p, &point.false_positive),
            with_interval(p, &point.false_negative),
        ]
    };
    let group = |g: &GroupRates| {
        let name = group_name(p, &g.way, &g.group);
        [name, p.number(&g.persons), with_interval(p, &g.false_positive), with_interval(p, &g.false_negative)]
    };
    let missed = measured.groups.iter().map(|g| (g.way.as_str(), g.group.as_str(), g.false_negative));
    Figure {
        name: kind.name(),
        // Half a unit apart is what a reader compares; the file has every row.
        rows: measured.points.iter().step_by(5).map(row).collect(),
        groups: measured.groups.iter().map(group).collect(),
        apart: apart(p, missed),
        title,
        sentence,
        chart,
    }
}

fn told(p: &Page, counted: &CountedRates) -> Vec<Counted> {
    let of_rate = |rate: &tanba_registry::CountedRate| {
        let rows = rate.cells.iter().map(|cell| {
            let name = group_name(p, &cell.way, &cell.group);
            match cell.counted {
                Some(tally) => [
                    name,
                    p.number(&tally.persons),
                    p.tn("rates-of", [arg("failed", tally.failed), arg("of", tally.of)]),
                    with_interval(p, &tally.rate),
                ],
                None => [name, p.count("rates-fewer", &counted.smallest_cell), "–".to_owned(), "–".to_owned()],
            }
        });
        let shown = rate.cells.iter().filter_map(|c| Some((c.way.as_str(), c.group.as_str(), c.counted?.rate)));
        Counted { title: p.code("rates-counted", &rate.name), rows: rows.collect(), apart: apart(p, shown) }
    };
    counted.rates.iter().map(of_rate).collect()
}

/// The largest difference of each way of grouping, in a sentence.
fn apart<'a>(p: &Page, groups: impl Iterator<Item = (&'a str, &'a str, MeasuredRate)>) -> Vec<String> {
    let sentence = |d: tanba_registry::Differential| {
        let key = if d.apart { "rates-apart" } else { "rates-not-apart" };
        p.tn(
            key,
            [
                arg("worst", group_name(p, &d.way, &d.worst)),
                arg("worstrate", percent(p, d.worst_rate.value)),
                arg("best", group_name(p, &d.way, &d.best)),
                arg("bestrate", percent(p, d.best_rate.value)),
            ],
        )
    };
    differentials(groups).into_iter().map(sentence).collect()
}

fn group_name(p: &Page, way: &str, group: &str) -> String {
    match (way, group) {
        ("age", ages) if ages != "unknown" => p.with("rates-age", ages.replace('-', "–")),
        (way, group) => p.code(&format!("rates-{way}"), group),
    }
}

fn with_interval(p: &Page, rate: &MeasuredRate) -> String {
    format!("{} ({} – {})", percent(p, rate.value), percent(p, rate.low), percent(p, rate.high))
}

/// A fraction as percent, with as many digits as say something.
pub(super) fn percent(p: &Page, fraction: f64) -> String {
    let percent = 100.0 * fraction;
    let places = if percent == 0.0 || percent >= 1.0 {
        1
    } else if percent >= 0.01 {
        2
    } else {
        4
    };
    format!("{}\u{a0}%", p.lang.decimal(percent, places))
}
