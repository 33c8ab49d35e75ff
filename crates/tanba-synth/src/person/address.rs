//! Places that are nowhere: settlements and streets from syllables that mean nothing, with endings that say what a place is.
//!
//! The first syllables begin with letters that native Kazakh toponyms hardly begin with (р, л, з, п, ф), and regions are called examples, so that
//! none is taken for a real one. Whether some hamlet somewhere bears such a name all the same cannot be known. Postal codes begin with `000`, which no
//! region has.

use serde::Serialize;

use crate::random::Stream;

use super::names::Scripts;
use super::translit;

const FIRST: [&str; 24] = [
    "Рұм", "Лөк", "Зеп", "Пым", "Фүл", "Рөж", "Лыб", "Зағ", "Пөш", "Фық", "Рил", "Лұс", "Зұм", "Пең", "Фар", "Рәт",
    "Лаң", "Зөр", "Пұл", "Фен", "Рыс", "Ләм", "Зық", "Пің",
];
const SECOND: [&str; 16] =
    ["бір", "зақ", "дар", "меш", "тұқ", "рын", "лек", "жөн", "шаб", "пір", "хас", "дым", "ғор", "сеп", "нұт", "вал"];
const ENDINGS: [&str; 8] = ["қала", "ауыл", "төбе", "су", "бұлақ", "кент", "дала", "көл"];
/// Regions: Kazakh, Russian and Latin.
const REGIONS: [(&str, &str, &str); 5] = [
    ("Бірінші мысал облысы", "Первая примерная область", "First Example Region"),
    ("Екінші мысал облысы", "Вторая примерная область", "Second Example Region"),
    ("Үшінші мысал облысы", "Третья примерная область", "Third Example Region"),
    ("Төртінші мысал облысы", "Четвёртая примерная область", "Fourth Example Region"),
    ("Бесінші мысал облысы", "Пятая примерная область", "Fifth Example Region"),
];
/// Share of homes that are flats (own choice).
const FLATS: f64 = 0.6;

/// Where somebody was born.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Birthplace {
    /// ISO 3166-1 alpha-3 code of another country, where it was there.
    pub country: Option<&'static str>,
    /// A settlement that is nowhere.
    pub settlement: Scripts,
}

/// Where somebody lives. It is nowhere.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Address {
    /// One of five example regions.
    pub region: Scripts,
    /// Settlement.
    pub settlement: Scripts,
    /// Street.
    pub street: Scripts,
    /// Number of the house.
    pub house: u16,
    /// Number of the flat.
    pub flat: Option<u16>,
    /// Six digits, the first three zero.
    pub post_code: String,
}

impl Address {
    pub(super) fn draw(stream: &mut Stream) -> Self {
        let (kk, ru, latin) = *stream.pick(&REGIONS);
        Self {
            region: Scripts { kk: kk.into(), ru: ru.into(), latin: latin.into() },
            settlement: settlement(stream),
            street: street(stream),
            house: stream.below(140) as u16 + 1,
            flat: stream.chance(FLATS).then(|| stream.below(90) as u16 + 1),
            post_code: format!("000{:03}", stream.below(1000)),
        }
    }

    /// The address on one line in Kazakh.
    pub fn line_kk(&self) -> String {
        let flat = self.flat.map(|f| format!(", {f}-пәтер")).unwrap_or_default();
        format!(
            "{}, {}, {} көшесі, {}-үй{flat}, {}",
            self.region.kk, self.settlement.kk, self.street.kk, self.house, self.post_code
        )
    }

    /// The address on one line in Russian.
    pub fn line_ru(&self) -> String {
        let flat = self.flat.map(|f| format!(", кв. {f}")).unwrap_or_default();
        format!(
            "{}, {}, ул. {}, д. {}{flat}, {}",
            self.region.ru, self.settlement.ru, self.street.ru, self.house, self.post_code
        )
    }

    /// The address on one line in English.
    pub fn line_en(&self) -> String {
        let flat = self.flat.map(|f| format!(", apt {f}")).unwrap_or_default();
        format!(
            "{} {} Street{flat}, {}, {}, {}",
            self.house, self.street.latin, self.settlement.latin, self.region.latin, self.post_code
        )
    }
}

impl Birthplace {
    pub(super) fn draw(country: Option<&'static str>, stream: &mut Stream) -> Self {
        Self { country, settlement: settlement(stream) }
    }
}

fn settlement(stream: &mut Stream) -> Scripts {
    scripts(format!("{}{}{}", stream.pick(&FIRST), stream.pick(&SECOND), stream.pick(&ENDINGS)))
}

fn street(stream: &mut Stream) -> Scripts {
    scripts(format!("{}{}", stream.pick(&FIRST), stream.pick(&SECOND)))
}

fn scripts(kk: String) -> Scripts {
    let ru = translit::russian(&kk);
    Scripts { latin: translit::passport(&ru, false), ru, kk }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_reads_in_three_languages_and_is_nowhere() {
        let address = Address {
            region: Scripts { kk: REGIONS[0].0.into(), ru: REGIONS[0].1.into(), latin: REGIONS[0].2.into() },
            settlement: scripts("Рұмзаққала".into()),
            street: scripts("Лөкмеш".into()),
            house: 12,
            flat: Some(5),
            post_code: "000123".into(),
        };
        assert_eq!(address.line_kk(), "Бірінші мысал облысы, Рұмзаққала, Лөкмеш көшесі, 12-үй, 5-пәтер, 000123");
        assert_eq!(address.line_ru(), "Первая примерная область, Румзаккала, ул. Локмеш, д. 12, кв. 5, 000123");
        assert_eq!(address.line_en(), "12 Lokmesh Street, apt 5, Rumzakkala, First Example Region, 000123");
        let mut stream = Stream::new(3, "address");
        for _ in 0..500 {
            assert!(Address::draw(&mut stream).post_code.starts_with("000"));
        }
    }
}
