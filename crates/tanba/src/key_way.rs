//! From a register to the key process that its keys are with, and to the witnesses that it believes.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use tanba_registry::{Registry, WitnessRounds};
use tanba_seal::log::Policy;
use tanba_tls::Tls;

use crate::cmd::keyd::read_policy;
use crate::http::{Outward, check_address};
use crate::key_client::KeyDoor;

/// How long a look waits for the log's witnesses. They are asked at once; a quorum that is not there by then is away.
const FOR_WITNESSES: Duration = Duration::from_secs(15);

/// The policy of the log's witnesses, all of whom can be reached as far as their addresses tell.
pub(crate) fn witnesses(path: &Path, tls: Option<&Tls>) -> anyhow::Result<Policy> {
    let policy = read_policy(path)?;
    for witness in policy.witnesses() {
        let Some(url) = &witness.url else {
            bail!("{}: the witness {} has no address to be asked at", path.display(), witness.name);
        };
        check_address(url, tls).with_context(|| path.display().to_string())?;
    }
    Ok(policy)
}

/// Has a register ask its key process, if its keys are with one, and the witnesses of a policy.
pub(crate) async fn connect(
    registry: &Registry,
    keyd: Option<KeyDoor>,
    policy: Option<Policy>,
    tls: Option<Arc<Tls>>,
) -> anyhow::Result<()> {
    match (keyd, registry.key_process_named().await?) {
        (Some(door), _) => registry.keep_keys_with(Arc::new(door), FOR_WITNESSES).await?,
        (None, Some(name)) => {
            bail!(
                "the keys of this register are with the key process {name}: name its socket or its https address with --keyd"
            )
        }
        (None, None) => {}
    }
    if let Some(policy) = policy {
        let log = registry.log_verifier();
        // Any key that the log has had: whoever knows one learns the others from the log.
        if !policy.logs().iter().any(|named| log.has(&named.to_string())) {
            bail!("the policy of the witnesses does not name this register's log: add the line `log {log}`");
        }
        registry.keep_witnessed(WitnessRounds::new(policy, Arc::new(Outward(tls))));
    }
    Ok(())
}
