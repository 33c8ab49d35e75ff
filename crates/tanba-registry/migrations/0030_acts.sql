-- Acts that two people sign, of every kind; and signatures over one sensitive act.

-- What the act is done with beside the rows of its subject: the ground of an exemption.
ALTER TABLE dual_proposals ADD COLUMN detail TEXT NOT NULL DEFAULT '';

-- Erasures of a plan wait until then for two signatures; none: they do not wait. Released is when they began, signed or not.
ALTER TABLE deletion_plans ADD COLUMN waits_to BIGINT;
ALTER TABLE deletion_plans ADD COLUMN released_at BIGINT;

-- A sensitive act that a session was asked to sign before it is done, with the signature as it was given. It opens that act alone, once.
CREATE TABLE act_proofs (
    id                 TEXT PRIMARY KEY,
    session_hash       BLOB NOT NULL REFERENCES sessions (token_hash),
    act                TEXT NOT NULL,
    act_hash           BLOB NOT NULL,
    nonce              BLOB NOT NULL,
    asked_at           BIGINT NOT NULL,
    passkey_id         TEXT REFERENCES passkeys (id),
    client_data        BLOB,
    authenticator_data BLOB,
    signature          BLOB,
    proved_at          BIGINT,
    used_at            BIGINT
);
CREATE INDEX act_proofs_session ON act_proofs (session_hash, asked_at);
ALTER TABLE passkey_challenges ADD COLUMN act_proof_id TEXT REFERENCES act_proofs (id);
