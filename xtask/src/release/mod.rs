//! A release that whoever distrusts it can make again: the program, its bill of materials, and a statement of where it came from.
//!
//! What decides the bytes is the commit, `Cargo.lock` and the compiler. So it is built from a fresh clone of the commit, in an environment
//! that has nothing of the builder's but the way to the tools, and every path is written as one that no machine has.

mod bill;
mod provenance;

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest, Sha256};

use crate::step::{Failure, cargo, output, run};

/// The program that is released.
const PACKAGE: &str = "tanba";

/// Below the target folder: where it is built, and where its files lie in the end.
const WORK: &str = "release-build";
const OUT: &str = "release-files";

/// What the paths of the builder are called in the program.
const SOURCE_NAME: &str = "/tanba";
const TARGET_NAME: &str = "/tanba/target";
const CARGO_NAME: &str = "/cargo";

/// Variables that say where the tools are; no others reach a build.
const KEPT: [&str; 5] = ["PATH", "HOME", "CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN"];

/// Makes the files of a release from the commit that is checked out. With `twice`, builds it a second time somewhere else, and fails unless
/// every byte is the same. `builder` is who builds, for the statement.
pub(crate) fn make(root: &Path, twice: bool, builder: &str) -> Result<(), Failure> {
    let changed = output(git(root).args(["status", "--porcelain"]))?;
    if !changed.is_empty() {
        return Err(Failure::new("a release is made from a commit: commit or put away what is changed first"));
    }
    let commit = Commit::checked_out(root)?;
    let target = root.join("target");
    let program = Build::of(root, &commit, target.join(WORK), PACKAGE)?.run()?.join(PACKAGE);
    let hash = sha256_of(&program)?;
    if twice {
        // Another depth and other names, and a registry that is called otherwise.
        let place = target.join(format!("{WORK}-again/in another/place"));
        let again = Build::of(root, &commit, place, PACKAGE)?.with_cargo_home_aside()?.run()?.join(PACKAGE);
        let second = sha256_of(&again)?;
        if second != hash {
            return Err(Failure::new(format!(
                "the two builds differ: {hash} is {}, {second} is {}",
                program.display(),
                again.display()
            )));
        }
        println!("two builds, one hash: {hash}");
    }
    let host = host()?;
    let name = format!("{PACKAGE}-{}-{host}", version(root)?);
    let out = target.join(OUT);
    fs::create_dir_all(&out).map_err(|error| cannot("make", &out, &error))?;
    let files = [name.clone(), format!("{name}.cdx.json"), format!("{name}.intoto.json")];
    let [binary, bill, statement] = files.clone().map(|file| out.join(file));
    fs::copy(&program, &binary).map_err(|error| cannot("write", &binary, &error))?;
    let source = target.join(WORK).join("source");
    write(&bill, &bill::of(&source, PACKAGE, &host, &commit)?)?;
    let subjects = [(files[0].as_str(), hash), (files[1].as_str(), sha256_of(&bill)?)];
    write(&statement, &provenance::of(&source, &host, &commit, &subjects, builder)?)?;
    for file in [&binary, &bill, &statement] {
        println!("{}  {}", sha256_of(file)?, file.display());
    }
    Ok(())
}

/// The commit that is built.
pub(crate) struct Commit {
    /// Its hash.
    pub(crate) hash: String,
    /// When it was made, POSIX seconds: the only time that a build knows.
    pub(crate) time: String,
}

impl Commit {
    fn checked_out(root: &Path) -> Result<Self, Failure> {
        let text = output(git(root).args(["log", "-1", "--format=%H %ct"]))?;
        let (hash, time) = text.trim().split_once(' ').ok_or_else(|| Failure::new("git did not name the commit"))?;
        Ok(Self { hash: hash.to_owned(), time: time.to_owned() })
    }
}

/// One build in a place of its own.
struct Build {
    place: PathBuf,
    package: &'static str,
    time: String,
    cargo_home: PathBuf,
}

impl Build {
    /// A fresh clone of the commit in `place`; what an earlier build has left there is gone.
    fn of(root: &Path, commit: &Commit, place: PathBuf, package: &'static str) -> Result<Self, Failure> {
        if place.exists() {
            fs::remove_dir_all(&place).map_err(|error| cannot("clear", &place, &error))?;
        }
        let source = place.join("source");
        fs::create_dir_all(&place).map_err(|error| cannot("make", &place, &error))?;
        run(git(root).args(["clone", "--quiet", "--no-checkout"]).arg(root).arg(&source))?;
        run(git(&source).args(["-c", "advice.detachedHead=false", "checkout", "--quiet", &commit.hash]))?;
        let cargo_home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
        let cargo_home = cargo_home.or_else(|| std::env::home_dir().map(|home| home.join(".cargo")));
        let cargo_home = cargo_home.ok_or_else(|| Failure::new("there is no home folder: set CARGO_HOME"))?;
        Ok(Self { place, package, time: commit.time.clone(), cargo_home })
    }

    /// With cargo's folder by another name.
    fn with_cargo_home_aside(mut self) -> Result<Self, Failure> {
        let aside = self.place.join("crates");
        std::os::unix::fs::symlink(&self.cargo_home, &aside).map_err(|error| cannot("make", &aside, &error))?;
        self.cargo_home = aside;
        Ok(self)
    }

    /// Builds it; gives the folder of what was built.
    fn run(&self) -> Result<PathBuf, Failure> {
        let (source, target) = (self.place.join("source"), self.place.join("build"));
        let mut command = cargo(&source);
        command.args(["build", "--release", "--locked", "--package", self.package, "--target-dir"]).arg(&target);
        command.env_clear();
        for name in KEPT {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        let mut paths = Vec::new();
        for (path, name) in [(&source, SOURCE_NAME), (&target, TARGET_NAME), (&self.cargo_home, CARGO_NAME)] {
            paths.push((path.clone(), name));
            // A compiler that asks where it is gets the answer without links.
            if let Ok(real) = path.canonicalize()
                && real != *path
            {
                paths.push((real, name));
            }
        }
        let flags = |flag: &str, separator: &str| {
            let flag = |(path, name): &(PathBuf, &str)| flag.replace("{}", &format!("{}={name}", path.display()));
            paths.iter().map(flag).collect::<Vec<_>>().join(separator)
        };
        let (rust, c) = (flags("--remap-path-prefix={}", "\u{1f}"), flags("'-ffile-prefix-map={}'", " "));
        command.env("CARGO_HOME", &self.cargo_home).env("CARGO_ENCODED_RUSTFLAGS", rust).env("CARGO_INCREMENTAL", "0");
        // Paths with spaces are one word for C compilers too.
        command.env("CFLAGS", &c).env("CXXFLAGS", &c).env("CC_SHELL_ESCAPED_FLAGS", "1");
        command.env("SOURCE_DATE_EPOCH", &self.time).env("TZ", "UTC").env("LC_ALL", "C");
        run(&mut command)?;
        Ok(target.join("release"))
    }
}

fn git(folder: &Path) -> Command {
    let mut git = Command::new("git");
    git.current_dir(folder);
    git
}

/// The version that all our crates have.
fn version(root: &Path) -> Result<String, Failure> {
    let id = output(cargo(root).args(["pkgid", "--locked", "--package", PACKAGE]))?;
    let version = id.trim().rsplit(['#', '@']).next().unwrap_or_default();
    Ok(version.to_owned())
}

/// What the compiler says of itself, line by line.
fn compiler() -> Result<String, Failure> {
    output(Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into())).arg("-vV"))
}

/// The kind of machine that is built for: the one that builds.
fn host() -> Result<String, Failure> {
    let text = compiler()?;
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| Failure::new("the compiler does not say what it builds for"))
}

fn sha256_of(file: &Path) -> Result<String, Failure> {
    let unreadable = |error| cannot("read", file, &error);
    let mut from = fs::File::open(file).map_err(unreadable)?;
    let mut hash = Sha256::new();
    let mut part = vec![0; 1 << 20];
    loop {
        let n = from.read(&mut part).map_err(unreadable)?;
        if n == 0 {
            return Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect());
        }
        hash.update(&part[..n]);
    }
}

/// JSON with a final newline.
fn write(file: &Path, value: &serde_json::Value) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value).expect("JSON that we made");
    fs::write(file, text + "\n").map_err(|error| cannot("write", file, &error))
}

fn cannot(what: &str, path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(format!("cannot {what} {}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// The same way as the program, on one of its crates that is built in seconds, C and assembly in it: every library, byte for byte. The
    /// program itself takes two long builds: `cargo xtask release --twice`.
    #[test]
    fn control_j10_two_builders_get_the_same_bytes() {
        let root = crate::repository_root();
        // An unpacked archive has no commit, and git does not answer for a folder of somebody else's.
        let Ok(commit) = Commit::checked_out(&root) else {
            println!("skipped: git names no commit here, and a release is built from one");
            return;
        };
        let folder = root.join("target").join(format!("release-test-{}", std::process::id()));
        let one = Build::of(&root, &commit, folder.join("one"), "ring").unwrap().run().unwrap();
        let other = Build::of(&root, &commit, folder.join("an other/place"), "ring").unwrap();
        let other = other.with_cargo_home_aside().unwrap().run().unwrap();
        let (one, other) = (libraries(&one), libraries(&other));
        // What would give a machine away.
        let own = folder.display().to_string();
        fs::remove_dir_all(&folder).unwrap();
        assert!(one.len() > 5 && one.contains_key("libring"), "{:?}", one.keys());
        assert_eq!(one.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>());
        for (name, bytes) in &one {
            assert!(*bytes == other[name], "two builds of one commit differ in {name}");
            let told = bytes.windows(own.len()).any(|window| window == own.as_bytes());
            assert!(!told, "{name} names the folder that it was built in");
        }
    }

    /// The libraries that were built, by name.
    fn libraries(built: &Path) -> BTreeMap<String, Vec<u8>> {
        let files = fs::read_dir(built.join("deps")).unwrap().map(|entry| entry.unwrap().path());
        let libraries = files.filter(|path| path.extension().is_some_and(|extension| extension == "rlib"));
        let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().split('-').next().unwrap().to_owned();
        libraries.map(|path| (name(&path), fs::read(&path).unwrap())).collect()
    }
}
