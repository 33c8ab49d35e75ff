//! Writing `CODISImportFile`.

use super::super::WriteError;
use super::super::xml::Writer;
use super::read::NAMESPACE;
use super::schema::{self, BATCH_ID, CASE_ID, KIT, Problem, SOURCE_ID};
use super::values::Schema;
use super::{CmfFile, CmfLocus, CmfSpecimen};

/// Writes a file that the schema takes. Alleles are put in the order that CMF asks for.
///
/// # Errors
/// [`WriteError::Unfit`] with the first thing that the schema does not allow.
pub fn write(file: &CmfFile, schema: Schema) -> Result<Vec<u8>, WriteError> {
    checked(|found| file.check_header(schema, found))?;
    let mut ids = std::collections::HashSet::new();
    let mut xml = Writer::new();
    xml.open("CODISImportFile", &[("xmlns", Some(NAMESPACE))])?;
    for (field, value) in file.header() {
        xml.leaf(field.tag, value)?;
    }
    for specimen in &file.specimens {
        checked(|found| specimen.check(schema, found))?;
        if !ids.insert(&specimen.id) {
            return Err(WriteError::Unfit { field: "SPECIMENID", reason: "it stands twice in the file" });
        }
        write_specimen(specimen, schema, &mut xml)?;
    }
    xml.close("CODISImportFile");
    Ok(xml.finish())
}

fn write_specimen(specimen: &CmfSpecimen, schema: Schema, xml: &mut Writer) -> Result<(), WriteError> {
    let partial = specimen.partial.map(|partial| if partial { "true" } else { "false" });
    let attributes = [
        (SOURCE_ID.tag, specimen.source_id.as_deref()),
        (CASE_ID.tag, specimen.case_id.as_deref()),
        ("PARTIAL", partial),
    ];
    xml.open("SPECIMEN", &attributes)?;
    for (field, value) in specimen.fields().into_iter().take(3) {
        xml.leaf(field.tag, value)?;
    }
    for locus in &specimen.loci {
        checked(|found| locus.check(schema, found))?;
        write_locus(locus, xml)?;
    }
    xml.close("SPECIMEN");
    Ok(())
}

fn write_locus(locus: &CmfLocus, xml: &mut Writer) -> Result<(), WriteError> {
    xml.open("LOCUS", &[(BATCH_ID.tag, locus.batch_id.as_deref()), (KIT.tag, locus.kit.as_deref())])?;
    for (field, value) in locus.fields().into_iter().take(3) {
        xml.leaf(field.tag, value)?;
    }
    for allele in schema::sorted(&locus.alleles) {
        xml.open("ALLELE", &[("ALLELEREQUIRED", allele.required.then_some("true"))])?;
        xml.leaf("ALLELEVALUE", Some(&allele.value))?;
        xml.close("ALLELE");
    }
    xml.close("LOCUS");
    Ok(())
}

/// The first problem of a check, as an error.
pub(super) fn checked(check: impl FnOnce(schema::Found<'_>)) -> Result<(), WriteError> {
    let mut first: Option<Problem> = None;
    check(&mut |problem| _ = first.get_or_insert(problem));
    first.map_or(Ok(()), |problem| Err(problem.into()))
}
