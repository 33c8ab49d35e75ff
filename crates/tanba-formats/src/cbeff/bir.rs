//! A biometric information record as the XML of ISO/IEC 19785-3 has it: the names are those of its schema.
//!
//! Values of the schema's lists are kept as texts, since files have others too (`Right Eye`, `UNKNOWN`); times stay as they are written.

use crate::Finger;
use crate::xml::Element;

/// The schema's words for fingers, in the order of their codes.
const DIGITS: [&str; 5] = ["Thumb", "IndexFinger", "MiddleFinger", "RingFinger", "LittleFinger"];

/// A record, or a list of them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Bir {
    /// Version of the patron format's header.
    pub version: Option<Version>,
    /// Version of CBEFF.
    pub cbeff_version: Option<Version>,
    /// Of the record itself.
    pub info: BirInfo,
    /// Of the biometric data block.
    pub bdb_info: Option<BdbInfo>,
    /// Of the signature block.
    pub sb_info: Option<SbInfo>,
    /// The records in it.
    pub children: Vec<Bir>,
    /// The biometric data block, encrypted where [`BdbInfo::encryption`] says so.
    pub bdb: Option<Vec<u8>>,
    /// The signature block.
    pub sb: Option<Vec<u8>>,
    /// What MOSIP adds, such as why a finger is missing.
    pub others: Vec<Entry>,
    /// Elements that have no place above, with what could not be understood.
    pub unknown: Vec<Element>,
}

/// A version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Version {
    /// Its first number.
    pub major: u32,
    /// Its second number.
    pub minor: u32,
}

/// What is stated of a record itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BirInfo {
    /// Who made it.
    pub creator: Option<String>,
    /// Its UUID.
    pub index: Option<String>,
    /// Whatever the maker adds.
    pub payload: Option<Vec<u8>>,
    /// Whether a signature block protects it.
    pub integrity: Option<bool>,
    /// When it was made.
    pub creation_date: Option<String>,
    /// From when it counts.
    pub not_valid_before: Option<String>,
    /// Until when it counts.
    pub not_valid_after: Option<String>,
    /// What has no place above.
    pub unknown: Vec<Element>,
}

/// What is stated of a biometric data block.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BdbInfo {
    /// Proof that the capture answers a challenge.
    pub challenge_response: Option<Vec<u8>>,
    /// Its UUID.
    pub index: Option<String>,
    /// Its format: of JTC 1/SC 37 (257) 7 is a finger image, 2 finger minutiae, 8 a face, 9 an iris.
    pub format: Option<RegistryId>,
    /// Whether it is encrypted.
    pub encryption: Option<bool>,
    /// When it was captured.
    pub creation_date: Option<String>,
    /// From when it counts.
    pub not_valid_before: Option<String>,
    /// Until when it counts.
    pub not_valid_after: Option<String>,
    /// What it is of: `Finger`, `Face`, `Iris`; several for one block of several kinds.
    pub types: Option<Vec<String>>,
    /// Which one, word by word: `Left` `IndexFinger`.
    pub subtypes: Option<Vec<String>>,
    /// `Raw`, `Intermediate` or `Processed`.
    pub level: Option<String>,
    /// What made it.
    pub product: Option<RegistryId>,
    /// What captured it.
    pub capture_device: Option<RegistryId>,
    /// How features were found.
    pub feature_extraction_algorithm: Option<RegistryId>,
    /// What it is to be compared with.
    pub comparison_algorithm: Option<RegistryId>,
    /// How it is coded.
    pub compression_algorithm: Option<RegistryId>,
    /// `Enroll`, `Verify`, `Identify` and others.
    pub purpose: Option<String>,
    /// How good it is.
    pub quality: Option<Quality>,
    /// What has no place above.
    pub unknown: Vec<Element>,
}

/// What is stated of a signature block.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SbInfo {
    /// Its format.
    pub format: Option<RegistryId>,
    /// What has no place above.
    pub unknown: Vec<Element>,
}

/// An organisation and what it numbered.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RegistryId {
    /// The organisation: its number at the IBIA or, with MOSIP, its name.
    pub organization: Option<String>,
    /// Its own number or name of the thing.
    pub kind: Option<String>,
    /// What has no place above.
    pub unknown: Vec<Element>,
}

/// How good a biometric data block is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Quality {
    /// By which algorithm.
    pub algorithm: Option<RegistryId>,
    /// 0 to 100.
    pub score: Option<u32>,
    /// Why there is no score.
    pub failed: Option<String>,
    /// What has no place above.
    pub unknown: Vec<Element>,
}

/// A key and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// The value.
    pub value: String,
}

impl Bir {
    /// This record and all within it, in the order of the file.
    pub fn all(&self) -> Vec<&Self> {
        let mut found = Vec::new();
        let mut open = vec![self];
        while let Some(bir) = open.pop() {
            found.push(bir);
            open.extend(bir.children.iter().rev());
        }
        found
    }

    /// The value of one of the entries.
    pub fn other(&self, key: &str) -> Option<&str> {
        self.others.iter().find(|e| e.key == key).map(|e| &*e.value)
    }
}

impl BdbInfo {
    /// What is to be stated of a block of one finger: owner and type of its format (`257` and `7` for an image of ISO/IEC 19794-4), and
    /// which finger.
    pub fn of_finger(finger: Finger, organization: &str, kind: &str) -> Self {
        let code = usize::from(finger.code());
        let subtypes = DIGITS.get(code.wrapping_sub(1) % DIGITS.len()).filter(|_| code > 0).map(|digit| {
            let hand = if code > DIGITS.len() { "Left" } else { "Right" };
            vec![hand.to_owned(), (*digit).to_owned()]
        });
        let format = RegistryId {
            organization: Some(organization.to_owned()),
            kind: Some(kind.to_owned()),
            unknown: Vec::new(),
        };
        Self { format: Some(format), types: Some(vec!["Finger".to_owned()]), subtypes, ..Self::default() }
    }

    /// Which finger, where the block is of exactly one: `Left IndexFinger`, and `Left Index Finger` as some write.
    pub fn finger(&self) -> Option<Finger> {
        let stem = |word: &str| {
            let word = word.to_ascii_lowercase();
            word.strip_suffix("finger").map_or(word.clone(), str::to_owned)
        };
        let types = self.types.as_deref().unwrap_or_default();
        if !types.iter().any(|t| t.eq_ignore_ascii_case("finger")) {
            return None;
        }
        let (mut hand, mut digit) = (None, None);
        for word in self.subtypes.iter().flatten().map(|w| stem(w)) {
            match &*word {
                "right" => hand = hand.xor(Some(0)),
                "left" => hand = hand.xor(Some(DIGITS.len())),
                "" => {}
                _ => digit = digit.xor(Some(DIGITS.iter().position(|d| stem(d) == word)?)),
            }
        }
        Finger::TEN.get(hand? + digit?).copied()
    }
}
