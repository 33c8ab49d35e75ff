//! What the standard calls things: record types, fields and items by number, mnemonic and name, and the meanings of codes.
//!
//! The tables are texts beside this file (`fields.txt`, `domains.txt`, `codes.txt`), in words of our own; each says its form and
//! source in its first lines.

use std::sync::LazyLock;

use super::{Field, Impression, Position, Transaction};

static STANDARD: LazyLock<Vec<Section>> = LazyLock::new(|| sections(include_str!("fields.txt")));
static DOMAINS: LazyLock<Vec<Section>> = LazyLock::new(|| sections(include_str!("domains.txt")));
static CODES: LazyLock<Vec<CodeTable>> = LazyLock::new(|| code_tables(include_str!("codes.txt")));

/// Fields of Type-9 records that belong to vendors (table 27).
const VENDORS: [(u16, u16, &str); 7] = [
    (13, 30, "IAFIS"),
    (31, 55, "Cogent"),
    (56, 70, "Motorola"),
    (71, 99, "Sagem Morpho"),
    (100, 125, "NEC"),
    (151, 175, "Identix"),
    (180, 225, "another vendor"),
];
/// The first record type whose fields above 900, and two below, are the same as those of all others.
const FIRST_WITH_SHARED: u8 = 10;

/// What is known of a field or an item of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Number of a field; that of an item counts from 1.
    pub number: u16,
    /// Mnemonic of the standard; empty where it has none.
    pub mnemonic: &'static str,
    /// Short name, lower case.
    pub name: &'static str,
    /// What its values stand for, where they are codes.
    pub codes: Option<Codes>,
    /// Its items in their order; empty where a value is not divided.
    pub items: Vec<Entry>,
}

/// Where the meanings of codes are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Codes {
    /// Friction ridge positions.
    Position,
    /// Impression types.
    Impression,
    /// A table of the dictionary, by its name.
    Table(&'static str),
}

/// Who defined the fields of Type-2 records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Domain {
    /// The FBI's Electronic Biometric Transmission Specification; North America.
    Ebts,
    /// INTERPOL's implementation.
    IntI,
}

struct Section {
    key: &'static str,
    name: &'static str,
    fields: Vec<Entry>,
}

struct CodeTable {
    name: &'static str,
    codes: Vec<(&'static str, &'static str)>,
}

/// Short name of a record type, where the standard defines it.
pub fn record_name(kind: u8) -> Option<&'static str> {
    if kind == 0 { None } else { section(kind).map(|s| s.name) }
}

/// A field that the standard defines.
pub fn field(kind: u8, number: u16) -> Option<&'static Entry> {
    let own = section(kind).and_then(|s| entry(s, number));
    own.or_else(|| (kind >= FIRST_WITH_SHARED).then(|| section(0)).flatten().and_then(|s| entry(s, number)))
}

/// A field of a Type-2 record as a domain defines it.
pub fn domain_field(domain: Domain, number: u16) -> Option<&'static Entry> {
    let key = match domain {
        Domain::Ebts => "EBTS",
        Domain::IntI => "INT-I",
    };
    DOMAINS.iter().find(|s| s.key == key).and_then(|s| entry(s, number))
}

/// Whose block of a Type-9 record a field is in, where it is a vendor's.
pub fn vendor(number: u16) -> Option<&'static str> {
    VENDORS.iter().find(|(first, last, _)| (*first..=*last).contains(&number)).map(|v| v.2)
}

impl Domain {
    /// The domain that the transaction names in field 1.013, or uses where it names none: EBTS transactions need not.
    pub fn of(transaction: &Transaction<'_>) -> Option<Self> {
        let domain = transaction.records.first()?.field(13)?;
        let named = domain.subfields().next()?;
        let text = |i: usize| named.get(i).and_then(|b| std::str::from_utf8(b).ok()).map_or("", str::trim);
        match text(0) {
            "INT-I" => Some(Self::IntI),
            "NORAM" => Some(Self::Ebts),
            _ if text(1).starts_with("EBTS") => Some(Self::Ebts),
            _ => None,
        }
    }
}

impl Codes {
    /// What a code stands for.
    pub fn meaning(self, code: &str) -> Option<&'static str> {
        let code = code.trim();
        match self {
            Self::Position => code.parse().ok().map(|c| Position(c).name()),
            Self::Impression => code.parse().ok().map(|c| Impression(c).name()),
            Self::Table(name) => {
                let table = CODES.iter().find(|t| t.name == name)?;
                let find = |code: &str| table.codes.iter().find(|c| c.0 == code).map(|c| c.1);
                // Numbers come with and without leading zeros.
                find(code).or_else(|| find(code.trim_start_matches('0')).filter(|_| code.len() > 1))
            }
        }
    }

    /// Whether the codes of the table are all that may stand there.
    pub fn has(self, code: &str) -> bool {
        self.meaning(code).is_some_and(|m| m != "reserved")
    }
}

impl Field<'_> {
    /// An item as text, by subfield and place, both counted from 0.
    pub fn item(&self, subfield: usize, place: usize) -> Option<&str> {
        let items = self.subfields().nth(subfield)?;
        std::str::from_utf8(items.get(place)?).ok().map(str::trim)
    }
}

fn section(kind: u8) -> Option<&'static Section> {
    STANDARD.iter().find(|s| s.key.parse() == Ok(kind))
}

fn entry(section: &'static Section, number: u16) -> Option<&'static Entry> {
    section.fields.iter().find(|f| f.number == number)
}

/// Lines without the comments and blank ones.
fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().filter(|l| !l.is_empty() && !l.starts_with('#'))
}

fn sections(text: &'static str) -> Vec<Section> {
    let mut found: Vec<Section> = Vec::new();
    for line in lines(text) {
        match line.strip_prefix(' ') {
            None => {
                let (key, name) = line.split_once(' ').unwrap_or((line, ""));
                found.push(Section { key, name, fields: Vec::new() });
            }
            Some(field) => {
                let (head, items) = field.split_once(": ").unwrap_or((field, ""));
                let (number, head) = head.split_once(' ').unwrap_or((head, ""));
                let items = items.split(", ").filter(|i| !i.is_empty()).zip(1..).map(|(i, n)| named(n, i)).collect();
                let field = Entry { items, ..named(number.parse().unwrap_or(0), head) };
                if let Some(section) = found.last_mut() {
                    section.fields.push(field);
                }
            }
        }
    }
    found
}

/// `MNEMONIC name =codes`; what begins in lower case has no mnemonic.
fn named(number: u16, text: &'static str) -> Entry {
    let (text, codes) = match text.split_once(" =") {
        Some((text, "position")) => (text, Some(Codes::Position)),
        Some((text, "impression")) => (text, Some(Codes::Impression)),
        Some((text, table)) => (text, Some(Codes::Table(table))),
        None => (text, None),
    };
    let mnemonic = text.split_once(' ').filter(|(m, _)| m.len() > 1 && !m.chars().any(char::is_lowercase));
    let (mnemonic, name) = mnemonic.unwrap_or(("", text));
    Entry { number, mnemonic, name, codes, items: Vec::new() }
}

fn code_tables(text: &'static str) -> Vec<CodeTable> {
    let mut found: Vec<CodeTable> = Vec::new();
    for line in lines(text) {
        match (line.strip_prefix(' '), found.last_mut()) {
            (None, _) => found.push(CodeTable { name: line, codes: Vec::new() }),
            (Some(code), Some(table)) => table.codes.extend(code.split_once(' ')),
            (Some(_), None) => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every entry and item of the tables.
    fn entries() -> Vec<&'static Entry> {
        let fields = STANDARD.iter().chain(&*DOMAINS).flat_map(|s| &s.fields);
        fields.flat_map(|f| std::iter::once(f).chain(&f.items)).collect()
    }

    #[test]
    fn the_tables_are_whole() {
        assert_eq!(STANDARD.len(), 25);
        assert_eq!(DOMAINS.len(), 2);
        assert!(entries().len() > 1000, "{}", entries().len());
        for entry in entries() {
            assert!(entry.number > 0 && !entry.name.is_empty(), "{entry:?}");
            if let Some(Codes::Table(name)) = entry.codes {
                assert!(CODES.iter().any(|t| t.name == name), "{entry:?}");
            }
        }
        for table in &*CODES {
            let used = Some(Codes::Table(table.name));
            assert!(entries().iter().any(|e| e.codes == used), "{} is used by no field", table.name);
            assert!(!table.codes.is_empty(), "{}", table.name);
        }
        for section in STANDARD.iter().chain(&*DOMAINS) {
            assert!(section.fields.windows(2).all(|w| w[0].number < w[1].number), "{}", section.key);
        }
    }

    #[test]
    fn names_and_codes_are_found() {
        assert_eq!(record_name(14), Some("fingerprint image"));
        assert_eq!(record_name(0), None);
        let position = field(14, 13).unwrap();
        assert_eq!((position.mnemonic, position.name), ("FGP", "friction ridge position"));
        assert_eq!(position.codes.unwrap().meaning("02"), Some("right index finger"));
        assert_eq!(field(14, 999).unwrap().mnemonic, "DATA");
        assert_eq!(field(14, 21).unwrap().items[4].name, "bottom");
        assert_eq!(field(9, 999), None);
        assert_eq!(domain_field(Domain::IntI, 63).unwrap().mnemonic, "INF");
        assert_eq!(vendor(31), Some("Cogent"));
        let pattern = field(9, 7).unwrap().items[1].codes.unwrap();
        assert_eq!((pattern.meaning("PW"), pattern.has("ZZ")), (Some("plain whorl"), false));
    }
}
