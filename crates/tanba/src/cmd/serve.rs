//! `tanba serve`: the service.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;
use figment::Figment;
use figment::providers::{Env, Format as _, Serialized, Toml};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tanba_finger::{Recipe, extractor_named};
use tanba_registry::{
    CivilRecord, LawFiles, MemoryRegister, Messenger, Mode, PasskeyDemand, Registry, RegistryError, Save, SystemClock,
};
use tanba_seal::passkey::{Aaguid, Attestation, HardwareOnly, RelyingParty};
use tanba_server::{Face, ServerState, Unready};
use tanba_tls::Tls;
use tokio::net::TcpListener;

use crate::console::Console;
use crate::key_client::KeyDoor;
use crate::notices::HttpMessenger;
use crate::sign_in::SignIn;
use crate::{house, key_way, memory, secret};

/// From a start until the whole log is checked for the first time: not while everybody comes in.
const FIRST_LOG_CHECK: Duration = Duration::from_secs(3600);

/// Options of `tanba serve`.
#[derive(Args, Serialize)]
#[command(
    after_help = "Each option may also stand in the configuration file (listen = \"127.0.0.1:8480\") or in the environment (TANBA_LISTEN); the command line wins over the environment, and the environment over the file. The passphrase comes in TANBA_PASSPHRASE, in the file that TANBA_PASSPHRASE_FILE names, or is asked for."
)]
pub(crate) struct Serve {
    /// Configuration file (TOML).
    #[arg(long, value_name = "FILE")]
    #[serde(skip)]
    config: Option<PathBuf>,
    /// The register's folder [default: ./tanba-data].
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    dir: Option<PathBuf>,
    /// Address and port to listen on [default: 127.0.0.1:8480].
    #[arg(long, value_name = "ADDR")]
    #[serde(skip_serializing_if = "Option::is_none")]
    listen: Option<SocketAddr>,
    /// A proxy in front ends TLS, so other addresses than this machine's own may be listened on.
    #[arg(long)]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    behind_tls_proxy: bool,
    /// The address that people outside know the service by, such as https://tanba.example: what the QR code of a receipt says
    /// [default: the address it listens on].
    #[arg(long, value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    public_url: Option<String>,
    /// Records that stand in for a population register until one is connected (a JSON array).
    #[arg(long, value_name = "FILE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    population: Option<PathBuf>,
    /// Folder with law packs beside those that come with the program. It is read at the start and every minute; what is sound, and
    /// signed where that is asked, is put into use at once.
    #[arg(long, value_name = "DIR")]
    #[serde(skip_serializing_if = "Option::is_none")]
    law: Option<PathBuf>,
    /// File of the keys that may sign packs (tanba-law-keys/1).
    #[arg(long, value_name = "FILE", requires = "law")]
    #[serde(skip_serializing_if = "Option::is_none")]
    law_keys: Option<PathBuf>,
    /// Whose witness the log has (c2sp.org/tlog-policy, with the witnesses' addresses): they are asked after every checkpoint, and
    /// the log shown to the public is the one that a quorum has cosigned.
    #[arg(long, value_name = "FILE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    witness_policy: Option<PathBuf>,
    /// Name, in that policy, of a witness that is run outside the executive; once for each. A register for real people starts only
    /// if no quorum does without them.
    #[arg(long = "outside-witness", value_name = "NAME", requires = "witness_policy")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    outside_witnesses: Vec<String>,
    /// Socket, or https address, of the key process that the register's keys were moved to (`tanba keyd adopt`): no print is opened before its
    /// look is in the log and cosigned by the log's witnesses, and nothing else about people but for ten minutes after an entry that is.
    #[arg(long, value_name = "SOCKET|URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    keyd: Option<String>,
    /// The name that the key process's certificate is made out to [default: the host of its address].
    #[arg(long, value_name = "NAME", requires = "keyd")]
    #[serde(skip_serializing_if = "Option::is_none")]
    keyd_name: Option<String>,
    /// Folder with the certificate of this service, its key, the roots of the house and its lists of revoked certificates, for https addresses of the
    /// key process, witnesses and the messaging service (docs/seal/tls.md). It is read again when it changes.
    #[arg(long, value_name = "DIR")]
    #[serde(skip_serializing_if = "Option::is_none")]
    tls: Option<PathBuf>,
    /// The longest life of a certificate, its own and a peer's, in days [default: 7].
    #[arg(long, value_name = "DAYS", requires = "tls")]
    #[serde(skip_serializing_if = "Option::is_none")]
    tls_max_days: Option<u16>,
    /// A copy of the register's list of erased keys, on another disk: what either of the two names stays erased when a backup comes back.
    #[arg(long, value_name = "FILE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    erased_copy: Option<PathBuf>,
    /// Whether accounts must have a passkey: `required` (every official account, once the register has its first) or `allowed` [default: required
    /// for real people, allowed in a demonstration]. Passkeys are for the host of --public-url.
    #[arg(long, value_name = "RULE", value_parser = ["required", "allowed"])]
    #[serde(skip_serializing_if = "Option::is_none")]
    passkeys: Option<String>,
    /// Folder with the certificates (X.509 in DER, *.der) of the makers whose security keys are taken. Without it a register for real people
    /// takes no new one, and a demonstration takes any.
    #[arg(long, value_name = "DIR")]
    #[serde(skip_serializing_if = "Option::is_none")]
    passkey_makers: Option<PathBuf>,
    /// A model of security keys that is taken, by its AAGUID; once for each.
    #[arg(long = "passkey-model", value_name = "AAGUID", requires = "passkey_makers")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    passkey_models: Vec<String>,
    /// Let a GPU take the first look of searches. Answers are the same; where the GPU fails, the processor looks.
    #[arg(long)]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    gpu: bool,
    #[arg(long, value_name = "NAME", help = format!("Extractor that makes the templates of prints that are taken from now on [default: {}]", Recipe::DEFAULT))]
    #[serde(skip_serializing_if = "Option::is_none")]
    extractor: Option<String>,
    /// Make the templates of every other extractor anew from the images that are kept, one record after the other, while the service runs. All
    /// templates are searched meanwhile.
    #[arg(long)]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    renew_templates: bool,
    /// Take only sanctions that a court or prosecutor has signed, in a demonstration too. A register for real people takes no others.
    #[arg(long)]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    signed_sanctions: bool,
    /// The state's messaging service, at an https address or one of this machine: whoever is looked at and may know it is told
    /// (docs/notices.md).
    #[arg(long, value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    notices: Option<String>,
    /// A file with the token that the messaging service knows this register by.
    #[arg(long, value_name = "FILE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    notices_token: Option<PathBuf>,
    /// File (TOML) that names the OpenID provider by which people sign in to their own record (docs/sign-in.md). They come back to the address of
    /// --public-url.
    #[arg(long, value_name = "FILE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    sign_in: Option<PathBuf>,
}

/// The options, settled.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    dir: PathBuf,
    listen: SocketAddr,
    behind_tls_proxy: bool,
    public_url: Option<String>,
    population: Option<PathBuf>,
    law: Option<PathBuf>,
    law_keys: Option<PathBuf>,
    witness_policy: Option<PathBuf>,
    outside_witnesses: Vec<String>,
    keyd: Option<String>,
    keyd_name: Option<String>,
    tls: Option<PathBuf>,
    tls_max_days: Option<u16>,
    erased_copy: Option<PathBuf>,
    passkeys: Option<String>,
    passkey_makers: Option<PathBuf>,
    passkey_models: Vec<String>,
    gpu: bool,
    extractor: String,
    renew_templates: bool,
    signed_sanctions: bool,
    notices: Option<String>,
    notices_token: Option<PathBuf>,
    sign_in: Option<PathBuf>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            dir: "./tanba-data".into(),
            listen: SocketAddr::from(([127, 0, 0, 1], 8480)),
            behind_tls_proxy: false,
            public_url: None,
            population: None,
            law: None,
            law_keys: None,
            witness_policy: None,
            outside_witnesses: Vec::new(),
            keyd: None,
            keyd_name: None,
            tls: None,
            tls_max_days: None,
            erased_copy: None,
            passkeys: None,
            passkey_makers: None,
            passkey_models: Vec::new(),
            gpu: false,
            extractor: Recipe::DEFAULT.name().to_owned(),
            renew_templates: false,
            signed_sanctions: false,
            notices: None,
            notices_token: None,
            sign_in: None,
        }
    }
}

/// A register that is open, or why none is.
type Opened = Result<Registry, Unready>;

impl Serve {
    /// Runs it until a signal ends it.
    pub(crate) fn run(self, console: &Console) -> anyhow::Result<()> {
        let config = self.settle().context("the configuration")?;
        if !config.listen.ip().is_loopback() && !config.behind_tls_proxy {
            bail!(
                "{} can be reached from other machines, and this service does not speak TLS yet: listen on 127.0.0.1, or put a proxy that ends TLS in front and say --behind-tls-proxy",
                config.listen
            );
        }
        if let Some(url) = &config.public_url
            && !(url.starts_with("https://") || url.starts_with("http://"))
        {
            bail!("public_url is the address that people know, with its scheme: https://tanba.example");
        }
        // Before anything is decrypted.
        if let Some(advice) = memory::keep().advice() {
            console.note(format_args!("note: {advice}"));
        }
        tokio::runtime::Runtime::new()?.block_on(serve(&config, console))
    }

    fn settle(&self) -> anyhow::Result<Config> {
        let mut figment = Figment::from(Serialized::defaults(Config::default()));
        if let Some(path) = &self.config {
            let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
            figment = figment.merge(Toml::string(&text));
        }
        let ours = Env::prefixed("TANBA_").only(&[
            "dir",
            "listen",
            "behind_tls_proxy",
            "public_url",
            "population",
            "law",
            "law_keys",
            "witness_policy",
            "outside_witnesses",
            "keyd",
            "keyd_name",
            "tls",
            "tls_max_days",
            "erased_copy",
            "passkeys",
            "passkey_makers",
            "passkey_models",
            "gpu",
            "extractor",
            "renew_templates",
            "signed_sanctions",
            "notices",
            "notices_token",
            "sign_in",
        ]);
        Ok(figment.merge(ours).merge(Serialized::defaults(self)).extract()?)
    }
}

async fn serve(config: &Config, console: &Console) -> anyhow::Result<()> {
    let extractor = extractor_named(&config.extractor).context("the configuration")?;
    // The socket first: where the port is taken, nobody should have typed a passphrase.
    let listener =
        TcpListener::bind(config.listen).await.with_context(|| format!("cannot listen on {}", config.listen))?;
    let address = listener.local_addr()?;
    let gpu = config.gpu.then(crate::gpu::find).transpose()?;
    let tls = house::open(config.tls.as_deref(), config.tls_max_days)?;
    if let Some(tls) = &tls {
        house::watch(tls, console);
    }
    let messenger = messenger(config, tls.as_ref())?;
    let keyd = config.keyd.as_deref();
    let keyd = keyd.map(|keyd| KeyDoor::find(keyd, config.keyd_name.as_deref(), tls.as_ref())).transpose()?;
    let sign_in = config.sign_in.as_deref().map(|file| SignIn::read(file, config.public_url.as_deref()));
    let sign_in = sign_in.transpose().context("the file of --sign-in")?;
    let policy = config.witness_policy.as_deref().map(|path| key_way::witnesses(path, tls.as_deref())).transpose()?;
    let opened = open(config).await?;
    let state = match &opened {
        Ok(registry) => {
            registry.extract_with(extractor);
            if config.signed_sanctions {
                registry.demand_signed_sanctions();
            }
            if let Some(gpu) = gpu
                && let Err(error) = registry.look_on(gpu).await
            {
                console.note(format_args!("note: {error}"));
            }
            if let Some(site) = passkey_site(config, registry.mode())? {
                registry.use_passkeys(site, passkey_demand(config, registry.mode()))?;
            }
            if let Some(sign_in) = sign_in {
                sign_in.connect(registry).context("the file of --sign-in")?;
            }
            registry.demand_outside_witness(policy.as_ref(), &config.outside_witnesses)?;
            registry.keep_publishing();
            registry.keep_index_published();
            registry.keep_rows_reconciled();
            registry.keep_log_checked(FIRST_LOG_CHECK);
            key_way::connect(registry, keyd, policy, tls.clone()).await?;
            if registry.needs_key_period().await? {
                // What needs no key is served meanwhile, and says what it waits for.
                if let Err(error) = registry.begin_key_period().await {
                    console.note(format_args!("note: {error}; it will be tried again"));
                }
                registry.keep_key_period_going();
            }
            registry.keep_gallery_going();
            if let Some(folder) = &config.law {
                let law = LawFiles::read(folder, config.law_keys.as_deref()).context("the folder of --law")?;
                registry.deliver_law(&law).await?;
                registry.activate_acknowledged().await?;
                registry.keep_law_going(folder.clone(), config.law_keys.clone());
            }
            registry.keep_retention_going();
            if let Some(messenger) = messenger {
                registry.keep_notices_going(messenger);
            }
            if config.renew_templates {
                registry.keep_templates_renewed();
            }
            let face = Face {
                // A proxy that ends TLS is what people talk to, so their cookies need not go without it.
                secure_cookies: config.behind_tls_proxy,
                public_url: Some(config.public_url.clone().unwrap_or_else(|| format!("http://{address}"))),
                other_metrics: tls.map(|tls| Arc::new(move || tls.metrics()) as Arc<dyn Fn() -> String + Send + Sync>),
                ..Face::default()
            };
            ServerState::open_as(registry.clone(), &config.dir, face)
        }
        Err(why) => ServerState::unready(*why),
    };
    let stop = stop_signal()?;
    let answer = json!({"url": format!("http://{address}"), "status": status(&opened)});
    console.answer(&answer, format_args!("Tanba listens on http://{address}{}", next(&opened, &config.dir)));
    tanba_server::serve(listener, state, stop).await?;
    if let Ok(registry) = opened {
        // A start takes seconds then; without it, whoever came last is coded anew from the database. A closed gallery is saved.
        if let Err(error) = registry.keep_gallery(Save::Everyone).await
            && !matches!(error, RegistryError::Keys { .. })
        {
            console.note(format_args!("note: the gallery was not saved whole: {error}"));
        }
        let checkpoint = registry.publish().await.context("the log was not published; it will be at the next start")?;
        console.note(format_args!("stopped; the log is published with {} entries", checkpoint.size));
        registry.close().await?;
    }
    Ok(())
}

/// The messaging service, where one is named.
fn messenger(config: &Config, tls: Option<&Arc<Tls>>) -> anyhow::Result<Option<Arc<dyn Messenger>>> {
    match (&config.notices, &config.notices_token) {
        (Some(url), Some(token)) => Ok(Some(Arc::new(HttpMessenger::of(url, token, tls.cloned())?))),
        (Some(_), None) => {
            bail!("a messaging service knows this register by a token: name its file with --notices-token")
        }
        (None, _) => Ok(None),
    }
}

/// Whether accounts must have a passkey.
fn passkey_demand(config: &Config, mode: Mode) -> PasskeyDemand {
    match (config.passkeys.as_deref(), mode) {
        (Some("allowed"), _) | (None, Mode::Demonstration) => PasskeyDemand::Allowed,
        _ => PasskeyDemand::Required,
    }
}

/// The site that passkeys are for: the host that people know the service by, and whose keys it takes. `None` where it has no public name.
fn passkey_site(config: &Config, mode: Mode) -> anyhow::Result<Option<RelyingParty>> {
    if config.passkeys.as_deref().is_some_and(|rule| !matches!(rule, "required" | "allowed")) {
        bail!("passkeys is `required` or `allowed`");
    }
    let Some(origin) = config.public_url.as_deref().map(|url| url.trim_end_matches('/')) else {
        if config.passkeys.is_some() || config.passkey_makers.is_some() {
            bail!("passkeys are for the address that people know the service by: name it with --public-url");
        }
        return Ok(None);
    };
    let host = origin.split_once("://").map_or(origin, |(_, rest)| rest);
    let id = host.split([':', '/']).next().unwrap_or_default();
    if id.is_empty() || host.contains('/') || host.starts_with('[') || id.parse::<std::net::IpAddr>().is_ok() {
        if config.passkeys.is_some() || config.passkey_makers.is_some() {
            bail!("passkeys are for a host name without a path behind it: --public-url https://tanba.example");
        }
        return Ok(None);
    }
    let mut certificates = Vec::new();
    for entry in config.passkey_makers.iter().map(fs::read_dir).collect::<Result<Vec<_>, _>>()?.into_iter().flatten() {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "der") {
            certificates.push(fs::read(&path).with_context(|| path.display().to_string())?);
        }
    }
    let mut models = Vec::new();
    for model in &config.passkey_models {
        models.push(model.parse::<Aaguid>().with_context(|| format!("passkey_models: {model}"))?);
    }
    let attestation = if config.passkey_makers.is_none() && mode == Mode::Demonstration {
        Attestation::Any
    } else {
        let made = HardwareOnly::new(certificates.iter().map(Vec::as_slice), models);
        Attestation::Hardware(made.context("the folder of --passkey-makers")?)
    };
    Ok(Some(RelyingParty { id: id.to_owned(), origins: [origin.to_owned()].into(), attestation }))
}

/// The register of the folder, where there is one and its passphrase is given. A wrong passphrase is an error.
async fn open(config: &Config) -> anyhow::Result<Opened> {
    if !Registry::exists(&config.dir) {
        return Ok(Err(Unready::Uninitialised));
    }
    let passphrase = match secret::given("TANBA_PASSPHRASE")? {
        Some(passphrase) => passphrase,
        None if secret::can_ask() => secret::ask("Passphrase of the key file")?,
        None => return Ok(Err(Unready::Locked)),
    };
    let register = Arc::new(population(config.population.as_deref())?);
    let (clock, copy) = (Arc::new(SystemClock), config.erased_copy.as_deref());
    let registry = Registry::open_beside(&config.dir, &passphrase, register, clock, copy)
        .await
        .with_context(|| format!("cannot open the register in {}", config.dir.display()))?;
    Ok(Ok(registry))
}

fn population(path: Option<&Path>) -> anyhow::Result<MemoryRegister> {
    let Some(path) = path else { return Ok(MemoryRegister::default()) };
    let text = fs::read(path).with_context(|| format!("the population register {}", path.display()))?;
    // Where the text is wrong is said, what it says is not: it is about people.
    let records: Vec<CivilRecord> = serde_json::from_slice(&text).map_err(|e| {
        anyhow::anyhow!(
            "{} is not an array of civil records: see line {} column {}",
            path.display(),
            e.line(),
            e.column()
        )
    })?;
    Ok(MemoryRegister::new(records))
}

fn status(opened: &Opened) -> &'static str {
    match opened {
        Ok(registry) if registry.mode() == Mode::Demonstration => "demonstration",
        Ok(_) => "production",
        Err(Unready::Uninitialised) => "uninitialised",
        Err(Unready::Locked) => "locked",
    }
}

/// What whoever started the service should know or do.
fn next(opened: &Opened, dir: &Path) -> String {
    let dir = dir.display();
    match opened {
        Ok(registry) if registry.mode() == Mode::Demonstration => {
            " (DEMONSTRATION: nobody in it exists; stop with Ctrl-C)".to_owned()
        }
        Ok(_) => " (stop with Ctrl-C)".to_owned(),
        Err(Unready::Uninitialised) => format!(
            "\nThere is no register in {dir}, so it answers nothing yet. To set the first passphrase and the first administrator's account:\n  1. stop this with Ctrl-C\n  2. tanba init --dir {dir} --demonstration\n  3. tanba serve --dir {dir}"
        ),
        Err(Unready::Locked) => format!(
            "\nThe register in {dir} is locked, so it answers nothing yet. Stop this with Ctrl-C, and start it again with the passphrase in TANBA_PASSPHRASE, in a file named by TANBA_PASSPHRASE_FILE, or at a terminal that can ask for it."
        ),
    }
}

/// Completes when the service is told to end. The signals are taken over at once, before the first request.
pub(crate) fn stop_signal() -> anyhow::Result<impl Future<Output = ()> + Send + 'static> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
