//! Trees against text, attacks and damage.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

const MOST_LEVELS: usize = 32;
const MOST_ELEMENTS: usize = 100_000;
const MOST_ATTRIBUTES: usize = 32;
const LIMITS: Limits = Limits { levels: MOST_LEVELS, elements: MOST_ELEMENTS, attributes: MOST_ATTRIBUTES };

fn parse(bytes: &[u8]) -> Result<Decoded<Element>, XmlError> {
    super::parse(bytes, LIMITS)
}

fn write(root: &Element) -> Result<Vec<u8>, Unwritable> {
    super::write(root, LIMITS)
}

#[test]
fn namespaces_are_told_whatever_the_prefixes() {
    let one = parse(b"<a:B xmlns:a='u:1' xmlns='u:2' q='1' a:q='2'><C xml:lang='x'/><C xmlns=''>t</C></a:B>").unwrap();
    assert_eq!(one.diagnostics, []);
    let b = &one.value;
    assert_eq!((b.namespace.as_deref(), &*b.name, b.attribute("q")), (Some("u:1"), "B", Some("1")));
    assert_eq!(b.attributes[1].namespace.as_deref(), Some("u:1"));
    assert_eq!(b.children[0].namespace.as_deref(), Some("u:2"));
    assert_eq!(b.children[0].attributes[0].namespace.as_deref(), Some(XML_NAMESPACE));
    assert_eq!((b.children[1].namespace.as_deref(), &*b.children[1].text), (None, "t"));
    assert_eq!(parse(&write(b).unwrap()).unwrap().value, *b);
}

#[test]
fn attacks_are_refused_or_bounded() {
    assert_eq!(parse(b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"), Err(XmlError::DocumentType));
    assert_eq!(parse(b"\xff\xfe<\0a\0"), Err(XmlError::NotUtf8));
    assert_eq!(parse(b"no element"), Err(XmlError::NoElement));
    let deep = "<a>".repeat(MOST_LEVELS + 1);
    assert_eq!(parse(deep.as_bytes()), Err(XmlError::TooMuch { what: "levels", most: MOST_LEVELS }));
    let many = format!("<a>{}</a>", "<b/>".repeat(MOST_ELEMENTS));
    assert_eq!(parse(many.as_bytes()), Err(XmlError::TooMuch { what: "elements", most: MOST_ELEMENTS }));
    let wide = format!("<a{}/>", " xmlns:b='c'".repeat(100_000));
    assert_eq!(parse(wide.as_bytes()).unwrap().diagnostics[0].code, "attributes-left-out");
}

#[test]
fn damage_is_told_and_what_came_before_is_read() {
    let cut = parse(b"<a><b>1</b><c>2").unwrap();
    assert_eq!(cut.diagnostics[0].code, "xml-cut");
    assert_eq!(cut.value.children.len(), 2);
    let wrong = parse(b"<a><b>1</b></c><d/>").unwrap();
    assert_eq!(wrong.diagnostics.iter().map(|d| d.code).collect::<Vec<_>>(), ["xml-malformed", "xml-cut"]);
    let entity = parse(b"<a>&lt;&#65;&nbsp;</a>").unwrap();
    assert_eq!((&*entity.value.text, entity.diagnostics[0].code), ("<A", "entity-unknown"));
}

#[test]
fn what_is_no_xml_is_not_written() {
    let named = |name: &str| Element { name: name.into(), ..Element::default() };
    for element in [named(""), named("1a"), named("a b"), named("a:b"), Element { text: "\0".into(), ..named("a") }] {
        assert_eq!(write(&element), Err(Unwritable));
    }
}

fn elements() -> impl Strategy<Value = Element> {
    let namespace = || proptest::option::of(prop_oneof![Just(Arc::from("u:1")), Just(Arc::from("u:2&\""))]);
    let attribute = (namespace(), "[a-c]", any::<String>());
    let attributes = vec(attribute, 0..3).prop_map(|all| {
        let mut attributes: Vec<Attribute> = all
            .into_iter()
            .map(|(namespace, name, value)| Attribute { namespace, name, value: printable(&value) })
            .collect();
        attributes.dedup_by(|a, b| (&a.namespace, &a.name) == (&b.namespace, &b.name));
        attributes
    });
    let leaf = (namespace(), "[A-Z][a-z0-9._-]{0,3}", attributes, any::<String>()).prop_map(
        |(namespace, name, attributes, text)| Element {
            namespace,
            name,
            attributes,
            text: printable(&text),
            ..Element::default()
        },
    );
    leaf.prop_recursive(4, 20, 4, |inner| {
        (inner.clone(), vec(inner, 1..4), any::<bool>()).prop_map(|(of, children, mixed)| {
            // Between elements, spaces alone are how a file is laid out.
            let text = if mixed { format!("x{}", of.text) } else { String::new() };
            Element { text, children, ..of }
        })
    })
}

fn printable(text: &str) -> String {
    text.chars()
        .filter(|c| *c >= ' ' || matches!(c, '\t' | '\n' | '\r'))
        .filter(|c| !matches!(c, '\u{fffe}' | '\u{ffff}'))
        .collect()
}

proptest! {
    #[test]
    fn a_tree_is_read_as_it_was_written(tree in elements()) {
        let written = write(&tree).unwrap();
        prop_assert_eq!(parse(&written), Ok(Decoded { value: tree, diagnostics: vec![] }), "{}", String::from_utf8_lossy(&written));
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[<>/a-c='\"& ;#x!\\[\\]-]{0,60}", tree in elements(), at: prop::sample::Index) {
        let _ = parse(text.as_bytes());
        let mut written = write(&tree).unwrap();
        let at = at.index(written.len());
        written.splice(at..at, text.bytes());
        let _ = parse(&written);
    }
}
