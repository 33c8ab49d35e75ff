//! The office outside the register that decides what an authority may do, with its own key.

use anyhow::Context as _;
use tanba_registry::{CaseId, Instant, NewSanctionKey, SanctionId, SignedSanction};
use tanba_seal::log::LogVerifier;
use tanba_seal::{KdfParams, KeyRing, Sanction};

use super::stage::Stage;
use crate::party::entropy;

const OFFICE: &str = "prosecutor.demonstration.invalid/sanctions";
/// How long the sanction and the office's key last, seconds.
const MONTH: u64 = 30 * 86_400;

/// A sanction of one search by prints and one name in a case of the officer's, signed by the prosecutor, whose key the register's
/// administrator has entered and its supervisor has confirmed.
pub(super) async fn sanction(stage: &Stage, case: CaseId, number: &str) -> anyhow::Result<SanctionId> {
    let registry = &stage.registry;
    // The office keeps its key as every party does; this one is gone when the story ends.
    let (_, ring) = KeyRing::create(&stage.password, &[], OFFICE, KdfParams::MINIMUM, &mut entropy)?;
    let signer = ring.log_signer();
    let from = u64::try_from(registry.now().micros() / 1_000_000).context("the clock stands before 1970")?;
    // A sanction counts in whole seconds.
    let begins = Instant::from_micros(i64::try_from(from * 1_000_000)?);
    let key = NewSanctionKey {
        verifier: signer.verifier().to_string(),
        level: "prosecutor".to_owned(),
        valid_from: begins,
        valid_to: begins.plus_seconds(i64::try_from(MONTH)?),
    };
    let key = registry.propose_sanction_key(&stage.administrator, &key).await?;
    registry.decide_sanction_key(&stage.supervisor, key, true).await?;

    let note = Sanction {
        register: LogVerifier::parse(&registry.verifier_key())?.name().to_owned(),
        serial: "8".to_owned(),
        office: OFFICE.to_owned(),
        level: "prosecutor".to_owned(),
        judge: "Prosecutor of the demonstration district".to_owned(),
        organisation: "mia".to_owned(),
        case: number.to_owned(),
        subject: None,
        modalities: vec!["fingerprint".to_owned()],
        acts: vec!["identify".to_owned(), "release_identity".to_owned()],
        purposes: vec!["crime_investigation".to_owned()],
        valid_from: from,
        valid_to: from + MONTH,
        uses: 2,
        tell_at: None,
    }
    .sign(&signer)?;
    Ok(registry.enter_signed_sanction(&stage.clerk, &SignedSanction { case, note, subject: None }).await?)
}
