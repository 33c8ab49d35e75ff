//! Dates and times.

/// YYYYMMDD with a month and a day that exist, or zeros where they are not known.
pub(super) fn is_date(text: &str) -> bool {
    let [Some(year), Some(month), Some(day)] = [number(text, 0..4), number(text, 4..6), number(text, 6..8)] else {
        return false;
    };
    text.len() == 8 && month <= 12 && day <= days(year, month) && (month > 0 || day == 0)
}

/// YYYYMMDDHHMMSSZ.
pub(super) fn is_moment(text: &str) -> bool {
    let date = text.get(..8).is_some_and(is_date);
    let [Some(hour), Some(minute), Some(second)] = [number(text, 8..10), number(text, 10..12), number(text, 12..14)]
    else {
        return false;
    };
    // A leap second is a second too.
    date && text.len() == 15 && text.ends_with('Z') && hour < 24 && minute < 60 && second <= 60
}

fn number(text: &str, range: std::ops::Range<usize>) -> Option<u32> {
    let digits = text.get(range)?;
    digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
}

fn days(year: u32, month: u32) -> u32 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_that_exist_are_dates() {
        assert!(["20240229", "20261231", "19900000", "19901200"].into_iter().all(is_date));
        let none = ["20230229", "20261301", "20260431", "2026010", "202601011", "2026-1-1", "19900001", "", "abcdefgh"];
        assert!(!none.into_iter().any(is_date));
        assert!(is_moment("20260203040506Z"));
        assert!(!["20260203040506", "20260203240506Z", "20260230040506Z", "2026020304050Z"].into_iter().any(is_moment));
    }
}
