//! The words that are said to people before anything is taken: each version has one wording in each language, and whoever
//! changes the words gives them a new version. The API takes a consent to these words only, by version and hash.

use tanba_registry::{ConsentKind, ShownText};

use crate::console::Lang;

/// A text with its version and the key of its words.
pub(crate) struct Spoken {
    pub(crate) version: &'static str,
    key: &'static str,
    pub(crate) kind: ConsentKind,
}

pub(crate) const EXPLANATION: Spoken =
    Spoken { version: "counter-explanation-1", key: "counter-say-explanation", kind: ConsentKind::Explanation };
pub(crate) const CONSENT: Spoken =
    Spoken { version: "counter-consent-1", key: "counter-say-consent", kind: ConsentKind::SubjectConsent };
pub(crate) const GUARDIAN: Spoken =
    Spoken { version: "counter-guardian-1", key: "counter-say-guardian", kind: ConsentKind::GuardianConsent };
/// What somebody reads on the own page who decides anew, because a guardian had decided for them.
pub(crate) const STAY: Spoken =
    Spoken { version: "own-decision-1", key: "me-decision-words", kind: ConsentKind::SubjectConsent };

/// All of them.
pub(crate) const ALL: [Spoken; 4] = [EXPLANATION, CONSENT, GUARDIAN, STAY];

impl Spoken {
    /// The words in a language, with their version.
    pub(crate) fn shown(&self, lang: Lang) -> ShownText {
        ShownText { version: self.version.to_owned(), language: lang.code().to_owned(), words: lang.t(self.key) }
    }
}

/// The words of a version in a language; empty where there is no such text, which is a consent to nothing.
pub(crate) fn of(version: &str, language: &str) -> ShownText {
    let text = ALL.into_iter().find(|text| text.version == version);
    match (text, Lang::from_code(language)) {
        (Some(text), Some(lang)) => text.shown(lang),
        _ => ShownText { version: version.to_owned(), language: language.to_owned(), words: String::new() },
    }
}

#[cfg(test)]
mod tests {
    use sha2::{Digest as _, Sha256};

    use super::*;

    /// What was said to people is on record by its version: whoever changes the words gives them a new one.
    #[test]
    fn the_words_that_are_said_belong_to_their_version() {
        let expected = ["04c481db", "365c1a1e", "c766d17b", "0893b5eb"];
        for (text, expected) in ALL.into_iter().zip(expected) {
            let words: String = Lang::ALL.iter().map(|lang| lang.t(text.key)).collect();
            let hash: String = Sha256::digest(words.as_bytes()).iter().take(4).map(|b| format!("{b:02x}")).collect();
            assert_eq!(hash, expected, "{}: give changed words a new version", text.version);
        }
    }
}
