//! What the law says of this person, and everything that is said to them before a finger is placed.

use askama::Template;
use axum::extract::State;
use serde::Deserialize;
use tanba_registry::{
    Confirmation, Consent, ConsentKind, EncounterId, GuardianCode, GuardianIdentity, Interpreter, LawGround,
    RegistryError, ShownText,
};

use super::{Head, at, page as page_about, told_here};
use crate::console::{Answer, Lang, Page, Sent, SignedIn, arg, render, see};
use crate::input::Id;
use crate::problem::Refusal;
use crate::spoken;
use crate::state::ServerState;

/// How somebody's identity was established.
pub(super) const EVIDENCE: [&str; 4] =
    ["identity_document_seen", "electronic_signature", "signature_on_paper", "sworn_register"];
/// How a consent is signed, the usual way first.
const SIGNED: [Confirmation; 3] =
    [Confirmation::SignatureOnPaper, Confirmation::SignatureOnPad, Confirmation::ElectronicSignature];

#[derive(Template)]
#[template(path = "counter/law.html")]
struct LawPage {
    p: Page,
    head: Head,
    /// The language in which the operator speaks to the person.
    say: Lang,
    evidence: [&'static str; 4],
    /// What was told on the way here: the code for a guardian's slip, or what went wrong.
    told: Option<String>,
}

impl LawPage {
    fn ground(&self) -> Option<&LawGround> {
        self.head.desk.view.law.ground.as_ref()
    }

    fn presence_missing(&self) -> bool {
        self.head.missing("guardian_presence")
    }

    fn guardian_missing(&self) -> bool {
        self.head.missing("guardian_consent") || self.presence_missing()
    }

    /// How a consent may be confirmed here: signed, or stated where the law lets it.
    fn confirmations(&self) -> Vec<&'static str> {
        let stated = self.head.desk.by_statement.then_some(Confirmation::OperatorStatement);
        SIGNED.into_iter().chain(stated).map(Confirmation::name).collect()
    }

    /// The hash of the words that are agreed to, as it stands on the sheet that is signed.
    fn hash_of(&self, who: &str) -> String {
        text_for(who).shown(self.say).hash()
    }

    fn consent_missing(&self) -> bool {
        self.head.missing("consent") || self.head.missing("written_consent")
    }

    /// The next thing to do here: what the page's main button does.
    fn next(&self) -> &'static str {
        if !self.head.open() {
            "closed"
        } else if self.head.objected() {
            "refusal"
        } else if self.guardian_missing() {
            "guardian"
        } else if self.consent_missing() {
            "consent"
        } else if !self.head.desk.view.law.missing.is_empty() {
            "missing"
        } else if !self.head.explained() {
            "explanation"
        } else {
            "capture"
        }
    }

    /// The first characters of the pack's hash, as people compare it.
    fn short_hash(&self) -> String {
        self.head.desk.view.law.pack_hash.chars().take(12).collect()
    }
}

pub(super) async fn page(State(state): State<ServerState>, signed: SignedIn, Id(id): Id<EncounterId>) -> Answer {
    let head = Head::load(&signed, id, "law").await?;
    let say = signed.visitor.asked("say").and_then(Lang::from_code).unwrap_or(signed.visitor.lang);
    let told = state.counter().hear(signed.actor.account(), id);
    render(&LawPage { p: page_about(&state, &signed, "counter-law-title"), head, say, evidence: EVIDENCE, told })
}

/// What somebody is asked to agree to: the person, or a guardian.
fn text_for(who: &str) -> spoken::Spoken {
    if who == "guardian" { spoken::GUARDIAN } else { spoken::CONSENT }
}

/// The sheet that a consent is signed on, with the words and what they are known by.
#[derive(Template)]
#[template(path = "counter/sheet.html")]
struct SheetPage {
    p: Page,
    head: Head,
    say: Lang,
    who: &'static str,
    text: ShownText,
    /// What the sheet is found by: it is typed as the signature's number.
    number: String,
}

pub(super) async fn sheet(State(state): State<ServerState>, signed: SignedIn, Id(id): Id<EncounterId>) -> Answer {
    let head = Head::load(&signed, id, "law").await?;
    let say = signed.visitor.asked("say").and_then(Lang::from_code).unwrap_or(signed.visitor.lang);
    let who = if signed.visitor.asked("for") == Some("guardian") { "guardian" } else { "subject" };
    let text = text_for(who).shown(say);
    let visit = id.to_string();
    let number = format!("{}-{}", &visit[visit.len() - 12..], &text.hash()[..4]).to_uppercase();
    render(&SheetPage { p: page_about(&state, &signed, "counter-sheet-title"), head, say, who, text, number })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Said {
    language: String,
}

/// It was explained, in this language. Where nothing else is missing, capture is next.
pub(super) async fn explained(signed: SignedIn, Id(id): Id<EncounterId>, Sent(form): Sent<Said>) -> Answer {
    let text = spoken::EXPLANATION.shown(language(&form.language)?);
    let by = person_of(&signed, id).await?;
    let said = Consent::new(ConsentKind::Explanation, &by, text, "spoken", Confirmation::OperatorStatement);
    signed.registry.record_consent(&signed.actor, id, &said).await?;
    see(&format!("/counter/encounters/{id}"))
}

/// A consent as its form sends it: who gives it, and how it is confirmed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Agreed {
    /// Empty where the person consents themselves.
    #[serde(default)]
    given_by: String,
    language: String,
    evidence: String,
    #[serde(default)]
    reference: String,
}

/// The person agrees.
pub(super) async fn consented(signed: SignedIn, Id(id): Id<EncounterId>, Sent(form): Sent<Agreed>) -> Answer {
    let by = person_of(&signed, id).await?;
    agreed(&signed, id, ConsentKind::SubjectConsent, &spoken::CONSENT, &by, &form).await
}

/// The guardian agrees.
pub(super) async fn guardian_consented(signed: SignedIn, Id(id): Id<EncounterId>, Sent(form): Sent<Agreed>) -> Answer {
    agreed(&signed, id, ConsentKind::GuardianConsent, &spoken::GUARDIAN, form.given_by.trim(), &form).await
}

async fn agreed(
    signed: &SignedIn,
    id: EncounterId,
    kind: ConsentKind,
    text: &spoken::Spoken,
    given_by: &str,
    form: &Agreed,
) -> Answer {
    let by = Confirmation::from_name(&form.evidence).ok_or_else(unknown_evidence)?;
    let modality = match by {
        Confirmation::SignatureOnPaper => "written",
        Confirmation::OperatorStatement => "spoken",
        _ => "electronic",
    };
    let reference = if by.is_signature() { form.reference.trim() } else { "" };
    let consent = Consent::new(kind, given_by, text.shown(language(&form.language)?), modality, by).signed(reference);
    signed.registry.record_consent(&signed.actor, id, &consent).await?;
    see(&at(id, "law"))
}

/// The person, or the child, objects: capture stops. No form and no signature stands in the way.
pub(super) async fn objection(signed: SignedIn, Id(id): Id<EncounterId>, Sent(form): Sent<Said>) -> Answer {
    let none = ShownText {
        version: "counter-objection-1".to_owned(),
        language: language(&form.language)?.code().to_owned(),
        words: String::new(),
    };
    let by = person_of(&signed, id).await?;
    let said = Consent::new(ConsentKind::Objection, &by, none, "spoken", Confirmation::OperatorStatement);
    signed.registry.record_consent(&signed.actor, id, &said).await?;
    see(&at(id, "law"))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GuardianForm {
    iin: String,
    document: String,
    language: String,
}

/// A guardian is identified by the population register, and gets a code.
pub(super) async fn guardian(
    State(state): State<ServerState>,
    signed: SignedIn,
    Id(id): Id<EncounterId>,
    Sent(form): Sent<GuardianForm>,
) -> Answer {
    let guardian = GuardianIdentity {
        iin: form.iin.trim().to_owned(),
        document: form.document.trim().to_owned(),
        language: language(&form.language)?.code().to_owned(),
    };
    let lang = signed.visitor.lang;
    let told = match signed.registry.identify_guardian(&signed.actor, id, &guardian).await {
        Ok(GuardianCode { code: Some(code), .. }) => lang.tn("counter-guardian-slip", &[arg("text", code)]),
        Ok(_) => lang.t("counter-guardian-sent"),
        Err(error) => told_here(lang, error.into()).1,
    };
    state.counter().tell(signed.actor.account(), id, told);
    see(&at(id, "law"))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GivenCode {
    code: String,
}

/// The guardian gives the code back.
pub(super) async fn guardian_confirmed(
    State(state): State<ServerState>,
    signed: SignedIn,
    Id(id): Id<EncounterId>,
    Sent(form): Sent<GivenCode>,
) -> Answer {
    if let Err(error) = signed.registry.confirm_guardian(&signed.actor, id, &form.code).await {
        state.counter().tell(signed.actor.account(), id, told_here(signed.visitor.lang, error.into()).1);
    }
    see(&at(id, "law"))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct InterpreterForm {
    name: String,
    document: String,
    language: String,
    evidence: String,
}

pub(super) async fn interpreter(
    signed: SignedIn,
    Id(id): Id<EncounterId>,
    Sent(form): Sent<InterpreterForm>,
) -> Answer {
    let interpreter = Interpreter {
        name: form.name.trim().to_owned(),
        document: form.document.trim().to_owned(),
        language: form.language.trim().to_lowercase(),
        evidence: evidence(&form.evidence)?.to_owned(),
    };
    signed.registry.record_interpreter(&signed.actor, id, &interpreter).await?;
    see(&at(id, "law"))
}

/// Evidence is one of what the page offers: a free text would hold personal data in the open.
fn evidence(text: &str) -> Result<&'static str, Refusal> {
    EVIDENCE.into_iter().find(|known| *known == text).ok_or_else(unknown_evidence)
}

fn unknown_evidence() -> Refusal {
    RegistryError::Invalid { field: "evidence", problem: "choose one of what the page offers".to_owned() }.into()
}

fn language(code: &str) -> Result<Lang, Refusal> {
    Lang::from_code(code).ok_or_else(|| {
        RegistryError::Invalid {
            field: "language",
            problem: "choose kk, ru or en; another language needs an interpreter on record".to_owned(),
        }
        .into()
    })
}

/// The person themselves, known by number or by the record's own id.
async fn person_of(signed: &SignedIn, id: EncounterId) -> Result<String, Refusal> {
    let view = signed.registry.view_encounter(&signed.actor, id).await?;
    Ok(view.identity.get("iin").cloned().unwrap_or_else(|| view.person.to_string()))
}
