//! How a name sounds, so that its spellings meet.
//!
//! One person is written Жұмабай, Жумабай, Zhumabay and Jumabai, by four offices. A *skeleton* keeps the consonants as classes
//! that every alphabet and romanisation in use can tell apart, and drops what they disagree on: vowels, soft and hard
//! signs, doubled letters, қ against к and х, ң against нг. It finds too many rather than too few: whoever is found is
//! shown with a year of birth, and a person looks.

use std::collections::BTreeSet;

/// The longest part of a name that is heard, in letters.
const LETTERS_MAX: usize = 80;

/// What a letter or group of letters sounds like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sound {
    /// A vowel or glide; kept only as the first sound.
    Vowel,
    /// у, u: a vowel, but в/w where a name begins with it before another vowel (Уәли, Вали, Wali).
    Rounded,
    /// A class of consonants.
    Consonant(char),
    /// x between vowels: х in Kazakh Latin, кс in others. Both are tried.
    Crossed,
}

/// The skeletons of a name: one, or two where a spelling can be read in two ways. Empty where it holds no letter.
pub(crate) fn skeletons(name: &str) -> BTreeSet<String> {
    let sounds = sounds(name);
    [false, true].into_iter().map(|crossed_is_ks| skeleton(&sounds, crossed_is_ks)).filter(|s| !s.is_empty()).collect()
}

/// The sounds of a name from left to right.
fn sounds(name: &str) -> Vec<Sound> {
    let letters: Vec<char> = name.chars().flat_map(char::to_lowercase).take(LETTERS_MAX).flat_map(latin_base).collect();
    let mut sounds = Vec::with_capacity(letters.len());
    let mut rest: &[char] = &letters;
    while let Some(first) = rest.first() {
        let taken = match group(rest) {
            Some((length, heard)) => {
                sounds.extend(heard.chars().map(Sound::Consonant));
                length
            }
            None => {
                single(*first, &mut sounds);
                1
            }
        };
        rest = &rest[taken..];
    }
    sounds
}

/// Groups of Latin letters that are one sound, the longest first.
const GROUPS: [(&str, &str); 14] = [
    ("shch", "X"),
    ("tsch", "C"),
    ("dzh", "J"),
    ("sch", "X"),
    ("tch", "C"),
    ("sh", "X"),
    ("ch", "C"),
    ("zh", "J"),
    ("dj", "J"),
    ("kh", "K"),
    ("gh", "G"),
    ("ph", "F"),
    ("th", "T"),
    ("ck", "K"),
];

fn group(letters: &[char]) -> Option<(usize, &'static str)> {
    GROUPS
        .into_iter()
        .find(|(group, _)| group.chars().count() <= letters.len() && group.chars().zip(letters).all(|(g, l)| g == *l))
        .map(|(group, heard)| (group.len(), heard))
}

/// One letter that stands for itself.
fn single(letter: char, sounds: &mut Vec<Sound>) {
    let consonant = match letter {
        'b' | 'б' => 'B',
        'ч' => 'C',
        'd' | 'д' => 'D',
        'f' | 'ф' => 'F',
        'g' | 'г' | 'ғ' => 'G',
        'j' | 'ж' => 'J',
        'k' | 'q' | 'c' | 'h' | 'к' | 'қ' | 'х' | 'һ' => 'K',
        'l' | 'л' => 'L',
        'm' | 'м' => 'M',
        'n' | 'н' | 'ң' => 'N',
        'p' | 'п' => 'P',
        'r' | 'р' => 'R',
        's' | 'с' => 'S',
        't' | 'т' => 'T',
        'v' | 'в' => 'V',
        'ш' | 'щ' => 'X',
        'z' | 'з' => 'Z',
        'ц' => {
            sounds.extend(['T', 'S'].map(Sound::Consonant));
            return;
        }
        'x' => {
            sounds.push(Sound::Crossed);
            return;
        }
        'u' | 'w' | 'у' | 'ұ' | 'ү' => {
            sounds.push(Sound::Rounded);
            return;
        }
        'a' | 'e' | 'i' | 'o' | 'y' | 'а' | 'ә' | 'е' | 'ё' | 'э' | 'и' | 'і' | 'й' | 'ы' | 'о' | 'ө' | 'ю' | 'я' =>
        {
            sounds.push(Sound::Vowel);
            return;
        }
        // Signs, apostrophes, hyphens, digits, and letters of scripts that no document here uses.
        _ => return,
    };
    sounds.push(Sound::Consonant(consonant));
}

/// A Latin letter with a mark as the letters that other romanisations write for it.
fn latin_base(letter: char) -> impl Iterator<Item = char> {
    let plain = match letter {
        'ş' | 'š' | 'ș' => "sh",
        'ç' | 'č' | 'ć' => "ch",
        'ž' | 'ż' | 'ź' => "zh",
        'ğ' | 'ǵ' | 'ĝ' => "g",
        'ñ' | 'ŋ' | 'ń' | 'ň' => "n",
        'ı' | 'í' | 'ì' | 'î' | 'ï' | 'ĭ' | 'ī' => "i",
        'ä' | 'á' | 'à' | 'â' | 'ā' | 'æ' | 'ə' => "a",
        'ö' | 'ó' | 'ò' | 'ô' | 'ō' | 'ø' => "o",
        'ü' | 'ú' | 'ù' | 'û' | 'ū' | 'ŭ' => "u",
        'ý' | 'ÿ' => "y",
        'é' | 'è' | 'ê' | 'ë' | 'ē' | 'ě' => "e",
        'ś' => "s",
        'ł' => "l",
        'ß' => "s",
        _ => return [Some(letter), None].into_iter().flatten(),
    };
    let mut letters = plain.chars();
    [letters.next(), letters.next()].into_iter().flatten()
}

fn skeleton(sounds: &[Sound], crossed_is_ks: bool) -> String {
    let vowel_at = |i: usize| matches!(sounds.get(i), Some(Sound::Vowel | Sound::Rounded));
    let mut heard: Vec<char> = Vec::with_capacity(sounds.len());
    for (i, sound) in sounds.iter().enumerate() {
        match sound {
            Sound::Vowel if i == 0 => heard.push('*'),
            Sound::Rounded if i == 0 => heard.push(if vowel_at(1) { 'V' } else { '*' }),
            Sound::Vowel | Sound::Rounded => {}
            Sound::Crossed if i > 0 && vowel_at(i + 1) && crossed_is_ks => heard.extend(['K', 'S']),
            Sound::Crossed => heard.push('K'),
            Sound::Consonant(class) => {
                // Doubled or not; дж is ж; нг, ңғ and ң are one.
                let joins = i > 0 && !vowel_at(i - 1);
                match (heard.last(), class) {
                    (Some(last), class) if joins && last == class => {}
                    (Some('D'), 'J') if joins => {
                        heard.pop();
                        heard.push('J');
                    }
                    (Some('N'), 'G') if joins => {}
                    _ => heard.push(*class),
                }
            }
        }
    }
    heard.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meet(spellings: &[&str]) {
        let first = skeletons(spellings[0]);
        for other in spellings {
            assert!(
                !first.is_disjoint(&skeletons(other)),
                "{} and {other}: {first:?}, {:?}",
                spellings[0],
                skeletons(other)
            );
        }
    }

    #[test]
    fn spellings_of_one_name_meet() {
        meet(&["Жұмабай", "Жумабай", "Zhumabay", "Jumabai", "Žumabaı", "ZHUMABAI"]);
        meet(&["Қасымов", "Касымов", "Kassymov", "Qasymov", "Kasimov", "Касымова", "Kasymova"]);
        meet(&["Хасен", "Khassen", "Hasen", "Xasen"]);
        meet(&["Шәкәрім", "Шакарим", "Shakarim", "Şäkärim", "Schakarim"]);
        meet(&["Әйгерім", "Айгерим", "Aigerim", "Äigerim", "Aygerim", "Eigerim"]);
        meet(&["Ержан", "Yerzhan", "Erzhan", "Erjan"]);
        meet(&["Ғалым", "Галым", "Galym", "Ghalym", "Ğalym"]);
        meet(&["Шыңғыс", "Шынгыс", "Shyngys", "Shynghys", "Şyñğys"]);
        meet(&["Гүлнұр", "Гульнур", "Gulnur", "Gül'nur", "Gülnūr"]);
        meet(&["Бақытжан", "Бахытжан", "Bakytzhan", "Bakhytzhan", "Baqytjan"]);
        meet(&["Бауыржан", "Бауржан", "Bauyrzhan", "Baurjan", "Bawırjan"]);
        meet(&["Уәлиханов", "Валиханов", "Ualikhanov", "Walihanov"]);
        meet(&["Александр", "Alexander", "Aleksandr", "Alexandr"]);
        meet(&["Ахмет", "Akhmet", "Ahmet", "Axmet"]);
        meet(&["Щербаков", "Shcherbakov", "Scherbakov"]);
        meet(&["Джамбул", "Жамбыл", "Zhambyl", "Dzhambul", "Jambyl"]);
        meet(&["Теңіз", "Тенгиз", "Tengiz", "Teñiz"]);
        meet(&["Юлия", "Yuliya", "Iuliia"]);
    }

    #[test]
    fn different_names_do_not_meet() {
        for (a, b) in
            [("Серік", "Берік"), ("Аскаров", "Омаров"), ("Айгерим", "Айнур"), ("Ким", "Пак"), ("Талгат", "Тимур")]
        {
            assert!(skeletons(a).is_disjoint(&skeletons(b)), "{a} and {b}");
        }
    }

    #[test]
    fn nothing_is_heard_where_nothing_is_written() {
        for silent in ["", "  ", "-", "ьъ", "12345", "\u{200b}"] {
            assert!(skeletons(silent).is_empty(), "{silent:?}");
        }
        assert!(skeletons(&"ж".repeat(100_000)).iter().all(|s| s.len() <= 2 * LETTERS_MAX));
    }
}
