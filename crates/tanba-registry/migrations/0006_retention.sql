-- How long everything is kept: plans of deletion, what they rest on, and the files of law that are in use.

-- Files of law that an operator gave, as they were when they were put into use; a set is never changed.
CREATE TABLE law_files (
    set_hash TEXT NOT NULL,
    place    BIGINT NOT NULL,
    name     TEXT NOT NULL,
    content  TEXT NOT NULL,
    PRIMARY KEY (set_hash, place)
);
CREATE TABLE law_activations (
    id           TEXT PRIMARY KEY,
    set_hash     TEXT NOT NULL,
    activated_at BIGINT NOT NULL,
    log_seq      BIGINT NOT NULL REFERENCES log_entries (seq)
);

-- What happened to a record that its keeping depends on (acquittal, a new entry, a review): sealed under the record's keys.
CREATE TABLE retention_events (
    id           TEXT PRIMARY KEY,
    owner_id     TEXT NOT NULL,
    sealed_event BLOB NOT NULL,
    recorded_by  TEXT NOT NULL REFERENCES accounts (id),
    recorded_at  BIGINT NOT NULL
);
CREATE INDEX retention_events_owner ON retention_events (owner_id);

-- An order to keep a record beyond its time. It is worth what its sanction is worth, and ends with it.
CREATE TABLE legal_holds (
    id          TEXT PRIMARY KEY,
    owner_id    TEXT NOT NULL,
    sanction_id TEXT NOT NULL REFERENCES sanctions (id),
    entered_by  TEXT NOT NULL REFERENCES accounts (id),
    entered_at  BIGINT NOT NULL,
    UNIQUE (owner_id, sanction_id)
);

-- Records that are kept and must not be used.
CREATE TABLE retention_blocks (
    owner_id   TEXT PRIMARY KEY,
    reason     TEXT NOT NULL,
    blocked_at BIGINT NOT NULL
);

-- Who was told of a coming end: a keyed hash of record, part and day, so that nobody is told twice.
CREATE TABLE retention_notices (
    notice_blind BLOB PRIMARY KEY,
    owner_id     TEXT NOT NULL,
    log_seq      BIGINT NOT NULL REFERENCES log_entries (seq),
    given_at     BIGINT NOT NULL
);

-- Plans. Days are in the sealed body only: the day on which something must go can say when somebody was born.
CREATE TABLE deletion_plans (
    id          TEXT PRIMARY KEY,
    hash        TEXT NOT NULL,
    sealed_body BLOB NOT NULL,
    made_at     BIGINT NOT NULL,
    done_at     BIGINT,
    log_seq     BIGINT NOT NULL REFERENCES log_entries (seq)
);
CREATE TABLE deletion_steps (
    plan_id  TEXT NOT NULL REFERENCES deletion_plans (id),
    place    BIGINT NOT NULL,
    action   TEXT NOT NULL CHECK (action IN ('erase', 'notify', 'block', 'unblock')),
    part     TEXT NOT NULL CHECK (part IN ('print_images', 'print_templates', 'genomic_profile', 'genomic_material', 'log_payloads')),
    owner_id TEXT NOT NULL,
    outcome  TEXT CHECK (outcome IN ('done', 'not_due')),
    done_at  BIGINT,
    log_seq  BIGINT REFERENCES log_entries (seq),
    PRIMARY KEY (plan_id, place)
);
CREATE INDEX deletion_steps_open ON deletion_steps (plan_id, outcome);

-- Biological material, which no program destroys: when it was ordered, and the laboratory's word that it was done.
CREATE TABLE material_destructions (
    specimen_id  TEXT PRIMARY KEY REFERENCES specimens (id),
    ordered_at   BIGINT NOT NULL,
    confirmed_by TEXT REFERENCES accounts (id),
    confirmed_at BIGINT,
    evidence     TEXT
);
