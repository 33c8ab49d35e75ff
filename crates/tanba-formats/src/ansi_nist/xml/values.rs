//! Values as each encoding has them.

/// The width of an angle at the end of a minutia's position, field 9.012.
const ANGLE_DIGITS: usize = 3;

/// 2011-12-31 as 20111231; anything else as it is.
pub(super) fn date(text: &str) -> String {
    match text.as_bytes() {
        [_, _, _, _, b'-', _, _, b'-', _, _] => text.split('-').collect(),
        _ => text.into(),
    }
}

/// 2011-12-31T23:59:59Z as 20111231235959Z; anything else, another time zone too, as it is.
pub(super) fn moment(text: &str) -> String {
    let plain = text.len() == 20 && text.ends_with('Z') && text.as_bytes().get(10) == Some(&b'T');
    if plain { text.chars().filter(|c| !matches!(c, '-' | ':' | 'T')).collect() } else { date(text) }
}

pub(super) fn logical(text: &str, yes: &str, no: &str) -> String {
    match text {
        "true" | "1" => yes.into(),
        "false" | "0" => no.into(),
        other => other.into(),
    }
}

/// 20111231 as 2011-12-31.
pub(super) fn xml_date(text: &str) -> String {
    match (text.get(..4), text.get(4..6), text.get(6..)) {
        (Some(year), Some(month), Some(day)) if day.len() == 2 && text.bytes().all(|b| b.is_ascii_digit()) => {
            format!("{year}-{month}-{day}")
        }
        _ => text.into(),
    }
}

/// 20111231235959Z as 2011-12-31T23:59:59Z.
pub(super) fn xml_moment(text: &str) -> String {
    let digits = text.strip_suffix('Z').filter(|d| d.len() == 14 && d.bytes().all(|b| b.is_ascii_digit()));
    match digits.map(|d| d.split_at(8)) {
        Some((date, time)) => {
            let part = |range: std::ops::Range<usize>| time.get(range).unwrap_or_default();
            format!("{}T{}:{}:{}Z", xml_date(date), part(0..2), part(2..4), part(4..6))
        }
        None => text.into(),
    }
}

pub(super) fn xml_logical<'t>(text: &'t str, yes: &str, no: &str) -> &'t str {
    if text == yes {
        "true"
    } else if text == no {
        "false"
    } else {
        text
    }
}

/// A part of an item that several elements share: equal parts, but for the angle after x and y.
pub(super) fn part(value: &[u8], part: usize, parts: usize) -> &[u8] {
    let (equal, angle) = match parts {
        3 => value.split_at(value.len().saturating_sub(ANGLE_DIGITS)),
        _ => (value, &[][..]),
    };
    if parts == 3 && part == 2 {
        return angle;
    }
    let (first, second) = equal.split_at(equal.len().div_ceil(2));
    match (parts, part) {
        (1, _) => value,
        (_, 0) => first,
        _ => second,
    }
}

pub(super) fn is_palm(items: &[Vec<u8>]) -> bool {
    let code = items.first().and_then(|i| std::str::from_utf8(i).ok()?.parse().ok());
    code.is_some_and(|c| crate::ansi_nist::Position(c).is_palm())
}

/// Text without blanks around it, of characters that XML can hold.
pub(super) fn xml_text(value: &[u8]) -> Option<&str> {
    std::str::from_utf8(value).ok().filter(|t| t.trim() == *t && t.chars().all(is_xml))
}

/// Whether XML 1.0 has the character and keeps it: carriage returns become line feeds.
pub(super) fn is_xml(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}
