//! Machine-readable zones as ICAO Doc 9303 has them: TD1 (part 5, three lines of 30) and TD3 (part 4, two lines of 44).

use super::{BirthDate, CalendarDate, Sex};

/// What the zone says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Zone<'a> {
    /// One or two letters.
    pub(super) code: &'a str,
    /// Issuing state: three letters.
    pub(super) issuer: &'a str,
    /// Nationality: three letters.
    pub(super) nationality: &'a str,
    /// At most nine characters.
    pub(super) number: &'a str,
    /// Latin letters with any marks.
    pub(super) family: &'a str,
    pub(super) given: &'a str,
    pub(super) born: BirthDate,
    pub(super) sex: Sex,
    pub(super) expires: CalendarDate,
    /// Personal number.
    pub(super) personal: &'a str,
}

impl Zone<'_> {
    /// A card: three lines.
    pub(super) fn td1(&self) -> Vec<String> {
        let number = padded(self.number, 9);
        let first =
            format!("{}{}{number}{}{}", padded(self.code, 2), self.issuer, digit(&number), padded(self.personal, 15));
        let dates = self.dates();
        let rest = padded("", 11);
        let over = format!("{}{}{}{rest}", &first[5..], &dates[..7], &dates[8..]);
        vec![first, format!("{dates}{}{rest}{}", self.nationality, digit(&over)), names(self.family, self.given, 30)]
    }

    /// A booklet: two lines.
    pub(super) fn td3(&self) -> Vec<String> {
        let first = format!("{}{}{}", padded(self.code, 2), self.issuer, names(self.family, self.given, 39));
        let number = padded(self.number, 9);
        let number = format!("{number}{}", digit(&number));
        let dates = self.dates();
        let personal = padded(self.personal, 14);
        // A field without content may have a filler for its check digit; ours has content or a filler.
        let check = if self.personal.is_empty() { '<' } else { digit(&personal) };
        let personal = format!("{personal}{check}");
        let over = format!("{number}{}{}{personal}", &dates[..7], &dates[8..]);
        vec![first, format!("{number}{}{dates}{personal}{}", self.nationality, digit(&over))]
    }

    /// Birth, its check digit, sex, expiry, its check digit.
    fn dates(&self) -> String {
        let born = six(self.born.year, self.born.month, self.born.day);
        let expires = six(self.expires.0, self.expires.1, self.expires.2);
        let sex = if self.sex == Sex::Male { 'M' } else { 'F' };
        format!("{born}{}{sex}{expires}{}", digit(&born), digit(&expires))
    }
}

fn six(year: i16, month: u8, day: u8) -> String {
    format!("{:02}{month:02}{day:02}", year.rem_euclid(100))
}

/// Check digit: weights 7, 3, 1 over 0-9, A-Z as 10-35 and the filler as 0, modulo 10 (Doc 9303-3, 4.9).
pub(super) fn digit(text: &str) -> char {
    let value = |b: u8| match b {
        b'0'..=b'9' => u32::from(b - b'0'),
        b'A'..=b'Z' => u32::from(b - b'A') + 10,
        _ => 0,
    };
    let sum: u32 = text.bytes().zip([7, 3, 1].into_iter().cycle()).map(|(b, w)| value(b) * w).sum();
    char::from(b'0' + (sum % 10) as u8)
}

fn padded(text: &str, length: usize) -> String {
    let mut out: String = text.chars().take(length).collect();
    out.extend(std::iter::repeat_n('<', length.saturating_sub(out.len())));
    out
}

/// Family name, two fillers, given name. Where both do not fit, the family name leaves room for one letter of the given name.
fn names(family: &str, given: &str, length: usize) -> String {
    let mut text: String = plain(family).chars().take(length - 3).collect();
    text.push_str("<<");
    text.push_str(&plain(given));
    padded(&text, length)
}

/// Capital letters without marks (Doc 9303-3, section 6 A); a blank or hyphen is a filler.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 4);
    for c in text.chars().flat_map(char::to_uppercase) {
        match c {
            'A'..='Z' => out.push(c),
            'Ä' => out.push_str("AE"),
            'Ö' => out.push_str("OE"),
            'Ü' => out.push_str("UE"),
            'ß' => out.push_str("SS"),
            'Ç' => out.push('C'),
            'Ğ' => out.push('G'),
            'Ş' => out.push('S'),
            'Ñ' => out.push('N'),
            'Ū' => out.push('U'),
            'İ' => out.push('I'),
            ' ' | '-' => out.push('<'),
            // An apostrophe and anything else has no place in the zone.
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANNA: Zone<'_> = Zone {
        code: "P",
        issuer: "UTO",
        nationality: "UTO",
        number: "L898902C3",
        family: "Eriksson",
        given: "Anna Maria",
        born: BirthDate { year: 1974, month: 8, day: 12 },
        sex: Sex::Female,
        expires: (2012, 4, 15),
        personal: "ZE184226B",
    };

    /// The specimen passport of Doc 9303-4, appendix B.
    #[test]
    fn the_specimen_passport_has_its_lines() {
        assert_eq!(
            ANNA.td3(),
            ["P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"]
        );
    }

    /// The specimen card of Doc 9303-5, appendix B.
    #[test]
    fn the_specimen_card_has_its_lines() {
        let card = Zone { code: "I", number: "D23145890", personal: "", ..ANNA };
        assert_eq!(
            card.td1(),
            ["I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"]
        );
    }

    /// The worked examples of Doc 9303-3, appendix A.
    #[test]
    fn check_digits_are_those_of_the_worked_examples() {
        assert_eq!(digit("520727"), '3');
        assert_eq!(digit("AB2134<<<"), '5');
    }

    #[test]
    fn long_and_marked_names_fit() {
        assert_eq!(names("Müller-Şahin", "Ayşe", 30), "MUELLER<SAHIN<<AYSE<<<<<<<<<<<");
        let long = names("Bekmukhambetovanurmukhambetova", "Aigerim", 30);
        assert_eq!((long.len(), &long[27..]), (30, "<<A"));
        let zone = Zone { family: "Bekmukhambetovanurmukhambetovabekmukhambetova", ..ANNA };
        assert!(zone.td3().iter().all(|line| line.len() == 44));
        assert!(zone.td1().iter().all(|line| line.len() == 30));
    }
}
