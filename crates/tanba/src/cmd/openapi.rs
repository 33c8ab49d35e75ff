//! `tanba openapi`: the description of the API.

use clap::Args;
use serde_json::Value;

use crate::console::Console;

/// Options of `tanba openapi`: none.
#[derive(Args)]
pub(crate) struct OpenApi;

impl OpenApi {
    /// Prints the document; it is JSON for people and scripts alike.
    pub(crate) fn run(self, console: &Console) -> anyhow::Result<()> {
        let text = tanba_server::openapi_json();
        let document: Value = serde_json::from_str(&text)?;
        console.answer(&document, text.trim_end());
        Ok(())
    }
}
