-- Passkeys of those who work here, what they are asked to sign, and acts that two people sign.

-- Public keys only. A key that was removed stays as a row: what it signed can still be checked, and it is not taken again.
CREATE TABLE passkeys (
    id           TEXT PRIMARY KEY,
    account_id   TEXT NOT NULL REFERENCES accounts (id),
    credential   BLOB NOT NULL UNIQUE,
    public_key   BLOB NOT NULL,
    counter      BIGINT NOT NULL,
    synced       BIGINT NOT NULL,
    model        TEXT NOT NULL,
    added_by     TEXT NOT NULL REFERENCES accounts (id),
    added_at     BIGINT NOT NULL,
    last_used_at BIGINT,
    removed_by   TEXT REFERENCES accounts (id),
    removed_at   BIGINT
);
CREATE INDEX passkeys_account ON passkeys (account_id, removed_at);

-- With which an account's first key is bound: an administrator gives it, the person uses it once.
CREATE TABLE passkey_codes (
    id         TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    code_blind BLOB NOT NULL,
    wrong      BIGINT NOT NULL,
    issued_by  TEXT NOT NULL REFERENCES accounts (id),
    issued_at  BIGINT NOT NULL,
    valid_to   BIGINT NOT NULL,
    used_at    BIGINT
);
CREATE INDEX passkey_codes_account ON passkey_codes (account_id, issued_at);

-- A session waits for its passkey after the password, and does nothing until then.
ALTER TABLE sessions ADD COLUMN waits_for_passkey BIGINT NOT NULL DEFAULT 0;
-- With which key it was proved last, and when.
ALTER TABLE sessions ADD COLUMN passkey_id TEXT REFERENCES passkeys (id);
ALTER TABLE sessions ADD COLUMN proved_at BIGINT;

-- An act that two people sign: both sign one hash of it. Recomputed when it is done; void where it is another one by then.
CREATE TABLE dual_proposals (
    id          TEXT PRIMARY KEY,
    act         TEXT NOT NULL,
    subject_id  TEXT NOT NULL,
    act_hash    BLOB NOT NULL,
    nonce       BLOB NOT NULL,
    opened_at   BIGINT NOT NULL,
    valid_to    BIGINT NOT NULL,
    ended       TEXT CHECK (ended IN ('done', 'void')),
    ended_at    BIGINT
);
CREATE INDEX dual_proposals_subject ON dual_proposals (act, subject_id, ended);

-- The signatures, as they were given, so that anyone with the public keys can check them again.
CREATE TABLE dual_approvals (
    proposal_id        TEXT NOT NULL REFERENCES dual_proposals (id),
    natural_person     TEXT NOT NULL,
    account_id         TEXT NOT NULL REFERENCES accounts (id),
    passkey_id         TEXT NOT NULL REFERENCES passkeys (id),
    client_data        BLOB NOT NULL,
    authenticator_data BLOB NOT NULL,
    signature          BLOB NOT NULL,
    approved_at        BIGINT NOT NULL,
    PRIMARY KEY (proposal_id, natural_person)
);

-- What a session was asked to sign: one of a kind at a time, gone with the first answer.
CREATE TABLE passkey_challenges (
    session_hash BLOB NOT NULL REFERENCES sessions (token_hash),
    kind         TEXT NOT NULL CHECK (kind IN ('bind', 'prove', 'approve')),
    challenge    BLOB NOT NULL,
    code_id      TEXT REFERENCES passkey_codes (id),
    proposal_id  TEXT REFERENCES dual_proposals (id),
    valid_to     BIGINT NOT NULL,
    PRIMARY KEY (session_hash, kind)
);
