//! `tanba log verify-erasure`: a person's certificate of erasure, checked offline.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use serde_json::json;
use tanba_seal::ErasureCertificate;

use crate::cmd::cosigners::following;
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
    /// The log's file of keys (`log.keys`), where it has changed its key.
    #[arg(long, value_name = "FILE")]
    log_keys: Option<PathBuf>,
}

impl VerifyErasure {
    /// Runs it.
    pub(crate) fn run(&self, console: &Console) -> anyhow::Result<()> {
        let certificate = ErasureCertificate::parse(&input::read_file(&self.certificate)?)?;
        let proved = certificate.verify(&following(&self.vkey, self.log_keys.as_deref())?)?;
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

#[cfg(test)]
mod tests {
    use std::fs;

    use tanba_seal::keyd::Opening;
    use tanba_seal::log::{MemoryStore, TlogProof, integrate};
    use tanba_seal::{ERASED, KdfParams, KeyRing, commit_erased};

    use super::*;

    #[test]
    fn control_f7_the_command_checks_a_certificate_and_refuses_one_of_another_log() {
        let mut next = 0_u8;
        let mut signer = |passphrase: &str| {
            let mut entropy = |out: &mut [u8]| {
                for byte in out {
                    next = next.wrapping_mul(5).wrapping_add(3);
                    *byte = next;
                }
            };
            let ring = KeyRing::create(passphrase, &["image"], "log.example", KdfParams::MINIMUM, &mut entropy);
            ring.unwrap().1.log_signer()
        };
        let (log, other) = (signer("a test passphrase"), signer("another passphrase"));
        let opening = Opening { salt: "AAAAAAAAAAAAAAAAAAAAAA==".to_owned(), records: vec!["print_images".to_owned()] };
        let leaf = json!({"seq": 0, "time": 1, "event": ERASED, "clause": "a", "erased": commit_erased(&opening)});
        let leaf = leaf.to_string().into_bytes();
        let mut store = MemoryStore::default();
        integrate(&mut store, &log, 0, std::slice::from_ref(&leaf)).unwrap();
        let mut proof = TlogProof::make(&store, log.verifier(), 0).unwrap();
        proof.extra = Some(leaf);
        let folder = tempfile::tempdir().unwrap();
        let certificate = folder.path().join("tanba.erasure.json");
        fs::write(&certificate, ErasureCertificate::new([(proof, opening)]).to_bytes().unwrap()).unwrap();
        let verify = |vkey: String| {
            VerifyErasure { certificate: certificate.clone(), vkey, log_keys: None }.run(&Console::new(true))
        };
        verify(log.verifier().to_string()).unwrap();
        assert!(verify(other.verifier().to_string()).is_err());
        let said = fs::read_to_string(&certificate).unwrap();
        fs::write(&certificate, said.replace("print_images", "print_templates")).unwrap();
        let refused = verify(log.verifier().to_string()).unwrap_err();
        assert!(format!("{refused:#}").contains("something else was erased"), "{refused:#}");
    }
}
