//! What a session was asked to sign. One of a kind at a time; taken once, whatever comes of it.

use sqlx::Row;

use crate::error::Result;
use crate::ids::RowId;
use crate::params::CHALLENGE_SECONDS;
use crate::rows;
use crate::store::WriteTx;
use crate::time::Instant;

/// What for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Bind,
    Prove,
    Approve,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Bind => "bind",
            Self::Prove => "prove",
            Self::Approve => "approve",
        }
    }
}

/// What was asked.
pub(super) struct Asked {
    pub(super) challenge: Vec<u8>,
    pub(super) code: Option<RowId>,
    pub(super) proposal: Option<RowId>,
    pub(super) act: Option<RowId>,
}

/// Remembers what a session is asked, in place of what it was asked before.
pub(super) async fn put(tx: &mut WriteTx<'_>, session: &[u8], kind: Kind, asked: &Asked) -> Result<()> {
    let valid_to = tx.now().plus_seconds(CHALLENGE_SECONDS);
    sqlx::query(
        "INSERT INTO passkey_challenges (session_hash, kind, challenge, code_id, proposal_id, act_proof_id, valid_to) VALUES ($1, $2, $3, $4, $5, $6, $7) \
         ON CONFLICT (session_hash, kind) DO UPDATE SET challenge = excluded.challenge, code_id = excluded.code_id, \
         proposal_id = excluded.proposal_id, act_proof_id = excluded.act_proof_id, valid_to = excluded.valid_to",
    )
    .bind(session)
    .bind(kind.name())
    .bind(asked.challenge.as_slice())
    .bind(asked.code.map(|id| id.to_string()))
    .bind(asked.proposal.map(|id| id.to_string()))
    .bind(asked.act.map(|id| id.to_string()))
    .bind(valid_to.micros())
    .execute(tx.sql())
    .await?;
    Ok(())
}

/// Takes what a session was asked; `None` where nothing was, or too long ago.
pub(super) async fn take(tx: &mut WriteTx<'_>, session: &[u8], kind: Kind) -> Result<Option<Asked>> {
    let now: Instant = tx.now();
    let row = sqlx::query("DELETE FROM passkey_challenges WHERE session_hash = $1 AND kind = $2 RETURNING *")
        .bind(session)
        .bind(kind.name())
        .fetch_optional(tx.sql())
        .await?;
    let Some(row) = row else { return Ok(None) };
    if rows::instant(&row, "valid_to")? <= now {
        return Ok(None);
    }
    Ok(Some(Asked {
        challenge: row.try_get("challenge")?,
        code: rows::id_opt(&row, "code_id")?,
        proposal: rows::id_opt(&row, "proposal_id")?,
        act: rows::id_opt(&row, "act_proof_id")?,
    }))
}
