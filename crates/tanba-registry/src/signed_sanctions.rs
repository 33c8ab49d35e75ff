//! Sanctions that their authority has signed: believed because of the signature, not because of the row that holds them.
//!
//! A note is checked when it is entered, and once more at every use, in the transaction that takes the use: by a key that a supervisor
//! confirmed and nobody ended, for this register, organisation, case and person. The row must say what the note says; where it says
//! something else, somebody changed it, which opens nothing and is written down.

use std::sync::atomic::Ordering;

use serde_json::json;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};
use tanba_seal::{DataKey, Sanction, Subject};

use crate::access::Act;
use crate::actor::{Actor, Role};
use crate::encounter::person_of_blind;
use crate::error::{RegistryError, Result};
use crate::ids::{CaseId, PersonId, SanctionId, SanctionKeyId};
use crate::journal::Entry;
use crate::keys::{key_for_reading, key_for_writing};
use crate::registry::Registry;
use crate::rows;
use crate::sanction_keys::StandingKey;
use crate::sanctions::NewSanction;
use crate::store::WriteTx;
use crate::time::Instant;
use crate::vault::Domain;

/// What sanctions of this register are about; genomic searches use none.
const MODALITY: &str = "fingerprint";

/// A sanction with everything that its standing depends on.
pub(crate) const STANDING_ROW: &str = "SELECT s.*, a.natural_person, c.number_blind, o.code AS organisation FROM sanctions s \
     JOIN accounts a ON a.id = s.entered_by JOIN cases c ON c.id = s.case_id JOIN organisations o ON o.id = c.organisation_id WHERE s.id = $1";

/// A signed sanction to be entered.
#[derive(Debug, Clone)]
pub struct SignedSanction {
    /// The case in this register, whose number is the one that the sanction names.
    pub case: CaseId,
    /// The signed note, as the authority gave it ([`tanba_seal::Sanction`]).
    pub note: String,
    /// What opens the person that it is about; none where it is about an unknown one.
    pub subject: Option<Subject>,
}

/// A signed sanction that was found to be good.
pub(crate) struct Checked {
    pub key: SanctionKeyId,
    note: String,
    sanction: Sanction,
    subject: Option<Subject>,
}

/// Whom a sanction opens.
pub(crate) enum Opens {
    /// Whoever is found: it is about an unknown person.
    Anybody,
    /// One person, who may not be registered any more.
    One(Option<PersonId>),
}

impl Opens {
    /// An order about one person opens nobody else; an order about an unknown person opens a search.
    pub(crate) fn opens(&self, about: Option<PersonId>) -> bool {
        match self {
            Self::Anybody => true,
            Self::One(person) => person.is_some() && *person == about,
        }
    }
}

/// Why a sanction is not believed.
pub(crate) enum Untrue {
    Unsigned,
    Malformed(&'static str),
    UnknownKey,
    NotSigned,
    KeyEnded,
    WrongLevel,
    OtherRegister,
    OtherOrganisation,
    OtherCase,
    OtherSubject,
    OtherModality,
    UnknownAct,
    Replayed,
    Altered,
}

impl Untrue {
    fn code(&self) -> &'static str {
        match self {
            Self::Unsigned => "sanction_unsigned",
            Self::Malformed(_) => "sanction_malformed",
            Self::UnknownKey => "sanction_key_unknown",
            Self::NotSigned => "sanction_not_signed",
            Self::KeyEnded => "sanction_key_ended",
            Self::WrongLevel => "sanction_key_level",
            Self::OtherRegister => "sanction_other_register",
            Self::OtherOrganisation => "sanction_other_organisation",
            Self::OtherCase => "sanction_other_case",
            Self::OtherSubject => "sanction_subject_unopened",
            Self::OtherModality => "sanction_other_modality",
            Self::UnknownAct => "sanction_unknown_act",
            Self::Replayed => "sanction_replayed",
            Self::Altered => "sanction_altered",
        }
    }

    fn words(&self) -> &'static str {
        match self {
            Self::Unsigned => "only a sanction that its authority has signed is accepted here",
            Self::Malformed(what) => what,
            Self::UnknownKey => "no key of this office is in use here",
            Self::NotSigned => "the office's key has not signed this sanction as it stands",
            Self::KeyEnded => "the key is not valid for as long as the sanction",
            Self::WrongLevel => "the office's key is of another level of authority than the sanction says",
            Self::OtherRegister => "this sanction is for another register",
            Self::OtherOrganisation => "this sanction is for another organisation",
            Self::OtherCase => "this sanction is for another case",
            Self::OtherSubject => "the person given with this sanction is not the one that it is about",
            Self::OtherModality => "this sanction is not about fingerprints",
            Self::UnknownAct => "this sanction names an act that this register does not have",
            Self::Replayed => "this sanction was entered before",
            Self::Altered => "the stored sanction is not what its authority has signed",
        }
    }
}

/// The outcome of a check; the error is what is wrong with the sanction, not with the register.
type Standing<T> = std::result::Result<T, Untrue>;

impl Registry {
    /// Accepts only signed sanctions from now on. A register for real people never accepts others.
    pub fn demand_signed_sanctions(&self) {
        self.inner.signed_sanctions.store(true, Ordering::Relaxed);
    }

    /// Whether only signed sanctions open anything.
    pub fn signed_sanctions_only(&self) -> bool {
        self.inner.signed_sanctions.load(Ordering::Relaxed)
    }

    /// Enters a sanction that its authority has signed.
    ///
    /// # Errors
    /// Denied, and logged, without the second officer's role; where the note is not exactly what a key in use has signed for this
    /// register, organisation, case and person; where it was entered before; and as [`Registry::enter_sanction`].
    pub async fn enter_signed_sanction(&self, actor: &Actor, new: &SignedSanction) -> Result<SanctionId> {
        self.demand(actor, Role::SecondOfficer, "enter a sanction").await?;
        // The note names its subject by a commitment.
        self.demand_proof(actor, "enter a sanction", json!([new.case, new.note])).await?;
        let mut sql = self.inner.pool.acquire().await?;
        let number: Option<Vec<u8>> =
            sqlx::query_scalar("SELECT number_blind FROM cases WHERE id = $1 AND organisation_id = $2")
                .bind(new.case.to_string())
                .bind(actor.organisation.to_string())
                .fetch_optional(&mut *sql)
                .await?;
        let number = number.ok_or(RegistryError::NotFound { what: "case" })?;
        let place = Place { organisation: &actor.organisation_code, number_blind: &number };
        let checked = self.check_note(&mut sql, &new.note, new.subject.as_ref(), &place).await?;
        drop(sql);
        let (signed, acts) = match checked {
            Ok(found) => found,
            Err(why) => return self.refuse_sanction(actor, Some(new.case), &why).await,
        };
        let sanction = &signed.sanction;
        let entered = NewSanction {
            case: new.case,
            authority: sanction.level.clone(),
            issued_by: format!("{} {}", sanction.office, sanction.serial),
            issuer: Some(sanction.judge.clone()),
            purposes: sanction.purposes.iter().cloned().collect(),
            acts,
            subject_iin: new.subject.as_ref().map(|subject| subject.number.clone()),
            valid_from: instant(sanction.valid_from),
            valid_to: instant(sanction.valid_to),
            max_uses: sanction.uses,
            tell_person_at: sanction.tell_at.map(instant),
        };
        self.write_sanction(actor, &entered, Some(&signed)).await
    }

    /// A note, checked against the keys in use and the place where it is to count.
    async fn check_note(
        &self,
        sql: &mut SqliteConnection,
        note: &str,
        subject: Option<&Subject>,
        place: &Place<'_>,
    ) -> Result<Standing<(Checked, Vec<Act>)>> {
        let claimed = match Sanction::claimed(note.as_bytes()) {
            Ok(claimed) => claimed,
            Err(e) => return Ok(Err(Untrue::Malformed(e.what))),
        };
        let keys = self.keys_of_office(sql, &claimed.office).await?;
        if keys.is_empty() {
            return Ok(Err(Untrue::UnknownKey));
        }
        let mut why = Untrue::NotSigned;
        for (key, standing) in keys {
            let sanction = match self.signed_by(note, &standing, place)? {
                Ok(sanction) => sanction,
                // A key that has signed it says more than one that has not.
                Err(Untrue::NotSigned) => continue,
                Err(other) => {
                    why = other;
                    continue;
                }
            };
            let opened = subject.map(|subject| subject.commitment().ok());
            if sanction.subject != opened.flatten() || sanction.subject.is_some() != subject.is_some() {
                return Ok(Err(Untrue::OtherSubject));
            }
            let Some(acts) = sanction.acts.iter().map(|act| Act::of_name(act)).collect() else {
                return Ok(Err(Untrue::UnknownAct));
            };
            return Ok(Ok((Checked { key, note: note.to_owned(), sanction, subject: subject.cloned() }, acts)));
        }
        Ok(Err(why))
    }

    /// What a key has signed, where that is for here and the key may.
    fn signed_by(&self, note: &str, key: &StandingKey, place: &Place<'_>) -> Result<Standing<Sanction>> {
        let Ok(sanction) = Sanction::open(note.as_bytes(), &key.verifier()?) else { return Ok(Err(Untrue::NotSigned)) };
        let now = self.now();
        let why = if now < key.valid_from || now >= key.valid_to || instant(sanction.valid_to) > key.valid_to {
            Untrue::KeyEnded
        } else if sanction.level != key.level {
            Untrue::WrongLevel
        } else if sanction.register != self.inner.vault.ring().log_signer().verifier().name() {
            Untrue::OtherRegister
        } else if sanction.organisation != place.organisation {
            Untrue::OtherOrganisation
        } else if self.inner.vault.blind("case", sanction.case.as_bytes()) != place.number_blind {
            Untrue::OtherCase
        } else if !sanction.modalities.iter().any(|modality| modality == MODALITY) {
            Untrue::OtherModality
        } else {
            return Ok(Ok(sanction));
        };
        Ok(Err(why))
    }

    /// Inside the transaction that enters it: whether its key was ended meanwhile, or it was entered before.
    pub(crate) async fn not_to_be_entered(
        &self,
        sql: &mut SqliteConnection,
        signed: &Checked,
    ) -> Result<Option<Untrue>> {
        if self.standing_key(sql, signed.key).await?.is_none() {
            return Ok(Some(Untrue::UnknownKey));
        }
        let known: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM sanctions WHERE office = $1 AND serial = $2")
            .bind(&signed.sanction.office)
            .bind(&signed.sanction.serial)
            .fetch_one(sql)
            .await?;
        Ok((known > 0).then_some(Untrue::Replayed))
    }

    /// Keeps the note under the case's key, and what opens its subject under a key of its own.
    pub(crate) async fn keep_signed(
        &self,
        tx: &mut WriteTx<'_>,
        id: SanctionId,
        case: &str,
        case_key: &DataKey,
        signed: &Checked,
    ) -> Result<()> {
        let (now, owner) = (tx.now(), id.to_string());
        let note = self.inner.vault.seal(case_key, Domain::Case, case, &note_field(&owner), signed.note.as_bytes())?;
        let own = key_for_writing(&self.inner.vault, tx.sql(), now, &owner, Domain::Case).await?;
        let subject = serde_json::to_vec(&signed.subject).map_err(|_| RegistryError::Damaged { what: "sanction" })?;
        let subject = self.inner.vault.seal(&own, Domain::Case, &owner, "subject", &subject)?;
        sqlx::query("UPDATE sanctions SET key_id = $1, office = $2, serial = $3, sealed_note = $4, sealed_subject = $5 WHERE id = $6")
            .bind(signed.key.to_string())
            .bind(&signed.sanction.office)
            .bind(&signed.sanction.serial)
            .bind(note)
            .bind(subject)
            .bind(owner)
            .execute(tx.sql())
            .await?;
        Ok(())
    }

    /// Whom the sanction of a [`STANDING_ROW`] opens, after checking it as if it were new.
    pub(crate) async fn standing(&self, sql: &mut SqliteConnection, row: &SqliteRow) -> Result<Standing<Opens>> {
        let Some(sealed) = row.try_get::<Option<Vec<u8>>, _>("sealed_note")? else {
            let person = rows::id_opt(row, "person_id")?;
            let believed = person.map_or(Opens::Anybody, |person| Opens::One(Some(person)));
            return Ok(if self.signed_sanctions_only() { Err(Untrue::Unsigned) } else { Ok(believed) });
        };
        let (id, case): (String, String) = (row.try_get("id")?, row.try_get("case_id")?);
        let Some(key_id) = rows::id_opt(row, "key_id")? else { return Ok(Err(Untrue::Altered)) };
        let Some(key) = self.standing_key(sql, key_id).await? else { return Ok(Err(Untrue::UnknownKey)) };
        let vault = &self.inner.vault;
        let case_key = key_for_reading(vault, sql, &case, Domain::Case).await?;
        let note = case_key.and_then(|key| vault.open(&key, Domain::Case, &case, &note_field(&id), &sealed).ok());
        let own_key = key_for_reading(vault, sql, &id, Domain::Case).await?;
        let sealed: Vec<u8> = row.try_get::<Option<Vec<u8>>, _>("sealed_subject")?.unwrap_or_default();
        let subject = own_key.and_then(|key| vault.open(&key, Domain::Case, &id, "subject", &sealed).ok());
        let (Some(note), Some(subject)) = (note, subject) else { return Ok(Err(Untrue::Altered)) };
        let Ok(note) = std::str::from_utf8(&note) else { return Ok(Err(Untrue::Altered)) };
        let subject: Option<Subject> =
            serde_json::from_slice(&subject).map_err(|_| RegistryError::Damaged { what: "sanction" })?;
        let (organisation, number): (String, Vec<u8>) = (row.try_get("organisation")?, row.try_get("number_blind")?);
        let place = Place { organisation: &organisation, number_blind: &number };
        let sanction = match self.signed_by(note, &key, &place)? {
            Ok(sanction) => sanction,
            Err(why) => return Ok(Err(why)),
        };
        if !self.says_the_same(sql, row, &sanction).await? {
            return Ok(Err(Untrue::Altered));
        }
        let Some(subject) = subject else {
            return Ok(if sanction.subject.is_none() { Ok(Opens::Anybody) } else { Err(Untrue::Altered) });
        };
        if sanction.subject.is_none() || sanction.subject != subject.commitment().ok() {
            return Ok(Err(Untrue::Altered));
        }
        let iin = self.accept_iin(&subject.number)?;
        Ok(Ok(Opens::One(person_of_blind(sql, &self.blind_iin(&iin)).await?)))
    }

    /// Whether a row says what was signed, and counts no fewer uses than there were looks.
    async fn says_the_same(&self, sql: &mut SqliteConnection, row: &SqliteRow, sanction: &Sanction) -> Result<bool> {
        let listed = |column: &str| -> Result<Vec<String>> {
            let mut found: Vec<String> = row.try_get::<String, _>(column)?.split(' ').map(str::to_owned).collect();
            found.sort();
            Ok(found)
        };
        let looks: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM access_requests WHERE sanction_id = $1")
            .bind(row.try_get::<String, _>("id")?)
            .fetch_one(sql)
            .await?;
        Ok(row.try_get::<String, _>("authority")? == sanction.level
            && row.try_get::<Option<String>, _>("office")?.as_ref() == Some(&sanction.office)
            && row.try_get::<Option<String>, _>("serial")?.as_ref() == Some(&sanction.serial)
            && listed("acts")? == sanction.acts
            && listed("purposes")? == sanction.purposes
            && rows::instant(row, "valid_from")? == instant(sanction.valid_from)
            && rows::instant(row, "valid_to")? == instant(sanction.valid_to)
            && rows::number::<u32>(row, "max_uses")? == sanction.uses
            && rows::instant_opt(row, "tell_person_at")? == sanction.tell_at.map(instant)
            && row.try_get::<Option<Vec<u8>>, _>("issuer_blind")? == Some(self.issuer_blind(&sanction.judge))
            && row.try_get::<i64, _>("uses")? >= looks)
    }

    /// The refusal of a sanction that somebody wanted to enter.
    pub(crate) async fn refuse_sanction<T>(&self, actor: &Actor, case: Option<CaseId>, why: &Untrue) -> Result<T> {
        let denial = Entry::denial("sanction.refused", Some(actor)).details(json!({"case": case}));
        let needs =
            vec!["a sanction for this case and person, signed by an office whose key is in use here".to_owned()];
        self.deny(denial, why.code(), "signed sanctions", why.words(), needs).await
    }

    /// Writes down that a stored sanction is not what it should be.
    pub(crate) async fn note_untrue(&self, actor: &Actor, id: SanctionId, why: &Untrue) -> Result<()> {
        let entry = Entry::denial("sanction.refused", Some(actor)).sanction(Some(id));
        let details = json!({"sanction": id, "reason": why.code()});
        WriteTx::begin(&self.inner).await?.commit(&entry.details(details)).await?;
        Ok(())
    }
}

/// Where a sanction is to count.
struct Place<'a> {
    organisation: &'a str,
    number_blind: &'a [u8],
}

pub(crate) fn note_field(id: &str) -> String {
    format!("sanction-note/{id}")
}

/// POSIX seconds, which end with the year 9999 in a sanction.
fn instant(seconds: u64) -> Instant {
    Instant::from_micros(i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(1_000_000))
}
