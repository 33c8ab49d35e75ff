//! The card formats of ISO/IEC 19794-2 (clause 8 of 2005, clause 9 of 2011): minutiae small enough for a smart card to compare.
//!
//! ```text
//! normal size, 5 bytes: kind and x in 0.01 mm (2 + 14 bits), y in 0.01 mm (2 + 14 bits), angle in 360 / 256 degrees (8)
//! compact size, 3 bytes: x in 0.1 mm (8), y in 0.1 mm (8), kind and angle in 360 / 64 degrees (2 + 6 bits)
//!
//! biometric data template: 7F2E { 81 minutiae }
//!   or, where there is more:  7F2E { A1 { 90 minutiae, 91 ridge counts, 92 cores, 93 deltas, 94 cell quality }, 82 a maker's own }
//! comparison parameters, in a biometric information template: B1 { 81 least and most minutiae, 82 their order, 83 features }
//! ```
//! The minutiae have neither a header nor a number: how they are laid out and sorted is agreed with the card beforehand, and is an
//! argument here. Nothing says how large the image was.
//!
//! ```
//! use tanba_formats::iso19794_2::card::{CardFormat, CardParameters, CardTemplate, MinutiaOrder};
//! use tanba_formats::minutiae;
//!
//! fn for_card(record: &[u8]) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
//!     let record = minutiae::read(record)?.value;
//!     // Ascending by y, those of the same y by x.
//!     let order = MinutiaOrder::from_code(0x09);
//!     let card = CardParameters { least: 12, most: 60, order, features: 0 };
//!     let template = CardTemplate::of_view(&record.views[0], record.edition, CardFormat::Compact, &card)?;
//!     Ok(template.write_template()?)
//! }
//! ```

mod order;
mod parameters;

use crate::minutiae::{
    Capture, Edition, FingerView, ImpressionType, MAX_COORDINATE, ReadError, RecordMinutia, RecordMinutiaKind,
    WriteError,
};
use crate::tlv::{self, DATA_TEMPLATE, Objects, Tlv};
use crate::{Decoded, Diagnostic, Finger, Outline};

pub use crate::tlv::DataObject;
pub use order::{MinutiaOrder, SortKey};
pub use parameters::CardParameters;

/// Standardised biometric data: the minutiae alone, or data objects.
const STANDARD: u32 = 0x81;
const STANDARD_CONSTRUCTED: u32 = 0xa1;
/// Finger minutiae beside other features.
const MINUTIAE: u32 = 0x90;
/// Levels of data objects in data objects that are read.
const DEEPEST: usize = 2;
/// How many units of 360 / 256 degrees a unit of the compact size has.
const COMPACT_ANGLE: u8 = 4;
/// The largest coordinate of the compact size, unless it is extended.
const COMPACT_MAX: u16 = 255;

/// How a minutia is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CardFormat {
    /// Five bytes, in hundredths of a millimetre.
    Normal,
    /// Three bytes, in tenths of a millimetre.
    Compact,
}

impl CardFormat {
    /// Bytes of a minutia.
    pub fn minutia_bytes(self) -> usize {
        match self {
            Self::Normal => 5,
            Self::Compact => 3,
        }
    }

    /// Units in a centimetre.
    pub fn units_per_cm(self) -> u16 {
        match self {
            Self::Normal => 1000,
            Self::Compact => 100,
        }
    }

    /// Units of angle in a full turn.
    pub fn units_per_turn(self) -> u16 {
        match self {
            Self::Normal => 256,
            Self::Compact => 64,
        }
    }
}

/// What is sent to a card, or was stored for one: minutiae in the order that the card wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardTemplate {
    /// How the minutiae are laid out.
    pub format: CardFormat,
    /// How they are sorted.
    pub order: MinutiaOrder,
    /// The minutiae.
    pub minutiae: Vec<CardMinutia>,
    /// Other features beside the minutiae (tags 91 to 94), as they are.
    pub features: Vec<DataObject>,
    /// What else is in the template, such as a maker's own data (tags 82 and A2), as it is.
    pub others: Vec<DataObject>,
}

/// A minutia in the units of its format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CardMinutia {
    /// Type code.
    pub kind: RecordMinutiaKind,
    /// Units from the left.
    pub x: u16,
    /// Units from the top.
    pub y: u16,
    /// Direction, counter-clockwise from the right ([`CardFormat::units_per_turn`]).
    pub angle: u8,
}

/// Reads minutiae as they are, or in a biometric data template.
///
/// Diagnostic codes: `minutia-type-reserved`, `trailing-data` (bytes that make no whole minutia or data object, left out).
///
/// # Errors
/// [`ReadError::Truncated`] when there is not one minutia.
pub fn read(bytes: &[u8], format: CardFormat, order: MinutiaOrder) -> Result<Decoded<CardTemplate>, ReadError> {
    let mut reader = Reader {
        template: CardTemplate { format, order, minutiae: Vec::new(), features: Vec::new(), others: Vec::new() },
        notes: Vec::new(),
    };
    let mut objects = Objects::new(bytes, 0);
    match objects.next().filter(is_template) {
        Some(template) => {
            reader.objects(template.value, template.value_at, DEEPEST);
            let (rest, at) = objects.rest();
            reader.note_rest(rest.len(), at);
        }
        None => reader.minutiae(bytes, 0),
    }
    if reader.template.minutiae.is_empty() {
        return Err(ReadError::Truncated { at: bytes.len() });
    }
    Ok(Decoded { value: reader.template, diagnostics: reader.notes })
}

/// Minutiae can begin with the same two bytes, but hardly so that there are data objects to the last byte behind them.
fn is_template(object: &Tlv<'_>) -> bool {
    let mut inner = Objects::new(object.value, 0);
    object.tag == DATA_TEMPLATE && inner.by_ref().count() > 0 && inner.rest().0.is_empty()
}

struct Reader {
    template: CardTemplate,
    notes: Vec<Diagnostic>,
}

impl Reader {
    fn objects(&mut self, bytes: &[u8], base: usize, depth: usize) {
        let outer = depth == DEEPEST;
        let mut objects = Objects::new(bytes, base);
        for object in objects.by_ref() {
            match object.tag {
                STANDARD if outer => self.minutiae(object.value, object.value_at),
                MINUTIAE => self.minutiae(object.value, object.value_at),
                STANDARD_CONSTRUCTED if outer => self.objects(object.value, object.value_at, depth - 1),
                _ => {
                    let kept = if outer { &mut self.template.others } else { &mut self.template.features };
                    kept.push(object.into());
                }
            }
        }
        let (rest, at) = objects.rest();
        self.note_rest(rest.len(), at);
    }

    fn minutiae(&mut self, bytes: &[u8], base: usize) {
        let format = self.template.format;
        let whole = bytes.chunks_exact(format.minutia_bytes());
        self.note_rest(whole.remainder().len(), base + bytes.len() - whole.remainder().len());
        let mut extension = order::Extension::of(self.template.order, format);
        for (i, chunk) in whole.enumerate() {
            let (kind, x, y, angle) = match *chunk {
                [x1, x0, y1, y0, angle] => {
                    let (x, y) = (u16::from_be_bytes([x1, x0]), u16::from_be_bytes([y1, y0]));
                    (x1 >> 6, x & MAX_COORDINATE, y & MAX_COORDINATE, angle)
                }
                [x, y, kind_and_angle] => (kind_and_angle >> 6, u16::from(x), u16::from(y), kind_and_angle & 0x3f),
                _ => continue,
            };
            let kind = RecordMinutiaKind::from_code(kind).unwrap_or_else(|| {
                let message = "a minutia has the reserved type 3: taken as other".into();
                let offset = Some(base + i * format.minutia_bytes());
                self.notes.push(Diagnostic { code: "minutia-type-reserved", message, offset });
                RecordMinutiaKind::Other
            });
            let (x, y) = extension.restored(x, y);
            self.template.minutiae.push(CardMinutia { kind, x, y, angle });
        }
    }

    fn note_rest(&mut self, left: usize, at: usize) {
        if left > 0 {
            let message = format!("{left} bytes are no whole minutia or data object: left out");
            self.notes.push(Diagnostic { code: "trailing-data", message, offset: Some(at) });
        }
    }
}

impl CardTemplate {
    /// The minutiae of a view for a card: converted, at most as many as it takes (those far from the middle, or poor ones where all
    /// have a quality, are left out, as clause 9.3.2 of 2011 says), sorted as it wants. Angles of the view are in units of `edition`.
    ///
    /// # Errors
    /// [`WriteError`] when the view has no resolution, fewer minutiae than the card wants, or coordinates that do not fit.
    pub fn of_view(
        view: &FingerView,
        edition: Edition,
        format: CardFormat,
        parameters: &CardParameters,
    ) -> Result<Self, WriteError> {
        if view.x_per_cm == 0 || view.y_per_cm == 0 {
            return Err(WriteError::ResolutionMissing);
        }
        let kept = parameters.kept(&view.minutiae)?;
        let units = u32::from(format.units_per_cm());
        // To the nearest unit.
        let coordinate = |pixels: u16, per_cm: u16| {
            let per_cm = u32::from(per_cm);
            u16::try_from((u32::from(pixels) * units * 2 + per_cm) / (2 * per_cm)).unwrap_or(u16::MAX)
        };
        let minutia = |m: &RecordMinutia| {
            let angle = u32::from(m.angle) * u32::from(format.units_per_turn()) * 2;
            let turn = u32::from(edition.units_per_turn());
            CardMinutia {
                kind: m.kind,
                x: coordinate(m.x, view.x_per_cm),
                y: coordinate(m.y, view.y_per_cm),
                // Below a full turn, which is at most 256.
                angle: ((angle + turn) / (2 * turn) % u32::from(format.units_per_turn())) as u8,
            }
        };
        let mut minutiae: Vec<_> = kept.iter().map(minutia).collect();
        parameters.order.sort(&mut minutiae);
        let template = Self { format, order: parameters.order, minutiae, features: Vec::new(), others: Vec::new() };
        // Whatever does not fit is told now.
        template.write().map(|_| template)
    }

    /// The minutiae as a view of an image of this resolution (pixels per centimetre, not zero) that just holds them, with angles in
    /// units of ISO/IEC 19794-2. A card says nothing else of the finger.
    pub fn to_view(&self, position: Finger, x_per_cm: u16, y_per_cm: u16) -> FingerView {
        let units = u32::from(self.format.units_per_cm());
        let pixels = |v: u16, per_cm: u16| {
            let nearest = (u32::from(v) * u32::from(per_cm) * 2 + units) / (2 * units);
            u16::try_from(nearest).unwrap_or(u16::MAX).min(MAX_COORDINATE)
        };
        let minutiae: Vec<_> = self
            .minutiae
            .iter()
            .map(|m| RecordMinutia {
                kind: m.kind,
                x: pixels(m.x, x_per_cm),
                y: pixels(m.y, y_per_cm),
                angle: match self.format {
                    CardFormat::Normal => m.angle,
                    // Six bits.
                    CardFormat::Compact => m.angle.wrapping_mul(COMPACT_ANGLE),
                },
                quality: 0,
            })
            .collect();
        let side = |v: fn(&RecordMinutia) -> u16| minutiae.iter().map(v).max().unwrap_or(0) + 1;
        let (width, height) = (side(|m| m.x), side(|m| m.y));
        FingerView {
            position,
            view_number: 0,
            impression: ImpressionType::LiveScanPlain,
            quality: None,
            width,
            height,
            x_per_cm,
            y_per_cm,
            minutiae,
            extended: Vec::new(),
            capture: Capture::default(),
            ridge_ending_type: 0,
        }
    }

    /// The minutiae alone.
    ///
    /// # Errors
    /// [`WriteError`] when a coordinate or an angle does not fit.
    pub fn write(&self) -> Result<Vec<u8>, WriteError> {
        let mut out = Vec::with_capacity(self.minutiae.len() * self.format.minutia_bytes());
        let mut extension = order::Extension::of(self.order, self.format);
        let most = match self.format {
            CardFormat::Normal => MAX_COORDINATE,
            CardFormat::Compact => COMPACT_MAX,
        };
        for m in &self.minutiae {
            let (x, y) = extension.shortened(m.x, m.y);
            if x > most || y > most {
                return Err(WriteError::TooMuch { what: "a coordinate of a card format", most: usize::from(most) });
            }
            match self.format {
                CardFormat::Normal => {
                    out.extend((u16::from(m.kind.code()) << 14 | x).to_be_bytes());
                    out.extend(y.to_be_bytes());
                    out.push(m.angle);
                }
                CardFormat::Compact if m.angle > 0x3f => {
                    return Err(WriteError::TooMuch { what: "an angle of the compact size", most: 0x3f });
                }
                // Both were checked against a byte.
                CardFormat::Compact => out.extend([x as u8, y as u8, m.kind.code() << 6 | m.angle]),
            }
        }
        Ok(out)
    }

    /// The biometric data template around them, with the other features and what else was in it.
    ///
    /// # Errors
    /// Those of [`CardTemplate::write`].
    pub fn write_template(&self) -> Result<Vec<u8>, WriteError> {
        let minutiae = self.write()?;
        let mut inner = Vec::new();
        let write = |tag, value: &[u8], out: &mut Vec<u8>| {
            tlv::write(tag, value, out).ok_or(WriteError::TooMuch { what: "a data object", most: u32::MAX as usize })
        };
        if self.features.is_empty() {
            write(STANDARD, &minutiae, &mut inner)?;
        } else {
            let mut standard = Vec::new();
            write(MINUTIAE, &minutiae, &mut standard)?;
            for feature in &self.features {
                write(feature.tag, &feature.value, &mut standard)?;
            }
            write(STANDARD_CONSTRUCTED, &standard, &mut inner)?;
        }
        for other in &self.others {
            write(other.tag, &other.value, &mut inner)?;
        }
        let mut out = Vec::new();
        write(DATA_TEMPLATE, &inner, &mut out)?;
        Ok(out)
    }

    /// The template as a tree.
    pub fn outline(&self) -> Outline {
        let format = match self.format {
            CardFormat::Normal => "normal size",
            CardFormat::Compact => "compact size",
        };
        let kept = self.features.iter().chain(&self.others).map(|o| {
            let label = match o.tag {
                0x91 => "ridge counts".into(),
                0x92 => "core points".into(),
                0x93 => "delta points".into(),
                0x94 => "cell quality".into(),
                tag => format!("data object {tag:X}"),
            };
            Outline::leaf(label, format!("{} bytes", o.value.len()))
        });
        Outline::leaf("finger minutiae, card format", format)
            .with(Outline::leaf("minutia order", self.order))
            .with(Outline::leaf("minutiae", self.minutiae.len()))
            .with_all(kept)
    }
}

#[cfg(test)]
mod tests;
