//! Genomic registration: the groups of the law, what is searched with them, and what becomes of a hit.

mod contamination;
mod examination;
pub(crate) mod likelihood;
pub(crate) mod lineage;
mod reconciliation;
mod registration;

use serde_json::{Map, Value, json};
use tanba_dna::{Category, Locus, Panel, Profile};
use tanba_registry::{
    CaseId, GenomicAnswer, NewCase, NewReference, NewSpecimen, ReferenceKind, Result, SearchGrounds, SpecimenId,
    SpecimenView,
};
use tanba_synth::StrGenotype;

use crate::house::{House, adult};

pub(crate) async fn case(house: &House, number: &str) -> CaseId {
    let new = NewCase { number: number.to_owned(), kind: "crime".to_owned() };
    house.registry.open_case(&house.dna_examiner, &new).await.unwrap()
}

pub(crate) fn facts(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => unreachable!("facts are given as an object"),
    }
}

/// What the law asks of a group, given.
fn lawful(category: Category) -> Map<String, Value> {
    facts(match category {
        Category::ConvictedPerson => json!({"offence": "grave", "judgment_final": true}),
        Category::CrimeStain | Category::UnidentifiedPerson => json!({"investigator_order": true}),
        Category::RelativeOfMissing | Category::MissingPersonReference => {
            json!({"written_consent": true, "relationship": "parent"})
        }
        Category::UnidentifiedBody | Category::Elimination => json!({}),
    })
}

/// A specimen with this autosomal profile and what the law asks of its group.
pub(crate) fn specimen(category: Category, case: CaseId, key: &str, profile: Option<&Profile>) -> NewSpecimen {
    NewSpecimen {
        client_key: key.to_owned(),
        category,
        label: format!("tube {key}"),
        case,
        profile: profile.map(Profile::to_csv),
        y: None,
        mitochondrial: None,
        snps: None,
        batch: None,
        iin: None,
        facts: lawful(category),
    }
}

/// The autosomal profile of a person who does not exist.
pub(crate) fn profile(seed: u64) -> Profile {
    adult(seed).genotype.profile()
}

/// A child: the first allele of each parent at every locus.
pub(crate) fn child_of(a: &Profile, b: &Profile) -> Profile {
    let first = |parent: &Profile, locus| parent.at(locus).unwrap().alleles()[0];
    let rows: Vec<String> = Locus::ALL.iter().map(|l| format!("{l},{},{}", first(a, *l), first(b, *l))).collect();
    Profile::from_csv(&rows.join("\n"), &Panel::CODIS_20).unwrap()
}

impl House {
    pub(crate) async fn specimen(&self, new: &NewSpecimen) -> Result<SpecimenView> {
        self.registry.register_specimen(&self.dna_examiner, new).await
    }

    pub(crate) async fn profile_search(&self, id: SpecimenId, case: CaseId, purpose: &str) -> Result<GenomicAnswer> {
        let grounds = SearchGrounds { case, purpose, legal_basis: "order 12" };
        self.registry.search_specimen(&self.dna_examiner, id, grounds).await
    }

    /// Enters the allele frequencies of the people who do not exist, as `synthetic`.
    pub(crate) async fn enter_frequencies(&self) {
        let table = StrGenotype::frequencies();
        let rows = Locus::ALL.into_iter().flat_map(|locus| {
            table.alleles(locus).map(move |(allele, p)| format!("{locus},{allele},{p},1000")).collect::<Vec<_>>()
        });
        let rows: Vec<String> = rows.collect();
        self.enter(ReferenceKind::AlleleFrequencies, "synthetic", &rows.join("\n")).await.unwrap();
    }

    pub(crate) async fn enter(&self, kind: ReferenceKind, name: &str, content: &str) -> Result<()> {
        let new = NewReference { kind, name: name.to_owned(), content: content.to_owned() };
        self.registry.enter_reference(&self.administrator, &new).await.map(drop)
    }
}
