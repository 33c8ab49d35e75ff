//! XML as a tree: the part of it that records need, with limits. No document type, no entities but the five of XML, nothing fetched.
//!
//! Comments and processing instructions are not kept: an element and an attribute have a namespace and a name, and the prefix that an
//! element had is for people.

use std::fmt::Write;
use std::sync::Arc;

use quick_xml::Reader;
use quick_xml::events::attributes::Attribute as RawAttribute;
use quick_xml::events::{BytesStart, Event};

use crate::{Decoded, Diagnostic};

/// The most that is read of a document, and written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Elements inside of each other.
    pub(crate) levels: usize,
    /// Elements in all.
    pub(crate) elements: usize,
    /// Attributes of an element.
    pub(crate) attributes: usize,
}

/// Things that are told of a file; what comes later is like what came before.
const MOST_NOTES: usize = 100;
/// The namespace of the prefix `xml`, which needs no declaration.
const XML_NAMESPACE: &str = "http://www.w3.org/XML/1998/namespace";

/// How much of a file is looked at to find its root.
const SNIFFED_BYTES: usize = 4096;

/// The name of the root element without its prefix, told from the first bytes of what is XML; `None` for anything else.
pub(crate) fn root_name(bytes: &[u8]) -> Option<&str> {
    let mut rest = bytes.get(..SNIFFED_BYTES).unwrap_or(bytes);
    rest = rest.strip_prefix(b"\xef\xbb\xbf").unwrap_or(rest).trim_ascii_start();
    // Declarations and comments before the root.
    while let [b'<', b'?' | b'!', ..] = rest {
        let ends: &[u8] = if rest.starts_with(b"<!--") { b"-->" } else { b">" };
        let end = rest.windows(ends.len()).position(|w| w == ends)?;
        rest = rest.get(end + ends.len()..)?.trim_ascii_start();
    }
    let name = rest.strip_prefix(b"<")?;
    let end = name.iter().position(|c| c.is_ascii_whitespace() || matches!(c, b'>' | b'/'))?;
    let name = std::str::from_utf8(name.get(..end)?).ok()?;
    Some(name.rsplit_once(':').map_or(name, |(_, local)| local)).filter(|name| !name.is_empty())
}

/// An element with what is in it. Where it stood and with which prefix is no part of what it is: elements that differ in those alone are
/// equal.
#[derive(Debug, Clone, Default)]
pub struct Element {
    /// Its namespace.
    pub namespace: Option<Arc<str>>,
    /// The prefix that it had, empty for none; it is written without.
    pub prefix: String,
    /// Its name without a prefix.
    pub name: String,
    /// Its attributes, without declarations of namespaces.
    pub attributes: Vec<Attribute>,
    /// All text directly in it, joined.
    pub text: String,
    /// The elements in it.
    pub children: Vec<Element>,
    /// Where it began in the file that it was read from.
    pub offset: usize,
}

impl PartialEq for Element {
    fn eq(&self, other: &Self) -> bool {
        self.namespace == other.namespace
            && self.name == other.name
            && self.attributes == other.attributes
            && self.text == other.text
            && self.children == other.children
    }
}

impl Eq for Element {}

/// An attribute of an element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// Its namespace; `None` where it has no prefix.
    pub namespace: Option<Arc<str>>,
    /// Its name without a prefix.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// Why a file is not read as XML.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum XmlError {
    /// Text in another character set, or no text.
    #[error("this is no XML in UTF-8: convert its text first")]
    NotUtf8,
    /// No element.
    #[error("this is no XML: it has no element")]
    NoElement,
    /// A document type declaration, which no record has and which can be used to attack a reader.
    #[error("this XML declares a document type, which no record has: remove the declaration if you trust the file")]
    DocumentType,
    /// A limit was passed.
    #[error("this XML has more {what} than any record (at most {most})")]
    TooMuch {
        /// What there is too much of.
        what: &'static str,
        /// The most that is read.
        most: usize,
    },
}

/// An element that cannot be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unwritable;

impl Element {
    /// The value of an attribute without a namespace.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|a| a.namespace.is_none() && a.name == name).map(|a| &*a.value)
    }
}

/// The root element; what is damaged or cut is left out and told.
///
/// Diagnostic codes: `xml-malformed`, `xml-cut`, `entity-unknown`, `attributes-left-out`.
pub(crate) fn parse(bytes: &[u8], limits: Limits) -> Result<Decoded<Element>, XmlError> {
    let text = std::str::from_utf8(bytes).map_err(|_| XmlError::NotUtf8)?;
    let mut reader = Reader::from_str(text);
    let mut builder = Builder::new(limits);
    loop {
        let at = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        match reader.read_event() {
            Ok(Event::Start(start)) => builder.start(&start, at)?,
            Ok(Event::Empty(start)) => {
                builder.start(&start, at)?;
                builder.end();
            }
            Ok(Event::End(_)) => builder.end(),
            Ok(Event::Text(text)) => builder.text(&text.xml10_content()),
            Ok(Event::CData(text)) => builder.text(&text.xml10_content()),
            Ok(Event::GeneralRef(reference)) => {
                let named = match &*reference.xml10_content() {
                    "lt" => Some('<'),
                    "gt" => Some('>'),
                    "amp" => Some('&'),
                    "apos" => Some('\''),
                    "quot" => Some('"'),
                    _ => None,
                };
                match named.or_else(|| reference.resolve_char_ref().ok().flatten()) {
                    Some(character) => builder.text(character.encode_utf8(&mut [0; 4])),
                    None => builder.note("entity-unknown", at, "an entity is not one of XML's own and was left out"),
                }
            }
            Ok(Event::DocType(_)) => return Err(XmlError::DocumentType),
            Ok(Event::Comment(_) | Event::Decl(_) | Event::PI(_)) => {}
            Ok(Event::Eof) => break,
            Err(_) => {
                builder.note("xml-malformed", at, "the XML is damaged here, and what follows was not read");
                break;
            }
        }
    }
    if !builder.open.is_empty() {
        builder.note("xml-cut", bytes.len(), "the XML ends before its elements are closed");
        while !builder.open.is_empty() {
            builder.end();
        }
    }
    let root = builder.root.ok_or(XmlError::NoElement)?;
    Ok(Decoded { value: root, diagnostics: builder.notes })
}

struct Builder {
    limits: Limits,
    /// The elements that are open, each with how many namespaces were declared before it.
    open: Vec<(Element, usize)>,
    root: Option<Element>,
    /// Prefix (empty for none) and namespace (empty for none), the innermost last.
    declared: Vec<(String, Arc<str>)>,
    elements: usize,
    notes: Vec<Diagnostic>,
}

impl Builder {
    fn new(limits: Limits) -> Self {
        Self { limits, open: Vec::new(), root: None, declared: Vec::new(), elements: 0, notes: Vec::new() }
    }

    fn note(&mut self, code: &'static str, at: usize, message: &str) {
        if self.notes.len() < MOST_NOTES {
            self.notes.push(Diagnostic { code, message: message.into(), offset: Some(at) });
        }
    }

    fn start(&mut self, start: &BytesStart<'_>, at: usize) -> Result<(), XmlError> {
        let Limits { levels, elements, attributes: most } = self.limits;
        self.elements += 1;
        if self.elements > elements {
            return Err(XmlError::TooMuch { what: "elements", most: elements });
        }
        if self.open.len() >= levels {
            return Err(XmlError::TooMuch { what: "levels", most: levels });
        }
        let declared_before = self.declared.len();
        // Without checks: looking for names that stand twice takes the square of their number.
        let mut raw: Vec<RawAttribute<'_>> = start.attributes().with_checks(false).flatten().take(most + 1).collect();
        if raw.len() > most {
            raw.truncate(most);
            self.note(
                "attributes-left-out",
                at,
                "an element has more attributes than any record: the rest was left out",
            );
        }
        let value = |a: &RawAttribute<'_>| {
            a.normalized_value(quick_xml::XmlVersion::Implicit1_0).map(std::borrow::Cow::into_owned).unwrap_or_default()
        };
        for a in &raw {
            match split(a.key.as_ref()) {
                ("", "xmlns") => self.declared.push((String::new(), value(a).into())),
                ("xmlns", prefix) => self.declared.push((prefix.to_owned(), value(a).into())),
                _ => {}
            }
        }
        let attributes = raw.iter().filter_map(|a| {
            let (prefix, name) = split(a.key.as_ref());
            let declares = prefix == "xmlns" || (prefix.is_empty() && name == "xmlns");
            let namespace = if prefix.is_empty() { None } else { self.namespace(prefix) };
            (!declares).then(|| Attribute { namespace, name: name.to_owned(), value: value(a) })
        });
        let attributes = attributes.collect();
        let name = start.name();
        let (prefix, name) = split(name.as_ref());
        let namespace = self.namespace(prefix);
        let element = Element {
            namespace,
            prefix: prefix.to_owned(),
            name: name.to_owned(),
            attributes,
            offset: at,
            ..Element::default()
        };
        self.open.push((element, declared_before));
        Ok(())
    }

    fn namespace(&self, prefix: &str) -> Option<Arc<str>> {
        let declared = self.declared.iter().rev().find(|d| d.0 == prefix).map(|d| Arc::clone(&d.1));
        declared.or_else(|| (prefix == "xml").then(|| XML_NAMESPACE.into())).filter(|uri| !uri.is_empty())
    }

    fn text(&mut self, text: &str) {
        if let Some((open, _)) = self.open.last_mut() {
            open.text.push_str(text);
        }
    }

    fn end(&mut self) {
        let Some((mut closed, declared_before)) = self.open.pop() else { return };
        self.declared.truncate(declared_before);
        // What stands between elements is how the file was laid out.
        if !closed.children.is_empty() && closed.text.trim().is_empty() {
            closed.text.clear();
        }
        match self.open.last_mut() {
            Some((parent, _)) => parent.children.push(closed),
            // A second root is no XML.
            None if self.root.is_none() => self.root = Some(closed),
            None => {}
        }
    }
}

fn split(name: &str) -> (&str, &str) {
    name.split_once(':').unwrap_or(("", name))
}

/// Writes a document, two spaces for each level; namespaces become those of their elements, without prefixes.
pub(crate) fn write(root: &Element, limits: Limits) -> Result<Vec<u8>, Unwritable> {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    element(root, None, 0, true, limits, &mut out)?;
    Ok(out.into_bytes())
}

/// An element as [`write()`] writes it, to be put into a document that declares no namespace without a prefix.
pub(crate) fn fragment(root: &Element, limits: Limits) -> Result<String, Unwritable> {
    let mut out = String::new();
    element(root, None, 0, true, limits, &mut out)?;
    Ok(out)
}

/// `alone`: the element stands on lines of its own, which is not so beside a text.
fn element(
    this: &Element,
    around: Option<&str>,
    level: usize,
    alone: bool,
    limits: Limits,
    out: &mut String,
) -> Result<(), Unwritable> {
    if level >= limits.levels || this.attributes.len() >= limits.attributes / 2 || !is_name(&this.name) {
        return Err(Unwritable);
    }
    let namespace = this.namespace.as_deref();
    let indent = if alone { 2 * level } else { 0 };
    let end = if alone { "\n" } else { "" };
    // Writing to a string does not fail.
    let _ = write!(out, "{:indent$}<{}", "", this.name);
    if namespace != around {
        attribute("xmlns", namespace.unwrap_or_default(), out)?;
    }
    for (i, a) in this.attributes.iter().enumerate() {
        if !is_name(&a.name) || (a.namespace.is_none() && a.name == "xmlns") {
            return Err(Unwritable);
        }
        match a.namespace.as_deref() {
            None => attribute(&a.name, &a.value, out)?,
            Some(XML_NAMESPACE) => attribute(&format!("xml:{}", a.name), &a.value, out)?,
            Some("") => return Err(Unwritable),
            Some(uri) => {
                attribute(&format!("xmlns:n{i}"), uri, out)?;
                attribute(&format!("n{i}:{}", a.name), &a.value, out)?;
            }
        }
    }
    if this.text.is_empty() && this.children.is_empty() {
        let _ = write!(out, "/>{end}");
        return Ok(());
    }
    out.push('>');
    escape(&this.text, out)?;
    let on_lines = alone && this.text.is_empty() && !this.children.is_empty();
    if on_lines {
        out.push('\n');
    }
    for child in &this.children {
        element(child, namespace, level + 1, on_lines, limits, out)?;
    }
    if on_lines {
        let _ = write!(out, "{:indent$}", "");
    }
    let _ = write!(out, "</{}>{end}", this.name);
    Ok(())
}

fn attribute(name: &str, value: &str, out: &mut String) -> Result<(), Unwritable> {
    let _ = write!(out, " {name}=\"");
    escape(value, out)?;
    out.push('"');
    Ok(())
}

/// Writes text so that it is read again as it is; a character that XML has no place for cannot be written.
fn escape(text: &str, out: &mut String) -> Result<(), Unwritable> {
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            // Ends of lines and tabs would become spaces or others.
            '\t' | '\n' | '\r' | '\u{85}' | '\u{2028}' => {
                let _ = write!(out, "&#{};", u32::from(c));
            }
            '\0'..'\u{20}' | '\u{fffe}' | '\u{ffff}' => return Err(Unwritable),
            c => out.push(c),
        }
    }
    Ok(())
}

/// Whether a name can stand without a prefix: of letters, digits, `-`, `_` and `.`, beginning with a letter or `_`.
fn is_name(name: &str) -> bool {
    let first = name.chars().next().is_some_and(|c| c.is_alphabetic() || c == '_');
    first && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

#[cfg(test)]
mod tests;
