//! Match rules of others, with where each of their fields comes from: what nobody states is said so.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Rule;

/// How well a field of a rule is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// Read in the rule's own text.
    Text,
    /// Told by somebody else.
    Report,
    /// From memory: no text was found.
    Memory,
    /// Nobody states it; the value is a choice of whoever wrote the file.
    NotStated,
}

/// Where a field of a rule comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldSource {
    /// How well it is known.
    pub confidence: Confidence,
    /// Document and place, or what was looked for.
    pub source: String,
}

/// A rule with its sources. As a document: the fields of [`Rule`], and beside them `name` and a table `sources` with an entry for each
/// field that the rule has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Value")]
pub struct SourcedRule {
    /// Whose rule; empty where the file does not say.
    pub name: String,
    /// The rule.
    pub rule: Rule,
    /// By field; empty in a rule of one's own.
    pub sources: BTreeMap<String, FieldSource>,
}

impl SourcedRule {
    /// The fields that no text states, with how they are known.
    pub fn doubts(&self) -> impl Iterator<Item = (&str, &FieldSource)> {
        let open = |source: &FieldSource| matches!(source.confidence, Confidence::Memory | Confidence::NotStated);
        self.sources.iter().filter(move |(_, source)| open(source)).map(|(field, source)| (field.as_str(), source))
    }
}

impl From<Rule> for SourcedRule {
    fn from(rule: Rule) -> Self {
        Self { name: String::new(), rule, sources: BTreeMap::new() }
    }
}

impl TryFrom<Value> for SourcedRule {
    type Error = String;

    fn try_from(document: Value) -> Result<Self, Self::Error> {
        let bad = |reason| format!("the match rule is not usable: {reason}");
        let Value::Object(mut fields) = document else { return Err(bad("it is no object of fields")) };
        let name = match fields.remove("name") {
            None => String::new(),
            Some(Value::String(name)) => name,
            Some(_) => return Err(bad("`name` is a text")),
        };
        let sources: BTreeMap<String, FieldSource> = match fields.remove("sources") {
            None => BTreeMap::new(),
            Some(sources) => serde_json::from_value(sources).map_err(|_| {
                bad("`sources` has for each field a `source` and a `confidence`: text, report, memory or not_stated")
            })?,
        };
        let told: BTreeSet<&String> = sources.keys().collect();
        if !sources.is_empty() && told != fields.keys().collect() {
            return Err(bad("`sources` names each field of the rule, and no other"));
        }
        let rule = serde_json::from_value(Value::Object(fields)).map_err(|error| error.to_string())?;
        Ok(Self { name, rule, sources })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Stringency;

    #[test]
    fn every_field_of_a_sourced_rule_says_where_it_comes_from() {
        let told = |confidence: &str| json!({ "confidence": confidence, "source": "somewhere" });
        let rule = json!({
            "name": "an exchange", "stringency": "high", "max_mismatches": 0, "min_loci": 6,
            "sources": { "stringency": told("text"), "max_mismatches": told("not_stated"), "min_loci": told("memory") },
        });
        let read: SourcedRule = serde_json::from_value(rule.clone()).unwrap();
        assert_eq!((read.name.as_str(), read.rule), ("an exchange", Rule::new(Stringency::High, 0, 6).unwrap()));
        assert_eq!(read.doubts().map(|(field, _)| field).collect::<Vec<_>>(), ["max_mismatches", "min_loci"]);
        let changed = |change: &dyn Fn(&mut Value)| {
            let mut rule = rule.clone();
            change(&mut rule);
            serde_json::from_value::<SourcedRule>(rule).map_err(|error| error.to_string())
        };
        for (change, says) in [
            (&|r: &mut Value| drop(r["sources"].as_object_mut().unwrap().remove("min_loci")) as _, "each field"),
            (&|r: &mut Value| r["sources"]["min_full"] = told("text"), "each field"),
            (&|r: &mut Value| r["sources"]["min_loci"]["confidence"] = json!("sure"), "not_stated"),
            (&|r: &mut Value| r["name"] = json!(3), "`name`"),
            (&|r: &mut Value| r["max_mismatches"] = json!(9), "everybody would be a candidate"),
        ] as [(&dyn Fn(&mut Value), &str); 5]
        {
            let said = changed(change).unwrap_err();
            assert!(said.contains(says), "{said}");
        }
        // A rule without sources is one's own; a field that no rule has is refused.
        let own: SourcedRule = serde_json::from_value(json!(Rule::SAME_PROFILE)).unwrap();
        assert_eq!(own, SourcedRule::from(Rule::SAME_PROFILE));
        assert!(serde_json::from_value::<SourcedRule>(json!({ "stringency": "low", "min_locus": 3 })).is_err());
        assert!(serde_json::from_value::<SourcedRule>(json!(3)).is_err());
    }
}
