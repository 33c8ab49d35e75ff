//! Papers of people who do not exist.
//!
//! Every number begins with `SYN`, and the machine-readable zone names `UTO` as the issuing state, the Utopia of ICAO's specimens: nothing here
//! passes for a document of any country. Dates are fixed by the seed: at a later day somebody has the next card of the same series.

use serde::{Deserialize, Serialize, Serializer};

use crate::random::Stream;

use super::date::{from_days, to_days};
use super::mrz::Zone;
use super::names::Scripts;
use super::{BirthDate, CalendarDate, Person, Status};

/// What a document is, in the words of the law packs where they have one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// Of a citizen under 16.
    BirthCertificate,
    /// Of a citizen from 16.
    IdentityCard,
    /// Of a citizen, at request.
    Passport,
    /// Of a foreigner who lives here.
    ResidencePermit,
    /// A foreigner's own.
    ForeignPassport,
    /// Of a stateless person from 16.
    StatelessCertificate,
}

/// One document.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct IdentityDocument {
    /// What it is.
    pub kind: DocumentKind,
    /// `SYN` and six letters or digits; no two of the first 34 million people of a population share one.
    pub number: String,
    /// Day of issue.
    #[serde(serialize_with = "iso")]
    pub issued: CalendarDate,
    /// Last day of validity, where there is one.
    #[serde(serialize_with = "iso_or_none")]
    pub expires: Option<CalendarDate>,
    /// Who issued it: an office that is nowhere.
    pub office: Scripts,
    /// Lines of the machine-readable zone, where there is one.
    pub mrz: Vec<String>,
}

impl IdentityDocument {
    /// Whether it can be shown at a day.
    pub fn valid_at(&self, day: CalendarDate) -> bool {
        self.issued <= day && self.expires.is_none_or(|last| day <= last)
    }
}

/// Issuing state in every zone: the specimen state of ICAO Doc 9303.
const ISSUER: &str = "UTO";
/// Nationality of a stateless person (Doc 9303-3, section 5).
const STATELESS: &str = "XXA";
/// Years of validity: cards and passports ten, a stateless person's certificate five (Law 73-V of 2013; own choice for permits).
const YEARS: i32 = 10;
const STATELESS_YEARS: i32 = 5;
/// Days before expiry within which most people renew, share of those who come late, and by how many days at most (own choices).
const RENEWED_BEFORE: f64 = 60.0;
const LATE: f64 = 0.12;
const LATE_BY: f64 = 250.0;
/// People who ever want a passport, and their greatest age at the first (own choices).
const HAS_PASSPORT: f64 = 0.45;
const FIRST_PASSPORT: f64 = 45.0;
/// Offices.
const OFFICES: u32 = 60;
/// Values of the six characters of a number, and an odd multiplier without the factor 3, so that it scatters without meeting itself.
const NUMBERS: u64 = 36 * 36 * 36 * 36 * 36 * 36;
const SCATTER: u64 = 1_271_548_727;
/// Numbers that one person can use up.
const PER_PERSON: u64 = 64;

/// The documents of a person at a day.
pub(super) fn of(person: &Person, (as_of, arrived): (CalendarDate, i32), place: u64) -> Vec<IdentityDocument> {
    let today = to_days(as_of);
    let born = to_days((person.born.year, person.born.month, person.born.day));
    let sixteen = person.born.birthday(16);
    let mut stream = Stream::new(person.seed, "documents");
    let wants_passport = stream.chance(HAS_PASSPORT);
    let passport_from = born + (stream.uniform(0.0, FIRST_PASSPORT) * 365.25) as i32;
    let card_from = sixteen + stream.below(300) as i32;
    let certificate_from = born + 3 + stream.below(50) as i32;
    let permit_from = arrived + 20 + stream.below(200) as i32;
    let permit_from = permit_from.max(sixteen);

    // Whoever came had a passport before.
    let own_passport_from = (born + (passport_from - born) / 4).min(arrived - 30).max(born + 10);

    let paper = |kind, from: i32, years: Option<i32>, slot: u64| {
        let mut dates = Stream::new(person.seed, if slot == 0 { "cards" } else { "booklets" });
        let mut issue =
            Issue { kind, issued: from, expires: years.map(|y| last_day(from, y)), ordinal: 0, slot, place };
        while let (Some(years), Some(expires)) = (years, issue.expires) {
            let late = dates.chance(LATE);
            let renewed = if late {
                expires + dates.uniform(1.0, LATE_BY) as i32
            } else {
                expires - dates.uniform(0.0, RENEWED_BEFORE) as i32
            };
            if renewed > today {
                break;
            }
            issue =
                Issue { issued: renewed, expires: Some(last_day(renewed, years)), ordinal: issue.ordinal + 1, ..issue };
        }
        (from <= today).then(|| issue.write(person))
    };
    let papers = match person.status {
        Status::Citizen => [
            if today >= card_from {
                paper(DocumentKind::IdentityCard, card_from, Some(YEARS), 0)
            } else {
                paper(DocumentKind::BirthCertificate, certificate_from, None, 0)
            },
            if wants_passport { paper(DocumentKind::Passport, passport_from, Some(YEARS), 1) } else { None },
        ],
        Status::Foreigner => [
            paper(DocumentKind::ResidencePermit, permit_from, Some(YEARS), 0),
            paper(DocumentKind::ForeignPassport, own_passport_from, Some(YEARS), 1),
        ],
        Status::Stateless => {
            [paper(DocumentKind::StatelessCertificate, card_from.max(permit_from), Some(STATELESS_YEARS), 0), None]
        }
    };
    papers.into_iter().flatten().collect()
}

struct Issue {
    kind: DocumentKind,
    issued: i32,
    expires: Option<i32>,
    ordinal: u64,
    slot: u64,
    place: u64,
}

impl Issue {
    fn write(self, person: &Person) -> IdentityDocument {
        let number = number(self.place, self.slot * 32 + self.ordinal.min(31));
        let expires = self.expires.map(calendar);
        let office = Stream::new(person.seed, "office").below(OFFICES) + self.ordinal as u32 % 3 + 1;
        IdentityDocument {
            mrz: expires.map(|last| zone(person, self.kind, &number, last)).unwrap_or_default(),
            kind: self.kind,
            number,
            issued: calendar(self.issued),
            expires,
            office: Scripts {
                kk: format!("№ {office} үлгі орталығы"),
                ru: format!("Примерный центр № {office}"),
                latin: format!("Example Office No. {office}"),
            },
        }
    }
}

fn zone(person: &Person, kind: DocumentKind, number: &str, expires: CalendarDate) -> Vec<String> {
    let nationality = match person.status {
        Status::Citizen => ISSUER,
        Status::Foreigner => person.citizenship.unwrap_or(STATELESS),
        Status::Stateless => STATELESS,
    };
    let zone = Zone {
        code: match kind {
            DocumentKind::Passport | DocumentKind::ForeignPassport => "P",
            DocumentKind::ResidencePermit => "IR",
            DocumentKind::StatelessCertificate => "IS",
            DocumentKind::IdentityCard | DocumentKind::BirthCertificate => "I",
        },
        issuer: ISSUER,
        nationality,
        number,
        family: &person.name.family.latin,
        given: &person.name.given.latin,
        born: person.born,
        sex: person.sex,
        expires,
        personal: person.iin.as_str(),
    };
    match kind {
        DocumentKind::Passport | DocumentKind::ForeignPassport => zone.td3(),
        _ => zone.td1(),
    }
}

/// `SYN` and six characters of base 36.
fn number(place: u64, which: u64) -> String {
    let mut left = (place % (NUMBERS / PER_PERSON) * PER_PERSON + which % PER_PERSON) * SCATTER % NUMBERS;
    let mut text = *b"SYN000000";
    for c in text[3..].iter_mut().rev() {
        let digit = (left % 36) as u8;
        *c = if digit < 10 { b'0' + digit } else { b'A' + digit - 10 };
        left /= 36;
    }
    text.into_iter().map(char::from).collect()
}

/// The day before the same day so many years later.
fn last_day(from: i32, years: i32) -> i32 {
    from_days(from).birthday(years) - 1
}

fn calendar(days: i32) -> CalendarDate {
    let BirthDate { year, month, day } = from_days(days);
    (year, month, day)
}

pub(super) fn iso<S: Serializer>((year, month, day): &CalendarDate, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{year:04}-{month:02}-{day:02}"))
}

fn iso_or_none<S: Serializer>(day: &Option<CalendarDate>, serializer: S) -> Result<S::Ok, S::Error> {
    match day {
        Some(day) => iso(day, serializer),
        None => serializer.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn numbers_never_meet() {
        let numbers: BTreeSet<String> =
            (0..20_000).flat_map(|place| (0..PER_PERSON).step_by(9).map(move |which| number(place, which))).collect();
        assert_eq!(numbers.len(), 20_000 * 8);
        assert!(numbers.iter().all(|n| n.len() == 9 && n.starts_with("SYN")));
        // Multiplication by it can be undone.
        const { assert!(SCATTER % 2 == 1 && !SCATTER.is_multiple_of(3)) };
    }
}
