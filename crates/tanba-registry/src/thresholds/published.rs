//! What everybody may read: the thresholds in force with their history, the evaluations, and what the register counted of itself.

use serde::{Deserialize, Serialize};
use tanba_finger::calibrate::MATCHER;

use super::{CountedRates, EvaluationView, ThresholdKind, ThresholdSetting};
use crate::error::{RegistryError, Result};
use crate::registry::Registry;

/// Error rates and thresholds, as they are published. Nobody is in them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ErrorRates {
    /// What makes templates here.
    pub extractor: String,
    /// What compares them.
    pub matcher: String,
    /// Whether everything is as the log states it; if not, what is not is left out, and nothing is compared while it is thresholds.
    pub sound: bool,
    /// The threshold of each kind.
    pub in_force: Vec<ThresholdInForce>,
    /// What was ever set, the newest first.
    pub history: Vec<ThresholdSetting>,
    /// The evaluations, the newest first; where there is none, nothing was measured here.
    pub evaluations: Vec<EvaluationView>,
    /// What the register counted last.
    pub counted: Option<CountedRates>,
}

/// The threshold of a kind of comparison.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ThresholdInForce {
    /// Which kind.
    pub kind: ThresholdKind,
    /// Its setting, where two people set one for this version.
    pub setting: Option<ThresholdSetting>,
    /// log10 LR; `None` where nothing is compared, because what was set is for another version or is not as it was set.
    pub value: Option<f64>,
    /// The size of the register that it is for; 1 where size does not count.
    pub people: u64,
    /// Below which nobody sets it.
    pub floor: f64,
}

impl Registry {
    /// What is published of error rates and thresholds. It is nobody's secret, so nobody is asked who they are.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn error_rates(&self) -> Result<ErrorRates> {
        let settings = self.settings().await?;
        let mut sound = settings.is_ok();
        let in_force = ThresholdKind::ALL.into_iter().map(|kind| {
            let found = settings.as_ref().ok().and_then(|settings| self.in_force(kind, settings));
            ThresholdInForce {
                kind,
                value: found.map(|(found, _)| found.value()),
                people: found.map_or(1, |(found, _)| found.people),
                setting: found.and_then(|(_, setting)| setting.cloned()),
                floor: kind.floor(),
            }
        });
        let in_force = in_force.collect();
        let mut history = settings.unwrap_or_default();
        history.reverse();
        let mut sql = self.inner.pool.acquire().await?;
        let evaluations = as_stated(self.evaluations(&mut sql).await, &mut sound)?;
        let counted = as_stated(self.counted_rates(&mut sql).await, &mut sound)?;
        Ok(ErrorRates {
            extractor: self.extractor().recipe().name().to_owned(),
            matcher: MATCHER.to_owned(),
            sound,
            in_force,
            history,
            evaluations,
            counted,
        })
    }
}

/// What was read, or nothing where it is not what the log states.
fn as_stated<T: Default>(read: Result<T>, sound: &mut bool) -> Result<T> {
    match read {
        Err(RegistryError::Damaged { .. }) => {
            *sound = false;
            Ok(T::default())
        }
        read => read,
    }
}
