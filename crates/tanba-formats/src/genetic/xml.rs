//! XML as far as these formats need it: the children of the root, one after another, without document types and entities.

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};

use super::notes::Notes;
use super::text::{Place, Text};
use super::{ReadError, WriteError};

/// The deepest that elements nest, the root not counted; the formats here have three levels.
const MAX_DEPTH: usize = 16;
/// The most elements of one child of the root: 64 loci of eight alleles have some two thousand.
const MAX_ELEMENTS: usize = 100_000;

/// An element.
#[derive(Debug, Default)]
pub(super) struct Element {
    /// Without a prefix.
    pub(super) name: String,
    pub(super) attributes: Vec<(String, String)>,
    pub(super) children: Vec<Element>,
    /// The characters directly in it, trimmed.
    pub(super) text: String,
    /// Bytes from the start of the file.
    pub(super) at: usize,
}

impl Element {
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }
}

/// Goes through the children of the root, whose name must be one of `roots`; `each` gets the root (without its children) and a child.
/// Where the text is not well-formed, what came before it stands.
///
/// Diagnostic codes: `xml-broken`, `xml-entity`.
///
/// # Errors
/// [`ReadError`] where it is no XML with such a root, or has a document type; what `each` returns.
pub(super) fn for_each_child(
    text: &Text<'_>,
    roots: &'static [&'static str],
    expected: &'static str,
    notes: &mut Notes,
    mut each: impl FnMut(&Element, Element, &mut Notes) -> Result<(), ReadError>,
) -> Result<Element, ReadError> {
    let other = |instead| ReadError::NotThis { expected, instead };
    let mut reader = quick_xml::Reader::from_str(&text.chars);
    let mut place = Place::new(text);
    let mut root: Option<Element> = None;
    let mut open: Vec<Element> = Vec::new();
    let mut elements = 0usize;
    let mut closed = false;
    loop {
        let at = place.of(reader.buffer_position());
        match reader.read_event() {
            Ok(Event::Start(start)) if root.is_none() => {
                root = Some(of_root(&start, at, roots).ok_or(other(ANOTHER_ROOT))?);
            }
            Ok(Event::Empty(start)) if root.is_none() => {
                root = Some(of_root(&start, at, roots).ok_or(other(ANOTHER_ROOT))?);
                closed = true;
            }
            Ok(Event::Start(start)) if !closed => {
                elements += 1;
                if open.len() == MAX_DEPTH || elements > MAX_ELEMENTS {
                    return Err(ReadError::TooMuch {
                        what: "elements in one another or in one entry",
                        most: MAX_ELEMENTS,
                    });
                }
                open.push(element(&start, at));
            }
            Ok(Event::Empty(start)) if !closed => {
                elements += 1;
                let element = element(&start, at);
                match (open.last_mut(), &root) {
                    (Some(parent), _) if elements <= MAX_ELEMENTS => parent.children.push(element),
                    (None, Some(root)) => {
                        elements = 0;
                        each(root, element, notes)?;
                    }
                    _ => return Err(ReadError::TooMuch { what: "elements in one entry", most: MAX_ELEMENTS }),
                }
            }
            Ok(Event::End(_)) => match open.pop() {
                Some(mut element) => {
                    let trimmed = element.text.trim();
                    if trimmed.len() != element.text.len() {
                        element.text = trimmed.to_owned();
                    }
                    match (open.last_mut(), &root) {
                        (Some(parent), _) => parent.children.push(element),
                        (None, Some(root)) => {
                            elements = 0;
                            each(root, element, notes)?;
                        }
                        (None, None) => {}
                    }
                }
                None => closed = true,
            },
            Ok(Event::Text(chars)) => push(&mut open, &chars.xml10_content()),
            Ok(Event::CData(chars)) => push(&mut open, &chars.xml10_content()),
            Ok(Event::GeneralRef(reference)) => match reference.resolve_char_ref() {
                Ok(Some(c)) => push(&mut open, c.encode_utf8(&mut [0; 4])),
                _ => match quick_xml::escape::resolve_predefined_entity(&reference) {
                    Some(chars) => push(&mut open, chars),
                    None => notes.add("xml-entity", "an entity is not one of XML's own five and was left out", at),
                },
            },
            Ok(Event::DocType(_)) => {
                return Err(other("it has a document type definition, which is not read: remove it"));
            }
            Ok(Event::Eof) => break,
            Ok(_) => {}
            Err(_) if root.is_some() => {
                notes.add("xml-broken", "the XML is not well-formed from here on; what came before it was read", at);
                open.clear();
                closed = true;
                break;
            }
            Err(_) => return Err(other("it is not well-formed XML")),
        }
    }
    let root = root.ok_or(other("it is no XML"))?;
    if !closed || !open.is_empty() {
        notes.add("xml-broken", "the XML ends before its root does; an entry that was not complete is left out", None);
    }
    Ok(root)
}

const ANOTHER_ROOT: &str = "its root element is another";

fn of_root(start: &BytesStart<'_>, at: usize, roots: &[&str]) -> Option<Element> {
    let root = element(start, at);
    roots.contains(&root.name.as_str()).then_some(root)
}

fn element(start: &BytesStart<'_>, at: usize) -> Element {
    let attributes = start.attributes().flatten().map(|attribute| {
        let value = attribute.normalized_value(XmlVersion::Implicit1_0);
        (attribute.key.as_ref().to_owned(), value.unwrap_or_default().into_owned())
    });
    Element { name: start.local_name().as_ref().to_owned(), attributes: attributes.collect(), at, ..Element::default() }
}

fn push(open: &mut [Element], chars: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(chars);
    }
}

/// XML on its way out, indented by two blanks.
pub(super) struct Writer {
    text: String,
    depth: usize,
}

impl Writer {
    pub(super) fn new() -> Self {
        Self { text: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".into(), depth: 0 }
    }

    /// Begins an element that has children.
    pub(super) fn open(&mut self, name: &str, attributes: &[(&str, Option<&str>)]) -> Result<(), WriteError> {
        self.start(name, attributes)?;
        self.text.push_str(">\n");
        self.depth += 1;
        Ok(())
    }

    pub(super) fn close(&mut self, name: &str) {
        self.depth = self.depth.saturating_sub(1);
        self.indent();
        self.text.push_str("</");
        self.text.push_str(name);
        self.text.push_str(">\n");
    }

    /// An element with text alone; none where there is no value.
    pub(super) fn leaf(&mut self, name: &str, value: Option<&str>) -> Result<(), WriteError> {
        let Some(value) = value else { return Ok(()) };
        self.start(name, &[])?;
        self.text.push('>');
        self.escaped(value)?;
        self.text.push_str("</");
        self.text.push_str(name);
        self.text.push_str(">\n");
        Ok(())
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.text.into_bytes()
    }

    fn start(&mut self, name: &str, attributes: &[(&str, Option<&str>)]) -> Result<(), WriteError> {
        self.indent();
        self.text.push('<');
        self.text.push_str(name);
        for (key, value) in attributes {
            if let Some(value) = value {
                self.text.push(' ');
                self.text.push_str(key);
                self.text.push_str("=\"");
                self.escaped(value)?;
                self.text.push('"');
            }
        }
        Ok(())
    }

    fn indent(&mut self) {
        for _ in 0..self.depth {
            self.text.push_str("  ");
        }
    }

    /// White space other than blanks is written as references: it would not come back from an attribute, nor a carriage return from
    /// anywhere. XML 1.0 has no place for other control characters.
    fn escaped(&mut self, value: &str) -> Result<(), WriteError> {
        let carried = |c: char| !c.is_control() || matches!(c, '\t' | '\n' | '\r');
        if !value.chars().all(|c| carried(c) && !matches!(c, '\u{fffe}' | '\u{ffff}')) {
            return Err(WriteError::Unfit {
                field: "a text",
                reason: "it has control characters, which XML cannot carry",
            });
        }
        for part in quick_xml::escape::escape(value).split_inclusive(['\t', '\n', '\r']) {
            let text = part.trim_end_matches(['\t', '\n', '\r']);
            self.text.push_str(text);
            for c in part.chars().skip(text.chars().count()) {
                self.text.push_str(match c {
                    '\t' => "&#9;",
                    '\n' => "&#10;",
                    _ => "&#13;",
                });
            }
        }
        Ok(())
    }
}
