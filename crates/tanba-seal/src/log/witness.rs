//! A witness (C2SP tlog-witness): cosigns a log's checkpoint only if it extends the last one that it cosigned.
//!
//! What is remembered of each log is the last cosigned checkpoint, as the note that was cosigned, in a [`TileStore`]
//! under `heads/`. It is stored durably *before* the answer exists; and because [`Witness::add_checkpoint`] borrows the
//! store mutably, two requests cannot be checked against the same head: the race in which a smaller tree overwrites a
//! larger one, which the specification warns of, cannot be written down.

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};

use super::{
    Checkpoint, Hash, LogError, LogVerifier, TileStore, WitnessSigner, WitnessVerifier,
    checkpoint::parse_decimal,
    empty_root, leaf_hash,
    note::{MAX_NOTE_BYTES, Note},
    prove_consistency,
    tlog_proof::before_checkpoint,
    verify_consistency,
};

/// Proof lines that a request may have.
const MAX_PROOF_LINES: usize = 63;

/// The longest request, bytes: its proof, a line's room for its size and the empty line, and a checkpoint.
pub const MAX_WITNESS_REQUEST_BYTES: usize = (MAX_PROOF_LINES + 1) * 45 + MAX_NOTE_BYTES;

/// The body of an `add-checkpoint` request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// The size that the client believes the witness to have cosigned last.
    pub old: u64,
    /// The consistency proof from there to the checkpoint.
    pub proof: Vec<Hash>,
    /// The signed note, verbatim.
    pub checkpoint: Vec<u8>,
}

impl AddCheckpoint {
    /// The request for a published log's checkpoint, with the proof from `old`, at most the checkpoint's size.
    ///
    /// # Errors
    /// [`LogError::OutOfRange`], [`LogError::BadFile`], [`LogError::Store`].
    pub fn make(store: &impl TileStore, checkpoint: &[u8], size: u64, old: u64) -> Result<Self, LogError> {
        let proof = if old == 0 { Vec::new() } else { prove_consistency(store, old, size)? };
        Ok(Self { old, proof, checkpoint: checkpoint.to_vec() })
    }

    /// The text form.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        before_checkpoint(format!("old {}\n", self.old), &self.proof, &self.checkpoint)
    }

    /// Reads the text form. The result is well formed; the checkpoint is not looked at.
    ///
    /// # Errors
    /// [`LogError::BadRequest`].
    pub fn parse(bytes: &[u8]) -> Result<Self, LogError> {
        let refuse = |what| LogError::BadRequest { what };
        if bytes.len() > MAX_WITNESS_REQUEST_BYTES {
            return Err(refuse("it is longer than any request"));
        }
        let end = bytes.windows(2).position(|pair| pair == b"\n\n").ok_or(refuse("it has no checkpoint"))?;
        let head = std::str::from_utf8(&bytes[..end]).map_err(|_| refuse("it is not text"))?;
        let mut lines = head.split('\n');
        let old = lines
            .next()
            .and_then(|line| line.strip_prefix("old "))
            .and_then(parse_decimal)
            .ok_or(refuse("its first line is not `old <size>`"))?;
        let proof = lines
            .map(|line| Hash::from_base64(line).ok_or(refuse("a proof line is not a SHA-256 hash")))
            .collect::<Result<Vec<_>, _>>()?;
        if proof.len() > MAX_PROOF_LINES {
            return Err(refuse("it has more than 63 proof lines"));
        }
        Ok(Self { old, proof, checkpoint: bytes[end + 2..].to_vec() })
    }
}

/// What a witness answers, as HTTP puts it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WitnessAnswer {
    /// 200: cosigned. The signature lines.
    Cosigned(String),
    /// 400: the request is malformed, or its old size is above the checkpoint's.
    Malformed(&'static str),
    /// 403: no key that is trusted for this log has signed the checkpoint.
    NotSigned,
    /// 404: no log of this origin is known.
    UnknownLog,
    /// 409: another size was cosigned last (this one), or the same size with another root.
    Conflict(u64),
    /// 422: the proof does not show that the checkpoint extends the one cosigned last.
    NotConsistent,
}

impl WitnessAnswer {
    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::Cosigned(_) => 200,
            Self::Malformed(_) => 400,
            Self::NotSigned => 403,
            Self::UnknownLog => 404,
            Self::Conflict(_) => 409,
            Self::NotConsistent => 422,
        }
    }

    /// The HTTP content type.
    #[must_use]
    pub fn content_type(&self) -> &'static str {
        match self {
            Self::Conflict(_) => "text/x.tlog.size",
            _ => "text/plain; charset=utf-8",
        }
    }

    /// The HTTP body.
    #[must_use]
    pub fn body(&self) -> String {
        match self {
            Self::Cosigned(lines) => lines.clone(),
            Self::Malformed(what) => format!("{what}\n"),
            Self::NotSigned => "no key that this witness trusts for the log has signed the checkpoint\n".to_owned(),
            Self::UnknownLog => "this witness does not know the log; ask its operator to add it\n".to_owned(),
            Self::Conflict(size) => format!("{size}\n"),
            Self::NotConsistent => "the checkpoint was not shown to extend the one cosigned last\n".to_owned(),
        }
    }
}

/// A witness: its key, and the logs that it watches.
#[derive(Debug)]
pub struct Witness {
    signer: WitnessSigner,
    logs: Vec<LogVerifier>,
}

impl Witness {
    /// A witness for logs with these keys. A log may have several keys under one origin, while it changes them.
    #[must_use]
    pub fn new(signer: WitnessSigner, logs: Vec<LogVerifier>) -> Self {
        Self { signer, logs }
    }

    /// The witness's public key, for Ed25519.
    #[must_use]
    pub fn verifier(&self) -> &WitnessVerifier {
        self.signer.verifier()
    }

    /// The witness's public key, for ML-DSA-44.
    #[must_use]
    pub fn post_quantum_verifier(&self) -> &WitnessVerifier {
        self.signer.post_quantum_verifier()
    }

    /// Answers an `add-checkpoint` request at `time` (POSIX seconds). What is cosigned has been stored when this returns.
    ///
    /// A cosignature's time never goes back, whatever the clock does.
    ///
    /// # Errors
    /// Only where the memory of the last checkpoint fails or was tampered with: nothing is answered then, and nothing is
    /// cosigned (HTTP 500).
    pub fn add_checkpoint(
        &self,
        store: &mut impl TileStore,
        request: &[u8],
        time: u64,
    ) -> Result<WitnessAnswer, LogError> {
        // What is wrong with the request is an answer; everything after that is a failure of this witness.
        let asked = match AddCheckpoint::parse(request) {
            Ok(asked) => asked,
            Err(error) => return Ok(WitnessAnswer::Malformed(what_of(&error))),
        };
        let read = Note::parse(&asked.checkpoint).and_then(|note| Ok((Checkpoint::read(note.text)?, note)));
        let (checkpoint, note) = match read {
            Ok(parts) => parts,
            Err(error) => return Ok(WitnessAnswer::Malformed(what_of(&error))),
        };
        let keys: Vec<&LogVerifier> = self.logs.iter().filter(|log| log.name() == checkpoint.origin).collect();
        if keys.is_empty() {
            return Ok(WitnessAnswer::UnknownLog);
        }
        // A false signature by a trusted key is no signature; a second key of the log may still have signed.
        if !keys.iter().any(|key| key.has_signed(&note).unwrap_or(false)) {
            return Ok(WitnessAnswer::NotSigned);
        }
        if asked.old > checkpoint.size {
            return Ok(WitnessAnswer::Malformed("the old size is above the checkpoint's"));
        }
        let latest = self.latest(store, &checkpoint.origin)?;
        let (size, root, before) = latest.map_or((0, empty_root(), 0), |l| (l.head.size, l.head.root, l.time));
        if asked.old != size {
            return Ok(WitnessAnswer::Conflict(size));
        }
        if size == checkpoint.size && root != checkpoint.root {
            return Ok(WitnessAnswer::Conflict(size));
        }
        // Every tree extends the empty one: no proof is needed, and none may be sent.
        let extends = match size {
            0 => asked.proof.is_empty(),
            _ => verify_consistency(size, checkpoint.size, &root, &checkpoint.root, &asked.proof).is_ok(),
        };
        if !extends {
            return Ok(WitnessAnswer::NotConsistent);
        }
        let lines = self.signer.cosign(note.text, &checkpoint, time.max(before).max(1))?;
        let path = head_path(&checkpoint.origin);
        // One is enough to know it again, and then any byte that changes is seen.
        let kept = format!("{}\n{}", note.text, lines[0]);
        store.write(&path, kept.as_bytes()).map_err(|source| LogError::Store { path, source })?;
        Ok(WitnessAnswer::Cosigned(lines.concat()))
    }

    /// What was cosigned last of a log; `None` if nothing was.
    ///
    /// # Errors
    /// [`LogError::Store`]; [`LogError::BadCheckpoint`] or [`LogError::BadFile`] if what is there was not written by
    /// this witness, or not for this log.
    pub fn latest(&self, store: &impl TileStore, origin: &str) -> Result<Option<Cosigned>, LogError> {
        let path = head_path(origin);
        let read = store.read(&path).map_err(|source| LogError::Store { path: path.clone(), source })?;
        let Some(kept) = read else { return Ok(None) };
        let note = Note::parse(&kept)?;
        let bad = |what| LogError::BadFile { path: path.clone(), what };
        let time = self.verifier().time_on(&note)?.ok_or_else(|| bad("this witness has not cosigned what it says"))?;
        let head = Checkpoint::read(note.text)?;
        if head.origin != origin {
            return Err(bad("it is of another log"));
        }
        Ok(Some(Cosigned { head, time }))
    }
}

/// A checkpoint that a witness has cosigned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cosigned {
    /// The checkpoint.
    pub head: Checkpoint,
    /// When, in POSIX seconds.
    pub time: u64,
}

/// The signature lines of a witness's answer that are this witness's cosignatures of the checkpoint; other lines are
/// left out, as the specification asks of a client.
///
/// # Errors
/// [`LogError::BadCheckpoint`] if the answer is malformed or has no cosignature of this witness that verifies.
pub fn cosignature_lines(checkpoint: &[u8], answer: &[u8], witness: &WitnessVerifier) -> Result<String, LogError> {
    let refuse = |what| LogError::BadCheckpoint { what };
    let text = Note::parse(checkpoint)?.text;
    let answer = std::str::from_utf8(answer).map_err(|_| refuse("the witness's answer is not text"))?;
    let note = format!("{text}\n{answer}");
    let note = Note::parse(note.as_bytes())?;
    if witness.time_on(&note)?.is_none() {
        return Err(refuse("the witness's answer holds no cosignature of its key"));
    }
    Ok(note.signatures_by(&witness.0).map(|signature| super::note::signature_line(&witness.0, signature)).collect())
}

fn what_of(error: &LogError) -> &'static str {
    match error {
        LogError::BadRequest { what } | LogError::BadCheckpoint { what } => what,
        _ => "the request is malformed",
    }
}

/// Where the last cosigned checkpoint of a log lies: a name that no origin can lead out of the store.
fn head_path(origin: &str) -> String {
    let name = BASE64.encode(leaf_hash(origin.as_bytes()).0).replace('/', "_").replace('+', "-");
    format!("heads/{}", name.trim_end_matches('='))
}
