//! What a person keeps of an erasure: entries of the log that say that something was erased, each with its proof, and what opens the
//! entry's commitment to what it was. Checked offline by whoever has the log's verifier key.
//!
//! The file is JSON: `{"format": "tanba-erasure/1", "entries": [{"proof": a tlog-proof whose extra data is the entry, "opening": {"salt",
//! "records"}}]}`. An entry says `"event": "record.erased"` and has in `"erased"` what [`commit_erased`] makes of the opening.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};

use crate::commit;
use crate::keyd::Opening;
use crate::log::{Checkpoint, LogError, LogVerifier, TlogProof};

const FORMAT: &str = "tanba-erasure/1";
/// The event of an entry that says that something was erased.
pub const ERASED: &str = "record.erased";
/// The longest certificate read, bytes.
const MAX_BYTES: usize = 4 << 20;

/// A certificate of erasure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErasureCertificate {
    format: String,
    entries: Vec<ErasureEntry>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ErasureEntry {
    proof: String,
    opening: Opening,
}

/// One erasure that a certificate proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvedErasure {
    /// The entry's place in the log.
    pub seq: u64,
    /// When, microseconds since 1970-01-01 UTC.
    pub time: i64,
    /// The clause of the law that it rests on.
    pub clause: Option<String>,
    /// What was erased: the part, the record, and the SHA-256 of each wrapped key that was destroyed.
    pub erased: Vec<String>,
    /// The checkpoint whose tree holds the entry.
    pub checkpoint: Checkpoint,
}

/// The commitment of an entry to what was erased, in lower-case hexadecimal: [`commit`]`(salt, "erased", each line followed by a line
/// feed)`. None where the salt is not 16 bytes in base64, or a line holds a line feed, so that no two lists have one commitment.
#[must_use]
pub fn commit_erased(opening: &Opening) -> Option<String> {
    let salt: [u8; 16] = BASE64.decode(&opening.salt).ok()?.try_into().ok()?;
    if opening.records.iter().any(|line| line.contains('\n')) {
        return None;
    }
    let lines: String = opening.records.iter().map(|line| format!("{line}\n")).collect();
    Some(commit(&salt, "erased", lines.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect())
}

/// As much of an entry as is read here.
#[derive(Deserialize)]
struct Leaf {
    seq: u64,
    time: i64,
    event: String,
    clause: Option<String>,
    erased: Option<String>,
}

impl ErasureCertificate {
    /// A certificate of entries with their proofs, whose extra data are the entries, and with what opens their commitments.
    #[must_use]
    pub fn new(entries: impl IntoIterator<Item = (TlogProof, Opening)>) -> Self {
        let entry = |(proof, opening): (TlogProof, Opening)| ErasureEntry {
            proof: String::from_utf8_lossy(&proof.to_bytes()).into_owned(),
            opening,
        };
        Self { format: FORMAT.to_owned(), entries: entries.into_iter().map(entry).collect() }
    }

    /// The text form.
    ///
    /// # Errors
    /// None that a certificate of this program could meet; [`LogError::BadProof`] where it cannot be written as JSON.
    pub fn to_bytes(&self) -> Result<Vec<u8>, LogError> {
        serde_json::to_vec_pretty(self).map_err(|_| refuse("it cannot be written as JSON"))
    }

    /// Reads the text form. Whether it is true, [`ErasureCertificate::verify`] says.
    ///
    /// # Errors
    /// [`LogError::BadProof`].
    pub fn parse(bytes: &[u8]) -> Result<Self, LogError> {
        if bytes.len() > MAX_BYTES {
            return Err(refuse("it is longer than any certificate of erasure"));
        }
        let read: Self = serde_json::from_slice(bytes).map_err(|_| refuse("it is no certificate of erasure"))?;
        if read.format != FORMAT || read.entries.is_empty() {
            return Err(refuse("it is no certificate of erasure in the format tanba-erasure/1, or an empty one"));
        }
        Ok(read)
    }

    /// Checks every entry against the log of `verifier`: that it is in it, that it says that something was erased, and that the opening is
    /// what it commits to.
    ///
    /// # Errors
    /// [`LogError::BadCheckpoint`], [`LogError::BadProof`]: one wrong entry makes the certificate wrong.
    pub fn verify(&self, verifier: &LogVerifier) -> Result<Vec<ProvedErasure>, LogError> {
        self.entries.iter().map(|entry| entry.verify(verifier)).collect()
    }
}

impl ErasureEntry {
    fn verify(&self, verifier: &LogVerifier) -> Result<ProvedErasure, LogError> {
        let proof = TlogProof::parse(self.proof.as_bytes())?;
        let leaf = proof.extra.as_deref().ok_or(refuse("a proof lacks its entry"))?;
        let checkpoint = proof.verify(verifier, leaf)?;
        let entry: Leaf = serde_json::from_slice(leaf).map_err(|_| refuse("an entry is none of a register's log"))?;
        if entry.event != ERASED || entry.seq != proof.index {
            return Err(refuse("an entry does not say that something was erased"));
        }
        let committed = commit_erased(&self.opening).ok_or(refuse("an opening is not as a register makes it"))?;
        if entry.erased != Some(committed) {
            return Err(refuse("an entry says that something else was erased"));
        }
        let Leaf { seq, time, clause, .. } = entry;
        Ok(ProvedErasure { seq, time, clause, erased: self.opening.records.clone(), checkpoint })
    }
}

fn refuse(what: &'static str) -> LogError {
    LogError::BadProof { what }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::log::{LogSigner, MemoryStore, integrate};
    use crate::{KdfParams, KeyRing};

    fn signer(fill: u8) -> LogSigner {
        let mut next = fill;
        let mut entropy = |out: &mut [u8]| {
            for byte in out {
                next = next.wrapping_mul(5).wrapping_add(3);
                *byte = next;
            }
        };
        KeyRing::create("a test passphrase", &["image"], "log.example", KdfParams::MINIMUM, &mut entropy)
            .unwrap()
            .1
            .log_signer()
    }

    fn certificate(signer: &LogSigner, event: &str) -> ErasureCertificate {
        let opening =
            Opening { salt: BASE64.encode([7; 16]), records: vec!["print_images".to_owned(), "record 1".to_owned()] };
        let leaves: Vec<Vec<u8>> = (0..5)
            .map(|seq| json!({"seq": seq, "time": seq, "event": event, "clause": "a/1", "erased": commit_erased(&opening)}))
            .map(|leaf| leaf.to_string().into_bytes())
            .collect();
        let mut store = MemoryStore::default();
        integrate(&mut store, signer, 0, &leaves).unwrap();
        let mut proof = TlogProof::make(&store, signer.verifier(), 3).unwrap();
        proof.extra = Some(leaves[3].clone());
        ErasureCertificate::new([(proof, opening)])
    }

    #[test]
    fn control_f7_a_certificate_of_erasure_is_checked_offline_and_refused_where_it_says_something_else() {
        let log = signer(1);
        let whole = certificate(&log, ERASED);
        let read = ErasureCertificate::parse(&whole.to_bytes().unwrap()).unwrap();
        let proved = read.verify(log.verifier()).unwrap().remove(0);
        assert_eq!((proved.seq, proved.clause.as_deref()), (3, Some("a/1")));
        assert_eq!(proved.erased, ["print_images", "record 1"]);

        let mut other = whole.clone();
        other.entries[0].opening.records[0] = "print_templates".to_owned();
        assert!(matches!(other.verify(log.verifier()), Err(LogError::BadProof { .. })), "not what was erased");
        let mut salted = whole.clone();
        salted.entries[0].opening.salt = "AA==".to_owned();
        assert!(salted.verify(log.verifier()).is_err());
        assert!(whole.verify(signer(2).verifier()).is_err(), "of another log");
        assert!(certificate(&log, "record.blocked").verify(log.verifier()).is_err(), "nothing was erased");
        let mut moved = whole.clone();
        moved.entries[0].proof = moved.entries[0].proof.replace("index 3", "index 2");
        assert!(moved.verify(log.verifier()).is_err());
        for bad in ["", "{}", r#"{"format": "tanba-erasure/1", "entries": []}"#] {
            assert!(ErasureCertificate::parse(bad.as_bytes()).is_err());
        }
    }
}
