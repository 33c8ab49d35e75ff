//! What a file holds, as a tree that a person reads: the one shape that every format of this crate describes itself in.

use std::fmt;

/// A node: what it is, what it says, where it begins, and what is in it.
///
/// Values are what the file says, personal data too: an outline is for the person who opened the file, never for a log.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Outline {
    /// What it is, in the words of the format's standard: `Type-14 record`, `finger position`.
    pub label: String,
    /// What it says; absent where only the children say something.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Where it begins in the file, bytes from the start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<usize>,
    /// What is in it, in the order of the file.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<Outline>,
}

/// The longest value that is shown, in characters: what is longer is cut, with its length beside it.
const LONGEST_VALUE: usize = 200;

impl Outline {
    /// A node without a value of its own.
    pub fn of(label: impl Into<String>) -> Self {
        Self { label: label.into(), value: None, offset: None, children: Vec::new() }
    }

    /// A node with a value; control characters are shown as dots, and a very long value is cut.
    pub fn leaf(label: impl Into<String>, value: impl fmt::Display) -> Self {
        Self { value: Some(presentable(&value.to_string())), ..Self::of(label) }
    }

    /// The same node with the place where it begins.
    #[must_use]
    pub fn at(self, offset: usize) -> Self {
        Self { offset: Some(offset), ..self }
    }

    /// The same node with another child after those it has.
    #[must_use]
    pub fn with(mut self, child: Self) -> Self {
        self.children.push(child);
        self
    }

    /// The same node with further children after those it has.
    #[must_use]
    pub fn with_all(mut self, children: impl IntoIterator<Item = Self>) -> Self {
        self.children.extend(children);
        self
    }
}

fn presentable(text: &str) -> String {
    let shown = |c: char| if c.is_control() { '\u{b7}' } else { c };
    let length = text.chars().count();
    let cut: String = text.chars().take(LONGEST_VALUE).map(shown).collect();
    if length > LONGEST_VALUE { format!("{cut}\u{2026} ({length} characters)") } else { cut }
}

/// Lines with the branches of a tree, as `tree` draws folders.
impl fmt::Display for Outline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// Enough for every format: nothing here nests deeper, and a hostile outline cannot exhaust the stack.
        const DEEPEST: usize = 64;
        fn line(node: &Outline, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "{}", node.label)?;
            if let Some(value) = &node.value {
                write!(f, ": {value}")?;
            }
            if let Some(offset) = node.offset {
                write!(f, "  @{offset}")?;
            }
            writeln!(f)
        }
        fn branch(nodes: &[Outline], before: &str, depth: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            for (i, node) in nodes.iter().enumerate() {
                let last = i + 1 == nodes.len();
                write!(f, "{before}{}", if last { "\u{2514}\u{2500} " } else { "\u{251c}\u{2500} " })?;
                line(node, f)?;
                if depth < DEEPEST {
                    let before = format!("{before}{}", if last { "   " } else { "\u{2502}  " });
                    branch(&node.children, &before, depth + 1, f)?;
                }
            }
            Ok(())
        }
        line(self, f)?;
        branch(&self.children, "", 0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_is_drawn_with_its_branches() {
        let tree = Outline::of("transaction")
            .with(Outline::leaf("version", 500).at(12).with(Outline::leaf("year", 2011)))
            .with(Outline::leaf("agency", "a\u{1f}b"));
        let drawn = "transaction\n\u{251c}\u{2500} version: 500  @12\n\u{2502}  \u{2514}\u{2500} year: 2011\n\u{2514}\u{2500} agency: a\u{b7}b\n";
        assert_eq!(tree.to_string(), drawn);
    }

    #[test]
    fn a_long_value_is_cut_and_says_so() {
        let value = Outline::leaf("text", "я".repeat(1000)).value.unwrap();
        assert!(value.ends_with("\u{2026} (1000 characters)"));
        assert_eq!(value.chars().filter(|c| *c == 'я').count(), LONGEST_VALUE);
    }
}
