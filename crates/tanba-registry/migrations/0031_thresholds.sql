-- From which evidence on a comparison says yes, as two people set it; evaluations of error rates, and rates that the register counted.

-- An evaluation as it was brought, under its SHA-256. Its entry of the log states the same hash.
CREATE TABLE evaluations (
    hash     TEXT PRIMARY KEY,
    body     TEXT NOT NULL,
    added_by TEXT REFERENCES accounts (id),
    added_at BIGINT NOT NULL,
    log_seq  BIGINT NOT NULL REFERENCES log_entries (seq)
);

-- A threshold that one person proposed. The body is what both sign and what the entry states; the columns beside it find it.
CREATE TABLE threshold_proposals (
    id          TEXT PRIMARY KEY,
    body        TEXT NOT NULL,
    evaluation  TEXT NOT NULL REFERENCES evaluations (hash),
    state       TEXT NOT NULL CHECK (state IN ('proposed', 'set', 'rejected')),
    proposed_by TEXT NOT NULL REFERENCES accounts (id),
    proposed_at BIGINT NOT NULL,
    log_seq     BIGINT NOT NULL REFERENCES log_entries (seq),
    decided_by  TEXT REFERENCES accounts (id),
    decided_at  BIGINT
);

-- The settings in their order: each as its entry of the log states it, and the statement's hash sealed under its number.
CREATE TABLE threshold_settings (
    number      BIGINT PRIMARY KEY,
    statement   TEXT NOT NULL,
    wrapped_key BLOB NOT NULL,
    sealed_hash BLOB NOT NULL,
    set_at      BIGINT NOT NULL,
    log_seq     BIGINT NOT NULL REFERENCES log_entries (seq)
);

-- What the register counted of itself, each time that a supervisor had it counted. No cell is of fewer than ten people.
CREATE TABLE counted_rates (
    id         TEXT PRIMARY KEY,
    body       TEXT NOT NULL,
    counted_at BIGINT NOT NULL,
    log_seq    BIGINT NOT NULL REFERENCES log_entries (seq)
);
