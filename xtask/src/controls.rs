//! The table of controls: every protection of the list has a row, every test that a row names exists, and every test that is named
//! after a control stands in its row.
//!
//! A text search, as in [`crate::purity`]: a name that is gone fails here before anybody relies on it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::step::{Failure, rust_files};

const DOCUMENT: &str = "docs/controls.md";
const HEADER: &str = "| Control | Tests | What is missing, and why |";

/// The groups and how many controls each has: 99 in all.
const GROUPS: [(char, u8); 10] =
    [('A', 11), ('B', 8), ('C', 11), ('D', 8), ('E', 14), ('F', 10), ('G', 7), ('H', 10), ('I', 10), ('J', 10)];

/// One row: which control, the names of its tests, and whether something is said to be missing.
#[derive(Debug, PartialEq, Eq)]
struct Row {
    id: String,
    tests: Vec<String>,
    missing: bool,
}

/// Fails with one line per difference.
pub(crate) fn check(root: &Path) -> Result<(), Failure> {
    let text = std::fs::read_to_string(root.join(DOCUMENT))
        .map_err(|error| Failure::new(format!("{DOCUMENT} cannot be read: {error}")))?;
    let mut functions = BTreeSet::new();
    for folder in ["crates", "cedar", "xtask"] {
        for path in rust_files(&root.join(folder))? {
            let source = std::fs::read_to_string(&path)
                .map_err(|error| Failure::new(format!("{} cannot be read: {error}", path.display())))?;
            functions.extend(functions_of(&source));
        }
    }
    let rows = rows(&text);
    let mut wrong = differences(&rows, &functions);
    let files = rows.iter().flat_map(|row| &row.tests).filter(|test| test.contains('/'));
    wrong.extend(files.filter(|file| !root.join(file).exists()).map(|file| format!("`{file}` is no file")));
    if !wrong.is_empty() {
        return Err(Failure::new(format!("{DOCUMENT} does not say what the tests are:\n  {}", wrong.join("\n  "))));
    }
    let count = |with: bool, missing: bool| {
        rows.iter().filter(|row| row.tests.is_empty() != with && row.missing == missing).count()
    };
    println!(
        "{} controls held by tests, {} in part, {} not yet",
        count(true, false),
        count(true, true),
        count(false, true)
    );
    Ok(())
}

/// The rows of all tables with [`HEADER`].
fn rows(text: &str) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut within = false;
    for line in text.lines() {
        within = line == HEADER || (within && line.starts_with('|'));
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [control, tests, missing] = &cells[..] else { continue };
        if !within || line == HEADER || control.starts_with("---") {
            continue;
        }
        let id = control.split_whitespace().next().unwrap_or_default().to_owned();
        // Names stand in backticks, between every second pair of them.
        let tests = tests.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        rows.push(Row { id, tests, missing: !missing.is_empty() });
    }
    rows
}

/// The names of a file's functions.
fn functions_of(source: &str) -> impl Iterator<Item = String> {
    source.lines().filter_map(|line| {
        let line = line.trim_start();
        let line = line.strip_prefix("pub ").unwrap_or(line);
        let line = line.strip_prefix("async ").unwrap_or(line);
        let name = line.strip_prefix("fn ")?;
        Some(name.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next()?.to_owned())
    })
}

fn differences(rows: &[Row], functions: &BTreeSet<String>) -> Vec<String> {
    let mut wrong = Vec::new();
    let listed: Vec<String> =
        GROUPS.iter().flat_map(|(group, number)| (1..=*number).map(move |n| format!("{group}{n}"))).collect();
    if rows.iter().map(|row| &row.id).ne(&listed) {
        let have: BTreeSet<&String> = rows.iter().map(|row| &row.id).collect();
        let lacking: Vec<&String> = listed.iter().filter(|id| !have.contains(id)).collect();
        wrong.push(format!("rows are not A1 to J10, each once and in order; lacking: {lacking:?}"));
    }
    let mut named: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for row in rows {
        if row.tests.is_empty() && !row.missing {
            wrong.push(format!("{} names no test and does not say why", row.id));
        }
        for test in row.tests.iter().filter(|test| !test.contains('/')) {
            let name = test.rsplit("::").next().unwrap_or(test);
            let there = match name.strip_suffix("...") {
                Some(start) => functions.range(start.to_owned()..).next().is_some_and(|f| f.starts_with(start)),
                None => functions.contains(name),
            };
            if !there {
                wrong.push(format!("{} names `{test}`, which is no function of ours", row.id));
            }
            named.entry(&row.id).or_default().push(name);
        }
    }
    for function in functions.iter().filter(|function| function.starts_with("control_")) {
        // control_a3_a4_... is a test of both.
        let ids = function.split('_').skip(1).map(str::to_uppercase).take_while(|id| listed.contains(id));
        for id in ids {
            let names = named.get(id.as_str()).map_or(&[][..], Vec::as_slice);
            let stands =
                |name: &&str| *name == function || name.strip_suffix("...").is_some_and(|s| function.starts_with(s));
            if !names.iter().any(stands) {
                wrong.push(format!("{id} does not name `{function}`"));
            }
        }
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full() -> (Vec<Row>, BTreeSet<String>) {
        let ids = GROUPS.iter().flat_map(|(group, number)| (1..=*number).map(move |n| format!("{group}{n}")));
        let rows = ids.map(|id| Row { id, tests: Vec::new(), missing: true }).collect();
        (rows, BTreeSet::from(["control_a3_a4_both".to_owned(), "kept".to_owned()]))
    }

    #[test]
    fn rows_are_read_from_every_table_and_from_nothing_else() {
        let text = format!(
            "| A1 no | `x` | |\n\n{HEADER}\n|---|---|---|\n| A1 yes | `a::b`, `c_...` | |\n| A2 not | none | no |\n\n| A3 x | `y` | |\n"
        );
        let tests = vec!["a::b".to_owned(), "c_...".to_owned()];
        let want =
            [Row { id: "A1".into(), tests, missing: false }, Row { id: "A2".into(), tests: Vec::new(), missing: true }];
        assert_eq!(rows(&text), want);
    }

    #[test]
    fn whatever_is_not_as_the_tests_are_is_told() {
        let (mut rows, functions) = full();
        let told = |rows: &[Row]| differences(rows, &functions);
        // A test that is named after two controls and stands in neither row.
        assert_eq!(told(&rows).len(), 2);
        rows[2].tests = vec!["registry::control_a3_...".into()];
        rows[3].tests = vec!["control_a3_a4_both".into()];
        assert_eq!(told(&rows), Vec::<String>::new());
        rows[0].tests = vec!["kept".into(), "gone".into()];
        rows[0].missing = false;
        assert!(told(&rows)[0].contains("gone"));
        rows[0].tests.clear();
        assert!(told(&rows)[0].contains("does not say why"));
        rows.remove(50);
        assert!(told(&rows)[0].contains("lacking"));
    }

    #[test]
    fn functions_are_found_however_they_are_written() {
        let names: Vec<String> =
            functions_of("    async fn one() {\nfn two<T>() {}\npub fn three(\n// fn four()").collect();
        assert_eq!(names, ["one", "two", "three"]);
    }
}
