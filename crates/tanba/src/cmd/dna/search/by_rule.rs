//! A search by match rule: candidates, with what is to be found by chance.

use std::fmt::Write as _;
use std::time::Instant;

use anyhow::Context;
use serde_json::{Value, json};
use tanba_dna::{
    AdventitiousHits, Category, Comparison, Confidence, Database, Formula, FrequencyTable, PopulationRange, Profile,
    PruemRule, Rule, SourcedRule, Stringency, TwoValueProfile,
};

use super::{Question, Search, stringency_name};

impl Search {
    pub(super) fn by_rule(&self, asked: &Question<'_>, sourced: &SourcedRule) -> anyhow::Result<(Value, String)> {
        let rule = &sourced.rule;
        let Question { query, category, against, database, .. } = asked;
        let started = Instant::now();
        let answer = database.search(query, *category, rule, against)?;
        let ms = started.elapsed().as_secs_f64() * 1e3;
        let chance = self.chance(asked, rule)?;
        let mut human = format!(
            "{} of {} profiles match at {} stringency with at most {} mismatches; {} could not be compared\n\
             {:.2e} hits are to be expected by chance, if all of them are of other, unrelated people ({})",
            answer.hits.len(),
            answer.profiles_searched,
            stringency_name(rule.stringency()),
            rule.max_mismatches(),
            answer.profiles_not_comparable,
            chance.expected,
            chance.population,
        );
        for (field, source) in sourced.doubts() {
            let known = match source.confidence {
                Confidence::NotStated => "stated nowhere that was found",
                _ => "from memory",
            };
            let _ = write!(human, "\nrule {}: {field} is {known} ({})", sourced.name, source.source);
        }
        let mut hits = Vec::new();
        for hit in &answer.hits {
            let specimen = asked.name(hit.specimen);
            let loci = hit.comparison.loci.len();
            let full = hit.comparison.matches(Stringency::High);
            // Writing to a string cannot fail.
            let _ = write!(
                human,
                "\n  {specimen} ({}): {full} of {loci} loci agree fully, {} mismatches",
                hit.category, hit.mismatches
            );
            hits.push(json!({
                "specimen": specimen,
                "category": hit.category.name(),
                "purpose": purpose_name(hit.purpose),
                "loci": loci,
                "full_agreement": full,
                "mismatches": hit.mismatches,
            }));
        }
        let rarity = self.rarity(query, asked.tables)?;
        if let Some(range) = &rarity {
            let _ = write!(
                human,
                "\nthe profile occurs in about 1 of 10^{:.1} unrelated people (population {})",
                -range.most_log10,
                range.each.iter().find(|of| of.log10 >= range.most_log10).map_or("", |of| of.population.as_str())
            );
            if range.each.len() > 1 {
                let _ = write!(human, ", 1 of 10^{:.1} where it is rarest", -range.least_log10);
            }
        }
        let json = json!({
            "rule": json!({ "name": sourced.name, "document": rule, "sources": sourced.sources }),
            "hits": hits,
            "profiles_searched": answer.profiles_searched,
            "profiles_not_comparable": answer.profiles_not_comparable,
            "adventitious_hits_expected": chance.expected,
            "adventitious_hits_by": chance.population,
            "category": category.name(),
            "log10_match_probability": rarity.as_ref().map(|range| range.most_log10),
            "log10_match_probabilities": rarity.map(|range| {
                range.each.iter().map(|of| (of.population.clone(), json!(of.log10))).collect::<serde_json::Map<_, _>>()
            }),
            "ms": ms,
        });
        Ok((json, human))
    }

    pub(super) fn by_pruem(&self, asked: &Question<'_>) -> anyhow::Result<(Value, String)> {
        let query = TwoValueProfile::of(asked.query)?;
        let started = Instant::now();
        let answer = asked.database.search_pruem(&query, asked.category, &PruemRule::DECISION, asked.against)?;
        let ms = started.elapsed().as_secs_f64() * 1e3;
        // Near matches and wildcards let more through than full agreement of six loci, and less than low stringency: that is an
        // upper bound.
        let low = Rule::new(Stringency::Low, 1, PruemRule::DECISION.min_equal_loci)?
            .with_min_full(PruemRule::DECISION.min_equal_loci)?;
        let chance = self.chance(asked, &low)?;
        let mut human = format!(
            "{} of {} profiles match by the Prüm rules; {} could not be compared\n\
             fewer than {:.2e} hits are to be expected by chance ({})",
            answer.hits.len(),
            answer.profiles_searched,
            answer.profiles_not_comparable,
            chance.expected,
            chance.population,
        );
        let hits: Vec<Value> = answer
            .hits
            .iter()
            .map(|hit| {
                let specimen = asked.name(hit.specimen);
                let agreement = json!(hit.agreement);
                let _ = write!(
                    human,
                    "\n  {specimen} ({}): {}, {} of {} loci equal",
                    hit.category,
                    agreement.as_str().unwrap_or_default(),
                    hit.equal_loci,
                    hit.compared_loci
                );
                json!({
                    "specimen": specimen,
                    "category": hit.category.name(),
                    "agreement": agreement,
                    "equal_loci": hit.equal_loci,
                    "loci": hit.compared_loci,
                })
            })
            .collect();
        let json = json!({
            "hits": hits,
            "profiles_searched": answer.profiles_searched,
            "profiles_not_comparable": answer.profiles_not_comparable,
            "adventitious_hits_expected_below": chance.expected,
            "category": asked.category.name(),
            "ms": ms,
        });
        Ok((json, human))
    }

    /// Of several populations the one in which chance gives the most hits; without a table, the searched profiles' own frequencies.
    fn chance(&self, asked: &Question<'_>, rule: &Rule) -> anyhow::Result<AdventitiousHits> {
        let Question { query, category, against, database, tables, .. } = asked;
        let theta = self.theta()?;
        if tables.is_empty() {
            return Ok(database.adventitious_hits_of_own_frequencies(query, *category, rule, against, theta)?);
        }
        let each = tables.iter().map(|table| {
            adventitious(database, query, *category, rule, against, table, self)
                .with_context(|| format!("population {}", table.population()))
        });
        let each = each.collect::<anyhow::Result<Vec<_>>>()?;
        each.into_iter().max_by(|a, b| a.expected.total_cmp(&b.expected)).context("the file of frequencies is empty")
    }

    /// NRC 1996 equation 4.10 in each population.
    fn rarity(&self, query: &Profile, tables: &[FrequencyTable]) -> anyhow::Result<Option<PopulationRange>> {
        if tables.is_empty() {
            return Ok(None);
        }
        Ok(Some(PopulationRange::of(query, tables, Formula::Nrc410, self.theta()?, self.minimum())?))
    }
}

fn adventitious(
    database: &Database,
    query: &Profile,
    category: Category,
    rule: &Rule,
    against: &[Category],
    table: &FrequencyTable,
    search: &Search,
) -> anyhow::Result<AdventitiousHits> {
    Ok(database.adventitious_hits(query, category, rule, against, table, search.theta()?, search.minimum())?)
}

/// The purpose of a comparison, as the answer names it.
pub(super) fn purpose_name(purpose: Comparison) -> &'static str {
    match purpose {
        Comparison::SameSource => "same_source",
        Comparison::Kinship => "kinship",
        Comparison::Quality => "quality",
    }
}
