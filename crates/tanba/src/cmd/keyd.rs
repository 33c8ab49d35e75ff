//! `tanba keyd`: the key process, which releases a data key only for a look that is in the witnessed log.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use figment::Figment;
use figment::providers::{Format as _, Toml};
use serde::Deserialize;
use serde_json::{Value, json};
use tanba_registry::ENTRUSTED_KEYS;
use tanba_registry::tile_dir::TileDir;
use tanba_seal::keyd::{Keyd as Core, Order, OrderKind, Rules, found_keyd};
use tanba_seal::log::{LogVerifier, Policy, TileStore as _, VERIFIER_KEY_PATH};
use tanba_seal::{KdfParams, KeyRing};

use crate::alone::Alone;
use crate::console::Console;
use crate::house::{DoorArgs, HouseArgs};
use crate::key_client;
use crate::key_desk::Outer;
use crate::token::TokenArgs;
use crate::{house, key_desk, memory, party};

/// The key process's own log, within its folder.
const OWN_LOG: &str = "log";

/// Its socket, within its folder.
const SOCKET: &str = "keyd.sock";

/// Options of `tanba keyd`.
#[derive(Args)]
pub(crate) struct Keyd {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Make the key process's keys and begin its own log, in a folder of its own.
    Init(Init),
    /// Answer requests on a socket in the folder, which only the folder's owner reaches.
    Serve(Serve),
    /// Make the key with which a supervisor orders key processes to stop, or a custodian signs orders to destroy a key.
    Supervisor(Supervisor),
    /// Sign an order to a key process, as the supervisor.
    Order(SignOrder),
    /// Add a custodian's signature to an order to destroy a key.
    Countersign(Countersign),
    /// Make a new version of a domain's key-encryption key. The key process must be stopped.
    Rotate(Rotate),
    /// Refuse versions of a domain's key-encryption key from now on. The key process must be stopped.
    Retire(Retire),
    /// Hand an order to a running key process.
    Obey(Obey),
    /// What a running key process tells of itself.
    Standing(Place),
    /// Move a register's keys of images to a running key process, for good. The register must not be running.
    Adopt(Adopt),
    /// Have a running key process wrap a register's keys anew, under its newest version; before an older one is retired. The register must
    /// not be running.
    Rewrap(Adopt),
}

#[derive(Args)]
struct Adopt {
    /// The key process's socket, or its https address.
    #[arg(long, value_name = "SOCKET|URL")]
    keyd: String,
    #[command(flatten)]
    door: DoorArgs,
    #[command(flatten)]
    register: Alone,
}

#[derive(Args)]
struct Place {
    /// The key process's folder.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
}

#[derive(Args)]
struct Init {
    #[command(flatten)]
    place: Place,
    /// Its name, by convention a URL without its scheme, such as keyd.example/1.
    #[arg(long)]
    name: String,
    /// The key domains that it holds.
    #[arg(long = "domain", value_name = "LABEL", default_values = ENTRUSTED_KEYS)]
    domains: Vec<String>,
    #[command(flatten)]
    token: TokenArgs,
}

#[derive(Args)]
struct Serve {
    #[command(flatten)]
    place: Place,
    /// Whom it believes: the register's log and its witnesses (c2sp.org/tlog-policy).
    #[arg(long, value_name = "FILE")]
    policy: PathBuf,
    /// The verifier key (name+hash+key) of the supervisor, whose orders it obeys.
    #[arg(long, value_name = "KEY")]
    supervisor: String,
    /// What it demands besides (TOML): max_entry_age_s, max_checkpoint_age_s, keys_per_hour, and under [purposes] the
    /// domains that each purpose opens.
    #[arg(long, value_name = "FILE")]
    rules: PathBuf,
    /// The verifier key (name+hash+key) of the custodian, whose signature an order to destroy a key needs too.
    #[arg(long, value_name = "KEY")]
    custodian: Option<String>,
    /// The register's file of keys (`log.keys`), where its log has changed its key. It is kept, and from then on only grows.
    #[arg(long, value_name = "FILE")]
    log_keys: Option<PathBuf>,
    /// Address and port to listen on besides, for a register on another machine: by TLS 1.3, and to whoever proves to be --register.
    #[arg(long, value_name = "ADDR", requires_all = ["tls", "registers"])]
    listen: Option<SocketAddr>,
    /// The name that the register's certificate is made out to; once for each. Nobody else is answered at --listen.
    #[arg(long = "register", id = "registers", value_name = "NAME", requires = "listen")]
    registers: Vec<String>,
    #[command(flatten)]
    house: HouseArgs,
    #[command(flatten)]
    token: TokenArgs,
}

#[derive(Args)]
struct Supervisor {
    /// The supervisor's folder.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// The supervisor's name, such as supervisor.example.
    #[arg(long)]
    name: String,
}

#[derive(Args)]
struct SignOrder {
    /// What is ordered.
    kind: Kind,
    /// The supervisor's folder.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// The name of the key process.
    #[arg(long, value_name = "NAME")]
    to: String,
    /// The order's number, above that of the last one that it has obeyed (`tanba keyd standing`).
    #[arg(long)]
    serial: u64,
    /// The domain of the key that is to be destroyed.
    #[arg(long, value_name = "LABEL", required_if_eq("kind", "destroy"))]
    domain: Option<String>,
    /// Its version, which is retired.
    #[arg(long, value_name = "N", required_if_eq("kind", "destroy"))]
    key_version: Option<u32>,
    /// Write the order to this file instead of standard output.
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Kind {
    Stop,
    Resume,
    Destroy,
}

#[derive(Args)]
struct Countersign {
    /// The file with the order.
    order: PathBuf,
    /// The custodian's folder.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// Write the order with both signatures to this file instead of standard output.
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Args)]
struct Rotate {
    #[command(flatten)]
    place: Place,
    /// The domain.
    #[arg(long, value_name = "LABEL")]
    domain: String,
    #[command(flatten)]
    token: TokenArgs,
}

#[derive(Args)]
struct Retire {
    #[command(flatten)]
    place: Place,
    /// The domain.
    #[arg(long, value_name = "LABEL")]
    domain: String,
    /// The oldest version that may still be used.
    #[arg(long, value_name = "N")]
    below: u32,
    #[command(flatten)]
    token: TokenArgs,
}

#[derive(Args)]
struct Obey {
    /// The file with the order.
    order: PathBuf,
    #[command(flatten)]
    place: Place,
}

/// The file of `--rules`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RulesFile {
    max_entry_age_s: u64,
    max_checkpoint_age_s: u64,
    keys_per_hour: u64,
    purposes: BTreeMap<String, BTreeSet<String>>,
}

impl Keyd {
    /// Runs it.
    pub(crate) fn run(self, console: &Console) -> anyhow::Result<()> {
        match self.task {
            Task::Init(init) => init.run(console),
            Task::Serve(serve) => serve.run(console),
            Task::Supervisor(supervisor) => supervisor.run(console),
            Task::Order(order) => order.run(console),
            Task::Countersign(order) => order.run(console),
            Task::Rotate(rotate) => rotate.run(console),
            Task::Retire(retire) => retire.run(console),
            Task::Obey(obey) => {
                let order = fs::read(&obey.order).with_context(|| obey.order.display().to_string())?;
                tell(console, &obey.place.dir, "POST", "/orders", order)
            }
            Task::Standing(place) => tell(console, &place.dir, "GET", "/standing", Vec::new()),
            Task::Adopt(adopt) => adopt.run(console),
            Task::Rewrap(rewrap) => rewrap.rewrap(console),
        }
    }
}

impl Init {
    fn run(&self, console: &Console) -> anyhow::Result<()> {
        let dir = &self.place.dir;
        let domains: Vec<&str> = self.domains.iter().map(String::as_str).collect();
        let ring = party::found_with(self.token.open()?, dir, &self.name, &domains, KdfParams::RECOMMENDED)?;
        let mut log = TileDir::open_for_writing(&dir.join(OWN_LOG))?;
        found_keyd(&ring, &mut log)?;
        let key = ring.log_signer().verifier().to_string();
        log.write(VERIFIER_KEY_PATH, format!("{key}\n").as_bytes())?;
        let human = format!(
            "A key process is in {}. The public key of its own log, for the supervisor and for witnesses:\n{key}",
            dir.display()
        );
        console.answer(&json!({"dir": dir, "name": self.name, "vkey": key}), human);
        Ok(())
    }
}

impl Serve {
    fn run(&self, console: &Console) -> anyhow::Result<()> {
        if let Some(advice) = memory::keep().advice() {
            console.note(format_args!("note: {advice}"));
        }
        let dir = &self.place.dir;
        let outer = self.outer()?;
        let tls = outer.as_ref().map(|outer| Arc::clone(&outer.tls));
        let mut policy = read_policy(&self.policy)?;
        if policy.met_by(|_| false) {
            console.note("note: the policy demands no witness, so a log that only this machine has seen gets keys");
        }
        let supervisor = LogVerifier::parse(&self.supervisor).context("--supervisor")?;
        let rules = read_rules(&self.rules)?;
        let _lock = party::lock(dir)?;
        let (ring, made) = party::open_with_groups(self.token.open()?, dir)?;
        if made {
            console.note("note: the key file has keys for each group of specimens now: copy it anew, and name the groups in the rules");
        }
        if let Some(domain) = rules.purposes.values().flatten().find(|domain| !ring.has_domain(domain)) {
            let held: Vec<&str> = ring.domains().map(|(label, ..)| label).collect();
            bail!("{}: `{domain}` is no domain of the key file, which has {}", self.rules.display(), held.join(", "));
        }
        for keys in party::learn_log_keys(dir, &mut policy.logs().to_vec(), self.log_keys.as_slice())? {
            policy = policy.following(&keys)?;
        }
        let log = TileDir::open_for_writing(&dir.join(OWN_LOG))?;
        let mut core = Core::open(ring, policy, supervisor, rules, log)?;
        if let Some(custodian) = &self.custodian {
            core = core.with_custodian(LogVerifier::parse(custodian).context("--custodian")?)?;
        }
        let socket = dir.join(SOCKET);
        key_desk::serve(core, &socket, outer, |standing, url| {
            if let Some(outer) = &tls {
                house::watch(outer, console);
            }
            let answer = json!({"socket": socket, "tls": url, "standing": standing});
            let and = url.map_or_else(String::new, |url| format!(" and, by TLS, at {url}"));
            console.answer(
                &answer,
                format_args!("The key process {} answers at {}{and}", standing.name, socket.display()),
            );
        })
    }

    /// Where a register on another machine is answered.
    fn outer(&self) -> anyhow::Result<Option<Outer>> {
        let (Some(listen), Some(dir)) = (self.listen, &self.house.tls) else {
            if self.house.tls.is_some() {
                bail!("--tls is for an address that other machines reach: name it with --listen");
            }
            return Ok(None);
        };
        let tls = house::open_own(dir, self.house.tls_max_days)?;
        let names = self.registers.iter().map(|name| house::name("--register", name)).collect::<Result<_, _>>()?;
        Ok(Some(Outer { listen, tls, names }))
    }
}

impl Supervisor {
    fn run(&self, console: &Console) -> anyhow::Result<()> {
        let ring = party::found(&self.dir, &self.name, &[], KdfParams::RECOMMENDED)?;
        let key = ring.log_signer().verifier().to_string();
        let human = format!(
            "The supervisor's key is in {}. Key processes are started with --supervisor {key}",
            self.dir.display()
        );
        console.answer(&json!({"dir": self.dir, "vkey": key}), human);
        Ok(())
    }
}

impl SignOrder {
    fn run(&self, console: &Console) -> anyhow::Result<()> {
        let kind = match (self.kind, &self.domain, self.key_version) {
            (Kind::Stop, None, None) => OrderKind::Stop,
            (Kind::Resume, None, None) => OrderKind::Resume,
            (Kind::Destroy, Some(domain), Some(version)) => OrderKind::Destroy { domain: domain.clone(), version },
            _ => bail!("--domain and --key-version go with `destroy`, both of them, and with nothing else"),
        };
        let signer = party::open(&self.dir)?.log_signer();
        let order = Order { to: self.to.clone(), serial: self.serial, kind }.sign(&signer);
        hand_out(console, order, self.out.as_deref())
    }
}

impl Countersign {
    fn run(&self, console: &Console) -> anyhow::Result<()> {
        let order = fs::read(&self.order).with_context(|| self.order.display().to_string())?;
        let signer = party::open(&self.dir)?.log_signer();
        hand_out(console, Order::countersign(&order, &signer)?, self.out.as_deref())
    }
}

/// Writes an order to a file, or tells it.
fn hand_out(console: &Console, order: Vec<u8>, out: Option<&Path>) -> anyhow::Result<()> {
    let text = String::from_utf8(order).context("an order is text")?;
    let human = match out {
        Some(file) => {
            fs::write(file, &text).with_context(|| format!("cannot write {}", file.display()))?;
            format!("order: {}", file.display())
        }
        // The console ends the answer with the line's end that the order has itself.
        None => text.trim_end().to_owned(),
    };
    console.answer(&json!({"order": text}), human);
    Ok(())
}

impl Rotate {
    fn run(&self, console: &Console) -> anyhow::Result<()> {
        let change = |ring: &mut KeyRing| ring.rotate(&self.domain, &mut party::entropy);
        let version = party::change(self.token.open()?, &self.place.dir, change)?;
        let human = format!("new keys of `{}` are wrapped under version {version}", self.domain);
        console.answer(&json!({"domain": self.domain, "version": version}), human);
        Ok(())
    }
}

impl Retire {
    fn run(&self, console: &Console) -> anyhow::Result<()> {
        let change = |ring: &mut KeyRing| ring.retire_below(&self.domain, self.below);
        party::change(self.token.open()?, &self.place.dir, change)?;
        let human = format!("versions of `{}` below {} open nothing from now on", self.domain, self.below);
        console.answer(&json!({"domain": self.domain, "minimum": self.below}), human);
        Ok(())
    }
}

impl Adopt {
    fn run(self, console: &Console) -> anyhow::Result<()> {
        if let Some(advice) = memory::keep().advice() {
            console.note(format_args!("note: {advice}"));
        }
        let Self { keyd, door, register } = self;
        let line = Arc::new(door.door(&keyd, door.open()?.as_ref())?);
        register.with_passphrase(async |registry, passphrase| {
            let bar = console.progress(registry.own_image_keys().await?, "keys");
            let moved = registry.move_keys_to(line, passphrase, KdfParams::RECOMMENDED, |keys| bar.set_position(keys));
            let moved = moved.await.context("not every key was moved: run it again, and it goes on from there")?;
            bar.finish_and_clear();
            let name = registry.key_process_named().await?;
            let human = format!(
                "{} keys of images are with {} now, and so is what opens everything else; start the register with --keyd {}. Older backups of its folder and of its key file still open what they hold: destroy them.",
                moved.keys,
                name.as_deref().unwrap_or_default(),
                keyd
            );
            console.answer(&json!({"keyd": name, "keys": moved.keys, "notes": moved.notes}), human);
            Ok(())
        })
    }
}

impl Adopt {
    fn rewrap(self, console: &Console) -> anyhow::Result<()> {
        let Self { keyd, door, register } = self;
        let line = Arc::new(door.door(&keyd, door.open()?.as_ref())?);
        register.with(async |registry| {
            registry.keep_keys_with(line, Duration::ZERO).await?;
            let bar = console.progress(registry.entrusted_keys().await?, "keys");
            let keys = registry.rewrap_keys(|keys| bar.set_position(keys)).await;
            let keys = keys.context("not every key was wrapped anew; run it again before you retire a version")?;
            bar.finish_and_clear();
            console.answer(&json!({"keys": keys}), format_args!("{keys} keys are wrapped under the newest version"));
            Ok(())
        })
    }
}

/// A policy file (c2sp.org/tlog-policy).
pub(crate) fn read_policy(path: &Path) -> anyhow::Result<Policy> {
    let text = fs::read_to_string(path).with_context(|| format!("the policy {}", path.display()))?;
    Policy::parse(&text).with_context(|| path.display().to_string())
}

fn read_rules(path: &Path) -> anyhow::Result<Rules> {
    let text = fs::read_to_string(path).with_context(|| format!("the rules {}", path.display()))?;
    let RulesFile { max_entry_age_s, max_checkpoint_age_s, keys_per_hour, purposes } =
        Figment::from(Toml::string(&text)).extract().with_context(|| path.display().to_string())?;
    Ok(Rules { max_entry_age_s, max_checkpoint_age_s, keys_per_hour, purposes })
}

/// Sends something to the running key process of a folder, and tells its answer.
fn tell(console: &Console, dir: &Path, method: &'static str, path: &'static str, body: Vec<u8>) -> anyhow::Result<()> {
    let socket = dir.join(SOCKET);
    let (status, answer) = tokio::runtime::Runtime::new()?.block_on(key_client::send(&socket, method, path, body))?;
    let answer: Value = serde_json::from_slice(&answer).context("the key process's answer")?;
    if status != 200 {
        bail!("{}", answer["error"].as_str().unwrap_or("the key process refused"));
    }
    let standing = match answer["stopped_since"].as_u64() {
        Some(since) => format!("STOPPED since {since} (POSIX seconds)"),
        None => "running".to_owned(),
    };
    let human = format!(
        "{}: {standing}; last order {}, {} events in its own log, relies on {} entries of the register's",
        answer["name"].as_str().unwrap_or_default(),
        answer["last_order"],
        answer["events"],
        answer["relied_on"]
    );
    console.answer(&answer, human);
    Ok(())
}
