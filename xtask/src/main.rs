//! `cargo xtask`: what CI runs, as one command, and the files that are generated.
//!
//! ```text
//! cargo xtask test          format, house rules, lints, tests, the OpenAPI document; what a newcomer runs
//! cargo xtask test --all    the same, and a missing tool that some test needs is an error; what CI runs
//! cargo xtask openapi       writes crates/tanba-server/openapi.json anew
//! cargo xtask web           builds the console's scripts from web/src into web/dist (needs Node)
//! cargo xtask walks         walks through the console in Chromium; with --pictures, takes docs/console/ anew
//! cargo xtask fuzz          a short fixed run of every fuzz target (needs a C++ compiler)
//! cargo xtask controls      holds docs/controls.md against the tests that there are
//! cargo xtask release       builds the program so that others get the same bytes; with --twice, tries it; --builder NAME
//! cargo xtask edges         prints the dependency table for ARCHITECTURE.md as the manifests have it
//! ```
#![allow(clippy::print_stdout, clippy::print_stderr)] // talking to the person at the terminal is what this program does

mod controls;
mod edges;
mod fuzz;
mod needs;
mod openapi;
mod purity;
mod release;
mod step;
mod web;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use step::{Failure, cargo, run, run_counting_tests};

const USAGE: &str = "usage: cargo xtask test [--all] | openapi | web | walks [--pictures] [NAME,...] | fuzz | controls | edges | release [--twice] [--builder NAME]";

/// Where the pictures of the console are.
const PICTURES: &str = "docs/console";

/// Who builds a release, where nobody says it.
const UNNAMED: &str = "urn:tanba:builder:unnamed";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let root = repository_root();
    let outcome = match arguments[..] {
        ["test"] => test(&root, false),
        ["test", "--all"] => test(&root, true),
        ["openapi"] => openapi::write(&root),
        ["web"] => web::write(&root),
        ["walks"] => web::walk(&root, None, None),
        ["walks", "--pictures"] => web::walk(&root, Some(Path::new(PICTURES)), None),
        ["walks", "--pictures", only] => web::walk(&root, Some(Path::new(PICTURES)), Some(only)),
        ["walks", only] => web::walk(&root, None, Some(only)),
        ["fuzz"] => fuzz::short(&root),
        ["controls"] => controls::check(&root),
        ["edges"] => edges::print(&root),
        ["release"] => release::make(&root, false, UNNAMED),
        ["release", "--twice"] => release::make(&root, true, UNNAMED),
        ["release", "--builder", builder] => release::make(&root, false, builder),
        ["release", "--twice", "--builder", builder] => release::make(&root, true, builder),
        _ => Err(Failure::new(USAGE)),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\nxtask: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// What proptest takes the seed of its examples from.
const PROPERTY_SEED: &str = "PROPTEST_RNG_SEED";

/// Everything that must hold before a change is merged, cheapest first; stops at the first failure.
fn test(root: &Path, all: bool) -> Result<(), Failure> {
    let begun = Instant::now();
    step::heading("Formatting", || run(cargo(root).args(["fmt", "--all", "--check"])))?;
    step::heading("Dependency edges (ARCHITECTURE.md)", || edges::check(root))?;
    step::heading("The table of controls (docs/controls.md)", || controls::check(root))?;
    step::heading("No clock, randomness, file or socket below the registry", || purity::check(root))?;
    step::heading("Lints", || {
        run(cargo(root).args(["clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"]))
    })?;
    // CUDA is not needed for that. What runs with the feature alone needs a GPU and skips itself without one; the kernel is tested without it, as C++.
    step::heading("Lints of the feature `cuda`", || {
        run(cargo(root)
            .args(["clippy", "--locked", "-p", "tanba-finger", "-p", "tanba-gallery", "-p", "tanba", "--all-targets"])
            .args(["--features", "tanba/cuda"])
            .args(["--", "-D", "warnings"]))
    })?;
    step::heading("Tools that tests need", || needs::check(all))?;
    let counted = step::heading("Tests", || {
        let mut tests = cargo(root);
        tests.args(["test", "--locked", "--workspace"]);
        // As with the fuzz targets: a change is judged on the same examples as every other one; new ones are looked for without `--all`.
        if all && std::env::var_os(PROPERTY_SEED).is_none() {
            tests.env(PROPERTY_SEED, "1");
        }
        run_counting_tests(&mut tests)
    })?;
    step::heading("Cedar decides as we do", || {
        let target = root.join("target/cedar");
        run_counting_tests(
            cargo(&root.join("cedar")).args(["test", "--locked", "--quiet"]).env("CARGO_TARGET_DIR", target),
        )
    })?;
    step::heading("Fuzz targets, a short fixed run", || fuzz::short(root))?;
    step::heading("OpenAPI document", || openapi::check(root))?;
    step::heading("Scripts of the console (web/dist)", || web::check(root))?;
    step::heading("Walks through the console (Chromium)", || web::walk(root, None, None))?;
    step::heading("Licences, bans, sources (deny.toml)", || needs::deny(root))?;
    println!("\nxtask test: ok. {counted}; {:.0} s in all", begun.elapsed().as_secs_f64());
    Ok(())
}

/// The repository this program was built in: the folder above `xtask/`.
fn repository_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies inside the repository").to_path_buf()
}
