//! The rules of access as Cedar policies, for those who analyse policies or decide with an engine of their own.
//!
//! What [`crate::access()`] decides from a pack, these texts say in the Cedar language (Cutler et al., "Cedar: A New Language for Expressive, Fast,
//! Safe, and Analyzable Authorization", OOPSLA 2024): nothing is permitted but by the policy of a rule, and two policies forbid whatever is incomplete
//! or out of force. Time, sanctions and the pack's standing are facts of the request, so that no policy needs a clock. The tests have Cedar decide
//! every request of every pack beside our own evaluation.

use std::fmt::Write as _;

use crate::access::{AccessAct, AccessRule, RuleBook, RulesOf};
use crate::{DataClass, Lang, Mode, Pack};

/// Kinds of entities, actions and facts of all the policies: one schema for every pack.
///
/// `principal` is the requesting body or partner; `resource` what is looked at (a class of data of a population). Facts (`context`): `pack` is
/// `in_force`, `struck` or `not_in_force` on the day of the request; whether an `officer` is signed in, a `legal_basis` and a `case` are given; the
/// `purpose`; whether danger to life is declared (`urgent`); the instant `at` in microseconds since 1970 UTC;
/// what was `searched` before in the case (`prum` where that was answered, `prum/2` where it was begun at least two days ago); and the verified
/// `sanction`, if any (`within_term`: no longer and no more often extended than the rule lets it be).
pub fn cedar_schema() -> String {
    let actions = list(&AccessAct::ALL.iter().map(code).collect::<Vec<_>>());
    format!(
        "namespace Tanba {{\n\
         \x20 entity Body;\n\
         \x20 entity Records = {{ data: String, population: String }};\n\
         \x20 type Sanction = {{\n\
         \x20   authority: String, valid_from: Long, valid_to: Long, uses_left: Long, purposes: Set<String>,\n\
         \x20   subject_matches: Bool, separate_persons: Bool, within_term: Bool,\n\
         \x20 }};\n\
         \x20 action {actions} appliesTo {{\n\
         \x20   principal: [Body],\n\
         \x20   resource: [Records],\n\
         \x20   context: {{\n\
         \x20     pack: String, officer: Bool, legal_basis: Bool, case: Bool, purpose: String, urgent: Bool, at: Long,\n\
         \x20     searched: Set<String>, sanction?: Sanction,\n\
         \x20   }},\n\
         \x20 }};\n\
         }}\n"
    )
}

/// The policies of a pack: one `permit` for each of its rules, under the rule's code, and the two that forbid. A pack whose rules are unknown has
/// none that permits, so that everything is denied; in a demonstration the sheet's rules stand in, each marked `@assumed`.
pub fn cedar_policies(pack: &Pack, of: RulesOf, mode: Mode<'_>) -> String {
    let book = RuleBook::of(pack, of, mode);
    let mut text = format!("// {} ({}).\n", pack.id(), pack.hash());
    if mode.is_demonstration() {
        text += "// DEMONSTRATION: what the pack leaves unknown is assumed.\n";
    }
    text += "\n@id(\"incomplete_request\")\nforbid (principal, action, resource)\n\
             unless { context.officer && context.legal_basis && context.case };\n\n";
    let still_read = pack.struck().map(|struck| bodies(&struck.still_read)).filter(|list| !list.is_empty());
    let still = still_read.map_or_else(String::new, |list| {
        format!(
            "\n  || (context.pack == \"struck\" && action == Tanba::Action::\"read\" && [{list}].contains(principal))"
        )
    });
    let _ = writeln!(
        text,
        "@id(\"pack_in_force\")\nforbid (principal, action, resource)\nunless {{\n  context.pack == \"in_force\"{still}\n}};"
    );
    for rule in book.iter().flat_map(|book| &book.rules) {
        let assumed =
            book.as_ref().and_then(|book| book.assumed_from).map(|sheet| format!("{}/{}", sheet.id(), rule.code));
        permit(&mut text, rule, assumed.as_deref());
    }
    text
}

/// The policy of one rule.
fn permit(text: &mut String, rule: &AccessRule, assumed: Option<&str>) {
    let actions: Vec<_> = rule.acts.iter().map(|act| format!("Tanba::Action::{}", literal(&code(act)))).collect();
    let data: Vec<String> = rule.data.iter().map(code::<DataClass>).collect();
    let mut annotations = vec![("id", rule.code.clone()), ("cite", rule.ground.cite.clone())];
    annotations.push(("text", rule.text.get(Lang::En).to_owned()));
    annotations.push(("fields", rule.fields.join(" ")));
    annotations.push(("notify", code(&rule.notify)));
    annotations.extend(assumed.map(|assumed| ("assumed", assumed.to_owned())));
    if let Some(urgent) = rule.urgent {
        annotations.push(("urgent_review_working_days", urgent.review_working_days.to_string()));
    }
    if let Some(term) = &rule.term {
        annotations.push(("term", format!("{} and {} more", term.longest, term.extensions)));
    }
    if let Some(volume) = rule.volume {
        let limits =
            [("volume", Some(volume.requests)), ("case_volume", volume.in_a_case), ("body_volume", volume.of_a_body)];
        for (name, requests) in limits {
            annotations.extend(requests.map(|requests| (name, format!("{requests} in {} hours", volume.hours))));
        }
    }
    annotations.extend(rule.holder_lock.map(|heeded| ("holder_lock", heeded.to_string())));
    text.push('\n');
    for (name, value) in annotations {
        let _ = writeln!(text, "@{name}({})", literal(&value));
    }
    let _ = write!(
        text,
        "permit (principal, action in [{}], resource)\nwhen {{\n  [{}].contains(principal)\n  && [{}].contains(context.purpose)\n  \
         && [{}].contains(resource.data)\n  && [{}].contains(resource.population)",
        actions.join(", "),
        bodies(&rule.bodies),
        list(&rule.purposes),
        list(&data),
        list(&rule.populations),
    );
    let mut searched = String::new();
    for before in &rule.before {
        let actions: Vec<_> = before.acts.iter().map(|act| format!("Tanba::Action::{}", literal(&code(act)))).collect();
        let waited = before.or_after_days.map_or_else(String::new, |days| {
            format!(" || context.searched.contains({})", literal(&format!("{}/{days}", before.searched)))
        });
        let _ = write!(
            searched,
            "\n      && (!([{}].contains(action)) || context.searched.contains({}){waited})",
            actions.join(", "),
            literal(&before.searched)
        );
    }
    if rule.sanction.is_empty() {
        text.push_str(&searched);
    } else {
        let term = if rule.term.is_some() { " && context.sanction.within_term" } else { "" };
        let urgent = if rule.urgent.is_some() { "\n    || (!(context has sanction) && context.urgent)" } else { "" };
        let _ = write!(
            text,
            "\n  && (\n    (context has sanction\n      && [{}].contains(context.sanction.authority)\n      \
             && context.sanction.valid_from <= context.at && context.at < context.sanction.valid_to\n      \
             && context.sanction.uses_left > 0\n      && context.sanction.purposes.contains(context.purpose)\n      \
             && context.sanction.subject_matches && context.sanction.separate_persons{term}{searched}){urgent}\n  )",
            list(&rule.sanction),
        );
    }
    text.push_str("\n};\n");
}

fn bodies(names: &[String]) -> String {
    names.iter().map(|name| format!("Tanba::Body::{}", literal(name))).collect::<Vec<_>>().join(", ")
}

fn list(names: &[String]) -> String {
    names.iter().map(|name| literal(name)).collect::<Vec<_>>().join(", ")
}

/// The name in packs.
fn code<T: serde::Serialize>(value: &T) -> String {
    // Only unit variants come here, and they are texts.
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

/// A string of the Cedar language.
fn literal(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
