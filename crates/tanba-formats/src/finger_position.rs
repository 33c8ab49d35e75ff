//! Which finger: the codes that ISO/IEC 19794-2 table 2 and ANSI/NIST-ITL table 8 share.

use serde::{Deserialize, Serialize};

/// Finger position. The numeric codes are those of ISO/IEC 19794-2 and ANSI/NIST-ITL (0 unknown, 1 right thumb to 10 left little).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
#[allow(missing_docs)] // the names are the documentation
pub enum Finger {
    Unknown = 0,
    RightThumb = 1,
    RightIndex = 2,
    RightMiddle = 3,
    RightRing = 4,
    RightLittle = 5,
    LeftThumb = 6,
    LeftIndex = 7,
    LeftMiddle = 8,
    LeftRing = 9,
    LeftLittle = 10,
}

/// A finger position code outside 0..=10.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("finger position code {0} is not one of 0 (unknown) to 10 (left little finger)")]
pub struct UnknownFingerCode(pub u8);

impl Finger {
    /// The ten known positions, in the order of their codes.
    pub const TEN: [Self; 10] = [
        Self::RightThumb,
        Self::RightIndex,
        Self::RightMiddle,
        Self::RightRing,
        Self::RightLittle,
        Self::LeftThumb,
        Self::LeftIndex,
        Self::LeftMiddle,
        Self::LeftRing,
        Self::LeftLittle,
    ];

    /// The ISO/IEC 19794-2 code.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// The same finger of the other hand; of an unknown one nothing is known either.
    pub fn of_other_hand(self) -> Self {
        match self {
            Self::Unknown => Self::Unknown,
            known => Self::TEN[(usize::from(known.code()) + 4) % 10],
        }
    }

    /// The name used in JSON and on the command line, such as `right_index`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::RightThumb => "right_thumb",
            Self::RightIndex => "right_index",
            Self::RightMiddle => "right_middle",
            Self::RightRing => "right_ring",
            Self::RightLittle => "right_little",
            Self::LeftThumb => "left_thumb",
            Self::LeftIndex => "left_index",
            Self::LeftMiddle => "left_middle",
            Self::LeftRing => "left_ring",
            Self::LeftLittle => "left_little",
        }
    }
}

impl TryFrom<u8> for Finger {
    type Error = UnknownFingerCode;

    fn try_from(code: u8) -> Result<Self, Self::Error> {
        match code {
            0 => Ok(Self::Unknown),
            1..=10 => Ok(Self::TEN[usize::from(code) - 1]),
            _ => Err(UnknownFingerCode(code)),
        }
    }
}
