//! Kinds `codis_stringency`, `prum_rules` and `search_1_to_n`: exact, right or wrong.

use anyhow::Context;
use serde_json::Value;
use tanba_dna::{Agreement, Allele, Category, Database, Genotype, Locus, Profile, Rule, SpecimenId, Stringency};
use tanba_formats::genetic::genotypes::{MarkerGenotype, SampleGenotypes};
use tanba_formats::genetic::pruem::to_transmitted;

use super::check::Check;
use super::{Case, list, text};

/// How well loci agree, one by one and as a profile.
pub(super) fn codis_stringency(vectors: &Value) -> anyhow::Result<Vec<Case>> {
    let mut cases = Vec::new();
    let mut agreements = Vec::new();
    for (n, row) in list(&vectors["locus_cases"])?.iter().enumerate() {
        let mut check = Check::new(format!("{} ({})", text(&row["locus"])?, n + 1));
        let [target, candidate] = [genotype(&row["target"])?, genotype(&row["candidate"])?];
        let agreement = target.zip(candidate).map(|(a, b)| Agreement::between(&a, &b));
        let name = agreement.map_or("no_data", agreement_name);
        check.holds(row["expected"] == name, || format!("{name} where {} is known", row["expected"]));
        agreements.extend(agreement);
        cases.push(check.done());
    }
    for profile in vectors["profile_level"].as_array().into_iter().flatten() {
        let mut check = Check::new(text(&profile["name"])?);
        let levels = [("high", Stringency::High), ("moderate", Stringency::Moderate), ("low", Stringency::Low)];
        for (name, level) in levels {
            let known = &profile["expected_match"][name];
            let matches = agreements.iter().all(|agreement| level.met_by(*agreement));
            check.holds(known.is_null() || *known == matches, || format!("{name}: {matches} where {known} is known"));
        }
        for (key, level) in [("loci_high", Agreement::High), ("loci_moderate", Agreement::Moderate)] {
            let count = agreements.iter().filter(|agreement| **agreement == level).count();
            let known = &profile[key];
            check.holds(known.is_null() || *known == count, || format!("{key}: {count} where {known} is known"));
        }
        cases.push(check.done());
    }
    Ok(cases)
}

/// What the Prüm states transmit. Rules in prose, and rows from memory, inform and are no cases.
pub(super) fn prum_rules(vectors: &Value) -> anyhow::Result<Vec<Case>> {
    let rows = list(&vectors["conversions"])?.iter().filter(|row| row["from_memory"] != true);
    rows.map(|row| {
        let values = list(&row["input"])?.iter().map(text).collect::<anyhow::Result<Vec<_>>>()?;
        let mut check = Check::new(values.join(" "));
        let marker = if values.iter().any(|value| matches!(*value, "X" | "Y")) { "AMEL" } else { "TH01" };
        // A second locus, because a profile of wildcards alone is not transmitted.
        let genotypes = vec![MarkerGenotype::of(marker, values), MarkerGenotype::of("vWA", ["17", "18"])];
        let sample = SampleGenotypes { genotypes, ..SampleGenotypes::default() };
        let sent = to_transmitted(&sample)?.value;
        let sent = sent.loci.iter().find(|locus| locus.marker.as_str() == marker);
        let sent = sent.map_or(["*", "*"], |locus| [locus.values[0].as_str(), locus.values[1].as_str()]);
        let known: Vec<&str> = match &row["export"] {
            Value::String(one) => vec![one, one],
            Value::Array(several) if several.len() == 1 => vec![text(&several[0])?; 2],
            several => list(several)?.iter().map(text).collect::<anyhow::Result<_>>()?,
        };
        check.holds(sent[..] == known[..], || format!("{} is sent where {} is known", sent.join(","), known.join(",")));
        Ok(check.done())
    })
    .collect()
}

/// One against many: the very rows, for each level and number of mismatches.
pub(super) fn search_1_to_n(vectors: &Value) -> anyhow::Result<Vec<Case>> {
    let loci = list(&vectors["loci"])?
        .iter()
        .map(|name| text(name)?.parse::<Locus>().context("a locus is not one of the core set"))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let profile = |row: &Value| -> anyhow::Result<Profile> {
        let (pairs, _) = list(row)?.as_chunks::<2>();
        let mut genotypes = Vec::with_capacity(loci.len());
        for (locus, pair) in loci.iter().zip(pairs) {
            let alleles: Vec<Allele> = pair.iter().filter_map(allele_of_tenths).collect();
            // Two zeros: not typed.
            genotypes.extend(Genotype::new(alleles).map(|genotype| (*locus, genotype)));
        }
        Ok(Profile::from_genotypes(genotypes, None)?)
    };
    let mut database = Database::investigative();
    for (n, row) in list(&vectors["database"])?.iter().enumerate() {
        let profile = profile(row).with_context(|| format!("row {n} of the database"))?;
        database.insert(SpecimenId(n as u128), Category::ConvictedPerson, &profile)?;
    }
    let mut cases = Vec::new();
    for (n, query) in list(&vectors["queries"])?.iter().enumerate() {
        let mut check = Check::new(format!("query {n} ({})", query["cls"].as_str().unwrap_or("no class")));
        let asked = profile(&query["profile"])?;
        let known = query["expected"].as_object().context("a query has no expected rows")?;
        for (name, rows) in known {
            let (level, mismatches) = name.split_once('/').context("an expected key is not level/mismatches")?;
            let level: Stringency = serde_json::from_value(level.into())?;
            let mut rule = Rule::new(level, mismatches.parse()?, loci.len() as u8)?;
            if asked.typed_loci() < rule.min_loci() {
                rule = Rule::new(level, mismatches.parse()?, asked.typed_loci() as u8)?;
            }
            let answer = database.search(&asked, Category::CrimeStain, &rule, &[Category::ConvictedPerson])?;
            let mut found: Vec<u64> = answer.hits.iter().map(|hit| hit.specimen.0 as u64).collect();
            found.sort_unstable();
            let mut known: Vec<u64> = list(rows)?.iter().filter_map(Value::as_u64).collect();
            known.sort_unstable();
            check.holds(found == known, || format!("{name}: {} rows where {} are known", found.len(), known.len()));
        }
        cases.push(check.done());
    }
    Ok(cases)
}

fn allele_of_tenths(value: &Value) -> Option<Allele> {
    Allele::from_tenths(u16::try_from(value.as_u64()?).ok()?)
}

fn genotype(alleles: &Value) -> anyhow::Result<Option<Genotype>> {
    let Some(alleles) = alleles.as_array() else { return Ok(None) };
    let read = alleles.iter().map(|allele| {
        Allele::parse(text(allele)?).context("an allele cannot be read: write a repeat number such as 9 or 9.3")
    });
    Ok(Genotype::new(read.collect::<anyhow::Result<Vec<_>>>()?))
}

fn agreement_name(agreement: Agreement) -> &'static str {
    match agreement {
        Agreement::None => "none",
        Agreement::Low => "low",
        Agreement::Moderate => "moderate",
        Agreement::High => "high",
    }
}
