//! From elements to records and fields.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::map::{self, Change, Form, Item, Node, Place};
use super::values::{date, logical, moment};
use super::{
    Element, Foreign, OWN, OWN_BASE64, OWN_ENCODING, OWN_FIELD, OWN_ITEM, OWN_NUMBER, OWN_SUBFIELD, ROOT, XmlError,
    attribute, first_text,
};
use crate::ansi_nist::parse::{self, MOST_NOTES, MOST_RECORDS};
use crate::ansi_nist::{BinaryImage, Body, Field, LENGTH, RS, Record, Signature, Transaction, US};
use crate::{Decoded, Diagnostic};

/// Base64 as files have it: with and without padding, and bits beyond the last byte.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);
/// A field's subfields, each of its items.
pub(super) type Values = Vec<Vec<Vec<u8>>>;

pub(super) fn transaction(root: &Element, notes: Vec<Diagnostic>) -> Result<Decoded<Transaction<'static>>, XmlError> {
    if root.name != ROOT {
        return Err(XmlError::NotATransaction);
    }
    let mut reader = Reader { notes };
    let mut records = Vec::new();
    if let Some(element) = root.children.get(MOST_RECORDS) {
        reader.note("records-left-out", element, format!("records beyond {MOST_RECORDS} were not read"));
    }
    for element in root.children.iter().take(MOST_RECORDS) {
        match map::of_element(&element.name) {
            Some(of_kind) => records.push(reader.record(of_kind, element)),
            None => reader.note("element-unknown", element, "this element is no record and was left out".into()),
        }
    }
    // The header leads, wherever it stood.
    if let Some(at) = records.iter().position(|r| r.kind == 1) {
        let header = records.remove(at);
        records.insert(0, header);
    } else {
        return Err(XmlError::NotATransaction);
    }
    reader.compare_contents(&records, root);
    Ok(Decoded { value: Transaction { records }, diagnostics: reader.notes })
}

/// The fields of a record's element, as the table places them.
pub(super) fn fields(of_kind: &'static map::RecordMap, element: &Element) -> BTreeMap<u16, Values> {
    let mut open = Open::default();
    Reader { notes: Vec::new() }.walk(element, &of_kind.nodes, None, &mut open);
    open.fields
}

struct Reader {
    notes: Vec<Diagnostic>,
}

/// A record that is being read.
#[derive(Default)]
struct Open {
    fields: BTreeMap<u16, Values>,
    extra: Vec<Foreign>,
    path: Vec<&'static str>,
}

impl Reader {
    fn note(&mut self, code: &'static str, at: &Element, message: String) {
        if self.notes.len() < MOST_NOTES {
            self.notes.push(Diagnostic { code, message, offset: Some(at.offset) });
        }
    }

    fn record(&mut self, of_kind: &'static map::RecordMap, element: &Element) -> Record<'static> {
        let kind = of_kind.kind;
        let mut open = Open::default();
        self.walk(element, &of_kind.nodes, None, &mut open);
        let mut fields = open.fields;
        fields.remove(&LENGTH);
        let body = match kind {
            3..=6 => Body::Image(image(&fields)),
            7 | 8 => {
                let data = if kind == 7 { bytes(&fields, 3) } else { signature(&fields).data_of_record() };
                Body::Opaque { idc: Some(number(&fields, 2).unwrap_or(0)), data: data.into() }
            }
            _ => Body::Tagged(fields.into_iter().map(|(number, values)| field(number, &values)).collect()),
        };
        Record { offset: element.offset, extra: open.extra, ..Record::new(kind, body) }
    }

    /// The elements in one, against those that the table has there; `subfield` is the one that is open.
    fn walk(&mut self, parent: &Element, nodes: &'static [Node], subfield: Option<(u16, usize)>, open: &mut Open) {
        let record = open.path.is_empty() && subfield.is_none();
        // Two elements of the same name mean their items in turn: the ends of a line.
        let mut seen: Vec<(&str, usize)> = Vec::new();
        for element in &parent.children {
            let local = &*element.name;
            if record && local == "RecordCategoryCode" {
                continue;
            }
            if own(element) {
                self.own(element, open);
                continue;
            }
            let mut same = nodes.iter().filter(|n| n.is(element));
            let first = same.next();
            let several = same.next().is_some();
            let turn = if several { turn(&mut seen, local) } else { 0 };
            let Some(node) = nodes.iter().filter(|n| n.is(element)).nth(turn).or(first) else {
                if element.children.iter().any(own) {
                    element.children.iter().filter(|c| own(c)).for_each(|c| self.own(c, open));
                    continue;
                }
                if !element.children.is_empty() || !element.text.trim().is_empty() {
                    let message = format!("{local} is not in the table of fields and was kept as it is");
                    self.note("element-unknown", element, message);
                }
                open.extra.push(Foreign { path: open.path.clone(), element: element.clone() });
                continue;
            };
            if open.path.len() < super::DEEPEST {
                self.known(element, node, subfield, open);
            }
        }
    }

    fn known(&mut self, element: &Element, node: &'static Node, subfield: Option<(u16, usize)>, open: &mut Open) {
        let (target, inner) = match node.place {
            Place::Kept => {
                open.extra.push(Foreign { path: open.path.clone(), element: element.clone() });
                return;
            }
            Place::Group => (None, subfield),
            Place::Field(number) => {
                let values = open.fields.entry(number).or_default();
                values.push(Vec::new());
                let at = (number, values.len() - 1);
                (Some((at, Item { index: 0, form: Form::Whole })), Some(at))
            }
            Place::Item(item) => (subfield.map(|at| (at, item)), subfield),
            Place::FirstOf(number, item) => {
                let values = open.fields.entry(number).or_default();
                if values.is_empty() {
                    values.push(Vec::new());
                }
                (Some(((number, 0), item)), subfield)
            }
        };
        if let Some((at, item)) = target
            && (node.children.is_empty() || matches!(node.change, Change::Pair) || item.form == Form::Pairs)
        {
            let values = self.values(element, node, item);
            put(&mut open.fields, at, item, values);
        }
        if !node.children.is_empty()
            && node.change != Change::Pair
            && !matches!(target, Some((_, Item { form: Form::Pairs, .. })))
        {
            open.path.push(node.names.first().map_or("", |n| n.local));
            self.walk(element, &node.children, inner, open);
            open.path.pop();
        }
    }

    /// What an element says, one value for each item that it fills.
    fn values(&mut self, element: &Element, node: &Node, item: Item) -> Vec<Vec<u8>> {
        let text = first_text(element);
        let one = |value: String| vec![value.into_bytes()];
        if item.form == Form::Pairs {
            return element.children.iter().take(2).map(|c| first_text(c).as_bytes().to_vec()).collect();
        }
        match node.change {
            Change::Date => one(date(text)),
            Change::Utc => one(moment(text)),
            Change::Digits(least) => one(format!("{text:0>least$}")),
            Change::Int => one(match text.trim_start_matches('0') {
                "" if !text.is_empty() => "0".into(),
                digits => digits.into(),
            }),
            Change::Format => one(logical(text, "S", "U")),
            Change::Bit => one(logical(text, "1", "0")),
            Change::Yes => one(logical(text, "Y", "N")),
            Change::Text64 => one(text.split_ascii_whitespace().collect()),
            Change::Base64 => vec![self.base64(element, text)],
            Change::Path => {
                let vertices = element
                    .children
                    .iter()
                    .map(|vertex| vertex.children.iter().map(first_text).collect::<Vec<_>>().join(","));
                one(vertices.collect::<Vec<_>>().join("-"))
            }
            Change::Pair => one(element.children.iter().map(first_text).collect::<Vec<_>>().join(",")),
            Change::RidgeMethod => vec![text.as_bytes().to_vec(), b"0".to_vec(), b"0".to_vec()],
            Change::Vectors => vec![self.vectors(element)],
            Change::None | Change::Id | Change::Finger | Change::Palm | Change::One => one(text.into()),
        }
    }

    fn base64(&mut self, element: &Element, text: &str) -> Vec<u8> {
        let dense: Vec<u8> = text.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
        BASE64.decode(&dense).unwrap_or_else(|_| {
            let message = format!("the base64 text of {} is damaged and was left out", element.name);
            self.note("base64-malformed", element, message);
            Vec::new()
        })
    }

    /// Pen strokes as field 8.008 has them: x (2), y (2), pressure (1).
    fn vectors(&mut self, element: &Element) -> Vec<u8> {
        let mut data = Vec::new();
        for vector in &element.children {
            let value = |name: &str| {
                let found = vector.children.iter().find(|c| c.name == name);
                found.and_then(|c| first_text(c).parse::<u16>().ok())
            };
            let x = value("VectorPositionHorizontalCoordinateValue");
            let y = value("VectorPositionVerticalCoordinateValue");
            let pressure = value("VectorPenPressureValue").and_then(|p| u8::try_from(p).ok());
            if let (Some(x), Some(y), Some(pressure)) = (x, y, pressure) {
                data.extend(x.to_be_bytes());
                data.extend(y.to_be_bytes());
                data.push(pressure);
            } else {
                let message = "a vector of the signature is not three small numbers and was left out";
                self.note("value-unexpected", vector, message.into());
            }
        }
        data
    }

    /// A field in an element of Tanba's own, which has precedence over what stands elsewhere.
    fn own(&mut self, element: &Element, open: &mut Open) {
        let Some(number) = attribute(element, OWN_NUMBER).and_then(|n| n.parse::<u16>().ok()) else {
            for child in element.children.iter().filter(|c| own(c) && c.name == OWN_FIELD) {
                self.own(child, open);
            }
            return;
        };
        let mut values = Values::new();
        for subfield in element.children.iter().filter(|c| c.name == OWN_SUBFIELD) {
            let items = subfield.children.iter().filter(|c| c.name == OWN_ITEM);
            let items = items.map(|item| match attribute(item, OWN_ENCODING) {
                Some(OWN_BASE64) => self.base64(item, &item.text),
                _ => item.text.as_bytes().to_vec(),
            });
            values.push(items.collect());
        }
        open.fields.insert(number, values);
    }

    fn compare_contents(&mut self, records: &[Record<'_>], root: &Element) {
        let Some((header, rest)) = records.split_first() else { return };
        let Some(stated) = parse::contents(header) else {
            self.note("contents-missing", root, "field 1.003 does not say which records follow".into());
            return;
        };
        let count = |kinds: &mut dyn Iterator<Item = u8>| {
            let mut found = BTreeMap::<u8, usize>::new();
            kinds.for_each(|k| *found.entry(k).or_default() += 1);
            found
        };
        let (stated, there) = (count(&mut stated.into_iter()), count(&mut rest.iter().map(|r| r.kind)));
        let of = |kinds: &BTreeMap<u8, usize>, kind: u8| kinds.get(&kind).copied().unwrap_or(0);
        if let Some(kind) = stated.keys().find(|k| of(&stated, **k) > of(&there, **k)) {
            let message = format!("field 1.003 counts records that are not there, the first of Type-{kind}");
            self.note("record-missing", root, message);
        }
        if there.keys().any(|k| of(&there, *k) > of(&stated, *k)) {
            self.note("records-uncounted", root, "there are records that field 1.003 does not count".into());
        }
    }
}

/// How often the name was seen before.
fn turn<'t>(seen: &mut Vec<(&'t str, usize)>, local: &'t str) -> usize {
    match seen.iter_mut().find(|s| s.0 == local) {
        Some((_, turn)) => {
            *turn += 1;
            *turn
        }
        None => {
            seen.push((local, 0));
            0
        }
    }
}

fn own(element: &Element) -> bool {
    element.namespace.as_deref() == Some(OWN.1)
}

fn put(fields: &mut BTreeMap<u16, Values>, at: (u16, usize), item: Item, values: Vec<Vec<u8>>) {
    let Some(subfield) = fields.get_mut(&at.0).and_then(|v| v.get_mut(at.1)) else { return };
    let index = match item.form {
        Form::Whole | Form::Part(_) => item.index,
        Form::Repeated | Form::Pairs => item.index.max(subfield.len()),
    };
    for (value, index) in values.into_iter().zip(index..) {
        if subfield.len() <= index {
            subfield.resize(index + 1, Vec::new());
        }
        let Some(place) = subfield.get_mut(index) else { return };
        match item.form {
            Form::Part(_) => place.extend(value),
            _ => *place = value,
        }
    }
}

fn field(number: u16, values: &Values) -> Field<'static> {
    let subfields: Vec<Vec<u8>> = values.iter().map(|items| items.join(&US)).collect();
    Field { number, value: subfields.join(&RS).into() }
}

fn bytes(fields: &BTreeMap<u16, Values>, number: u16) -> Vec<u8> {
    fields.get(&number).and_then(|v| v.first()?.first()).cloned().unwrap_or_default()
}

fn number<T: std::str::FromStr>(fields: &BTreeMap<u16, Values>, number: u16) -> Option<T> {
    std::str::from_utf8(fields.get(&number)?.first()?.first()?).ok()?.parse().ok()
}

/// Fields of Types 3 to 6, which have places of their own in the traditional encoding.
fn image(fields: &BTreeMap<u16, Values>) -> BinaryImage<'static> {
    let mut positions = [BinaryImage::NO_POSITION; 6];
    let stated =
        fields.get(&4).into_iter().flatten().filter_map(|s| std::str::from_utf8(s.first()?).ok()?.parse().ok());
    for (place, position) in positions.iter_mut().zip(stated) {
        *place = position;
    }
    BinaryImage {
        idc: number(fields, 2).unwrap_or(0),
        impression: number(fields, 3).unwrap_or(0),
        positions,
        scanning_resolution: number(fields, 5).unwrap_or(0),
        width: number(fields, 6).unwrap_or(0),
        height: number(fields, 7).unwrap_or(0),
        compression: number(fields, 8).unwrap_or(0),
        data: bytes(fields, 9).into(),
    }
}

fn signature(fields: &BTreeMap<u16, Values>) -> Signature<'static> {
    Signature {
        idc: number(fields, 2).unwrap_or(0),
        signer: number(fields, 3).unwrap_or(0),
        representation: number(fields, 4).unwrap_or(0),
        scanning_resolution: number(fields, 5).unwrap_or(0),
        width: number(fields, 6).unwrap_or(0),
        height: number(fields, 7).unwrap_or(0),
        data: bytes(fields, 8).into(),
    }
}
