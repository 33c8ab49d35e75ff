//! The log's witnesses: asked after every checkpoint, and at least once a minute so that their word stays fresh.
//!
//! The newest checkpoint is signed at once and lies under `checkpoint`; when a quorum of the policy has cosigned it, it is
//! stored with their cosignatures under `checkpoint.witnessed`. What a witness refuses is an alarm, never a reason to
//! change the log: a conflict at a larger size means that this folder was set back.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tanba_seal::log::{
    self, AddCheckpoint, CHECKPOINT_PATH, Checkpoint, Policy, TileStore as _, WitnessVerifier, Witnessed,
    cosignature_lines,
};
use tokio::task::JoinSet;

use crate::error::{RegistryError, Result};
use crate::registry::{Mode, Registry, log_folder};
use crate::tile_dir::TileDir;

/// How long a witness has for one answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often witnesses are asked where nothing was published.
const RENEWAL: Duration = Duration::from_secs(60);

/// An answer, or why there is none.
pub type Posted<'a> = Pin<Box<dyn Future<Output = io::Result<(u16, Vec<u8>)>> + Send + 'a>>;

/// The way to witnesses. The program speaks HTTP; tests ask a witness in the same process.
pub trait WitnessLine: Send + Sync {
    /// Posts `body` to `url`; the status and body of the answer.
    fn post<'a>(&'a self, url: &'a str, body: Vec<u8>) -> Posted<'a>;
}

/// The rounds to a policy's witnesses.
pub struct WitnessRounds {
    policy: Policy,
    line: Arc<dyn WitnessLine>,
    /// The size that each has cosigned last, as far as is known.
    sizes: BTreeMap<String, u64>,
}

/// What came of a round.
#[derive(Debug)]
pub struct WitnessRound {
    /// The checkpoint as a quorum has cosigned it; `None` if too few have.
    pub witnessed: Option<Witnessed>,
    /// The witnesses, by their names in the policy, that did not cosign, and why.
    pub refused: Vec<(String, String)>,
}

impl WitnessRounds {
    /// Rounds to the policy's witnesses that have a key that this program knows and an address.
    #[must_use]
    pub fn new(policy: Policy, line: Arc<dyn WitnessLine>) -> Self {
        Self { policy, line, sizes: BTreeMap::new() }
    }

    /// Asks all witnesses at once to cosign the newest checkpoint, and stores it with what they answer if that is a quorum.
    ///
    /// # Errors
    /// Those of the log's folder. What a witness does is in the answer.
    pub async fn ask(&mut self, registry: &Registry) -> Result<WitnessRound> {
        let folder = log_folder(&registry.inner.dir);
        let verifier = registry.log_verifier();
        // The policy may name a key that this log had before.
        let mut policy = self.policy.clone();
        if let Some(keys) = registry.shown_log_keys().await? {
            policy = policy.following(&keys)?;
        }
        let read = folder.clone();
        let note = blocking(move || Ok(TileDir::open(&read).read(CHECKPOINT_PATH)?)).await?;
        let Some(note) = note else { return Ok(WitnessRound { witnessed: None, refused: Vec::new() }) };
        let size = Checkpoint::open(&note, &verifier)?.size;

        let mut asked = JoinSet::new();
        for witness in self.policy.witnesses() {
            let (Some(key), Some(url)) = (witness.key.clone(), witness.url.clone()) else { continue };
            let old = self.sizes.get(&witness.name).copied().unwrap_or(0);
            let question = Question {
                line: Arc::clone(&self.line),
                url: format!("{}/add-checkpoint", url.trim_end_matches('/')),
                key,
                folder: folder.clone(),
                note: note.clone(),
                size,
            };
            let name = witness.name.clone();
            asked.spawn(async move { (name, question.ask(old).await) });
        }
        let mut cosigned = note;
        let mut refused = Vec::new();
        while let Some(answer) = asked.join_next().await {
            match answer.map_err(|e| RegistryError::Io(io::Error::other(e)))? {
                (name, Ok(lines)) => {
                    self.sizes.insert(name, size);
                    cosigned.extend_from_slice(lines.as_bytes());
                }
                (name, Err(why)) => refused.push((name, why)),
            }
        }
        if policy.check(&cosigned).is_err() {
            return Ok(WitnessRound { witnessed: None, refused });
        }
        let _turn = registry.inner.publishing.lock().await;
        let witnessed = blocking(move || {
            let mut tiles = TileDir::open_for_writing(&folder)?;
            Ok(log::publish_witnessed(&mut tiles, &policy, &cosigned)?)
        })
        .await?;
        registry.inner.witnessed.send_replace(Some(witnessed.checkpoint.size));
        Ok(WitnessRound { witnessed: Some(witnessed), refused })
    }
}

/// What one witness is asked.
struct Question {
    line: Arc<dyn WitnessLine>,
    url: String,
    key: WitnessVerifier,
    folder: PathBuf,
    note: Vec<u8>,
    size: u64,
}

impl Question {
    /// Its signature lines; or why there are none.
    async fn ask(self, mut old: u64) -> std::result::Result<String, String> {
        // A log that was set back has nothing to prove from there; the witness says what it has seen.
        if old > self.size {
            old = 0;
        }
        // A second time where it remembers another size than we do.
        for _ in 0..2 {
            let (folder, note, size) = (self.folder.clone(), self.note.clone(), self.size);
            let request = blocking(move || Ok(AddCheckpoint::make(&TileDir::open(&folder), &note, size, old)?)).await;
            let request = request.map_err(|error| error.to_string())?;
            let answer = tokio::time::timeout(PATIENCE, self.line.post(&self.url, request.to_bytes())).await;
            let (status, body) = match answer {
                Err(_) => return Err("it did not answer in ten seconds".to_owned()),
                Ok(Err(error)) => return Err(format!("it cannot be reached: {error}")),
                Ok(Ok(answer)) => answer,
            };
            match status {
                200 => return cosignature_lines(&self.note, &body, &self.key).map_err(|error| error.to_string()),
                409 => match std::str::from_utf8(&body).ok().and_then(|text| text.trim_end().parse::<u64>().ok()) {
                    Some(seen) if seen > self.size => {
                        return Err(format!(
                            "it has cosigned {seen} entries and this log has {}: this folder was set back, or somebody else signs with its key",
                            self.size
                        ));
                    }
                    Some(seen) if seen == old => {
                        return Err(format!(
                            "it has seen another history at {seen} entries: keep both and call the supervisor"
                        ));
                    }
                    Some(seen) => old = seen,
                    None => return Err("it answered 409 without a size".to_owned()),
                },
                422 => {
                    return Err(
                        "it was not shown that the log extends what it has seen: call the supervisor".to_owned()
                    );
                }
                status => return Err(format!("it answered {status}")),
            }
        }
        Err("its size changed twice: somebody else submits this log's checkpoints".to_owned())
    }
}

impl Registry {
    /// Asks the witnesses after every checkpoint until the registry is dropped. Call it once, in a service.
    pub fn keep_witnessed(&self, mut rounds: WitnessRounds) -> tokio::task::JoinHandle<()> {
        let registry = self.clone();
        // From here on looks wait for the witnesses' word.
        registry.inner.witnessed.send_if_modified(|size| size.is_none() && size.replace(0).is_none());
        tokio::spawn(async move {
            loop {
                let _ = tokio::time::timeout(RENEWAL, registry.inner.published.notified()).await;
                match rounds.ask(&registry).await {
                    Ok(round) => {
                        for (witness, why) in &round.refused {
                            tracing::error!(witness, why, "a witness has not cosigned the log");
                        }
                        if round.witnessed.is_none() {
                            tracing::error!(
                                "the newest checkpoint has no quorum of witnesses; the last one that has stays"
                            );
                        }
                    }
                    Err(error) => {
                        tracing::error!(error = &error as &dyn std::error::Error, "the witnesses were not asked");
                    }
                }
            }
        })
    }

    /// Demands of a register for real people that its log cannot be vouched for by the executive alone: `outside` are the
    /// policy's names of the witnesses that are run by others. A demonstration may do as it likes.
    ///
    /// # Errors
    /// [`RegistryError::Invalid`] without a policy, or where the quorum can be met without any of those outside.
    pub fn demand_outside_witness(&self, policy: Option<&Policy>, outside: &[String]) -> Result<()> {
        if self.mode() == Mode::Demonstration {
            return Ok(());
        }
        outside_witness(policy, outside).map_err(|problem| RegistryError::Invalid { field: "witness_policy", problem })
    }
}

fn outside_witness(policy: Option<&Policy>, outside: &[String]) -> std::result::Result<(), String> {
    let Some(policy) = policy else {
        return Err("a register for real people has witnesses: give their policy".to_owned());
    };
    if let Some(unknown) = outside.iter().find(|name| !policy.witnesses().iter().any(|w| w.name == **name)) {
        return Err(format!("the policy has no witness {unknown}"));
    }
    if policy.met_by(|name| !outside.iter().any(|o| o == name)) {
        return Err(
            "its quorum can be met without any witness outside the executive: name those outside, and make one necessary"
                .to_owned(),
        );
    }
    Ok(())
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|e| RegistryError::Io(io::Error::other(e)))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_e4_a_quorum_of_the_executive_alone_is_refused() {
        let (log, ministry, court) = (key(1, 1), key(4, 2), key(4, 3));
        let policy = |quorum: &str| {
            let text = format!("log {log}\nwitness ministry {ministry}\nwitness court {court}\n{quorum}\n");
            Policy::parse(&text).unwrap()
        };
        let court = ["court".to_owned()];
        assert!(outside_witness(None, &court).is_err());
        assert!(outside_witness(Some(&policy("quorum none")), &court).is_err());
        assert!(outside_witness(Some(&policy("quorum ministry")), &court).is_err());
        assert!(outside_witness(Some(&policy("group any any ministry court\nquorum any")), &court).is_err());
        assert!(outside_witness(Some(&policy("quorum court")), &[]).is_err(), "nobody is said to be outside");
        assert!(outside_witness(Some(&policy("quorum court")), &["courts".to_owned()]).unwrap_err().contains("courts"));
        outside_witness(Some(&policy("quorum court")), &court).unwrap();
        outside_witness(Some(&policy("group both all ministry court\nquorum both")), &court).unwrap();
    }

    /// A verifier key of the type, by the specification's words.
    fn key(algorithm: u8, seed: u8) -> String {
        use base64::{Engine as _, engine::general_purpose::STANDARD};
        use sha2::{Digest as _, Sha256};
        let mut bytes = vec![algorithm];
        bytes.extend_from_slice(ed25519_dalek::SigningKey::from_bytes(&[seed; 32]).verifying_key().as_bytes());
        let id = Sha256::new().chain_update(format!("k{seed}\n")).chain_update(&bytes).finalize();
        format!("k{seed}+{}+{}", crate::journal::hex(&id[..4]), STANDARD.encode(bytes))
    }
}
