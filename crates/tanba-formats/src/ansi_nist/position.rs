//! Codes of ANSI/NIST-ITL: which part of the hand (table 8 of 2011), and how it was taken (table 7).

use crate::Finger;

/// Friction ridge position code, as it stands in the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Position(pub u8);

impl Position {
    /// The single finger, where it is one: plain thumbs (11, 12) are thumbs.
    pub fn finger(self) -> Option<Finger> {
        match self.0 {
            1..=10 => Finger::try_from(self.0).ok(),
            11 => Some(Finger::RightThumb),
            12 => Some(Finger::LeftThumb),
            _ => None,
        }
    }

    /// Fingers that such an impression shows side by side, from left to right; empty for a single finger or a palm.
    pub fn fingers(self) -> &'static [Finger] {
        use Finger::{LeftIndex, LeftLittle, LeftMiddle, LeftRing, LeftThumb};
        use Finger::{RightIndex, RightLittle, RightMiddle, RightRing, RightThumb};
        match self.0 {
            13 => &[RightIndex, RightMiddle, RightRing, RightLittle],
            14 => &[LeftLittle, LeftRing, LeftMiddle, LeftIndex],
            15 => &[LeftThumb, RightThumb],
            40 => &[RightIndex, RightMiddle],
            41 => &[RightMiddle, RightRing],
            42 => &[RightRing, RightLittle],
            43 => &[LeftMiddle, LeftIndex],
            44 => &[LeftRing, LeftMiddle],
            45 => &[LeftLittle, LeftRing],
            46 => &[LeftIndex, RightIndex],
            47 => &[RightIndex, RightMiddle, RightRing],
            48 => &[RightMiddle, RightRing, RightLittle],
            49 => &[LeftRing, LeftMiddle, LeftIndex],
            50 => &[LeftLittle, LeftRing, LeftMiddle],
            _ => &[],
        }
    }

    /// Whether the code is of a palm or a part of one.
    pub fn is_palm(self) -> bool {
        matches!(self.0, 20..=38 | 81..=86)
    }

    /// What the code stands for, in words; the groups whose members differ in detail only share theirs.
    pub fn name(self) -> &'static str {
        match self.0 {
            0 => "unknown finger",
            1 => "right thumb",
            2 => "right index finger",
            3 => "right middle finger",
            4 => "right ring finger",
            5 => "right little finger",
            6 => "left thumb",
            7 => "left index finger",
            8 => "left middle finger",
            9 => "left ring finger",
            10 => "left little finger",
            11 => "plain right thumb",
            12 => "plain left thumb",
            13 => "plain right four fingers",
            14 => "plain left four fingers",
            15 => "both thumbs",
            16 => "right extra digit",
            17 => "left extra digit",
            18 => "unknown friction ridge",
            19 => "entire joint image or tip",
            20 => "unknown palm",
            21 => "right full palm",
            22 => "right writer's palm",
            23 => "left full palm",
            24 => "left writer's palm",
            25 => "right lower palm",
            26 => "right upper palm",
            27 => "left lower palm",
            28 => "left upper palm",
            29..=38 | 81..=86 => "part of a palm",
            40..=50 => "fingers side by side",
            60..=79 => "sole or toes",
            _ => "reserved",
        }
    }
}

/// Impression type code, as it stands in the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Impression(pub u8);

impl Impression {
    /// Whether the print was left behind and found, and not taken from a person who was there.
    pub fn is_latent(self) -> bool {
        matches!(self.0, 4..=7 | 12..=15 | 32..=39)
    }

    /// What the code stands for, in words.
    pub fn name(self) -> &'static str {
        match self.0 {
            0 => "live-scan plain",
            1 => "live-scan rolled",
            2 => "nonlive-scan plain",
            3 => "nonlive-scan rolled",
            4 => "latent impression",
            5 => "latent tracing",
            6 => "latent photograph",
            7 => "latent lift",
            8 => "live-scan swipe",
            10 => "live-scan palm",
            11 => "nonlive-scan palm",
            12 => "latent palm impression",
            13 => "latent palm tracing",
            14 => "latent palm photograph",
            15 => "latent palm lift",
            20..=23 => "live-scan optical contact",
            24 | 25 | 41 | 42 => "contactless",
            28 => "other",
            29 => "unknown",
            30..=39 => "sole or its latent print",
            _ => "reserved",
        }
    }
}
