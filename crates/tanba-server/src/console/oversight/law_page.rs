//! What the law asks of people, for anyone to read and print: from the packs in use today, in the reader's language.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::routing::get;
use tanba_law::{Basis, RetentionKind, Samples, Sentence, ToldRule};
use tanba_registry::LawToday;

use super::super::{Answer, Page, SignedIn, Visitor, render};
use super::word;
use crate::problem::Refusal;
use crate::state::ServerState;

pub(super) fn routes() -> Router<ServerState> {
    Router::new().route("/law", get(law))
}

/// The rules of one footing under one heading.
struct Footing {
    heading: &'static str,
    rules: Vec<ToldRule>,
}

/// One law on the page.
struct Part {
    law: LawToday,
    /// The name of what it is about; also the anchor.
    name: String,
    footings: Vec<Footing>,
    taken: Vec<String>,
    kept: Vec<(&'static str, Vec<Sentence>)>,
}

#[derive(Template)]
#[template(path = "oversight/law.html")]
struct LawPage {
    p: Page,
    parts: Vec<Part>,
}

async fn law(State(state): State<ServerState>, visitor: Visitor, signed: Result<SignedIn, Refusal>) -> Answer {
    let laws = state.registry()?.law_today();
    let p = match &signed {
        Ok(signed) => Page::new(&state, signed, "oversight", "law-title"),
        Err(_) => Page::open(&state, &visitor, "oversight", "law-title"),
    };
    let parts = laws.into_iter().map(|law| part(&p, law)).collect();
    render(&LawPage { parts, p })
}

fn part(p: &Page, law: LawToday) -> Part {
    let footing = |basis, heading| Footing {
        heading,
        rules: law.told.rules.iter().filter(|rule| rule.basis == basis).cloned().collect(),
    };
    let footings = vec![
        footing(Basis::Mandatory, "law-must"),
        footing(Basis::Voluntary, "law-may"),
        footing(Basis::Prohibited, "law-must-not"),
    ];
    let heading = |kind| match kind {
        RetentionKind::Profile => "law-kept-profile",
        RetentionKind::Sample => "law-kept-sample",
        RetentionKind::Log => "law-kept-log",
    };
    Part {
        name: word(law.modality),
        footings: footings.into_iter().filter(|footing| !footing.rules.is_empty()).collect(),
        taken: match &law.told.samples {
            Ok(samples) => taken(p, samples),
            Err(unknown) => vec![p.law(&unknown.text)],
        },
        kept: law.told.kept.iter().map(|(kind, sentences)| (heading(*kind), sentences.clone())).collect(),
        law,
    }
}

/// What is taken, kind by kind, with the most fingers where the law names them.
fn taken(p: &Page, samples: &Samples) -> Vec<String> {
    let kind = |kind: &String| match (kind.as_str(), samples.max_fingers) {
        ("fingers", Some(n)) => p.count("law-taken-fingers-most", &n),
        (kind, _) => p.code("law-taken", kind),
    };
    samples.kinds.iter().map(kind).collect()
}
