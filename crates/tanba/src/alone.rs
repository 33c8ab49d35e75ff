//! A register that no service has open, for commands that work on it alone.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::Args;
use tanba_registry::{MemoryRegister, Registry, SystemClock};

use crate::house::DoorArgs;
use crate::{key_way, secret};

/// Which register.
#[derive(Args)]
pub(crate) struct Alone {
    /// The register's folder.
    #[arg(long, default_value = "./tanba-data")]
    dir: PathBuf,
    /// A copy of the register's list of erased keys, on another disk: what either of the two names stays erased.
    #[arg(long, value_name = "FILE")]
    erased_copy: Option<PathBuf>,
}

/// Which register, and where its keys are.
#[derive(Args)]
pub(crate) struct AloneWithKeys {
    #[command(flatten)]
    register: Alone,
    /// Socket or https address of the key process that the register's keys were moved to, if they were (`tanba keyd adopt`).
    #[arg(long, value_name = "SOCKET|URL")]
    keyd: Option<String>,
    #[command(flatten)]
    door: DoorArgs,
    /// Whose witness the log has (c2sp.org/tlog-policy): the key process gives nothing without their word.
    #[arg(long, value_name = "FILE")]
    witness_policy: Option<PathBuf>,
}

impl AloneWithKeys {
    /// Opens it with its keys, has the work done, and publishes the log.
    pub(crate) fn with(self, work: impl AsyncFnOnce(&Registry) -> anyhow::Result<()>) -> anyhow::Result<()> {
        let tls = self.door.open()?;
        let keyd = self.keyd.as_deref().map(|keyd| self.door.door(keyd, tls.as_ref())).transpose()?;
        let policy = self.witness_policy.as_deref().map(|path| key_way::witnesses(path, tls.as_deref())).transpose()?;
        self.register.with(async |registry| {
            key_way::connect(registry, keyd, policy, tls).await?;
            registry.begin_key_period().await?;
            let going = registry.keep_key_period_going();
            let done = work(registry).await;
            going.abort();
            done
        })
    }
}

impl Alone {
    /// Opens it, has the work done, and publishes the log.
    pub(crate) fn with(self, work: impl AsyncFnOnce(&Registry) -> anyhow::Result<()>) -> anyhow::Result<()> {
        self.with_passphrase(async |registry, _| work(registry).await)
    }

    /// The same, for work on the key file, which takes its passphrase.
    pub(crate) fn with_passphrase(
        self,
        work: impl AsyncFnOnce(&Registry, &str) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let Self { dir, erased_copy } = self;
        if !Registry::exists(&dir) {
            bail!("{} holds no register: name its folder with --dir", dir.display());
        }
        let passphrase = match secret::given("TANBA_PASSPHRASE")? {
            Some(passphrase) => passphrase,
            None => secret::ask("Passphrase of the key file")?,
        };
        tokio::runtime::Runtime::new()?.block_on(async {
            let register = Arc::new(MemoryRegister::default());
            let clock = Arc::new(SystemClock);
            let registry = Registry::open_beside(&dir, &passphrase, register, clock, erased_copy.as_deref())
                .await
                .with_context(|| format!("cannot open the register in {}", dir.display()))?;
            work(&registry, &passphrase).await?;
            registry.publish().await.context("the log was not published; it will be at the next start")?;
            Ok(())
        })
    }
}
