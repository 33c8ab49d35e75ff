//! From a register to the key process that its keys are with, and to the witnesses that it believes.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use tanba_registry::{Registry, WitnessRounds};
use tanba_seal::log::Policy;

use crate::cmd::keyd::read_policy;
use crate::http::{PlainHttp, check_address};
use crate::key_client::KeySocket;

/// How long a look waits for the log's witnesses. They are asked at once; a quorum that is not there by then is away.
const FOR_WITNESSES: Duration = Duration::from_secs(15);

/// The policy of the log's witnesses, all of whom can be reached as far as their addresses tell.
pub(crate) fn witnesses(path: &Path) -> anyhow::Result<Policy> {
    let policy = read_policy(path)?;
    for witness in policy.witnesses() {
        let Some(url) = &witness.url else {
            bail!("{}: the witness {} has no address to be asked at", path.display(), witness.name);
        };
        check_address(url).with_context(|| path.display().to_string())?;
    }
    Ok(policy)
}

/// Has a register ask the key process at a socket, if its keys are with one, and the witnesses of a policy.
pub(crate) async fn connect(registry: &Registry, keyd: Option<&Path>, policy: Option<Policy>) -> anyhow::Result<()> {
    match (keyd, registry.key_process_named().await?) {
        (Some(socket), _) => registry.keep_keys_with(Arc::new(KeySocket::at(socket)), FOR_WITNESSES).await?,
        (None, Some(name)) => {
            bail!("the keys of this register are with the key process {name}: name its socket with --keyd")
        }
        (None, None) => {}
    }
    if let Some(policy) = policy {
        let log = registry.log_verifier();
        // Any key that the log has had: whoever knows one learns the others from the log.
        if !policy.logs().iter().any(|named| log.has(&named.to_string())) {
            bail!("the policy of the witnesses does not name this register's log: add the line `log {log}`");
        }
        registry.keep_witnessed(WitnessRounds::new(policy, Arc::new(PlainHttp)));
    }
    Ok(())
}
