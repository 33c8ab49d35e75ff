//! Where a release came from: an in-toto statement (v1) with the predicate of SLSA provenance (v1).

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use super::{Commit, compiler, sha256_of};
use crate::step::{Failure, output};

/// How it was built, as a name that programs compare: `cargo xtask release`, in its first form.
const BUILD_TYPE: &str = "urn:tanba:xtask-release:1";

/// The statement about `subjects`, files with their SHA-256. It goes into the log of releases, which is what signs it.
pub(super) fn of(
    source: &Path,
    host: &str,
    commit: &Commit,
    subjects: &[(&str, String)],
    builder: &str,
) -> Result<Value, Failure> {
    let rust = compiler()?;
    let c = output(Command::new("cc").arg("--version"))?;
    let first = |text: &str| text.lines().next().unwrap_or_default().to_owned();
    let subjects: Vec<Value> =
        subjects.iter().map(|(name, hash)| json!({"name": name, "digest": {"sha256": hash}})).collect();
    Ok(json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": subjects,
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {
                "buildType": BUILD_TYPE,
                "externalParameters": {"commit": commit.hash, "profile": "release", "target": host},
                "internalParameters": {"SOURCE_DATE_EPOCH": commit.time},
                "resolvedDependencies": [
                    {"name": "source", "digest": {"gitCommit": commit.hash}},
                    {"name": "Cargo.lock", "digest": {"sha256": sha256_of(&source.join("Cargo.lock"))?}},
                    {"name": first(&rust)},
                    {"name": first(&c)},
                ],
            },
            "runDetails": {"builder": {"id": builder}},
        },
    }))
}
