//! Tools that tests need beside Rust and a C compiler.

use std::path::Path;
use std::process::Command;

use crate::step::{Failure, cargo, run};

/// A program that some tests start.
struct Need {
    /// The program, as found on the path.
    tool: &'static str,
    /// Which tests use it, and skip themselves where it is missing.
    tests: &'static str,
    /// The Debian package that brings it.
    package: &'static str,
}

/// The first test that starts PostgreSQL or a NATS server adds its row here.
const NEEDS: &[Need] = &[
    Need { tool: "chromium", tests: "the walks through the console", package: "chromium" },
    Need { tool: "c++", tests: "the short run of the fuzz targets and the test of the GPU kernel", package: "g++" },
    Need { tool: "npm", tests: "the walks through the console and the check of its scripts", package: "nodejs npm" },
    Need { tool: "strace", tests: "the test of system calls that fail", package: "strace" },
    Need { tool: "softhsm2-util", tests: "the tests of keys in a PKCS#11 token", package: "softhsm2" },
];

/// Says which tests will skip themselves; with `all`, that is an error.
pub(crate) fn check(all: bool) -> Result<(), Failure> {
    let missing: Vec<&Need> = NEEDS.iter().filter(|need| !on_path(need.tool)).collect();
    for need in &missing {
        println!("{} is missing: {} will skip; apt-get install {}", need.tool, need.tests, need.package);
    }
    if missing.is_empty() {
        println!("all are here");
    }
    if std::env::var_os("TANBA_REFERENCE").is_none() {
        println!("TANBA_REFERENCE is not set: comparisons with reference material skip themselves (never an error)");
    }
    if all && !missing.is_empty() {
        let packages: Vec<&str> = missing.iter().map(|need| need.package).collect();
        return Err(Failure::new(format!("tests need tools: apt-get install -y {}", packages.join(" "))));
    }
    Ok(())
}

/// Runs cargo-deny where it is installed, on what the repository alone decides. Advisories are not asked: their database is
/// fetched over the network and changes by itself, and neither may decide whether a commit passes (`cargo deny check`
/// asks them).
pub(crate) fn deny(root: &Path) -> Result<(), Failure> {
    if !on_path("cargo-deny") {
        println!("cargo-deny is not installed, nothing was checked: cargo install --locked cargo-deny");
        return Ok(());
    }
    run(cargo(root).args(["deny", "check", "licenses", "bans", "sources"]))
}

pub(crate) fn on_path(tool: &str) -> bool {
    Command::new("sh").args(["-c", &format!("command -v {tool} >/dev/null 2>&1")]).status().is_ok_and(|s| s.success())
}
