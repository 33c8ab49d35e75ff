//! Demands of the United Nations: a pack that breaks one is named, with its clause and line.

use crate::pack;
use std::path::Path;
use tanba_law::{Constraints, Finding, Library, Pack, PackError};

const EES: &str = include_str!("../../packs/eu-ees-2017-2226.yaml");
const PRUM: &str = include_str!("../../packs/eu-prum2-2024-982.yaml");
const FNAEG: &str = include_str!("../../packs/fr-fnaeg.yaml");
const UN: &str = include_str!("../../packs/constraints/un.yaml");

fn findings(pack: &Pack) -> Vec<Finding> {
    Constraints::united_nations().findings(pack)
}

/// What the changed copy breaks and the sound one does not; each with its pack, clause and line.
fn broken(text: &str, from: &str, to: &str) -> Vec<(String, String)> {
    assert!(text.contains(from), "{from}");
    let read = |text: &str| Pack::from_yaml(text, Library::embedded().indices()).unwrap();
    let (sound, copy) = (findings(&read(text)), read(&text.replacen(from, to, 1)));
    let breaks = |finding: &&Finding| !finding.open;
    let known =
        |finding: &Finding| sound.iter().any(|at| at.clause == finding.clause && at.constraint == finding.constraint);
    let new: Vec<Finding> = findings(&copy).iter().filter(breaks).filter(|at| !known(at)).cloned().collect();
    for finding in &new {
        assert_eq!((finding.pack.as_str(), finding.line), (copy.id(), copy.line(&finding.clause)));
        let told = finding.to_string();
        let line = finding.line.expect("a clause stands on a line");
        for word in [copy.id(), &finding.clause, &finding.constraint, &format!("line {line}"), "breaks"] {
            assert!(told.contains(word), "{word} in {told}");
        }
    }
    new.into_iter().map(|finding| (finding.constraint, finding.clause)).collect()
}

fn one(constraint: &str, clause: &str) -> Vec<(String, String)> {
    vec![(constraint.to_owned(), clause.to_owned())]
}

#[test]
fn a_broken_copy_is_reported_by_name_and_clause() {
    let sanction = "sanction: [central_access_point]";
    assert_eq!(broken(EES, sanction, "sanction: []"), one("un-2396-identification", "law-enforcement"));
    let decision = "sanction: [human_decision]";
    assert_eq!(broken(PRUM, decision, "sanction: []"), one("un-2322-sharing", "core-data"));
    let endless = broken(EES, "max_period: P3Y\n", "end_events: [exit]\n");
    assert_eq!(endless, one("un-compendium-privacy", "keep-entry-exit"));
    // Without the rows for minors, every rule that reaches children is named.
    let minors = FNAEG.replace("minor: true", "minor: false");
    let text = |rule: &str| one("un-principle-38-children", rule).remove(0);
    let read = Pack::from_yaml(&minors, Library::embedded().indices()).unwrap();
    let named: Vec<_> = findings(&read).into_iter().map(|at| (at.constraint, at.clause)).collect();
    for rule in ["convicted", "not-responsible", "serious-indications", "relative-of-missing"] {
        assert!(named.contains(&text(rule)), "{rule}");
    }
    assert!(!named.contains(&text("unidentified-body")) && !named.contains(&text("suspicion-compared-only")));
    assert!(findings(pack("fr-fnaeg")).iter().all(|at| at.constraint != "un-principle-38-children"));
    // No word on those who cannot give prints.
    let (from, to) = (EES.find("exempt:\n").unwrap(), EES.find("obligations:\n").unwrap());
    let silent = broken(EES, &EES[from..to], "exempt: []\n");
    assert_eq!(silent, one("un-compendium-errors", "traveller-from-12"));
}

/// What every embedded pack breaks or leaves open, committed to be read:
/// `TANBA_UPDATE=1 cargo test -p tanba-law constraints` writes it anew.
#[test]
fn what_the_packs_break_and_leave_open_is_that_committed() {
    let lines = Library::embedded().packs().iter().flat_map(findings).map(|finding| {
        let verb = if finding.open { "leaves open" } else { "breaks" };
        format!("{}\t{verb}\t{}\t{}\n", finding.pack, finding.constraint, finding.clause)
    });
    let now: String = lines.collect();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/united-nations.tsv");
    if std::env::var_os("TANBA_UPDATE").is_some() {
        std::fs::write(&file, &now).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap_or_default(), now, "if on purpose, write it anew");
}

#[test]
fn a_set_of_demands_is_read_strictly() {
    assert!(Constraints::from_yaml(UN).is_ok());
    let refused = |from: &str, to: &str| {
        assert!(UN.contains(from), "{from}");
        Constraints::from_yaml(&UN.replacen(from, to, 1)).unwrap_err()
    };
    assert!(matches!(refused("kind: keeping_ends", "kind: keeping_stops"), PackError::Malformed(_)));
    assert!(matches!(refused("tanba-constraints/1", "tanba-constraints/2"), PackError::Format { .. }));
    let twice = refused("code: un-compendium-errors", "code: un-compendium-privacy");
    assert!(matches!(twice, PackError::Invalid { line: Some(_), .. }), "{twice}");
}
