//! A register moves from one extractor to another: templates are made anew from the images, where these are kept and may be used.
//!
//! Templates of several extractors are searched together, so this can take weeks and be interrupted at any moment. A record is one
//! transaction: its new templates, the log entry that says so, and the mark by which the gallery follows. What is left to do is read
//! from the rows each time: templates of another recipe whose image was not tried with the wanted one. A record whose images are
//! erased keeps its templates, and so does a finger of which the new extractor makes nothing; both are counted.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::PoisonError;
use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};
use sqlx::Row;
use tanba_finger::{Extractor, NoSink, Recipe, Template};
use tokio::task::spawn_blocking;
use zeroize::Zeroizing;

use crate::capture::finger_and_field;
use crate::comparison::{StoredPrint, at_nominal};
use crate::error::{RegistryError, Result};
use crate::gallery_changes::mark_prints_changed;
use crate::journal::Entry;
use crate::key_process::OpenedKeys;
use crate::keys::key_for_reading;
use crate::registry::Registry;
use crate::rows;
use crate::store::WriteTx;
use crate::vault::Domain;

/// What made the templates of the registered people, and which of them could be made anew by the extractor in use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TemplateStanding {
    /// The recipe of the extractor in use.
    pub wanted: Recipe,
    /// Templates by what made them; `unknown` where nobody has looked since the database of an older version was taken over.
    pub templates: BTreeMap<Recipe, u64>,
    /// Of these, made by another recipe and to be made anew.
    pub waiting: u64,
    /// Made by another recipe, and the one in use makes nothing of their image.
    pub refused: u64,
    /// Made by another recipe, and their image is erased.
    pub without_image: u64,
}

/// How far a renewal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct RenewalRun {
    /// Templates that still wait.
    pub waiting: u64,
    /// Templates made anew.
    pub renewed: u64,
    /// Templates that stay because the extractor makes nothing of their image.
    pub refused: u64,
    /// Templates that were of the wanted recipe already, which their row did not say.
    pub known_now: u64,
    /// Records that may not be used now, or that changed meanwhile; they wait for the next run.
    pub passed_over: u64,
    /// Records that could not be read, of which the machine's log tells why; they wait too.
    pub unreadable: u64,
}

/// A kept print of another recipe.
struct Old {
    sample: String,
    field: String,
    /// As it stands in the row: what is replaced must still be this.
    sealed: Vec<u8>,
    print: StoredPrint,
}

/// What became of it.
enum Made {
    Anew(Box<Template>),
    Refused,
    KnownNow,
}

/// The prints of a record, and what became of each.
type New = Vec<(Old, Made)>;

impl Old {
    /// # Errors
    /// An image that was read when it was taken and cannot be any more.
    fn make(&self, extractor: &dyn Extractor) -> Result<Made> {
        if self.print.template.recipe == extractor.recipe() {
            return Ok(Made::KnownNow);
        }
        let image = at_nominal(&self.print)?;
        Ok(extractor.extract(&image, &mut NoSink).map_or(Made::Refused, |template| Made::Anew(Box::new(template))))
    }
}

impl Registry {
    /// What made the templates of the people who are registered now.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn template_standing(&self) -> Result<TemplateStanding> {
        let wanted = self.extractor().recipe();
        let found = sqlx::query(
            "SELECT s.recipe, s.recipe_tried, CASE WHEN k.owner_id IS NULL THEN 0 ELSE 1 END AS with_image, COUNT(*) AS n FROM registrations r \
             JOIN samples s ON s.encounter_id = r.encounter_id AND s.kept = 1 \
             LEFT JOIN data_keys k ON k.owner_id = r.encounter_id AND k.domain = 'image' AND k.wrapped IS NOT NULL \
             WHERE r.state = 'active' AND s.recipe IS NOT NULL GROUP BY s.recipe, s.recipe_tried, with_image",
        )
        .fetch_all(&self.inner.pool)
        .await?;
        let (templates, waiting, refused, without_image) = (BTreeMap::new(), 0, 0, 0);
        let mut standing = TemplateStanding { wanted, templates, waiting, refused, without_image };
        for row in &found {
            let recipe = Recipe::of_code(rows::number(row, "recipe")?);
            let recipe = recipe.ok_or(RegistryError::Damaged { what: "recipe of a template" })?;
            let n: u64 = rows::number(row, "n")?;
            *standing.templates.entry(recipe).or_default() += n;
            let tried: Option<i64> = row.try_get("recipe_tried")?;
            match recipe == wanted {
                true => {}
                false if tried == Some(wanted.code().into()) => standing.refused += n,
                false if row.try_get::<i64, _>("with_image")? == 1 => standing.waiting += n,
                false => standing.without_image += n,
            }
        }
        Ok(standing)
    }

    /// Makes templates anew by the extractor in use, `at_once` records at a time, each in a transaction of its own. `told` hears after
    /// every record how far it is, and may break off; the next run goes on from there.
    ///
    /// # Errors
    /// Those of the database; what was done is done.
    pub async fn renew_templates(
        &self,
        at_once: usize,
        mut told: impl FnMut(&RenewalRun) -> ControlFlow<()> + Send,
    ) -> Result<RenewalRun> {
        let extractor = self.extractor();
        let mut run = RenewalRun { waiting: self.template_standing().await?.waiting, ..RenewalRun::default() };
        self.tell_renewal(run);
        let mut after = String::new();
        loop {
            let owners = self.waiting_records(extractor.recipe(), &after, at_once.max(1)).await?;
            let Some(last) = owners.last() else { break };
            last.clone_into(&mut after);
            let mut work = Vec::with_capacity(owners.len());
            for owner in owners {
                let old = self.old_prints(&owner, extractor.recipe()).await;
                work.push((owner, spawn_blocking(move || make(old?, extractor))));
            }
            for (owner, made) in work {
                let made = made.await.map_err(|e| RegistryError::Io(std::io::Error::other(e)))?;
                self.take_made(&owner, extractor.recipe(), made, &mut run).await?;
                self.tell_renewal(run);
                if told(&run).is_break() {
                    return Ok(run);
                }
            }
        }
        // Records that ended, or came, meanwhile.
        run.waiting = self.template_standing().await?.waiting;
        self.tell_renewal(run);
        Ok(run)
    }

    /// How far the renewal is that runs or ran last; `None` where none began since the start.
    pub fn renewal(&self) -> Option<RenewalRun> {
        *self.inner.renewal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Renews at the start and then every hour, one record at a time: records that may be used again are made anew then. Call it once, in a
    /// service.
    pub fn keep_templates_renewed(&self) -> tokio::task::JoinHandle<()> {
        const EVERY: Duration = Duration::from_secs(3600);
        const TELL_EVERY: Duration = Duration::from_secs(60);
        let registry = self.clone();
        tokio::spawn(async move {
            loop {
                let mut last = std::time::Instant::now();
                let done = registry.renew_templates(1, |run| {
                    if last.elapsed() >= TELL_EVERY {
                        last = std::time::Instant::now();
                        tracing::info!(renewed = run.renewed, waiting = run.waiting, "templates are being made anew");
                    }
                    ControlFlow::Continue(())
                });
                match done.await {
                    Ok(run) if run == RenewalRun::default() => {}
                    Ok(RenewalRun { renewed, refused, waiting, .. }) => {
                        tracing::info!(renewed, refused, waiting, "templates were made anew");
                    }
                    Err(error) => tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "templates could not be made anew; it will be tried again within the hour, and the old ones are searched until then"
                    ),
                }
                tokio::time::sleep(EVERY).await;
            }
        })
    }

    fn tell_renewal(&self, run: RenewalRun) {
        *self.inner.renewal.lock().unwrap_or_else(PoisonError::into_inner) = Some(run);
    }

    /// Registered records after `after`, in order of id, that have a template of another recipe and an image to try.
    async fn waiting_records(&self, wanted: Recipe, after: &str, most: usize) -> Result<Vec<String>> {
        let found = sqlx::query_scalar(
            "SELECT DISTINCT s.encounter_id FROM samples s \
             JOIN registrations r ON r.encounter_id = s.encounter_id AND r.state = 'active' \
             JOIN data_keys k ON k.owner_id = s.encounter_id AND k.domain = 'image' AND k.wrapped IS NOT NULL \
             WHERE s.encounter_id > $1 AND s.kept = 1 AND s.recipe <> $2 AND COALESCE(s.recipe_tried, -1) <> $2 \
             ORDER BY s.encounter_id LIMIT $3",
        )
        .bind(after)
        .bind(i64::from(wanted.code()))
        .bind(i64::try_from(most).unwrap_or(i64::MAX));
        Ok(found.fetch_all(&self.inner.pool).await?)
    }

    /// The prints of a record that are to be made anew; `None`, and nothing is opened, where it may not be used.
    async fn old_prints(&self, owner: &str, wanted: Recipe) -> Result<Option<Vec<Old>>> {
        let vault = &self.inner.vault;
        let record = rows::parse_id(owner)?;
        let mut sql = self.inner.pool.acquire().await?;
        let keys = if self.key_process_named().await?.is_some() {
            let mut tx = WriteTx::begin(&self.inner).await?;
            let Some(basis) = self.usable_prints(tx.sql(), owner).await? else { return Ok(None) };
            let entry = Entry::system("images.opened")
                .purpose("template_renewal")
                .law(&basis.pack_hash, &basis.clause)
                .about_all(basis.person);
            self.look_at_images(tx, entry, &[record]).await?
        } else {
            // The register opens them itself, and says so with what it writes.
            if self.usable_prints(&mut sql, owner).await?.is_none() {
                return Ok(None);
            }
            OpenedKeys::own(vault, &mut sql, record).await?
        };
        let template_key = key_for_reading(vault, &mut sql, owner, Domain::Template).await?;
        let (Some(image_key), Some(template_key)) = (keys.of(record), template_key) else { return Ok(None) };
        let samples = sqlx::query(
            "SELECT id, finger, sealed_image, sealed_template FROM samples WHERE encounter_id = $1 AND kept = 1 \
             AND recipe <> $2 AND COALESCE(recipe_tried, -1) <> $2 ORDER BY finger",
        )
        .bind(owner)
        .bind(i64::from(wanted.code()))
        .fetch_all(&mut *sql)
        .await?;
        let old = samples.iter().map(|sample| {
            let (_, field) = finger_and_field(sample)?;
            let image: Vec<u8> = sample.try_get("sealed_image")?;
            let image = vault.open(image_key, Domain::Image, owner, &field, &image)?;
            let sealed: Vec<u8> = sample.try_get("sealed_template")?;
            let plain = vault.open(&template_key, Domain::Template, owner, &field, &sealed)?;
            let template = Template::from_bytes(&plain).map_err(|_| RegistryError::Damaged { what: "template" })?;
            Ok(Old { sample: sample.try_get("id")?, field, sealed, print: StoredPrint { image, template } })
        });
        old.collect::<Result<_>>().map(Some)
    }

    /// Keeps what was made of a record, counts it, and has the gallery follow.
    async fn take_made(
        &self,
        owner: &str,
        wanted: Recipe,
        made: Result<Option<New>>,
        run: &mut RenewalRun,
    ) -> Result<()> {
        use RegistryError::{Damaged, Image, Seal};
        let new = match made {
            Ok(new) => new,
            Err(error @ (Damaged { .. } | Image(_) | Seal(_))) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "the prints of a record could not be read, and its templates stay as they are"
                );
                run.unreadable += 1;
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        let Some(new) = new else {
            run.passed_over += 1;
            return Ok(());
        };
        if new.is_empty() {
            return Ok(());
        }
        let of = |which: fn(&Made) -> bool| new.iter().filter(|(_, made)| which(made)).count() as u64;
        let renewed = of(|made| matches!(made, Made::Anew(_)));
        let (refused, known_now) =
            (of(|made| matches!(made, Made::Refused)), of(|made| matches!(made, Made::KnownNow)));
        let details = json!({"record": owner, "recipe": wanted, "renewed": renewed, "refused": refused});
        if !self.write_made(owner, wanted, &new, renewed > 0, details).await? {
            run.passed_over += 1;
            return Ok(());
        }
        run.renewed += renewed;
        run.refused += refused;
        run.known_now += known_now;
        run.waiting = run.waiting.saturating_sub(new.len() as u64);
        if renewed > 0 {
            self.follow_prints_soon(owner).await;
        }
        Ok(())
    }

    /// The transaction of a record. `false`, and nothing is changed, where it may not be used any more or is not what it was.
    async fn write_made(&self, owner: &str, wanted: Recipe, new: &New, any: bool, details: Value) -> Result<bool> {
        let vault = &self.inner.vault;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let Some(basis) = self.usable_prints(tx.sql(), owner).await? else { return Ok(false) };
        let Some(key) = key_for_reading(vault, tx.sql(), owner, Domain::Template).await? else { return Ok(false) };
        for (old, made) in new {
            let anew;
            let (sealed, recipe) = match made {
                Made::Anew(template) => {
                    let plain = Zeroizing::new(template.to_bytes());
                    anew = vault.seal(&key, Domain::Template, owner, &old.field, &plain)?;
                    (&anew, template.recipe)
                }
                Made::Refused | Made::KnownNow => (&old.sealed, old.print.template.recipe),
            };
            let done = sqlx::query(
                "UPDATE samples SET sealed_template = $1, recipe = $2, recipe_tried = $3 \
                 WHERE id = $4 AND kept = 1 AND sealed_template = $5",
            )
            .bind(sealed)
            .bind(i64::from(recipe.code()))
            .bind(i64::from(wanted.code()))
            .bind(&old.sample)
            .bind(&old.sealed)
            .execute(tx.sql())
            .await?;
            if done.rows_affected() != 1 {
                return Ok(false);
            }
        }
        if any {
            mark_prints_changed(&mut tx, owner).await?;
        }
        let entry = Entry::system(if any { "templates.renewed" } else { "templates.kept" })
            .purpose("registration")
            .law(&basis.pack_hash, &basis.clause)
            .about_all(basis.person)
            .details(details);
        tx.commit(&entry).await?;
        Ok(true)
    }
}

/// What is made of the prints of a record, off the threads that answer requests.
fn make(old: Option<Vec<Old>>, extractor: &dyn Extractor) -> Result<Option<New>> {
    let one = |old: Old| old.make(extractor).map(|made| (old, made));
    old.map(|old| old.into_iter().map(one).collect()).transpose()
}
