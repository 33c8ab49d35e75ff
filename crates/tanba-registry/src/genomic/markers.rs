//! Markers beside the autosomal profile: Y-STR and mitochondrial haplotypes, which relatives share, and identity SNPs.
//!
//! Sealed in one field, as `letter | length (u32) | stored bytes` for each kind that was typed, in the order Y, M, S: a column for
//! each would tell who is a man.

use serde::{Deserialize, Serialize};
use sqlx::SqliteConnection;
use tanba_dna::{Apart, Comparison, MtHaplotype, MtReference, SnpProfile, YHaplotype};
use zeroize::Zeroizing;

use super::NewSpecimen;
use crate::error::{RegistryError, Result};
use crate::ids::SpecimenId;
use crate::law::PermittedLoci;
use crate::params::{MT_POSITIONS_IN_COMMON, SNPS_IN_COMMON, Y_LOCI_IN_COMMON};
use crate::registry::Registry;

/// A kind of marker beside the autosomal profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MarkerSystem {
    /// Y-STR: shared by all men of a father's line.
    Y,
    /// Mitochondrial DNA: shared by everybody of a mother's line.
    Mitochondrial,
    /// Identity SNPs: a person's own.
    Snp,
}

/// What was typed beside the autosomal profile. `Debug` shows no content.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Lineage {
    y: Option<YHaplotype>,
    mitochondrial: Option<MtHaplotype>,
    snps: Option<SnpProfile>,
}

/// How two specimens compare in one kind of marker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Compared {
    pub(super) system: MarkerSystem,
    /// Loci, positions or SNPs typed in both.
    pub(super) common: usize,
    /// What lies between them; `None` where they have too little in common.
    pub(super) apart: Option<Apart>,
}

impl Compared {
    /// Whether they agree but for one mutation, or one lost base; `None` where that cannot be said.
    pub(super) fn agrees(self) -> Option<bool> {
        self.apart.map(|apart| apart.differences == 0 || apart.is_one_step())
    }
}

impl Lineage {
    /// Reads what was typed, each kind only where the law's panel permits it.
    pub(super) fn read(new: &NewSpecimen, loci: &PermittedLoci, reference: Option<&MtReference>) -> Result<Self> {
        let json = |text: &str| text.trim_start().starts_with('{');
        let y = |text: &str| {
            if json(text) { YHaplotype::from_json(text, &loci.panel) } else { YHaplotype::from_csv(text, &loci.panel) }
        };
        let mitochondrial = |text: &str, reference: &MtReference| {
            if json(text) {
                MtHaplotype::from_json(text, reference, &loci.panel)
            } else {
                MtHaplotype::from_text(text, reference, &loci.panel)
            }
        };
        let snps = |text: &str| {
            if json(text) { SnpProfile::from_json(text, &loci.snps) } else { SnpProfile::from_csv(text, &loci.snps) }
        };
        Ok(Self {
            y: new.y.as_deref().map(y).transpose()?,
            mitochondrial: match &new.mitochondrial {
                None => None,
                Some(text) => Some(mitochondrial(text, reference.ok_or_else(no_reference)?)?),
            },
            snps: new.snps.as_deref().map(snps).transpose()?,
        })
    }

    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Y loci, whether mitochondrial DNA was read, SNPs.
    pub(super) fn counts(&self) -> (usize, bool, usize) {
        let y = self.y.as_ref().map_or(0, |y| y.loci().count());
        (y, self.mitochondrial.is_some(), self.snps.as_ref().map_or(0, SnpProfile::len))
    }

    fn to_bytes(&self, reference: Option<&MtReference>) -> Result<Option<Zeroizing<Vec<u8>>>> {
        let mut bytes = Zeroizing::new(Vec::new());
        let mut add = |letter: u8, part: Vec<u8>| {
            let part = Zeroizing::new(part);
            bytes.push(letter);
            bytes.extend(u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
            bytes.extend_from_slice(&part);
        };
        if let Some(y) = &self.y {
            add(b'Y', y.to_bytes());
        }
        if let Some(haplotype) = &self.mitochondrial {
            add(b'M', haplotype.to_bytes(reference.ok_or_else(no_reference)?));
        }
        if let Some(snps) = &self.snps {
            add(b'S', snps.to_bytes());
        }
        Ok((!bytes.is_empty()).then_some(bytes))
    }

    fn from_bytes(mut bytes: &[u8], reference: Option<&MtReference>) -> Result<Self> {
        let damaged = || RegistryError::Damaged { what: "specimen" };
        let (mut lineage, mut last) = (Self::default(), 0);
        while let Some((letter, rest)) = bytes.split_first() {
            let place = b"YMS".iter().position(|known| known == letter).ok_or_else(damaged)? + 1;
            let (length, rest) = rest.split_first_chunk::<4>().ok_or_else(damaged)?;
            let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| damaged())?;
            let (part, rest) = rest.split_at_checked(length).ok_or_else(damaged)?;
            if place <= last {
                return Err(damaged());
            }
            match letter {
                b'Y' => lineage.y = Some(YHaplotype::from_bytes(part)?),
                b'M' => {
                    let reference = reference.ok_or_else(damaged)?;
                    lineage.mitochondrial = Some(MtHaplotype::from_bytes(part, reference)?);
                }
                _ => lineage.snps = Some(SnpProfile::from_bytes(part)?),
            }
            (bytes, last) = (rest, place);
        }
        Ok(lineage)
    }

    /// Holds two against each other in every kind of marker that both have. SNPs are a person's own, and say nothing of relatives.
    pub(super) fn compare(&self, other: &Self, purpose: Comparison, reference: Option<&MtReference>) -> Vec<Compared> {
        let enough = |system, common, least: usize, apart: Apart| Compared {
            system,
            common,
            apart: (common >= least).then_some(apart),
        };
        let y = self.y.as_ref().zip(other.y.as_ref()).map(|(ours, theirs)| {
            let found = ours.compare(theirs);
            let differences = found.differing.len();
            let apart = Apart { differences, beyond_one_step: differences - found.one_step.len() };
            enough(MarkerSystem::Y, found.compared, Y_LOCI_IN_COMMON, apart)
        });
        let both = self.mitochondrial.as_ref().zip(other.mitochondrial.as_ref()).zip(reference);
        let mitochondrial = both.map(|((ours, theirs), reference)| {
            let found = ours.compare(theirs, reference);
            let differences = found.apart_from_length.unwrap_or(usize::MAX);
            let apart = Apart { differences, beyond_one_step: 0 };
            enough(MarkerSystem::Mitochondrial, found.positions, MT_POSITIONS_IN_COMMON, apart)
        });
        let snps = self.snps.as_ref().zip(other.snps.as_ref()).filter(|_| purpose == Comparison::SameSource);
        let snps = snps.map(|(ours, theirs)| {
            let found = ours.compare(theirs);
            let apart = Apart { differences: found.compared - found.equal, beyond_one_step: found.opposite };
            enough(MarkerSystem::Snp, found.compared, SNPS_IN_COMMON, apart)
        });
        [y, mitochondrial, snps].into_iter().flatten().collect()
    }
}

impl Registry {
    pub(super) fn lineage_bytes(&self, lineage: &Lineage) -> Result<Option<Zeroizing<Vec<u8>>>> {
        lineage.to_bytes(self.genomic_index().reference.as_ref())
    }

    /// The lineage markers of a specimen; `None` where it has none or its keys are gone.
    pub(super) async fn lineage_of(&self, sql: &mut SqliteConnection, id: SpecimenId) -> Result<Option<Lineage>> {
        let plain = self.specimen_field(sql, id, "lineage").await?;
        plain.map(|bytes| Lineage::from_bytes(&bytes, self.genomic_index().reference.as_ref())).transpose()
    }
}

fn no_reference() -> RegistryError {
    RegistryError::Conflict {
        what: "this register has no reference sequence of mitochondrial DNA",
        next: "have the administrator enter the revised Cambridge reference sequence first",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_forms_lead_back_and_nothing_else_is_read() {
        let panel = tanba_dna::Panel::CODIS_20.with_y().with_mitochondrial();
        let reference = MtReference::new(&"ACGT".repeat(100)).unwrap();
        let full = Lineage {
            y: Some(YHaplotype::from_csv("DYS390,24\nDYS385,11,14", &panel).unwrap()),
            mitochondrial: Some(MtHaplotype::from_text("1-300: 2T", &reference, &panel).unwrap()),
            snps: Some(SnpProfile::from_csv("rs1,A,G", &[1].into()).unwrap()),
        };
        let bytes = full.to_bytes(Some(&reference)).unwrap().unwrap();
        assert_eq!(Lineage::from_bytes(&bytes, Some(&reference)).unwrap(), full);
        assert!(Lineage::from_bytes(&bytes, None).is_err(), "without its reference it means nothing");
        let snps = Lineage { snps: full.snps.clone(), ..Lineage::default() };
        let alone = snps.to_bytes(None).unwrap().unwrap();
        assert_eq!(Lineage::from_bytes(&alone, None).unwrap(), snps);
        assert!(Lineage::default().to_bytes(None).unwrap().is_none());
        for wrong in [&bytes[..bytes.len() - 1], &bytes[1..], &[&alone[..], &alone[..]].concat(), b"X\0\0\0\0", b"Y"] {
            assert!(Lineage::from_bytes(wrong, Some(&reference)).is_err());
        }
        assert!(!format!("{full:?}").contains("24"));
    }
}
