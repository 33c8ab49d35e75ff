//! The committed OpenAPI document, which `tanba openapi` prints: the face that other systems are built against.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::step::{Failure, cargo, output};

const DOCUMENT: &str = "crates/tanba-server/openapi.json";

/// Writes the document anew.
pub(crate) fn write(root: &Path) -> Result<(), Failure> {
    let text = generate(root)?;
    std::fs::write(root.join(DOCUMENT), text).map_err(|error| Failure::new(format!("{DOCUMENT}: {error}")))?;
    println!("wrote {DOCUMENT}");
    Ok(())
}

/// Fails where the committed document is not what the program serves.
pub(crate) fn check(root: &Path) -> Result<(), Failure> {
    let committed = std::fs::read_to_string(root.join(DOCUMENT))
        .map_err(|error| Failure::new(format!("{DOCUMENT} cannot be read ({error}): run `cargo xtask openapi`")))?;
    let served = generate(root)?;
    let Some(line) = first_difference(&committed, &served) else {
        println!("{DOCUMENT} is what the program serves");
        return Ok(());
    };
    Err(Failure::new(format!(
        "{DOCUMENT} is not what the program serves (first at line {line}): run `cargo xtask openapi` and read the diff"
    )))
}

/// The program that the tests have just built: building it alone would resolve features anew, and so build twice.
pub(crate) fn program(root: &Path) -> Result<String, Failure> {
    let built =
        output(cargo(root).args(["build", "--locked", "--workspace", "--bin", "tanba", "--message-format", "json"]))?;
    executable(&built).ok_or_else(|| Failure::new("cargo did not say where it put `tanba`"))
}

fn generate(root: &Path) -> Result<String, Failure> {
    let mut text = output(Command::new(program(root)?).arg("openapi").current_dir(root))?;
    if !text.ends_with('\n') {
        text.push('\n');
    }
    Ok(text)
}

/// The path of the program in cargo's messages, one JSON object a line.
fn executable(messages: &str) -> Option<String> {
    messages.lines().rev().find_map(|line| {
        let message: Value = serde_json::from_str(line).ok()?;
        Some(message["executable"].as_str()?.to_owned())
    })
}

/// The first line, from 1, at which two texts differ.
fn first_difference(a: &str, b: &str) -> Option<usize> {
    let (mut a, mut b) = (a.trim_end().lines(), b.trim_end().lines());
    (1..).find_map(|line| match (a.next(), b.next()) {
        (None, None) => Some(None),
        (a, b) if a != b => Some(Some(line)),
        _ => None,
    })?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_is_found_among_the_messages() {
        let messages =
            "{\"reason\":\"x\",\"executable\":null}\n{\"executable\":\"/a/tanba\"}\n{\"reason\":\"build-finished\"}\n";
        assert_eq!(executable(messages).as_deref(), Some("/a/tanba"));
        assert_eq!(executable("not json"), None);
    }

    #[test]
    fn the_first_differing_line_is_named() {
        assert_eq!(first_difference("a\nb\n", "a\nb"), None);
        assert_eq!(first_difference("a\nb", "a\nc"), Some(2));
        assert_eq!(first_difference("a", "a\nb"), Some(2));
    }
}
