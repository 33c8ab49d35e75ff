//! Who may look at what. Everything that no rule permits is denied.

use crate::check::{CheckError, Missing};
use crate::{AssumptionSheet, Date, Field, Mode, Pack, PackHash, Text, phrases};
use serde::{Deserialize, Serialize};

mod rule;

pub use rule::{AccessRule, PriorSearch, SanctionTerm, UrgentPath, Volume};

/// What kind of data is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum DataClass {
    /// Name, birth date, number: who the person is.
    Identity,
    /// Images of prints.
    BiometricImage,
    /// Templates of prints.
    BiometricTemplate,
    /// Genomic profiles.
    Genomic,
    /// Identity documents and their lives.
    Document,
    /// Entries of the log.
    Log,
}

impl DataClass {
    /// All of them.
    pub const ALL: &[DataClass] = &[
        DataClass::Identity,
        DataClass::BiometricImage,
        DataClass::BiometricTemplate,
        DataClass::Genomic,
        DataClass::Document,
        DataClass::Log,
    ];
}

/// What is done with it. Comparing with one person and searching among all are different permissions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum AccessAct {
    /// Compare with the one person claimed; the answer is yes or no.
    Verify,
    /// Search prints among all.
    Identify,
    /// Read a record.
    Read,
    /// Search a profile among a population.
    Search,
    /// Search for relatives of a profile.
    KinshipSearch,
    /// Release who a candidate is, after a human decision.
    ReleaseIdentity,
}

impl AccessAct {
    /// All of them.
    pub const ALL: &[AccessAct] = &[
        AccessAct::Verify,
        AccessAct::Identify,
        AccessAct::Read,
        AccessAct::Search,
        AccessAct::KinshipSearch,
        AccessAct::ReleaseIdentity,
    ];
}

/// Whether the person learns of the look at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Notify {
    /// At once.
    AtOnce,
    /// Later, on the end of a deferral that a sanction sets.
    Deferred,
}

/// Which rules of a pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RulesOf {
    /// Access by bodies at home.
    Access,
    /// Transfers to partners abroad.
    Transfers,
}

/// A search elsewhere, as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Searched {
    /// What was searched, in the pack's words.
    pub what: String,
    /// When it was begun, in microseconds since 1970-01-01 UTC.
    pub begun: i64,
    /// Whether it was answered.
    pub answered: bool,
}

/// The facts of a sanction (its signature was verified by the caller).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SanctionFacts {
    /// Level of the issuing authority, in the pack's words (`prosecutor`, `court`).
    pub authority: String,
    /// First instant, in microseconds since 1970-01-01 UTC.
    pub valid_from: i64,
    /// First instant no longer inside.
    pub valid_to: i64,
    /// Uses that are left.
    pub uses_left: u32,
    /// Purposes that it covers.
    pub purposes: Vec<String>,
    /// Whether it names the person or stain in question.
    pub subject_matches: bool,
    /// Whether requester, approver and issuer are different natural persons.
    pub separate_persons: bool,
    /// Whether it is no longer, and no more often extended, than [`SanctionTerm::allows`] for the rules that it is used under.
    pub within_term: bool,
}

/// A request to look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessRequest {
    /// Requesting body, in the pack's words.
    pub body: Option<String>,
    /// Whether a named officer signed in for it.
    pub officer_present: bool,
    /// Purpose, in the pack's words.
    pub purpose: Option<String>,
    /// Legal basis that the requester gives.
    pub legal_basis: Option<String>,
    /// Whether a case is named.
    pub case_present: bool,
    /// What data.
    pub data: DataClass,
    /// To do what.
    pub act: AccessAct,
    /// Of which population.
    pub population: String,
    /// The sanction, if any.
    pub sanction: Option<SanctionFacts>,
    /// Danger to life is declared.
    pub urgent: bool,
    /// What was searched elsewhere in the same case.
    pub searched: Vec<Searched>,
    /// The instant of the request, in microseconds since 1970-01-01 UTC.
    pub at: i64,
}

/// The answer to a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AccessDecision {
    /// Whether the look is permitted.
    pub permit: bool,
    /// Stable name of the reason: `permitted`, `incomplete_request`, `body_not_listed`, ...
    pub reason_code: &'static str,
    /// In plain words.
    pub text: Text,
    /// What would be needed, each thing named.
    pub needs: Vec<Missing>,
    /// Fields that may leave; empty in a denial.
    pub fields: Vec<String>,
    /// Whether the person learns of it at once, in a permission.
    pub notify: Option<Notify>,
    /// Working days until an urgent look must have been checked.
    pub review_working_days: Option<u8>,
    /// How much may be asked under the rule, in a permission.
    pub volume: Option<Volume>,
    /// What the rule says of the person's own lock, in a permission ([`AccessRule::holder_lock`]).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holder_lock: Option<bool>,
    /// Whether a use of the sanction is consumed.
    pub consumes_sanction: bool,
    /// Assumptions that the decision rests on (`sheet/code`); empty in production.
    pub assumed: Vec<String>,
    /// Clause of the pack that decided.
    pub clause: String,
    /// Pack id.
    pub pack: String,
    /// SHA-256 of the pack.
    pub pack_hash: PackHash,
    /// SHA-256 of the assumption sheet, where one was used.
    pub sheet_hash: Option<PackHash>,
    /// Whether the answer was given in a demonstration.
    pub demonstration: bool,
}

/// Whether `request` is permitted on `as_of`.
///
/// In this order: the request must be complete, the pack in force, access known (or assumed), the body listed, the purpose
/// its own, the act on these data of this population provided, and the sanction in order. The first that fails denies.
pub fn access(pack: &Pack, request: &AccessRequest, as_of: Date, mode: Mode<'_>) -> AccessDecision {
    decide(pack, request, as_of, mode, RuleBook::of(pack, RulesOf::Access, mode))
}

/// Whether `request` of a partner abroad (its `body`) is permitted: the same questions, over the pack's `transfers`. No sheet
/// fills them, so a partner that no pack lists gets nothing, in a demonstration either.
pub fn transfer(pack: &Pack, request: &AccessRequest, as_of: Date, mode: Mode<'_>) -> AccessDecision {
    let mut decision = decide(pack, request, as_of, mode, RuleBook::of(pack, RulesOf::Transfers, mode));
    if decision.clause == "access" {
        "transfers".clone_into(&mut decision.clause);
    }
    decision
}

fn decide(
    pack: &Pack,
    request: &AccessRequest,
    as_of: Date,
    mode: Mode<'_>,
    book: Option<RuleBook<'_>>,
) -> AccessDecision {
    let deny = |reason_code, text, needs| AccessDecision {
        permit: false,
        reason_code,
        text,
        needs,
        fields: Vec::new(),
        notify: None,
        review_working_days: None,
        volume: None,
        holder_lock: None,
        consumes_sanction: false,
        assumed: Vec::new(),
        clause: "access".to_owned(),
        pack: pack.id().to_owned(),
        pack_hash: pack.hash(),
        sheet_hash: None,
        demonstration: mode.is_demonstration(),
    };
    let needs = incomplete(request);
    if let Some(first) = needs.first() {
        return deny("incomplete_request", first.text.clone(), needs);
    }
    match pack.in_force(as_of, None) {
        Ok(()) => {}
        Err(CheckError::Struck { .. }) => {
            let struck = pack.struck();
            let still = struck.is_some_and(|struck| lists(&struck.still_read, &request.body));
            if !(still && request.act == AccessAct::Read) {
                let text = struck.map_or_else(phrases::struck_down, |struck| struck.text.clone());
                let mut denial = deny("pack_struck", text, Vec::new());
                "struck".clone_into(&mut denial.clause);
                return denial;
            }
        }
        Err(_) => return deny("pack_not_in_force", phrases::out_of_force(), Vec::new()),
    }
    let Some(rules) = book else {
        return deny("access_unknown", phrases::access_not_known(), Vec::new());
    };
    // A denial for want of a rule rests on the whole sheet: it is what lists everyone who may.
    let unlisted = |reason_code, text| rules.mark(None, deny(reason_code, text, Vec::new()));
    let of_body: Vec<_> = rules.rules.iter().filter(|rule| lists(&rule.bodies, &request.body)).collect();
    if of_body.is_empty() {
        return unlisted("body_not_listed", phrases::body_not_listed());
    }
    let of_purpose: Vec<_> = of_body.into_iter().filter(|rule| lists(&rule.purposes, &request.purpose)).collect();
    if of_purpose.is_empty() {
        return unlisted("purpose_not_listed", phrases::purpose_not_listed());
    }
    let mut fitting = of_purpose.into_iter().filter(|rule| provides(rule, request)).peekable();
    if fitting.peek().is_none() {
        return unlisted("act_not_listed", phrases::act_not_listed());
    }
    let mut denial = None;
    for rule in fitting {
        match sanctioned(rule, request).and_then(|path| searched_first(rule, request, path)) {
            Ok(path) => {
                let mut decision = deny("permitted", rule.text.clone(), Vec::new());
                decision.permit = true;
                decision.fields = rule.fields.clone();
                decision.notify = Some(rule.notify);
                decision.volume = rule.volume;
                decision.holder_lock = rule.holder_lock;
                decision.consumes_sanction = path == Path::Sanction;
                if path == Path::Urgent {
                    (decision.reason_code, decision.text) = ("permitted_urgent", phrases::urgent_review());
                    decision.review_working_days = rule.urgent.map(|urgent| urgent.review_working_days);
                }
                return rules.mark(Some(rule), decision);
            }
            Err((reason_code, text)) => {
                let code = if reason_code == "narrower_search_first" { "prior_search" } else { "sanction" };
                let need = Missing { code: code.to_owned(), text: text.clone() };
                denial.get_or_insert_with(|| rules.mark(Some(rule), deny(reason_code, text, vec![need])));
            }
        }
    }
    denial.unwrap_or_else(|| unlisted("act_not_listed", phrases::act_not_listed()))
}

/// The rules that count: the pack's own, or in a demonstration those of the sheet where the pack knows none.
pub(crate) struct RuleBook<'a> {
    pub(crate) rules: Vec<&'a AccessRule>,
    pub(crate) assumed_from: Option<&'a AssumptionSheet>,
}

impl<'a> RuleBook<'a> {
    pub(crate) fn of(pack: &'a Pack, of: RulesOf, mode: Mode<'a>) -> Option<Self> {
        let (field, sheet) = match of {
            RulesOf::Access => (&pack.doc.access, mode.sheet_for(pack)),
            // No sheet fills these.
            RulesOf::Transfers => (&pack.doc.transfers, None),
        };
        match (field, sheet) {
            (Field::Known { value, .. }, _) => Some(Self { rules: value.iter().collect(), assumed_from: None }),
            (Field::Unknown { .. }, Some(sheet)) => {
                let rules = sheet.doc.access.iter().map(|assumed| &assumed.rule).collect();
                Some(Self { rules, assumed_from: Some(sheet) })
            }
            (Field::Unknown { .. }, None) => None,
        }
    }

    /// Says in the decision what it rests on: the clause of the pack, or the assumption behind its unknown field.
    fn mark(&self, rule: Option<&AccessRule>, mut decision: AccessDecision) -> AccessDecision {
        match (self.assumed_from, rule) {
            (Some(sheet), rule) => {
                decision.sheet_hash = Some(sheet.hash());
                decision.assumed = vec![match rule {
                    Some(rule) => format!("{}/{}", sheet.id(), rule.code),
                    None => format!("{}/access", sheet.id()),
                }];
            }
            (None, Some(rule)) => decision.clause = rule.code.clone(),
            (None, None) => {}
        }
        decision
    }
}

/// The rules that count, in the pack's order; empty where nothing is known.
pub fn access_rules<'a>(pack: &'a Pack, of: RulesOf, mode: Mode<'a>) -> Vec<&'a AccessRule> {
    RuleBook::of(pack, of, mode).map(|book| book.rules).unwrap_or_default()
}

/// What every request needs, whoever asks and whatever for.
fn incomplete(request: &AccessRequest) -> Vec<Missing> {
    let given = |text: &Option<String>| text.as_deref().is_some_and(|text| !text.trim().is_empty());
    [
        ("body", given(&request.body), phrases::body_needed()),
        ("officer", request.officer_present, phrases::officer_needed()),
        ("purpose", given(&request.purpose), phrases::purpose_needed()),
        ("legal_basis", given(&request.legal_basis), phrases::legal_basis_needed()),
        ("case", request.case_present, phrases::case_needed()),
    ]
    .into_iter()
    .filter(|(_, given, _)| !given)
    .map(|(code, _, text)| Missing { code: code.to_owned(), text })
    .collect()
}

fn lists(names: &[String], name: &Option<String>) -> bool {
    name.as_ref().is_some_and(|name| names.contains(name))
}

fn provides(rule: &AccessRule, request: &AccessRequest) -> bool {
    rule.acts.contains(&request.act)
        && rule.data.contains(&request.data)
        && rule.populations.contains(&request.population)
}

/// By what a rule's demand for a sanction is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Path {
    NoneNeeded,
    Sanction,
    Urgent,
}

fn sanctioned(rule: &AccessRule, request: &AccessRequest) -> Result<Path, (&'static str, Text)> {
    if rule.sanction.is_empty() {
        return Ok(Path::NoneNeeded);
    }
    let Some(sanction) = &request.sanction else {
        if request.urgent && rule.urgent.is_some() {
            return Ok(Path::Urgent);
        }
        return Err(("sanction_missing", phrases::sanction_needed()));
    };
    if !rule.sanction.contains(&sanction.authority) {
        Err(("sanction_wrong_authority", phrases::sanction_wrong_authority()))
    } else if request.at < sanction.valid_from || request.at >= sanction.valid_to {
        Err(("sanction_not_in_force", phrases::sanction_not_in_force()))
    } else if sanction.uses_left == 0 {
        Err(("sanction_used_up", phrases::sanction_used_up()))
    } else if !lists(&sanction.purposes, &request.purpose) {
        Err(("sanction_other_purpose", phrases::sanction_other_purpose()))
    } else if !sanction.subject_matches {
        Err(("sanction_other_subject", phrases::sanction_other_subject()))
    } else if !sanction.separate_persons {
        Err(("sanction_same_person", phrases::sanction_same_person()))
    } else if rule.term.is_some() && !sanction.within_term {
        Err(("sanction_beyond_term", phrases::sanction_beyond_term()))
    } else {
        Ok(Path::Sanction)
    }
}

/// Whether everything was searched that must come first. In danger to life that is part of the check afterwards.
fn searched_first(rule: &AccessRule, request: &AccessRequest, path: Path) -> Result<Path, (&'static str, Text)> {
    const DAY: i64 = 86_400_000_000;
    let done = |before: &PriorSearch| {
        request.searched.iter().filter(|search| search.what == before.searched).any(|search| {
            let age = request.at.saturating_sub(search.begun);
            age >= 0 && (search.answered || before.or_after_days.is_some_and(|days| age >= i64::from(days) * DAY))
        })
    };
    if path == Path::Urgent || rule.before.iter().all(|before| !before.acts.contains(&request.act) || done(before)) {
        Ok(path)
    } else {
        Err(("narrower_search_first", phrases::narrower_search_first()))
    }
}
