//! Numbers of the form of a Kazakh IIN that no living person can hold.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{BirthDate, Sex};

/// Weights of the first and the second round of the check digit (Government Resolutions 565/2003 and 406/2007).
const WEIGHTS: [[u32; 11]; 2] = [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], [3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2]];

/// A synthetic IIN: month, day and two-digit year are true, the seventh digit says 19th century (or the birth is from 2090 on), so
/// no living person has it. It is nobody's, and therefore shown freely.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SyntheticIin(String);

impl SyntheticIin {
    /// The number for a birth, a sex and a serial of 0 to 9999; `None` for a larger serial or one that has no check digit
    /// and is not issued (about 0.8 %): take the next.
    pub fn new(born: BirthDate, sex: Sex, serial: u16) -> Option<Self> {
        if serial > 9999 {
            return None;
        }
        // Births from 2090 belong to nobody alive, so their own century is as safe as the 19th.
        let century = if (2090..=2099).contains(&born.year) { 5 } else { 1 };
        let digit = century + u8::from(sex == Sex::Female);
        let head = format!(
            "{:02}{:02}{:02}{digit}{serial:04}",
            born.year.rem_euclid(100),
            born.month.min(99),
            born.day.min(99)
        );
        let check = check_digit(&head)?;
        Some(Self(format!("{head}{check}")))
    }

    /// The first number from this serial on that is issued; serials wrap round after 9999.
    pub(super) fn from_serial(born: BirthDate, sex: Sex, serial: u32) -> Self {
        (0..10_000)
            .find_map(|step| Self::new(born, sex, ((serial + step) % 10_000) as u16))
            .expect("most of ten thousand serials have a check digit")
    }

    /// The twelve digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SyntheticIin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The twelfth digit after eleven; `None` where both rounds leave 10.
fn check_digit(head: &str) -> Option<u32> {
    WEIGHTS.iter().find_map(|weights| {
        let sum: u32 = head.bytes().zip(weights).map(|(b, w)| u32::from(b - b'0') * w).sum();
        (sum % 11 < 10).then_some(sum % 11)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn worked_examples() {
        // Computed by hand from the two weight rows; births of 1880, 1868 and 2099 only.
        let number = |year, month, day, sex, serial| SyntheticIin::new(BirthDate { year, month, day }, sex, serial);
        let text = |n: Option<SyntheticIin>| n.map(|n| n.to_string());
        assert_eq!(text(number(1880, 4, 16, Sex::Male, 0)).as_deref(), Some("800416100006"));
        assert_eq!(text(number(1868, 5, 3, Sex::Female, 80)).as_deref(), Some("680503200800"));
        assert_eq!(text(number(1880, 4, 16, Sex::Male, 70)).as_deref(), Some("800416100709"));
        assert_eq!(text(number(1980, 4, 16, Sex::Male, 76)), None);
        assert_eq!(text(number(2099, 12, 31, Sex::Male, 70)).as_deref(), Some("991231500707"));
        assert_eq!(text(number(2099, 12, 31, Sex::Female, 20)).as_deref(), Some("991231600200"));
        assert_eq!(number(1980, 4, 16, Sex::Male, 10_000), None);
    }

    #[test]
    fn a_serial_without_a_number_gives_the_next_one() {
        let born = BirthDate { year: 1980, month: 4, day: 16 };
        assert_eq!(SyntheticIin::from_serial(born, Sex::Male, 76), SyntheticIin::new(born, Sex::Male, 77).unwrap());
    }
}
