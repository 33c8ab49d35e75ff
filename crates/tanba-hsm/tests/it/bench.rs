//! A workbench with SoftHSM 2: its folder, its tokens, and a process of its own.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use tanba_hsm::{Hsm, Pin};
use tanba_seal::TokenError;

pub(crate) const PIN: &str = "7351-blue-heron";

/// Where the tokens of this test lie, in the process that is the test's own.
const BENCH: &str = "TANBA_TEST_TOKENS";

/// Where Debian and others put the module.
const MODULES: [&str; 4] = [
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
];

/// The folder of a test's tokens.
pub(crate) struct Bench {
    folder: PathBuf,
}

impl Bench {
    /// In the process that is the test's own, the bench. In the first one nothing, after the test named `test` has passed
    /// in a process of its own, or if SoftHSM is missing.
    pub(crate) fn of(test: &str) -> Option<Self> {
        if let Some(folder) = env::var_os(BENCH) {
            return Some(Self { folder: folder.into() });
        }
        if module().is_none() {
            #[allow(clippy::print_stdout, reason = "whoever runs the tests must see that this one was skipped")]
            {
                println!("skipped: SoftHSM 2 is missing (apt-get install softhsm2)");
            }
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("tokens")).unwrap();
        let settings = folder.path().join("softhsm2.conf");
        let tokens = folder.path().join("tokens");
        fs::write(&settings, format!("directories.tokendir = {}\nlog.level = ERROR\n", tokens.display())).unwrap();
        let run = Command::new(env::current_exe().unwrap())
            .args(["--exact", test, "--nocapture"])
            .env(BENCH, folder.path())
            .env("SOFTHSM2_CONF", settings)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&run.stdout);
        assert!(run.status.success(), "{said}{}", String::from_utf8_lossy(&run.stderr));
        assert!(said.contains("1 passed"), "no test has this name: {test}");
        None
    }

    /// Makes a token with this label.
    pub(crate) fn token(&self, label: &str) {
        let made = Command::new("softhsm2-util")
            .args(["--init-token", "--free", "--label", label, "--pin", PIN, "--so-pin", "an-officer-of-keys"])
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    }

    /// Opens a token.
    pub(crate) fn open(&self, label: &str) -> Result<Hsm, TokenError> {
        Hsm::open(&module().unwrap(), label, Pin::new(PIN))
    }

    /// Takes every token away, until they are brought back.
    pub(crate) fn take_away(&self) {
        fs::rename(self.folder.join("tokens"), self.folder.join("drawer")).unwrap();
        fs::create_dir(self.folder.join("tokens")).unwrap();
    }

    /// Brings them back.
    pub(crate) fn bring_back(&self) {
        fs::remove_dir(self.folder.join("tokens")).unwrap();
        fs::rename(self.folder.join("drawer"), self.folder.join("tokens")).unwrap();
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }
}

pub(crate) fn module() -> Option<PathBuf> {
    let there = MODULES.iter().map(PathBuf::from).find(|path| path.exists())?;
    Command::new("softhsm2-util").arg("--version").output().ok().map(|_| there)
}

/// Random bytes.
pub(crate) fn entropy(out: &mut [u8]) {
    getrandom::fill(out).unwrap();
}
