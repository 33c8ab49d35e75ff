//! What numbers say in words, and texts for pictures.

/// The support that a likelihood ratio, or its reciprocal, gives: the verbal scale of the ENFSI Guideline for Evaluative Reporting in Forensic
/// Science (2015). `None` below 2, where it names none.
pub fn verbal_support(log10_lr: f64) -> Option<&'static str> {
    match log10_lr.abs() {
        x if x < 2.0_f64.log10() => None,
        x if x < 1.0 => Some("weak support"),
        x if x < 2.0 => Some("moderate support"),
        x if x < 3.0 => Some("moderately strong support"),
        x if x < 4.0 => Some("strong support"),
        x if x < 6.0 => Some("very strong support"),
        _ => Some("extremely strong support"),
    }
}

/// A text that stands in XML.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A name in lines of at most `most` characters, broken at a blank or behind a hyphen where there is one; nothing of it is lost but
/// control characters.
pub(crate) fn in_lines(name: &str, most: usize) -> Vec<String> {
    let mut left: Vec<char> = name.chars().filter(|c| !c.is_control()).collect();
    let mut lines = Vec::new();
    while left.len() > most {
        // A line that would be left nearly empty is broken within the word.
        let fits = |at: &usize| left[*at] == ' ' || left[at - 1] == '-';
        let at = (most / 3 + 1..=most).rev().find(fits).unwrap_or(most);
        let rest = left.split_off(at);
        lines.push(left.into_iter().collect());
        left = if rest[0] == ' ' { rest[1..].to_vec() } else { rest };
    }
    lines.push(left.into_iter().collect());
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_is_symmetric_and_has_the_bounds_of_enfsi() {
        for (lr, words) in [
            (1.0, None),
            (1.99, None),
            (5.0, Some("weak support")),
            (50.0, Some("moderate support")),
            (500.0, Some("moderately strong support")),
            (5e3, Some("strong support")),
            (5e5, Some("very strong support")),
            (2e6, Some("extremely strong support")),
        ] {
            assert_eq!(verbal_support(f64::log10(lr)), words, "{lr}");
            assert_eq!(verbal_support(-f64::log10(lr)), words, "{lr}");
        }
    }

    #[test]
    fn a_long_name_is_broken_and_kept() {
        assert_eq!(in_lines("F14: Missing person", 14), ["F14: Missing", "person"]);
        assert_eq!(in_lines("ABCDEFGHIJ", 4), ["ABCD", "EFGH", "IJ"]);
        assert_eq!(in_lines("a bcdefghi", 6), ["a bcde", "fghi"]);
        assert_eq!(in_lines("Anna-Maria Petrova", 12), ["Anna-Maria", "Petrova"]);
        assert_eq!(in_lines("Konstantin-Petrov", 12), ["Konstantin-", "Petrov"]);
        assert_eq!(in_lines("M\n1", 14), ["M1"]);
        assert_eq!(in_lines("", 14), [""]);
    }
}
