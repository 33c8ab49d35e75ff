//! What a capture station opens its device with: the proof that an encounter was started and its legal basis is on record.

use serde_json::json;

use crate::actor::Actor;
use crate::encounter::{EncounterRow, EncounterState};
use crate::error::Result;
use crate::ids::EncounterId;
use crate::journal::{Entry, hex};
use crate::law::LawAnswer;
use crate::registry::Registry;

impl Registry {
    /// The permit of an encounter for today, where the law misses nothing: a keyed hash of the encounter, the pack, the clause
    /// and the day, so that it ends with any of them.
    pub(crate) fn capture_permit(&self, row: &EncounterRow, law: &LawAnswer) -> Option<String> {
        let lawful = !law.forbids() && law.missing.is_empty() && row.state == EncounterState::Open;
        lawful.then(|| {
            let basis = format!("{}/{}/{}/{}", row.id, law.pack_hash, law.clause, self.today());
            hex(&self.inner.vault.blind("capture_permit", basis.as_bytes()))
        })
    }

    /// Demands the permit that the encounter's view gives, before an image is as much as decoded.
    ///
    /// # Errors
    /// Denied, and logged, where the law misses something, or the permit is not this encounter's of today.
    pub async fn demand_capture_permit(&self, actor: &Actor, id: EncounterId, permit: Option<&str>) -> Result<()> {
        let row = self.open_encounter_of(actor, id).await?;
        let law = self.demand_nothing_missing(actor, &row).await?;
        if permit.is_some() && permit == self.capture_permit(&row, &law).as_deref() {
            return Ok(());
        }
        let denial = Entry::denial("capture.denied", Some(actor))
            .purpose("registration")
            .about(row.person)
            .law(&law.pack_hash, &law.clause)
            .details(json!({"encounter": id, "reason": "no_capture_permit"}));
        let said = "the device opens with the permit of an encounter whose legal basis is on record, and this is none";
        let need = "read the encounter again: its view holds today's capture permit".to_owned();
        self.deny(denial, "no_capture_permit", &law.clause, said, vec![need]).await
    }
}
