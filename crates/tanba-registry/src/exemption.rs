//! An exemption: two officers, a photograph of the hands, and a search by name that somebody looked at.
//!
//! Whoever is exempt cannot be found by prints, so everything else that would find a second registration is done first,
//! and what was seen is kept.

use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::Row;
use tanba_formats::photograph::{self, PhotographFormat};
use zeroize::Zeroizing;

use crate::actor::{Actor, Role};
use crate::encounter::{EncounterState, EncounterView, close};
use crate::error::{RegistryError, Result};
use crate::find::FoundPerson;
use crate::ids::{EncounterId, RowId};
use crate::institutions::code;
use crate::journal::Entry;
use crate::law::LawItem;
use crate::passkeys::dual::{DualAct, DualKind, NotApproved};
use crate::registry::Registry;
use crate::review;
use crate::rows;
use crate::store::WriteTx;
use crate::vault::{Domain, fresh_bytes};

/// An examination that found a person unable to give prints.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exemption {
    /// What the law pack calls it, such as `no_fingers_both_hands`.
    pub code: String,
}

/// People whose names sound like the person's.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NameSearch {
    /// The search; what was seen is recorded under it.
    pub id: RowId,
    /// At most ten, without the person.
    pub people: Vec<FoundPerson>,
}

/// What an officer sees in a search by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NameFinding {
    /// None of them is this person.
    Nobody,
    /// One of them may be; a review follows.
    Perhaps,
}

impl NameFinding {
    /// The name in the database and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nobody => "nobody",
            Self::Perhaps => "perhaps",
        }
    }
}

/// A photograph of the hands.
pub struct HandsPhotograph {
    /// How it is coded.
    pub format: PhotographFormat,
    /// The file as it was taken.
    pub image: Zeroizing<Vec<u8>>,
}

impl Registry {
    /// The exemptions that the law pack in use knows, with its words; an injury, which only postpones, is none of them.
    pub fn exemption_grounds(&self) -> Vec<LawItem> {
        self.inner.law().exemption_grounds(self.today())
    }

    /// Keeps a photograph of the hands, sealed. A later one takes the place of an earlier one.
    ///
    /// # Errors
    /// Invalid where it is not a whole JPEG or PNG of sensible size; those of an encounter that is not this account's or
    /// not open.
    pub async fn record_hands_photograph(&self, actor: &Actor, id: EncounterId, image: Vec<u8>) -> Result<()> {
        let row = self.open_encounter_of(actor, id).await?;
        let image = Zeroizing::new(image);
        let (image, checked) = Self::aside(move || {
            let checked = photograph::check(&image);
            (image, checked)
        })
        .await?;
        let checked = checked.map_err(|e| RegistryError::Invalid { field: "photograph", problem: e.to_string() })?;
        let key = self.image_key_for_writing(actor, &row).await?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        crate::capture::still_open(tx.sql(), id).await?;
        let now = tx.now();
        let owner = id.to_string();
        let photograph = RowId::fresh(now.micros(), fresh_bytes()?);
        let key = key.in_row(&self.inner.vault, tx.sql(), now, &owner).await?;
        let sealed = self.inner.vault.seal(&key, Domain::Image, &owner, &photograph_field(photograph), &image)?;
        sqlx::query("DELETE FROM hands_photographs WHERE encounter_id = $1").bind(&owner).execute(tx.sql()).await?;
        sqlx::query("INSERT INTO hands_photographs (id, encounter_id, sealed_image, account_id, taken_at) VALUES ($1, $2, $3, $4, $5)")
            .bind(photograph.to_string())
            .bind(&owner)
            .bind(sealed)
            .bind(actor.account().to_string())
            .bind(now.micros())
            .execute(tx.sql())
            .await?;
        let details = json!({"encounter": id, "format": checked.format.media_type(), "width": checked.width, "height": checked.height});
        let entry = Entry::effect("hands.photographed", actor).purpose("registration").about(row.person);
        tx.commit(&entry.details(details)).await?;
        Ok(())
    }

    /// The photograph of the hands, for the operators of the station and for second officers; a look.
    ///
    /// # Errors
    /// Denied without either role; not found where the encounter has none, or is not theirs to see.
    pub async fn hands_photograph(&self, actor: &Actor, id: EncounterId) -> Result<HandsPhotograph> {
        let row = if actor.has(Role::SecondOfficer) {
            self.load_encounter(id).await?
        } else {
            self.encounter_for(actor, id).await?
        };
        let tx = WriteTx::begin(&self.inner).await?;
        let entry = Entry::look("hands.viewed", actor).purpose("registration").about(row.person);
        let keys = self.look_at_images(tx, entry.details(json!({"encounter": id})), &[id]).await?;
        let owner = id.to_string();
        let kept = sqlx::query("SELECT id, sealed_image FROM hands_photographs WHERE encounter_id = $1")
            .bind(&owner)
            .fetch_optional(&self.inner.pool)
            .await?;
        let (Some(kept), Some(key)) = (kept, keys.of(id)) else {
            return Err(RegistryError::NotFound { what: "photograph" });
        };
        let field = photograph_field(rows::id(&kept, "id")?);
        let sealed: Vec<u8> = kept.try_get("sealed_image")?;
        let image = self.inner.vault.open(key, Domain::Image, &owner, &field, &sealed)?;
        let format = photograph::format_of(&image).ok_or(RegistryError::Damaged { what: "photograph" })?;
        Ok(HandsPhotograph { format, image })
    }

    /// Looks for people whose names sound like the person's; a look at everyone shown.
    ///
    /// # Errors
    /// Those of an encounter that is not this account's or not open.
    pub async fn search_namesakes(&self, actor: &Actor, id: EncounterId) -> Result<NameSearch> {
        let row = self.open_encounter_of(actor, id).await?;
        let identity = {
            let mut sql = self.inner.pool.acquire().await?;
            self.identity_of_encounter(&mut sql, id).await?
        };
        let (people, about) = self.namesakes(actor, &identity, row.person).await?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        crate::capture::still_open(tx.sql(), id).await?;
        let now = tx.now();
        let search = RowId::fresh(now.micros(), fresh_bytes()?);
        sqlx::query("INSERT INTO name_searches (id, encounter_id, account_id, found, searched_at, finding, looked_at) VALUES ($1, $2, $3, $4, $5, NULL, NULL)")
            .bind(search.to_string())
            .bind(id.to_string())
            .bind(actor.account().to_string())
            .bind(i64::try_from(people.len()).unwrap_or(i64::MAX))
            .bind(now.micros())
            .execute(tx.sql())
            .await?;
        let entry = Entry::look("namesakes.searched", actor)
            .purpose("registration")
            .about(row.person)
            .about_all(about)
            .details(json!({"encounter": id, "search": search, "shown": people.len()}));
        tx.commit(&entry).await?;
        Ok(NameSearch { id: search, people })
    }

    /// Records what an officer saw in the encounter's last search by name. Where somebody may be the same person, a review
    /// is opened; the exemption itself remains the decision of two officers.
    ///
    /// # Errors
    /// A conflict where no search was run, or it was looked at before; those of an encounter that is not this account's.
    pub async fn record_name_finding(&self, actor: &Actor, id: EncounterId, finding: NameFinding) -> Result<()> {
        let row = self.open_encounter_of(actor, id).await?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        crate::capture::still_open(tx.sql(), id).await?;
        let now = tx.now();
        let done = sqlx::query(
            "UPDATE name_searches SET finding = $1, looked_at = $2 WHERE finding IS NULL AND id = \
             (SELECT id FROM name_searches WHERE encounter_id = $3 ORDER BY searched_at DESC, id DESC LIMIT 1)",
        )
        .bind(finding.name())
        .bind(now.micros())
        .bind(id.to_string())
        .execute(tx.sql())
        .await?;
        if done.rows_affected() == 0 {
            return Err(RegistryError::Conflict {
                what: "no search by name waits to be looked at",
                next: "search by name in this encounter, then say what you saw",
            });
        }
        if finding == NameFinding::Perhaps {
            review::open(&mut tx, "possible_duplicate_by_name", "encounter", &id.to_string(), None).await?;
        }
        let entry = Entry::effect("namesakes.judged", actor).purpose("registration").about(row.person);
        tx.commit(&entry.details(json!({"encounter": id, "finding": finding}))).await?;
        Ok(())
    }

    /// Records that an examination found the person unable to give prints. It takes two officers (the operator proposes,
    /// `second`, another human being with that role, confirms), a photograph of the hands, and a search by name that was
    /// looked at. Where passkeys are required, both have signed it with its ground ([`Registry::begin_approval`]), and whoever signed it
    /// beside the operator is the second where none is named.
    ///
    /// # Errors
    /// Denied where the second officer is the first, the pack knows no such exemption for this person, or signatures are missing or void; a
    /// conflict that says what is missing.
    pub async fn record_exemption<'a>(
        &self,
        actor: &Actor,
        second: impl Into<Option<&'a Actor>>,
        id: EncounterId,
        exemption: &Exemption,
    ) -> Result<EncounterView> {
        let row = self.encounter_for(actor, id).await?;
        if row.state == EncounterState::Exempt {
            // Asked again after an answer was lost: the same end, not a second one.
            return self.view_encounter(actor, id).await;
        }
        let row = self.open_encounter_of(actor, id).await.map(|_| row)?;
        let second: Option<&Actor> = second.into();
        if let Some(second) = second {
            self.demand(second, Role::SecondOfficer, "confirm an exemption").await?;
        }
        code("code", &exemption.code)?;
        if second.is_some_and(|second| second.natural_person == actor.natural_person) {
            let denial = Entry::denial("exemption.denied", Some(actor)).purpose("registration").about(row.person);
            return self
                .deny(
                    denial.details(json!({"encounter": id, "reason": "same_officer"})),
                    "four_eyes",
                    "dual control",
                    "an exemption is confirmed by a second officer",
                    vec!["ask another officer to confirm".to_owned()],
                )
                .await;
        }
        let found = self.inner.law().exemption_permanence(&row.facts, &exemption.code, self.today())?;
        let Some((permanence, law)) = found else {
            let law = self.law_of(&row).await?;
            let denial = Entry::denial("exemption.denied", Some(actor))
                .purpose("registration")
                .about(row.person)
                .law(&law.pack_hash, &law.clause)
                .details(json!({"encounter": id, "code": exemption.code}));
            let clause = law.clause.clone();
            return self
                .deny(
                    denial,
                    "no_such_exemption",
                    &clause,
                    "the law pack knows no such exemption for this person",
                    vec!["capture the fingers that are there, and state why the others are missing".to_owned()],
                )
                .await;
        };
        let mut tx = WriteTx::begin(&self.inner).await?;
        crate::capture::still_open(tx.sql(), id).await?;
        demand_grounds(&mut tx, id).await?;
        let act = DualAct::of(DualKind::Exemption, id).with(&exemption.code);
        let second = match second {
            Some(second) => Some((second.account().to_string(), second.natural_person.clone())),
            None => self.other_signer(&mut tx, Some(actor), &act, Role::SecondOfficer).await?,
        };
        let approved = match &second {
            Some((_, person)) => self.approved(&mut tx, Some(actor), &act, &[person]).await?,
            None => Err(NotApproved::Missing),
        };
        let (signed, confirmed_by) = match (approved, second) {
            (Ok(signed), Some((account, _))) => (signed, account),
            (approved, _) => {
                let why = approved.err().unwrap_or(NotApproved::Missing);
                let denial = Entry::denial("exemption.denied", Some(actor)).purpose("registration").about(row.person);
                return self.deny_unapproved(tx, denial.details(json!({"encounter": id})), why).await;
            }
        };
        let now = tx.now();
        sqlx::query("INSERT INTO exemptions (id, encounter_id, code, permanence, examined_by, confirmed_by, recorded_at) VALUES ($1, $2, $3, $4, $5, $6, $7)")
            .bind(RowId::fresh(now.micros(), fresh_bytes()?).to_string())
            .bind(id.to_string())
            .bind(&exemption.code)
            .bind(permanence)
            .bind(actor.account().to_string())
            .bind(&confirmed_by)
            .bind(now.micros())
            .execute(tx.sql())
            .await?;
        close(tx.sql(), id, "exempt", now.micros()).await?;
        self.inner.held.let_go(id);
        sqlx::query("UPDATE persons SET state = 'exempt' WHERE id = $1 AND state = 'provisional'")
            .bind(row.person.to_string())
            .execute(tx.sql())
            .await?;
        let entry = Entry::effect("exemption.recorded", actor)
            .purpose("registration")
            .about(row.person)
            .law(&law.pack_hash, &law.clause)
            .details(json!({"encounter": id, "code": exemption.code, "confirmed_by": confirmed_by, "signed": signed}));
        tx.commit(&entry).await?;
        self.build_view(id).await
    }
}

/// The photograph, and the search by name that was looked at: both, or a conflict that says which is missing.
async fn demand_grounds(tx: &mut WriteTx<'_>, id: EncounterId) -> Result<()> {
    let row = sqlx::query(
        "SELECT (SELECT COUNT(*) FROM hands_photographs WHERE encounter_id = $1) AS photographs, \
         (SELECT COUNT(*) FROM name_searches WHERE encounter_id = $1 AND finding IS NOT NULL) AS searches",
    )
    .bind(id.to_string())
    .fetch_one(tx.sql())
    .await?;
    if rows::number::<i64>(&row, "photographs")? == 0 {
        return Err(RegistryError::Conflict {
            what: "an exemption rests on a photograph of the hands, and there is none",
            next: "photograph both hands in this encounter",
        });
    }
    if rows::number::<i64>(&row, "searches")? == 0 {
        return Err(RegistryError::Conflict {
            what: "an exemption rests on a search by name that was looked at, and there is none",
            next: "search by name in this encounter, and say whether anyone shown is this person",
        });
    }
    Ok(())
}

fn photograph_field(id: RowId) -> String {
    format!("hands/{id}")
}
