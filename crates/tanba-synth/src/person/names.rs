//! Names that are common in Kazakhstan, in the three ways that its documents write them. Any person who bears one of the combinations
//! is meant as little as the bearer of any other.

use serde::{Deserialize, Serialize};

use crate::random::Stream;

use super::Sex;

/// One name as written in Kazakh Cyrillic, Russian and Latin letters.
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
}

/// Share of each group, in percent: rough figures of the 2021 census.
const GROUPS: [(NameGroup, f64); 4] =
    [(NameGroup::Kazakh, 71.0), (NameGroup::Slavic, 17.0), (NameGroup::Turkic, 9.0), (NameGroup::Other, 3.0)];

/// Kazakh, Russian, Latin.
type Row = (&'static str, &'static str, &'static str);

const KAZAKH_MALE: [Row; 40] = [
    ("Нұрлан", "Нурлан", "Nurlan"),
    ("Ерлан", "Ерлан", "Yerlan"),
    ("Серік", "Серик", "Serik"),
    ("Бауыржан", "Бауыржан", "Bauyrzhan"),
    ("Дәурен", "Даурен", "Dauren"),
    ("Асқар", "Аскар", "Askar"),
    ("Айдос", "Айдос", "Aidos"),
    ("Марат", "Марат", "Marat"),
    ("Қайрат", "Кайрат", "Kairat"),
    ("Тимур", "Тимур", "Timur"),
    ("Арман", "Арман", "Arman"),
    ("Санжар", "Санжар", "Sanzhar"),
    ("Алихан", "Алихан", "Alikhan"),
    ("Мирас", "Мирас", "Miras"),
    ("Ержан", "Ержан", "Yerzhan"),
    ("Талғат", "Талгат", "Talgat"),
    ("Болат", "Болат", "Bolat"),
    ("Жандос", "Жандос", "Zhandos"),
    ("Дамир", "Дамир", "Damir"),
    ("Рүстем", "Рустем", "Rustem"),
    ("Азамат", "Азамат", "Azamat"),
    ("Олжас", "Олжас", "Olzhas"),
    ("Бекзат", "Бекзат", "Bekzat"),
    ("Мұрат", "Мурат", "Murat"),
    ("Самат", "Самат", "Samat"),
    ("Ғалым", "Галым", "Galym"),
    ("Жасұлан", "Жасулан", "Zhassulan"),
    ("Нұржан", "Нуржан", "Nurzhan"),
    ("Әділет", "Адилет", "Adilet"),
    ("Қанат", "Канат", "Kanat"),
    ("Төлеген", "Толеген", "Tolegen"),
    ("Ықылас", "Ыклас", "Yklas"),
    ("Сұлтан", "Султан", "Sultan"),
    ("Ислам", "Ислам", "Islam"),
    ("Мансұр", "Мансур", "Mansur"),
    ("Ерасыл", "Ерасыл", "Yerassyl"),
    ("Дінмұхамед", "Динмухамед", "Dinmukhamed"),
    ("Абылай", "Абылай", "Abylai"),
    ("Тамерлан", "Тамерлан", "Tamerlan"),
    ("Қуаныш", "Куаныш", "Kuanysh"),
];
const KAZAKH_FEMALE: [Row; 40] = [
    ("Айгерім", "Айгерим", "Aigerim"),
    ("Әсел", "Асель", "Assel"),
    ("Динара", "Динара", "Dinara"),
    ("Гүлнар", "Гульнар", "Gulnar"),
    ("Мадина", "Мадина", "Madina"),
    ("Жанар", "Жанар", "Zhanar"),
    ("Сәуле", "Сауле", "Saule"),
    ("Айнұр", "Айнур", "Ainur"),
    ("Алия", "Алия", "Aliya"),
    ("Ботагөз", "Ботагоз", "Botagoz"),
    ("Меруерт", "Меруерт", "Meruyert"),
    ("Жұлдыз", "Жулдыз", "Zhuldyz"),
    ("Қарлығаш", "Карлыгаш", "Karlygash"),
    ("Раушан", "Раушан", "Raushan"),
    ("Айша", "Айша", "Aisha"),
    ("Томирис", "Томирис", "Tomiris"),
    ("Аружан", "Аружан", "Aruzhan"),
    ("Аяулым", "Аяулым", "Ayaulym"),
    ("Інжу", "Инжу", "Inzhu"),
    ("Дана", "Дана", "Dana"),
    ("Камила", "Камила", "Kamila"),
    ("Салтанат", "Салтанат", "Saltanat"),
    ("Әйгерім", "Айгерим", "Aigerim"),
    ("Гүлмира", "Гульмира", "Gulmira"),
    ("Бибігүл", "Бибигуль", "Bibigul"),
    ("Шынар", "Шынар", "Shynar"),
    ("Назерке", "Назерке", "Nazerke"),
    ("Ұлпан", "Улпан", "Ulpan"),
    ("Торғын", "Торгын", "Torgyn"),
    ("Балжан", "Балжан", "Balzhan"),
    ("Жансая", "Жансая", "Zhansaya"),
    ("Әмина", "Амина", "Amina"),
    ("Сымбат", "Сымбат", "Symbat"),
    ("Лаура", "Лаура", "Laura"),
    ("Зәуре", "Зауре", "Zaure"),
    ("Күләш", "Куляш", "Kulyash"),
    ("Нұргүл", "Нургуль", "Nurgul"),
    ("Перизат", "Перизат", "Perizat"),
    ("Ақмарал", "Акмарал", "Akmaral"),
    ("Толғанай", "Толганай", "Tolganai"),
];
const SLAVIC_MALE: [Row; 20] = [
    ("Александр", "Александр", "Alexandr"),
    ("Сергей", "Сергей", "Sergey"),
    ("Владимир", "Владимир", "Vladimir"),
    ("Андрей", "Андрей", "Andrey"),
    ("Дмитрий", "Дмитрий", "Dmitriy"),
    ("Алексей", "Алексей", "Alexey"),
    ("Николай", "Николай", "Nikolay"),
    ("Евгений", "Евгений", "Yevgeniy"),
    ("Максим", "Максим", "Maxim"),
    ("Виктор", "Виктор", "Viktor"),
    ("Иван", "Иван", "Ivan"),
    ("Михаил", "Михаил", "Mikhail"),
    ("Юрий", "Юрий", "Yuriy"),
    ("Олег", "Олег", "Oleg"),
    ("Игорь", "Игорь", "Igor"),
    ("Роман", "Роман", "Roman"),
    ("Антон", "Антон", "Anton"),
    ("Кирилл", "Кирилл", "Kirill"),
    ("Артём", "Артём", "Artyom"),
    ("Денис", "Денис", "Denis"),
];
const SLAVIC_FEMALE: [Row; 20] = [
    ("Елена", "Елена", "Yelena"),
    ("Ольга", "Ольга", "Olga"),
    ("Наталья", "Наталья", "Natalya"),
    ("Татьяна", "Татьяна", "Tatyana"),
    ("Ирина", "Ирина", "Irina"),
    ("Светлана", "Светлана", "Svetlana"),
    ("Мария", "Мария", "Mariya"),
    ("Анна", "Анна", "Anna"),
    ("Анастасия", "Анастасия", "Anastassiya"),
    ("Екатерина", "Екатерина", "Yekaterina"),
    ("Людмила", "Людмила", "Lyudmila"),
    ("Юлия", "Юлия", "Yuliya"),
    ("Галина", "Галина", "Galina"),
    ("Виктория", "Виктория", "Viktoriya"),
    ("Дарья", "Дарья", "Darya"),
    ("Полина", "Полина", "Polina"),
    ("Марина", "Марина", "Marina"),
    ("Надежда", "Надежда", "Nadezhda"),
    ("Вера", "Вера", "Vera"),
    ("Ксения", "Ксения", "Xeniya"),
];
const TURKIC_MALE: [Row; 12] = [
    ("Рустам", "Рустам", "Rustam"),
    ("Дилшод", "Дилшод", "Dilshod"),
    ("Равшан", "Равшан", "Ravshan"),
    ("Шерзод", "Шерзод", "Sherzod"),
    ("Ильдар", "Ильдар", "Ildar"),
    ("Ринат", "Ринат", "Rinat"),
    ("Мұхтар", "Мухтар", "Mukhtar"),
    ("Турсун", "Турсун", "Tursun"),
    ("Аблимит", "Аблимит", "Ablimit"),
    ("Ильяс", "Ильяс", "Ilyas"),
    ("Фарход", "Фарход", "Farkhod"),
    ("Марсель", "Марсель", "Marsel"),
];
const TURKIC_FEMALE: [Row; 12] = [
    ("Гүзәл", "Гузель", "Guzel"),
    ("Дильфуза", "Дильфуза", "Dilfuza"),
    ("Нигора", "Нигора", "Nigora"),
    ("Зульфия", "Зульфия", "Zulfiya"),
    ("Патигуль", "Патигуль", "Patigul"),
    ("Адалят", "Адалят", "Adalyat"),
    ("Райхан", "Райхан", "Raikhan"),
    ("Эльмира", "Эльмира", "Elmira"),
    ("Лейла", "Лейла", "Leila"),
    ("Шахноза", "Шахноза", "Shakhnoza"),
    ("Фарида", "Фарида", "Farida"),
    ("Ясмина", "Ясмина", "Yasmina"),
];
const KAZAKH_FAMILY: [Row; 44] = [
    ("Ахметов", "Ахметов", "Akhmetov"),
    ("Оспанов", "Оспанов", "Ospanov"),
    ("Омаров", "Омаров", "Omarov"),
    ("Сәрсенов", "Сарсенов", "Sarsenov"),
    ("Қасымов", "Касымов", "Kassymov"),
    ("Әбдірахманов", "Абдрахманов", "Abdrakhmanov"),
    ("Сүлейменов", "Сулейменов", "Suleimenov"),
    ("Ибраев", "Ибраев", "Ibrayev"),
    ("Жұмабаев", "Жумабаев", "Zhumabayev"),
    ("Бекмұхамбетов", "Бекмухамбетов", "Bekmukhambetov"),
    ("Тілеубаев", "Тлеубаев", "Tleubayev"),
    ("Мұқанов", "Муканов", "Mukanov"),
    ("Есенов", "Есенов", "Yessenov"),
    ("Досжанов", "Досжанов", "Doszhanov"),
    ("Құрманов", "Курманов", "Kurmanov"),
    ("Қалиев", "Калиев", "Kaliyev"),
    ("Нұрпейісов", "Нурпеисов", "Nurpeissov"),
    ("Рахымжанов", "Рахимжанов", "Rakhimzhanov"),
    ("Сейітов", "Сеитов", "Seitov"),
    ("Смағұлов", "Смагулов", "Smagulov"),
    ("Тоқтаров", "Токтаров", "Toktarov"),
    ("Шәріпов", "Шарипов", "Sharipov"),
    ("Ысқақов", "Искаков", "Iskakov"),
    ("Байжанов", "Байжанов", "Baizhanov"),
    ("Әлиев", "Алиев", "Aliyev"),
    ("Мамыров", "Мамыров", "Mamyrov"),
    ("Жақсылықов", "Жаксылыков", "Zhaxylykov"),
    ("Кенжебеков", "Кенжебеков", "Kenzhebekov"),
    ("Айтжанов", "Айтжанов", "Aitzhanov"),
    ("Төребеков", "Торебеков", "Torebekov"),
    ("Ермеков", "Ермеков", "Yermekov"),
    ("Дүйсенов", "Дуйсенов", "Duissenov"),
    ("Бейсенов", "Бейсенов", "Beissenov"),
    ("Сапаров", "Сапаров", "Saparov"),
    ("Темірханов", "Темирханов", "Temirkhanov"),
    ("Үсенов", "Усенов", "Ussenov"),
    ("Хамитов", "Хамитов", "Khamitov"),
    ("Шаймерденов", "Шаймерденов", "Shaimerdenov"),
    ("Ізбасаров", "Избасаров", "Izbassarov"),
    ("Қожахметов", "Кожахметов", "Kozhakhmetov"),
    ("Нұрғали", "Нургали", "Nurgali"),
    ("Серікбай", "Серикбай", "Serikbai"),
    ("Әбілқасым", "Абилкасым", "Abilkassym"),
    ("Маратұлы", "Маратулы", "Maratuly"),
];
const SLAVIC_FAMILY: [Row; 24] = [
    ("Иванов", "Иванов", "Ivanov"),
    ("Кузнецов", "Кузнецов", "Kuznetsov"),
    ("Попов", "Попов", "Popov"),
    ("Соколов", "Соколов", "Sokolov"),
    ("Новиков", "Новиков", "Novikov"),
    ("Морозов", "Морозов", "Morozov"),
    ("Волков", "Волков", "Volkov"),
    ("Павлов", "Павлов", "Pavlov"),
    ("Семёнов", "Семёнов", "Semyonov"),
    ("Голубев", "Голубев", "Golubev"),
    ("Никитин", "Никитин", "Nikitin"),
    ("Зайцев", "Зайцев", "Zaitsev"),
    ("Фролов", "Фролов", "Frolov"),
    ("Пономарёв", "Пономарёв", "Ponomaryov"),
    ("Калинин", "Калинин", "Kalinin"),
    ("Мельников", "Мельников", "Melnikov"),
    ("Карпов", "Карпов", "Karpov"),
    ("Гусев", "Гусев", "Gussev"),
    ("Шевченко", "Шевченко", "Shevchenko"),
    ("Бондаренко", "Бондаренко", "Bondarenko"),
    ("Ткаченко", "Ткаченко", "Tkachenko"),
    ("Коваленко", "Коваленко", "Kovalenko"),
    ("Савельев", "Савельев", "Savelyev"),
    ("Лукин", "Лукин", "Lukin"),
];
const TURKIC_FAMILY: [Row; 14] = [
    ("Юсупов", "Юсупов", "Yussupov"),
    ("Рахимов", "Рахимов", "Rakhimov"),
    ("Каримов", "Каримов", "Karimov"),
    ("Хакимов", "Хакимов", "Khakimov"),
    ("Турсунов", "Турсунов", "Tursunov"),
    ("Розиев", "Розиев", "Roziyev"),
    ("Зайнутдинов", "Зайнутдинов", "Zainutdinov"),
    ("Валиев", "Валиев", "Valiyev"),
    ("Сафин", "Сафин", "Safin"),
    ("Галиуллин", "Галиуллин", "Galiullin"),
    ("Мамедов", "Мамедов", "Mamedov"),
    ("Исмаилов", "Исмаилов", "Ismailov"),
    ("Ходжаев", "Ходжаев", "Khodzhayev"),
    ("Насыров", "Насыров", "Nassyrov"),
];
const OTHER_FAMILY: [Row; 12] = [
    ("Шмидт", "Шмидт", "Schmidt"),
    ("Мюллер", "Мюллер", "Müller"),
    ("Вебер", "Вебер", "Weber"),
    ("Фишер", "Фишер", "Fischer"),
    ("Браун", "Браун", "Braun"),
    ("Кох", "Кох", "Koch"),
    ("Ким", "Ким", "Kim"),
    ("Цой", "Цой", "Tsoy"),
    ("Пак", "Пак", "Pak"),
    ("Ли", "Ли", "Li"),
    ("Хан", "Хан", "Khan"),
    ("Тен", "Тен", "Ten"),
];

impl NameGroup {
    pub(super) fn draw(stream: &mut Stream) -> Self {
        GROUPS[stream.weighted(&GROUPS.map(|g| g.1))].0
    }

    fn given(self, sex: Sex) -> &'static [Row] {
        match (self, sex) {
            (Self::Kazakh, Sex::Male) => &KAZAKH_MALE,
            (Self::Kazakh, Sex::Female) => &KAZAKH_FEMALE,
            (Self::Turkic, Sex::Male) => &TURKIC_MALE,
            (Self::Turkic, Sex::Female) => &TURKIC_FEMALE,
            (_, Sex::Male) => &SLAVIC_MALE,
            (_, Sex::Female) => &SLAVIC_FEMALE,
        }
    }

    fn families(self) -> &'static [Row] {
        match self {
            Self::Kazakh => &KAZAKH_FAMILY,
            Self::Slavic => &SLAVIC_FAMILY,
            Self::Turkic => &TURKIC_FAMILY,
            Self::Other => &OTHER_FAMILY,
        }
    }
}

/// What a child takes over: the family's place in the table, and the father's given name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NameRoots {
    pub(super) group: NameGroup,
    family: Row,
    given: Row,
    /// The father's given name.
    father: Option<Row>,
}

impl NameRoots {
    /// Names of somebody whose parents are not known here.
    pub(super) fn draw(group: NameGroup, sex: Sex, stream: &mut Stream) -> Self {
        Self {
            group,
            family: *stream.pick(group.families()),
            given: *stream.pick(group.given(sex)),
            father: stream.chance(0.85).then(|| *stream.pick(group.given(Sex::Male))),
        }
    }

    /// A child of a father with these names.
    pub(super) fn child(self, sex: Sex, stream: &mut Stream) -> Self {
        Self { given: *stream.pick(self.group.given(sex)), father: Some(self.given), ..self }
    }

    /// A wife who took her husband's family name.
    pub(super) fn married_to(self, husband: Self) -> Self {
        Self { family: husband.family, ..self }
    }

    pub(super) fn written(self, sex: Sex) -> PersonName {
        let scripts = |row: Row| Scripts { kk: row.0.into(), ru: row.1.into(), latin: row.2.into() };
        PersonName {
            family: family_name(self.family, sex),
            given: scripts(self.given),
            patronymic: self.father.map(|f| patronymic(f, self.group, sex)),
        }
    }
}

fn family_name((kk, ru, latin): Row, sex: Sex) -> Scripts {
    let inflects = ru.ends_with("ов") || ru.ends_with("ев") || ru.ends_with("ёв") || ru.ends_with("ин");
    let end = |text: &str, a: &str| {
        if sex == Sex::Female && inflects { format!("{text}{a}") } else { text.to_owned() }
    };
    Scripts { kk: end(kk, "а"), ru: end(ru, "а"), latin: end(latin, "a") }
}

fn patronymic((kk, ru, latin): Row, group: NameGroup, sex: Sex) -> Scripts {
    if group == NameGroup::Kazakh {
        let (end, end_ru, end_latin) =
            if sex == Sex::Male { ("ұлы", "улы", "uly") } else { ("қызы", "кызы", "kyzy") };
        return Scripts { kk: format!("{kk}{end}"), ru: format!("{ru}{end_ru}"), latin: format!("{latin}{end_latin}") };
    }
    // Сергей - Сергеевич, Дмитрий - Дмитриевич, Игорь - Игоревич, Иван - Иванович.
    let soft = ru.ends_with('й') || ru.ends_with('ь');
    let stem = ru.trim_end_matches(['й', 'ь']);
    let latin_stem = if ru.ends_with('й') { latin.trim_end_matches('y') } else { latin };
    let (vowel, latin_vowel) = if soft { ("е", "ye") } else { ("о", "o") };
    let latin_vowel = if ru.ends_with('ь') { "e" } else { latin_vowel };
    let (end, end_latin) = if sex == Sex::Male { ("вич", "vich") } else { ("вна", "vna") };
    let cyrillic = format!("{stem}{vowel}{end}");
    Scripts { kk: cyrillic.clone(), ru: cyrillic, latin: format!("{latin_stem}{latin_vowel}{end_latin}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patronymics_and_family_names_follow_sex() {
        let ru = |row, group, sex| patronymic(row, group, sex).ru;
        assert_eq!(ru(("", "Дмитрий", ""), NameGroup::Slavic, Sex::Male), "Дмитриевич");
        assert_eq!(ru(("", "Игорь", ""), NameGroup::Slavic, Sex::Female), "Игоревна");
        assert_eq!(ru(("", "Иван", ""), NameGroup::Slavic, Sex::Male), "Иванович");
        assert_eq!(patronymic(KAZAKH_MALE[0], NameGroup::Kazakh, Sex::Female).kk, "Нұрланқызы");
        assert_eq!(family_name(KAZAKH_FAMILY[0], Sex::Female).latin, "Akhmetova");
        assert_eq!(family_name(OTHER_FAMILY[0], Sex::Female).ru, "Шмидт");
    }

    #[test]
    fn every_row_is_written_in_its_script() {
        let lists: [&[Row]; 10] = [
            &KAZAKH_MALE,
            &KAZAKH_FEMALE,
            &SLAVIC_MALE,
            &SLAVIC_FEMALE,
            &TURKIC_MALE,
            &TURKIC_FEMALE,
            &KAZAKH_FAMILY,
            &SLAVIC_FAMILY,
            &TURKIC_FAMILY,
            &OTHER_FAMILY,
        ];
        let cyrillic = |c: char| ('\u{400}'..'\u{530}').contains(&c);
        let kazakh_only = |c: char| "әғқңөұүһіӘҒҚҢӨҰҮҺІ".contains(c);
        for (kk, ru, latin) in lists.concat() {
            assert!(kk.chars().all(cyrillic), "{kk}");
            assert!(ru.chars().all(|c| cyrillic(c) && !kazakh_only(c)), "{ru}");
            assert!(latin.chars().all(|c| !cyrillic(c) && c.is_alphabetic()), "{latin}");
        }
    }
}
