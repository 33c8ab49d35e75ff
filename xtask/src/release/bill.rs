//! The bill of materials: every crate that becomes part of the program, as CycloneDX 1.6 JSON.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Value, json};

use super::{Commit, compiler};
use crate::step::{Failure, cargo, output};

/// A crate by name and version.
type Crate = (String, String);

/// The bill of what `package` is built from for `host`, also what builds it. The same commit has the same bill.
pub(super) fn of(source: &Path, package: &str, host: &str, commit: &Commit) -> Result<Value, Failure> {
    // Which crates: cargo says it with the features that are really on.
    let tree = output(cargo(source).args([
        "tree",
        "--locked",
        "--package",
        package,
        "--edges",
        "normal,build",
        "--target",
        host,
        "--prefix",
        "none",
        "--format",
        "{p}",
    ]))?;
    let used = crates_of(&tree);
    let metadata =
        output(cargo(source).args(["metadata", "--locked", "--format-version", "1", "--filter-platform", host]))?;
    let metadata: Value =
        serde_json::from_str(&metadata).map_err(|error| Failure::new(format!("cargo metadata is no JSON: {error}")))?;
    let lock = std::fs::read_to_string(source.join("Cargo.lock"))
        .map_err(|error| Failure::new(format!("Cargo.lock cannot be read: {error}")))?;
    Ok(bill(package, &used, &metadata, &checksums(&lock), &compiler()?, commit))
}

fn bill(
    package: &str,
    used: &BTreeSet<Crate>,
    metadata: &Value,
    checksums: &BTreeMap<Crate, String>,
    compiler: &str,
    commit: &Commit,
) -> Value {
    let mut components = BTreeMap::new();
    let mut names = BTreeMap::new();
    for found in metadata["packages"].as_array().into_iter().flatten() {
        let text = |key: &str| found[key].as_str().unwrap_or_default().to_owned();
        let of = (text("name"), text("version"));
        if !used.contains(&of) {
            continue;
        }
        names.insert(text("id"), of.clone());
        let kind = if of.0 == package { "application" } else { "library" };
        let reference = reference(&of);
        let mut component = json!({
            "type": kind, "bom-ref": reference, "purl": reference, "name": of.0, "version": of.1,
            // Before there were expressions a slash stood for a choice.
            "licenses": [{"expression": text("license").replace('/', " OR ")}],
        });
        if let Some(checksum) = checksums.get(&of) {
            component["hashes"] = json!([{"alg": "SHA-256", "content": checksum}]);
        }
        if let Some(repository) = found["repository"].as_str() {
            component["externalReferences"] = json!([{"type": "vcs", "url": repository}]);
        }
        components.insert(of, component);
    }
    let mut dependencies = BTreeMap::new();
    for node in metadata["resolve"]["nodes"].as_array().into_iter().flatten() {
        let Some(of) = node["id"].as_str().and_then(|id| names.get(id)) else { continue };
        let on: BTreeSet<String> = node["deps"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|dep| dep["dep_kinds"].as_array().into_iter().flatten().any(|kind| kind["kind"] != "dev"))
            .filter_map(|dep| Some(reference(names.get(dep["pkg"].as_str()?)?)))
            .collect();
        dependencies.insert(reference(of), on);
    }
    let release = compiler.lines().find_map(|line| line.strip_prefix("release: ")).unwrap_or_default();
    let program = components.iter().find(|((name, _), _)| name == package).map(|(of, _)| of.clone());
    let program = program.and_then(|of| components.remove(&of));
    let mut components: Vec<Value> = components.into_values().collect();
    components.push(json!({
        "type": "library", "bom-ref": "rust-std", "name": "Rust standard library", "version": release,
        "licenses": [{"expression": "MIT OR Apache-2.0"}],
    }));
    let dependencies: Vec<Value> =
        dependencies.into_iter().map(|(of, on)| json!({"ref": of, "dependsOn": on})).collect();
    json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": program,
            "properties": [{"name": "tanba:commit", "value": commit.hash}],
        },
        "components": components,
        "dependencies": dependencies,
    })
}

/// A package URL.
fn reference((name, version): &Crate) -> String {
    format!("pkg:cargo/{name}@{version}")
}

/// The crates in lines such as `serde v1.0.0 (proc-macro)`.
fn crates_of(tree: &str) -> BTreeSet<Crate> {
    tree.lines()
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            let name = words.next()?;
            Some((name.to_owned(), words.next()?.strip_prefix('v')?.to_owned()))
        })
        .collect()
}

/// The SHA-256 of each crate that comes from a registry, as the lock file has it.
fn checksums(lock: &str) -> BTreeMap<Crate, String> {
    let packages = lock.split("[[package]]").skip(1);
    let field = |package: &str, name: &str| {
        let line = package.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(" = "));
        line.map(|value| value.trim_matches('"').to_owned())
    };
    packages
        .filter_map(|package| {
            Some(((field(package, "name")?, field(package, "version")?), field(package, "checksum")?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_j10_the_bill_has_every_crate_of_the_lock_file_by_its_hash() {
        let root = crate::repository_root();
        let commit = Commit { hash: "c0ffee".to_owned(), time: "0".to_owned() };
        let host = super::super::host().unwrap();
        let bill = of(&root, "tanba", &host, &commit).unwrap();
        let lock = std::fs::read_to_string(root.join("Cargo.lock")).unwrap();
        let known = checksums(&lock);
        let components = bill["components"].as_array().unwrap();
        let named: BTreeSet<&str> = components.iter().map(|c| c["name"].as_str().unwrap()).collect();
        for needed in ["tanba-seal", "tanba-law", "ring", "libsqlite3-sys", "serde_derive"] {
            assert!(named.contains(needed), "{needed} is part of the program");
        }
        for not in ["proptest", "divan", "xtask"] {
            assert!(!named.contains(not), "{not} is not");
        }
        let mut hashed = 0;
        for component in components {
            let of =
                (component["name"].as_str().unwrap().to_owned(), component["version"].as_str().unwrap().to_owned());
            assert!(!component["licenses"][0]["expression"].as_str().unwrap().is_empty(), "{of:?} has a licence");
            assert_eq!(component["hashes"][0]["content"].as_str(), known.get(&of).map(String::as_str), "{of:?}");
            hashed += usize::from(known.contains_key(&of));
        }
        assert!(hashed > 200, "{hashed}");
        // What is depended on is there.
        let references: BTreeSet<&str> = components.iter().map(|c| c["bom-ref"].as_str().unwrap()).collect();
        for row in bill["dependencies"].as_array().unwrap() {
            for on in row["dependsOn"].as_array().unwrap() {
                assert!(references.contains(on.as_str().unwrap()), "{on}");
            }
        }
        assert_eq!(bill, of(&root, "tanba", &host, &commit).unwrap(), "the same commit, the same bill");
    }

    #[test]
    fn lines_of_a_tree_are_crates_once_each() {
        let tree = "tanba v0.1.0 (/a/b)\nserde v1.0.0\nserde_derive v1.0.1 (proc-macro)\nserde v1.0.0 (*)\n\n";
        let crates = crates_of(tree);
        let expected = [("serde", "1.0.0"), ("serde_derive", "1.0.1"), ("tanba", "0.1.0")];
        assert_eq!(crates, expected.map(|(name, version)| (name.to_owned(), version.to_owned())).into());
    }
}
