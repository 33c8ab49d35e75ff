//! What a card says of the minutiae that it takes: the comparison parameters of its biometric information template (annex D of 2011).

use super::MinutiaOrder;
use super::order::{Rank, centre, distance, worse};
use crate::minutiae::{RecordMinutia, RecordMinutiaKind, WriteError};
use crate::tlv::{self, INFORMATION_GROUP, INFORMATION_HEADER, INFORMATION_TEMPLATE, Objects, Tlv};

/// Comparison parameters (ISO/IEC 7816-11).
const PARAMETERS: u32 = 0xb1;
/// Within the parameters.
const MINUTIAE: u32 = 0x81;
const ORDER: u32 = 0x82;
const FEATURES: u32 = 0x83;
/// Levels down to the parameters: group, template, header.
const DEEPEST: usize = 4;

/// How many minutiae a card takes, and in which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CardParameters {
    /// The fewest.
    pub least: u8,
    /// The most.
    pub most: u8,
    /// How they are sorted.
    pub order: MinutiaOrder,
    /// Which other features the card compares, as bits: 1 ridge counts, 2 cores, 4 deltas, 8 cell quality.
    pub features: u8,
}

/// What holds where a card says nothing: for enrolment, in no order, without other features.
impl Default for CardParameters {
    fn default() -> Self {
        Self { least: 16, most: 60, order: MinutiaOrder::default(), features: 0 }
    }
}

impl CardParameters {
    /// The parameters of a card: from the data objects themselves, the object around them (B1), or a biometric information template or
    /// group (7F60, 7F61), of which the first counts. What is not stated has its default; `None` where nothing is stated.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        Self::within(bytes, DEEPEST)
    }

    fn within(bytes: &[u8], depth: usize) -> Option<Self> {
        let outer: Vec<Tlv<'_>> = Objects::new(bytes, 0).collect();
        if depth > 0
            && let Some(found) = outer
                .iter()
                .filter(|o| matches!(o.tag, INFORMATION_GROUP | INFORMATION_TEMPLATE | INFORMATION_HEADER | PARAMETERS))
                .find_map(|o| Self::within(o.value, depth - 1))
        {
            return Some(found);
        }
        let mut parameters = None;
        for object in outer {
            let mut stated: Self = parameters.unwrap_or_default();
            match (object.tag, object.value) {
                (MINUTIAE, &[least, most]) => (stated.least, stated.most) = (least, most),
                (ORDER, &[order]) => stated.order = MinutiaOrder::from_code(order),
                (FEATURES, &[features]) => stated.features = features,
                _ => continue,
            }
            parameters = Some(stated);
        }
        parameters
    }

    /// The data object of the parameters (B1).
    pub fn write(&self) -> Vec<u8> {
        let mut inner = Vec::new();
        let mut out = Vec::new();
        // All of them are short.
        let written = tlv::write(MINUTIAE, &[self.least, self.most], &mut inner)
            .and_then(|()| tlv::write(ORDER, &[self.order.code()], &mut inner))
            .and_then(|()| tlv::write(FEATURES, &[self.features], &mut inner))
            .and_then(|()| tlv::write(PARAMETERS, &inner, &mut out));
        debug_assert!(written.is_some());
        out
    }

    /// The minutiae that the card takes, in the order that they had.
    pub(super) fn kept(&self, minutiae: &[RecordMinutia]) -> Result<Vec<RecordMinutia>, WriteError> {
        if minutiae.len() < usize::from(self.least) {
            return Err(WriteError::TooLittle { what: "the number of minutiae", least: usize::from(self.least) });
        }
        let too_many = minutiae.len().saturating_sub(usize::from(self.most));
        let centre = centre(minutiae.iter().map(|m| (m.x, m.y)));
        let all_judged = minutiae.iter().all(|m| m.quality > 0);
        let mut ranks: Vec<_> = minutiae
            .iter()
            .enumerate()
            .map(|(index, m)| Rank {
                quality: if all_judged { m.quality } else { 0 },
                distance: distance((m.x, m.y), centre),
                ending: m.kind == RecordMinutiaKind::Ending,
                angle: m.angle,
                index,
            })
            .collect();
        ranks.sort_by(worse);
        let mut kept: Vec<_> = ranks.split_off(too_many).into_iter().map(|r| r.index).collect();
        kept.sort_unstable();
        Ok(kept.into_iter().filter_map(|i| minutiae.get(i).copied()).collect())
    }
}
