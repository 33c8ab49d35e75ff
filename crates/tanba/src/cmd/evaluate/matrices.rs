//! Where score matrices are written to and read from.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use tanba_finger::evaluate::{MatrixError, ScoreMatrix};

use super::{Source, names};
use crate::cmd::synth::output::make_writable_folder;

/// Stands for the set's name in the name of a matrix.
const SET: &str = "{set}";
/// Ending of a matrix.
const ENDING: &str = ".f32";

/// A place for each set's scores. Its folder is made, before the work.
pub(super) fn outputs(given: &Path, sources: &[Source]) -> anyhow::Result<Vec<PathBuf>> {
    let text = given.to_string_lossy();
    let folder = given.is_dir() || (sources.len() > 1 && !text.contains(SET));
    ensure!(
        !folder || !given.is_file(),
        "{} is a file, and there are {} sets: give a folder, or a name with {SET} in it",
        given.display(),
        sources.len()
    );
    let mut paths = Vec::new();
    for source in sources {
        let path = if text.contains(SET) {
            PathBuf::from(text.replace(SET, &source.name))
        } else if folder {
            given.join(format!("{}{ENDING}", source.name))
        } else {
            given.to_path_buf()
        };
        let parent = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        make_writable_folder(parent)?;
        ensure!(!path.is_dir(), "{} is a folder: give the name of a file", path.display());
        paths.push(path);
    }
    Ok(paths)
}

/// The matrices of another matcher, one for each set.
pub(super) struct Against {
    /// What the matcher is called, as far as the files' names tell.
    pub(super) name: String,
    paths: Vec<PathBuf>,
}

impl Against {
    /// Finds the file of each set and looks at its length, before the work.
    pub(super) fn find(given: &[String], sources: &[Source]) -> anyhow::Result<Option<Self>> {
        if given.is_empty() {
            return Ok(None);
        }
        // What stands before `=` names a set, or the `=` belongs to a file.
        let split = |text: &String| -> Option<(String, PathBuf)> {
            let (set, file) = text.split_once('=')?;
            let set = set.trim_end_matches('/');
            sources.iter().any(|s| names(&s.folder, set)).then(|| (set.to_owned(), PathBuf::from(file)))
        };
        let by_set: Vec<(String, PathBuf)> = given.iter().filter_map(split).collect();
        let general: Vec<&String> = given.iter().filter(|text| split(text).is_none()).collect();
        ensure!(
            general.len() <= 1,
            "--against names {} places for all sets: give one, or SET=FILE for each set",
            general.len()
        );
        let mut paths = Vec::new();
        for source in sources {
            let own = by_set.iter().find(|(set, _)| names(&source.folder, set)).map(|(_, file)| file.clone());
            let path = match (own, general.first()) {
                (Some(path), _) => path,
                (None, Some(general)) => found(general, source, sources.len())?,
                (None, None) => {
                    bail!("--against gives no scores for {}: add --against {}=FILE", source.name, source.name)
                }
            };
            check(&path, source.set.len())?;
            paths.push(path);
        }
        let called: Vec<String> = paths.iter().zip(sources).map(|(p, s)| matcher(p, &s.name)).collect();
        let name = called.iter().find(|n| called.iter().all(|m| m == *n)).map_or("the other matcher", String::as_str);
        Ok(Some(Self { name: name.to_owned(), paths }))
    }

    /// The scores of the `k`-th set, of so many impressions.
    pub(super) fn read(&self, k: usize, size: usize) -> anyhow::Result<ScoreMatrix> {
        let path = &self.paths[k];
        let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        ScoreMatrix::from_bytes(&bytes, size).with_context(|| cannot_compare(path))
    }
}

/// The file of a set in the one place that was given for all.
fn found(given: &str, source: &Source, sets: usize) -> anyhow::Result<PathBuf> {
    let path = PathBuf::from(given.replace(SET, &source.name));
    if given.contains(SET) {
        return Ok(path);
    }
    if !path.is_dir() {
        ensure!(
            sets == 1,
            "{given} is one file for {sets} sets: give a folder, a name with {SET} in it, or SET=FILE for each set"
        );
        return Ok(path);
    }
    let plain = path.join(format!("{}{ENDING}", source.name));
    if plain.is_file() {
        return Ok(plain);
    }
    let prefix = format!("{}.", source.name);
    let mut matchers = Vec::new();
    for entry in std::fs::read_dir(&path).with_context(|| format!("cannot open the folder {given}"))? {
        let name = entry.with_context(|| format!("cannot list {given}"))?.file_name().to_string_lossy().into_owned();
        if let Some(matcher) = name.strip_prefix(&prefix).and_then(|rest| rest.strip_suffix(ENDING)) {
            matchers.push(matcher.to_owned());
        }
    }
    matchers.sort();
    match matchers.as_slice() {
        [] => bail!("{given} holds no scores of {}: they would be called {}{ENDING}", source.name, source.name),
        [only] => Ok(path.join(format!("{prefix}{only}{ENDING}"))),
        [first, ..] => bail!(
            "{given} holds scores of several matchers ({}): choose one with --against '{}/{SET}.{first}{ENDING}'",
            matchers.join(", "),
            given.trim_end_matches('/')
        ),
    }
}

/// Whether the file is there and of the right length.
fn check(path: &Path, size: usize) -> anyhow::Result<()> {
    let about = std::fs::metadata(path).with_context(|| format!("cannot open {}", path.display()))?;
    ensure!(about.is_file(), "{} is not a file of scores", path.display());
    let (actual, expected) = (usize::try_from(about.len()).unwrap_or(usize::MAX), size * size * 4);
    if actual != expected {
        return Err(MatrixError::Length { size, expected, actual }).with_context(|| cannot_compare(path));
    }
    Ok(())
}

fn cannot_compare(path: &Path) -> String {
    format!("cannot compare with {}", path.display())
}

/// `saf` of `fvc2002_db1_b.saf.f32`; otherwise the file's name without its ending.
fn matcher(path: &Path, set: &str) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let stem = name.strip_suffix(ENDING).unwrap_or(&name);
    let rest = stem.strip_prefix(set).map(|r| r.trim_matches(['.', '-', '_'])).filter(|r| !r.is_empty());
    match rest {
        Some(matcher) => matcher.to_owned(),
        None if stem == set => "the other matcher".to_owned(),
        None => stem.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_matcher_is_what_the_name_has_beside_the_set() {
        for (file, name) in [
            ("a/fvc.saf.f32", "saf"),
            ("fvc_nbis.f32", "nbis"),
            ("other.f32", "other"),
            ("fvc.f32", "the other matcher"),
        ] {
            assert_eq!(matcher(Path::new(file), "fvc"), name);
        }
    }
}
