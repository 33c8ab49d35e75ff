//! A transaction as the tree that a person reads.

use super::dictionary::{self, Domain, Entry};
use super::{BinaryImage, Body, Compression, Field, Record, Transaction};
use crate::Outline;
use crate::ansi_nist::parse::{DATA, FIRST_WITH_DATA};

/// Field 1.003.
const CONTENTS: (u8, u16) = (1, 3);
/// More lines than this nobody reads, and no hostile file makes more of them.
const MOST_LINES: usize = 50_000;

impl Transaction<'_> {
    /// What the transaction holds, in the words of the standard; codes stand with their meanings.
    pub fn outline(&self) -> Outline {
        let mut writer = Writer { domain: Domain::of(self), left: MOST_LINES };
        let label = match self.kind() {
            Some(kind) => format!("ANSI/NIST-ITL transaction {kind}"),
            None => "ANSI/NIST-ITL transaction".into(),
        };
        let mut outline = Outline::of(label);
        for record in &self.records {
            if writer.left == 0 {
                return outline.with(Outline::leaf("further records", self.records.len()));
            }
            outline.children.push(writer.record(record));
        }
        outline
    }
}

struct Writer {
    domain: Option<Domain>,
    left: usize,
}

impl Writer {
    fn spend(&mut self) -> bool {
        self.left = self.left.saturating_sub(1);
        self.left > 0
    }

    fn record(&mut self, record: &Record<'_>) -> Outline {
        self.spend();
        let name = dictionary::record_name(record.kind).unwrap_or("not defined by the standard");
        let node = Outline::of(format!("Type-{} record: {name}", record.kind)).at(record.offset);
        let node = match &record.body {
            Body::Tagged(fields) => {
                let shown: Vec<_> = fields.iter().map_while(|f| self.spend().then(|| self.field(record, f))).collect();
                node.with_all(shown)
            }
            Body::Image(image) => node.with_all(self.image(record.kind, image)),
            Body::Opaque { idc, data } => {
                let node = match idc {
                    Some(idc) => node.with(Outline::leaf(label(record.kind, 2, self.entry(record.kind, 2)), idc)),
                    None => node,
                };
                match super::Signature::of(record) {
                    Some(signature) => node.with_all(self.numbered(record.kind, &signature.fields())),
                    None => node,
                }
                .with(Outline::leaf("data", size(data)))
            }
        };
        let foreign = record.extra.iter().map_while(|f| self.spend().then(|| self.element(&f.element, 0)));
        let foreign: Vec<_> = foreign.collect();
        node.with_all(foreign)
    }

    fn entry(&self, kind: u8, number: u16) -> Option<&'static Entry> {
        let of_domain = || self.domain.and_then(|d| dictionary::domain_field(d, number));
        dictionary::field(kind, number).or_else(|| (kind == 2).then(of_domain).flatten())
    }

    fn field(&mut self, record: &Record<'_>, field: &Field<'_>) -> Outline {
        let entry = self.entry(record.kind, field.number);
        let label = label(record.kind, field.number, entry);
        if field.number == DATA && record.kind >= FIRST_WITH_DATA {
            return Outline::leaf(label, coded(&field.value));
        }
        if (record.kind, field.number) == CONTENTS {
            return self.contents(label, field);
        }
        let divided = entry.is_some_and(|e| !e.items.is_empty());
        let subfields = field.subfields();
        if !divided {
            let codes = entry.and_then(|e| e.codes);
            // A value that nobody knows how to divide is shown as it is.
            let values: Vec<_> = subfields
                .map(|items| items.iter().map(|i| with_meaning(&text(i), codes)).collect::<Vec<_>>().join(" | "))
                .take(self.left)
                .collect();
            return Outline::leaf(label, values.join(", "));
        }
        let items = entry.map(|e| &e.items[..]).unwrap_or_default();
        let subfields: Vec<_> = subfields.take(self.left).collect();
        // One subfield needs no level of its own, and a short one no lines of its own.
        match &subfields[..] {
            [only] if short(only, items) => Outline::leaf(label, line(only, items)),
            [only] => Outline::of(label).with_all(self.subfield(only, items)),
            several => {
                let mut node = Outline::of(label);
                for (subfield, number) in several.iter().zip(1..) {
                    if !self.spend() {
                        break;
                    }
                    node.children.push(if short(subfield, items) {
                        Outline::of(line(subfield, items))
                    } else {
                        Outline::of(number.to_string()).with_all(self.subfield(subfield, items))
                    });
                }
                node
            }
        }
    }

    /// The list of records: the second item of its first line counts them, those of the others are designation characters.
    fn contents(&mut self, label: String, field: &Field<'_>) -> Outline {
        let mut node = Outline::of(label);
        for (k, items) in field.subfields().enumerate() {
            if !self.spend() {
                break;
            }
            let item = |at: usize| items.get(at).map(|v| text(v)).unwrap_or_default();
            node.children.push(match k {
                0 => Outline::of(format!("Type-{}, {} records follow", item(0), item(1))),
                _ => Outline::of(format!("Type-{}, IDC {}", item(0), item(1))),
            });
        }
        node
    }

    /// A line for each item that is there.
    fn subfield(&mut self, subfield: &[&[u8]], items: &[Entry]) -> Vec<Outline> {
        let mut lines = Vec::new();
        for (value, item) in subfield.iter().zip(items).filter(|(v, _)| !v.is_empty()) {
            if self.spend() {
                lines.push(Outline::leaf(item_label(item), with_meaning(&text(value), item.codes)));
            }
        }
        // Points of a polygon.
        let beyond: Vec<_> = subfield.iter().skip(items.len()).take(self.left).map(|v| text(v)).collect();
        if !beyond.is_empty() {
            lines.push(Outline::leaf("further values", beyond.join(", ")));
        }
        lines
    }

    fn image(&mut self, kind: u8, image: &BinaryImage<'_>) -> Vec<Outline> {
        let mut lines = self.numbered(
            kind,
            &[
                (2, image.idc.to_string()),
                (3, image.impression.to_string()),
                (5, image.scanning_resolution.to_string()),
                (6, image.width.to_string()),
                (7, image.height.to_string()),
                (8, image.compression.to_string()),
            ],
        );
        let positions =
            image.stated_positions().map(|p| format!("{} ({})", p.0, p.name())).collect::<Vec<_>>().join(", ");
        lines.insert(2, Outline::leaf(label(kind, 4, self.entry(kind, 4)), positions));
        lines.push(Outline::leaf(label(kind, 9, self.entry(kind, 9)), coded(&image.data)));
        lines
    }

    fn numbered(&mut self, kind: u8, fields: &[(u16, String)]) -> Vec<Outline> {
        let mut lines = Vec::with_capacity(fields.len());
        for (number, value) in fields {
            self.spend();
            let entry = self.entry(kind, *number);
            lines.push(Outline::leaf(label(kind, *number, entry), with_meaning(value, entry.and_then(|e| e.codes))));
        }
        lines
    }

    fn element(&mut self, element: &super::xml::Element, depth: usize) -> Outline {
        let text = element.text.trim();
        let colon = if element.prefix.is_empty() { "" } else { ":" };
        let name = format!("{}{colon}{}", element.prefix, element.name);
        let node = if text.is_empty() { Outline::of(name) } else { Outline::leaf(name, text) };
        if depth >= super::xml::DEEPEST {
            return node;
        }
        let children: Vec<_> =
            element.children.iter().map_while(|c| self.spend().then(|| self.element(c, depth + 1))).collect();
        node.with_all(children)
    }
}

/// Whether a subfield fits a line.
fn short(subfield: &[&[u8]], items: &[Entry]) -> bool {
    const MOST_IN_A_LINE: usize = 6;
    items.len() <= MOST_IN_A_LINE && subfield.len() <= items.len()
}

fn line(subfield: &[&[u8]], items: &[Entry]) -> String {
    let there = subfield.iter().zip(items).filter(|(value, _)| !value.is_empty());
    let shown = there.map(|(value, item)| format!("{} {}", item.name, with_meaning(&text(value), item.codes)));
    shown.collect::<Vec<_>>().join(", ")
}

fn label(kind: u8, number: u16, entry: Option<&Entry>) -> String {
    let name = match entry {
        Some(e) if e.mnemonic.is_empty() => e.name.into(),
        Some(e) => format!("{} {}", e.mnemonic, e.name),
        None if kind == 9 => dictionary::vendor(number).map_or("field".into(), |v| format!("field of {v}")),
        None => "field".into(),
    };
    format!("{kind}.{number:03} {name}")
}

fn item_label(item: &Entry) -> String {
    if item.mnemonic.is_empty() { item.name.into() } else { format!("{} {}", item.mnemonic, item.name) }
}

fn with_meaning(value: &str, codes: Option<dictionary::Codes>) -> String {
    match codes.and_then(|c| c.meaning(value)) {
        Some(meaning) => format!("{value} ({meaning})"),
        None => value.into(),
    }
}

/// UTF-8 or, where it is not, ISO 8859-1.
fn text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.trim().into(),
        Err(_) => bytes.iter().map(|b| char::from(*b)).collect::<String>().trim().into(),
    }
}

fn size(data: &[u8]) -> String {
    format!("{} bytes", data.len())
}

fn coded(data: &[u8]) -> String {
    match Compression::of(data) {
        Some(compression) => format!("{}, {}", size(data), compression.name()),
        None => size(data),
    }
}
