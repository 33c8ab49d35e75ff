//! What readers noticed, without letting a hostile file make more of it than anybody reads.

use crate::Diagnostic;

/// The most diagnostics of one reading; one more says that there were others.
const MOST: usize = 200;

/// Diagnostics on their way to the caller.
#[derive(Debug, Default)]
pub(super) struct Notes {
    diagnostics: Vec<Diagnostic>,
    unwritten: usize,
}

impl Notes {
    pub(super) fn add(&mut self, code: &'static str, message: impl Into<String>, offset: impl Into<Option<usize>>) {
        if self.diagnostics.len() < MOST {
            self.diagnostics.push(Diagnostic { code, message: message.into(), offset: offset.into() });
        } else {
            self.unwritten += 1;
        }
    }

    /// Like [`Notes::add`], but only the first of its code: for what is true of a whole file.
    pub(super) fn add_once(
        &mut self,
        code: &'static str,
        message: impl Into<String>,
        offset: impl Into<Option<usize>>,
    ) {
        if !self.diagnostics.iter().any(|d| d.code == code) {
            self.add(code, message, offset);
        }
    }

    pub(super) fn finish(mut self) -> Vec<Diagnostic> {
        if self.unwritten > 0 {
            let message = format!("{} more diagnostics are not listed", self.unwritten);
            self.diagnostics.push(Diagnostic { code: "more-diagnostics", message, offset: None });
        }
        self.diagnostics
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_cut_and_counted() {
        let mut notes = Notes::default();
        for at in 0..MOST + 7 {
            notes.add("a", "b", at);
        }
        notes.add_once("a", "b", None);
        let all = notes.finish();
        assert_eq!(all.len(), MOST + 1);
        assert!(all.last().unwrap().message.starts_with("7 more"));
    }
}
