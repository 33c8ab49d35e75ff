//! A record as elements, in the order of the table.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::map::{Change, Form, Item, Name, Node, Place, RecordMap};
use super::read::Values;
use super::values::{is_palm, is_xml, part as part_of, xml_date, xml_logical, xml_moment, xml_text};
use super::{Element, Foreign, LIMITS, OWN, OWN_BASE64, OWN_ENCODING, OWN_FIELD, OWN_ITEM, OWN_NUMBER, OWN_SUBFIELD};
use crate::ansi_nist::Record;
use crate::xml;

/// The element that the standard leaves to domains, in it that of a domain, and that for users in records but those of Type 2.
const DETAIL: &str = "UserDefinedDescriptiveDetail";
const OF_DOMAIN: &str = "DomainDefinedDescriptiveDetail";
const OF_USERS: &str = "UserDefinedFields";
/// In field 8.004: pen strokes.
const VECTORS: &[u8] = b"2";
const CODED_FACE: &[u8] = b"FACE";

pub(super) struct Writer<'r> {
    fields: &'r BTreeMap<u16, Values>,
    record: &'r Record<'r>,
    interpol: bool,
    /// Subfields that have their element.
    taken: BTreeSet<(u16, usize)>,
    /// Items of first subfields that have theirs, with the part.
    used: BTreeSet<(u16, usize, usize)>,
    /// The kept elements that are still to come, by where they stand.
    kept: BTreeMap<&'r [&'static str], Vec<&'r Foreign>>,
    path: Vec<&'static str>,
    pub(super) out: String,
}

impl<'r> Writer<'r> {
    pub(super) fn new(fields: &'r BTreeMap<u16, Values>, record: &'r Record<'r>, interpol: bool) -> Self {
        let mut kept: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for foreign in &record.extra {
            kept.entry(&foreign.path[..]).or_default().push(foreign);
        }
        Self {
            fields,
            record,
            interpol,
            taken: BTreeSet::new(),
            used: BTreeSet::new(),
            kept,
            path: Vec::new(),
            out: String::new(),
        }
    }

    pub(super) fn record(&mut self, of_kind: &'static RecordMap, own: &[u16]) {
        self.open(&of_kind.name);
        let kind = Name { prefix: Some("biom"), local: "RecordCategoryCode" };
        self.leaf(&kind, &of_kind.kind.to_string());
        self.nodes(&of_kind.nodes, None);
        // Where the field around them is no longer there, kept elements stand in the record itself.
        std::mem::take(&mut self.kept).into_values().flatten().for_each(|f| self.foreign(&f.element));
        if !own.is_empty() {
            // Type-2 records have one place for users, the others another.
            let detail = if of_kind.kind == 2 { DETAIL } else { OF_USERS };
            let around = [Name { prefix: Some("itl"), local: detail }, Name { prefix: Some(OWN.0), local: OF_DOMAIN }];
            around.iter().for_each(|name| self.open(name));
            own.iter().for_each(|number| self.own(*number));
            around.iter().rev().for_each(|name| self.close(name));
        }
        self.close(&of_kind.name);
    }

    fn nodes(&mut self, nodes: &'static [Node], subfield: Option<(u16, usize)>) {
        for (i, node) in nodes.iter().enumerate() {
            if self.stands(node) {
                // Elements of the same name fill their items in turn: that one here is which of them.
                let parts = nodes.iter().filter_map(|n| part_of_same(n, node)).max().map_or(1, |last| last + 1);
                let turn = nodes.iter().take(i).filter(|n| n.names == node.names).count();
                self.node(node, subfield, parts, turn);
            }
        }
        if let Some(here) = self.kept.remove(&self.path[..]) {
            here.into_iter().for_each(|f| self.foreign(&f.element));
        }
    }

    /// Whether an element is one for this record, where there are several for the same fields.
    fn stands(&self, node: &Node) -> bool {
        let face = || self.first(3) == CODED_FACE;
        match node.names.first().map_or("", |n| n.local) {
            "FaceImage" => face(),
            "PhysicalFeatureImage" => !face(),
            OF_DOMAIN => self.interpol,
            _ => true,
        }
    }

    fn first(&self, number: u16) -> &'r [u8] {
        self.fields.get(&number).and_then(|v| v.first()?.first()).map_or(&[], |v| v)
    }

    fn node(&mut self, node: &'static Node, subfield: Option<(u16, usize)>, parts: usize, turn: usize) {
        let Some(name) = node.names.first() else { return };
        match node.place {
            Place::Kept => {
                let Some(here) = self.kept.get_mut(&self.path[..]) else { return };
                let (of_name, others) = here.iter().copied().partition(|f: &&Foreign| f.element.name == name.local);
                *here = others;
                let of_name: Vec<&Foreign> = of_name;
                of_name.into_iter().for_each(|f| self.foreign(&f.element));
            }
            Place::Group => {
                let length = self.out.len();
                self.open(name);
                let opened = self.out.len();
                self.below(name, node, subfield);
                if self.out.len() == opened {
                    self.out.truncate(length);
                } else {
                    self.close(name);
                }
            }
            Place::Field(number) => self.subfields(number, name, node),
            Place::Item(item) => {
                if let Some((number, at)) = subfield {
                    self.items(number, at, item, name, node, parts, turn);
                }
            }
            Place::FirstOf(number, item) => {
                let part = if let Form::Part(part) = item.form { part } else { 0 };
                let there = self.value(number, 0, item.index).is_some_and(|v| !v.is_empty());
                if there && self.used.insert((number, item.index, part)) {
                    self.taken.insert((number, 0));
                    self.items(number, 0, item, name, node, parts, turn);
                }
            }
        }
    }

    fn below(&mut self, name: &Name, node: &'static Node, subfield: Option<(u16, usize)>) {
        self.path.push(name.local);
        self.nodes(&node.children, subfield);
        self.path.pop();
    }

    fn subfields(&mut self, number: u16, name: &Name, node: &'static Node) {
        let values = self.fields.get(&number).map_or(&[][..], |v| v);
        for (at, items) in values.iter().enumerate() {
            let fits = match node.change {
                Change::Finger => !is_palm(items),
                Change::Palm => is_palm(items),
                Change::RidgeMethod => at == 0 && items.iter().skip(1).all(|i| i == b"0"),
                Change::Vectors => self.first(4) == VECTORS,
                Change::Base64 if number == 8 && self.record.kind == 8 => self.first(4) != VECTORS,
                _ => true,
            };
            if !fits || !self.taken.insert((number, at)) {
                continue;
            }
            if node.children.is_empty() {
                let first = items.first().map_or(&[][..], |v| v);
                self.changed(name, node.change, first);
            } else {
                self.open(name);
                self.below(name, node, Some((number, at)));
                self.close(name);
            }
            if node.change == Change::One {
                break;
            }
        }
    }

    fn value(&self, number: u16, subfield: usize, item: usize) -> Option<&'r [u8]> {
        self.fields.get(&number)?.get(subfield)?.get(item).map(|v| &**v)
    }

    fn items(
        &mut self,
        number: u16,
        subfield: usize,
        item: Item,
        name: &Name,
        node: &'static Node,
        parts: usize,
        turn: usize,
    ) {
        let values = self.fields.get(&number).and_then(|v| v.get(subfield)).map_or(&[][..], |v| v);
        match item.form {
            Form::Whole => {
                // Of elements with one name the first must stand where the second does.
                let twice = turn == 0;
                if let Some(value) = values.get(item.index).filter(|v| !v.is_empty() || !twice) {
                    self.changed(name, node.change, value);
                }
            }
            Form::Part(part) => {
                if let Some(value) = values.get(item.index).filter(|v| !v.is_empty()) {
                    self.changed(name, node.change, part_of(value, part, parts));
                }
            }
            Form::Repeated => {
                for value in values.iter().skip(item.index) {
                    if node.change == Change::Pair {
                        self.pair(name, node, value);
                    } else {
                        self.changed(name, node.change, value);
                    }
                }
            }
            Form::Pairs => {
                let (pairs, _) = values.get(item.index..).unwrap_or_default().as_chunks::<2>();
                for pair in pairs {
                    self.open(name);
                    for (child, value) in node.children.iter().zip(pair) {
                        if let Some(name) = child.names.first() {
                            self.changed(name, Change::None, value);
                        }
                    }
                    self.close(name);
                }
            }
        }
    }

    /// "a,b" as an element of two.
    fn pair(&mut self, name: &Name, node: &Node, value: &[u8]) {
        self.open(name);
        for (child, value) in node.children.iter().zip(value.splitn(2, |b| *b == b',')) {
            if let Some(name) = child.names.first() {
                self.changed(name, child.change, value);
            }
        }
        self.close(name);
    }

    /// A value in its element, as this encoding has it. What is no text of XML is left empty: it comes in an element of our own.
    fn changed(&mut self, name: &Name, change: Change, value: &[u8]) {
        let nc = |local| Name { prefix: Some("nc"), local };
        if change == Change::Base64 {
            return self.leaf(name, &STANDARD.encode(value));
        }
        if change == Change::Vectors {
            return self.vectors(name, value);
        }
        let text = xml_text(value).unwrap_or_default();
        let inner = match change {
            Change::Id => Some((nc("IdentificationID"), text.to_owned())),
            Change::Date => Some((nc("Date"), xml_date(text))),
            Change::Utc if text.len() == 8 => Some((nc("Date"), xml_date(text))),
            Change::Utc => Some((nc("DateTime"), xml_moment(text))),
            _ => None,
        };
        if let Some((inner, text)) = inner {
            self.open(name);
            self.leaf(&inner, &text);
            return self.close(name);
        }
        match change {
            Change::Format => self.leaf(name, xml_logical(text, "S", "U")),
            Change::Bit => self.leaf(name, xml_logical(text, "1", "0")),
            Change::Yes => self.leaf(name, xml_logical(text, "Y", "N")),
            Change::Path => {
                let biom = |local| Name { prefix: Some("biom"), local };
                self.open(name);
                for vertex in text.split('-') {
                    self.open(&biom("ImageSegmentVertex"));
                    let names = ["ImageLocationHorizontalCoordinateMeasure", "ImageLocationVerticalCoordinateMeasure"];
                    for (local, value) in names.into_iter().zip(vertex.split(',')) {
                        self.leaf(&biom(local), value);
                    }
                    self.close(&biom("ImageSegmentVertex"));
                }
                self.close(name);
            }
            _ => self.leaf(name, text),
        }
    }

    fn vectors(&mut self, name: &Name, data: &[u8]) {
        let biom = |local| Name { prefix: Some("biom"), local };
        self.open(name);
        for [x1, x0, y1, y0, pressure] in data.as_chunks::<5>().0 {
            self.open(&biom("SignatureImageVector"));
            self.leaf(&biom("VectorPenPressureValue"), &pressure.to_string());
            let [x, y] = [u16::from_be_bytes([*x1, *x0]), u16::from_be_bytes([*y1, *y0])];
            self.leaf(&biom("VectorPositionVerticalCoordinateValue"), &y.to_string());
            self.leaf(&biom("VectorPositionHorizontalCoordinateValue"), &x.to_string());
            self.close(&biom("SignatureImageVector"));
        }
        self.close(name);
    }

    fn own(&mut self, number: u16) {
        let Some(values) = self.fields.get(&number) else { return };
        let name = |local| Name { prefix: Some(OWN.0), local };
        self.start(&name(OWN_FIELD), &format!(" {OWN_NUMBER}=\"{number}\""));
        self.out.push('\n');
        for items in values {
            self.open(&name(OWN_SUBFIELD));
            for item in items {
                // Blanks around a text are kept: nothing trims an item of ours.
                let plain = std::str::from_utf8(item).ok().filter(|t| t.chars().all(is_xml));
                match plain {
                    Some(text) => self.leaf(&name(OWN_ITEM), text),
                    None => {
                        self.start(&name(OWN_ITEM), &format!(" {OWN_ENCODING}=\"{OWN_BASE64}\""));
                        self.out.push_str(&STANDARD.encode(item));
                        self.close(&name(OWN_ITEM));
                    }
                }
            }
            self.close(&name(OWN_SUBFIELD));
        }
        self.close(&name(OWN_FIELD));
    }

    fn foreign(&mut self, element: &Element) {
        // That it can be written was seen before.
        self.out.push_str(&xml::fragment(element, LIMITS).unwrap_or_default());
    }

    fn prefix(&self, name: &Name) -> &'static str {
        name.prefix.unwrap_or(if self.interpol { "int-i" } else { "biom" })
    }

    fn start(&mut self, name: &Name, attributes: &str) {
        let prefix = self.prefix(name);
        push(&mut self.out, format_args!("<{prefix}:{}{attributes}>", name.local));
    }

    fn open(&mut self, name: &Name) {
        self.start(name, "");
        self.out.push('\n');
    }

    fn close(&mut self, name: &Name) {
        let prefix = self.prefix(name);
        push(&mut self.out, format_args!("</{prefix}:{}>\n", name.local));
    }

    fn leaf(&mut self, name: &Name, text: &str) {
        self.start(name, "");
        self.out.push_str(&escaped(text));
        self.close(name);
    }
}

/// Which part of the same item a sibling fills, if it does.
fn part_of_same(sibling: &Node, node: &Node) -> Option<usize> {
    let of = |node: &Node| match node.place {
        Place::Item(Item { index, form: Form::Part(part) }) => Some((None, index, part)),
        Place::FirstOf(number, Item { index, form: Form::Part(part) }) => Some((Some(number), index, part)),
        _ => None,
    };
    let ((field, index, part), (own_field, own_index, _)) = (of(sibling)?, of(node)?);
    (field == own_field && index == own_index).then_some(part)
}

pub(super) fn escaped(text: &str) -> String {
    quick_xml::escape::escape(text).into_owned()
}

pub(super) fn push(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = out.write_fmt(text);
}
