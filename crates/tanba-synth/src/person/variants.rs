//! The ways in which one name turns up in papers: for tests of searches that should find it anyhow.

use serde::{Deserialize, Serialize};

use crate::random::Stream;

use super::names::{PersonName, Scripts};
use super::translit;

/// Where a spelling comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Spelling {
    /// Kazakh Cyrillic.
    Kazakh,
    /// Russian.
    Russian,
    /// Today's passport.
    Passport,
    /// The Kazakh Latin alphabet of 2021.
    Latin2021,
    /// A passport of the 1990s.
    OlderPassport,
    /// A Soviet passport for abroad.
    SovietPassport,
    /// A clerk's slip.
    Typo,
}

/// One spelling of a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NameVariant {
    /// Where it comes from.
    pub spelling: Spelling,
    /// Family name.
    pub family: String,
    /// Given name.
    pub given: String,
    /// Patronymic.
    pub patronymic: Option<String>,
}

impl PersonName {
    /// Every spelling that papers may have, the two Cyrillic ones first; only the passport's for a name that has Latin letters alone.
    pub fn variants(&self) -> Vec<NameVariant> {
        let mut all = Vec::with_capacity(6);
        if !self.family.kk.is_empty() {
            all.push(self.spelt(Spelling::Kazakh, |s| s.kk.clone()));
            all.push(self.spelt(Spelling::Russian, |s| s.ru.clone()));
        }
        all.push(self.spelt(Spelling::Passport, |s| s.latin.clone()));
        if !self.family.kk.is_empty() {
            all.push(self.spelt(Spelling::Latin2021, |s| translit::latin_2021(&s.kk)));
            all.push(self.spelt(Spelling::OlderPassport, |s| translit::older_passport(&s.ru)));
            all.push(self.spelt(Spelling::SovietPassport, |s| translit::soviet_passport(&s.ru)));
        }
        all
    }

    /// The passport's spelling with one slip of a clerk in the family or the given name: a letter left out, doubled, exchanged with
    /// the next, or struck on the key beside it.
    pub fn typo(&self, seed: u64) -> NameVariant {
        let mut stream = Stream::new(seed, "typo");
        let mut variant = self.spelt(Spelling::Typo, |s| s.latin.clone());
        let part = if stream.chance(0.5) { &mut variant.family } else { &mut variant.given };
        *part = slip(part, &mut stream);
        variant
    }

    fn spelt(&self, spelling: Spelling, of: impl Fn(&Scripts) -> String) -> NameVariant {
        NameVariant {
            spelling,
            family: of(&self.family),
            given: of(&self.given),
            patronymic: self.patronymic.as_ref().map(of),
        }
    }
}

fn slip(text: &str, stream: &mut Stream) -> String {
    const ROWS: [&str; 3] = ["qwertyuiop", "asdfghjkl", "zxcvbnm"];
    let mut letters: Vec<char> = text.chars().collect();
    if letters.len() < 3 {
        letters.push('a');
        return letters.into_iter().collect();
    }
    // The first letter is what everybody looks at.
    let at = 1 + stream.below(letters.len() as u32 - 1) as usize;
    match stream.below(4) {
        0 => {
            letters.remove(at);
        }
        1 if at + 1 < letters.len() && letters[at] != letters[at + 1] => letters.swap(at, at + 1),
        2 => {
            let beside = ROWS.iter().find_map(|row| {
                let place = row.find(letters[at])?;
                row[if place == 0 { 1..2 } else { place - 1..place }].chars().next()
            });
            letters[at] = beside.unwrap_or('x');
        }
        _ => letters.insert(at, letters[at]),
    }
    letters.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name() -> PersonName {
        let part = |kk: &str| Scripts {
            kk: kk.into(),
            ru: translit::russian(kk),
            latin: translit::passport(&translit::russian(kk), false),
        };
        PersonName { family: part("Есенов"), given: part("Қасымжан"), patronymic: None }
    }

    #[test]
    fn one_name_has_its_spellings() {
        let families: Vec<String> =
            name().variants().into_iter().map(|v| format!("{} {}", v.family, v.given)).collect();
        assert_eq!(
            families,
            [
                "Есенов Қасымжан",
                "Есенов Касымжан",
                "Yessenov Kassymzhan",
                "Esenov Qasymjan",
                "Esenov Kasymzhan",
                "Essenov Kassymjan"
            ]
        );
    }

    #[test]
    fn a_slip_changes_one_place_of_one_name() {
        for seed in 0..200 {
            let (own, typo) = (name(), name().typo(seed));
            let changed = usize::from(typo.family != own.family.latin) + usize::from(typo.given != own.given.latin);
            assert_eq!(changed, 1, "{typo:?}");
        }
    }
}
