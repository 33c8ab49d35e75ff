//! The dependency edges between our crates: what the manifests say against the table in ARCHITECTURE.md.
//!
//! The table is the law: an edge that it does not have fails, and so does a row or an edge that no longer exists, because
//! the picture must stay true.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

use crate::step::{Failure, cargo, output};

/// The columns of the table.
const HEADER: [&str; 3] = ["crate", "depends on", "its tests also on"];
const DOCUMENT: &str = "ARCHITECTURE.md";

/// For each crate what it depends on, and what only its tests depend on.
type Edges = BTreeMap<String, Row>;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Row {
    normal: BTreeSet<String>,
    tests: BTreeSet<String>,
}

/// Fails with one line per difference.
pub(crate) fn check(root: &Path) -> Result<(), Failure> {
    let text = std::fs::read_to_string(root.join(DOCUMENT))
        .map_err(|error| Failure::new(format!("{DOCUMENT} cannot be read: {error}")))?;
    let table = parse_table(&text)?;
    let manifests = read_manifests(root)?;
    let differences = differences(&table, &manifests);
    if differences.is_empty() {
        println!("{} crates, as the table says", manifests.len());
        return Ok(());
    }
    let list = differences.join("\n  ");
    Err(Failure::new(format!(
        "{DOCUMENT} and the manifests disagree:\n  {list}\nremove the dependency, or change the table and say why there (`cargo xtask edges` prints it)"
    )))
}

/// Prints the table as the manifests have it.
pub(crate) fn print(root: &Path) -> Result<(), Failure> {
    println!("| {} |\n|---|---|---|", HEADER.join(" | "));
    for (name, row) in read_manifests(root)? {
        println!("| `{name}` | {} | {} |", cell(&row.normal), cell(&row.tests));
    }
    Ok(())
}

fn cell(names: &BTreeSet<String>) -> String {
    if names.is_empty() {
        return "nothing".into();
    }
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// The table whose header is [`HEADER`]: names stand in backticks, everything else in a cell is for people.
fn parse_table(text: &str) -> Result<Edges, Failure> {
    let cells = |line: &str| -> Option<Vec<String>> {
        let inner = line.trim().strip_prefix('|')?.strip_suffix('|')?;
        Some(inner.split('|').map(|cell| cell.trim().to_owned()).collect())
    };
    let mut lines = text.lines().map(cells);
    if !lines.any(|row| row.is_some_and(|row| row == HEADER)) {
        return Err(Failure::new(format!("{DOCUMENT} has no table with the columns {}", HEADER.join(" | "))));
    }
    let mut table = Edges::new();
    // One row of dashes, then crates until the table ends.
    for row in lines.skip(1).map_while(|row| row) {
        let [name, normal, tests] = &row[..] else {
            return Err(Failure::new(format!("{DOCUMENT}: a row of the dependency table has not three cells")));
        };
        let name = names(name).pop_first().ok_or_else(|| Failure::new(format!("{DOCUMENT}: a row names no crate")))?;
        if table.insert(name.clone(), Row { normal: names(normal), tests: names(tests) }).is_some() {
            return Err(Failure::new(format!("{DOCUMENT}: `{name}` has two rows")));
        }
    }
    Ok(table)
}

/// The words in backticks.
fn names(cell: &str) -> BTreeSet<String> {
    cell.split('`').skip(1).step_by(2).map(ToOwned::to_owned).collect()
}

/// The edges between workspace members, from `cargo metadata`.
fn read_manifests(root: &Path) -> Result<Edges, Failure> {
    let text = output(cargo(root).args(["metadata", "--locked", "--no-deps", "--format-version", "1"]))?;
    let metadata: Value =
        serde_json::from_str(&text).map_err(|error| Failure::new(format!("cargo metadata: {error}")))?;
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let packages = list(&metadata["packages"]);
    let members: BTreeSet<&str> = packages.iter().filter_map(|package| package["name"].as_str()).collect();
    let mut edges = Edges::new();
    for package in &packages {
        let row = edges.entry(package["name"].as_str().unwrap_or_default().to_owned()).or_default();
        for dependency in list(&package["dependencies"]) {
            let name = dependency["name"].as_str().unwrap_or_default();
            if members.contains(name) {
                let side = if dependency["kind"] == "dev" { &mut row.tests } else { &mut row.normal };
                side.insert(name.to_owned());
            }
        }
    }
    for row in edges.values_mut() {
        row.tests = &row.tests - &row.normal;
    }
    Ok(edges)
}

fn differences(table: &Edges, manifests: &Edges) -> Vec<String> {
    let mut found = Vec::new();
    let crates: BTreeSet<&String> = table.keys().chain(manifests.keys()).collect();
    for name in crates {
        match (table.get(name), manifests.get(name)) {
            (Some(_), None) => found.push(format!("`{name}` has a row but does not exist")),
            (None, Some(_)) => found.push(format!("`{name}` exists but has no row")),
            (Some(said), Some(is)) => {
                for (said, is, what) in
                    [(&said.normal, &is.normal, "depends on"), (&said.tests, &is.tests, "tests with")]
                {
                    found.extend(
                        is.difference(said).map(|to| format!("`{name}` {what} `{to}`, which the table does not have")),
                    );
                    found.extend(
                        said.difference(is)
                            .map(|to| format!("`{name}` no longer {what} `{to}`, which the table still has")),
                    );
                }
            }
            (None, None) => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "# X\n\n| a | b |\n|---|---|\n| `no` | `no` |\n\n| crate | depends on | its tests also on |\n|---|---|---|\n\
                         | `top` | `low`, `mid` (why) | nothing |\n| `low` | nothing | `mid` |\n\nafter `text`\n";

    #[test]
    fn the_table_is_found_and_read() {
        let table = parse_table(TABLE).unwrap();
        assert_eq!(table.keys().collect::<Vec<_>>(), ["low", "top"]);
        assert_eq!(table["top"].normal.iter().collect::<Vec<_>>(), ["low", "mid"]);
        assert_eq!(table["low"].tests.iter().collect::<Vec<_>>(), ["mid"]);
        assert!(parse_table("| crate | uses |\n|---|---|\n").is_err());
    }

    #[test]
    fn every_difference_is_named() {
        let table = parse_table(TABLE).unwrap();
        assert!(differences(&table, &table).is_empty());
        let mut other = table.clone();
        other.get_mut("top").unwrap().normal.insert("new".into());
        other.get_mut("low").unwrap().tests.clear();
        other.insert("mid".into(), Row::default());
        assert_eq!(differences(&table, &other).len(), 3);
        other.remove("top");
        assert!(differences(&table, &other).iter().any(|line| line.contains("does not exist")));
    }
}
