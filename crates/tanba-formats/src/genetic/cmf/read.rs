//! Reading `CODISImportFile`.

use super::super::ReadError;
use super::super::notes::Notes;
use super::super::text::Text;
use super::super::xml::{Element, for_each_child};
use super::schema::{
    self, BATCH_ID, CASE_ID, CATEGORY, COMMENT, DESTINATION, HEADER_VERSION, KIT, LOCUS_NAME, MAX_SPECIMENS,
    MESSAGE_TYPE, Problem, READ_AT, READ_BY, SOURCE_ID, SOURCE_LAB, SPECIMEN_ID, SUBMITTED, SUBMITTED_BY,
};
use super::values::Schema;
use super::{CmfAllele, CmfFile, CmfLocus, CmfSpecimen};
use crate::Decoded;

const ROOT: &[&str] = &["CODISImportFile"];
pub(super) const NAMESPACE: &str = "urn:CODISImportFile-schema";

/// Reads a file of the Common Message Format, 3.2 or with the values of 2017. What breaks the schema's rules is kept and told.
///
/// Diagnostic codes: `cmf-missing`, `cmf-too-long`, `cmf-blanks`, `cmf-not-listed`, `cmf-malformed`, `cmf-too-many`,
/// `cmf-locus-twice`, `cmf-allele-twice`, `cmf-allele-required`, `cmf-alleles-unsorted`, `cmf-specimen-twice`,
/// `cmf-unknown-element`, `cmf-element-twice`, `cmf-namespace`, `xml-broken`, `xml-entity`, `latin-1-assumed`,
/// `utf-16-damaged`, `more-diagnostics`.
///
/// # Errors
/// [`ReadError`] where it is another thing, or has a document type or too much in it.
pub fn read(bytes: &[u8]) -> Result<Decoded<CmfFile>, ReadError> {
    let mut notes = Notes::default();
    let text = Text::decode(bytes, &mut notes)?;
    let mut file = CmfFile::default();
    let mut ids = std::collections::HashSet::new();
    let root = for_each_child(&text, ROOT, "a CODIS CMF file", &mut notes, |_, child, notes| {
        let mut single = |tag: &str, place: &mut String| take(&child, tag, place, notes);
        let known = single(HEADER_VERSION.tag, &mut file.header_version)
            || single(MESSAGE_TYPE.tag, &mut file.message_type)
            || single(DESTINATION.tag, &mut file.destination)
            || single(SOURCE_LAB.tag, &mut file.source_lab)
            || single(SUBMITTED_BY.tag, &mut file.submitted_by)
            || single(SUBMITTED.tag, &mut file.submitted)
            || take_optional(&child, BATCH_ID.tag, &mut file.batch_id, notes)
            || take_optional(&child, KIT.tag, &mut file.kit, notes);
        if known {
            return Ok(());
        }
        if child.name != "SPECIMEN" {
            file.others.push(other(&child));
            return Ok(());
        }
        if file.specimens.len() == MAX_SPECIMENS {
            return Err(schema::too_many_specimens());
        }
        let specimen = specimen(&child, notes);
        if !specimen.id.is_empty() && !ids.insert(specimen.id.clone()) {
            notes.add("cmf-specimen-twice", "a SPECIMENID stands twice in the file", child.at);
        }
        file.specimens.push(specimen);
        Ok(())
    })?;
    note_namespace(&root, NAMESPACE, &mut notes);
    file.check_header(Schema::V2017, &mut |problem| tell(problem, root.at, &mut notes));
    Ok(Decoded { value: file, diagnostics: notes.finish() })
}

fn specimen(element: &Element, notes: &mut Notes) -> CmfSpecimen {
    let mut specimen = CmfSpecimen {
        source_id: element.attribute(SOURCE_ID.tag).map(str::to_owned),
        case_id: element.attribute(CASE_ID.tag).map(str::to_owned),
        partial: element.attribute("PARTIAL").and_then(|value| boolean(value, "PARTIAL", element.at, notes)),
        ..CmfSpecimen::default()
    };
    for child in &element.children {
        let known = take(child, SPECIMEN_ID.tag, &mut specimen.id, notes)
            || take(child, CATEGORY.tag, &mut specimen.category, notes)
            || take_optional(child, COMMENT.tag, &mut specimen.comment, notes);
        if child.name == "LOCUS" {
            specimen.loci.push(locus(child, notes));
        } else if !known {
            specimen.others.push(other(child));
        }
    }
    // The value of 3.2 that the schema of 2017 dropped is no mistake.
    let schema = if Schema::V32.categories().any(|own| own == specimen.category) { Schema::V32 } else { Schema::V2017 };
    let category = CATEGORY.tag;
    specimen.check(Schema::V2017, &mut |problem| {
        if !(schema == Schema::V32 && problem.field == category && problem.code == "cmf-not-listed") {
            tell(problem, element.at, notes);
        }
    });
    specimen
}

fn locus(element: &Element, notes: &mut Notes) -> CmfLocus {
    let mut locus = CmfLocus {
        batch_id: element.attribute(BATCH_ID.tag).map(str::to_owned),
        kit: element.attribute(KIT.tag).map(str::to_owned),
        ..CmfLocus::default()
    };
    for child in &element.children {
        let known = take(child, LOCUS_NAME.tag, &mut locus.name, notes)
            || take(child, READ_BY.tag, &mut locus.read_by, notes)
            || take(child, READ_AT.tag, &mut locus.read_at, notes);
        if child.name == "ALLELE" {
            let required = child.attribute("ALLELEREQUIRED");
            let required =
                required.and_then(|value| boolean(value, "ALLELEREQUIRED", child.at, notes)).unwrap_or(false);
            locus.alleles.push(CmfAllele { value: allele_value(child), required });
        } else if !known {
            locus.others.push(other(child));
        }
    }
    locus.check(Schema::V2017, &mut |problem| tell(problem, element.at, notes));
    note_order(locus.alleles.iter().map(|allele| allele.value.as_str()), element.at, notes);
    locus
}

/// The text of `ALLELEVALUE` in an `ALLELE`.
pub(super) fn allele_value(allele: &Element) -> String {
    let value = allele.children.iter().find(|child| child.name == "ALLELEVALUE");
    value.map(|value| value.text.clone()).unwrap_or_default()
}

pub(super) fn note_order<'a>(values: impl Iterator<Item = &'a str>, at: usize, notes: &mut Notes) {
    if !values.map(schema::order).is_sorted() {
        notes.add("cmf-alleles-unsorted", "the alleles of a locus do not stand in the order <9, 9, 9.1, 10, >10", at);
    }
}

pub(super) fn note_namespace(root: &Element, expected: &str, notes: &mut Notes) {
    let declared = root.attributes.iter().filter(|(key, _)| key == "xmlns" || key.starts_with("xmlns:"));
    if !declared.map(|(_, value)| value).any(|value| value == expected) {
        notes.add("cmf-namespace", "the root element is not of the schema's namespace", root.at);
    }
}

/// Puts an element's text in its place, if it is the one of this name.
pub(super) fn take(element: &Element, tag: &str, place: &mut String, notes: &mut Notes) -> bool {
    if element.name != tag {
        return false;
    }
    if !place.is_empty() {
        notes.add("cmf-element-twice", "an element that may stand once stands again; the last was read", element.at);
    }
    element.text.clone_into(place);
    true
}

pub(super) fn take_optional(element: &Element, tag: &str, place: &mut Option<String>, notes: &mut Notes) -> bool {
    let mut text = place.take().unwrap_or_default();
    let taken = take(element, tag, &mut text, notes);
    *place = (taken || !text.is_empty()).then_some(text);
    taken
}

pub(super) fn other(element: &Element) -> (String, String) {
    (element.name.clone(), element.text.clone())
}

/// `xsd:boolean`.
fn boolean(value: &str, field: &'static str, at: usize, notes: &mut Notes) -> Option<bool> {
    match value.trim() {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => {
            tell(Problem { code: "cmf-malformed", field, reason: "it is neither true nor false" }, at, notes);
            None
        }
    }
}

pub(super) fn tell(problem: Problem, at: usize, notes: &mut Notes) {
    notes.add(problem.code, format!("{}: {}", problem.field, problem.reason), at);
}
