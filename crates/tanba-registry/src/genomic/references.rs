//! What searches rest on beside the profiles: the reference sequence of mitochondrial DNA and tables of allele frequencies. The
//! program brings none along, because both come from publications with terms of their own; an administrator enters them.

use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};
use sqlx::Row;
use tanba_dna::{FrequencyTable, MtReference};

use super::GenomicIndex;
use crate::actor::{Actor, Role};
use crate::error::{RegistryError, Result};
use crate::ids::RowId;
use crate::institutions::code;
use crate::journal::{Entry, hex};
use crate::registry::Registry;
use crate::store::WriteTx;
use crate::vault::fresh_bytes;

/// What kind of reference it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReferenceKind {
    /// The sequence that mitochondrial haplotypes are differences to (the rCRS): letters, or FASTA.
    MitochondrialReference,
    /// Allele frequencies of a population: rows `marker,allele,freq,n_chrom`.
    AlleleFrequencies,
}

/// A reference to be entered.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewReference {
    /// What it is.
    pub kind: ReferenceKind,
    /// Its name: a code, by which requests name a table.
    pub name: String,
    /// Its text.
    pub content: String,
}

/// A reference that was entered.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReferenceView {
    /// What it is.
    pub kind: ReferenceKind,
    /// Its name.
    pub name: String,
    /// SHA-256 of its text, in hexadecimal.
    pub sha256: String,
}

impl ReferenceKind {
    fn name(self) -> &'static str {
        match self {
            Self::MitochondrialReference => "mitochondrial_reference",
            Self::AlleleFrequencies => "allele_frequencies",
        }
    }

    fn parse(text: &str) -> Result<Self> {
        [Self::MitochondrialReference, Self::AlleleFrequencies]
            .into_iter()
            .find(|kind| kind.name() == text)
            .ok_or(RegistryError::Damaged { what: "genomic reference" })
    }
}

impl Registry {
    /// Enters a reference. It is never changed: numbers that rest on it can be made again.
    ///
    /// # Errors
    /// Denied without the administrator's role; what the text is refused for; a conflict where the name is taken, or where a
    /// reference sequence is there already.
    pub async fn enter_reference(&self, actor: &Actor, new: &NewReference) -> Result<ReferenceView> {
        self.demand(actor, Role::Administrator, "enter a genomic reference").await?;
        code("name", &new.name)?;
        let loaded = Loaded::read(new.kind, &new.name, &new.content)?;
        let sha256 = hex(&Sha256::digest(new.content.as_bytes()));
        let mut tx = WriteTx::begin(&self.inner).await?;
        // Haplotypes are differences to one sequence, and mean nothing beside another.
        let taken: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM genomic_references WHERE kind = $1 AND (name = $2 OR kind = 'mitochondrial_reference')",
        )
        .bind(new.kind.name())
        .bind(&new.name)
        .fetch_one(tx.sql())
        .await?;
        if taken > 0 {
            return Err(RegistryError::Conflict {
                what: "there is such a reference already",
                next: "give a table of frequencies another name; a register has one reference sequence for good",
            });
        }
        let now = tx.now().micros();
        sqlx::query("INSERT INTO genomic_references (id, kind, name, content, sha256, entered_by, entered_at) VALUES ($1, $2, $3, $4, $5, $6, $7)")
            .bind(RowId::fresh(now, fresh_bytes()?).to_string())
            .bind(new.kind.name())
            .bind(&new.name)
            .bind(&new.content)
            .bind(&sha256)
            .bind(actor.account().to_string())
            .bind(now)
            .execute(tx.sql())
            .await?;
        let entry = Entry::effect("genomic_reference.entered", actor);
        tx.commit(&entry.details(json!({"kind": new.kind, "name": new.name, "sha256": sha256}))).await?;
        loaded.enter(&mut self.genomic_index_mut());
        Ok(ReferenceView { kind: new.kind, name: new.name.clone(), sha256 })
    }

    pub(crate) async fn load_references(&self) -> Result<()> {
        let found = sqlx::query("SELECT kind, name, content FROM genomic_references ORDER BY entered_at")
            .fetch_all(&self.inner.pool)
            .await?;
        for row in &found {
            let kind = ReferenceKind::parse(&row.try_get::<String, _>("kind")?)?;
            let (name, content): (String, String) = (row.try_get("name")?, row.try_get("content")?);
            Loaded::read(kind, &name, &content)?.enter(&mut self.genomic_index_mut());
        }
        Ok(())
    }
}

/// A reference as it is used.
enum Loaded {
    Sequence(MtReference),
    Table(String, FrequencyTable),
}

impl Loaded {
    fn read(kind: ReferenceKind, name: &str, content: &str) -> Result<Self> {
        Ok(match kind {
            ReferenceKind::MitochondrialReference => Self::Sequence(MtReference::new(content)?),
            ReferenceKind::AlleleFrequencies => Self::Table(name.to_owned(), FrequencyTable::from_csv(name, content)?),
        })
    }

    fn enter(self, index: &mut GenomicIndex) {
        match self {
            Self::Sequence(sequence) => index.reference = Some(sequence),
            Self::Table(name, table) => {
                index.chance_table = Some(name.clone());
                index.tables.insert(name, table);
            }
        }
    }
}
