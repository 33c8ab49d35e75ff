//! `tanba law verify`: whether a pack is sound, and who stands behind it.

use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, ValueEnum};
use serde_json::json;
use tanba_law::{
    Approval, Constraints, Date, Finding, KeyFile, Lang, Library, Pack, SignatureFile, SignerRole, signed_message,
};

use super::words::{status, words};
use super::{MAX_FILE, pack_or_file, parse_date, read_text};
use crate::console::Console;

#[derive(Args)]
pub(super) struct Verify {
    /// The pack: an id, or a file that ends in `.yaml`.
    pack: String,
    /// File of signatures (`tanba-law-signatures/1`); both roles must have signed this very content.
    #[arg(long, value_name = "FILE", requires = "keys")]
    signatures: Option<PathBuf>,
    /// File of the keys that you trust (`tanba-law-keys/1`).
    #[arg(long, value_name = "FILE", requires = "signatures")]
    keys: Option<PathBuf>,
    /// Print nothing but the bytes that a role signs, for the tool that signs them.
    #[arg(long, value_name = "ROLE", requires = "on", conflicts_with = "signatures")]
    message: Option<Role>,
    /// The day of signing.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = parse_date, requires = "message")]
    on: Option<Date>,
}

/// Who signs.
#[derive(Clone, Copy, ValueEnum)]
enum Role {
    Legal,
    Technical,
}

impl Verify {
    pub(super) fn run(&self, library: &Library, lang: Lang, console: &Console) -> anyhow::Result<()> {
        let mut pack = pack_or_file(library, &self.pack)?;
        library.with(pack.clone()).context("the pack does not fit the others")?;
        if let (Some(role), Some(on)) = (self.message, self.on) {
            let role = match role {
                Role::Legal => SignerRole::Legal,
                Role::Technical => SignerRole::Technical,
            };
            let message = signed_message(pack.id(), pack.hash(), role, on);
            // The line feed that ends the message is the one that ends the answer.
            console.answer(&json!({ "message": message }), message.trim_end());
            return Ok(());
        }
        if let (Some(signatures), Some(keys)) = (&self.signatures, &self.keys) {
            let signed =
                SignatureFile::from_yaml(&read_text(signatures, MAX_FILE)?).context("the file of signatures")?;
            let trusted = KeyFile::from_yaml(&read_text(keys, MAX_FILE)?).context("the file of keys")?;
            pack = pack.approved(&signed, &trusted).context("the signatures do not approve the pack")?;
        }
        let open: Vec<_> = pack.open_questions().iter().map(|clause| clause.code).collect();
        let findings: Vec<_> =
            Constraints::united_nations().findings(&pack).into_iter().filter(|finding| !finding.open).collect();
        let told_findings: Vec<_> = findings.iter().map(finding_json).collect();
        let answer = json!({
            "pack": pack.id(),
            "pack_hash": pack.hash(),
            "pack_status": pack.status(),
            "sound": true,
            "clauses": pack.clauses().count(),
            "conflicts": 0,
            "gaps": 0,
            "open_questions": open,
            "breaks": told_findings,
            "signed": pack.approval(),
        });
        console.answer(&answer, told(&pack, &open, &findings, lang));
        Ok(())
    }
}

fn finding_json(finding: &Finding) -> serde_json::Value {
    json!({
        "constraint": finding.constraint,
        "citation": finding.citation,
        "clause": finding.clause,
        "line": finding.line,
        "text": finding.text,
    })
}

fn told(pack: &Pack, open: &[&str], findings: &[Finding], lang: Lang) -> String {
    let words = words(lang);
    let signed = |by: &Approval| format!("\n{}, {} ({})", by.legal, by.technical, by.on);
    let open = if open.is_empty() { words.no_open.to_owned() } else { format!("{} {}", words.open, open.join(", ")) };
    let breaks: String = findings
        .iter()
        .map(|finding| format!("\n{} › {}: {}", finding.constraint, finding.clause, finding.text.get(lang)))
        .collect();
    let by = pack.approval().map(signed).unwrap_or_default();
    format!(
        "{} ({}){by}\n{} sha256:{}\n{open}{breaks}",
        pack.title().get(lang),
        status(pack, &words),
        pack.id(),
        pack.hash()
    )
}
