//! A register that no service has open, for commands that work on it alone.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::Args;
use tanba_registry::{MemoryRegister, Registry, SystemClock};

use crate::secret;

/// Which register.
#[derive(Args)]
pub(crate) struct Alone {
    /// The register's folder.
    #[arg(long, default_value = "./tanba-data")]
    dir: PathBuf,
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
        let dir = self.dir;
        if !Registry::exists(&dir) {
            bail!("{} holds no register: name its folder with --dir", dir.display());
        }
        let passphrase = match secret::given("TANBA_PASSPHRASE")? {
            Some(passphrase) => passphrase,
            None => secret::ask("Passphrase of the key file")?,
        };
        tokio::runtime::Runtime::new()?.block_on(async {
            let register = Arc::new(MemoryRegister::default());
            let registry = Registry::open(&dir, &passphrase, register, Arc::new(SystemClock))
                .await
                .with_context(|| format!("cannot open the register in {}", dir.display()))?;
            work(&registry, &passphrase).await?;
            registry.publish().await.context("the log was not published; it will be at the next start")?;
            Ok(())
        })
    }
}
