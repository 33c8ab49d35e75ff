//! `tanba certificate`: the authority of a house that has no other, for certificates between its services (docs/seal/tls.md).

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tanba_registry::tile_dir::TileDir;
use tanba_seal::log::TileStore as _;
use tanba_seal::{Context, KdfParams, KeyRing};
use tanba_tls::{Authority, CERTIFICATE, KEY, PeerName, REVOKED, ROOTS};

use crate::console::Console;
use crate::{house, party};

/// The root's key, sealed, within the authority's folder.
const ROOT_KEY: &str = "root.json";

/// What it has made, within the folder.
const RECORD: &str = "made.json";

/// How long the list lives that comes with everything else that the authority makes, days: as long as certificates do.
const LIST_DAYS: u16 = 7;

/// Where the root's key is sealed.
const PLACE: Context<'static> = Context { domain: "certificate", table: "root", record: "root", field: "key" };

/// Options of `tanba certificate`.
#[derive(Args)]
pub(crate) struct Certificate {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Make the root of a house, in a folder of its own.
    Root(Root),
    /// Make a certificate for one service, with everything else that its folder needs.
    Issue(Issue),
    /// Revoke the certificates of a service, and make the list that says so.
    Revoke(Revoke),
    /// Make the list of revoked certificates anew, before the last one ends.
    List(List),
}

#[derive(Args)]
struct Place {
    /// The authority's folder.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
}

#[derive(Args)]
struct Root {
    #[command(flatten)]
    place: Place,
    /// The house's name, such as "Tanba, Astana".
    #[arg(long)]
    name: String,
}

#[derive(Args)]
struct Issue {
    #[command(flatten)]
    place: Place,
    /// The name that the certificate is made out to: a DNS name, an IP address or a URI; once for each.
    #[arg(long = "name", required = true)]
    names: Vec<String>,
    /// How long it lives, days. Services believe nobody whose certificate lives longer than seven, unless they are told to.
    #[arg(long, value_name = "DAYS", default_value_t = 7)]
    days: u16,
    /// The service's folder: what it needs is written there, over what was there before.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

#[derive(Args)]
struct Revoke {
    #[command(flatten)]
    place: Place,
    /// The name that they are made out to.
    #[arg(long)]
    name: String,
}

#[derive(Args)]
struct List {
    #[command(flatten)]
    place: Place,
    /// How long it is in force, days.
    #[arg(long, value_name = "DAYS", default_value_t = LIST_DAYS)]
    days: u16,
}

/// The file of the root's key.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sealed {
    format: String,
    wrapped: String,
    sealed: String,
}

const FORMAT: &str = "tanba-certificate-root/1";

impl Certificate {
    /// Runs it.
    pub(crate) fn run(self, console: &Console) -> anyhow::Result<()> {
        match self.task {
            Task::Root(root) => root.run(console),
            Task::Issue(issue) => issue.run(console),
            Task::Revoke(revoke) => revoke.run(console),
            Task::List(list) => list.run(console),
        }
    }
}

impl Root {
    fn run(&self, console: &Console) -> anyhow::Result<()> {
        let dir = &self.place.dir;
        if self.name.trim().is_empty() || self.name.len() > 64 {
            bail!("--name is how the house is called, in 1 to 64 letters");
        }
        let ring = party::found(dir, &self.name, &[PLACE.domain], KdfParams::RECOMMENDED)?;
        let mut authority = Authority::found(&self.name, now())?;
        let (key, wrapped) = ring.new_data_key(&PLACE, &mut party::entropy)?;
        let sealed = key.seal(&PLACE, authority.key().as_bytes(), &mut party::entropy)?;
        let file = Sealed { format: FORMAT.to_owned(), wrapped: BASE64.encode(wrapped), sealed: BASE64.encode(sealed) };
        let mut folder = TileDir::open_for_writing(dir)?;
        folder.write(ROOT_KEY, &serde_json::to_vec_pretty(&file)?)?;
        folder.write(ROOTS, authority.root().as_bytes())?;
        keep(dir, &mut authority, LIST_DAYS)?;
        let human = format!(
            "The root of the house is in {}; its key opens with the passphrase. Next: tanba certificate issue --dir {} --name keyd.example --out DIR",
            dir.display(),
            dir.display()
        );
        console.answer(&json!({"dir": dir, "roots": dir.join(ROOTS), "revoked": dir.join(REVOKED)}), human);
        Ok(())
    }
}

impl Issue {
    fn run(&self, console: &Console) -> anyhow::Result<()> {
        let names: Vec<PeerName> = self.names.iter().map(|n| house::name("--name", n)).collect::<Result<_, _>>()?;
        let (_lock, mut authority) = open(&self.place.dir)?;
        let issued = authority.issue(&names, u64::from(self.days), now())?;
        let list = keep(&self.place.dir, &mut authority, LIST_DAYS)?;
        let out = &self.out;
        if !out.exists() {
            fs::create_dir_all(out).with_context(|| format!("cannot make {}", out.display()))?;
            fs::set_permissions(out, fs::Permissions::from_mode(0o700))?;
        }
        let mut folder = TileDir::open_for_writing(out)?;
        // Whoever reads in between finds a certificate and a key that do not belong together, and goes on with what it had.
        folder.write(ROOTS, authority.root().as_bytes())?;
        folder.write(REVOKED, list.as_bytes())?;
        write_key(&out.join(KEY), issued.key.as_bytes())?;
        folder.write(CERTIFICATE, issued.certificate.as_bytes())?;
        let ends = jiff::Timestamp::from_second(issued.ends)?;
        let names: Vec<String> = names.iter().map(PeerName::to_string).collect();
        let human = format!(
            "A certificate for {}, until {ends}, is in {} with its key, the root and the list of revoked certificates. Bring the folder to that service (its key is not encrypted), which names it with --tls.",
            names.join(", "),
            out.display()
        );
        console.answer(&json!({"names": names, "ends": ends.to_string(), "out": out}), human);
        Ok(())
    }
}

impl Revoke {
    fn run(&self, console: &Console) -> anyhow::Result<()> {
        let dir = &self.place.dir;
        let name = house::name("--name", &self.name)?;
        let (_lock, mut authority) = open(dir)?;
        let revoked = authority.revoke(&name, now())?;
        keep(dir, &mut authority, LIST_DAYS)?;
        let list = dir.join(REVOKED);
        let human = format!(
            "Every certificate of {name} that has not ended ({revoked}) is revoked. It counts where the list has arrived: copy {} into the folder of every other service.",
            list.display()
        );
        console.answer(&json!({"name": name.to_string(), "revoked": revoked, "list": list}), human);
        Ok(())
    }
}

impl List {
    fn run(&self, console: &Console) -> anyhow::Result<()> {
        let dir = &self.place.dir;
        let (_lock, mut authority) = open(dir)?;
        keep(dir, &mut authority, self.days)?;
        let list = dir.join(REVOKED);
        let human = format!("The list is {}: copy it into the folder of every service.", list.display());
        console.answer(&json!({"list": list}), human);
        Ok(())
    }
}

/// The authority of a folder, opened with the passphrase, and nobody else's until the lock goes.
fn open(dir: &Path) -> anyhow::Result<(File, Authority)> {
    let (root, made) = (dir.join(ROOT_KEY), dir.join(RECORD));
    if !root.exists() {
        bail!("{} holds no root: make one with `tanba certificate root`", dir.display());
    }
    let lock = party::lock(dir)?;
    let ring = party::open(dir)?;
    let key = unseal(&ring, &root)?;
    let record = fs::read(&made).with_context(|| format!("cannot read {}", made.display()))?;
    let broken = || format!("{} is damaged: restore it from a copy of the folder", made.display());
    Ok((lock, Authority::open(&record, &key).with_context(broken)?))
}

fn unseal(ring: &KeyRing, path: &Path) -> anyhow::Result<zeroize::Zeroizing<String>> {
    let broken = || format!("{} is damaged: restore it from a copy of the folder", path.display());
    let file = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let file: Sealed = serde_json::from_slice(&file).with_context(broken)?;
    if file.format != FORMAT {
        bail!("{} is of another version of this program", path.display());
    }
    let wrapped = BASE64.decode(file.wrapped).with_context(broken)?;
    let sealed = BASE64.decode(file.sealed).with_context(broken)?;
    let key =
        ring.unwrap_data_key(&PLACE, &wrapped).with_context(broken)?.open(&PLACE, &sealed).with_context(broken)?;
    Ok(zeroize::Zeroizing::new(String::from_utf8(key.to_vec()).map_err(|_| anyhow::anyhow!(broken()))?))
}

/// Writes down what the authority has made, before anybody gets it, and its new list.
fn keep(dir: &Path, authority: &mut Authority, days: u16) -> anyhow::Result<String> {
    let list = authority.list(u64::from(days), now())?;
    let mut folder = TileDir::open_for_writing(dir)?;
    folder.write(RECORD, &authority.record())?;
    folder.write(REVOKED, list.as_bytes())?;
    Ok(list)
}

/// Writes a private key that nobody else could read at any moment.
fn write_key(path: &Path, key: &[u8]) -> anyhow::Result<()> {
    let failed = || format!("cannot write {}", path.display());
    let new = path.with_extension("new");
    // One that a crash has left may have been made by somebody else, with other permissions.
    let _ = fs::remove_file(&new);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new).with_context(failed)?;
    file.write_all(key).and_then(|()| file.sync_all()).with_context(failed)?;
    fs::rename(&new, path).with_context(failed)
}

fn now() -> i64 {
    i64::try_from(party::now()).unwrap_or(i64::MAX)
}
