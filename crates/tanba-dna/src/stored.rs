//! The canonical bytes of a profile, for sealing: equal profiles have equal bytes, and no other bytes are accepted.
//!
//! ```text
//! "TDNA" | version 1 | sex marker (0 none, 1 X, 2 XY, 3 Y) | number of loci n
//! n x ( locus code | number of alleles m | m x allele code, big-endian u16, ascending ), ascending locus codes
//! CRC-32 (IEEE 802.3) of all of the above, big-endian
//! ```
//!
//! The checksum finds damage; against forgery stands the seal around these bytes.

use std::collections::BTreeMap;

use crate::{Allele, DnaError, Genotype, Locus, Profile, SexMarker};

const MAGIC: &[u8; 4] = b"TDNA";
const VERSION: u8 = 1;

impl Profile {
    /// The canonical stored form.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        let sex = match self.sex_marker() {
            None => 0,
            Some(SexMarker::X) => 1,
            Some(SexMarker::Xy) => 2,
            Some(SexMarker::Y) => 3,
        };
        // Twenty loci of at most eight alleles: both counts fit a byte.
        bytes.extend([VERSION, sex, self.typed_loci() as u8]);
        for (locus, genotype) in self.genotypes() {
            bytes.extend([locus.code(), genotype.alleles().len() as u8]);
            bytes.extend(genotype.alleles().iter().flat_map(|allele| allele.code().to_be_bytes()));
        }
        bytes.extend(crc32(&bytes).to_be_bytes());
        bytes
    }

    /// Reads what [`Profile::to_bytes`] wrote, and nothing else.
    ///
    /// # Errors
    /// [`DnaError::BadStoredForm`] for any other bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DnaError> {
        let bad = |reason| DnaError::BadStoredForm { reason };
        let (body, checksum) = bytes.split_last_chunk::<4>().ok_or(bad("too short"))?;
        if crc32(body) != u32::from_be_bytes(*checksum) {
            return Err(bad("the checksum does not fit"));
        }
        let (magic, mut rest) = body.split_first_chunk::<4>().ok_or(bad("too short"))?;
        if magic != MAGIC {
            return Err(bad("not a profile"));
        }
        let mut next = || -> Result<u8, DnaError> {
            let (first, tail) = rest.split_first().ok_or(bad("too short"))?;
            rest = tail;
            Ok(*first)
        };
        if next()? != VERSION {
            return Err(bad("unknown version"));
        }
        let sex_marker = match next()? {
            0 => None,
            1 => Some(SexMarker::X),
            2 => Some(SexMarker::Xy),
            3 => Some(SexMarker::Y),
            _ => return Err(bad("unknown sex marker")),
        };
        let mut loci: BTreeMap<Locus, Genotype> = BTreeMap::new();
        for _ in 0..next()? {
            let locus = Locus::from_code(next()?).ok_or(bad("unknown locus"))?;
            if loci.last_key_value().is_some_and(|(last, _)| *last >= locus) {
                return Err(bad("loci out of order"));
            }
            let mut alleles = Vec::new();
            for _ in 0..next()? {
                let code = u16::from_be_bytes([next()?, next()?]);
                alleles.push(Allele::from_code(code).ok_or(bad("unknown allele"))?);
            }
            let genotype = Genotype::new(alleles.iter().copied())
                .filter(|genotype| genotype.alleles() == alleles)
                .ok_or(bad("alleles out of order"))?;
            loci.insert(locus, genotype);
        }
        if !rest.is_empty() {
            return Err(bad("bytes after the end"));
        }
        Self::from_genotypes(loci, sex_marker).map_err(|_| bad("no locus"))
    }
}

/// CRC-32 as in IEEE 802.3 (reflected, polynomial 0xEDB88320), bit by bit: a profile has some hundred bytes.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 })
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Profiles of every shape: partial, homozygous, tri-allelic, off-ladder, with and without a sex marker.
    pub(crate) fn any_profile() -> impl Strategy<Value = Profile> {
        use crate::AlleleMark::{Above, Below, Exact};
        let mark = prop_oneof![12 => Just(Exact), 1 => Just(Below), 1 => Just(Above)];
        let allele = (mark, 60u16..110).prop_map(|(mark, tenths)| Allele::with_mark(mark, tenths).unwrap());
        let genotype = prop::collection::vec(allele, 1..4).prop_map(|alleles| Genotype::new(alleles).unwrap());
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
