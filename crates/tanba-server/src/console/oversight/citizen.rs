//! The page of the person concerned: what is held, everyone who looked and why, documents and rights. Made for a phone.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::routing::{get, post};
use serde::Deserialize;
use tanba_registry::{ConsentKind, Instant, LookGroup, OwnAttribute, OwnPage, OwnRefusal};

use super::super::{Answer, Lang, Page, Sent, SignedIn, arg, render, see};
use super::address;
use super::supervisor::outcome_name;
use crate::gate::Room;
use crate::input::Asked;
use crate::problem::Refusal;
use crate::routes::transparency::{Place, own_entries};
use crate::spoken;
use crate::state::ServerState;

/// Entries on a page.
pub(super) const PAGE: u32 = 60;

/// Attributes in the order in which people expect them.
pub(super) const ATTRIBUTES: [&str; 11] = [
    "iin",
    "family_name_kk",
    "given_name_kk",
    "family_name_ru",
    "given_name_ru",
    "family_name_latin",
    "given_name_latin",
    "born",
    "sex",
    "status",
    "citizenship",
];

pub(super) fn routes() -> Router<ServerState> {
    Router::new()
        .route("/me", get(page))
        .route("/me/withdrawal", post(withdraw))
        .route("/me/decision", post(decide_to_stay))
        .route("/me/genomic-withdrawal", post(withdraw_genomic))
        .route("/me/lock", post(lock))
        .route("/me/lock/release", post(release_lock))
        .route("/me/notices", post(choose_notices))
        .route("/me/entries/{seq}", get(entry))
        .route("/me/entries-proof", get(entries_proof))
}

#[derive(Deserialize)]
struct Before {
    before: Option<u64>,
}

/// A group of looks as the page tells it.
pub(super) struct Told {
    pub(super) who: String,
    pub(super) what: String,
    pub(super) why: String,
    pub(super) clause: Option<String>,
    pub(super) outcome: &'static str,
    pub(super) when: String,
    pub(super) own: bool,
    pub(super) entries: Vec<(u64, Instant)>,
}

pub(super) struct Attribute {
    pub(super) label: String,
    pub(super) value: String,
    pub(super) source: String,
    pub(super) provisional: bool,
    pub(super) recorded_at: Instant,
}

#[derive(Template)]
#[template(path = "oversight/me.html")]
struct Me {
    p: Page,
    own: OwnPage,
    first: bool,
    looks: Vec<Told>,
    looks_sentence: String,
    attributes: Vec<Attribute>,
    refusals: Vec<(OwnRefusal, String)>,
    older: Option<String>,
    /// There is a consent that could be taken back.
    revocable: bool,
    /// Something was erased, so that there is a certificate of it.
    erased: bool,
    /// What people call the national sign-in, in a session of it, and whether it has recognised them anew.
    national: Option<(String, bool)>,
    /// The log's public key.
    key: String,
}

async fn page(State(state): State<ServerState>, signed: SignedIn, Asked(asked): Asked<Before>) -> Answer {
    let own = signed.registry.own_page(&signed.actor, asked.before, PAGE).await?;
    let p = Page::new(&state, &signed, "oversight", "me-title").about("rights-of-the-person");
    let looks: Vec<Told> = own.looks.iter().map(|group| told(&p, group)).collect();
    let last = own.looks.last().and_then(|g| g.entries.last()).map(|(seq, _)| *seq);
    let others: std::collections::BTreeSet<&str> =
        own.looks.iter().filter(|g| !g.own).filter_map(|g| g.organisation.as_deref()).collect();
    let attributes = attributes_of(&p, &own);
    let national = match signed.registry.national_sign_in() {
        Some(name) if signed.actor.is_national() => {
            Some((p.law(&name), signed.registry.recognised_anew(&signed.actor).await?))
        }
        _ => None,
    };
    let refusals = own.refusals.iter().map(|r| (r.clone(), stands(&p, r))).collect();
    render(&Me {
        looks_sentence: p.tn(
            "me-looks-sentence",
            [
                arg("entries", looks.iter().map(|l| l.entries.len()).sum::<usize>() as i64),
                arg("n", others.len() as i64),
            ],
        ),
        first: asked.before.is_none(),
        older: last.filter(|_| own.more).map(|seq| address("/me", &[("before", seq.to_string())]) + "#looks"),
        revocable: own.prints_held > 0
            && own.consents.iter().any(|c| {
                c.withdrawn_at.is_none() && matches!(c.kind, ConsentKind::SubjectConsent | ConsentKind::GuardianConsent)
            }),
        erased: own.erased,
        national,
        key: signed.registry.verifier_key(),
        looks,
        attributes,
        refusals,
        own,
        p,
    })
}

/// What is held, in the order in which people expect it.
pub(super) fn attributes_of(p: &Page, own: &OwnPage) -> Vec<Attribute> {
    let mut attributes: Vec<_> = own.attributes.iter().collect();
    attributes.sort_by_key(|a| ATTRIBUTES.iter().position(|known| *known == a.name).unwrap_or(ATTRIBUTES.len()));
    let shown = |a: &OwnAttribute| Attribute {
        label: p.code("attribute", &a.name),
        value: match a.name.as_str() {
            "born" | "died" => p.date_text(&a.value),
            "sex" | "status" => p.code("value", &a.value),
            _ => a.value.clone(),
        },
        source: p.code("source", &a.source),
        provisional: a.provisional,
        recorded_at: a.recorded_at,
    };
    attributes.into_iter().map(shown).collect()
}

pub(super) fn told(p: &Page, group: &LookGroup) -> Told {
    Told {
        who: match (&group.representative, &group.organisation, group.own) {
            (_, _, true) => p.t("me-you"),
            (Some(name), _, false) => p.with("me-a-representative", name),
            (None, Some(name), false) => name.clone(),
            (None, None, false) => p.t("me-the-system"),
        },
        what: p.code("event", &group.event),
        why: p.code("purpose", &group.purpose),
        clause: group.clause.clone(),
        outcome: outcome_name(group.outcome),
        when: p.date(&group.day),
        own: group.own,
        entries: group.entries.clone(),
    }
}

/// Where a refusal stands, in one sentence.
fn stands(p: &Page, refusal: &OwnRefusal) -> String {
    let (key, at) = match refusal {
        OwnRefusal { appeal_ended_at: Some(at), appeal_upheld: true, .. } => ("me-refusal-upheld", *at),
        OwnRefusal { appealed_at: Some(at), appeal_ended_at: None, .. } => ("me-refusal-appealed", *at),
        OwnRefusal { appeal_ended_at: Some(at), decided_at: None, .. } => ("me-refusal-appeal-ended", *at),
        OwnRefusal { paid_at: Some(at), .. } => ("me-refusal-paid", *at),
        OwnRefusal { decided_at: Some(at), .. } => ("me-refusal-decided", *at),
        OwnRefusal { consequence, refused_at, .. } if consequence == "none" => ("me-refusal-nothing", *refused_at),
        OwnRefusal { refused_at, .. } => ("me-refusal-open", *refused_at),
    };
    p.with(key, p.time(&at))
}

// ------------------------------------------------------------------------------------------------------- withdrawal

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WithdrawalForm {
    sure: String,
}

async fn withdraw(signed: SignedIn, Sent(form): Sent<WithdrawalForm>) -> Answer {
    if form.sure != "1" {
        return see("/me#consents");
    }
    signed.registry.withdraw_consent(&signed.actor).await?;
    see("/me?done=consent-withdrawn#looks")
}

async fn withdraw_genomic(signed: SignedIn, Sent(form): Sent<WithdrawalForm>) -> Answer {
    if form.sure != "1" {
        return see("/me#consents");
    }
    signed.registry.withdraw_genomic_consent(&signed.actor).await?;
    see("/me?done=consent-withdrawn#looks")
}

// ------------------------------------------------------------------------------------------------------- own lock

/// A form without fields.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

async fn lock(signed: SignedIn, Sent(Nothing {}): Sent<Nothing>) -> Answer {
    signed.registry.lock_own_biometrics(&signed.actor).await?;
    see("/me?done=biometrics-locked#lock")
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReleaseForm {
    /// None of a session of the national sign-in.
    #[serde(default)]
    password: String,
}

async fn release_lock(signed: SignedIn, _room: Room, Sent(form): Sent<ReleaseForm>) -> Answer {
    signed.registry.release_own_lock(&signed.actor, &form.password).await?;
    see("/me?done=biometrics-unlocked#lock")
}

// ------------------------------------------------------------------------------------------------------- notices

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NoticesForm {
    wanted: bool,
}

async fn choose_notices(signed: SignedIn, Sent(form): Sent<NoticesForm>) -> Answer {
    signed.registry.choose_notices(&signed.actor, form.wanted).await?;
    see(if form.wanted { "/me?done=notices-on#notices" } else { "/me?done=notices-off#notices" })
}

// ------------------------------------------------------------------------------------------------------- decision of age

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DecisionForm {
    language: String,
}

/// A guardian decided once; now the person does, on these words.
async fn decide_to_stay(signed: SignedIn, Sent(form): Sent<DecisionForm>) -> Answer {
    let lang = Lang::from_code(&form.language).unwrap_or(signed.visitor.lang);
    signed.registry.decide_to_stay(&signed.actor, &spoken::STAY.shown(lang)).await?;
    see("/me#consents")
}

async fn entries_proof(signed: SignedIn) -> Answer {
    own_entries(&signed.registry, &signed.actor).await
}

// ------------------------------------------------------------------------------------------------------- one entry

#[derive(Template)]
#[template(path = "oversight/me_entry.html")]
struct EntryTemplate {
    p: Page,
    seq: u64,
    at: Instant,
    told: Told,
    key: String,
    published: bool,
}

async fn entry(State(state): State<ServerState>, signed: SignedIn, Place(seq): Place) -> Answer {
    let group = signed.registry.own_entry(&signed.actor, seq).await?;
    let at = group.entries.iter().find(|(place, _)| *place == seq).map(|(_, at)| *at);
    let at = at.ok_or(Refusal::from(tanba_registry::RegistryError::NotFound { what: "entry" }))?;
    let p = Page::new(&state, &signed, "oversight", "me-entry-title").about("rights-of-the-person");
    render(&EntryTemplate {
        seq,
        at,
        told: told(&p, &group),
        key: signed.registry.verifier_key(),
        published: signed.registry.prove(seq).await.is_ok(),
        p,
    })
}
