//! The absence that makes the science testable: below the registry nothing asks the time, draws a random number, opens a
//! file or a socket, or reads the environment. Time and entropy are arguments there.
//!
//! A text search, on purpose: it is understood at a glance and needs no build. Test code may do what it likes.

use std::path::{Path, PathBuf};

use crate::step::{Failure, rust_files};

/// The crates below `tanba-registry`.
const PURE: [&str; 7] =
    ["tanba-formats", "tanba-finger", "tanba-gallery", "tanba-dna", "tanba-law", "tanba-seal", "tanba-synth"];

/// What may not stand in their code, and why.
const FORBIDDEN: [(&str, &str); 13] = [
    ("SystemTime", "the time is an argument"),
    ("Instant::now", "the time is an argument"),
    ("Timestamp::now", "the time is an argument"),
    ("Zoned::now", "the time is an argument"),
    ("getrandom", "entropy is an argument"),
    ("OsRng", "entropy is an argument"),
    ("thread_rng", "entropy is an argument"),
    ("rand::rng", "entropy is an argument"),
    ("std::fs", "files are opened by the registry and the program"),
    ("File::open", "files are opened by the registry and the program"),
    ("std::net", "sockets belong to the server"),
    ("std::env", "configuration is an argument"),
    ("tokio::", "no asynchronous runtime in the science"),
];

/// Fails with one line per find.
pub(crate) fn check(root: &Path) -> Result<(), Failure> {
    let (mut files, mut found) = (0, Vec::new());
    for name in PURE {
        for path in sources(&root.join("crates").join(name).join("src"))? {
            let text = std::fs::read_to_string(&path)
                .map_err(|error| Failure::new(format!("{} cannot be read: {error}", path.display())))?;
            files += 1;
            let shown = path.strip_prefix(root).unwrap_or(&path).display();
            found.extend(finds(&text).map(|(line, what, why)| format!("{shown}:{line} has `{what}`: {why}")));
        }
    }
    if found.is_empty() {
        println!("{files} source files of {} crates", PURE.len());
        return Ok(());
    }
    Err(Failure::new(found.join("\n  ")))
}

/// Line number, pattern and reason of everything forbidden before the tests begin; comments may speak of it.
fn finds(text: &str) -> impl Iterator<Item = (usize, &'static str, &'static str)> {
    let code = text.lines().enumerate().take_while(|(_, line)| !line.starts_with("#[cfg(test)]"));
    code.filter(|(_, line)| !line.trim_start().starts_with("//")).flat_map(|(number, line)| {
        FORBIDDEN.iter().filter(move |(what, _)| line.contains(what)).map(move |(what, why)| (number + 1, *what, *why))
    })
}

/// All Rust files below a folder, except files of tests.
fn sources(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let of_tests = |path: &Path| {
        let below = path.strip_prefix(folder).unwrap_or(path);
        below.components().any(|part| Path::new(part.as_os_str()).file_stem().is_some_and(|stem| stem == "tests"))
    };
    Ok(rust_files(folder)?.into_iter().filter(|path| !of_tests(path)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_searched_and_tests_and_comments_are_not() {
        let text = "// std::fs is spoken of\nlet now = Instant::now();\n#[cfg(test)]\nmod tests { use std::fs; }\n";
        assert_eq!(finds(text).map(|(line, what, _)| (line, what)).collect::<Vec<_>>(), [(2, "Instant::now")]);
    }
}
