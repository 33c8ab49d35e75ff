//! `tanba law cedar`: who may look, as policies of the Cedar language.

use anyhow::Context;
use clap::Args;
use serde_json::json;
use tanba_law::{Library, Mode, RulesOf, cedar_policies, cedar_schema};

use super::pack_or_file;
use crate::console::Console;

#[derive(Args)]
pub(super) struct Cedar {
    /// The pack: an id, or a file that ends in `.yaml`.
    #[arg(required_unless_present = "schema")]
    pack: Option<String>,
    /// Print the schema instead: entities, actions and the facts of a request, the same for every pack.
    #[arg(long, conflicts_with_all = ["pack", "transfers", "sheet"])]
    schema: bool,
    /// Transfers to partners abroad instead of access at home.
    #[arg(long)]
    transfers: bool,
    /// Fill what the pack leaves unknown from this assumption sheet, for a demonstration.
    #[arg(long, value_name = "SHEET")]
    sheet: Option<String>,
}

impl Cedar {
    pub(super) fn run(&self, library: &Library, console: &Console) -> anyhow::Result<()> {
        let Some(name) = self.pack.as_ref().filter(|_| !self.schema) else {
            let schema = cedar_schema();
            console.answer(&json!({ "schema": schema }), schema.trim_end());
            return Ok(());
        };
        let pack = pack_or_file(library, name)?;
        let mode = match &self.sheet {
            None => Mode::Production,
            Some(id) => {
                Mode::Demonstration(library.sheet(id).filter(|sheet| sheet.covers(pack.id())).with_context(|| {
                    format!("no assumption sheet {id} was written for {}; `tanba law list` names them", pack.id())
                })?)
            }
        };
        let of = if self.transfers { RulesOf::Transfers } else { RulesOf::Access };
        let policies = cedar_policies(&pack, of, mode);
        let answer = json!({
            "pack": pack.id(), "pack_hash": pack.hash(), "schema": cedar_schema(), "policies": policies,
            "demonstration": mode.is_demonstration(),
        });
        console.answer(&answer, policies.trim_end());
        Ok(())
    }
}
