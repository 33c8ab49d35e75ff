//! The canonical bytes of a profile, for sealing: equal profiles have equal bytes, and no other bytes are accepted.
//!
//! ```text
//! "TDNA" | version | sex marker (0 none, 1 X, 2 XY, 3 Y) | number of loci n
//! n x ( locus code | number of alleles m | m x allele code, big-endian u16, ascending ), ascending locus codes
//! CRC-32 (IEEE 802.3) of all of the above, big-endian
//! ```
//!
//! Version 1 has no drop-out marks, and is still written where there are none. In version 2 the highest bit of the number of alleles
//! is such a mark, and there is at least one.
//!
//! The checksum finds damage; against forgery stands the seal around these bytes.

use std::collections::BTreeMap;

use crate::{Allele, DnaError, Genotype, Locus, Profile, SexMarker};

const MAGIC: &[u8; 4] = b"TDNA";
const WITHOUT_MARKS: u8 = 1;
const WITH_MARKS: u8 = 2;
const MARK: u8 = 0x80;

impl Profile {
    /// The canonical stored form.
    pub fn to_bytes(&self) -> Vec<u8> {
        let sex = match self.sex_marker() {
            None => 0,
            Some(SexMarker::X) => 1,
            Some(SexMarker::Xy) => 2,
            Some(SexMarker::Y) => 3,
        };
        let marked = self.genotypes().any(|(_, genotype)| genotype.partner_may_be_lost());
        // Twenty loci of at most eight alleles: both counts fit a byte.
        let mut body = vec![if marked { WITH_MARKS } else { WITHOUT_MARKS }, sex, self.typed_loci() as u8];
        for (locus, genotype) in self.genotypes() {
            let mark = if genotype.partner_may_be_lost() { MARK } else { 0 };
            body.extend([locus.code(), genotype.alleles().len() as u8 | mark]);
            body.extend(genotype.alleles().iter().flat_map(|allele| allele.code().to_be_bytes()));
        }
        framed(MAGIC, &body)
    }

    /// Reads what [`Profile::to_bytes`] wrote, and nothing else.
    ///
    /// # Errors
    /// [`DnaError::BadStoredForm`] for any other bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DnaError> {
        let mut body = Stored::open(MAGIC, bytes)?;
        let version = body.byte()?;
        if ![WITHOUT_MARKS, WITH_MARKS].contains(&version) {
            return Err(bad("unknown version"));
        }
        let sex_marker = match body.byte()? {
            0 => None,
            1 => Some(SexMarker::X),
            2 => Some(SexMarker::Xy),
            3 => Some(SexMarker::Y),
            _ => return Err(bad("unknown sex marker")),
        };
        let mut loci: BTreeMap<Locus, Genotype> = BTreeMap::new();
        for _ in 0..body.byte()? {
            let locus = Locus::from_code(body.byte()?).ok_or(bad("unknown locus"))?;
            if loci.last_key_value().is_some_and(|(last, _)| *last >= locus) {
                return Err(bad("loci out of order"));
            }
            let count = body.byte()?;
            let (marked, count) =
                if version == WITH_MARKS { (count & MARK != 0, count & !MARK) } else { (false, count) };
            let alleles = body.alleles(count)?;
            let genotype = match (alleles.as_slice(), marked) {
                ([one], true) => Genotype::with_dropout_mark(*one),
                (_, true) => return Err(bad("a drop-out mark without its allele")),
                (_, false) => Genotype::new(alleles.iter().copied())
                    .filter(|genotype| genotype.alleles() == alleles)
                    .ok_or(bad("alleles out of order"))?,
            };
            loci.insert(locus, genotype);
        }
        body.end()?;
        if version == WITH_MARKS && !loci.values().any(Genotype::partner_may_be_lost) {
            return Err(bad("version 2 without a drop-out mark"));
        }
        Self::from_genotypes(loci, sex_marker).map_err(|_| bad("no locus"))
    }
}

/// What any other bytes than those that were written are.
pub(crate) fn bad(reason: &'static str) -> DnaError {
    DnaError::BadStoredForm { reason }
}

/// A body between its four letters and its checksum.
pub(crate) fn framed(magic: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let mut bytes = [magic, body].concat();
    bytes.extend(crc32(&bytes).to_be_bytes());
    bytes
}

/// A body being read.
pub(crate) struct Stored<'a>(&'a [u8]);

impl<'a> Stored<'a> {
    /// The body of framed bytes, once letters and checksum have been found right.
    pub(crate) fn open(magic: &[u8; 4], bytes: &'a [u8]) -> Result<Self, DnaError> {
        let (body, checksum) = bytes.split_last_chunk::<4>().ok_or(bad("too short"))?;
        if crc32(body) != u32::from_be_bytes(*checksum) {
            return Err(bad("the checksum does not fit"));
        }
        let (letters, body) = body.split_first_chunk::<4>().ok_or(bad("too short"))?;
        if letters == magic { Ok(Self(body)) } else { Err(bad("it is another kind of profile")) }
    }

    /// So many bytes.
    pub(crate) fn take(&mut self, count: usize) -> Result<&'a [u8], DnaError> {
        let (first, rest) = self.0.split_at_checked(count).ok_or(bad("too short"))?;
        self.0 = rest;
        Ok(first)
    }

    pub(crate) fn byte(&mut self) -> Result<u8, DnaError> {
        Ok(self.take(1)?[0])
    }

    pub(crate) fn u16(&mut self) -> Result<u16, DnaError> {
        Ok(u16::from_be_bytes([self.byte()?, self.byte()?]))
    }

    pub(crate) fn u32(&mut self) -> Result<u32, DnaError> {
        Ok(u32::from(self.u16()?) << 16 | u32::from(self.u16()?))
    }

    /// So many alleles.
    pub(crate) fn alleles(&mut self, count: u8) -> Result<Vec<Allele>, DnaError> {
        (0..count).map(|_| Allele::from_code(self.u16()?).ok_or(bad("unknown allele"))).collect()
    }

    /// That nothing is left.
    pub(crate) fn end(self) -> Result<(), DnaError> {
        if self.0.is_empty() { Ok(()) } else { Err(bad("bytes after the end")) }
    }
}

/// CRC-32 as in IEEE 802.3 (reflected, polynomial 0xEDB88320), bit by bit: a profile has some hundred bytes.
pub(crate) fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 })
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Profiles of every shape: partial, homozygous, tri-allelic, off-ladder, marked, with and without a sex marker.
    pub(crate) fn any_profile() -> impl Strategy<Value = Profile> {
        use crate::AlleleMark::{Above, Below, Exact};
        let mark = prop_oneof![12 => Just(Exact), 1 => Just(Below), 1 => Just(Above)];
        let allele = (mark, 60u16..110).prop_map(|(mark, tenths)| Allele::with_mark(mark, tenths).unwrap());
        let genotype =
            (prop::collection::vec(allele, 1..4), prop::bool::weighted(0.1)).prop_map(|(alleles, marked)| {
                if marked { Genotype::with_dropout_mark(alleles[0]) } else { Genotype::new(alleles).unwrap() }
            });
        let locus = prop::sample::select(Locus::ALL.to_vec());
        let sex = prop::sample::select(vec![None, Some(SexMarker::X), Some(SexMarker::Xy), Some(SexMarker::Y)]);
        (prop::collection::vec((locus, genotype), 1..20), sex)
            .prop_map(|(loci, sex)| Profile::from_genotypes(loci, sex).unwrap())
    }

    #[test]
    fn the_form_is_fixed() {
        let profile = Profile::from_csv("TH01,9.3,6\nvWA,17,17\nAMEL,X,Y", &crate::Panel::CODIS_20).unwrap();
        let hex: String = profile.to_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "54444e410102021202043c045d140104aaa9a0cf3c");
        // The same with a mark beside vWA's allele is of version 2.
        let marked = Profile::from_csv("TH01,9.3,6\nvWA,17,F\nAMEL,X,Y", &crate::Panel::CODIS_20).unwrap();
        let hex: String = marked.to_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(hex.starts_with("54444e410202021202043c045d148104aa"), "{hex}");
        assert_eq!(Profile::from_bytes(&marked.to_bytes()), Ok(marked));
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926, "the check value of CRC-32");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn bytes_lead_back(profile in any_profile()) {
            prop_assert_eq!(Profile::from_bytes(&profile.to_bytes()), Ok(profile));
        }

        #[test]
        fn any_change_is_found(profile in any_profile(), at in any::<prop::sample::Index>(), flip in 1u8..) {
            let mut bytes = profile.to_bytes();
            let at = at.index(bytes.len());
            bytes[at] ^= flip;
            prop_assert!(Profile::from_bytes(&bytes).is_err());
            prop_assert!(Profile::from_bytes(&bytes[..at]).is_err());
        }

        #[test]
        fn accepted_bytes_are_canonical(profile in any_profile(), at in any::<prop::sample::Index>(), with in any::<u8>()) {
            // Damage with a fitting checksum: a forged body must be canonical or refused.
            let mut bytes = profile.to_bytes();
            bytes.truncate(bytes.len() - 4);
            let at = at.index(bytes.len());
            bytes[at] = with;
            bytes.extend(crc32(&bytes).to_be_bytes());
            if let Ok(read) = Profile::from_bytes(&bytes) {
                prop_assert_eq!(read.to_bytes(), bytes);
            }
        }
    }
}
