//! Our error rates are the published ones: computed from the open baselines' score matrices they must give the table of
//! figures that was published with them. Needs the reference material (`TANBA_REFERENCE`).

use std::path::{Path, PathBuf};
use tanba_finger::evaluate::{Figures, Impostors, ImpressionSet, ScoreMatrix, Trials};

fn reference() -> Option<PathBuf> {
    let found =
        std::env::var_os("TANBA_REFERENCE").map(PathBuf::from).filter(|p| p.join("fingerprints/scores").is_dir());
    if found.is_none() {
        eprintln!("skipped: TANBA_REFERENCE is not set to a folder with fingerprints/scores");
    }
    found
}

fn figures(root: &Path, set: &str, system: &str, impostors: Impostors) -> Figures {
    let names: Vec<String> = std::fs::read_dir(root.join("fingerprints/given").join(set))
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    let set_of = ImpressionSet::from_names(&names).unwrap();
    let bytes = std::fs::read(root.join(format!("fingerprints/scores/{set}.{system}.f32"))).unwrap();
    let matrix = ScoreMatrix::from_bytes(&bytes, set_of.len()).unwrap();
    Trials::of(&set_of, &matrix, &vec![false; set_of.len()], impostors).figures()
}

/// A row of the published table: set, system as it is called there, then EER, FMR100, ZeroFMR (fvc) and EER, FMR100, FMR1000,
/// FMR10000, ZeroFMR (all), rank-1.
fn rows(table: &str) -> Vec<(String, String, Vec<f64>)> {
    table
        .lines()
        .filter_map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            let numbers: Vec<f64> = cells.get(2..)?.iter().map_while(|c| c.parse().ok()).collect();
            (numbers.len() == 9).then(|| (cells[0].to_owned(), cells[1].to_owned(), numbers))
        })
        .collect()
}

#[test]
fn error_rates_of_the_open_baselines_are_the_published_ones() {
    let Some(root) = reference() else { return };
    let table = std::fs::read_to_string(root.join("fingerprints/baselines.md")).unwrap();
    let mut checked = 0;
    for (set, name, published) in rows(&table) {
        let system = match name.as_str() {
            "SourceAFIS 3.18.1" => "saf",
            "mindtct+bozorth3" => "nbis",
            "LEADER+SourceAFIS" => "leader+saf",
            _ => continue,
        };
        let fvc = figures(&root, &set, system, Impostors::Fvc);
        let all = figures(&root, &set, system, Impostors::All);
        let ours =
            [fvc.eer, fvc.fmr100, fvc.zerofmr, all.eer, all.fmr100, all.fmr1000, all.fmr10000, all.zerofmr, all.rank1];
        for (i, (o, p)) in ours.iter().zip(&published).enumerate() {
            assert!((o - p).abs() < 0.0051, "{set} {name}, column {i}: ours {o:.3}, published {p}");
        }
        checked += 1;
    }
    assert!(checked >= 15, "only {checked} rows of the table were found");
}
