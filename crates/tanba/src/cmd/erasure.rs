//! `tanba log verify-erasure`: a person's certificate of erasure, checked offline.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use serde_json::json;
use tanba_seal::ErasureCertificate;
use tanba_seal::log::LogVerifier;

use crate::console::Console;
use crate::input;

/// Options of `tanba log verify-erasure`.
#[derive(Args)]
pub(crate) struct VerifyErasure {
    /// The file (tanba-erasure/1).
    certificate: PathBuf,
    /// The log's verifier key (name+hash+key), obtained elsewhere.
    #[arg(long, value_name = "KEY")]
    vkey: String,
}

impl VerifyErasure {
    /// Runs it.
    pub(crate) fn run(&self, console: &Console) -> anyhow::Result<()> {
        let certificate = ErasureCertificate::parse(&input::read_file(&self.certificate)?)?;
        let proved = certificate.verify(&LogVerifier::parse(&self.vkey).context("--vkey")?)?;
        let mut human = String::from("Proved: the log says that these were erased.");
        let mut entries = Vec::with_capacity(proved.len());
        for erasure in &proved {
            let at = jiff::Timestamp::from_microsecond(erasure.time).context("the time of an entry")?;
            // Escaped: whoever made the file may have put more than words into it.
            let line = format!("{}  {at}  {}", erasure.seq, erasure.erased.join("  "));
            human += &format!("\n  {}", line.escape_debug());
            entries.push(json!({
                "seq": erasure.seq, "time": at.to_string(), "clause": erasure.clause, "erased": erasure.erased,
                "log": erasure.checkpoint.origin, "size": erasure.checkpoint.size,
            }));
        }
        console.answer(&json!({"ok": true, "erasures": entries}), human);
        Ok(())
    }
}
