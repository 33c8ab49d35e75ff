//! The law packs in use, and their answers in the form that the registry keeps and shows.
//!
//! This is the registry's only door to `tanba-law`: everything that depends on a country comes through here as data.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use tanba_dna::{Locus, Panel};
use tanba_law::{
    AccessAct, AccessDecision, AccessRequest, ActivePack, CheckError, Condition, ConsequenceKind, DataClass, Decision,
    Duty, ExemptionEffect, Fact, Library, LogPurpose, Modality, Need, Notify, Pack, RefusalEvent, RefusalHistory,
    RefusalState, RetentionKind, RetentionRecord, SanctionFacts, SanctionTerm, Searched, Subject, Text, Trigger,
    Volume, WorkingDays, working_days_after,
};

use crate::error::{RegistryError, Result};
use crate::genomic::GenomicCodes;
use crate::journal::hex;
use crate::law_files::LawFiles;
use crate::registry::Mode;

/// Where a law sets no limit.
pub(crate) const ALL_FINGERS: u8 = 10;

/// The packs of a register, each version for its days.
#[derive(Clone)]
pub(crate) struct LawBook {
    library: Arc<Library>,
    jurisdiction: String,
    pub(crate) mode: Mode,
    files: LawFiles,
    /// Sets that were delivered since and that nobody has acknowledged: they allow nothing yet, and what they end has ended.
    pub(super) delivered: Vec<Self>,
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
    pub urgent: bool,
    pub searched: Vec<Searched>,
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
    /// Whether the person may be told later, where a sanction says so.
    pub deferred: bool,
    /// Working days until a look in danger to life must be checked.
    pub review_working_days: Option<u8>,
    pub volume: Option<Volume>,
    /// What the rule says of the person's own lock.
    pub holder_lock: Option<bool>,
    /// Whether the log must not say what a look was for.
    pub purpose_withheld: bool,
    /// SHA-256 of the decision as the law gave it, for the log.
    pub hash: String,
}

impl AccessAnswer {
    /// The purpose as the log may keep it.
    pub(crate) fn logged<'a>(&self, purpose: &'a str) -> &'a str {
        if self.purpose_withheld { WITHHELD } else { purpose }
    }
}

/// Stands for a purpose that the law forbids to keep.
const WITHHELD: &str = "withheld";

impl LawBook {
    /// The packs of a jurisdiction in the instance's mode: those that come with the program and those of a folder.
    ///
    /// # Errors
    /// Files that are not sound; a jurisdiction without packs; drafts or unsigned packs in production; several laws on one modality.
    pub(crate) fn open(jurisdiction: &str, mode: Mode, files: LawFiles) -> Result<Self> {
        let jurisdiction = jurisdiction.to_uppercase();
        let library = Arc::new(files.library(&jurisdiction)?);
        let book = Self { library, jurisdiction, mode, files, delivered: Vec::new() };
        for pack in book.packs() {
            book.activated(pack)?;
            let another = |other: &&Pack| {
                other.modality() == pack.modality()
                    && (&other.instrument().number, other.instrument().date)
                        != (&pack.instrument().number, pack.instrument().date)
            };
            if let Some(other) = book.packs().find(another) {
                return Err(RegistryError::LawFiles {
                    problem: format!(
                        "{} and {} are two laws on one modality; put the packs of the one that this register works by into a folder and name it with --law",
                        pack.id(),
                        other.id()
                    ),
                });
            }
        }
        Ok(book)
    }

    /// The register's country, as packs name it.
    pub(crate) fn jurisdiction(&self) -> &str {
        &self.jurisdiction
    }

    /// The files of a folder that it was made with.
    pub(crate) fn files(&self) -> &LawFiles {
        &self.files
    }

    /// The packs of the register's country.
    pub(crate) fn packs(&self) -> impl Iterator<Item = &Pack> {
        self.library.packs().iter().filter(|pack| pack.jurisdiction() == self.jurisdiction)
    }

    /// The pack with this id.
    pub(crate) fn pack(&self, id: &str) -> Option<&Pack> {
        self.library.pack(id)
    }

    /// The version of the law that holds on a day, as it is known on that day.
    pub(crate) fn in_force(&self, modality: Modality, today: Date) -> Option<ActivePack<'_>> {
        if self.ended_by_delivery(modality, today).is_some() { None } else { self.own_in_force(modality, today) }
    }

    /// The version that answers on a day: the one in force, or else the last one known, which says since when it no longer
    /// holds.
    pub(crate) fn version(&self, modality: Modality, today: Date) -> Option<ActivePack<'_>> {
        self.ended_by_delivery(modality, today).or_else(|| self.own_version(modality, today))
    }

    /// The packs in use without regard to what was delivered since.
    pub(super) fn own_in_force(&self, modality: Modality, today: Date) -> Option<ActivePack<'_>> {
        let pack = self.library.in_force(&self.jurisdiction, modality, today, today)?;
        self.activated(pack).ok()
    }

    /// The same, with a version that no longer holds where none does.
    pub(super) fn own_version(&self, modality: Modality, today: Date) -> Option<ActivePack<'_>> {
        self.own_in_force(modality, today).or_else(|| {
            let known = |pack: &&Pack| pack.modality() == modality && pack.known_from() <= today;
            let last = self.packs().filter(known).max_by_key(|pack| (pack.valid_from(), pack.known_from()))?;
            self.activated(last).ok()
        })
    }

    /// The pack, in the mode of the instance.
    pub(crate) fn activated<'a>(&'a self, pack: &'a Pack) -> Result<ActivePack<'a>> {
        let mode = match self.mode {
            Mode::Production => tanba_law::Mode::Production,
            Mode::Demonstration => {
                let sheets = self.library.sheets();
                // Of several sheets the later one counts: a folder's after the program's.
                let sheet = sheets.iter().rev().find(|sheet| sheet.covers(pack.id())).or(sheets.first());
                tanba_law::Mode::Demonstration(sheet.ok_or(RegistryError::Damaged { what: "assumption sheet" })?)
            }
        };
        Ok(tanba_law::activate(pack, mode)?)
    }

    pub(crate) fn prints(&self, today: Date) -> Result<ActivePack<'_>> {
        self.version(Modality::Fingerprint, today).ok_or_else(no_law)
    }

    /// Must, may or must not this person's prints be registered?
    pub(crate) fn enrolment(&self, facts: &Map<String, Value>, today: Date) -> Result<LawAnswer> {
        let pack = self.prints(today)?;
        let answered = answer(&pack, facts, today)?;
        Ok(if answered.forbids() { answered } else { self.storable(pack, answered, today) })
    }

    /// What the deciding rule says of the first of these facts that it asks for.
    pub(crate) fn need(&self, answer: &LawAnswer, facts: &[Fact]) -> Option<Need> {
        let rule = self.pack(&answer.pack)?.rules().iter().find(|rule| rule.code == answer.clause)?;
        rule.needs.iter().find(|need| facts.contains(&need.fact)).cloned()
    }

    /// Most fingers of one person that may be captured.
    pub(crate) fn fingers_allowed(&self, today: Date) -> u8 {
        let most = self.prints(today).ok().and_then(|pack| pack.pack().samples().known()?.max_fingers);
        most.unwrap_or(ALL_FINGERS).min(ALL_FINGERS)
    }

    /// What a body may ask about people's prints and identity, rule by rule.
    pub(crate) fn access_rules(&self, body: &str, today: Date) -> Vec<&tanba_law::AccessRule> {
        let mut rules =
            self.in_force(Modality::Fingerprint, today).map(|pack| pack.access_rules(body)).unwrap_or_default();
        rules.retain(|rule| rule.populations.iter().any(|population| population == "civil"));
        rules
    }

    /// Whether a body may carry out registration on an event; a trigger that the law does not know is left to the law's
    /// own answer.
    pub(crate) fn conducts(&self, body: &str, trigger: &str, today: Date) -> bool {
        let conducts = |trigger| self.prints(today).is_ok_and(|pack| pack.pack().conducts(body, trigger).is_some());
        Trigger::from_name(trigger).is_none_or(conducts)
    }

    /// The same for a genomic profile.
    pub(crate) fn genomic(&self, facts: &Map<String, Value>, today: Date) -> Result<LawAnswer> {
        answer(&self.version(Modality::Genomic, today).ok_or_else(no_law)?, facts, today)
    }

    /// What can be said of a specimen and asked with one, in the codes of the law on genomic registration.
    pub(crate) fn genomic_codes(&self, body: &str, today: Date) -> GenomicCodes {
        let mut codes = GenomicCodes::default();
        let Some(pack) = self.version(Modality::Genomic, today) else { return codes };
        let add = |list: &mut Vec<String>, more: &[String]| {
            for code in more {
                if !list.contains(code) {
                    list.push(code.clone());
                }
            }
        };
        for rule in pack.access_rules(body).into_iter().filter(|rule| rule.data.contains(&DataClass::Genomic)) {
            add(&mut codes.purposes, &rule.purposes);
        }
        for rule in pack.pack().rules() {
            add(&mut codes.offences, &rule.offences);
            add(&mut codes.relationships, &rule.relationships);
        }
        codes
    }

    /// The loci that may be stored; where the law is not known, the reason in its own words.
    pub(crate) fn genomic_panel(&self, today: Date) -> std::result::Result<PermittedLoci, (Text, String)> {
        let Some(pack) = self.version(Modality::Genomic, today) else {
            return Err((no_law_text(), String::new()));
        };
        let pack_hash = pack.pack().hash().to_string();
        let law = pack.panel().panel.map_err(|reason| (reason, pack_hash.clone()))?;
        // A locus that this program has no value for is none that it could store.
        let autosomal = law.autosomal.iter().filter_map(|name| Locus::parse(name));
        let mut panel = Panel::new(autosomal, law.sex_marker);
        if law.y_str {
            panel = panel.with_y();
        }
        if law.mitochondrial {
            panel = panel.with_mitochondrial();
        }
        Ok(PermittedLoci { panel, snps: law.identity_snps.iter().copied().collect(), pack_hash })
    }

    /// Until when a genomic profile of a group may be kept, with the clause.
    pub(crate) fn genomic_retention(&self, group: &str, collected: Date) -> (Option<Date>, String) {
        let record = RetentionRecord::collected(RetentionKind::Profile, group, collected);
        match self.version(Modality::Genomic, collected) {
            Some(pack) => {
                let answer = pack.retention(&record, collected);
                (answer.until, answer.clause)
            }
            None => (None, "retention.profile".to_owned()),
        }
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
        // Where the law has ended, "must not" says nothing of an exemption.
        let Some(pack) = self.in_force(Modality::Fingerprint, today) else { return Ok(None) };
        let answer = answer(&pack, &facts, today)?;
        // Only what takes the person out of the law's reach is an exemption; an injury postpones and leaves them in it.
        let known = pack.pack().exemptions().iter().any(|e| e.condition == condition);
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
        let pack = self.prints(today)?;
        let decision = pack.check(&subject, today).map_err(law_says)?;
        let (Some(status), Some(trigger)) = (subject.status, subject.trigger) else {
            return Err(RegistryError::Invalid {
                field: "status",
                problem: "the law does not know this status or trigger".to_owned(),
            });
        };
        let history = RefusalHistory { status, trigger, obliged: decision.decision == Duty::Must, events };
        let found = pack.refusal_step(&history, today).map_err(law_says)?;
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
    pub(crate) fn exemption_grounds(&self, today: Date) -> Vec<LawItem> {
        let Ok(pack) = self.prints(today) else { return Vec::new() };
        let exempt = pack.pack().exemptions().iter().filter(|e| e.effect == ExemptionEffect::NotSubject);
        exempt.map(|e| LawItem { code: e.condition.name().to_owned(), text: e.text.clone() }).collect()
    }

    /// What only postpones registration.
    pub(crate) fn postponement_grounds(&self, today: Date) -> Vec<LawItem> {
        let Ok(pack) = self.prints(today) else { return Vec::new() };
        let postpones = pack.pack().exemptions().iter().filter(|e| e.effect == ExemptionEffect::Postpone);
        postpones.map(|e| LawItem { code: e.condition.name().to_owned(), text: e.text.clone() }).collect()
    }

    /// The pack and the clause by which a state of the person postpones their registration on this event.
    pub(crate) fn postponement(&self, facts: &Map<String, Value>, code: &str, today: Date) -> Option<(String, String)> {
        let condition = Condition::from_name(code)?;
        let trigger = facts.get("trigger").and_then(Value::as_str).and_then(Trigger::from_name);
        let pack = self.in_force(Modality::Fingerprint, today)?;
        let found = pack.pack().exemptions().iter().find(|e| {
            let concerns = e.only_on.is_empty() || trigger.is_some_and(|trigger| e.only_on.contains(&trigger));
            e.condition == condition && e.effect == ExemptionEffect::Postpone && concerns
        })?;
        Some((pack.pack().hash().to_string(), found.code.clone()))
    }

    /// What the pack in use says of a clause: its words and where it stands.
    pub(crate) fn clause(&self, code: &str, today: Date) -> Option<(Option<Text>, LawGround)> {
        // A clause of an earlier version is found in that one.
        let pack = self.prints(today).ok()?.pack();
        let clause = pack.clause(code).or_else(|| self.packs().find_map(|pack| pack.clause(code)))?;
        Some((clause.text.cloned(), ground(clause.ground)))
    }

    /// May this body do this?
    pub(crate) fn access(&self, facts: &AccessFacts<'_>, today: Date) -> AccessAnswer {
        self.asked(facts, today, |pack, request| pack.access(request, today))
    }

    /// May this partner abroad, the body of the facts, be told this?
    pub(crate) fn transfer(&self, facts: &AccessFacts<'_>, today: Date) -> AccessAnswer {
        self.asked(facts, today, |pack, request| pack.transfer(request, today))
    }

    fn asked(
        &self,
        facts: &AccessFacts<'_>,
        today: Date,
        decide: impl Fn(&ActivePack<'_>, &AccessRequest) -> AccessDecision,
    ) -> AccessAnswer {
        let modality = if facts.data == DataClass::Genomic { Modality::Genomic } else { Modality::Fingerprint };
        let Some(pack) = self.version(modality, today) else {
            return AccessAnswer {
                permit: false,
                code: "no_law".to_owned(),
                clause: "no law pack".to_owned(),
                text: no_law_text(),
                needs: Vec::new(),
                fields: BTreeSet::new(),
                assumed: Vec::new(),
                pack_hash: String::new(),
                consumes_sanction: false,
                deferred: false,
                review_working_days: None,
                volume: None,
                holder_lock: None,
                purpose_withheld: false,
                hash: String::new(),
            };
        };
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
            urgent: facts.urgent,
            searched: facts.searched.clone(),
            at: facts.at,
        };
        let mut decision = decide(&pack, &request);
        // A law that a delivery ends lets nobody read what could not be read before.
        if decision.permit
            && let Some(before) =
                self.ended_by_delivery(modality, today).and_then(|_| self.own_version(modality, today))
        {
            let before = decide(&before, &request);
            if before.permit {
                decision.fields.retain(|field| before.fields.contains(field));
            } else {
                decision = before;
            }
        }
        let hash = serde_json::to_vec(&decision).map(|text| hex(&Sha256::digest(text))).unwrap_or_default();
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
            deferred: decision.notify == Some(Notify::Deferred),
            review_working_days: decision.review_working_days,
            volume: decision.volume,
            holder_lock: decision.holder_lock,
            purpose_withheld: pack.pack().log_purpose() == Some(LogPurpose::Forbidden),
            hash,
        }
    }

    /// The terms that the law sets to sanctions of an authority for any of some purposes, by the code of the rule.
    pub(crate) fn sanction_terms(
        &self,
        body: &str,
        authority: &str,
        purposes: &BTreeSet<String>,
        today: Date,
    ) -> Vec<(String, SanctionTerm)> {
        let modalities = [Modality::Fingerprint, Modality::Genomic].into_iter();
        let rules = modalities.filter_map(|m| self.in_force(m, today)).flat_map(|pack| pack.access_rules(body));
        rules
            .filter(|rule| rule.sanction.iter().any(|level| level == authority))
            .filter(|rule| rule.purposes.iter().any(|purpose| purposes.contains(purpose)))
            .filter_map(|rule| Some((rule.code.clone(), rule.term.clone()?)))
            .collect()
    }

    /// The last of some working days after a day, by the calendar of the register's country.
    pub(crate) fn working_days_after(&self, from: Date, days: u8) -> WorkingDays {
        working_days_after(self.library.calendar(&self.jurisdiction), from, days)
    }

    /// Whether those who were told something must delete it when the register does: yes, unless the law says that they need not.
    pub(crate) fn recipients_delete(&self, modality: Modality, today: Date) -> bool {
        let said = self.version(modality, today).and_then(|pack| pack.pack().deletion().known()?.recipients_delete);
        said.unwrap_or(true)
    }
}

fn answer(pack: &ActivePack<'_>, facts: &Map<String, Value>, today: Date) -> Result<LawAnswer> {
    let decision: Decision = match pack.check(&subject(facts)?, today) {
        Err(CheckError::Struck { .. }) => return Ok(ended(pack, "struck")),
        Err(CheckError::OutsideValidity { .. } | CheckError::NotYetKnown { .. } | CheckError::StartNotKnown { .. }) => {
            return Ok(ended(pack, "validity"));
        }
        answer => answer.map_err(law_says)?,
    };
    let ground = pack.pack().clause(&decision.clause).map(|clause| ground(clause.ground));
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

/// Nothing may be taken, because the law does not hold (any more).
fn ended(pack: &ActivePack<'_>, clause: &str) -> LawAnswer {
    forbidden(pack, clause, None)
}

/// Nothing may be taken, by a clause of the pack that is not one of its rules.
pub(crate) fn forbidden(pack: &ActivePack<'_>, clause: &str, text: Option<Text>) -> LawAnswer {
    let found = pack.pack().clause(clause);
    LawAnswer {
        category: "must_not".to_owned(),
        missing: Vec::new(),
        obligations: Vec::new(),
        consequences: Vec::new(),
        pack: pack.pack().id().to_owned(),
        pack_hash: pack.pack().hash().to_string(),
        clause: clause.to_owned(),
        text: text.or_else(|| found.and_then(|clause| clause.text.cloned())).unwrap_or_else(no_law_text),
        diagnostics: Vec::new(),
        demonstration: pack.is_demonstration(),
        ground: found.map(|clause| ground(clause.ground)),
    }
}

fn ground(ground: &tanba_law::Ground) -> LawGround {
    LawGround {
        cite: ground.cite.clone(),
        source: ground.source.clone(),
        confidence: format!("{:?}", ground.confidence),
    }
}

fn no_law() -> RegistryError {
    RegistryError::Invalid {
        field: "law_pack",
        problem: "this register has no law pack on this; its operator gives a folder with the packs (--law)".to_owned(),
    }
}

/// Said where no pack speaks at all.
pub(crate) fn no_law_text() -> Text {
    Text::new(
        "Бұл туралы заң жоқ: ештеңе алынбайды және пайдаланылмайды.",
        "Закона об этом нет: ничего не берётся и не используется.",
        "There is no law on this: nothing is taken and nothing is used.",
    )
}

fn consequence(c: &tanba_law::Consequence) -> LawConsequence {
    LawConsequence { order: c.order, kind: c.kind, clause: c.clause.clone(), text: c.text.clone() }
}

/// The facts as the law reads them; keys that only the registry uses are left out.
fn subject(facts: &Map<String, Value>) -> Result<Subject> {
    let mut facts = facts.clone();
    facts.remove("guardians");
    facts.remove("iin");
    let text = Value::Object(facts).to_string();
    let (subject, _) =
        Subject::from_json(&text).map_err(|e| RegistryError::Invalid { field: "facts", problem: e.to_string() })?;
    Ok(subject)
}

#[allow(clippy::needless_pass_by_value)] // the shape that map_err wants
fn law_says(error: CheckError) -> RegistryError {
    RegistryError::Invalid { field: "law", problem: error.to_string() }
}
