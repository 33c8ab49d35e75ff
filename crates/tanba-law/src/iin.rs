//! The individual identification number of Kazakhstan (12 digits).
//!
//! Structure: birth date YYMMDD, a digit for century and sex, four serial digits, a check digit (Government Resolutions
//! 565/2003 and 406/2007, as two independent open validators read them). The number is never regenerated, so it may
//! disagree with a corrected civil record: that is a warning, never a rejection.
//!
//! The check has a blind spot: the eleventh digit has weight 11, which is 0 modulo 11, so most errors there pass. A person
//! is never keyed by the check digit alone.

use crate::Date;
use std::fmt;
use thiserror::Error;

/// First weights, for digits 1 to 11.
const WEIGHTS: [u32; 11] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
/// Second weights, used where the first sum leaves remainder 10.
const SECOND_WEIGHTS: [u32; 11] = [3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2];
/// Two-digit years of the 21st century from which no living person can have been born (2090).
const SYNTHETIC_YEAR_FROM: u8 = 90;

/// A number that has the form and the check digit of an IIN.
///
/// `Display` and `Debug` mask it; [`Iin::reveal`] is the only way to the digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Iin([u8; 12]);

/// Sex as the seventh digit tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sex {
    /// Odd seventh digit.
    Male,
    /// Even seventh digit.
    Female,
}

/// Why a text is not an IIN. Never holds any of its digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum IinError {
    /// Not exactly twelve digits 0 to 9.
    #[error("an IIN is exactly 12 digits 0-9, without blanks; check what was typed")]
    NotTwelveDigits,
    /// The first six digits are not a date in the century of the seventh.
    #[error(
        "the first 6 digits of this IIN are not a date in the century that its 7th digit names; check what was typed"
    )]
    ImpossibleDate,
    /// The last digit is not the one that the others give.
    #[error("the check digit of this IIN is wrong; check what was typed")]
    CheckDigit,
    /// The first eleven digits have no check digit; such a number is never issued.
    #[error("no IIN can begin with these 11 digits; check what was typed")]
    NeverIssued,
}

/// Something about a number that an officer should look at; never a ground for rejection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IinWarning {
    /// The digits name another birth date than the record. The number is not changed when a record is corrected.
    BirthDateDiffers,
    /// The seventh digit is not one of those assigned (1 to 6).
    CenturyUnknown,
    /// The digits name another sex than the record.
    SexDiffers,
}

impl Iin {
    /// Reads an IIN: twelve ASCII digits, a possible date, the right check digit.
    pub fn parse(text: &str) -> Result<Self, IinError> {
        let bytes: [u8; 12] = text.as_bytes().try_into().map_err(|_| IinError::NotTwelveDigits)?;
        if !bytes.iter().all(u8::is_ascii_digit) {
            return Err(IinError::NotTwelveDigits);
        }
        let iin = Self(bytes.map(|byte| byte - b'0'));
        if iin.possible_births().next().is_none() {
            return Err(IinError::ImpossibleDate);
        }
        match check_digit(&iin.0) {
            None => Err(IinError::NeverIssued),
            Some(expected) if expected != iin.0[11] => Err(IinError::CheckDigit),
            Some(_) => Ok(iin),
        }
    }

    /// A number that belongs to no living person: true month, day and two-digit year, seventh digit 1 or 2.
    ///
    /// `None` for the few serials (about 0.8 %) without a check digit, and above 9999: take the next serial.
    pub fn synthetic(born: Date, sex: Sex, serial: u16) -> Option<Self> {
        if serial > 9999 {
            return None;
        }
        let head = format!(
            "{:02}{:02}{:02}{}{:04}",
            born.year().rem_euclid(100),
            born.month(),
            born.day(),
            if sex == Sex::Male { 1 } else { 2 },
            serial
        );
        let mut digits = [0; 12];
        for (slot, byte) in digits.iter_mut().zip(head.bytes()) {
            *slot = byte - b'0';
        }
        digits[11] = check_digit(&digits)?;
        Some(Self(digits))
    }

    /// Whether no living person can hold this number: a birth in the 1800s, or from 2090.
    pub fn is_synthetic(&self) -> bool {
        match self.0[6] {
            1 | 2 => true,
            5 | 6 => self.pair(0) >= SYNTHETIC_YEAR_FROM,
            _ => false,
        }
    }

    /// The birth date that the digits name; `None` where the seventh digit is unassigned, or where a synthetic number
    /// carries a leap day that its century did not have.
    pub fn birth_date(&self) -> Option<Date> {
        self.date_in(self.century()?)
    }

    /// The sex that the seventh digit names; `None` where it is unassigned.
    pub fn sex(&self) -> Option<Sex> {
        self.century().map(|_| if self.0[6] % 2 == 1 { Sex::Male } else { Sex::Female })
    }

    /// What an officer should look at when the record says `born` and `sex`. A synthetic number is compared without its
    /// century, which is untrue by design.
    pub fn warnings(&self, born: Option<Date>, sex: Option<Sex>) -> Vec<IinWarning> {
        let mut warnings = Vec::new();
        if self.century().is_none() {
            warnings.push(IinWarning::CenturyUnknown);
        }
        if let Some(born) = born {
            let same_digits = i32::from(self.pair(0)) == i32::from(born.year()).rem_euclid(100)
                && i8::try_from(self.pair(2)) == Ok(born.month())
                && i8::try_from(self.pair(4)) == Ok(born.day());
            let same_century = match self.century() {
                Some(century) if !self.is_synthetic() => century == born.year() - born.year().rem_euclid(100),
                _ => true,
            };
            if !(same_digits && same_century) {
                warnings.push(IinWarning::BirthDateDiffers);
            }
        }
        if let (Some(own), Some(recorded)) = (self.sex(), sex)
            && own != recorded
        {
            warnings.push(IinWarning::SexDiffers);
        }
        warnings
    }

    /// The twelve digits. Only for storing under encryption, for the person, and for an officer who may see them.
    pub fn reveal(&self) -> String {
        self.0.iter().map(|digit| char::from(b'0' + digit)).collect()
    }

    fn pair(&self, at: usize) -> u8 {
        self.0[at] * 10 + self.0[at + 1]
    }

    fn century(&self) -> Option<i16> {
        match self.0[6] {
            1 | 2 => Some(1800),
            3 | 4 => Some(1900),
            5 | 6 => Some(2000),
            _ => None,
        }
    }

    fn date_in(&self, century: i16) -> Option<Date> {
        let (month, day) = (i8::try_from(self.pair(2)).ok()?, i8::try_from(self.pair(4)).ok()?);
        Date::new(century + i16::from(self.pair(0)), month, day).ok()
    }

    /// Birth dates that the digits may mean. An unassigned century may be any; a synthetic number (7th digit 1 or 2)
    /// carries a true day of a later century, such as 29 February 2000.
    fn possible_births(&self) -> impl Iterator<Item = Date> + '_ {
        let centuries: &[i16] = match self.0[6] {
            3 | 4 => &[1900],
            5 | 6 => &[2000],
            _ => &[1800, 1900, 2000],
        };
        centuries.iter().filter_map(|&century| self.date_in(century))
    }
}

/// The twelfth digit that the first eleven give; `None` where both weight rows leave 10.
fn check_digit(digits: &[u8; 12]) -> Option<u8> {
    [WEIGHTS, SECOND_WEIGHTS].iter().find_map(|weights| {
        let sum: u32 = weights.iter().zip(digits).map(|(weight, digit)| weight * u32::from(*digit)).sum();
        u8::try_from(sum % 11).ok().filter(|rest| *rest < 10)
    })
}

impl fmt::Display for Iin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "**********{}{}", self.0[10], self.0[11])
    }
}

impl fmt::Debug for Iin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Iin({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn worked_examples_of_the_fact_sheet_hold() {
        for (text, born, sex) in [
            ("800416100006", date(1880, 4, 16), Sex::Male),
            ("680503200800", date(1868, 5, 3), Sex::Female),
            ("800416100709", date(1880, 4, 16), Sex::Male),
            ("680503200911", date(1868, 5, 3), Sex::Female),
            ("991231500707", date(2099, 12, 31), Sex::Male),
            ("991231600200", date(2099, 12, 31), Sex::Female),
        ] {
            let iin = Iin::parse(text).unwrap();
            assert_eq!((iin.birth_date(), iin.sex()), (Some(born), Some(sex)), "{text}");
            assert!(iin.is_synthetic(), "{text}");
            assert_eq!(iin.reveal(), text);
        }
        for last in 0..10 {
            assert_eq!(Iin::parse(&format!("80041610076{last}")), Err(IinError::NeverIssued));
        }
    }

    #[test]
    fn only_twelve_ascii_digits_are_read() {
        for text in [
            "",
            "80041610000",
            "8004161000066",
            "80041610000６",
            "80041610000a",
            " 800416100006",
            "800416100006\n",
            "٨٠٠٤١٦",
        ] {
            assert_eq!(Iin::parse(text), Err(IinError::NotTwelveDigits), "{text:?}");
        }
        assert_eq!(Iin::parse("800416100007"), Err(IinError::CheckDigit));
    }

    #[test]
    fn the_leap_day_belongs_to_the_century_of_the_seventh_digit() {
        let with_check = |head: &str| {
            (0..10)
                .map(|last| Iin::parse(&format!("{head}{last}")))
                .find(|read| *read != Err(IinError::CheckDigit))
                .unwrap()
        };
        assert!(with_check("96022950001").is_ok(), "2096 is a leap year");
        assert_eq!(with_check("97022950001"), Err(IinError::ImpossibleDate));
        assert_eq!(with_check("00022930001"), Err(IinError::ImpossibleDate));
        let child = Iin::synthetic(date(2000, 2, 29), Sex::Female, 12).unwrap();
        assert!(child.is_synthetic());
        assert_eq!(Iin::parse(&child.reveal()), Ok(child));
        assert!(child.warnings(Some(date(2000, 2, 29)), Some(Sex::Female)).is_empty());
    }

    #[test]
    fn an_unassigned_seventh_digit_is_unknown_and_not_refused() {
        for seventh in [0, 7, 8, 9] {
            let iin = (0..10)
                .find_map(|last| Iin::parse(&format!("900101{seventh}0010{last}")).ok())
                .unwrap_or_else(|| panic!("no check digit for {seventh}"));
            assert_eq!((iin.birth_date(), iin.sex(), iin.is_synthetic()), (None, None, false));
            assert_eq!(iin.warnings(Some(date(1990, 1, 1)), None), [IinWarning::CenturyUnknown]);
        }
    }

    #[test]
    fn births_from_2090_belong_to_nobody_alive() {
        let of = |head: &str| (0..10).find_map(|last| Iin::parse(&format!("{head}{last}")).ok()).unwrap();
        assert!(of("90010150010").is_synthetic());
        // 31 December 2089 of the other serials: nobody's yet, but not among those set aside.
        assert!(!of("89123150010").is_synthetic());
    }

    #[test]
    fn a_record_that_differs_is_a_warning() {
        let iin = Iin::parse("991231500707").unwrap();
        assert_eq!(iin.warnings(Some(date(2099, 12, 30)), Some(Sex::Male)), [IinWarning::BirthDateDiffers]);
        assert_eq!(iin.warnings(None, Some(Sex::Female)), [IinWarning::SexDiffers]);
        let synthetic = Iin::parse("800416100006").unwrap();
        assert!(
            synthetic.warnings(Some(date(1980, 4, 16)), None).is_empty(),
            "the century of a synthetic IIN is not compared"
        );
    }

    #[test]
    fn the_eleventh_digit_is_a_blind_spot() {
        let read = (0..10).filter(|digit| Iin::parse(&format!("8004161002{digit}4")).is_ok()).count();
        assert_eq!(read, 10);
    }

    #[test]
    fn digits_are_masked_wherever_they_could_be_printed() {
        let iin = Iin::parse("680503200911").unwrap();
        assert_eq!(format!("{iin} {iin:?}"), "**********11 Iin(**********11)");
    }
}
