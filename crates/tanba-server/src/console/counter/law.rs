//! What the law says of this person, and everything that is said to them before a finger is placed.

use askama::Template;
use axum::extract::State;
use serde::Deserialize;
use tanba_registry::{Consent, ConsentKind, EncounterId, Interpreter, LawGround, RegistryError};

use super::{Head, at, page as page_about};
use crate::console::{Answer, Lang, Page, Sent, SignedIn, render, see};
use crate::input::Id;
use crate::problem::Refusal;
use crate::state::ServerState;

/// The versions of what is said aloud; a test holds each to its words.
const EXPLANATION: &str = "counter-explanation-1";
const CONSENT: &str = "counter-consent-1";
const GUARDIAN: &str = "counter-guardian-1";
const OBJECTION: &str = "counter-objection-1";

/// How somebody's identity was established.
pub(super) const EVIDENCE: [&str; 4] =
    ["identity_document_seen", "electronic_signature", "signature_on_paper", "sworn_register"];

#[derive(Template)]
#[template(path = "counter/law.html")]
struct LawPage {
    p: Page,
    head: Head,
    /// The language in which the operator speaks to the person.
    say: Lang,
    evidence: [&'static str; 4],
}

impl LawPage {
    fn ground(&self) -> Option<&LawGround> {
        self.head.desk.view.law.ground.as_ref()
    }

    fn guardian_missing(&self) -> bool {
        self.head.missing("guardian_consent") || self.head.missing("guardian_presence")
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
    render(&LawPage { p: page_about(&state, &signed, "counter-law-title"), head, say, evidence: EVIDENCE })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Spoken {
    language: String,
}

/// It was explained, in this language. Where nothing else is missing, capture is next.
pub(super) async fn explained(signed: SignedIn, Id(id): Id<EncounterId>, Sent(form): Sent<Spoken>) -> Answer {
    record(&signed, id, ConsentKind::Explanation, None, EXPLANATION, &form.language, "spoken", "spoken_by_operator")
        .await?;
    see(&format!("/counter/encounters/{id}"))
}

/// The person agrees.
pub(super) async fn consented(signed: SignedIn, Id(id): Id<EncounterId>, Sent(form): Sent<Spoken>) -> Answer {
    record(&signed, id, ConsentKind::SubjectConsent, None, CONSENT, &form.language, "spoken", "spoken_before_operator")
        .await?;
    see(&at(id, "law"))
}

/// The person, or the child, objects: capture stops.
pub(super) async fn objection(signed: SignedIn, Id(id): Id<EncounterId>, Sent(form): Sent<Spoken>) -> Answer {
    record(&signed, id, ConsentKind::Objection, None, OBJECTION, &form.language, "spoken", "spoken_before_operator")
        .await?;
    see(&at(id, "law"))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Guardian {
    given_by: String,
    language: String,
    evidence: String,
    #[serde(default)]
    presence: bool,
    #[serde(default)]
    consent: bool,
}

/// A guardian is here, and agrees: two statements, each of its own.
pub(super) async fn guardian(signed: SignedIn, Id(id): Id<EncounterId>, Sent(form): Sent<Guardian>) -> Answer {
    let evidence = evidence(&form.evidence)?;
    if !form.presence && !form.consent {
        return Err(RegistryError::Invalid {
            field: "guardian",
            problem: "say whether the guardian is here, agrees, or both".to_owned(),
        }
        .into());
    }
    let by = Some(form.given_by.trim());
    for (said, kind) in [(form.presence, ConsentKind::GuardianPresence), (form.consent, ConsentKind::GuardianConsent)] {
        if said {
            record(&signed, id, kind, by, GUARDIAN, &form.language, "spoken", evidence).await?;
        }
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
    let known = EVIDENCE.into_iter().find(|known| *known == text);
    known.ok_or_else(|| {
        RegistryError::Invalid { field: "evidence", problem: "choose one of what the page offers".to_owned() }.into()
    })
}

/// Records what was said. Without another giver it is the person themselves, known by number or by the record's own id.
async fn record(
    signed: &SignedIn,
    id: EncounterId,
    kind: ConsentKind,
    given_by: Option<&str>,
    text_version: &str,
    language: &str,
    modality: &str,
    evidence: &str,
) -> Result<(), Refusal> {
    let language = Lang::from_code(language).ok_or(RegistryError::Invalid {
        field: "language",
        problem: "choose kk, ru or en; another language needs an interpreter on record".to_owned(),
    })?;
    let given_by = match given_by {
        Some(given_by) => given_by.to_owned(),
        None => {
            let view = signed.registry.view_encounter(&signed.actor, id).await?;
            view.identity.get("iin").cloned().unwrap_or_else(|| view.person.to_string())
        }
    };
    let consent = Consent {
        kind,
        given_by,
        text_version: text_version.to_owned(),
        language: language.code().to_owned(),
        modality: modality.to_owned(),
        evidence: evidence.to_owned(),
    };
    signed.registry.record_consent(&signed.actor, id, &consent).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use sha2::{Digest as _, Sha256};

    use crate::console::Lang;

    /// What was said to people is on record by its version: whoever changes the words gives them a new one.
    #[test]
    fn the_words_that_are_said_belong_to_their_version() {
        for (version, key, expected) in [
            (super::EXPLANATION, "counter-say-explanation", "04c481db"),
            (super::CONSENT, "counter-say-consent", "365c1a1e"),
            (super::GUARDIAN, "counter-say-guardian", "c766d17b"),
        ] {
            let words: String = Lang::ALL.iter().map(|lang| lang.t(key)).collect();
            let hash: String = Sha256::digest(words.as_bytes()).iter().take(4).map(|b| format!("{b:02x}")).collect();
            assert_eq!(hash, expected, "{version}: give changed words a new version");
        }
    }
}
