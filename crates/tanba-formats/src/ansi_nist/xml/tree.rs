//! XML as a tree: a small part of it, with limits. No document type, no entities but the five of XML, nothing fetched.

use std::sync::Arc;

use quick_xml::NsReader;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::{Namespace, ResolveResult};

use super::{Attribute, DEEPEST, Element, MOST_ELEMENTS, XmlError};
use crate::ansi_nist::parse::MOST_NOTES;
use crate::{Decoded, Diagnostic};

/// More attributes than this has no element; what is beyond is left out.
const MOST_ATTRIBUTES: usize = 64;

/// The root element; what is damaged or cut is left out and told.
pub(super) fn parse(bytes: &[u8]) -> Result<Decoded<Element>, XmlError> {
    let text = std::str::from_utf8(bytes).map_err(|_| XmlError::NotUtf8)?;
    let mut builder = Builder { open: Vec::new(), root: None, namespaces: Vec::new(), elements: 0, notes: Vec::new() };
    let mut reader = NsReader::from_str(text);
    loop {
        let at = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        let event = reader.read_resolved_event();
        match event {
            Ok((namespace, Event::Start(start))) => builder.start(&namespace, &start, at)?,
            Ok((namespace, Event::Empty(start))) => {
                builder.start(&namespace, &start, at)?;
                builder.end();
            }
            Ok((_, Event::End(_))) => builder.end(),
            Ok((_, Event::Text(text))) => builder.text(&text.xml10_content()),
            Ok((_, Event::CData(text))) => builder.text(&text.xml10_content()),
            Ok((_, Event::GeneralRef(reference))) => {
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
            Ok((_, Event::DocType(_))) => return Err(XmlError::DocumentType),
            Ok((_, Event::Comment(_) | Event::Decl(_) | Event::PI(_))) => {}
            Ok((_, Event::Eof)) => break,
            Err(_) => {
                builder.note("xml-malformed", at, "the XML is damaged here, and what follows was not read");
                break;
            }
        }
    }
    if builder.root.is_none() && !builder.open.is_empty() {
        builder.note("xml-cut", bytes.len(), "the XML ends before its elements are closed");
        while !builder.open.is_empty() {
            builder.end();
        }
    }
    let root = builder.root.ok_or(XmlError::NotATransaction)?;
    Ok(Decoded { value: root, diagnostics: builder.notes })
}

struct Builder {
    open: Vec<Element>,
    root: Option<Element>,
    namespaces: Vec<Arc<str>>,
    elements: usize,
    notes: Vec<Diagnostic>,
}

impl Builder {
    fn note(&mut self, code: &'static str, at: usize, message: &str) {
        if self.notes.len() < MOST_NOTES {
            self.notes.push(Diagnostic { code, message: message.into(), offset: Some(at) });
        }
    }

    fn start(&mut self, namespace: &ResolveResult<'_>, start: &BytesStart<'_>, at: usize) -> Result<(), XmlError> {
        self.elements += 1;
        if self.elements > MOST_ELEMENTS {
            return Err(XmlError::TooManyElements);
        }
        if self.open.len() >= DEEPEST {
            return Err(XmlError::TooDeep);
        }
        let namespace = match namespace {
            ResolveResult::Bound(Namespace(uri)) => self.shared(uri),
            _ => None,
        };
        let attributes = start.attributes().flatten().take(MOST_ATTRIBUTES);
        let attributes = attributes.filter(|a| a.key.as_namespace_binding().is_none());
        let attributes = attributes.map(|a| Attribute {
            name: a.key.as_ref().to_owned(),
            value: a.normalized_value(quick_xml::XmlVersion::Implicit1_0).unwrap_or_default().into_owned(),
        });
        self.open.push(Element {
            name: start.name().as_ref().to_owned(),
            namespace,
            attributes: attributes.collect(),
            text: String::new(),
            children: Vec::new(),
            offset: at,
        });
        Ok(())
    }

    /// Each namespace is stored once, and not more of them than any transaction has.
    fn shared(&mut self, uri: &str) -> Option<Arc<str>> {
        if let Some(known) = self.namespaces.iter().find(|n| &***n == uri) {
            return Some(Arc::clone(known));
        }
        (self.namespaces.len() < MOST_ATTRIBUTES).then(|| {
            let new: Arc<str> = uri.into();
            self.namespaces.push(Arc::clone(&new));
            new
        })
    }

    fn end(&mut self) {
        let Some(element) = self.open.pop() else { return };
        match self.open.last_mut() {
            Some(parent) => parent.children.push(element),
            // What follows the root is no part of it.
            None => self.root = self.root.take().or(Some(element)),
        }
    }

    fn text(&mut self, text: &str) {
        if let Some(open) = self.open.last_mut() {
            open.text.push_str(text);
        }
    }
}
