//! Prints as records, and whether a card has all of them.

use super::{BuildError, Card, FINGERPRINT, Print};
use crate::Finger;
use crate::ansi_nist::{Amputation, AmputationCode, BinaryImage, Body, Compression, Field, Position, Record};

const BITS: &str = "8";
/// Pixels per inch.
const UNIT: &str = "1";
const GRAYSCALE: u8 = 4;
/// The resolution of Type-4 records whose scanning resolution is 0.
const PPI_500: u16 = 500;

/// Ten rolled prints and the plain ones, but for fingers that are said to be missing.
pub(super) fn complete(card: &Card<'_>) -> Result<(), BuildError> {
    const BOTH_THUMBS: u8 = 15;
    const PLAIN: [(u8, &str); 4] = [
        (11, "the plain right thumb"),
        (12, "the plain left thumb"),
        (13, "the plain right fingers"),
        (14, "the plain left fingers"),
    ];
    let there = |position: u8| card.prints.iter().any(|p| p.position == Position(position));
    let missing = |finger: Finger| card.missing.iter().any(|a| a.position.finger() == Some(finger));
    for finger in Finger::TEN {
        if !there(finger.code()) && !missing(finger) {
            return Err(BuildError::Incomplete { what: Position(finger.code()).name() });
        }
    }
    for (code, what) in PLAIN {
        let fingers: Vec<_> =
            Position(code).finger().into_iter().chain(Position(code).fingers().iter().copied()).collect();
        let thumbs = matches!(code, 11 | 12) && there(BOTH_THUMBS);
        if !there(code) && !thumbs && !fingers.into_iter().all(missing) {
            return Err(BuildError::Incomplete { what });
        }
    }
    Ok(())
}

/// A print in a record of Type 4.
pub(super) fn fixed(print: &Print<'_>, idc: u8) -> Result<Record<'static>, BuildError> {
    let refused = |why| BuildError::Image { position: print.position.name(), kind: GRAYSCALE, why };
    if print.ppi != PPI_500 {
        return Err(refused("it must have 500 pixels per inch"));
    }
    let compression = match print.compression {
        Compression::None => 0,
        Compression::Wsq => 1,
        _ => return Err(refused("it must be WSQ or not compressed")),
    };
    let mut positions = [BinaryImage::NO_POSITION; 6];
    positions[0] = print.position.0;
    Ok(Record::new(
        GRAYSCALE,
        Body::Image(BinaryImage {
            idc,
            impression: print.impression.0,
            positions,
            scanning_resolution: 0,
            width: print.width,
            height: print.height,
            compression,
            data: print.data.to_vec().into(),
        }),
    ))
}

/// A print in a record of Types 13 or 14.
pub(super) fn tagged(
    kind: u8,
    print: &Print<'_>,
    others: &[Position],
    idc: u8,
    agency: &str,
) -> Result<Record<'static>, BuildError> {
    let refused = |why| BuildError::Image { position: print.position.name(), kind, why };
    let code = print.compression.code().ok_or(refused("its coding has no code"))?;
    let positions = std::iter::once(&print.position).chain(others).map(|p| vec![p.0.to_string()]);
    let plain = [
        (2, format!("{idc:02}")),
        (3, print.impression.0.to_string()),
        (4, agency.to_owned()),
        (5, print.captured.to_owned()),
        (6, print.width.to_string()),
        (7, print.height.to_string()),
        (8, UNIT.into()),
        (9, print.ppi.to_string()),
        (10, print.ppi.to_string()),
        (11, code.into()),
        (12, BITS.into()),
    ];
    let mut fields: Vec<_> = plain.into_iter().map(|(n, v)| Field::new(n, v.into_bytes())).collect();
    fields.push(Field::of_items(13, &positions.collect::<Vec<_>>()));
    if !print.missing.is_empty() && kind == FINGERPRINT {
        let row = |a: &Amputation| {
            let code = match a.code {
                AmputationCode::Amputated => "XX",
                AmputationCode::UnableToPrint | AmputationCode::Other => "UP",
            };
            vec![a.position.0.to_string(), code.to_owned()]
        };
        fields.push(Field::of_items(18, &print.missing.iter().map(row).collect::<Vec<_>>()));
    }
    fields.push(Field::new(999, print.data.to_vec()));
    Ok(Record::tagged(kind, fields))
}
