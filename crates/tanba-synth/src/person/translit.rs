//! From Kazakh Cyrillic to Russian, and from Russian to the Latin letters of a passport: by rules, in tables.
//!
//! A table is read from the top at each letter; the first row whose letters and place fit writes its output. What official spellings
//! do against the rules stands in [`HABITS`], each with its reason.

/// Where a row applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Anywhere,
    /// Last letters of the name.
    End,
    /// Between a vowel (or й) and a vowel.
    BetweenVowels,
    /// First letter, or after a vowel or a sign.
    Iotated,
    /// Not before a vowel.
    ClosedSyllable,
}

type Row = (&'static str, &'static str, Place);

use Place::{Anywhere, BetweenVowels, ClosedSyllable, End, Iotated};

/// Kazakh beginnings that Russian registers write otherwise than letter by letter.
const HABITS: [(&str, &str, &str); 8] = [
    ("әсел", "асель", "a soft final л, as Russian hears it"),
    ("ықылас", "ыклас", "the reduced vowel is not heard"),
    ("тілеу", "тлеу", "the reduced vowel is not heard"),
    ("әбдір", "абдр", "the reduced vowel is not heard"),
    ("ысқақ", "искак", "the Arabic name as Russian books have it"),
    ("рахым", "рахим", "the Arabic name as Russian books have it"),
    ("ыбырай", "ибрай", "the Arabic name as Russian books have it"),
    ("гүзәл", "гузель", "the Tatar name as Russian books have it"),
];

/// Kazakh Cyrillic to Russian.
const KAZAKH_TO_RUSSIAN: [Row; 12] = [
    // Нұрпейісов - Нурпеисов.
    ("йі", "и", Anywhere),
    // Гүлнар - Гульнар, but Гүлайым - Гулайым.
    ("гүл", "гуль", ClosedSyllable),
    // Күләш - Куляш.
    ("лә", "ля", Anywhere),
    ("ә", "а", Anywhere),
    ("ғ", "г", Anywhere),
    ("қ", "к", Anywhere),
    ("ң", "н", Anywhere),
    ("ө", "о", Anywhere),
    ("ұ", "у", Anywhere),
    ("ү", "у", Anywhere),
    ("һ", "х", Anywhere),
    ("і", "и", Anywhere),
];

/// Russian to the Latin of Kazakhstan's passports, as they are: ICAO Doc 9303-3 section 6 B for most letters, but `ss` between vowels,
/// `x` for кс, `y` before е, and й as `i`.
const PASSPORT: [Row; 36] = [
    ("кс", "x", Anywhere),
    ("с", "ss", BetweenVowels),
    ("е", "ye", Iotated),
    ("щ", "shch", Anywhere),
    ("а", "a", Anywhere),
    ("б", "b", Anywhere),
    ("в", "v", Anywhere),
    ("г", "g", Anywhere),
    ("д", "d", Anywhere),
    ("е", "e", Anywhere),
    ("ё", "yo", Anywhere),
    ("ж", "zh", Anywhere),
    ("з", "z", Anywhere),
    ("и", "i", Anywhere),
    ("й", "i", Anywhere),
    ("к", "k", Anywhere),
    ("л", "l", Anywhere),
    ("м", "m", Anywhere),
    ("н", "n", Anywhere),
    ("о", "o", Anywhere),
    ("п", "p", Anywhere),
    ("р", "r", Anywhere),
    ("с", "s", Anywhere),
    ("т", "t", Anywhere),
    ("у", "u", Anywhere),
    ("ф", "f", Anywhere),
    ("х", "kh", Anywhere),
    ("ц", "ts", Anywhere),
    ("ч", "ch", Anywhere),
    ("ш", "sh", Anywhere),
    ("ъ", "", Anywhere),
    ("ы", "y", Anywhere),
    ("ь", "", Anywhere),
    ("э", "e", Anywhere),
    ("ю", "yu", Anywhere),
    ("я", "ya", Anywhere),
];

/// What a Slavic name adds: Sergey, Tsoy, but Zaitsev.
const FINAL_Y: [Row; 1] = [("й", "y", End)];

/// What passports of the 1990s did otherwise: no doubled s, no x, no y before е; й as y.
const OLDER: [Row; 4] = [("кс", "ks", Anywhere), ("с", "s", Anywhere), ("е", "e", Anywhere), ("й", "y", Anywhere)];

/// What Soviet passports for abroad did: as a French reader would spell it.
const SOVIET: [Row; 12] = [
    ("кс", "ks", Anywhere),
    ("с", "ss", BetweenVowels),
    ("с", "s", Anywhere),
    ("е", "e", Anywhere),
    ("ё", "io", Anywhere),
    ("ж", "j", Anywhere),
    ("й", "i", Anywhere),
    ("у", "ou", Anywhere),
    ("ч", "tch", Anywhere),
    ("ш", "ch", Anywhere),
    ("ю", "iou", Anywhere),
    ("я", "ia", Anywhere),
];

/// Kazakh Cyrillic to the Latin alphabet presented in January 2021 (31 letters); letters of foreign words by their sound.
const LATIN_2021: [Row; 42] = [
    ("а", "a", Anywhere),
    ("ә", "ä", Anywhere),
    ("б", "b", Anywhere),
    ("в", "v", Anywhere),
    ("г", "g", Anywhere),
    ("ғ", "ğ", Anywhere),
    ("д", "d", Anywhere),
    ("е", "e", Anywhere),
    ("ё", "io", Anywhere),
    ("ж", "j", Anywhere),
    ("з", "z", Anywhere),
    ("и", "i", Anywhere),
    ("й", "i", Anywhere),
    ("к", "k", Anywhere),
    ("қ", "q", Anywhere),
    ("л", "l", Anywhere),
    ("м", "m", Anywhere),
    ("н", "n", Anywhere),
    ("ң", "ñ", Anywhere),
    ("о", "o", Anywhere),
    ("ө", "ö", Anywhere),
    ("п", "p", Anywhere),
    ("р", "r", Anywhere),
    ("с", "s", Anywhere),
    ("т", "t", Anywhere),
    ("у", "u", Anywhere),
    ("ұ", "ū", Anywhere),
    ("ү", "ü", Anywhere),
    ("ф", "f", Anywhere),
    ("х", "h", Anywhere),
    ("һ", "h", Anywhere),
    ("ц", "ts", Anywhere),
    ("ч", "tş", Anywhere),
    ("ш", "ş", Anywhere),
    ("щ", "ştş", Anywhere),
    ("ъ", "", Anywhere),
    ("ы", "y", Anywhere),
    ("і", "ı", Anywhere),
    ("ь", "", Anywhere),
    ("э", "e", Anywhere),
    ("ю", "iu", Anywhere),
    ("я", "ia", Anywhere),
];

/// A Kazakh spelling in Russian letters.
pub(super) fn russian(kk: &str) -> String {
    let lower = kk.to_lowercase();
    for (from, to, _why) in HABITS {
        if let Some(rest) = lower.strip_prefix(from) {
            return capitalised(to.chars().chain(transcribe(rest, &[&KAZAKH_TO_RUSSIAN]).chars()));
        }
    }
    capitalised(transcribe(&lower, &[&KAZAKH_TO_RUSSIAN]).chars())
}

/// A Russian spelling in the Latin letters of a passport; `final_y` for Slavic names, whose last й is a `y`.
pub(super) fn passport(ru: &str, final_y: bool) -> String {
    let lower = ru.to_lowercase();
    let text = if final_y { transcribe(&lower, &[&FINAL_Y, &PASSPORT]) } else { transcribe(&lower, &[&PASSPORT]) };
    capitalised(text.chars())
}

/// A Russian spelling as passports of the 1990s had it.
pub(super) fn older_passport(ru: &str) -> String {
    capitalised(transcribe(&ru.to_lowercase(), &[&OLDER, &PASSPORT]).chars())
}

/// A Russian spelling as Soviet passports for abroad had it.
pub(super) fn soviet_passport(ru: &str) -> String {
    capitalised(transcribe(&ru.to_lowercase(), &[&SOVIET, &PASSPORT]).chars())
}

/// A Kazakh spelling in the Latin alphabet of 2021.
pub(super) fn latin_2021(kk: &str) -> String {
    let text = transcribe(&kk.to_lowercase(), &[&LATIN_2021]);
    // A dotless ı has the capital I, and a dotted i the capital İ.
    match text.strip_prefix('i') {
        Some(rest) => format!("İ{rest}"),
        None => capitalised(text.chars()),
    }
}

fn transcribe(lower: &str, tables: &[&[Row]]) -> String {
    let mut out = String::with_capacity(lower.len() * 2);
    let mut rest = lower;
    let mut before = None;
    while let Some(letter) = rest.chars().next() {
        let fits = |(from, _, place): &&Row| rest.starts_with(from) && place.fits(before, &rest[from.len()..]);
        match tables.iter().flat_map(|t| t.iter()).find(fits) {
            Some((from, to, _)) => {
                out.push_str(to);
                before = from.chars().next_back();
                rest = &rest[from.len()..];
            }
            None => {
                out.push(letter);
                before = Some(letter);
                rest = &rest[letter.len_utf8()..];
            }
        }
    }
    out
}

impl Place {
    fn fits(self, before: Option<char>, after: &str) -> bool {
        let vowel = |c: char| "аәеёиіоөуұүыэюя".contains(c);
        let next = after.chars().next();
        match self {
            Self::Anywhere => true,
            Self::End => next.is_none(),
            Self::BetweenVowels => before.is_some_and(|c| vowel(c) || c == 'й') && next.is_some_and(vowel),
            Self::Iotated => before.is_none_or(|c| vowel(c) || c == 'ь' || c == 'ъ'),
            Self::ClosedSyllable => !next.is_some_and(vowel),
        }
    }
}

fn capitalised(mut letters: impl Iterator<Item = char>) -> String {
    let mut text: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    text.extend(letters);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Spellings as documents have them: Kazakh, Russian, passport Latin. `y` stands for a final й in a Slavic name.
    const SEEN: [(&str, &str, &str); 96] = [
        ("Нұрлан", "Нурлан", "Nurlan"),
        ("Ерлан", "Ерлан", "Yerlan"),
        ("Серік", "Серик", "Serik"),
        ("Бауыржан", "Бауыржан", "Bauyrzhan"),
        ("Дәурен", "Даурен", "Dauren"),
        ("Айдос", "Айдос", "Aidos"),
        ("Қайрат", "Кайрат", "Kairat"),
        ("Талғат", "Талгат", "Talgat"),
        ("Рүстем", "Рустем", "Rustem"),
        ("Ғалым", "Галым", "Galym"),
        ("Жасұлан", "Жасулан", "Zhassulan"),
        ("Әділет", "Адилет", "Adilet"),
        ("Төлеген", "Толеген", "Tolegen"),
        ("Ықылас", "Ыклас", "Yklas"),
        ("Ерасыл", "Ерасыл", "Yerassyl"),
        ("Дінмұхамед", "Динмухамед", "Dinmukhamed"),
        ("Абылай", "Абылай", "Abylai"),
        ("Қуаныш", "Куаныш", "Kuanysh"),
        ("Бексұлтан", "Бексултан", "Bexultan"),
        ("Айгерім", "Айгерим", "Aigerim"),
        ("Әсел", "Асель", "Assel"),
        ("Гүлнар", "Гульнар", "Gulnar"),
        ("Гүлайым", "Гулайым", "Gulaiym"),
        ("Сәуле", "Сауле", "Saule"),
        ("Алия", "Алия", "Aliya"),
        ("Ботагөз", "Ботагоз", "Botagoz"),
        ("Меруерт", "Меруерт", "Meruyert"),
        ("Қарлығаш", "Карлыгаш", "Karlygash"),
        ("Інжу", "Инжу", "Inzhu"),
        ("Бибігүл", "Бибигуль", "Bibigul"),
        ("Жансая", "Жансая", "Zhansaya"),
        ("Күләш", "Куляш", "Kulyash"),
        ("Толғанай", "Толганай", "Tolganai"),
        ("Гүзәл", "Гузель", "Guzel"),
        ("Мұхтар", "Мухтар", "Mukhtar"),
        ("Ахметов", "Ахметов", "Akhmetov"),
        ("Қасымов", "Касымов", "Kassymov"),
        ("Әбдірахманов", "Абдрахманов", "Abdrakhmanov"),
        ("Сүлейменов", "Сулейменов", "Suleimenov"),
        ("Ибраев", "Ибраев", "Ibrayev"),
        ("Бекмұхамбетов", "Бекмухамбетов", "Bekmukhambetov"),
        ("Тілеубаев", "Тлеубаев", "Tleubayev"),
        ("Есенов", "Есенов", "Yessenov"),
        ("Қалиев", "Калиев", "Kaliyev"),
        ("Нұрпейісов", "Нурпеисов", "Nurpeissov"),
        ("Рахымжанов", "Рахимжанов", "Rakhimzhanov"),
        ("Сейітов", "Сеитов", "Seitov"),
        ("Ысқақов", "Искаков", "Iskakov"),
        ("Жақсылықов", "Жаксылыков", "Zhaxylykov"),
        ("Ермеков", "Ермеков", "Yermekov"),
        ("Дүйсенов", "Дуйсенов", "Duissenov"),
        ("Бейсенов", "Бейсенов", "Beissenov"),
        ("Үсенов", "Усенов", "Ussenov"),
        ("Шаймерденов", "Шаймерденов", "Shaimerdenov"),
        ("Ізбасаров", "Избасаров", "Izbassarov"),
        ("Қожахметов", "Кожахметов", "Kozhakhmetov"),
        ("Серікбай", "Серикбай", "Serikbai"),
        ("Әбілқасым", "Абилкасым", "Abilkassym"),
        ("Маратұлы", "Маратулы", "Maratuly"),
        ("Александр", "Александр", "Alexandr"),
        ("Сергей", "Сергей", "Sergey"),
        ("Дмитрий", "Дмитрий", "Dmitriy"),
        ("Алексей", "Алексей", "Alexey"),
        ("Евгений", "Евгений", "Yevgeniy"),
        ("Максим", "Максим", "Maxim"),
        ("Игорь", "Игорь", "Igor"),
        ("Артём", "Артём", "Artyom"),
        ("Наталья", "Наталья", "Natalya"),
        ("Анастасия", "Анастасия", "Anastassiya"),
        ("Екатерина", "Екатерина", "Yekaterina"),
        ("Людмила", "Людмила", "Lyudmila"),
        ("Ксения", "Ксения", "Xeniya"),
        ("Кузнецов", "Кузнецов", "Kuznetsov"),
        ("Семёнов", "Семёнов", "Semyonov"),
        ("Зайцев", "Зайцев", "Zaitsev"),
        ("Пономарёв", "Пономарёв", "Ponomaryov"),
        ("Мельников", "Мельников", "Melnikov"),
        ("Гусев", "Гусев", "Gussev"),
        ("Савельев", "Савельев", "Savelyev"),
        ("Шевченко", "Шевченко", "Shevchenko"),
        ("Щукин", "Щукин", "Shchukin"),
        ("Цой", "Цой", "Tsoy"),
        ("Юсупов", "Юсупов", "Yussupov"),
        ("Галиуллин", "Галиуллин", "Galiullin"),
        ("Ходжаев", "Ходжаев", "Khodzhayev"),
        ("Розиев", "Розиев", "Roziyev"),
        ("Сергеевич", "Сергеевич", "Sergeyevich"),
        ("Игоревна", "Игоревна", "Igorevna"),
        ("Дильфуза", "Дильфуза", "Dilfuza"),
        ("Адалят", "Адалят", "Adalyat"),
        ("Фарход", "Фарход", "Farkhod"),
        ("Ильяс", "Ильяс", "Ilyas"),
        ("Шынар", "Шынар", "Shynar"),
        ("Жұлдыз", "Жулдыз", "Zhuldyz"),
        ("Ұлпан", "Улпан", "Ulpan"),
        ("Қожа", "Кожа", "Kozha"),
    ];

    #[test]
    fn names_are_written_as_documents_have_them() {
        for (kk, ru, latin) in SEEN {
            assert_eq!(russian(kk), ru);
            let slavic = ["Сергей", "Дмитрий", "Алексей", "Евгений", "Цой"].contains(&kk);
            assert_eq!(passport(ru, slavic), latin);
        }
    }

    #[test]
    fn the_alphabet_of_2021_tells_its_letters_apart() {
        assert_eq!(latin_2021("Қасымжомарт"), "Qasymjomart");
        assert_eq!(latin_2021("Гүлнұр"), "Gülnūr");
        assert_eq!(latin_2021("Әділ"), "Ädıl");
        assert_eq!(latin_2021("Шаңырақ"), "Şañyraq");
        assert_eq!(latin_2021("Өмірғали"), "Ömırğali");
        assert_eq!(latin_2021("Ислам"), "İslam");
        assert_eq!(latin_2021("Інжу"), "Inju");
    }

    #[test]
    fn older_papers_spelt_otherwise() {
        assert_eq!(older_passport("Есенов"), "Esenov");
        assert_eq!(older_passport("Касымбай"), "Kasymbay");
        assert_eq!(soviet_passport("Жумашев"), "Joumachev");
        assert_eq!(soviet_passport("Чайковский"), "Tchaikovskii");
    }

    #[test]
    fn every_letter_of_both_alphabets_is_written() {
        let kazakh = "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя";
        let cyrillic = |c: char| ('\u{400}'..'\u{530}').contains(&c);
        for letter in kazakh.chars().map(String::from) {
            assert!(!latin_2021(&letter).chars().any(cyrillic), "{letter}");
            let ru = russian(&letter);
            for latin in [passport(&ru, true), older_passport(&ru), soviet_passport(&ru)] {
                assert!(latin.is_ascii(), "{letter} {latin}");
            }
        }
    }
}
