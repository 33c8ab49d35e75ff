//! Answers passed on to a partner abroad: only to whom the law lists, under a record that the log's key signs, kept for the supervisor and
//! shown to the person.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::Row;
use tanba_law::AccessAct;
use tanba_seal::log::{LogVerifier, open_statement, sign_statement};

use crate::access::{Act, Grounds, field_of};
use crate::actor::{Actor, Role};
use crate::error::{RegistryError, Result};
use crate::ids::{AccessRequestId, CaseId, RowId, SanctionId};
use crate::institutions::code;
use crate::journal::Entry;
use crate::law::AccessFacts;
use crate::registry::Registry;
use crate::rights::{is_restricted, kept_open_for};
use crate::rows;
use crate::store::WriteTx;
use crate::time::Instant;
use crate::urgent::people_of;
use crate::vault::fresh_bytes;

/// First line of a record: no checkpoint of a log begins so.
const FORMAT: &str = "tanba-export/1";

/// An answer to be passed on.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewExport {
    /// The partner, by the law pack's word.
    pub partner: String,
    /// The purpose, by the law pack's code.
    pub purpose: String,
    /// The legal basis, as the officer states it.
    pub legal_basis: String,
    /// The sanction, where the law asks for one.
    #[serde(default)]
    pub sanction: Option<SanctionId>,
}

/// An answer that was passed on.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Export {
    /// The export.
    pub id: RowId,
    /// The answer.
    pub request: AccessRequestId,
    /// To whom.
    pub partner: String,
    /// By which organisation, by its code.
    pub organisation: String,
    /// The signed record: a note of C2SP (signed-note) without personal data.
    pub record: String,
    /// Where it stands in the log.
    pub log_seq: u64,
    /// When.
    pub exported_at: Instant,
    /// What may be passed on, to the officer who does it; nothing in lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<BTreeMap<String, String>>,
}

impl Registry {
    /// Passes an answer that this officer got on to a partner abroad. The law's rules on transfers decide as its rules on access do: who, for
    /// what, which fields, on whose sanction.
    ///
    /// # Errors
    /// Denied without the officer's role and by the law; not found where the answer is not this officer's.
    pub async fn export_answer(&self, actor: &Actor, request: AccessRequestId, new: &NewExport) -> Result<Export> {
        self.demand(actor, Role::Officer, "pass an answer on abroad").await?;
        self.demand_proof(actor, "pass an answer on abroad", json!([request, new])).await?;
        code("partner", &new.partner)?;
        let mut sql = self.inner.pool.acquire().await?;
        let row = sqlx::query("SELECT * FROM access_requests WHERE id = $1 AND account_id = $2 AND permitted = 1")
            .bind(request.to_string())
            .bind(actor.account().to_string())
            .fetch_optional(&mut *sql)
            .await?
            .ok_or(RegistryError::NotFound { what: "answer of yours" })?;
        let case: Option<CaseId> = rows::id_opt(&row, "case_id")?;
        let answered: i64 = row.try_get("log_seq")?;
        let person = rows::id_opt(&row, "person_id")?;
        let act = act_of(&row.try_get::<String, _>("act")?)?;
        let given: BTreeSet<String> = row.try_get::<String, _>("fields")?.split(' ').map(str::to_owned).collect();
        let open = match case {
            Some(case) => self.case_of(&mut sql, actor, case).await.is_ok(),
            None => false,
        };
        let grounds = Grounds {
            purpose: Some(new.purpose.clone()),
            case,
            legal_basis: Some(new.legal_basis.clone()),
            sanction: new.sanction,
            urgent: None,
        };
        let sanction = match new.sanction {
            Some(id) => self.sanction_facts(&mut sql, id, actor, &grounds, None, person).await?,
            None => None,
        };
        let told: Option<i64> = sqlx::query_scalar("SELECT until FROM deferred_entries WHERE log_seq = $1")
            .bind(answered)
            .fetch_optional(&mut *sql)
            .await?;
        drop(sql);
        let facts = AccessFacts {
            body: &new.partner,
            purpose: Some(&new.purpose),
            legal_basis: Some(new.legal_basis.as_str()).filter(|basis| !basis.trim().is_empty()),
            case_present: open,
            act: act.in_law(),
            data: act.data_class(),
            population: "civil",
            sanction,
            urgent: false,
            searched: Vec::new(),
            at: self.inner.clock.now().micros(),
        };
        let decision = self.inner.law().transfer(&facts, self.today());
        if !decision.permit {
            let purpose = if code("purpose", &new.purpose).is_ok() { new.purpose.as_str() } else { "not_a_code" };
            let denial = Entry::denial("export.denied", Some(actor))
                .purpose(decision.logged(purpose))
                .law(&decision.pack_hash, &decision.clause)
                .about_all(person)
                .details(json!({"request": request, "partner": new.partner, "reason": decision.code, "policy_decision": decision.hash}));
            return self.deny_by_law(denial, &decision.code, &decision.clause, &decision.text, decision.needs).await;
        }
        let fields: Vec<&str> = decision.fields.intersection(&given).map(String::as_str).collect();
        let identity = match (act.in_law(), person) {
            (AccessAct::Read | AccessAct::ReleaseIdentity, Some(person)) => {
                let mut identity = self.identity_of(person).await?;
                identity.retain(|name, _| field_of(name).is_some_and(|field| fields.contains(&field)));
                Some(identity)
            }
            _ => None,
        };
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now();
        let id = RowId::fresh(now.micros(), fresh_bytes()?);
        if let Some(sanction) = new.sanction.filter(|_| decision.consumes_sanction)
            && !self.use_sanction(&mut tx, sanction).await?
        {
            drop(tx);
            let denial = Entry::denial("export.denied", Some(actor))
                .law(&decision.pack_hash, &decision.clause)
                .sanction(new.sanction)
                .details(json!({"request": request, "partner": new.partner}));
            let needs = vec!["a new sanction of the authority that gave it".to_owned()];
            let text = "the sanction is used up, expired or revoked";
            return self.deny(denial, "sanction_ended", &decision.clause, text, needs).await;
        }
        let people = people_of(&mut tx, answered).await?;
        for person in people.iter().filter(|_| !kept_open_for(Some(&new.purpose))) {
            if is_restricted(tx.sql(), *person).await? {
                // A use of the sanction that was taken goes with the transaction, and this denial is a new one.
                drop(tx);
                let tx = WriteTx::begin(&self.inner).await?;
                let purpose = decision.logged(&new.purpose);
                return self.deny_restricted(tx, actor, *person, ("export.denied", purpose)).await;
            }
        }
        let signer = self.inner.vault.ring().log_signer();
        let text = format!(
            "{FORMAT}\nexport {id}\nregister {}\ntime {}\nfrom {}\nto {}\nact {}\npurpose {}\nfields {}\npack {}\nclause {}\nanswer {answered}\n",
            signer.verifier().name(),
            now.to_rfc3339(),
            actor.organisation_code,
            new.partner,
            act.name(),
            decision.logged(&new.purpose),
            fields.join(","),
            decision.pack_hash,
            decision.clause,
        );
        let record = sign_statement(&signer, &text)?;
        let entry = Entry::look("answer.exported", actor)
            .purpose(decision.logged(&new.purpose))
            .law(&decision.pack_hash, &decision.clause)
            .sanction(new.sanction.filter(|_| decision.consumes_sanction))
            .about_all(people);
        let details = json!({"export": id, "request": request, "partner": new.partner, "case": case, "legal_basis": new.legal_basis,
            "fields": fields, "record": record, "policy_decision": decision.hash});
        let seq = tx.log(&entry.details(details)).await?;
        // Who learns of the answer later learns of its passing on no earlier; by itself only a sanction puts that off.
        let later = match new.sanction.filter(|_| decision.deferred) {
            Some(sanction) => self.tell_person_at(&mut tx, sanction).await?,
            None => None,
        };
        self.defer(&mut tx, seq, later.max(told.map(Instant::from_micros))).await?;
        sqlx::query("INSERT INTO exports (id, request_id, account_id, partner, record, log_seq, exported_at) VALUES ($1, $2, $3, $4, $5, $6, $7)")
            .bind(id.to_string())
            .bind(request.to_string())
            .bind(actor.account().to_string())
            .bind(&new.partner)
            .bind(&record)
            .bind(i64::try_from(seq).unwrap_or(i64::MAX))
            .bind(now.micros())
            .execute(tx.sql())
            .await?;
        tx.commit_logged().await?;
        let organisation = actor.organisation_code.clone();
        Ok(Export {
            id,
            request,
            partner: new.partner.clone(),
            organisation,
            record,
            log_seq: seq,
            exported_at: now,
            identity,
        })
    }

    /// Everything that was passed on abroad, newest first, with its signed records.
    ///
    /// # Errors
    /// Denied without the supervisor's role.
    pub async fn exports(&self, actor: &Actor) -> Result<Vec<Export>> {
        self.demand(actor, Role::Supervisor, "see what was passed on abroad").await?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let found = sqlx::query(
            "SELECT e.*, o.code AS organisation FROM exports e JOIN accounts a ON a.id = e.account_id JOIN organisations o ON o.id = a.organisation_id \
             ORDER BY e.log_seq DESC LIMIT 200",
        )
        .fetch_all(tx.sql())
        .await?;
        tx.commit(&Entry::look("exports.viewed", actor).purpose("supervision").details(json!({"shown": found.len()})))
            .await?;
        found
            .iter()
            .map(|row| {
                Ok(Export {
                    id: rows::id(row, "id")?,
                    request: rows::id(row, "request_id")?,
                    partner: row.try_get("partner")?,
                    organisation: row.try_get("organisation")?,
                    record: row.try_get("record")?,
                    log_seq: rows::number(row, "log_seq")?,
                    exported_at: rows::instant(row, "exported_at")?,
                    identity: None,
                })
            })
            .collect()
    }
}

/// Checks the record of an answer that was passed on against the public key of the register's log; gives its text.
///
/// # Errors
/// A record that this key did not sign, or that is none.
pub fn check_export(record: &str, verifier: &LogVerifier) -> Result<String> {
    let text = open_statement(verifier, record.as_bytes())?;
    if text.lines().next() != Some(FORMAT) {
        return Err(RegistryError::Invalid {
            field: "record",
            problem: format!("it is signed, and no record of an export: its first line is not {FORMAT}"),
        });
    }
    Ok(text)
}

fn act_of(name: &str) -> Result<Act> {
    [Act::Verify, Act::Identify, Act::Read, Act::ReleaseIdentity]
        .into_iter()
        .find(|act| act.name() == name)
        .ok_or(RegistryError::Damaged { what: "access request" })
}
