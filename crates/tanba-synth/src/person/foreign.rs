//! Names of people from elsewhere, as they are typed from a foreign passport: Latin letters, no patronymic.
//!
//! Each country has elements of given and family names that are put together; no country's share or name is taken from a statistic.

use crate::random::Stream;

use super::Sex;

/// A country: its ISO 3166-1 alpha-3 code, its share among foreigners, and what names are made of.
struct Country {
    code: &'static str,
    share: f64,
    men: Parts,
    women: Parts,
    families: Parts,
}

/// First and second elements.
type Parts = (&'static [&'static str], &'static [&'static str]);

const TURKIC_MEN: Parts = (
    &["Bakh", "Dil", "Jahon", "Mir", "Sher", "Ulug", "Nur", "Khurshid", "Ot", "San"],
    &["bek", "jon", "mirza", "shod", "murod", "ali", ""],
);
const TURKIC_WOMEN: Parts =
    (&["Gul", "Dil", "Nigor", "Zul", "Mohi", "Shah", "Nodi", "Oy"], &["nora", "bahor", "chehra", "noza", "fiya", "ra"]);
const TURKIC_FAMILIES: Parts = (
    &["Bakhti", "Jora", "Kara", "Mamat", "Niyoz", "Rakhmat", "Sadyk", "Tosh", "Yusuf", "Ergash", "Oma", "Kholi"],
    &["ov", "bekov", "baev", "kulov", "jonov", "zoda"],
);
const SLAVIC_MEN: Parts =
    (&["Bori", "Vsevo", "Rosti", "Svyato", "Milo", "Ostro", "Vladi"], &["slav", "mir", "polk", "lav"]);
const SLAVIC_WOMEN: Parts = (&["Lyubo", "Miro", "Rado", "Zlato", "Vesno", "Yaro"], &["mira", "slava", "va", "lina"]);
const SLAVIC_FAMILIES: Parts = (
    &["Belo", "Vysoko", "Krasno", "Novo", "Polo", "Staro", "Zele", "Chere", "Dolgo"],
    &["vets", "gorsky", "lesko", "ruchko", "nenko", "shchuk", "brod"],
);

const COUNTRIES: [Country; 14] = [
    Country { code: "UZB", share: 30.0, men: TURKIC_MEN, women: TURKIC_WOMEN, families: TURKIC_FAMILIES },
    Country { code: "KGZ", share: 10.0, men: TURKIC_MEN, women: TURKIC_WOMEN, families: TURKIC_FAMILIES },
    Country { code: "TJK", share: 6.0, men: TURKIC_MEN, women: TURKIC_WOMEN, families: TURKIC_FAMILIES },
    Country { code: "TKM", share: 2.0, men: TURKIC_MEN, women: TURKIC_WOMEN, families: TURKIC_FAMILIES },
    Country { code: "AZE", share: 4.0, men: TURKIC_MEN, women: TURKIC_WOMEN, families: TURKIC_FAMILIES },
    Country { code: "RUS", share: 20.0, men: SLAVIC_MEN, women: SLAVIC_WOMEN, families: SLAVIC_FAMILIES },
    Country { code: "UKR", share: 3.0, men: SLAVIC_MEN, women: SLAVIC_WOMEN, families: SLAVIC_FAMILIES },
    Country { code: "BLR", share: 2.0, men: SLAVIC_MEN, women: SLAVIC_WOMEN, families: SLAVIC_FAMILIES },
    Country {
        code: "CHN",
        share: 8.0,
        men: (
            &["Wei", "Jian", "Zhi", "Guo", "Hai", "Jun", "Ming", "Xiao"],
            &["qiang", "long", "feng", "hua", "ping", ""],
        ),
        women: (&["Xiu", "Li", "Mei", "Yu", "Hong", "Jing", "Xue", "Lan"], &["ying", "fang", "hua", "zhen", "min", ""]),
        families: (&["Wang", "Zhao", "Sun", "Gao", "Lin", "Xu", "Luo", "Tang", "Deng", "Peng"], &[""]),
    },
    Country {
        code: "TUR",
        share: 5.0,
        men: (&["Ay", "Er", "Ok", "Gök", "Bat", "Tur"], &["han", "can", "tay", "demir", "alp"]),
        women: (&["Ay", "Gül", "Nur", "Sel", "Il"], &["şen", "can", "sel", "gün", "ay"]),
        families: (&["Kara", "Ak", "Demir", "Yıl", "Öz", "Taş", "Çelik"], &["dağ", "türk", "oğlu", "soy", "kaya"]),
    },
    Country {
        code: "IND",
        share: 4.0,
        men: (&["Raj", "Dev", "Sur", "Nar", "Har", "Vij"], &["esh", "inder", "endra", "an", "ay"]),
        women: (&["Sun", "Kav", "Lal", "An", "Raj", "Vid"], &["ita", "ani", "ika", "ya"]),
        families: (&["Sing", "Kum", "Nar", "Chand", "Bhat", "Dev"], &["har", "ari", "ra", "nagar", "raj"]),
    },
    Country {
        code: "MNG",
        share: 2.0,
        men: (&["Bat", "Gan", "Mönkh", "Enkh", "Altan"], &["bayar", "bold", "tömör", "jargal", "zorig"]),
        women: (&["Oyuun", "Narant", "Sarn", "Tsetseg", "Altan"], &["tuya", "chimeg", "gerel", "maa", "suren"]),
        families: (&["Dorj", "Bat", "Tsend", "Luvsan", "Sükh"], &["iin", "ayn", "suren", "bold"]),
    },
    Country {
        code: "DEU",
        share: 2.0,
        men: (&["Diet", "Wil", "Hein", "Gün", "Ul"], &["er", "helm", "rich", "ther", "mar"]),
        women: (&["Her", "Ger", "Adel", "Hed", "Lise"], &["linde", "traud", "heid", "wig", "lotte"]),
        families: (
            &["Hoch", "Ober", "Stein", "Grün", "Unter", "Schön"],
            &["bauer", "müller", "hofer", "mann", "feld", "wald"],
        ),
    },
    Country {
        code: "AFG",
        share: 2.0,
        men: (&["Abdul", "Mir", "Nur", "Shah", "Gul"], &["wali", "zaman", "agha", "rahim", "bacha"]),
        women: (&["Bib", "Gul", "Shir", "Zar", "Par"], &["ghuna", "wana", "in", "mina", "wasa"]),
        families: (&["Ahmad", "Noor", "Rasool", "Haidar", "Sahak"], &["zai", "i", "yar", "khil"]),
    },
];

pub(super) fn draw(stream: &mut Stream) -> usize {
    stream.weighted(&COUNTRIES.map(|c| c.share))
}

pub(super) fn code(country: usize) -> &'static str {
    COUNTRIES[country].code
}

pub(super) fn given(country: usize, sex: Sex, stream: &mut Stream) -> String {
    let parts = if sex == Sex::Male { COUNTRIES[country].men } else { COUNTRIES[country].women };
    joined(parts, stream)
}

pub(super) fn family(country: usize, stream: &mut Stream) -> String {
    joined(COUNTRIES[country].families, stream)
}

fn joined((first, second): Parts, stream: &mut Stream) -> String {
    format!("{}{}", stream.pick(first), stream.pick(second))
}
