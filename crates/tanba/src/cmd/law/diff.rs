//! `tanba law diff`: what changed between two packs.

use clap::Args;
use serde_json::{Value, json};
use tanba_law::{Lang, Library, diff};

use super::pack_or_file;
use crate::console::Console;

#[derive(Args)]
pub(super) struct Diff {
    /// The earlier pack: an id, or a file that ends in `.yaml`.
    from: String,
    /// The later pack, likewise.
    to: String,
}

impl Diff {
    pub(super) fn run(&self, library: &Library, lang: Lang, console: &Console) -> anyhow::Result<()> {
        let (from, to) = (pack_or_file(library, &self.from)?, pack_or_file(library, &self.to)?);
        let changes = diff(&from, &to);
        let told: Vec<_> = changes.iter().map(tanba_law::Change::told).collect();
        let lines: Vec<_> = told.iter().map(|text| text.get(lang).to_owned()).collect();
        let rows: Vec<Value> = changes
            .iter()
            .zip(&told)
            .map(|(change, text)| {
                let mut row = json!(change);
                row["text"] = json!(text);
                row
            })
            .collect();
        let answer = json!({
            "from": from.id(),
            "from_hash": from.hash(),
            "to": to.id(),
            "to_hash": to.hash(),
            "changes": rows,
        });
        let head = format!("{} sha256:{}\n{} sha256:{}\n", from.id(), from.hash(), to.id(), to.hash());
        console.answer(&answer, format!("{head}\n{}", lines.join("\n")).trim_end());
        Ok(())
    }
}
