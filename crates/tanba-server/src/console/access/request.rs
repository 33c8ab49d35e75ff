//! A request: what, on what grounds, about whom; and the release of a candidate's identity.

use axum::extract::State;
use serde::Deserialize;
use tanba_formats::Finger;
use tanba_registry::{Act, CaseId, EncounterId, Grounds, Narrowing, RecordedSex, SanctionId, Target};

use super::super::form::unfit;
use super::super::shelf::is_key;
use super::super::{Answer, Sent, SignedIn, Upload, see};
use super::act_name;
use super::answers::KeptAnswer;
use crate::gate::Room;
use crate::input::Id;
use crate::problem::Refusal;
use crate::state::ServerState;

/// What an answer takes in memory, roughly: it holds a few lines of text.
const ANSWER_BYTES: usize = 4 << 10;

/// Asks, and leads to the answer.
pub(super) async fn ask(
    State(state): State<ServerState>,
    signed: SignedIn,
    Id(case): Id<CaseId>,
    _room: Room,
    upload: Upload,
) -> Answer {
    let field = |name: &str| upload.fields.get(name).map(|text| text.trim().to_owned()).unwrap_or_default();
    let act = match field("act").as_str() {
        "verify" => Act::Verify,
        "identify" => Act::Identify,
        "read" => Act::Read,
        _ => return Err(unfit()),
    };
    let prints = upload
        .files
        .iter()
        .map(|file| {
            let row = file.field.strip_prefix("print-").ok_or_else(unfit)?;
            let finger = field(&format!("finger-{row}"));
            let finger = Finger::TEN.into_iter().find(|known| known.name() == finger).unwrap_or(Finger::Unknown);
            Ok((finger, file.bytes.to_vec(), None))
        })
        .collect::<Result<Vec<_>, Refusal>>()?;
    let target = match act {
        Act::Verify => Target::IinAndPrints(field("iin"), prints),
        Act::Identify => Target::Prints(prints, narrowing(&field)?),
        _ => Target::Iin(field("iin")),
    };
    let asked = Asked {
        case,
        act,
        purpose: field("purpose"),
        legal_basis: field("legal_basis"),
        sanction: field("sanction"),
        urgent: field("urgent"),
        key: field("key"),
    };
    answer(&state, &signed, asked, &target).await
}

/// Whom the search is narrowed to, where anything is chosen or a reason is given; that both are, the registry says.
fn narrowing(field: &dyn Fn(&str) -> String) -> Result<Option<Narrowing>, Refusal> {
    let number = |name: &str| match field(name).as_str() {
        "" => Ok(None),
        number => number.parse::<u16>().map(Some).map_err(|_| unfit()),
    };
    let sex = match field("sex").as_str() {
        "" => None,
        "female" => Some(RecordedSex::Female),
        "male" => Some(RecordedSex::Male),
        _ => return Err(unfit()),
    };
    let reason = field("narrowing_reason");
    let asked = Narrowing {
        sex,
        born_from: number("born_from")?,
        born_to: number("born_to")?,
        region: number("region")?,
        reason,
    };
    Ok(Some(asked).filter(|asked| *asked != Narrowing::default()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReleaseForm {
    candidate: EncounterId,
    decision: String,
    purpose: String,
    legal_basis: String,
    #[serde(default)]
    sanction: String,
    #[serde(default)]
    urgent: String,
    key: String,
}

/// Who a candidate is, after the officer's stated decision.
pub(super) async fn release(
    State(state): State<ServerState>,
    signed: SignedIn,
    Id(case): Id<CaseId>,
    Sent(form): Sent<ReleaseForm>,
) -> Answer {
    let asked = Asked {
        case,
        act: Act::ReleaseIdentity,
        purpose: form.purpose,
        legal_basis: form.legal_basis,
        sanction: form.sanction,
        urgent: form.urgent,
        key: form.key,
    };
    answer(&state, &signed, asked, &Target::Candidate(form.candidate, form.decision.trim().to_owned())).await
}

struct Asked {
    case: CaseId,
    act: Act,
    purpose: String,
    legal_basis: String,
    sanction: String,
    urgent: String,
    key: String,
}

async fn answer(state: &ServerState, signed: &SignedIn, asked: Asked, target: &Target) -> Answer {
    if !is_key(&asked.key) {
        return Err(unfit());
    }
    let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let sanction = given(&asked.sanction).map(|id| id.parse::<SanctionId>()).transpose().map_err(|_| unfit())?;
    let grounds = Grounds {
        purpose: given(&asked.purpose),
        case: Some(asked.case),
        legal_basis: given(&asked.legal_basis),
        sanction,
        urgent: given(asked.urgent.trim()),
    };
    let session = signed.visitor.csrf();
    let page = format!("/access/answers/{}", asked.key);
    if !state.answers().begin(&session, &asked.key) {
        return see(&page);
    }
    let outcome = signed.registry.ask(&signed.actor, asked.act, &grounds, target).await;
    let kept = outcome.as_ref().ok().map(|given| KeptAnswer {
        case: asked.case,
        act: act_name(&asked.act),
        purpose: asked.purpose,
        legal_basis: asked.legal_basis,
        sanction: sanction.map(|id| id.to_string()),
        urgent: grounds.urgent,
        given: given.clone(),
    });
    state.answers().end(&session, &asked.key, kept.map(|answer| (answer, ANSWER_BYTES)));
    outcome?;
    see(&page)
}
