//! `tanba init`: founds a register, with its first passphrase and account.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::Args;
use serde_json::json;
use tanba_registry::{Founding, LawFiles, MemoryRegister, Mode, Registry, SystemClock};
use tanba_seal::KdfParams;

use crate::console::Console;
use crate::secret;

/// Options of `tanba init`.
#[derive(Args)]
#[command(
    after_help = "The passphrase, login and password are asked for, or taken from TANBA_PASSPHRASE, TANBA_ADMIN_LOGIN and TANBA_ADMIN_PASSWORD, or from the files that TANBA_PASSPHRASE_FILE and so on name."
)]
pub(crate) struct Init {
    /// Where the register will be: an empty folder, or one to be made.
    #[arg(long, default_value = "./tanba-data")]
    dir: PathBuf,
    /// For people who don't exist: accepts only synthetic numbers, and draft law packs with their assumption sheet.
    #[arg(long)]
    demonstration: bool,
    /// The name under which the log signs, by convention a URL without its scheme.
    #[arg(long, value_name = "NAME", default_value = "tanba.localhost/log")]
    origin: String,
    /// Short code of the organisation that runs the register.
    #[arg(long, value_name = "CODE", default_value = "operator")]
    operator: String,
    /// Personnel number of the first administrator.
    #[arg(long, value_name = "NUMBER", default_value = "administrator-1")]
    personnel_number: String,
    /// Whose law holds, by its ISO 3166 code.
    #[arg(long, value_name = "COUNTRY", default_value = "kz")]
    jurisdiction: String,
    /// By whose clock days begin, such as Asia/Almaty; that of the country where it keeps one time.
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
    /// Folder with law packs beside those that come with the program; what it holds is kept with the register.
    #[arg(long, value_name = "DIR")]
    law: Option<PathBuf>,
    /// File of the keys that may sign packs (tanba-law-keys/1).
    #[arg(long, value_name = "FILE", requires = "law")]
    law_keys: Option<PathBuf>,
}

impl Init {
    /// Runs it.
    pub(crate) fn run(self, console: &Console) -> anyhow::Result<()> {
        let mode = if self.demonstration { Mode::Demonstration } else { Mode::Production };
        if Registry::exists(&self.dir) {
            bail!(
                "{} holds a register already: serve it with `tanba serve`, or choose another --dir",
                self.dir.display()
            );
        }
        let law = match &self.law {
            Some(folder) => LawFiles::read(folder, self.law_keys.as_deref()).context("the folder of --law")?,
            None => LawFiles::default(),
        };
        let founded = Registry::may_be_founded(&self.jurisdiction, mode, &law);
        if mode == Mode::Production && self.law.is_none() {
            founded.context(
            "a register for real people can't be founded: no lawyer has signed the law packs yet; what works today is a demonstration with people who don't exist: `tanba init --demonstration`",
            )?;
        } else {
            founded?;
        }
        let passphrase = secret::given_or_new("TANBA_PASSPHRASE", "passphrase of the key file")?;
        let administrator = login()?;
        let password = secret::given_or_new("TANBA_ADMIN_PASSWORD", "password of the first administrator")?;
        let founding = Founding {
            mode,
            jurisdiction: self.jurisdiction,
            time_zone: self.time_zone,
            origin: self.origin.clone(),
            operator_code: self.operator,
            administrator,
            password: password.to_string(),
            natural_person: self.personnel_number,
            kdf: if self.demonstration { KdfParams::MINIMUM } else { KdfParams::RECOMMENDED },
        };
        let runtime = tokio::runtime::Runtime::new()?;
        let register = Arc::new(MemoryRegister::default());
        let registry = runtime
            .block_on(Registry::found_under(&self.dir, &passphrase, &founding, &law, register, Arc::new(SystemClock)))
            .with_context(|| format!("no register was founded in {}", self.dir.display()))?;
        let key = registry.verifier_key();
        let answer = json!({"dir": self.dir, "mode": mode, "origin": self.origin, "verifier_key": key});
        let human = format!(
            "A register{} is in {}.\nThe log's public key, for everyone who will check it: {key}\nKeep the passphrase and a copy of keys.json apart from each other: without both, nothing in the register can be read.\nNext: tanba serve --dir {}",
            if self.demonstration { " for DEMONSTRATION" } else { "" },
            self.dir.display(),
            self.dir.display(),
        );
        console.answer(&answer, human);
        Ok(())
    }
}

/// The first administrator's login: given, or asked for.
fn login() -> anyhow::Result<String> {
    if let Some(login) = secret::given("TANBA_ADMIN_LOGIN")? {
        return Ok(login.to_string());
    }
    if !secret::can_ask() {
        bail!("nobody is at the terminal to be asked: give the first administrator's login in TANBA_ADMIN_LOGIN");
    }
    eprint_prompt("Login of the first administrator: ")?;
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).context("the terminal")?;
    Ok(line.trim().to_owned())
}

/// A prompt stays on its line.
fn eprint_prompt(text: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    let mut terminal = std::io::stderr();
    terminal.write_all(text.as_bytes())?;
    terminal.flush()
}
