//! Kazakh, Russian, English: the texts of the console (Fluent), and dates and numbers as each language writes them.

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use jiff::civil::Date;
use tanba_registry::{Instant, Zone};

/// A language of the console.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lang {
    Kk,
    Ru,
    En,
}

/// The texts of each language, by area. Every area has the same keys in all three; a test holds them to it.
macro_rules! files {
    ($($area:literal),* $(,)?) => {
        /// Area, Kazakh, Russian, English.
        pub(crate) const FILES: &[(&str, [&str; 3])] = &[$((
            $area,
            [
                include_str!(concat!("../../locales/kk/", $area, ".ftl")),
                include_str!(concat!("../../locales/ru/", $area, ".ftl")),
                include_str!(concat!("../../locales/en/", $area, ".ftl")),
            ],
        )),*];
    };
}

files![
    "common",
    "refusals",
    "counter",
    "access",
    "admin",
    "examination",
    "files",
    "genomic",
    "notices",
    "oversight",
    "supervision"
];

type Bundle = FluentBundle<FluentResource>;

static BUNDLES: LazyLock<[Bundle; 3]> = LazyLock::new(|| Lang::ALL.map(bundle));

fn bundle(lang: Lang) -> Bundle {
    let id = lang.code().parse().expect("kk, ru and en are language identifiers");
    let mut bundle = Bundle::new_concurrent(vec![id]);
    // The isolating marks would end up in attributes and in what is copied from the page.
    bundle.set_use_isolating(false);
    for (area, texts) in FILES {
        let resource = FluentResource::try_new(texts[lang as usize].to_owned())
            .unwrap_or_else(|(_, errors)| panic!("locales/{}/{area}.ftl: {errors:?}", lang.code()));
        bundle.add_resource(resource).unwrap_or_else(|errors| panic!("locales/{}/{area}.ftl: {errors:?}", lang.code()));
    }
    bundle
}

impl Lang {
    pub(crate) const ALL: [Self; 3] = [Self::Kk, Self::Ru, Self::En];

    /// BCP 47.
    pub(crate) fn code(self) -> &'static str {
        ["kk", "ru", "en"][self as usize]
    }

    /// By itself.
    pub(crate) fn name(self) -> &'static str {
        ["Қазақша", "Русский", "English"][self as usize]
    }

    pub(crate) fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|l| l.code() == code)
    }

    /// The first language of an `Accept-Language` header that the console has; Kazakh otherwise, the state's language.
    pub(crate) fn accepted(header: &str) -> Self {
        header
            .split(',')
            .filter_map(|range| Self::from_code(range.split([';', '-']).next()?.trim().to_lowercase().as_str()))
            .next()
            .unwrap_or(Self::Kk)
    }

    /// A text. A key that does not exist shows itself, and the tests find it first.
    pub(crate) fn t(self, key: &str) -> String {
        self.tn(key, &[])
    }

    /// A text with values in it.
    pub(crate) fn tn(self, key: &str, values: &[(&str, FluentValue<'_>)]) -> String {
        self.find(key, values).unwrap_or_else(|| {
            tracing::error!(key, lang = self.code(), "a text is missing");
            key.to_owned()
        })
    }

    /// A text, where there is one.
    pub(crate) fn find(self, key: &str, values: &[(&str, FluentValue<'_>)]) -> Option<String> {
        let bundle = &BUNDLES[self as usize];
        let pattern = bundle.get_message(key)?.value()?;
        let args: FluentArgs<'_> = values.iter().map(|(name, value)| (*name, value.clone())).collect();
        let mut errors = Vec::new();
        let text = bundle.format_pattern(pattern, Some(&args), &mut errors).into_owned();
        if !errors.is_empty() {
            tracing::error!(key, lang = self.code(), ?errors, "a text wants values that it was not given");
        }
        Some(text)
    }

    /// The name of a code (`prefix-code`), or the code itself where it has none: codes come from law packs too.
    pub(crate) fn named(self, prefix: &str, code: &str) -> String {
        self.find(&format!("{prefix}-{}", code.replace([' ', '.', '_'], "-")), &[]).unwrap_or_else(|| code.to_owned())
    }

    /// The statement of a law in this language.
    pub(crate) fn of(self, text: &tanba_law::Text) -> String {
        match self {
            Self::Kk => &text.kk,
            Self::Ru => &text.ru,
            Self::En => &text.en,
        }
        .clone()
    }

    /// A day, as people write it.
    pub(crate) fn date(self, day: Date) -> String {
        let month = self.t(&format!("month-{}", day.month()));
        match self {
            Self::Kk => format!("{} ж. {} {month}", day.year(), day.day()),
            Self::Ru => format!("{} {month} {} г.", day.day(), day.year()),
            Self::En => format!("{} {month} {}", day.day(), day.year()),
        }
    }

    /// A day given as `YYYY-MM-DD`; the text itself where it is none.
    pub(crate) fn date_text(self, text: &str) -> String {
        text.parse().map_or_else(|_| text.to_owned(), |day| self.date(day))
    }

    /// An instant in the instance's civil time.
    pub(crate) fn time(self, at: Instant, zone: &Zone) -> String {
        let local = zone.civil(at);
        format!("{}, {:02}:{:02}", self.date(local.date()), local.hour(), local.minute())
    }

    /// A whole number with thousands set apart.
    pub(crate) fn number(self, n: u64) -> String {
        let digits = n.to_string();
        let apart = if self == Self::En { "," } else { "\u{a0}" };
        let mut text = String::new();
        for (i, digit) in digits.chars().enumerate() {
            if i > 0 && (digits.len() - i).is_multiple_of(3) {
                text.push_str(apart);
            }
            text.push(digit);
        }
        text
    }

    /// A number with decimals.
    pub(crate) fn decimal(self, n: f64, places: usize) -> String {
        let text = format!("{n:.places$}");
        if self == Self::En { text } else { text.replace('.', ",") }
    }
}

/// A value in a text.
pub(crate) fn arg<'a>(name: &'a str, value: impl Into<FluentValue<'a>>) -> (&'a str, FluentValue<'a>) {
    (name, value.into())
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    /// Keys of a Fluent file, each with the names of its values.
    fn keys(text: &str) -> BTreeMap<String, BTreeSet<String>> {
        let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut current = String::new();
        for line in text.lines() {
            if let Some((key, _)) = line.split_once(" =").filter(|(k, _)| {
                !k.is_empty() && k.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
            }) && !line.starts_with(' ')
            {
                current = key.to_owned();
                assert!(!found.contains_key(key), "{key} stands twice");
                found.insert(current.clone(), BTreeSet::new());
            }
            for value in line.split('$').skip(1) {
                let name: String = value.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
                found.entry(current.clone()).or_default().insert(name);
            }
        }
        found
    }

    #[test]
    fn every_language_has_the_same_keys_with_the_same_values() {
        for (area, [kk, ru, en]) in FILES {
            let (kk, ru, en) = (keys(kk), keys(ru), keys(en));
            assert!(!en.is_empty(), "{area} has texts");
            assert_eq!(kk, en, "{area}: Kazakh beside English");
            assert_eq!(ru, en, "{area}: Russian beside English");
        }
    }

    /// Every file below a folder of this crate with this ending, as text.
    fn sources(folder: &str, ending: &str) -> Vec<(String, String)> {
        let mut found = Vec::new();
        let mut folders = vec![std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|e| e == ending) {
                    found.push((path.display().to_string(), std::fs::read_to_string(&path).unwrap()));
                }
            }
        }
        found
    }

    #[test]
    fn every_key_that_a_page_names_has_its_text() {
        let known: BTreeSet<String> = FILES.iter().flat_map(|(_, [_, _, en])| keys(en).into_keys()).collect();
        let mut named = 0;
        for (file, text) in sources("templates", "html").into_iter().chain(sources("src/console", "rs")) {
            for call in ["p.t(\"", "p.count(\"", "p.with(\"", "p.tn(\"", "lang.t(\"", "lang.tn(\""] {
                for rest in text.split(call).skip(1) {
                    let key = rest.split('"').next().unwrap();
                    assert!(known.contains(key), "{file} names {key}, which has no text");
                    named += 1;
                }
            }
        }
        assert!(named > 100, "the search finds the pages' keys");
    }

    #[test]
    fn what_the_registry_says_no_with_has_words_in_every_language() {
        use crate::problem::slug;
        let known: BTreeSet<String> = FILES.iter().flat_map(|(_, [_, _, en])| keys(en).into_keys()).collect();
        let mut found = 0;
        for (file, text) in sources("../tanba-registry/src", "rs") {
            for (kind, mark) in [("conflict", "Conflict {"), ("not-found", "NotFound {"), ("invalid", "Invalid {")] {
                for rest in text.split(mark).skip(1) {
                    // The first member, where it is a literal: `what: "..."` or `field: "..."`.
                    let first =
                        rest.trim_start().split_once(": \"").filter(|(name, _)| matches!(*name, "what" | "field"));
                    let Some((_, rest)) = first else { continue };
                    let key = format!("{kind}-{}", slug(rest.split('"').next().unwrap()));
                    assert!(known.contains(&key), "{file}: {key} has no text");
                    found += 1;
                }
            }
        }
        assert!(found > 60, "the search finds what the registry says");
    }

    #[test]
    fn what_genomic_registration_denies_and_cannot_read_has_words_in_every_language() {
        let known: BTreeSet<String> = FILES.iter().flat_map(|(_, [_, _, en])| keys(en).into_keys()).collect();
        let mut found = 0;
        // A denial names its code after its entry; the bars of an examiner are a table of codes beside one of sentences.
        for (file, text) in sources("../tanba-registry/src/genomic", "rs") {
            let mark = if file.ends_with("findings.rs") { "=> \"" } else { ".deny(denial, \"" };
            let codes = text.split(mark).skip(1).map(|rest| rest.split('"').next().unwrap());
            for code in
                codes.filter(|code| code.starts_with("own_") || code.starts_with("same_") || code.starts_with("not_"))
            {
                let key = format!("problem-{}", code.replace('_', "-"));
                assert!(known.contains(&key), "{file}: {key} has no text");
                found += 1;
            }
        }
        for (file, text) in sources("src", "rs").into_iter().filter(|(file, _)| file.ends_with("src/problem.rs")) {
            for rest in text.split("(\"profile-").skip(1) {
                let key = format!("profile-{}", rest.split('"').next().unwrap());
                assert!(known.contains(&key), "{file}: {key} has no text");
                found += 1;
            }
        }
        assert!(found > 18, "the search finds them: {found}");
    }

    #[test]
    fn no_key_stands_in_two_areas() {
        let mut seen = BTreeMap::new();
        for (area, [_, _, en]) in FILES {
            for key in keys(en).into_keys() {
                assert_eq!(seen.insert(key.clone(), area), None, "{key} stands in two areas");
            }
        }
    }

    #[test]
    fn a_translation_is_a_translation() {
        // A text that is the same in Kazakh and Russian, and longer than a word or a name, was forgotten.
        for (area, [kk, ru, en]) in FILES {
            let lines = |text: &str| -> BTreeMap<String, String> {
                // Where the text depends on a number, its first line is no words.
                let words = text.lines().filter(|l| !l.ends_with("->"));
                words.filter_map(|l| l.split_once(" = ")).map(|(k, v)| (k.to_owned(), v.to_owned())).collect()
            };
            let (kk, ru, en) = (lines(kk), lines(ru), lines(en));
            for (key, text) in &kk {
                let long = text.split_whitespace().count() > 2 && text.chars().any(char::is_alphabetic);
                assert!(!long || Some(text) != en.get(key), "{area}: {key} is English in Kazakh");
                assert!(!long || Some(text) != ru.get(key), "{area}: {key} is Russian in Kazakh");
            }
            for (key, text) in &ru {
                let long = text.split_whitespace().count() > 2;
                assert!(!long || Some(text) != en.get(key), "{area}: {key} is English in Russian");
            }
        }
    }

    #[test]
    fn the_first_known_language_is_taken() {
        assert_eq!(Lang::accepted("de-DE,de;q=0.9,ru;q=0.8"), Lang::Ru);
        assert_eq!(Lang::accepted("en-GB"), Lang::En);
        assert_eq!(Lang::accepted(""), Lang::Kk);
    }

    #[test]
    fn numbers_and_days_follow_the_language() {
        assert_eq!(Lang::En.number(1_234_567), "1,234,567");
        assert_eq!(Lang::Ru.number(1234), "1\u{a0}234");
        assert_eq!(Lang::Kk.decimal(1.25, 1), "1,2");
        let day = jiff::civil::date(2026, 11, 25);
        assert_eq!(Lang::En.date(day), "25 November 2026");
        assert_eq!(Lang::Ru.date(day), "25 ноября 2026 г.");
        assert_eq!(Lang::Kk.date(day), "2026 ж. 25 қараша");
    }
}
