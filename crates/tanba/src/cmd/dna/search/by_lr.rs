//! A search by likelihood ratio: leads, with how many to expect among unrelated people.

use std::fmt::Write as _;
use std::time::Instant;

use anyhow::bail;
use serde_json::{Value, json};
use tanba_dna::kinship::MutationModel;
use tanba_dna::{Hypothesis, LrBound, LrSearch, Mutation, ParentRole, Relation, TwoPeople};

use super::by_rule::purpose_name;
use super::{MutationKind, Question, Search};

impl Search {
    pub(super) fn by_lr(&self, asked: &Question<'_>, relation: Relation) -> anyhow::Result<(Value, String)> {
        let [table] = asked.tables else {
            bail!(
                "a search by likelihood ratio needs the frequencies of one population: give --frequencies with one table \
                 (it holds {})",
                asked.tables.len()
            );
        };
        let two = TwoPeople::new(self.hypothesis(relation)?, table, self.theta()?, self.minimum())?;
        let bound = LrBound { least_log10: self.min_log10_lr, most: self.most, min_loci: self.min_loci };
        let Question { query, category, against, database, .. } = asked;
        let search = LrSearch { query, category: *category, two: &two, against, bound };
        let expected = database.leads_to_expect(&search)?;
        let started = Instant::now();
        let answer = database.search_by_lr(&search)?;
        let ms = started.elapsed().as_secs_f64() * 1e3;
        let mut human = format!(
            "{} of {} profiles reach a likelihood ratio of 10^{} as {relation}; {} could not be compared\n\
             {:.3} leads are to be expected although nobody is related; {:.1} % of true ones reach it ({})",
            answer.reached,
            answer.profiles_searched,
            bound.least_log10,
            answer.profiles_not_comparable,
            expected.unrelated[1],
            100.0 * expected.found[0],
            table.population(),
        );
        if !answer.left_out.is_empty() {
            let left_out: Vec<&str> = answer.left_out.iter().map(|locus| locus.name()).collect();
            let _ = write!(human, "\nleft out, because they cannot be weighed: {}", left_out.join(", "));
        }
        let hits: Vec<Value> = answer
            .leads
            .iter()
            .map(|lead| {
                let specimen = asked.name(lead.specimen);
                let _ = write!(
                    human,
                    "\n  {specimen} ({}): 10^{:.2} at {} loci",
                    lead.category,
                    lead.log10_lr,
                    lead.loci.len()
                );
                json!({
                    "specimen": specimen,
                    "category": lead.category.name(),
                    "purpose": purpose_name(lead.purpose),
                    "log10_lr": lead.log10_lr,
                    "loci": lead.loci.iter().map(|at| (at.locus.name().to_owned(), json!(at.log10_lr)))
                        .collect::<serde_json::Map<_, _>>(),
                })
            })
            .collect();
        let json = json!({
            "hits": hits,
            "reached": answer.reached,
            "profiles_searched": answer.profiles_searched,
            "profiles_not_comparable": answer.profiles_not_comparable,
            "unrelated_leads_expected": expected.unrelated,
            "share_of_true_ones_found": expected.found,
            "left_out": answer.left_out,
            "relation": relation.name(),
            "category": category.name(),
            "ms": ms,
        });
        Ok((json, human))
    }

    fn hypothesis(&self, relation: Relation) -> anyhow::Result<Hypothesis> {
        if relation == Relation::Same {
            if self.mutation_rate.is_some() {
                bail!("a person does not mutate into the same person: leave --mutation-rate out");
            }
            return Ok(Hypothesis::SameSource { dropout: self.dropout, dropin: self.dropin });
        }
        let Some(rate) = self.mutation_rate else { return Ok(Hypothesis::Kinship { kappa: relation.kappa() }) };
        let (rate2, range) = (self.mutation_rate2, self.mutation_range);
        let model = match self.mutation_model {
            MutationKind::Equal => MutationModel::Equal { rate },
            MutationKind::Proportional => MutationModel::Proportional { rate },
            MutationKind::Stepwise => MutationModel::Stepwise { rate, rate2, range },
            MutationKind::StepwiseStationary => MutationModel::StepwiseStationary { rate, range },
            MutationKind::Onestep => MutationModel::OneStep { rate },
        };
        let generations = matches!(relation, Relation::ParentChild | Relation::Grandparent | Relation::Avuncular);
        let first_is = match self.query_is.as_deref() {
            Some("child") => ParentRole::Child,
            Some(_) => ParentRole::Parent,
            None if generations => {
                bail!("with mutation the two are not alike: give --query-is parent or --query-is child")
            }
            // Of one generation; either says the same.
            None => ParentRole::Parent,
        };
        Ok(Hypothesis::Related { relation, mutation: Mutation { model, first_is } })
    }
}
