//! Both sides of an identification, joined once two experts have reconciled them.

use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::Row;
use tanba_dna::Category;
use tanba_law::AccessAct;

use super::reconciliation::people;
use super::{SearchGrounds, parse_category};
use crate::actor::{Actor, Role};
use crate::error::{RegistryError, Result};
use crate::ids::{CaseId, ReconciliationId, SpecimenId};
use crate::institutions::code;
use crate::journal::Entry;
use crate::key_process::Need;
use crate::registry::Registry;
use crate::rows;
use crate::store::WriteTx;

/// Both sides of an identification, joined.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct IdentificationView {
    /// The reconciliation.
    pub id: ReconciliationId,
    /// What was found of the dead.
    pub post_mortem: JoinedSide,
    /// What is known of the missing.
    pub ante_mortem: JoinedSide,
    /// Where in the log this look stands.
    pub log_seq: u64,
}

/// One side of an identification.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct JoinedSide {
    /// The specimen.
    pub specimen: SpecimenId,
    /// Why it is held.
    pub category: Category,
    /// The case it belongs to.
    pub case: Option<CaseId>,
    /// The laboratory's label; none where its keys are gone.
    pub label: Option<String>,
}

impl Registry {
    /// Both sides of an identification, once two experts have reconciled them. A look at both, with purpose and basis.
    ///
    /// # Errors
    /// Denied before it is confirmed and after it is withdrawn, and with the clause where purpose, basis or the body's right to
    /// read is missing on either side.
    pub async fn identification(
        &self,
        actor: &Actor,
        id: ReconciliationId,
        purpose: &str,
        legal_basis: &str,
    ) -> Result<IdentificationView> {
        self.demand(actor, Role::DnaExaminer, "see both sides of an identification").await?;
        self.demand_proof(actor, "see both sides of an identification", json!([id, purpose, legal_basis])).await?;
        code("purpose", purpose)?;
        let mut sql = self.inner.pool.acquire().await?;
        let row = self.reconciliation_row(&mut sql, actor, id).await?;
        drop(sql);
        let state: String = row.try_get("state")?;
        if state != "confirmed" || row.try_get::<Option<String>, _>("withdraws")?.is_some() {
            let denial = Entry::denial("identification.denied", Some(actor))
                .purpose(purpose)
                .details(json!({"reconciliation": id}));
            let words = "what is known of the missing and what was found of the dead stay apart until two experts have reconciled them";
            let needs = vec!["the agreeing findings of two experts".to_owned()];
            return self.deny(denial, "not_reconciled", "two experts", words, needs).await;
        }
        let grounds = SearchGrounds { case: rows::id(&row, "case_id")?, purpose, legal_basis };
        let sides = [
            ("post_mortem_id", "post_mortem_category", "post_mortem_case"),
            ("ante_mortem_id", "ante_mortem_category", "ante_mortem_case"),
        ];
        let (mut law, mut groups) = (None, Vec::new());
        for (specimen, category, _) in sides {
            let group = parse_category(&row.try_get::<String, _>(category)?)?;
            groups.push(group);
            let specimen = rows::id(&row, specimen)?;
            let read = [(group, AccessAct::Read)];
            law = Some(self.permitted_groups(actor, specimen, &grounds, "identification.denied", read).await?);
        }
        let need = Need {
            actor,
            purpose,
            law: law.as_ref().map(|law| (law.pack_hash.as_str(), law.clause.as_str())),
            details: json!({"reconciliation": id, "legal_basis": legal_basis}),
        };
        self.open_groups(need, groups).await?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let mut joined = Vec::with_capacity(sides.len());
        for (specimen, category, case) in sides {
            let specimen = rows::id(&row, specimen)?;
            joined.push(JoinedSide {
                specimen,
                category: parse_category(&row.try_get::<String, _>(category)?)?,
                case: rows::id_opt(&row, case)?,
                label: self.label_of(tx.sql(), specimen).await?,
            });
        }
        let mut entry = Entry::look("identification.viewed", actor).purpose(purpose).about_all(people(&row)?);
        if let Some(law) = &law {
            entry = entry.law(&law.pack_hash, &law.clause);
        }
        let log_seq = tx.commit(&entry.details(json!({"reconciliation": id, "legal_basis": legal_basis}))).await?;
        let damaged = || RegistryError::Damaged { what: "reconciliation" };
        let ante_mortem = joined.pop().ok_or_else(damaged)?;
        let post_mortem = joined.pop().ok_or_else(damaged)?;
        Ok(IdentificationView { id, post_mortem, ante_mortem, log_seq })
    }
}
