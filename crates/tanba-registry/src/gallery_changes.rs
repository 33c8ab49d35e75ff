//! How the gallery follows what changes of registered people: marked in the transaction of the change, followed in memory right after,
//! forgotten once no file of the gallery says the old thing. A crash in between is made good at the next start.

use std::sync::Arc;

use serde_json::json;
use sqlx::SqliteConnection;
use tanba_gallery::{Archive, EntryId};

use crate::error::Result;
use crate::ids::{EncounterId, PersonId};
use crate::journal::Entry;
use crate::registry::Registry;
use crate::rows;
use crate::store::WriteTx;

/// Says, in the transaction that changes what is known of a person, that the gallery must follow.
pub(crate) async fn mark_changed(tx: &mut WriteTx<'_>, person: PersonId) -> Result<()> {
    let now = tx.now().micros();
    sqlx::query(
        "INSERT INTO gallery_changes (encounter_id, changed_at) \
         SELECT r.encounter_id, $1 FROM registrations r JOIN encounters e ON e.id = r.encounter_id \
         WHERE e.person_id = $2 \
         ON CONFLICT (encounter_id) DO UPDATE SET changed_at = excluded.changed_at",
    )
    .bind(now)
    .bind(person.to_string())
    .execute(tx.sql())
    .await?;
    Ok(())
}

/// The same of an encounter whose templates change.
pub(crate) async fn mark_prints_changed(tx: &mut WriteTx<'_>, encounter: &str) -> Result<()> {
    let now = tx.now().micros();
    sqlx::query(
        "INSERT INTO gallery_changes (encounter_id, changed_at, prints) VALUES ($1, $2, 1) \
         ON CONFLICT (encounter_id) DO UPDATE SET changed_at = excluded.changed_at, prints = 1",
    )
    .bind(encounter)
    .bind(now)
    .execute(tx.sql())
    .await?;
    Ok(())
}

/// An encounter of which the gallery may say something old, when that changed, and whether its prints did too.
pub(crate) type Change = (String, i64, i64);

/// All of them.
pub(crate) async fn changes(sql: &mut SqliteConnection) -> Result<Vec<Change>> {
    Ok(sqlx::query_as("SELECT encounter_id, changed_at, prints FROM gallery_changes").fetch_all(sql).await?)
}

/// Changes that the gallery in memory has followed; its files may not have yet.
pub(crate) struct Followed(Vec<Change>);

impl Registry {
    /// Has the gallery in memory follow everything that changed since its files were written.
    pub(crate) async fn follow_changes(&self) -> Result<Followed> {
        let mut sql = self.inner.pool.acquire().await?;
        let changed = changes(&mut sql).await?;
        drop(sql);
        self.follow_encounters(&changed).await?;
        Ok(Followed(changed))
    }

    /// The same for what was just committed of some people, which must not look as if it had failed: what could not be followed is
    /// followed in the next round of upkeep.
    pub(crate) async fn follow_soon(&self, people: impl IntoIterator<Item = PersonId>) {
        for person in people {
            if let Err(error) = self.follow_person(person).await {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "the gallery does not know yet what was corrected; narrowed searches may leave the wrong people out for some minutes"
                );
            }
        }
    }

    /// The same of an encounter whose templates were just made anew.
    pub(crate) async fn follow_prints_soon(&self, encounter: &str) {
        if let Err(error) = self.follow_encounters(&[(encounter.to_owned(), 0, 1)]).await {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "the gallery does not have a person's new templates yet; the old ones are searched for some minutes"
            );
        }
    }

    async fn follow_person(&self, person: PersonId) -> Result<()> {
        let changed: Vec<Change> = sqlx::query_as(
            "SELECT g.encounter_id, g.changed_at, g.prints FROM gallery_changes g JOIN encounters e ON e.id = g.encounter_id \
             WHERE e.person_id = $1",
        )
        .bind(person.to_string())
        .fetch_all(&self.inner.pool)
        .await?;
        self.follow_encounters(&changed).await
    }

    /// One at a time, so that the last word is the database's. Nobody comes in by this who has left the gallery meanwhile.
    async fn follow_encounters(&self, changes: &[Change]) -> Result<()> {
        let mut sql = self.inner.pool.acquire().await?;
        let _turn = self.inner.following.lock().await;
        self.follow_in(&mut sql, &self.gallery()?, changes).await
    }

    /// The same in a gallery that may not be in use yet, by whoever has the turn.
    pub(crate) async fn follow_in(
        &self,
        sql: &mut SqliteConnection,
        gallery: &Arc<Archive>,
        changes: &[Change],
    ) -> Result<()> {
        for (encounter, _, prints) in changes {
            let id: EncounterId = rows::parse_id(encounter)?;
            if *prints != 0 {
                let person = self.enrolment_of(&mut *sql, id).await?;
                let gallery = Arc::clone(gallery);
                // Where the key is gone there are no prints, and the gallery has lost the person or is about to.
                if !person.fingers.is_empty() {
                    Self::aside(move || gallery.replace(&person)).await??;
                }
            } else {
                let traits = self.traits_of(&mut *sql, id).await?;
                gallery.set_traits(EntryId(id.as_u128()), traits);
            }
        }
        Ok(())
    }

    /// Forgets changes once no file of the gallery says the old thing: after a finished round of upkeep. What changed again meanwhile stays.
    pub(crate) async fn forget_changes(&self, Followed(changes): Followed) -> Result<()> {
        if changes.is_empty() {
            return Ok(());
        }
        let mut tx = WriteTx::begin(&self.inner).await?;
        for (encounter, changed_at, _) in &changes {
            sqlx::query("DELETE FROM gallery_changes WHERE encounter_id = $1 AND changed_at = $2")
                .bind(encounter)
                .bind(changed_at)
                .execute(tx.sql())
                .await?;
        }
        tx.commit(&Entry::system("gallery.followed").details(json!({"people": changes.len()}))).await?;
        Ok(())
    }
}
