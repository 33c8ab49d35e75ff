//! `tanba train`: a register for exercises, with its own folder, keys and log, and nobody in it who exists.

use std::fs;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail, ensure};
use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tanba_formats::Finger;
use tanba_registry::{Capture, FingerState, MemoryRegister, OpenEncounter, QualityReason, Registry, SystemClock};
use tanba_server::{Face, ServerState, VirtualDevice as _};

use crate::class::Class;
use crate::console::Console;
use crate::demo::stage::{STATION, Secrets, Stage};
use crate::scanner::Scanner;

/// Options of `tanba train`.
#[derive(Args)]
pub(crate) struct Train {
    /// The training register's folder; founded where there is none.
    #[arg(long, default_value = "./tanba-training")]
    dir: PathBuf,
    /// Address and port to listen on; this machine's own, since training speaks no TLS.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8481")]
    listen: SocketAddr,
    /// Found or open the register and stop, without serving it.
    #[arg(long)]
    once: bool,
}

/// What a training register keeps beside its data, readable by its owner alone: of use to nobody else, since nobody in the
/// register exists.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Notes {
    passphrase: String,
    password: String,
    /// The day of founding: everyone's age comes from it.
    founded: (i16, u8, u8),
    /// The residents are registered.
    ready: bool,
}

impl Train {
    /// Runs it.
    pub(crate) fn run(self, console: &Console) -> anyhow::Result<()> {
        if !self.listen.ip().is_loopback() {
            bail!("{} can be reached from other machines: a training register listens on 127.0.0.1", self.listen);
        }
        tokio::runtime::Runtime::new()?.block_on(self.train(console))
    }

    async fn train(self, console: &Console) -> anyhow::Result<()> {
        let (registry, class, scanner, password) = open(&self.dir, console).await?;
        ensure!(
            registry.training(),
            "{} holds a register that is not for training: choose another --dir",
            self.dir.display()
        );
        let listener = tokio::net::TcpListener::bind(self.listen)
            .await
            .with_context(|| format!("cannot listen on {}: choose another --listen", self.listen))?;
        let address = listener.local_addr()?;
        let answer = json!({"url": format!("http://{address}/training"), "dir": self.dir, "station": STATION, "accounts": ACCOUNTS.map(|(login, _)| login), "password": password});
        let accounts: Vec<String> = ACCOUNTS.iter().map(|(login, what)| format!("  {login:12} {what}")).collect();
        console.answer(
            &answer,
            format_args!(
                "TRAINING: nobody here exists. Open http://{address}/training and sign in as operator at the station {STATION}.\n\
                 All accounts have the password {password}\n{}\nThe register is in {}; Ctrl-C ends it, and the next `tanba train` goes on.",
                accounts.join("\n"),
                self.dir.display()
            ),
        );
        if self.once {
            return Ok(());
        }
        let face = Face {
            training: true,
            device: Some(Arc::new(scanner)),
            exercises: Some(Arc::new(class)),
            public_url: Some(format!("http://{address}")),
            ..Face::default()
        };
        let publishing = registry.keep_publishing();
        let stop = async {
            // Without a signal handler the program still ends with its terminal.
            let _ = tokio::signal::ctrl_c().await;
        };
        tanba_server::serve(listener, ServerState::open_as(registry.clone(), &self.dir, face), stop).await?;
        publishing.abort();
        registry.publish().await?;
        Ok(())
    }
}

/// Who signs in as what; the stage has the same accounts.
const ACCOUNTS: [(&str, &str); 6] = [
    ("operator", "serves people at the counter, and has the exercises"),
    ("second", "confirms what takes two, answers requests for correction"),
    ("examiner-a", "compares prints"),
    ("examiner-b", "compares prints, without seeing examiner-a's finding"),
    ("officer", "asks for an authority"),
    ("supervisor", "reads the log"),
];

/// The training register of a folder: opened, or founded with its residents.
async fn open(dir: &Path, console: &Console) -> anyhow::Result<(Registry, Class, Scanner, String)> {
    let file = dir.join("training.json");
    if file.exists() {
        let notes: Notes = serde_json::from_slice(&fs::read(&file)?)
            .with_context(|| format!("{} cannot be read: remove the folder and begin anew", file.display()))?;
        if !notes.ready {
            bail!(
                "the founding of the training register in {} was interrupted: remove the folder and start again",
                dir.display()
            );
        }
        let class = Class::of(notes.founded);
        let register = Arc::new(MemoryRegister::new(class.civil_register()));
        let registry = Registry::open(dir, &notes.passphrase, register, Arc::new(SystemClock))
            .await
            .with_context(|| format!("cannot open the training register in {}", dir.display()))?;
        let scanner = Scanner::new(class.hands());
        return Ok((registry, class, scanner, notes.password));
    }
    if Registry::exists(dir) {
        bail!("{} holds a register that is not for training: choose another --dir", dir.display());
    }
    console.note("A training register is being founded; it takes some seconds.");
    let secrets = Secrets::fresh()?;
    let mut notes = Notes {
        passphrase: secrets.passphrase.clone(),
        password: secrets.password.clone(),
        founded: crate::demo::people_of(),
        ready: false,
    };
    fs::create_dir_all(dir)?;
    keep(&file, &notes)?;
    let class = Class::of(notes.founded);
    let scanner = Scanner::new(class.hands());
    let stage = Stage::set_training(dir, class.civil_register(), secrets).await?;
    for (n, resident) in class.residents.iter().enumerate() {
        register(&stage, &scanner, resident.iin.as_str(), n).await?;
    }
    notes.ready = true;
    keep(&file, &notes)?;
    Ok((stage.registry, class, scanner, notes.password))
}

/// Registers somebody the whole lawful way, so that whoever comes with a second number is found.
async fn register(stage: &Stage, scanner: &Scanner, iin: &str, n: usize) -> anyhow::Result<()> {
    let registry = &stage.registry;
    let new = OpenEncounter {
        client_key: format!("resident-{n}"),
        trigger: "identity_card".to_owned(),
        iin: Some(iin.to_owned()),
        typed: Default::default(),
    };
    let encounter = registry.open_encounter(&stage.operator, &new).await?.id;
    let hands = scanner.hands_of(iin).context("the scanner does not know a resident")?;
    for finger in Finger::TEN {
        // Another touch than the one that whoever comes later begins with.
        let Some(image) = scanner.touch(&hands, finger, 9) else {
            registry.state_finger(&stage.operator, encounter, finger, FingerState::Missing).await?;
            continue;
        };
        let capture = Capture { finger, image, ppi: None };
        if registry.capture(&stage.operator, encounter, capture).await?.flagged {
            registry.accept_quality(&stage.operator, encounter, finger, QualityReason::ManualWork, None).await?;
        }
    }
    registry.complete(&stage.operator, encounter).await?;
    Ok(())
}

/// Writes the notes so that nobody else reads them.
fn keep(file: &Path, notes: &Notes) -> anyhow::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut out = options.open(file).with_context(|| format!("cannot write {}", file.display()))?;
    out.write_all(&serde_json::to_vec_pretty(notes)?)?;
    out.sync_all()?;
    Ok(())
}
