//! The law packs in use, and their answers in the form that the registry keeps and shows.
//!
//! This is the registry's only door to `tanba-law`: everything that depends on a country comes through here as data.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tanba_dna::{Locus, Panel};
use tanba_law::{
    AccessAct, AccessRequest, ActivePack, Condition, ConsequenceKind, DataClass, Decision, Duty, ExemptionEffect,
    Library, RefusalEvent, RefusalHistory, RefusalState, RetentionKind, RetentionRecord, SanctionFacts, Subject, Text,
    Trigger,
};

use crate::error::{RegistryError, Result};
use crate::registry::Mode;

/// The packs of a jurisdiction in use here.
pub(crate) struct LawBook {
    fingerprint: ActivePack<'static>,
    genomic: ActivePack<'static>,
}

/// Something still to be given, or to be done, in plain words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LawItem {
    /// Stable name.
    pub code: String,
    /// In Kazakh, Russian and English.
    pub text: Text,
}

/// A consequence that a refusal may have.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LawConsequence {
    /// Place in the order, from 1.
    pub order: u8,
    /// `fine`, `deny_document`, `expel`, `imprison`, `deny_entry`.
    pub kind: ConsequenceKind,
    /// The clause.
    pub clause: String,
    /// In Kazakh, Russian and English.
    pub text: Text,
}

/// What the law says of a person in an encounter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LawAnswer {
    /// `must`, `may` or `must_not`.
    pub category: String,
    /// What is still to be given before anything is taken.
    pub missing: Vec<LawItem>,
    /// What the registering body must do.
    pub obligations: Vec<LawItem>,
    /// What a refusal may lead to, in order.
    pub consequences: Vec<LawConsequence>,
    /// The pack.
    pub pack: String,
    /// Its hash.
    pub pack_hash: String,
    /// The deciding clause.
    pub clause: String,
    /// Why, in plain words.
    pub text: Text,
    /// What was noticed.
    pub diagnostics: Vec<String>,
    /// The pack is a draft and this is a demonstration.
    pub demonstration: bool,
    /// Where the deciding clause stands, and how well that is known.
    pub ground: Option<LawGround>,
}

/// Where a clause comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LawGround {
    /// The act and, where it is known, the article.
    pub cite: String,
    /// Where it was read.
    pub source: String,
    /// How well it is known: `A` official text, `B` secondary source, `S` the article, `C` general knowledge, `X` unknown.
    pub confidence: String,
}

impl LawAnswer {
    /// Whether the law forbids registration.
    pub(crate) fn forbids(&self) -> bool {
        self.category == "must_not"
    }

    pub(crate) fn needs(&self) -> Vec<Text> {
        self.missing.iter().map(|m| m.text.clone()).collect()
    }
}

/// The loci of a genomic profile that may be stored.
pub(crate) struct PermittedLoci {
    pub panel: Panel,
    /// Identity SNPs, by number of the reference SNP.
    pub snps: BTreeSet<u32>,
    /// The pack that permits them.
    pub pack_hash: String,
}

/// What follows a refusal now.
pub(crate) struct RefusalAnswer {
    /// The step that an authority may decide now, if any.
    pub step: Option<LawConsequence>,
    pub units: Option<f64>,
    pub index: Option<String>,
    pub amount: Option<f64>,
    pub authority: String,
    pub interim_document: bool,
    pub clause: String,
    pub pack_hash: String,
    pub text: Text,
}

/// A request for access, in the law's terms.
pub(crate) struct AccessFacts<'a> {
    pub body: &'a str,
    pub purpose: Option<&'a str>,
    pub legal_basis: Option<&'a str>,
    pub case_present: bool,
    pub act: AccessAct,
    pub data: DataClass,
    pub population: &'a str,
    pub sanction: Option<SanctionFacts>,
    pub at: i64,
}

/// The law's answer to a request for access.
pub(crate) struct AccessAnswer {
    pub permit: bool,
    pub code: String,
    pub clause: String,
    pub text: Text,
    pub needs: Vec<Text>,
    pub fields: BTreeSet<String>,
    pub assumed: Vec<String>,
    pub pack_hash: String,
    pub consumes_sanction: bool,
}

impl LawBook {
    /// The packs of a jurisdiction, activated in the instance's mode.
    pub(crate) fn open(jurisdiction: &str, mode: Mode) -> Result<Self> {
        let (fingerprint, genomic, sheet) = match jurisdiction {
            "kz" => ("kz-2016-as-enacted", "kz-genomic-2021", "kz-demo"),
            _ => {
                return Err(RegistryError::DataFolder {
                    what: "names a jurisdiction that this version has no law packs for".to_owned(),
                    next: "use kz, or a version of tanba that has the packs",
                });
            }
        };
        let library = Library::embedded();
        let pack = |id: &'static str| library.pack(id).ok_or(RegistryError::Damaged { what: "law pack" });
        let sheet = library.sheet(sheet).ok_or(RegistryError::Damaged { what: "assumption sheet" })?;
        let mode = match mode {
            Mode::Demonstration => tanba_law::Mode::Demonstration(sheet),
            Mode::Production => tanba_law::Mode::Production,
        };
        Ok(Self {
            fingerprint: tanba_law::activate(pack(fingerprint)?, mode)?,
            genomic: tanba_law::activate(pack(genomic)?, mode)?,
        })
    }

    /// Must, may or must not this person's prints be registered?
    pub(crate) fn enrolment(&self, facts: &Map<String, Value>, today: Date) -> Result<LawAnswer> {
        answer(&self.fingerprint, facts, today)
    }

    /// What a body may ask about people's prints and identity, rule by rule.
    pub(crate) fn access_rules(&self, body: &str) -> Vec<&'static tanba_law::AccessRule> {
        let mut rules = self.fingerprint.access_rules(body);
        rules.retain(|rule| rule.populations.iter().any(|population| population == "civil"));
        rules
    }

    /// Whether a body may carry out registration on an event; a trigger that the law does not know is left to the law's
    /// own answer.
    pub(crate) fn conducts(&self, body: &str, trigger: &str) -> bool {
        Trigger::from_name(trigger).is_none_or(|trigger| self.fingerprint.pack().conducts(body, trigger).is_some())
    }

    /// The same for a genomic profile.
    pub(crate) fn genomic(&self, facts: &Map<String, Value>, today: Date) -> Result<LawAnswer> {
        answer(&self.genomic, facts, today)
    }

    /// The loci that may be stored; where the law is not known, the reason in its own words.
    pub(crate) fn genomic_panel(&self) -> std::result::Result<PermittedLoci, (Text, String)> {
        let answer = self.genomic.panel();
        let law = answer.panel.map_err(|reason| (reason, self.genomic.pack().hash().to_string()))?;
        // A locus that this program has no value for is none that it could store.
        let autosomal = law.autosomal.iter().filter_map(|name| Locus::parse(name));
        let mut panel = Panel::new(autosomal, law.sex_marker);
        if law.y_str {
            panel = panel.with_y();
        }
        if law.mitochondrial {
            panel = panel.with_mitochondrial();
        }
        let pack_hash = self.genomic.pack().hash().to_string();
        Ok(PermittedLoci { panel, snps: law.identity_snps.iter().copied().collect(), pack_hash })
    }

    /// Until when a genomic profile of a group may be kept, with the clause.
    pub(crate) fn genomic_retention(&self, group: &str, collected: Date) -> (Option<Date>, String) {
        let answer =
            self.genomic.retention(&RetentionRecord::collected(RetentionKind::Profile, group, collected), collected);
        (answer.until, answer.clause)
    }

    /// Whether the pack knows an exemption of this kind, and whether it is for good.
    pub(crate) fn exemption_permanence(
        &self,
        facts: &Map<String, Value>,
        code: &str,
        today: Date,
    ) -> Result<Option<(&'static str, LawAnswer)>> {
        let Some(condition) = Condition::from_name(code) else { return Ok(None) };
        let mut facts = facts.clone();
        facts.insert("exemption".to_owned(), Value::String(code.to_owned()));
        let answer = self.enrolment(&facts, today)?;
        // Only what takes the person out of the law's reach is an exemption; an injury postpones and leaves them in it.
        let known = self.fingerprint.pack().exemptions().iter().any(|e| e.condition == condition);
        Ok((known && answer.forbids()).then_some(("permanent", answer)))
    }

    /// What may follow a refusal, given everything that happened so far.
    pub(crate) fn refusal_step(
        &self,
        facts: &Map<String, Value>,
        events: Vec<RefusalEvent>,
        today: Date,
    ) -> Result<RefusalAnswer> {
        let subject = subject(facts)?;
        let decision = self.fingerprint.check(&subject, today).map_err(law_says)?;
        let (Some(status), Some(trigger)) = (subject.status, subject.trigger) else {
            return Err(RegistryError::Invalid {
                field: "status",
                problem: "the law does not know this status or trigger".to_owned(),
            });
        };
        let history = RefusalHistory { status, trigger, obliged: decision.decision == Duty::Must, events };
        let found = self.fingerprint.refusal_step(&history, today).map_err(law_says)?;
        let step = found.step.as_ref().filter(|_| found.state == RefusalState::MayDecide);
        let amount = step.and_then(|s| s.amount.as_ref());
        Ok(RefusalAnswer {
            units: amount.and_then(|a| a.units).map(f64::from),
            index: amount.and_then(|a| a.index.clone()),
            amount: amount.and_then(|a| a.value).map(|t| t as f64),
            authority: step.and_then(|s| s.authority.as_ref()).map(|t| t.en.clone()).unwrap_or_default(),
            interim_document: found.interim_document,
            clause: found.clause.clone(),
            pack_hash: found.pack_hash.to_string(),
            text: step.map_or_else(|| found.text.clone(), |s| s.text.clone()),
            step: step.map(consequence),
        })
    }

    /// What takes a person out of the law's reach.
    pub(crate) fn exemption_grounds(&self) -> Vec<LawItem> {
        let exempt = self.fingerprint.pack().exemptions().iter().filter(|e| e.effect == ExemptionEffect::NotSubject);
        exempt.map(|e| LawItem { code: e.condition.name().to_owned(), text: e.text.clone() }).collect()
    }

    /// What the pack in use says of a clause: its words and where it stands.
    pub(crate) fn clause(&self, code: &str) -> Option<(Option<Text>, LawGround)> {
        let clause = self.fingerprint.pack().clause(code)?;
        let ground = LawGround {
            cite: clause.ground.cite.clone(),
            source: clause.ground.source.clone(),
            confidence: format!("{:?}", clause.ground.confidence),
        };
        Some((clause.text.cloned(), ground))
    }

    /// May this body do this?
    pub(crate) fn access(&self, facts: &AccessFacts<'_>, today: Date) -> AccessAnswer {
        let pack = if facts.data == DataClass::Genomic { &self.genomic } else { &self.fingerprint };
        let request = AccessRequest {
            body: Some(facts.body.to_owned()),
            officer_present: true,
            purpose: facts.purpose.map(str::to_owned),
            legal_basis: facts.legal_basis.map(str::to_owned),
            case_present: facts.case_present,
            data: facts.data,
            act: facts.act,
            population: facts.population.to_owned(),
            sanction: facts.sanction.clone(),
            urgent: false,
            at: facts.at,
        };
        let decision = pack.access(&request, today);
        AccessAnswer {
            permit: decision.permit,
            code: decision.reason_code.to_owned(),
            clause: decision.clause,
            text: decision.text,
            needs: decision.needs.into_iter().map(|n| n.text).collect(),
            fields: decision.fields.into_iter().collect(),
            assumed: decision.assumed,
            pack_hash: decision.pack_hash.to_string(),
            consumes_sanction: decision.consumes_sanction,
        }
    }
}

fn answer(pack: &ActivePack<'static>, facts: &Map<String, Value>, today: Date) -> Result<LawAnswer> {
    let decision: Decision = pack.check(&subject(facts)?, today).map_err(law_says)?;
    let ground = pack.pack().clause(&decision.clause).map(|clause| LawGround {
        cite: clause.ground.cite.clone(),
        source: clause.ground.source.clone(),
        confidence: format!("{:?}", clause.ground.confidence),
    });
    let text = decision.reasons.first().map(|r| r.text.clone()).unwrap_or_else(|| Text::new("", "", ""));
    Ok(LawAnswer {
        category: match decision.decision {
            Duty::Must => "must",
            Duty::May => "may",
            Duty::MustNot => "must_not",
        }
        .to_owned(),
        missing: decision.missing.into_iter().map(|m| LawItem { code: m.code, text: m.text }).collect(),
        obligations: decision.obligations.into_iter().map(|o| LawItem { code: o.code, text: o.text }).collect(),
        consequences: decision.consequences.iter().map(consequence).collect(),
        pack: decision.pack,
        pack_hash: decision.pack_hash.to_string(),
        clause: decision.clause,
        text,
        diagnostics: decision.diagnostics.into_iter().map(|d| d.text.en).collect(),
        demonstration: decision.demonstration,
        ground,
    })
}

fn consequence(c: &tanba_law::Consequence) -> LawConsequence {
    LawConsequence { order: c.order, kind: c.kind, clause: c.clause.clone(), text: c.text.clone() }
}

/// The facts as the law reads them; keys that only the registry uses are left out.
fn subject(facts: &Map<String, Value>) -> Result<Subject> {
    let mut facts = facts.clone();
    facts.remove("guardians");
    let text = Value::Object(facts).to_string();
    let (subject, _) =
        Subject::from_json(&text).map_err(|e| RegistryError::Invalid { field: "facts", problem: e.to_string() })?;
    Ok(subject)
}

#[allow(clippy::needless_pass_by_value)] // the shape that map_err wants
fn law_says(error: tanba_law::CheckError) -> RegistryError {
    RegistryError::Invalid { field: "law", problem: error.to_string() }
}
