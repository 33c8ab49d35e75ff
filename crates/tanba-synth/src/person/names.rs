//! Names put together from roots and endings, in the three ways that documents of Kazakhstan write them.
//!
//! A name here is grammar, not a register: Kazakh given names are two elements that names are made of or one short root, family names are
//! a given name or a Slavic stem with an ending, patronymics follow the father. Whoever bears one of the combinations is meant as little as the
//! bearer of any other. Spellings come from the rules of `translit`.

use serde::{Deserialize, Serialize};

use crate::random::Stream;

use super::roots::{
    GERMAN_FIRST, GERMAN_SECOND, KAZAKH_FIRST, KAZAKH_SECOND, KAZAKH_SHORT, KOREAN, SLAVIC_GIVEN, SLAVIC_HARD,
    SLAVIC_QUALITY, SLAVIC_SOFT, SLAVIC_THING, TURKIC_FIRST, TURKIC_SECOND, TURKIC_SHORT,
};
use super::{Sex, foreign, translit};

/// One name as written in Kazakh Cyrillic, Russian and Latin letters. A foreigner's name is typed in Latin only: the other two are empty.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Scripts {
    /// Kazakh (Cyrillic alphabet of 42 letters).
    pub kk: String,
    /// Russian.
    pub ru: String,
    /// Latin, as in a passport's machine-readable zone before upper-casing.
    pub latin: String,
}

/// A whole name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PersonName {
    /// Family name.
    pub family: Scripts,
    /// Given name.
    pub given: Scripts,
    /// Patronymic, where the person has one.
    pub patronymic: Option<Scripts>,
}

/// The tradition that a name comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NameGroup {
    /// Kazakh names.
    Kazakh,
    /// Russian and Ukrainian names.
    Slavic,
    /// Uzbek, Uyghur, Tatar and neighbouring names.
    Turkic,
    /// German and Korean family names with Russian given names.
    Other,
    /// Names of other countries, in Latin letters only.
    Foreign,
}

/// Share of each group, in percent: rough figures of the 2021 census.
const GROUPS: [(NameGroup, f64); 4] =
    [(NameGroup::Kazakh, 71.0), (NameGroup::Slavic, 17.0), (NameGroup::Turkic, 9.0), (NameGroup::Other, 3.0)];

/// Share of given names that are one root, by group of names that have compounds (own choice).
const SHORT_SHARE: f64 = 0.45;
/// Patronymics that the rule does not make.
const ODD_PATRONYMICS: [(&str, &str, &str); 4] = [
    ("Павел", "Павлович", "Павловна"),
    ("Лев", "Львович", "Львовна"),
    ("Илья", "Ильич", "Ильинична"),
    ("Никита", "Никитич", "Никитична"),
];

/// Share of Kazakhs whose papers have -ович rather than -ұлы, and whose family name has -ов, none, or -ұлы (own choices).
const RUSSIAN_PATRONYMIC: f64 = 0.5;
const FAMILY_ENDINGS: [f64; 3] = [0.78, 0.16, 0.06];
/// People without a patronymic in their papers (own choice).
const NO_PATRONYMIC: f64 = 0.12;

/// A given name as a root: how Kazakh and Russian write it; the Latin follows by rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Root {
    pub(super) kk: String,
    pub(super) ru: String,
}

/// A family name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FamilyRoot {
    /// As men have it.
    root: Root,
    /// Where it is not what the rule would write.
    latin: Option<String>,
    /// Whether women have another ending.
    inflects: bool,
}

/// What a child takes over: the family's name and the father's given name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NameRoots {
    /// By this country's grammar.
    Local {
        group: NameGroup,
        family: FamilyRoot,
        /// A wife's own family name, where she took her husband's.
        maiden: Option<Box<FamilyRoot>>,
        given: Root,
        /// The father's given name, and whether its patronymic is Russian.
        father: Option<Root>,
        russian_patronymic: bool,
    },
    /// Another country's, in Latin letters.
    Foreign { country: usize, family: String, given: String },
}

impl NameGroup {
    pub(super) fn draw(stream: &mut Stream) -> Self {
        GROUPS[stream.weighted(&GROUPS.map(|g| g.1))].0
    }

    fn given(self, sex: Sex, stream: &mut Stream) -> Root {
        let sex = usize::from(sex == Sex::Female);
        let short = stream.chance(SHORT_SHARE);
        match self {
            Self::Kazakh => {
                let kk =
                    if short { (*stream.pick(KAZAKH_SHORT[sex])).to_owned() } else { kazakh_compound(sex, stream) };
                Root { ru: translit::russian(&kk), kk }
            }
            Self::Turkic => {
                let name = if short {
                    (*stream.pick(TURKIC_SHORT[sex])).to_owned()
                } else {
                    format!("{}{}", stream.pick(TURKIC_FIRST[sex]), stream.pick(TURKIC_SECOND[sex]))
                };
                Root { kk: name.clone(), ru: name }
            }
            _ => {
                let name = (*stream.pick(SLAVIC_GIVEN[sex])).to_owned();
                Root { kk: name.clone(), ru: name }
            }
        }
    }

    fn family(self, stream: &mut Stream) -> FamilyRoot {
        match self {
            Self::Kazakh => {
                let father = self.given(Sex::Male, stream);
                let add = |end: &str, end_ru: &str| Root {
                    kk: format!("{}{end}", father.kk),
                    ru: format!("{}{end_ru}", father.ru),
                };
                match stream.weighted(&FAMILY_ENDINGS) {
                    0 => FamilyRoot { root: with_ov(&father), latin: None, inflects: true },
                    1 => FamilyRoot { root: father, latin: None, inflects: false },
                    _ => FamilyRoot { root: add("ұлы", "улы"), latin: None, inflects: true },
                }
            }
            Self::Turkic => FamilyRoot { root: with_ov(&self.given(Sex::Male, stream)), latin: None, inflects: true },
            Self::Slavic | Self::Foreign => {
                let (name, inflects) = slavic_family(stream);
                FamilyRoot { root: Root { kk: name.clone(), ru: name }, latin: None, inflects }
            }
            Self::Other => {
                let (name, latin) = if stream.chance(0.45) {
                    ((*stream.pick(&KOREAN)).to_owned(), None)
                } else {
                    let (first, second) = (stream.pick(&GERMAN_FIRST), stream.pick(&GERMAN_SECOND));
                    (format!("{}{}", first.0, second.0), Some(format!("{}{}", first.1, second.1)))
                };
                FamilyRoot { root: Root { kk: name.clone(), ru: name }, latin, inflects: false }
            }
        }
    }
}

/// Two elements that fit: not the same twice, no vowel against a vowel, no letter three times; a voiceless end hardens what follows.
fn kazakh_compound(sex: usize, stream: &mut Stream) -> String {
    let vowel = |c: char| "аәеиіоөуұүыэ".contains(c);
    for _ in 0..16 {
        let first = *stream.pick(KAZAKH_FIRST[sex]);
        let (soft, hard) = *stream.pick(KAZAKH_SECOND[sex]);
        let end = first.chars().next_back().unwrap_or('а');
        let second = if "кқпстшхф".contains(end) { hard } else { soft };
        let begin = second.chars().next().unwrap_or('а');
        let same = first.to_lowercase() == soft || (first == "Темір" && soft == "темір");
        let hiatus = vowel(end) && vowel(begin);
        if !same && !hiatus && end != begin {
            return format!("{first}{second}");
        }
    }
    (*stream.pick(KAZAKH_SHORT[sex])).to_owned()
}

/// A given name with -ов or -ев: Нұрланов, Абылаев, Нұрғалиев, Мұсаев, Бердиев, Куанышев.
fn with_ov(father: &Root) -> Root {
    Root { kk: before_e(&father.kk, "ов", "ев"), ru: before_e(&father.ru, "ов", "ев") }
}

/// The stem with the ending after a hard consonant, or with the other one after й, ь, a vowel or a hushing letter.
fn before_e(name: &str, hard: &str, soft: &str) -> String {
    let last = name.chars().next_back().unwrap_or('н');
    let stem = &name[..name.len() - last.len_utf8()];
    match last {
        'й' | 'ь' => format!("{stem}{soft}"),
        'ы' | 'і' => format!("{stem}и{soft}"),
        'а' | 'ә' | 'е' | 'и' | 'у' | 'ю' | 'я' | 'ж' | 'ш' | 'ч' | 'щ' | 'ц' => format!("{name}{soft}"),
        _ => format!("{name}{hard}"),
    }
}

/// The name and whether women have another ending.
fn slavic_family(stream: &mut Stream) -> (String, bool) {
    match stream.weighted(&[0.34, 0.18, 0.2, 0.28]) {
        0 => {
            let stem = *stream.pick(&SLAVIC_HARD);
            let name = match stem {
                // Stems that are soft or already end as a family name does.
                "Журавл" | "Бондар" | "Гончар" | "Пахар" | "Пекар" | "Звонар" | "Кузнец" | "Швец" | "Ёрш" | "Ткач"
                | "Камен" => format!("{stem}ев"),
                "Попов" | "Остров" => format!("{stem}ский"),
                _ => format!("{stem}ов"),
            };
            // Кузнец and Швец keep -ов in names; their е falls out in neither.
            (name.replace("цев", "цов"), true)
        }
        1 => {
            let stem = *stream.pick(&SLAVIC_SOFT);
            (format!("{stem}ин"), true)
        }
        2 => {
            let stem = *stream.pick(&SLAVIC_HARD);
            let end = *stream.pick(&["енко", "ук", "енко"]);
            let stem = match stem {
                "Попов" => "Поп",
                "Остров" => "Остр",
                other => other,
            };
            // Рыбак - Рыбаченко, Волк - Волченко.
            let stem = match stem.strip_suffix('к') {
                Some(cut) if end == "енко" => format!("{cut}ч"),
                _ => stem.to_owned(),
            };
            (format!("{stem}{end}"), false)
        }
        _ => {
            let (quality, thing) = (stream.pick(&SLAVIC_QUALITY), stream.pick(&SLAVIC_THING));
            let end = *stream.pick(&["ов", "ов", "ский"]);
            let thing = if end == "ский" { thing.strip_suffix('к').unwrap_or(thing) } else { thing };
            (format!("{quality}о{thing}{end}"), true)
        }
    }
}

impl NameRoots {
    /// Names of somebody whose parents are not known here.
    pub(super) fn draw(group: NameGroup, sex: Sex, stream: &mut Stream) -> Self {
        if group == NameGroup::Foreign {
            let country = foreign::draw(stream);
            return Self::Foreign {
                country,
                family: foreign::family(country, stream),
                given: foreign::given(country, sex, stream),
            };
        }
        let family = group.family(stream);
        let given = group.given(sex, stream);
        let father = (!stream.chance(NO_PATRONYMIC)).then(|| group.given(Sex::Male, stream));
        let russian_patronymic = group != NameGroup::Kazakh || stream.chance(RUSSIAN_PATRONYMIC);
        Self::Local { group, family, maiden: None, given, father, russian_patronymic }
    }

    pub(super) fn group(&self) -> NameGroup {
        match self {
            Self::Local { group, .. } => *group,
            Self::Foreign { .. } => NameGroup::Foreign,
        }
    }

    /// The code of a foreigner's country.
    pub(super) fn country(&self) -> Option<&'static str> {
        match self {
            Self::Local { .. } => None,
            Self::Foreign { country, .. } => Some(foreign::code(*country)),
        }
    }

    /// A child of a father with these names.
    pub(super) fn child(&self, sex: Sex, stream: &mut Stream) -> Self {
        match self {
            Self::Local { group, family, given, russian_patronymic, .. } => Self::Local {
                group: *group,
                family: family.clone(),
                maiden: None,
                given: group.given(sex, stream),
                father: Some(given.clone()),
                russian_patronymic: *russian_patronymic,
            },
            Self::Foreign { country, family, .. } => Self::Foreign {
                country: *country,
                family: family.clone(),
                given: foreign::given(*country, sex, stream),
            },
        }
    }

    /// A wife who took her husband's family name.
    pub(super) fn married_to(&self, husband: &Self) -> Self {
        match (self, husband) {
            (
                Self::Local { group, family, maiden, given, father, russian_patronymic },
                Self::Local { family: his, .. },
            ) => Self::Local {
                group: *group,
                family: his.clone(),
                maiden: Some(maiden.clone().unwrap_or_else(|| Box::new(family.clone()))),
                given: given.clone(),
                father: father.clone(),
                russian_patronymic: *russian_patronymic,
            },
            (own, _) => own.clone(),
        }
    }

    /// Under her own family name.
    pub(super) fn unmarried(&self) -> Self {
        let mut own = self.clone();
        if let Self::Local { family, maiden, .. } = &mut own
            && let Some(before) = maiden.take()
        {
            *family = *before;
        }
        own
    }

    /// A wife who took a family name of her own tradition.
    pub(super) fn married(self, stream: &mut Stream) -> Self {
        match self {
            Self::Local { group, family, given, father, russian_patronymic, .. } => Self::Local {
                family: group.family(stream),
                maiden: Some(Box::new(family)),
                group,
                given,
                father,
                russian_patronymic,
            },
            foreign => foreign,
        }
    }

    /// The family name before marriage.
    pub(super) fn maiden(&self, sex: Sex) -> Option<Scripts> {
        match self {
            Self::Local { group, maiden: Some(maiden), .. } => Some(family_name(maiden, *group, sex)),
            _ => None,
        }
    }

    pub(super) fn written(&self, sex: Sex) -> PersonName {
        match self {
            Self::Local { group, family, given, father, russian_patronymic, .. } => PersonName {
                family: family_name(family, *group, sex),
                given: scripts(given.kk.clone(), given.ru.clone(), final_y(*group, &given.ru)),
                patronymic: father.as_ref().map(|f| patronymic(f, *russian_patronymic, sex)),
            },
            Self::Foreign { family, given, .. } => {
                let latin = |text: &String| Scripts { kk: String::new(), ru: String::new(), latin: text.clone() };
                PersonName { family: latin(family), given: latin(given), patronymic: None }
            }
        }
    }
}

fn scripts(kk: String, ru: String, final_y: bool) -> Scripts {
    Scripts { latin: translit::passport(&ru, final_y), kk, ru }
}

/// Whether a last й is a Slavic (or Korean) one.
fn final_y(group: NameGroup, ru: &str) -> bool {
    matches!(group, NameGroup::Slavic | NameGroup::Other) && ru.ends_with('й')
}

fn family_name(family: &FamilyRoot, group: NameGroup, sex: Sex) -> Scripts {
    let woman = sex == Sex::Female && family.inflects;
    let end = |text: &str| {
        if !woman {
            return text.to_owned();
        }
        for (his, hers) in [("ский", "ская"), ("ұлы", "қызы"), ("улы", "кызы")] {
            if let Some(stem) = text.strip_suffix(his) {
                return format!("{stem}{hers}");
            }
        }
        format!("{text}а")
    };
    let (kk, ru) = (end(&family.root.kk), end(&family.root.ru));
    match &family.latin {
        Some(latin) => Scripts { kk, ru, latin: latin.clone() },
        None => {
            let y = final_y(group, &ru);
            scripts(kk, ru, y)
        }
    }
}

fn patronymic(father: &Root, russian: bool, sex: Sex) -> Scripts {
    let woman = sex == Sex::Female;
    if !russian {
        let (end, end_ru) = if woman { ("қызы", "кызы") } else { ("ұлы", "улы") };
        return scripts(format!("{}{end}", father.kk), format!("{}{end_ru}", father.ru), false);
    }
    if let Some((_, his, hers)) = ODD_PATRONYMICS.iter().find(|(name, ..)| *name == father.ru) {
        let text = if woman { hers } else { his };
        return scripts((*text).to_owned(), (*text).to_owned(), false);
    }
    let (hard, soft) = if woman { ("овна", "евна") } else { ("ович", "евич") };
    scripts(before_e(&father.kk, hard, soft), before_e(&father.ru, hard, soft), false)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn root(kk: &str) -> Root {
        Root { kk: kk.to_owned(), ru: translit::russian(kk) }
    }

    #[test]
    fn patronymics_follow_the_father_and_the_sex() {
        let of = |father: &str, russian, sex| patronymic(&root(father), russian, sex);
        assert_eq!(of("Дмитрий", true, Sex::Male).ru, "Дмитриевич");
        assert_eq!(of("Игорь", true, Sex::Female).ru, "Игоревна");
        assert_eq!(of("Иван", true, Sex::Male).latin, "Ivanovich");
        assert_eq!(of("Илья", true, Sex::Female).ru, "Ильинична");
        assert_eq!(of("Нұрғали", true, Sex::Male).ru, "Нургалиевич");
        assert_eq!(of("Абылай", true, Sex::Female).latin, "Abylayevna");
        assert_eq!(of("Сейітберді", true, Sex::Male).kk, "Сейітбердиевич");
        assert_eq!(of("Нұрлан", false, Sex::Female).kk, "Нұрланқызы");
        assert_eq!(of("Серік", false, Sex::Male).latin, "Serikuly");
    }

    #[test]
    fn women_have_their_endings_and_fixed_names_none() {
        let family = |kk: &str, inflects| FamilyRoot { root: root(kk), latin: None, inflects };
        let hers = |kk, inflects| family_name(&family(kk, inflects), NameGroup::Slavic, Sex::Female).ru;
        assert_eq!(hers("Ахметов", true), "Ахметова");
        assert_eq!(hers("Белогорский", true), "Белогорская");
        assert_eq!(hers("Шин", false), "Шин");
        assert_eq!(hers("Нұрланұлы", true), "Нурланкызы");
        assert_eq!(with_ov(&root("Ыбырай")), Root { kk: "Ыбыраев".into(), ru: "Ибраев".into() });
    }

    #[test]
    fn every_root_is_written_in_its_script() {
        let cyrillic = |c: char| ('\u{400}'..'\u{530}').contains(&c);
        let kazakh_only = |c: char| "әғқңөұүһіӘҒҚҢӨҰҮҺІ".contains(c);
        let mut stream = Stream::new(1, "names");
        for i in 0..4000 {
            let group = GROUPS[i % 4].0;
            let sex = if i % 8 < 4 { Sex::Male } else { Sex::Female };
            let name = NameRoots::draw(group, sex, &mut stream).written(sex);
            for part in [Some(&name.family), Some(&name.given), name.patronymic.as_ref()].into_iter().flatten() {
                assert!(part.kk.chars().all(cyrillic), "{}", part.kk);
                assert!(part.ru.chars().all(|c| cyrillic(c) && !kazakh_only(c)), "{}", part.ru);
                assert!(part.latin.chars().all(|c| !cyrillic(c) && c.is_alphabetic()), "{}", part.latin);
                assert!(part.kk.chars().skip(1).all(char::is_lowercase), "{}", part.kk);
            }
        }
    }

    #[test]
    fn the_grammar_makes_many_names() {
        let mut stream = Stream::new(2, "names");
        let kazakh: BTreeSet<String> =
            (0..40_000).map(|_| NameGroup::Kazakh.given(Sex::Male, &mut stream).kk).collect();
        assert!(kazakh.len() > 1000, "{}", kazakh.len());
        let slavic: BTreeSet<String> = (0..40_000).map(|_| slavic_family(&mut stream).0).collect();
        assert!(slavic.len() > 500, "{}", slavic.len());
    }
}
