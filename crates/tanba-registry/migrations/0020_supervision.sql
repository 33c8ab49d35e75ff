-- What the supervisor must have seen first, and what must be told when something went wrong.

-- Changes of the law as they were delivered. What counts as an acknowledgement is the entry at `ack_seq`; the columns only find it.
CREATE TABLE law_deliveries (
    id              TEXT PRIMARY KEY,
    set_hash        TEXT NOT NULL,
    state           TEXT NOT NULL CHECK (state IN ('waiting', 'replaced', 'acknowledged', 'in_use')),
    log_seq         BIGINT NOT NULL REFERENCES log_entries (seq),
    delivered_at    BIGINT NOT NULL,
    acknowledged_by TEXT REFERENCES accounts (id),
    acknowledged_at BIGINT,
    ack_seq         BIGINT REFERENCES log_entries (seq),
    activated_at    BIGINT
);
CREATE INDEX law_deliveries_state ON law_deliveries (state, log_seq);
-- The delivery that was put into use; NULL for the law of the founding, and for what was put into use before there were deliveries.
ALTER TABLE law_activations ADD COLUMN delivery_seq BIGINT;

-- A breach of personal data: what happened is sealed under a key of the case's own; whom it concerns is said by entries of the log.
CREATE TABLE breach_cases (
    id           TEXT PRIMARY KEY,
    kind         TEXT NOT NULL CHECK (kind IN ('reported', 'rows_unreconciled', 'volume_reached', 'log_damaged')),
    account_id   TEXT REFERENCES accounts (id),
    sealed_what  BLOB,
    known_at     BIGINT NOT NULL,
    due_at       BIGINT NOT NULL,
    escalated_at BIGINT,
    opened_by    TEXT REFERENCES accounts (id),
    opened_at    BIGINT NOT NULL,
    closed_at    BIGINT
);
CREATE INDEX breach_cases_open ON breach_cases (closed_at, due_at);
CREATE TABLE breach_entries (
    breach_id TEXT NOT NULL REFERENCES breach_cases (id),
    log_seq   BIGINT NOT NULL REFERENCES log_entries (seq),
    PRIMARY KEY (breach_id, log_seq)
);
CREATE INDEX breach_entries_seq ON breach_entries (log_seq);
CREATE TABLE breach_steps (
    id           TEXT PRIMARY KEY,
    breach_id    TEXT NOT NULL REFERENCES breach_cases (id),
    step         TEXT NOT NULL CHECK (step IN ('authority_notified', 'authority_not_needed', 'persons_notified', 'persons_not_needed', 'closed')),
    sealed_words BLOB NOT NULL,
    taken_by     TEXT NOT NULL REFERENCES accounts (id),
    taken_at     BIGINT NOT NULL,
    UNIQUE (breach_id, step)
);

-- Notes of the supervisor's page that were looked into. An answer covers `entries` (places in the log, with spaces between them); one more
-- makes a new note.
CREATE TABLE note_answers (
    id            TEXT PRIMARY KEY,
    kind          TEXT NOT NULL,
    subject       TEXT NOT NULL,
    entries       TEXT NOT NULL,
    founded       BIGINT NOT NULL,
    sealed_reason BLOB NOT NULL,
    answered_by   TEXT NOT NULL REFERENCES accounts (id),
    answered_at   BIGINT NOT NULL
);
CREATE INDEX note_answers_kind ON note_answers (kind, subject);
