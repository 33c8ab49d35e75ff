//! The canonical bytes of haplotypes and SNP profiles, for sealing, framed as those of a [`Profile`](crate::Profile): four letters, a
//! version, what follows, CRC-32. Numbers are big-endian.
//!
//! ```text
//! "TYHP" 1 | loci n (u8) | n x ( length and letters of the name | alleles m (u8; 0: null) | m x allele code (u16) ), names ascending
//! "TMTH" 1 | CRC-32 of the reference | ranges n (u8) | n x ( first, last: u16 ), ascending and apart | positions m (u16)
//!          | m x ( position (u16) | 0: as the reference, "-": deleted, or a letter of IUPAC | inserted k (u8) | k x letter ), ascending
//! "TSNP" 1 | SNPs n (u16) | n x ( number (u32) | bases, 4 bits each ), ascending
//! ```
//!
//! A mitochondrial haplotype is differences to a reference and means nothing without it: bytes are read with the reference that they
//! were written with, and no other.

use std::collections::BTreeMap;

use tanba_formats::genetic::marker::{Chromosome, Marker};

use super::bases::bases_of;
use super::mitochondrial::{Change, MOST_CHANGES, MOST_INSERTED, MOST_RANGES};
use super::y_str::{EXTRA_COPIES, YAlleles};
use super::{Base, MtHaplotype, MtReference, SnpProfile, YHaplotype};
use crate::DnaError;
use crate::stored::{Stored, bad, crc32, framed};

const Y: &[u8; 4] = b"TYHP";
const MITOCHONDRIAL: &[u8; 4] = b"TMTH";
const SNP: &[u8; 4] = b"TSNP";
const VERSION: u8 = 1;
const DELETED: u8 = b'-';

impl YHaplotype {
    /// The canonical stored form.
    pub fn to_bytes(&self) -> Vec<u8> {
        // Fewer than a hundred Y loci are known by name, and names have at most 32 letters.
        let mut body = vec![VERSION, self.loci.len() as u8];
        for (name, alleles) in &self.loci {
            let seen: &[crate::Allele] = match alleles {
                YAlleles::Null => &[],
                YAlleles::Seen(seen) => seen,
            };
            body.push(name.len() as u8);
            body.extend(name.as_bytes());
            body.push(seen.len() as u8);
            body.extend(seen.iter().flat_map(|allele| allele.code().to_be_bytes()));
        }
        framed(Y, &body)
    }

    /// Reads what [`YHaplotype::to_bytes`] wrote, and nothing else.
    ///
    /// # Errors
    /// [`DnaError::BadStoredForm`] for any other bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DnaError> {
        let mut body = opened(Y, bytes)?;
        let mut loci: BTreeMap<&'static str, YAlleles> = BTreeMap::new();
        for _ in 0..body.byte()? {
            let length = body.byte()?;
            let name = str::from_utf8(body.take(length.into())?).map_err(|_| bad("unknown locus"))?;
            let marker = Marker::find(name).filter(|marker| marker.name == name && marker.chromosome == Chromosome::Y);
            let marker = marker.ok_or(bad("unknown locus"))?;
            if loci.last_key_value().is_some_and(|(last, _)| *last >= marker.name) {
                return Err(bad("loci out of order"));
            }
            let count = body.byte()?;
            if usize::from(count) > usize::from(marker.copies.max(1)) + EXTRA_COPIES {
                return Err(bad("more alleles than a locus shows"));
            }
            let alleles = body.alleles(count)?;
            if !alleles.is_sorted_by(|a, b| a < b) {
                return Err(bad("alleles out of order"));
            }
            loci.insert(marker.name, if alleles.is_empty() { YAlleles::Null } else { YAlleles::Seen(alleles) });
        }
        body.end()?;
        if loci.is_empty() { Err(bad("no locus")) } else { Ok(Self { loci }) }
    }
}

impl MtHaplotype {
    /// The canonical stored form of a haplotype that was read against this reference.
    pub fn to_bytes(&self, reference: &MtReference) -> Vec<u8> {
        // Positions reach 20,000, ranges 100, differences 1,000, insertions 50: all counts fit.
        let mut body = vec![VERSION];
        body.extend(crc32(&reference.bases).to_be_bytes());
        body.push(self.ranges.len() as u8);
        for (first, last) in &self.ranges {
            body.extend([*first as u16, *last as u16].iter().flat_map(|at| at.to_be_bytes()));
        }
        body.extend((self.changes.len() as u16).to_be_bytes());
        for (at, change) in &self.changes {
            body.extend((*at as u16).to_be_bytes());
            body.push(change.base.map_or(0, |base| base.unwrap_or(DELETED)));
            body.push(change.inserted.len() as u8);
            body.extend(&change.inserted);
        }
        framed(MITOCHONDRIAL, &body)
    }

    /// Reads what [`MtHaplotype::to_bytes`] wrote with the same reference, and nothing else.
    ///
    /// # Errors
    /// [`DnaError::BadStoredForm`] for any other bytes, and for another reference.
    pub fn from_bytes(bytes: &[u8], reference: &MtReference) -> Result<Self, DnaError> {
        let mut body = opened(MITOCHONDRIAL, bytes)?;
        if body.u32()? != crc32(&reference.bases) {
            return Err(bad("it was read against another reference sequence"));
        }
        let mut ranges: Vec<(usize, usize)> = Vec::new();
        for _ in 0..body.byte()? {
            let (first, last) = (usize::from(body.u16()?), usize::from(body.u16()?));
            // Ranges that touch would have been one.
            let after = ranges.last().is_none_or(|before| before.1 + 1 < first);
            if first == 0 || first > last || last > reference.len() || !after {
                return Err(bad("ranges out of order"));
            }
            ranges.push((first, last));
        }
        if ranges.is_empty() || ranges.len() > MOST_RANGES {
            return Err(bad("no range, or too many"));
        }
        let mut changes: BTreeMap<usize, Change> = BTreeMap::new();
        let count = usize::from(body.u16()?);
        for _ in 0..count {
            let at = usize::from(body.u16()?);
            if changes.last_key_value().is_some_and(|(last, _)| *last >= at) {
                return Err(bad("positions out of order"));
            }
            if !ranges.iter().any(|(first, last)| (*first..=*last).contains(&at)) {
                return Err(bad("a position outside the ranges"));
            }
            let base = match body.byte()? {
                0 => None,
                DELETED => Some(None),
                letter if is_letter(letter) && letter != reference.bases[at - 1] => Some(Some(letter)),
                _ => return Err(bad("unknown base")),
            };
            let inserted = body.byte()?;
            let inserted = body.take(inserted.into())?.to_vec();
            if inserted.len() > MOST_INSERTED || !inserted.iter().all(|letter| is_letter(*letter)) {
                return Err(bad("unknown base"));
            }
            if base.is_none() && inserted.is_empty() {
                return Err(bad("a position without a difference"));
            }
            changes.insert(at, Change { base, inserted });
        }
        body.end()?;
        let differences: usize =
            changes.values().map(|change| usize::from(change.base.is_some()) + change.inserted.len()).sum();
        if differences > MOST_CHANGES { Err(bad("too many differences")) } else { Ok(Self { ranges, changes }) }
    }
}

impl SnpProfile {
    /// The canonical stored form.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut body = vec![VERSION];
        body.extend((self.genotypes.len() as u16).to_be_bytes());
        for (number, [a, b]) in &self.genotypes {
            body.extend(number.to_be_bytes());
            body.push((*a as u8) << 4 | *b as u8);
        }
        framed(SNP, &body)
    }

    /// Reads what [`SnpProfile::to_bytes`] wrote, and nothing else.
    ///
    /// # Errors
    /// [`DnaError::BadStoredForm`] for any other bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DnaError> {
        let mut body = opened(SNP, bytes)?;
        let base = |code: u8| [Base::A, Base::C, Base::G, Base::T].get(usize::from(code)).copied();
        let mut genotypes: BTreeMap<u32, [Base; 2]> = BTreeMap::new();
        let count = body.u16()?;
        for _ in 0..count {
            let number = body.u32()?;
            if genotypes.last_key_value().is_some_and(|(last, _)| *last >= number) {
                return Err(bad("SNPs out of order"));
            }
            let code = body.byte()?;
            let pair = base(code >> 4).zip(base(code & 0xF)).filter(|(a, b)| a <= b).ok_or(bad("unknown genotype"))?;
            genotypes.insert(number, pair.into());
        }
        body.end()?;
        if genotypes.is_empty() || genotypes.len() > super::snp::MOST {
            return Err(bad("no SNP, or too many"));
        }
        Ok(Self { genotypes })
    }
}

fn opened<'a>(magic: &[u8; 4], bytes: &'a [u8]) -> Result<Stored<'a>, DnaError> {
    let mut body = Stored::open(magic, bytes)?;
    if body.byte()? == VERSION { Ok(body) } else { Err(bad("unknown version")) }
}

/// Letters are stored as they are compared, in upper case.
fn is_letter(letter: u8) -> bool {
    bases_of(letter) != 0
}

#[cfg(test)]
pub(super) mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::Panel;
    use proptest::prelude::*;

    const PANEL: Panel = Panel::CODIS_20.with_y().with_mitochondrial();

    pub(in super::super) fn reference() -> MtReference {
        MtReference::new("GATTACACACGTCCCCCTAGNACGT").unwrap()
    }

    pub(in super::super) fn any_y() -> impl Strategy<Value = YHaplotype> {
        let texts = prop::sample::select(vec!["null", "14", "24", "13,15", "11", "17.2", "<9", ">30"]);
        let names = prop::sample::subsequence(vec!["DYS19", "DYS385", "DYS390", "DYS391", "DYF387S1", "YGATAH4"], 1..6);
        (names, prop::collection::vec(texts, 6)).prop_map(|(names, texts)| {
            let rows = names.into_iter().zip(texts).map(|(name, texts)| (name, texts.split(',')));
            YHaplotype::from_designations(rows, &PANEL).unwrap()
        })
    }

    pub(in super::super) fn any_mt() -> impl Strategy<Value = MtHaplotype> {
        let ranges = prop::sample::subsequence(vec!["1-8", "10-14", "17-25"], 1..=3);
        let differences = prop::sample::subsequence(
            vec!["1A", "3d", "4.1C", "4.2Y", "5R", "8.1T", "10T", "12del", "14.1C", "17G", "20A", "21N", "25.1G"],
            0..13,
        );
        (ranges, differences).prop_filter_map("what can be meant", |(ranges, differences)| {
            MtHaplotype::new(ranges, differences, &reference(), &PANEL).ok()
        })
    }

    pub(in super::super) fn any_snp() -> impl Strategy<Value = SnpProfile> {
        let base = prop::sample::select(vec!['A', 'C', 'G', 'T']);
        prop::collection::btree_map(1u32..400, (base.clone(), base), 1..40).prop_map(|rows| {
            let rows: Vec<(String, String)> =
                rows.iter().map(|(n, (a, b))| (format!("rs{n}"), format!("{a}{b}"))).collect();
            let permitted: BTreeSet<u32> = (1..400).collect();
            SnpProfile::from_rows(rows.iter().map(|(n, b)| (n.as_str(), b.as_str())), &permitted).unwrap()
        })
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Bytes as the first version wrote them: they must be read for ever.
    #[test]
    fn the_forms_are_fixed() {
        let y = YHaplotype::from_csv("DYS385,11,14\nDYS19,14\nDYS448,null", &PANEL).unwrap();
        assert_eq!(hex(&y.to_bytes()), Y_BYTES);
        let mt = MtHaplotype::from_text("1-8 10-14: 3d 4.1C 5R 10T", &reference(), &PANEL).unwrap();
        assert_eq!(hex(&mt.to_bytes(&reference())), MT_BYTES);
        let snp = SnpProfile::from_csv("rs12,GA\nrs3,T,T", &BTreeSet::from([3, 12])).unwrap();
        assert_eq!(hex(&snp.to_bytes()), SNP_BYTES);
        let other = MtReference::new("GATTACACACGTCCCCCTAGNACGA").unwrap();
        assert!(MtHaplotype::from_bytes(&mt.to_bytes(&reference()), &other).is_err());
        assert!(SnpProfile::from_bytes(&y.to_bytes()).is_err() && YHaplotype::from_bytes(&snp.to_bytes()).is_err());
    }

    const Y_BYTES: &str = "54594850010305445953313901048c0644595333383502046e048c064459533434380033e3a2c7";
    const MT_BYTES: &str = "544d544801577177b30200010008000a000e000400032d00000400014300055200000a5400d007c58a";
    const SNP_BYTES: &str = "54534e5001000200000003330000000c0265a5df02";

    /// Bytes lead back; any change is found; a changed body with a fitting checksum is refused or canonical itself.
    fn hold<H: PartialEq + std::fmt::Debug>(
        value: &H,
        bytes: &[u8],
        (at, flip): (prop::sample::Index, u8),
        read: impl Fn(&[u8]) -> Result<H, DnaError>,
        write: impl Fn(&H) -> Vec<u8>,
    ) -> Result<(), TestCaseError> {
        prop_assert_eq!(&read(bytes).unwrap(), value);
        let place = at.index(bytes.len());
        let mut damaged = bytes.to_vec();
        damaged[place] ^= flip;
        prop_assert!(read(&damaged).is_err() && read(&bytes[..place]).is_err());
        let body = bytes.len() - 4;
        let mut forged = bytes[..body].to_vec();
        forged[at.index(body)] ^= flip;
        forged.extend(crc32(&forged).to_be_bytes());
        if let Ok(read) = read(&forged) {
            prop_assert_eq!(write(&read), forged);
        }
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn bytes_lead_back_and_damage_is_found(
            y in any_y(), mt in any_mt(), snp in any_snp(), at in any::<prop::sample::Index>(), flip in 1u8..,
        ) {
            hold(&y, &y.to_bytes(), (at, flip), YHaplotype::from_bytes, YHaplotype::to_bytes)?;
            let reference = reference();
            let (read, write) = (|bytes: &[u8]| MtHaplotype::from_bytes(bytes, &reference), |mt: &MtHaplotype| mt.to_bytes(&reference));
            hold(&mt, &mt.to_bytes(&reference), (at, flip), read, write)?;
            hold(&snp, &snp.to_bytes(), (at, flip), SnpProfile::from_bytes, SnpProfile::to_bytes)?;
        }
    }
}
