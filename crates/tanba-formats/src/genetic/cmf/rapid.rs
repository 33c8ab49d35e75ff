//! `CODISRapidImportFile`: arrestees typed at the booking station.

use super::super::notes::Notes;
use super::super::text::Text;
use super::super::xml::{Element, Writer, for_each_child};
use super::super::{ReadError, WriteError};
use super::read::{allele_value, note_namespace, note_order, other, take, take_optional, tell};
use super::schema::{self, Field, MAX_SPECIMENS, Problem, RAPID_DEVICE, RAPID_HEADER, RAPID_LOCUS, RAPID_SPECIMEN};
use super::values::Schema;
use super::write::checked;
use crate::{Decoded, Outline};

const ROOT: &[&str] = &["CODISRapidImportFile"];
const NAMESPACE: &str = "urn:CODISRapidImportFile-schema";

/// A rapid message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RapidFile {
    /// `MESSAGEVERSION`.
    pub version: String,
    /// `MESSAGETYPE`: `Rapid Import`.
    pub message_type: String,
    /// `MESSAGEID`, a whole number.
    pub message_id: String,
    /// `MESSAGEDATETIME`.
    pub created: String,
    /// `MSGCREATORUSERID`.
    pub created_by: String,
    /// `DESTINATIONORI`.
    pub destination: String,
    /// `SOURCEORI`.
    pub source: String,
    /// `ALTSOURCEORI`.
    pub other_source: Option<String>,
    /// `DEVICE`.
    pub device: RapidDevice,
    /// `SPECIMEN`.
    pub specimens: Vec<RapidSpecimen>,
    /// Elements that the schema does not name, wherever they stand: name and text.
    pub others: Vec<(String, String)>,
}

/// The instrument.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RapidDevice {
    /// `INSTRUMENTID`.
    pub instrument: String,
    /// `MANUFACTURER`.
    pub manufacturer: Option<String>,
    /// `MODEL`.
    pub model: Option<String>,
    /// `SOFTWAREVERSION`.
    pub software: Option<String>,
}

/// A specimen of an arrestee.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RapidSpecimen {
    /// `SPECIMENID`.
    pub id: String,
    /// `SPECIMENCATEGORY`.
    pub category: String,
    /// `SID`, the number in the state's register.
    pub sid: Option<String>,
    /// `FBI_NUMBER_UCN`.
    pub ucn: Option<String>,
    /// `UNIQUEEVENTID`.
    pub event: String,
    /// `BOOKINGCUSTOMID`.
    pub booking: Option<String>,
    /// `ARRESTINGCUSTOMID`.
    pub arresting: Option<String>,
    /// `ARRESTDATE`.
    pub arrested: Option<String>,
    /// `FINGERPRINTDATE`.
    pub fingerprinted: String,
    /// `ARRESTOFFENSECATEGORY`.
    pub offense: String,
    /// `SPECIMENCOMMENT`.
    pub comment: Option<String>,
    /// `LOCUS`.
    pub loci: Vec<RapidLocus>,
}

/// What one locus showed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RapidLocus {
    /// `LOCUSNAME`.
    pub name: String,
    /// `KIT`.
    pub kit: Option<String>,
    /// `BATCHID`.
    pub batch_id: Option<String>,
    /// `ALLELEVALUE` of each `ALLELE`.
    pub alleles: Vec<String>,
}

/// Places of the texts of a part of the message, in the order of the schema's table for it.
enum Place<'a> {
    Required(&'a mut String),
    Optional(&'a mut Option<String>),
}
use Place::{Optional, Required};

impl RapidFile {
    fn header(&mut self) -> [Place<'_>; RAPID_HEADER.len()] {
        [
            Required(&mut self.version),
            Required(&mut self.message_type),
            Required(&mut self.message_id),
            Required(&mut self.created),
            Required(&mut self.created_by),
            Required(&mut self.destination),
            Required(&mut self.source),
            Optional(&mut self.other_source),
        ]
    }

    /// The file as a tree, in the words of the schema.
    pub fn outline(&self) -> Outline {
        let mut copy = self.clone();
        let specimens = self.specimens.iter().map(|specimen| {
            let loci = specimen.loci.iter().map(|locus| {
                Outline::leaf("LOCUS", format_args!("{}: {}", locus.name, locus.alleles.join(", ")))
                    .with_all(leaves(&RAPID_LOCUS, &mut locus.clone().fields()).into_iter().skip(1))
            });
            Outline::leaf("SPECIMEN", &specimen.id)
                .with_all(leaves(&RAPID_SPECIMEN, &mut specimen.clone().fields()).into_iter().skip(1))
                .with_all(loci)
        });
        Outline::of("CODISRapidImportFile")
            .with(Outline::of("HEADER").with_all(leaves(&RAPID_HEADER, &mut copy.header())))
            .with(Outline::of("DEVICE").with_all(leaves(&RAPID_DEVICE, &mut copy.device.fields())))
            .with_all(super::others(&self.others))
            .with_all(specimens)
    }
}

impl RapidDevice {
    fn fields(&mut self) -> [Place<'_>; RAPID_DEVICE.len()] {
        [
            Required(&mut self.instrument),
            Optional(&mut self.manufacturer),
            Optional(&mut self.model),
            Optional(&mut self.software),
        ]
    }
}

impl RapidSpecimen {
    fn fields(&mut self) -> [Place<'_>; RAPID_SPECIMEN.len()] {
        [
            Required(&mut self.id),
            Required(&mut self.category),
            Optional(&mut self.sid),
            Optional(&mut self.ucn),
            Required(&mut self.event),
            Optional(&mut self.booking),
            Optional(&mut self.arresting),
            Optional(&mut self.arrested),
            Required(&mut self.fingerprinted),
            Required(&mut self.offense),
            Optional(&mut self.comment),
        ]
    }
}

impl RapidLocus {
    fn fields(&mut self) -> [Place<'_>; RAPID_LOCUS.len()] {
        [Required(&mut self.name), Optional(&mut self.kit), Optional(&mut self.batch_id)]
    }
}

impl Place<'_> {
    fn value(&self) -> Option<&str> {
        match self {
            Required(text) => Some(text.as_str()),
            Optional(text) => text.as_deref(),
        }
    }
}

/// Reads a rapid message; the diagnostic codes are those of [`read`](super::read()).
///
/// # Errors
/// As [`read`](super::read()).
pub fn read_rapid(bytes: &[u8]) -> Result<Decoded<RapidFile>, ReadError> {
    let mut notes = Notes::default();
    let text = Text::decode(bytes, &mut notes)?;
    let mut file = RapidFile::default();
    let mut others = Vec::new();
    let mut ids = std::collections::HashSet::new();
    let root = for_each_child(&text, ROOT, "a CODIS Rapid CMF file", &mut notes, |_, child, notes| {
        match child.name.as_str() {
            "HEADER" => fill(&child, &RAPID_HEADER, &mut file.header(), "", &mut others, notes),
            "DEVICE" => fill(&child, &RAPID_DEVICE, &mut file.device.fields(), "", &mut others, notes),
            "SPECIMEN" => {
                if file.specimens.len() == MAX_SPECIMENS {
                    return Err(schema::too_many_specimens());
                }
                let specimen = specimen(&child, &mut others, notes);
                if !specimen.id.is_empty() && !ids.insert(specimen.id.clone()) {
                    notes.add("cmf-specimen-twice", "a SPECIMENID stands twice in the file", child.at);
                }
                file.specimens.push(specimen);
            }
            _ => others.push(other(&child)),
        }
        Ok(())
    })?;
    file.others = others;
    note_namespace(&root, NAMESPACE, &mut notes);
    check(&mut file, &mut |problem| tell(problem, root.at, &mut notes));
    Ok(Decoded { value: file, diagnostics: notes.finish() })
}

fn specimen(element: &Element, others: &mut Vec<(String, String)>, notes: &mut Notes) -> RapidSpecimen {
    let mut specimen = RapidSpecimen::default();
    fill(element, &RAPID_SPECIMEN, &mut specimen.fields(), "LOCUS", others, notes);
    for child in element.children.iter().filter(|child| child.name == "LOCUS") {
        let mut locus = RapidLocus::default();
        fill(child, &RAPID_LOCUS, &mut locus.fields(), "ALLELE", others, notes);
        locus.alleles = child.children.iter().filter(|child| child.name == "ALLELE").map(allele_value).collect();
        check_locus(&mut locus, &mut |problem| tell(problem, child.at, notes));
        note_order(locus.alleles.iter().map(String::as_str), child.at, notes);
        specimen.loci.push(locus);
    }
    check_specimen(&mut specimen, &mut |problem| tell(problem, element.at, notes));
    specimen
}

/// Puts the texts of an element's children in their places; children named `parts` are for the caller.
fn fill(
    element: &Element,
    fields: &[Field],
    places: &mut [Place<'_>],
    parts: &str,
    others: &mut Vec<(String, String)>,
    notes: &mut Notes,
) {
    for child in element.children.iter().filter(|child| child.name != parts) {
        let known = fields.iter().zip(places.iter_mut()).any(|(field, place)| match place {
            Required(text) => take(child, field.tag, text, notes),
            Optional(text) => take_optional(child, field.tag, text, notes),
        });
        if !known {
            others.push(other(child));
        }
    }
}

/// Writes a rapid message that the schema takes.
///
/// # Errors
/// As [`write`](super::write()).
pub fn write_rapid(file: &RapidFile) -> Result<Vec<u8>, WriteError> {
    let mut file = file.clone();
    checked(|found| check(&mut file, found))?;
    let mut ids = std::collections::HashSet::new();
    let mut xml = Writer::new();
    xml.open("CODISRapidImportFile", &[("xmlns", Some(NAMESPACE))])?;
    xml.open("HEADER", &[])?;
    write_fields(&RAPID_HEADER, &file.header(), &mut xml)?;
    xml.close("HEADER");
    xml.open("DEVICE", &[])?;
    write_fields(&RAPID_DEVICE, &file.device.fields(), &mut xml)?;
    xml.close("DEVICE");
    for specimen in &mut file.specimens {
        checked(|found| check_specimen(specimen, found))?;
        if !ids.insert(specimen.id.clone()) {
            return Err(WriteError::Unfit { field: "SPECIMENID", reason: "it stands twice in the file" });
        }
        xml.open("SPECIMEN", &[])?;
        write_fields(&RAPID_SPECIMEN, &specimen.fields(), &mut xml)?;
        for locus in &mut specimen.loci {
            checked(|found| check_locus(locus, found))?;
            xml.open("LOCUS", &[])?;
            write_fields(&RAPID_LOCUS, &locus.fields(), &mut xml)?;
            let mut alleles = locus.alleles.clone();
            alleles.sort_by(|a, b| schema::order(a).cmp(&schema::order(b)));
            for allele in &alleles {
                xml.open("ALLELE", &[])?;
                xml.leaf("ALLELEVALUE", Some(allele))?;
                xml.close("ALLELE");
            }
            xml.close("LOCUS");
        }
        xml.close("SPECIMEN");
    }
    xml.close("CODISRapidImportFile");
    Ok(xml.finish())
}

fn write_fields(fields: &[Field], places: &[Place<'_>], xml: &mut Writer) -> Result<(), WriteError> {
    fields.iter().zip(places).try_for_each(|(field, place)| xml.leaf(field.tag, place.value()))
}

fn check(file: &mut RapidFile, found: schema::Found<'_>) {
    check_fields(&RAPID_HEADER, &file.header(), found);
    check_fields(&RAPID_DEVICE, &file.device.fields(), found);
    if file.specimens.is_empty() {
        found(Problem { code: "cmf-missing", field: "SPECIMEN", reason: "a file has at least one" });
    }
    schema::check_others(&file.others, found);
}

fn check_specimen(specimen: &mut RapidSpecimen, found: schema::Found<'_>) {
    check_fields(&RAPID_SPECIMEN, &specimen.fields(), found);
    schema::check_loci(specimen.loci.iter().map(|locus| locus.name.as_str()), Schema::V2017.max_loci(), found);
}

fn check_locus(locus: &mut RapidLocus, found: schema::Found<'_>) {
    check_fields(&RAPID_LOCUS, &locus.fields(), found);
    schema::check_rapid_locus_name(&locus.name, found);
    schema::check_alleles(locus.alleles.iter().map(String::as_str), found);
}

fn check_fields(fields: &[Field], places: &[Place<'_>], found: schema::Found<'_>) {
    for (field, place) in fields.iter().zip(places) {
        field.check(place.value(), found);
    }
}

fn leaves(fields: &[Field], places: &mut [Place<'_>]) -> Vec<Outline> {
    let values = fields.iter().zip(places.iter());
    values.filter_map(|(field, place)| Some(Outline::leaf(field.tag, place.value()?))).collect()
}
