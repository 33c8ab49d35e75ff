//! A short, fixed run of every fuzz target on stable Rust: without coverage, on the seeds and on damaged copies of them that are the
//! same every time. It finds what breaks a target's own claims; the search for what is new is `cargo +nightly fuzz run`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::needs::on_path;
use crate::step::{Failure, cargo, run};

/// Damaged copies of each seed.
const COPIES: &str = "30";
/// Lines of a failed run that are shown.
const SHOWN: usize = 30;

/// Builds the targets and runs each on its files.
pub(crate) fn short(root: &Path) -> Result<(), Failure> {
    if !on_path("c++") {
        println!("c++ is missing: nobody ran the fuzz targets");
        return Ok(());
    }
    let target = root.join("target/fuzz");
    let corpus = target.join("corpus");
    match std::fs::remove_dir_all(&corpus) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(Failure::new(format!("{} cannot be emptied: {error}", corpus.display())));
        }
        _ => {}
    }
    let fuzz = root.join("fuzz");
    run(cargo(&fuzz).args(["build", "--locked", "--release", "--quiet"]).env("CARGO_TARGET_DIR", &target))?;
    let program = |name: &str| target.join("release").join(name);
    run(Command::new(program("seeds")).arg(&corpus).arg(COPIES))?;
    let mut runs = 0;
    for folder in sorted(&corpus)? {
        let files = sorted(&folder)?;
        runs += files.len();
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let done = Command::new(program(&name))
            .args(["-timeout=60", "-rss_limit_mb=3000"])
            .args(&files)
            .current_dir(&target)
            // The message of a panic is to be among the last lines.
            .env("RUST_BACKTRACE", "0")
            .stdin(Stdio::null())
            .output()
            .map_err(|error| Failure::new(format!("the fuzz target {name} cannot be started: {error}")))?;
        if !done.status.success() {
            let told = String::from_utf8_lossy(&done.stderr);
            let lines: Vec<&str> = told.lines().collect();
            let end = lines[lines.len().saturating_sub(SHOWN)..].join("\n");
            return Err(Failure::new(format!("the fuzz target {name} failed ({}):\n{end}", done.status)));
        }
    }
    println!("{runs} files went through the fuzz targets");
    Ok(())
}

fn sorted(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let cannot = |error| Failure::new(format!("{} cannot be listed: {error}", folder.display()));
    let entries = std::fs::read_dir(folder).map_err(cannot)?;
    let mut paths: Vec<PathBuf> = entries.map(|e| e.map(|e| e.path())).collect::<Result<_, _>>().map_err(cannot)?;
    paths.sort();
    Ok(paths)
}
