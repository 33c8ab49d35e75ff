//! What an examiner sees of a candidate, finger by finger: the print as captured, enhanced, its ridges, its minutiae; and,
//! once the markings are locked, the other side's, with the minutiae that lie on each other and how the ridges differ.
//!
//! Nothing here is kept: pictures are made for one look, off the asynchronous threads, and forgotten. The score of the
//! comparison never leaves it.

use serde_json::json;
use sqlx::{Row, SqliteConnection};
use tanba_finger::{
    Alignment, ExtractParams, Flow, Mask, Minutia, OrientationDifference, Prepared, Stage, StageData, Template,
    orientation_difference,
};
use tanba_formats::image::{ReadOptions, encode_png, encode_png_rgb, read, resample};
use tanba_formats::{Finger, Gray8, Ppi};

use crate::actor::Actor;
use crate::adjudication::CandidateRow;
use crate::capture::{finger_and_field, live_person};
use crate::error::{RegistryError, Result};
use crate::ids::{CandidateId, EncounterId};
use crate::journal::Entry;
use crate::key_process::OpenedKeys;
use crate::keys::key_for_reading;
use crate::markings::{FingerMarks, is_locked};
use crate::registry::Registry;
use crate::store::WriteTx;
use crate::vault::Domain;
use zeroize::Zeroizing;

/// Which side of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The prints that were searched with.
    Probe,
    /// The candidate's.
    Reference,
}

/// One print, drawn in every way in which an examiner may want to see it. All pictures are PNG at 500 ppi, and of one size.
#[derive(Debug, Clone)]
pub struct PrintView {
    /// Pixels in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Pixels per inch; always 500.
    pub ppi: f64,
    /// As captured.
    pub image: Vec<u8>,
    /// Filtered along its ridges.
    pub enhanced: Option<Vec<u8>>,
    /// Ridges black, valleys white.
    pub ridges: Option<Vec<u8>>,
    /// The other print laid on this one as the skin was stretched, in two colours; `None` where ridges show no common area.
    pub laid: Option<Vec<u8>>,
    /// The minutiae that the machine found, best first.
    pub minutiae: Vec<Minutia>,
}

/// Two minutiae that lie on each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PairedMinutiae {
    /// Index among the probe's minutiae.
    pub probe: usize,
    /// Index among the reference's.
    pub reference: usize,
    /// 0 at the tolerance to 1 on the same place in the same direction.
    pub closeness: f32,
}

/// One finger of a candidate, as far as this examiner may see it.
#[derive(Debug, Clone)]
pub struct FingerComparison {
    /// Which finger.
    pub finger: Finger,
    /// The searched print, if there is one of this finger.
    pub probe: Option<PrintView>,
    /// The candidate's print; `None` before the markings are locked, or where there is none of this finger.
    pub reference: Option<PrintView>,
    /// What this examiner marked and locked.
    pub marks: Option<FingerMarks>,
    /// Minutiae that lie on each other, the closest first.
    pub pairs: Vec<PairedMinutiae>,
    /// How the probe is laid on the reference.
    pub alignment: Option<Alignment>,
    /// Where the ridges of the two run differently.
    pub orientation: Option<OrientationDifference>,
}

/// A stored print, opened.
pub(crate) struct StoredPrint {
    pub(crate) image: Zeroizing<Vec<u8>>,
    pub(crate) template: Template,
}

/// A print drawn, with what a comparison of orientations needs.
struct Drawn {
    view: PrintView,
    /// At 500 ppi.
    image: Gray8,
    flow: Option<(Flow, Mask)>,
}

impl Registry {
    /// One finger of a candidate in every view; before this examiner's markings are locked, the searched print only.
    ///
    /// # Errors
    /// Denied to whoever may not judge the candidate; not found where there is no print of this finger or the candidate is
    /// no longer live; a conflict where it is decided.
    pub async fn compare_finger(&self, actor: &Actor, id: CandidateId, finger: Finger) -> Result<FingerComparison> {
        let row = self.candidate_for(actor, id).await?;
        self.permit_examination(actor, &row).await?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let marked = self.markings_of(tx.sql(), &row, actor).await?;
        let marks = marked.as_ref().and_then(|m| m.fingers.iter().find(|f| f.finger == finger).cloned());
        let mut entry = Entry::look("candidate.viewed", actor).purpose("registration").about(row.probe_person);
        let mut records = vec![row.probe];
        if marked.is_some() {
            entry = entry.about(self.live_reference(tx.sql(), &row).await?);
            records.push(row.reference);
        }
        if !has_print(tx.sql(), &records, finger).await? {
            return Err(RegistryError::NotFound { what: "print of this finger" });
        }
        let details = json!({"candidate": id, "finger": finger, "locked": marked.is_some()});
        let keys = self.look_at_images(tx, entry.details(details), &records).await?;
        let probe = self.stored_print(&keys, row.probe, finger).await?;
        let reference = self.stored_print(&keys, row.reference, finger).await?;
        Self::aside(move || draw_comparison(finger, probe.as_ref(), reference.as_ref(), marks)).await?
    }

    /// The print of one finger as captured, as a PNG at 500 ppi; for pages without scripts.
    ///
    /// # Errors
    /// As [`Registry::compare_finger`]; the reference is not found before the markings are locked.
    pub async fn print_picture(&self, actor: &Actor, id: CandidateId, side: Side, finger: Finger) -> Result<Vec<u8>> {
        let row = self.candidate_for(actor, id).await?;
        self.permit_examination(actor, &row).await?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let mut entry = Entry::look("candidate.viewed", actor).purpose("registration").about(row.probe_person);
        let encounter = match side {
            Side::Probe => row.probe,
            Side::Reference => {
                if !is_locked(tx.sql(), id, actor).await? {
                    return Err(RegistryError::NotFound { what: "print of this finger" });
                }
                entry = entry.about(self.live_reference(tx.sql(), &row).await?);
                row.reference
            }
        };
        if !has_print(tx.sql(), &[encounter], finger).await? {
            return Err(RegistryError::NotFound { what: "print of this finger" });
        }
        let entry = entry.details(json!({"candidate": id, "finger": finger}));
        let keys = self.look_at_images(tx, entry, &[encounter]).await?;
        let print = self.stored_print(&keys, encounter, finger).await?;
        let print = print.ok_or(RegistryError::NotFound { what: "print of this finger" })?;
        Self::aside(move || Ok(encode_png(&at_nominal(&print)?))).await?
    }

    async fn live_reference(&self, sql: &mut SqliteConnection, row: &CandidateRow) -> Result<crate::ids::PersonId> {
        live_person(sql, row.reference).await?.ok_or(RegistryError::NotFound { what: "candidate" })
    }

    /// The kept print of one finger of an encounter, if there is one and the look has its keys.
    async fn stored_print(&self, keys: &OpenedKeys, id: EncounterId, finger: Finger) -> Result<Option<StoredPrint>> {
        let owner = id.to_string();
        let vault = &self.inner.vault;
        let mut sql = self.inner.pool.acquire().await?;
        let template_key = key_for_reading(vault, &mut sql, &owner, Domain::Template).await?;
        let (Some(image_key), Some(template_key)) = (keys.of(id), template_key) else { return Ok(None) };
        let sample = sqlx::query(
            "SELECT id, finger, sealed_image, sealed_template FROM samples WHERE encounter_id = $1 AND finger = $2 AND kept = 1",
        )
        .bind(&owner)
        .bind(i64::from(finger.code()))
        .fetch_optional(&mut *sql)
        .await?;
        let Some(sample) = sample else { return Ok(None) };
        let (_, field) = finger_and_field(&sample)?;
        let sealed: Vec<u8> = sample.try_get("sealed_image")?;
        let image = vault.open(image_key, Domain::Image, &owner, &field, &sealed)?;
        let sealed: Vec<u8> = sample.try_get("sealed_template")?;
        let plain = vault.open(&template_key, Domain::Template, &owner, &field, &sealed)?;
        let template = Template::from_bytes(&plain).map_err(|_| RegistryError::Damaged { what: "template" })?;
        Ok(Some(StoredPrint { image, template }))
    }
}

/// Whether any of the encounters has a print of the finger whose image is kept.
async fn has_print(sql: &mut SqliteConnection, encounters: &[EncounterId], finger: Finger) -> Result<bool> {
    for encounter in encounters {
        let found: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM samples s JOIN data_keys k ON k.owner_id = s.encounter_id AND k.domain = 'image' AND k.wrapped IS NOT NULL \
             WHERE s.encounter_id = $1 AND s.finger = $2 AND s.kept = 1",
        )
        .bind(encounter.to_string())
        .bind(i64::from(finger.code()))
        .fetch_one(&mut *sql)
        .await?;
        if found > 0 {
            return Ok(true);
        }
    }
    Ok(false)
}

fn draw_comparison(
    finger: Finger,
    probe: Option<&StoredPrint>,
    reference: Option<&StoredPrint>,
    marks: Option<FingerMarks>,
) -> Result<FingerComparison> {
    let (mut first, second) = (probe.map(draw).transpose()?, reference.map(draw).transpose()?);
    let mut found = None;
    let mut view = FingerComparison {
        finger,
        probe: None,
        reference: None,
        marks,
        pairs: Vec::new(),
        alignment: None,
        orientation: None,
    };
    if let (Some(a), Some(b)) = (probe, reference) {
        let compared = tanba_finger::compare(&Prepared::new(&a.template), &Prepared::new(&b.template));
        view.pairs = compared
            .pairs
            .iter()
            .map(|&(probe, reference, closeness)| PairedMinutiae { probe, reference, closeness })
            .collect();
        view.alignment = compared.alignment;
        found = Some(compared);
    }
    if let (Some(a), Some(b), Some(alignment)) = (&first, &second, &view.alignment)
        && let (Some((fa, ma)), Some((fb, mb))) = (&a.flow, &b.flow)
    {
        view.orientation = orientation_difference((fa, ma), (fb, mb), alignment);
    }
    if let (Some(a), Some(b), Some(found)) = (&mut first, &second, &found)
        && let (Some(alignment), false) = (&found.alignment, found.ridges.is_empty())
    {
        let laid = tanba_finger::show::laid_on(&a.image, &b.image, &found.ridges, alignment, 1);
        // Sides are those of a print at 500 ppi.
        a.view.laid = encode_png_rgb(laid.width as u32, laid.height as u32, &laid.pixels).ok();
    }
    view.probe = first.map(|d| d.view);
    view.reference = second.map(|d| d.view);
    Ok(view)
}

/// All pictures of one print. The minutiae are those that were stored and searched with, not found again.
fn draw(print: &StoredPrint) -> Result<Drawn> {
    let image = at_nominal(print)?;
    let (mut enhanced, mut ridges, mut flow, mut readable) = (None, None, None, None);
    let mut sink = |stage: Stage<'_>| match (stage.name, stage.data) {
        // Ridges are positive there, and dark on paper.
        ("enhanced-2", StageData::Map(map)) => enhanced = gray(&tanba_finger::show::render_map(map), true),
        ("ridges", StageData::Mask(mask)) => ridges = gray(&tanba_finger::show::render_mask(mask), false),
        ("orientation-2", StageData::Flow(found)) => flow = Some(found.clone()),
        ("readable", StageData::Mask(mask)) => readable = Some(mask.clone()),
        _ => {}
    };
    // A print that today's extractor refuses is shown as it was captured.
    let _refused = tanba_finger::extract(&image, &ExtractParams::default(), &mut sink).err();
    let view = PrintView {
        width: image.width(),
        height: image.height(),
        ppi: Ppi::NOMINAL.get(),
        image: encode_png(&image),
        enhanced: enhanced.as_ref().map(encode_png),
        ridges: ridges.as_ref().map(encode_png),
        laid: None,
        minutiae: print.template.minutiae.clone(),
    };
    Ok(Drawn { view, image, flow: flow.zip(readable) })
}

/// A drawn picture as gray; drawings of maps and masks have no colour.
fn gray(picture: &tanba_finger::show::Rgb8, inverted: bool) -> Option<Gray8> {
    let tone = |v: u8| if inverted { 255 - v } else { v };
    let pixels = picture.pixels.chunks_exact(3).map(|p| tone(p[0])).collect();
    Gray8::new(picture.width, picture.height, Ppi::NOMINAL, pixels).ok()
}

/// The image at 500 ppi. Where the operator had stated a resolution, it shows in the size that the template was made at.
pub(crate) fn at_nominal(print: &StoredPrint) -> Result<Gray8> {
    let decoded = read(&print.image, &ReadOptions::default())?.value;
    let stated = Ppi::NOMINAL.get() * decoded.width() as f64 / f64::from(print.template.width.max(1));
    let scaled = decoded.width() as f64 * Ppi::NOMINAL.get() / decoded.ppi().get();
    let image = if (scaled - f64::from(print.template.width)).abs() > 1.0 {
        read(&print.image, &ReadOptions::with_ppi(Ppi::new(stated)))?.value
    } else {
        decoded
    };
    Ok(if image.ppi() == Ppi::NOMINAL { image } else { resample(&image, Ppi::NOMINAL) })
}
