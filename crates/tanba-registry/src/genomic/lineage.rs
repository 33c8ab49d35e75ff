//! Markers beside the autosomal profile: Y-STR and mitochondrial haplotypes, which relatives share, and identity SNPs.
//!
//! Sealed in one field, as `letter | length (u32) | stored bytes` for each kind that was typed, in the order Y, M, S: a column for
//! each would tell who is a man.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::SqliteConnection;
use tanba_dna::{Apart, Category, Comparison, HaplotypeCount, MtHaplotype, MtReference, SnpProfile, YHaplotype};
use tanba_law::AccessAct;
use zeroize::Zeroizing;

use super::index::GenomicIndex;
use super::search::{GenomicHit, HitRow, Method};
use super::{NewSpecimen, SearchGrounds, SearchRow, count, is_for_finding};
use crate::actor::{Actor, Role};
use crate::error::{RegistryError, Result};
use crate::ids::{SearchId, SpecimenId};
use crate::institutions::code;
use crate::journal::Entry;
use crate::law::PermittedLoci;
use crate::params::{HAPLOTYPE_CONFIDENCE, MT_POSITIONS_IN_COMMON, SNPS_IN_COMMON, Y_LOCI_IN_COMMON};
use crate::registry::Registry;
use crate::store::WriteTx;

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

/// What one kind of marker met in a search.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LineageCount {
    /// Which markers.
    pub system: MarkerSystem,
    /// Haplotypes that were compared.
    pub compared: u64,
    /// Specimens typed for these markers with too little in common: neither found nor excluded.
    pub not_comparable: u64,
    /// Those that agree, or are one mutation away.
    pub agreeing: u64,
    /// So many of the compared may agree by chance: the upper limit (95 %) of the share that agrees, times those compared, as if all
    /// that agree did so by chance. In a small register it is large, because little can then be said.
    pub by_chance_at_most: f64,
}

/// The answer of a search by lineage markers.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LineageAnswer {
    /// The search.
    pub search: SearchId,
    /// Where in the log it stands.
    pub log_seq: u64,
    /// What each kind of marker met.
    pub systems: Vec<LineageCount>,
    /// What was found. Relatives share these markers: a hit is never an identification by itself.
    pub hits: Vec<GenomicHit>,
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

/// Whether the compared markers make a hit: of one person all must agree; a relative shares one line and need not share the other.
fn is_hit(compared: &[Compared], purpose: Comparison) -> bool {
    let mut verdicts = compared.iter().filter_map(|one| one.agrees());
    match purpose {
        Comparison::Kinship => verdicts.any(|agrees| agrees),
        _ => compared.iter().any(|one| one.agrees() == Some(true)) && verdicts.all(|agrees| agrees),
    }
}

fn no_reference() -> RegistryError {
    RegistryError::Conflict {
        what: "this register has no reference sequence of mitochondrial DNA",
        next: "have the administrator enter the revised Cambridge reference sequence first",
    }
}

impl GenomicIndex {
    fn search_lineage(
        &self,
        query: (SpecimenId, Category, &Lineage),
        among: &[Category],
    ) -> (Vec<HitRow>, BTreeMap<MarkerSystem, [usize; 3]>) {
        let (own, category, lineage) = query;
        let (mut found, mut counts) = (Vec::new(), BTreeMap::<MarkerSystem, [usize; 3]>::new());
        for (id, (group, other)) in self.lineages.iter().filter(|(id, _)| **id != own) {
            let Some(purpose) = category.compared_with(*group).filter(|_| among.contains(group)) else { continue };
            let compared = lineage.compare(other, purpose, self.reference.as_ref());
            for one in &compared {
                let [all, apart, agreeing] = counts.entry(one.system).or_default();
                match one.agrees() {
                    None => *apart += 1,
                    Some(agrees) => {
                        *all += 1;
                        *agreeing += usize::from(agrees);
                    }
                }
            }
            if is_hit(&compared, purpose) {
                let told = || compared.iter().filter(|one| one.apart.is_some());
                let of = |one: &Compared| if one.system == MarkerSystem::Mitochondrial { 1 } else { one.common };
                let differences: usize =
                    told().filter_map(|one| one.apart).map(|apart| apart.differences.min(99)).sum();
                found.push(HitRow {
                    specimen: *id,
                    loci_compared: u32::try_from(told().map(of).sum::<usize>()).unwrap_or(u32::MAX),
                    mismatches: u32::try_from(differences).unwrap_or(u32::MAX),
                    log10_lr: None,
                });
            }
        }
        found.sort_by_key(|found| (found.mismatches, u32::MAX - found.loci_compared, found.specimen));
        (found, counts)
    }
}

impl Registry {
    /// Searches with a specimen's Y, mitochondrial and SNP markers among those who are looked for and those who look for them.
    /// Relatives share such markers, so that nothing of a crime is searched with them or found.
    ///
    /// # Errors
    /// Denied for specimens that have to do with crime, and with the clause where purpose, case, basis or the body's right is
    /// missing; a conflict where the specimen is held back or has no such markers.
    pub async fn search_lineage(
        &self,
        actor: &Actor,
        specimen: SpecimenId,
        grounds: SearchGrounds<'_>,
    ) -> Result<LineageAnswer> {
        self.demand(actor, Role::DnaExaminer, "search with lineage markers").await?;
        code("purpose", grounds.purpose)?;
        let mut sql = self.inner.pool.acquire().await?;
        let (category, person) = self.searchable(&mut sql, specimen).await?;
        let lineage = self.lineage_of(&mut sql, specimen).await?.filter(|lineage| !lineage.is_empty());
        drop(sql);
        let (denied, own) = ("lineage_search.denied", (category, AccessAct::KinshipSearch));
        self.demand_for_finding(actor, specimen, own, &grounds, denied).await?;
        let groups = Category::ALL.into_iter().filter(|group| is_for_finding(*group)).filter_map(|group| {
            let act = match category.compared_with(group)? {
                Comparison::Kinship => AccessAct::KinshipSearch,
                _ => AccessAct::Search,
            };
            Some((group, act))
        });
        let permitted = self.permitted_groups(actor, specimen, &grounds, denied, groups).await?;
        let lineage = lineage.ok_or(RegistryError::Conflict {
            what: "no lineage markers were typed of this specimen",
            next: "search with its autosomal profile",
        })?;
        let (found, counts) = self.genomic_index().search_lineage((specimen, category, &lineage), &permitted.groups);
        let systems = counts.into_iter().map(|(system, counts)| lineage_count(system, counts));
        let systems: Vec<LineageCount> = systems.collect::<Result<_>>()?;

        let mut tx = WriteTx::begin(&self.inner).await?;
        let compared = systems.iter().map(|count| count.compared).max().unwrap_or(0);
        let by_chance = systems.iter().map(|count| count.by_chance_at_most).reduce(f64::min);
        let found = Self::still_live(tx.sql(), found).await?;
        let row = SearchRow {
            populations: &permitted.populations,
            compared,
            any: !found.is_empty(),
            grounds: &grounds,
            by_chance,
        };
        let search = Self::write_search(&mut tx, &row).await?;
        let (hits, people) = Self::write_hits(&mut tx, search, specimen, &found, Method::Lineage).await?;
        let entry = Entry::look("lineage.searched", actor)
            .purpose(grounds.purpose)
            .law(&permitted.pack_hash, &permitted.clause)
            .about_all(person.into_iter().chain(people))
            .details(json!({"specimen": specimen, "case": grounds.case, "search": search, "populations": permitted.populations, "legal_basis": grounds.legal_basis, "systems": systems, "hits": hits.iter().map(|h| h.specimen).collect::<Vec<_>>()}));
        let log_seq = tx.commit(&entry).await?;
        Ok(LineageAnswer { search, log_seq, systems, hits })
    }

    /// Searches that reach relatives are made with what serves to find somebody, and with nothing else; and the specimen's own
    /// group must be open to them too, not only the groups that are searched.
    pub(super) async fn demand_for_finding(
        &self,
        actor: &Actor,
        specimen: SpecimenId,
        own: (Category, AccessAct),
        grounds: &SearchGrounds<'_>,
        denied: &'static str,
    ) -> Result<()> {
        if is_for_finding(own.0) {
            return self.permitted_groups(actor, specimen, grounds, denied, [own]).await.map(drop);
        }
        let denial = Entry::denial(denied, Some(actor)).details(json!({"specimen": specimen, "category": own.0}));
        let words =
            "relatives are looked for to find the missing and to name the dead, never from a crime or a conviction";
        self.deny(denial, "not_for_finding", "categories of specimens", words, Vec::new()).await
    }

    pub(super) fn lineage_bytes(&self, lineage: &Lineage) -> Result<Option<Zeroizing<Vec<u8>>>> {
        lineage.to_bytes(self.genomic_index().reference.as_ref())
    }

    /// The lineage markers of a specimen; `None` where it has none or its keys are gone.
    pub(super) async fn lineage_of(&self, sql: &mut SqliteConnection, id: SpecimenId) -> Result<Option<Lineage>> {
        let plain = self.specimen_field(sql, id, "lineage").await?;
        plain.map(|bytes| Lineage::from_bytes(&bytes, self.genomic_index().reference.as_ref())).transpose()
    }
}

fn lineage_count(system: MarkerSystem, [compared, not_comparable, agreeing]: [usize; 3]) -> Result<LineageCount> {
    let by_chance_at_most = match compared {
        0 => 0.0,
        _ => {
            let limit = HaplotypeCount::new(count(agreeing), count(compared))?.upper_limit(HAPLOTYPE_CONFIDENCE)?;
            limit * compared as f64
        }
    };
    Ok(LineageCount {
        system,
        compared: count(compared),
        not_comparable: count(not_comparable),
        agreeing: count(agreeing),
        by_chance_at_most,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compared(system: MarkerSystem, apart: Option<(usize, usize)>) -> Compared {
        let apart = apart.map(|(differences, beyond_one_step)| Apart { differences, beyond_one_step });
        Compared { system, common: 10, apart }
    }

    #[test]
    fn a_relative_shares_one_line_and_one_person_shares_all() {
        use Comparison::{Kinship, SameSource};
        use MarkerSystem::{Mitochondrial, Snp, Y};
        let (same, step, far, unknown) = (Some((0, 0)), Some((1, 0)), Some((3, 2)), None);
        for (y, mitochondrial, person, relative) in [
            (same, same, true, true),
            (same, step, true, true),
            (same, far, false, true),
            (far, same, false, true),
            (far, far, false, false),
            (unknown, same, true, true),
            (unknown, unknown, false, false),
            (Some((1, 1)), unknown, false, false),
        ] {
            let pair = [compared(Y, y), compared(Mitochondrial, mitochondrial)];
            assert_eq!((is_hit(&pair, SameSource), is_hit(&pair, Kinship)), (person, relative), "{pair:?}");
        }
        assert!(!is_hit(&[], SameSource) && !is_hit(&[], Kinship));
        assert!(is_hit(&[compared(Snp, step)], SameSource));
    }

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
