//! The console's scripts, which are built from `web/` and committed, and the walks through the console in a real browser.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::needs::on_path;
use crate::openapi::program;
use crate::step::{Failure, run};

const DIST: &str = "web/dist";

/// Builds the scripts anew into `web/dist`.
pub(crate) fn write(root: &Path) -> Result<(), Failure> {
    install(root)?;
    run(npx(root).args(["tsc", "--noEmit"]))?;
    run(npx(root).args(["vite", "build", "--logLevel", "warn"]))?;
    println!("wrote {DIST}");
    Ok(())
}

/// Fails where the committed scripts are not what their source builds into.
pub(crate) fn check(root: &Path) -> Result<(), Failure> {
    if !on_path("npm") {
        println!("npm is missing: nobody checked that {DIST} is what web/src builds into");
        return Ok(());
    }
    install(root)?;
    run(npx(root).args(["tsc", "--noEmit"]))?;
    let built = root.join("target/web-dist");
    run(npx(root).args(["vite", "build", "--logLevel", "error", "--outDir"]).arg(&built))?;
    let differs = files(&root.join(DIST))? != files(&built)?;
    if differs {
        return Err(Failure::new(format!(
            "{DIST} is not what web/src builds into: run `cargo xtask web` and commit it"
        )));
    }
    println!("{DIST} is what web/src builds into");
    Ok(())
}

/// Walks through the console as people do. With a folder, pictures of every page are put there.
pub(crate) fn walk(root: &Path, pictures: Option<&Path>, only: Option<&str>) -> Result<(), Failure> {
    for tool in ["chromium", "npm"] {
        if !on_path(tool) {
            println!("{tool} is missing: nobody walked through the console");
            return Ok(());
        }
    }
    install(root)?;
    let mut command = Command::new("node");
    command.current_dir(root.join("web")).args(["walks/run.mjs", "--program"]).arg(program(root)?);
    if let Some(folder) = pictures {
        command.arg("--pictures").arg(root.join(folder));
    }
    if let Some(only) = only {
        command.args(["--only", only]);
    }
    // A browser on a busy machine can be late once; what is wrong is wrong twice.
    run(&mut command).or_else(|failure| {
        println!("{failure}; once more, with a fresh service");
        run(&mut command)
    })
}

/// The packages that `web/package-lock.json` names, where they are not there yet.
fn install(root: &Path) -> Result<(), Failure> {
    let lock = root.join("web/package-lock.json");
    let installed = root.join("web/node_modules/.package-lock.json");
    let time = |path: &Path| std::fs::metadata(path).and_then(|m| m.modified()).ok();
    if time(&installed).is_some_and(|installed| time(&lock).is_some_and(|lock| lock <= installed)) {
        return Ok(());
    }
    run(Command::new("npm").current_dir(root.join("web")).args([
        "ci",
        "--no-audit",
        "--no-fund",
        "--loglevel",
        "error",
    ]))
}

fn npx(root: &Path) -> Command {
    let mut command = Command::new("npx");
    command.current_dir(root.join("web")).arg("--no-install");
    command
}

/// The files of a folder with their content, by name.
fn files(folder: &Path) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let unreadable = |error: std::io::Error| Failure::new(format!("{}: {error}", folder.display()));
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path: PathBuf = entry.map_err(unreadable)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        found.push((name, std::fs::read(&path).map_err(unreadable)?));
    }
    found.sort();
    Ok(found)
}
