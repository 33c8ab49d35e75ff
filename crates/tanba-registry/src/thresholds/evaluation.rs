//! Evaluations: what was measured, on whom, with what, as a file that anybody can read (ISO/IEC 19795-1 for rates, 19795-10 for groups).

use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use sqlx::{Row as _, SqliteConnection};

use super::{MeasuredRate, ThresholdKind};
use crate::actor::{Actor, Role};
use crate::error::{RegistryError, Result};
use crate::institutions::code;
use crate::journal::{Entry, hex};
use crate::params::{EVALUATION_BYTES, SMALLEST_CELL};
use crate::registry::Registry;
use crate::rows;
use crate::store::WriteTx;
use crate::time::Instant;

/// The event of an evaluation's entry.
pub(super) const ADDED: &str = "evaluation.added";

/// An evaluation of error rates.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evaluation {
    /// `tanba-evaluation/1`.
    pub format: String,
    /// What it is called.
    pub title: String,
    /// How it can be made again: the command, or who measured and where it is described.
    pub made_with: String,
    /// On whom.
    pub data: EvaluationData,
    /// What made the templates, by its name in templates.
    pub extractor: String,
    /// What compared them.
    pub matcher: String,
    /// Fingers that were offered and gave no template (failure to enrol and to acquire together, where the two are one step).
    pub failure_to_acquire: MeasuredRate,
    /// What was measured of each kind of comparison.
    pub measured: Vec<MeasuredKind>,
}

/// The people that an evaluation rests on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvaluationData {
    /// Whether they do not exist.
    pub synthetic: bool,
    /// What the data are, in words.
    pub about: String,
    /// How many people.
    pub persons: u64,
}

/// The error rates of one kind of comparison.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeasuredKind {
    /// Which kind.
    pub kind: ThresholdKind,
    /// How many people each comparison was with: 1 one to one, those enrolled in a search.
    pub people: u64,
    /// Comparisons, or searches, that should have said yes.
    pub mated: u64,
    /// Those that should have said no.
    pub non_mated: u64,
    /// Rates by threshold, the lowest first.
    pub points: Vec<MeasuredPoint>,
    /// Groups of people, each at the threshold told.
    pub groups: Vec<GroupRates>,
}

/// What a threshold does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeasuredPoint {
    /// log10 LR.
    pub threshold: f64,
    /// FMR, or FPIR of a search.
    pub false_positive: MeasuredRate,
    /// FNMR, or FNIR of a search.
    pub false_negative: MeasuredRate,
}

/// What it does for a group of people.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupRates {
    /// By what people are grouped: `sex`, `age`.
    pub way: String,
    /// The group: `female`, `30-39`.
    pub group: String,
    /// How many people it has.
    pub persons: u64,
    /// At which threshold.
    pub threshold: f64,
    /// FMR of different people of this group, or FPIR of searches for strangers of it.
    pub false_positive: MeasuredRate,
    /// FNMR, or FNIR.
    pub false_negative: MeasuredRate,
}

/// An evaluation in the register.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EvaluationView {
    /// SHA-256 of the file.
    pub hash: String,
    /// When it was added.
    pub added_at: Instant,
    /// Where that stands in the log.
    pub log_seq: u64,
    /// What it says.
    pub evaluation: Evaluation,
}

impl Evaluation {
    /// The word with which every such file begins its description.
    pub const FORMAT: &'static str = "tanba-evaluation/1";
    /// Rows of a table at most.
    const ROWS: usize = 500;

    /// Reads a file.
    ///
    /// # Errors
    /// Invalid, with the place, where it is too large, no such file, or says what cannot be.
    pub fn parse(file: &[u8]) -> Result<Self> {
        let invalid = |problem: String| RegistryError::Invalid { field: "evaluation", problem };
        if file.len() > EVALUATION_BYTES {
            return Err(invalid(format!("give a file of {EVALUATION_BYTES} octets at most")));
        }
        let parsed: Self = serde_json::from_slice(file).map_err(|e| {
            invalid(format!(
                "this is no evaluation as `tanba bench rates` writes it (line {}, column {})",
                e.line(),
                e.column()
            ))
        })?;
        match parsed.fault() {
            Some(fault) => Err(invalid(fault.to_owned())),
            None => Ok(parsed),
        }
    }

    fn fault(&self) -> Option<&'static str> {
        let words =
            |text: &str| !text.trim().is_empty() && text.chars().count() <= 500 && !text.chars().any(char::is_control);
        if self.format != Self::FORMAT {
            return Some("the format is not tanba-evaluation/1");
        }
        if ![&self.title, &self.made_with, &self.data.about].into_iter().all(|text| words(text)) {
            return Some("title, made_with and about are texts of 1 to 500 characters without line breaks");
        }
        if code("extractor", &self.extractor).is_err() || code("matcher", &self.matcher).is_err() {
            return Some("extractor and matcher are names of up to 64 letters, digits, '-', '_' or '.'");
        }
        if self.data.persons < SMALLEST_CELL || !self.failure_to_acquire.is_sound() {
            return Some("an evaluation is of ten people at least, and tells their failures to acquire");
        }
        if self.measured.is_empty() || ThresholdKind::ALL.iter().any(|kind| self.kinds(*kind) > 1) {
            return Some("measured has one table for each kind of comparison, and at least one");
        }
        self.measured.iter().find_map(MeasuredKind::fault)
    }

    fn kinds(&self, kind: ThresholdKind) -> usize {
        self.measured.iter().filter(|measured| measured.kind == kind).count()
    }

    /// What was measured of a kind.
    pub fn of(&self, kind: ThresholdKind) -> Option<&MeasuredKind> {
        self.measured.iter().find(|measured| measured.kind == kind)
    }
}

impl MeasuredKind {
    fn fault(&self) -> Option<&'static str> {
        let sound =
            |p: &MeasuredPoint| p.threshold.is_finite() && p.false_positive.is_sound() && p.false_negative.is_sound();
        if self.people == 0 || self.mated == 0 || self.non_mated == 0 {
            return Some("a table rests on people, mated and non-mated comparisons");
        }
        if self.points.is_empty() || self.points.len() > Evaluation::ROWS || !self.points.iter().all(sound) {
            return Some("a table has 1 to 500 rows, each rate a fraction within its interval");
        }
        let orderly = |pair: &[MeasuredPoint]| {
            let [a, b] = pair else { return true };
            a.threshold < b.threshold
                && a.false_positive.value >= b.false_positive.value
                && a.false_negative.value <= b.false_negative.value
        };
        if !self.points.windows(2).all(orderly) {
            return Some(
                "rows are in the order of thresholds; with a higher one false matches grow no more, and misses no less",
            );
        }
        let sound = |g: &GroupRates| {
            let named = code("way", &g.way).is_ok() && code("group", &g.group).is_ok();
            named
                && g.persons >= SMALLEST_CELL
                && g.threshold.is_finite()
                && g.false_positive.is_sound()
                && g.false_negative.is_sound()
        };
        if self.groups.len() > Evaluation::ROWS || !self.groups.iter().all(sound) {
            return Some(
                "a group has a name of letters and digits, ten people at least, and rates within their intervals",
            );
        }
        None
    }

    /// The row of a threshold, if there is one.
    pub fn at(&self, threshold: f64) -> Option<&MeasuredPoint> {
        // As a person types it: closer than two rows ever are.
        self.points.iter().find(|point| (point.threshold - threshold).abs() < 1e-6)
    }
}

impl Registry {
    /// Adds an evaluation to those that are published and on which thresholds may rest; gives its SHA-256. `actor` is nobody where it is
    /// done at the machine, with the passphrase.
    ///
    /// # Errors
    /// Denied without the administrator's or the supervisor's role; invalid files; a conflict where it is there.
    pub async fn add_evaluation(&self, actor: Option<&Actor>, file: &[u8]) -> Result<String> {
        if let Some(actor) = actor.filter(|actor| !actor.has(Role::Supervisor)) {
            self.demand(actor, Role::Administrator, "add an evaluation").await?;
        }
        let evaluation = Evaluation::parse(file)?;
        let body = str::from_utf8(file).map_err(|_| RegistryError::Invalid {
            field: "evaluation",
            problem: "this is no text in UTF-8".to_owned(),
        })?;
        let hash = hex(&Sha256::digest(file));
        let mut tx = WriteTx::begin(&self.inner).await?;
        if published(tx.sql(), &hash).await?.is_some() {
            return Err(RegistryError::Conflict {
                what: "this evaluation is there",
                next: "look at the published error rates",
            });
        }
        let details = json!({"evaluation": hash, "title": evaluation.title});
        let entry = actor.map_or_else(|| Entry::system(ADDED), |actor| Entry::effect(ADDED, actor));
        let log_seq = tx.log(&entry.details(details).states(file)).await?;
        let now = tx.now().micros();
        sqlx::query("INSERT INTO evaluations (hash, body, added_by, added_at, log_seq) VALUES ($1, $2, $3, $4, $5)")
            .bind(&hash)
            .bind(body)
            .bind(actor.map(|actor| actor.account().to_string()))
            .bind(now)
            .bind(i64::try_from(log_seq).unwrap_or(i64::MAX))
            .execute(tx.sql())
            .await?;
        tx.commit_logged().await?;
        Ok(hash)
    }

    /// The evaluations as the log states them, the newest first.
    pub(super) async fn evaluations(&self, sql: &mut SqliteConnection) -> Result<Vec<EvaluationView>> {
        let found: Vec<String> = sqlx::query_scalar("SELECT hash FROM evaluations ORDER BY log_seq DESC LIMIT 50")
            .fetch_all(&mut *sql)
            .await?;
        let mut views = Vec::with_capacity(found.len());
        for hash in &found {
            views.extend(published(sql, hash).await?);
        }
        Ok(views)
    }
}

/// An evaluation by its hash, if it is there.
///
/// # Errors
/// Damaged where the row is not what its entry of the log states.
pub(super) async fn published(sql: &mut SqliteConnection, hash: &str) -> Result<Option<EvaluationView>> {
    let row = sqlx::query("SELECT * FROM evaluations WHERE hash = $1").bind(hash).fetch_optional(&mut *sql).await?;
    let Some(row) = row else { return Ok(None) };
    let damaged = || RegistryError::Damaged { what: "evaluation" };
    let body: String = row.try_get("body")?;
    let log_seq: i64 = row.try_get("log_seq")?;
    if hex(&Sha256::digest(&body)) != hash || !super::held::is_stated(sql, ADDED, log_seq, &body).await? {
        return Err(damaged());
    }
    Ok(Some(EvaluationView {
        hash: hash.to_owned(),
        added_at: rows::instant(&row, "added_at")?,
        log_seq: rows::number(&row, "log_seq")?,
        evaluation: Evaluation::parse(body.as_bytes()).map_err(|_| damaged())?,
    }))
}
