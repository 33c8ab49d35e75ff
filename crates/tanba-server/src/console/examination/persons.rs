//! A person's record: why first, then the record, then what may be proposed about it.

use std::collections::BTreeMap;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::routing::{get, post};
use jiff::civil::Date;
use serde::Deserialize;
use tanba_registry::{
    AttributeView, CorrectionKind, EncounterId, KnownBy, LookPurpose, NewCorrection, PersonId, PersonView,
    RegistryError, Revision, Role,
};

use super::short;
use crate::console::{Answer, Lang, Page, Sent, SignedIn, render, see};
use crate::input::Id;
use crate::state::ServerState;

pub(super) fn routes() -> Router<ServerState> {
    Router::new()
        .route("/persons", get(locate_page).post(locate))
        .route("/persons/{person}", get(person).post(state_purpose))
        .route("/persons/{person}/correction", get(correction_page).post(correct))
        .route("/persons/{person}/name", get(name_page).post(rename))
        .route("/persons/{person}/death", get(death_page).post(record_death))
        .route("/persons/{person}/death/withdraw", post(withdraw_death))
        .route("/persons/{person}/duplicate", get(duplicate_page).post(suspect))
        .route("/persons/{person}/split", get(split_page).post(split))
        .route("/persons/{person}/move", post(move_encounter))
}

// ------------------------------------------------------------------------------------------------------ finding a record

#[derive(Template)]
#[template(path = "examination/locate.html")]
struct Locate {
    p: Page,
}

async fn locate_page(State(state): State<ServerState>, signed: SignedIn) -> Answer {
    render(&Locate { p: Page::new(&state, &signed, "examination", "exam-locate-title") })
}

/// A record as the form names it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    by: By,
    number: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum By {
    Iin,
    Document,
}

fn known_by(by: &By, number: String) -> KnownBy {
    match by {
        By::Iin => KnownBy::Iin(number),
        By::Document => KnownBy::Document(number),
    }
}

async fn locate(signed: SignedIn, Sent(form): Sent<Named>) -> Answer {
    let person = signed.registry.locate_person(&signed.actor, &known_by(&form.by, form.number)).await?;
    see(&format!("/persons/{person}"))
}

// --------------------------------------------------------------------------------------------------------- why, and what

#[derive(Template)]
#[template(path = "examination/why.html")]
struct Why {
    p: Page,
    id: PersonId,
    purposes: [LookPurpose; 5],
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Purpose {
    purpose: LookPurpose,
    reason: String,
}

async fn state_purpose(signed: SignedIn, Id(id): Id<PersonId>, Sent(form): Sent<Purpose>) -> Answer {
    signed.registry.state_purpose(&signed.actor, id, form.purpose, &form.reason).await?;
    see(&format!("/persons/{id}"))
}

#[derive(Template)]
#[template(path = "examination/person.html")]
struct Person {
    p: Page,
    view: PersonView,
    reason: String,
    decides: bool,
}

async fn person(State(state): State<ServerState>, signed: SignedIn, Id(id): Id<PersonId>) -> Answer {
    let Some((purpose, reason)) = signed.registry.stated_purpose(&signed.actor, id).await? else {
        let p = Page::new(&state, &signed, "examination", "exam-why-title");
        return render(&Why { p, id, purposes: LookPurpose::ALL });
    };
    let view = signed.registry.view_person(&signed.actor, id, purpose, &reason).await?;
    let decides = signed.actor.roles().contains(&Role::SecondOfficer);
    let p = Page::new(&state, &signed, "examination", "exam-person-title").about(purpose.name());
    render(&Person { p, view, reason, decides })
}

// ----------------------------------------------------------------------------------------------------- what is proposed

/// A page with one form about a record. It shows the record's values, so it needs the stated purpose too.
async fn about(signed: &SignedIn, id: PersonId) -> Result<Option<(LookPurpose, PersonView)>, RegistryError> {
    match signed.registry.stated_purpose(&signed.actor, id).await? {
        None => Ok(None),
        Some((purpose, reason)) => {
            Ok(Some((purpose, signed.registry.view_person(&signed.actor, id, purpose, &reason).await?)))
        }
    }
}

macro_rules! form_page {
    ($handler:ident, $page:ident, $path:literal, $title:literal) => {
        #[derive(Template)]
        #[template(path = $path)]
        struct $page {
            p: Page,
            view: PersonView,
        }

        async fn $handler(State(state): State<ServerState>, signed: SignedIn, Id(id): Id<PersonId>) -> Answer {
            match about(&signed, id).await? {
                None => see(&format!("/persons/{id}")),
                Some((purpose, view)) => {
                    let p = Page::new(&state, &signed, "examination", $title).about(purpose.name());
                    render(&$page { p, view })
                }
            }
        }
    };
}
form_page!(correction_page, CorrectionPage, "examination/correct.html", "exam-correct-title");
form_page!(name_page, NamePage, "examination/rename.html", "exam-rename-title");
form_page!(death_page, DeathPage, "examination/death.html", "exam-death-title");
form_page!(duplicate_page, DuplicatePage, "examination/duplicate.html", "exam-duplicate-title");
form_page!(split_page, SplitPage, "examination/split.html", "exam-split-title");

/// New values; an empty field stays as it is.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Values {
    #[serde(default)]
    family_name_kk: String,
    #[serde(default)]
    given_name_kk: String,
    #[serde(default)]
    family_name_ru: String,
    #[serde(default)]
    given_name_ru: String,
    #[serde(default)]
    family_name_latin: String,
    #[serde(default)]
    given_name_latin: String,
    #[serde(default)]
    born: String,
    #[serde(default)]
    sex: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    citizenship: String,
    #[serde(default)]
    valid_from: String,
    source: String,
    evidence: String,
    reason: String,
}

impl Values {
    fn proposal(self, kind: CorrectionKind) -> Result<NewCorrection, RegistryError> {
        let attributes: BTreeMap<String, String> = [
            ("family_name_kk", self.family_name_kk),
            ("given_name_kk", self.given_name_kk),
            ("family_name_ru", self.family_name_ru),
            ("given_name_ru", self.given_name_ru),
            ("family_name_latin", self.family_name_latin),
            ("given_name_latin", self.given_name_latin),
            ("born", self.born),
            ("sex", self.sex),
            ("status", self.status),
            ("citizenship", self.citizenship),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
        .filter(|(_, value)| !value.is_empty())
        .collect();
        let valid_from = day(&self.valid_from, "valid_from")?;
        Ok(NewCorrection {
            kind,
            attributes,
            source: self.source,
            evidence: self.evidence,
            reason: self.reason,
            valid_from,
        })
    }
}

/// A day that a form may leave empty.
fn day(text: &str, field: &'static str) -> Result<Option<Date>, RegistryError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| RegistryError::Invalid { field, problem: "give a day as YYYY-MM-DD".to_owned() })
}

async fn correct(signed: SignedIn, Id(id): Id<PersonId>, Sent(form): Sent<Values>) -> Answer {
    propose(&signed, id, form.proposal(CorrectionKind::Correction)?).await
}

async fn rename(signed: SignedIn, Id(id): Id<PersonId>, Sent(form): Sent<Values>) -> Answer {
    propose(&signed, id, form.proposal(CorrectionKind::NameChange)?).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Death {
    died: String,
    source: String,
    evidence: String,
    reason: String,
}

async fn record_death(signed: SignedIn, Id(id): Id<PersonId>, Sent(form): Sent<Death>) -> Answer {
    let new = NewCorrection {
        kind: CorrectionKind::Death,
        attributes: [("died".to_owned(), form.died.trim().to_owned())].into(),
        source: form.source,
        evidence: form.evidence,
        reason: form.reason,
        valid_from: None,
    };
    propose(&signed, id, new).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Withdrawal {
    source: String,
    evidence: String,
    reason: String,
}

async fn withdraw_death(signed: SignedIn, Id(id): Id<PersonId>, Sent(form): Sent<Withdrawal>) -> Answer {
    let new = NewCorrection {
        kind: CorrectionKind::DeathWithdrawn,
        attributes: BTreeMap::new(),
        source: form.source,
        evidence: form.evidence,
        reason: form.reason,
        valid_from: None,
    };
    propose(&signed, id, new).await
}

async fn propose(signed: &SignedIn, id: PersonId, new: NewCorrection) -> Answer {
    signed.registry.propose_correction(&signed.actor, id, &new).await?;
    see(&format!("/persons/{id}?done=proposed"))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Suspicion {
    by: By,
    number: String,
    reason: String,
}

async fn suspect(signed: SignedIn, Id(id): Id<PersonId>, Sent(form): Sent<Suspicion>) -> Answer {
    let other = known_by(&form.by, form.number);
    signed.registry.suspect_duplicate(&signed.actor, id, &other, &form.reason).await?;
    see(&format!("/persons/{id}?done=sent-to-examiners"))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Reason {
    pub(super) reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Split {
    #[serde(default)]
    encounter: Vec<EncounterId>,
    reason: String,
}

async fn split(signed: SignedIn, Id(id): Id<PersonId>, Sent(form): Sent<Split>) -> Answer {
    let revision = Revision::Split { person: id, encounters: form.encounter };
    let proposed = signed.registry.propose_revision(&signed.actor, &revision, &form.reason).await?;
    see(&format!("/revisions/{}?done=proposed", proposed.id))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Move {
    encounter: EncounterId,
    by: By,
    number: String,
    reason: String,
}

async fn move_encounter(signed: SignedIn, Id(_): Id<PersonId>, Sent(form): Sent<Move>) -> Answer {
    let to = signed.registry.locate_person(&signed.actor, &known_by(&form.by, form.number)).await?;
    let revision = Revision::Move { encounter: form.encounter, to };
    let proposed = signed.registry.propose_revision(&signed.actor, &revision, &form.reason).await?;
    see(&format!("/revisions/{}?done=proposed", proposed.id))
}

impl Person {
    fn short(&self, id: &PersonId) -> String {
        short(id)
    }

    /// What holds now, in the order in which people introduce themselves.
    fn current(&self) -> Vec<&AttributeView> {
        const ORDER: [&str; 12] = [
            "family_name_kk",
            "given_name_kk",
            "family_name_ru",
            "given_name_ru",
            "family_name_latin",
            "given_name_latin",
            "iin",
            "born",
            "died",
            "sex",
            "status",
            "citizenship",
        ];
        let mut current: Vec<_> = self.view.attributes.iter().filter(|a| a.superseded_at.is_none()).collect();
        current.sort_by_key(|a| ORDER.iter().position(|name| *name == a.name).unwrap_or(ORDER.len()));
        current
    }

    fn former(&self) -> impl Iterator<Item = &AttributeView> {
        self.view.attributes.iter().filter(|a| a.superseded_at.is_some())
    }

    fn has_former(&self) -> bool {
        self.former().next().is_some()
    }

    fn died(&self) -> Option<&str> {
        self.view.current("died")
    }

    /// An attribute's value as people read it.
    fn shown(&self, attribute: &AttributeView) -> String {
        match attribute.name.as_str() {
            "born" | "died" => self.p.date_text(&attribute.value),
            "sex" => self.p.code("exam-sex", &attribute.value),
            "status" => self.p.code("exam-citizen-status", &attribute.value),
            _ => attribute.value.clone(),
        }
    }

    fn heading(&self) -> String {
        let script = match self.p.lang {
            Lang::Kk => "kk",
            Lang::Ru => "ru",
            Lang::En => "latin",
        };
        self.view.name(script).unwrap_or_else(|| self.p.with("exam-record", short(&self.view.id)))
    }
}
