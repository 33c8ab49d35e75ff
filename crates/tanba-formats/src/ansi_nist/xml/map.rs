//! The table of elements and fields (`map.txt`), taken apart.

use std::sync::LazyLock;

use super::{Element, INTERPOL};

static MAP: LazyLock<Vec<RecordMap>> = LazyLock::new(|| records(include_str!("map.txt")));

/// A record's element and what is below it.
#[derive(Debug)]
pub(super) struct RecordMap {
    pub(super) kind: u8,
    pub(super) name: Name,
    pub(super) nodes: Vec<Node>,
}

/// An element of the table.
#[derive(Debug)]
pub(super) struct Node {
    /// The name that is written, then others that are read.
    pub(super) names: Vec<Name>,
    pub(super) place: Place,
    pub(super) change: Change,
    pub(super) children: Vec<Node>,
}

/// Prefix and local name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Name {
    /// `None`: biom, but int-i in INTERPOL's transactions.
    pub(super) prefix: Option<&'static str>,
    pub(super) local: &'static str,
}

/// Where a value stands. Items count from 0 here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Nowhere: what is below it does.
    Group,
    /// Nowhere, and it is kept.
    Kept,
    /// A subfield of a field for each occurrence.
    Field(u16),
    /// An item of the subfield that is open.
    Item(Item),
    /// An item of the first subfield of a field.
    FirstOf(u16, Item),
}

/// An item of a subfield.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) index: usize,
    pub(super) form: Form,
}

/// How an element fills an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Whole,
    /// One of several that are joined, counted from 0.
    Part(usize),
    /// That item, or the next that is free.
    Repeated,
    /// Two items for each occurrence, the next that are free.
    Pairs,
}

/// How a value changes between the encodings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    None,
    Id,
    Date,
    Utc,
    /// At least so many digits.
    Digits(usize),
    Int,
    Format,
    Bit,
    Yes,
    Base64,
    Text64,
    Path,
    Pair,
    RidgeMethod,
    Vectors,
    Finger,
    Palm,
    One,
}

/// The element of a record type.
pub(super) fn of_kind(kind: u8) -> Option<&'static RecordMap> {
    MAP.iter().find(|r| r.kind == kind)
}

/// The record type of an element, by its local name.
pub(super) fn of_element(local: &str) -> Option<&'static RecordMap> {
    MAP.iter().find(|r| r.name.local == local)
}

impl Node {
    /// Whether an element is this one. Editions differ in the namespaces of theirs; those of INTERPOL must be its own, since
    /// other domains have elements of the same names.
    pub(super) fn is(&self, element: &Element) -> bool {
        let interpol = |n: &Name| n.prefix == Some(INTERPOL.0);
        let of_interpol = || element.namespace.as_deref().is_none_or(|uri| uri == INTERPOL.1);
        let local = &*element.name;
        let called = |n: &Name| {
            // Since NIEM 3 what is an identification with an ID in it may be the ID alone.
            let short = || n.local.strip_suffix("Identification").is_some_and(|s| local.strip_suffix("ID") == Some(s));
            n.local == local || (self.change == Change::Id && short())
        };
        self.names.iter().any(|n| called(n) && (!interpol(n) || of_interpol()))
    }
}

type Line = (usize, &'static str);

fn records(text: &'static str) -> Vec<RecordMap> {
    let mut groups: Vec<(&str, Vec<Line>)> = Vec::new();
    let mut found: Vec<(&str, Vec<Line>)> = Vec::new();
    let mut in_group = true;
    for line in text.lines().filter(|l| !l.trim().is_empty() && !l.starts_with('#')) {
        if let Some(name) = line.strip_prefix('[') {
            groups.push((name.trim_end_matches(']'), Vec::new()));
            in_group = true;
        } else if let Some(head) = line.strip_prefix('<') {
            found.push((head.trim_end_matches('>'), Vec::new()));
            in_group = false;
        } else {
            let indent = line.len() - line.trim_start().len();
            let lines = expanded(indent, line.trim_start(), &groups);
            if let Some(open) = if in_group { groups.last_mut() } else { found.last_mut() } {
                open.1.extend(lines);
            }
        }
    }
    let record = |(head, lines): (&'static str, Vec<Line>)| {
        let (kind, element) = head.split_once(' ').unwrap_or((head, ""));
        RecordMap {
            kind: kind.parse().unwrap_or(0),
            name: name(element),
            nodes: nodes(&mut lines.iter().peekable(), 0),
        }
    };
    found.into_iter().map(record).collect()
}

/// The lines of a group for `@name`, indented as that was; groups come before their use, so theirs are expanded already.
fn expanded(indent: usize, line: &'static str, groups: &[(&str, Vec<Line>)]) -> Vec<Line> {
    let Some(wanted) = line.strip_prefix('@') else { return vec![(indent, line)] };
    let group = groups.iter().find(|g| g.0 == wanted);
    group.map_or(Vec::new(), |g| g.1.iter().map(|(i, l)| (indent + i, *l)).collect())
}

fn nodes(lines: &mut std::iter::Peekable<std::slice::Iter<'_, Line>>, indent: usize) -> Vec<Node> {
    let mut found = Vec::new();
    while let Some(&&(at, line)) = lines.peek() {
        if at < indent {
            break;
        }
        lines.next();
        let mut node = node(line);
        node.children = nodes(lines, indent + 1);
        found.push(node);
    }
    found
}

fn node(line: &'static str) -> Node {
    let (names, rest) = line.split_once(' ').unwrap_or((line, ""));
    let (place, change) = rest.split_once(':').unwrap_or((rest, ""));
    Node {
        names: names.split('|').map(name).collect(),
        place: self::place(place),
        change: self::change(change),
        children: Vec::new(),
    }
}

fn name(text: &'static str) -> Name {
    match (text.strip_prefix('!'), text.split_once(':')) {
        (Some(local), _) => Name { prefix: None, local },
        (None, Some((prefix, local))) => Name { prefix: Some(prefix), local },
        (None, None) => Name { prefix: Some("biom"), local: text },
    }
}

fn place(text: &'static str) -> Place {
    if text == "=" {
        return Place::Kept;
    }
    let (field, item) = match text.split_once('#') {
        Some((field, item)) => (field, Some(self::item(item))),
        None => (text, None),
    };
    let field = field.strip_prefix('.').and_then(|n| n.parse().ok());
    match (field, item) {
        (Some(field), Some(item)) => Place::FirstOf(field, item),
        (Some(field), None) => Place::Field(field),
        (None, Some(item)) => Place::Item(item),
        (None, None) => Place::Group,
    }
}

fn item(text: &'static str) -> Item {
    let (number, form) = if let Some(number) = text.strip_suffix('+') {
        (number, Form::Repeated)
    } else if let Some(number) = text.strip_suffix('*') {
        (number, Form::Pairs)
    } else if let Some((number, part)) = text.split_once('/') {
        (number, Form::Part(part.parse::<usize>().unwrap_or(1).saturating_sub(1)))
    } else {
        (text, Form::Whole)
    };
    Item { index: number.parse::<usize>().unwrap_or(1).saturating_sub(1), form }
}

fn change(text: &str) -> Change {
    match text {
        "id" => Change::Id,
        "date" => Change::Date,
        "utc" => Change::Utc,
        "two" => Change::Digits(2),
        "three" => Change::Digits(3),
        "four" => Change::Digits(4),
        "int" => Change::Int,
        "fmt" => Change::Format,
        "bit" => Change::Bit,
        "yes" => Change::Yes,
        "b64" => Change::Base64,
        "text64" => Change::Text64,
        "path" => Change::Path,
        "pair" => Change::Pair,
        "rem" => Change::RidgeMethod,
        "vector" => Change::Vectors,
        "finger" => Change::Finger,
        "palm" => Change::Palm,
        "one" => Change::One,
        _ => Change::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ansi_nist::dictionary;

    #[test]
    fn every_place_of_the_table_is_a_field_that_the_standard_defines() {
        fn check(kind: u8, node: &Node, open: Option<u16>) {
            let defined = |number| {
                let of_domain = || dictionary::domain_field(dictionary::Domain::IntI, number);
                dictionary::field(kind, number).or_else(|| (kind == 2).then(of_domain).flatten())
            };
            let items = |number: u16, item: Item| {
                let entry = defined(number).unwrap_or_else(|| panic!("{kind}.{number:03}"));
                let known = entry.items.len() > item.index
                    || entry.items.is_empty()
                    || matches!(item.form, Form::Pairs | Form::Repeated);
                assert!(known, "{kind}.{number:03} {}: item {}", node.names[0].local, item.index);
            };
            let open = match node.place {
                Place::Field(number) => {
                    assert!(defined(number).is_some(), "{kind}.{number:03}");
                    Some(number)
                }
                Place::FirstOf(number, item) => {
                    items(number, item);
                    open
                }
                Place::Item(item) => {
                    items(open.unwrap_or_else(|| panic!("{}", node.names[0].local)), item);
                    open
                }
                Place::Group | Place::Kept => open,
            };
            node.children.iter().for_each(|c| check(kind, c, open));
        }
        assert_eq!(MAP.len(), 24);
        for record in &*MAP {
            assert!(!record.nodes.is_empty(), "{}", record.name.local);
            record.nodes.iter().for_each(|n| check(record.kind, n, None));
        }
    }

    #[test]
    fn every_group_and_change_of_the_table_is_known() {
        for line in include_str!("map.txt").lines().filter(|l| !l.starts_with('#')) {
            let used = line.trim_start().strip_prefix('@');
            assert!(used.is_none_or(|g| include_str!("map.txt").contains(&format!("[{g}]"))), "{line}");
            let place = line.trim_start().split_once(' ').map_or("", |l| l.1);
            if let Some((_, change)) = place.split_once(':').filter(|_| !line.starts_with('<')) {
                assert!(super::change(change) != Change::None, "{line}");
            }
        }
    }
}
