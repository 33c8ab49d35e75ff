//! `tanba law list` and `show`: what stands in the packs.

use std::fmt::Write as _;

use anyhow::Context;
use serde_json::{Value, json};
use tanba_law::{AssumptionSheet, Clause, Lang, Library, Pack, Rule, Selector};

use super::words::{status, words};
use crate::console::Console;

pub(super) fn list(library: &Library, lang: Lang, console: &Console) {
    let mut out = String::new();
    for pack in library.packs() {
        let until = pack.valid_to().map_or_else(|| "…".to_owned(), |end| end.to_string());
        let _ = writeln!(
            out,
            "{}\n  {}\n  {} – {until}; {}",
            pack.id(),
            pack.title().get(lang),
            pack.valid_from(),
            status(pack, &words(lang))
        );
    }
    for sheet in library.sheets() {
        let _ = writeln!(out, "{}\n  {}", sheet.id(), sheet.title().get(lang));
    }
    let packs: Vec<_> = library.packs().iter().map(about).collect();
    let sheets: Vec<_> = library
        .sheets()
        .iter()
        .map(|sheet| json!({ "id": sheet.id(), "title": sheet.title(), "hash": sheet.hash() }))
        .collect();
    console.answer(&json!({ "packs": packs, "sheets": sheets }), out.trim_end());
}

pub(super) fn about(pack: &Pack) -> Value {
    json!({
        "id": pack.id(),
        "title": pack.title(),
        "jurisdiction": pack.jurisdiction(),
        "modality": pack.modality(),
        "status": pack.status(),
        "valid_from": pack.valid_from(),
        "valid_to": pack.valid_to(),
        "known_from": pack.known_from(),
        "pack_hash": pack.hash(),
    })
}

pub(super) fn show_pack(pack: &Pack, lang: Lang, console: &Console) -> anyhow::Result<()> {
    let words = words(lang);
    let act = pack.instrument();
    let mut out = format!(
        "{} ({})\n{} sha256:{}\n{}{}, {}\n\n{}\n",
        pack.title().get(lang),
        status(pack, &words),
        pack.id(),
        pack.hash(),
        act.number,
        act.date.map(|date| format!(" {date}")).unwrap_or_default(),
        act.title.get(lang),
        pack.history().get(lang)
    );
    for clause in pack.clauses() {
        let text = clause.text.map_or_else(String::new, |text| format!(" {}", text.get(lang)));
        let _ = writeln!(out, "\n[{}]{text}", clause.code);
        if let Some(rule) = pack.rules().iter().find(|rule| rule.code == clause.code) {
            let _ = writeln!(out, "    {}", scope(rule));
        }
        let _ = writeln!(out, "    {}", sourced(&clause));
    }
    let open: Vec<_> = pack.open_questions().iter().map(|clause| clause.code).collect();
    let _ = writeln!(out, "\n{} {}", words.open, open.join(", "));
    let mut answer = about(pack);
    answer["open_questions"] = json!(open);
    answer["content"] = serde_json::from_str(pack.canonical_json()).context("the pack's canonical form is not JSON")?;
    console.answer(&answer, out.trim_end());
    Ok(())
}

/// Whom a rule binds, at what age, on which events, in the names of the file.
fn scope(rule: &Rule) -> String {
    fn names<T: ToString>(meant: &Selector<T>) -> String {
        match meant {
            Selector::Any => "any".to_owned(),
            Selector::Only(items) => items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        }
    }
    format!("{:?}: {} {}; {}", rule.basis, names(&rule.who), rule.age, names(&rule.triggers)).to_lowercase()
}

pub(super) fn sourced(clause: &Clause<'_>) -> String {
    let ground = clause.ground;
    format!("{}; {} ({:?})", ground.cite, ground.source, ground.confidence)
}

pub(super) fn show_sheet(sheet: &AssumptionSheet, lang: Lang, console: &Console) {
    let mut out = format!("{}\n{} sha256:{}\n", sheet.title().get(lang), sheet.id(), sheet.hash());
    let mut assumptions = Vec::new();
    for (code, text, reason) in sheet.assumptions() {
        let _ = writeln!(out, "\n[{code}] {}\n    {}", text.get(lang), reason.get(lang));
        assumptions.push(json!({ "code": code, "text": text, "reason": reason }));
    }
    let answer = json!({ "id": sheet.id(), "title": sheet.title(), "hash": sheet.hash(), "assumptions": assumptions });
    console.answer(&answer, out.trim_end());
}
