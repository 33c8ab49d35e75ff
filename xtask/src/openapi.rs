//! The committed OpenAPI document, which `tanba openapi` prints: the face that other systems are built against.

use std::path::Path;

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

fn generate(root: &Path) -> Result<String, Failure> {
    let mut text = output(cargo(root).args(["run", "--locked", "--quiet", "--package", "tanba", "--", "openapi"]))?;
    if !text.ends_with('\n') {
        text.push('\n');
    }
    Ok(text)
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
    fn the_first_differing_line_is_named() {
        assert_eq!(first_difference("a\nb\n", "a\nb"), None);
        assert_eq!(first_difference("a\nb", "a\nc"), Some(2));
        assert_eq!(first_difference("a", "a\nb"), Some(2));
    }
}
