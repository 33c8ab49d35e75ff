-- The first schema of the registry. Migrations only go forward: a mistake is mended by the next file.
--
-- One SQL text for SQLite and PostgreSQL: columns are TEXT, BIGINT, BLOB and DOUBLE PRECISION only. Ids are UUIDv7 as
-- text, instants are microseconds since 1970-01-01 UTC, civil dates are YYYY-MM-DD, truth is 0 or 1. Columns named
-- sealed_* hold ciphertext (tanba-seal); columns named *_blind hold keyed hashes for equality look-ups. No other column
-- may hold anything about a person that a reader of the bare database should not learn.

CREATE TABLE instance (
    id            BIGINT PRIMARY KEY CHECK (id = 1),
    mode          TEXT NOT NULL CHECK (mode IN ('demonstration', 'production')),
    origin        TEXT NOT NULL,
    jurisdiction  TEXT NOT NULL,
    created_at    BIGINT NOT NULL
);

-- ------------------------------------------------------------------------------------------------ who operates, where

CREATE TABLE organisations (
    id         TEXT PRIMARY KEY,
    code       TEXT NOT NULL UNIQUE,
    name       TEXT NOT NULL,
    body       TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE sites (
    id              TEXT PRIMARY KEY,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    code            TEXT NOT NULL UNIQUE,
    name            TEXT NOT NULL,
    kind            TEXT NOT NULL CHECK (kind IN ('service_centre', 'mission_abroad', 'migration_police', 'port', 'prison', 'mobile_unit', 'laboratory', 'office')),
    created_at      BIGINT NOT NULL
);

-- The registrations that may lawfully start at a site; none listed means none may.
CREATE TABLE site_triggers (
    site_id      TEXT NOT NULL REFERENCES sites (id),
    trigger_code TEXT NOT NULL,
    PRIMARY KEY (site_id, trigger_code)
);

CREATE TABLE stations (
    id         TEXT PRIMARY KEY,
    site_id    TEXT NOT NULL REFERENCES sites (id),
    code       TEXT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    revoked_at BIGINT
);

CREATE TABLE accounts (
    id              TEXT PRIMARY KEY,
    login           TEXT NOT NULL UNIQUE,
    password_hash   TEXT NOT NULL,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    natural_person  TEXT NOT NULL,
    person_id       TEXT REFERENCES persons (id),
    failed_sign_ins BIGINT NOT NULL DEFAULT 0,
    locked_until    BIGINT NOT NULL DEFAULT 0,
    created_at      BIGINT NOT NULL,
    disabled_at     BIGINT
);

CREATE TABLE account_roles (
    account_id TEXT NOT NULL REFERENCES accounts (id),
    role       TEXT NOT NULL,
    PRIMARY KEY (account_id, role)
);

CREATE TABLE sessions (
    token_hash BLOB PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    station_id TEXT REFERENCES stations (id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT
);

-- --------------------------------------------------------------------------------- persons: revisable clusters of encounters

CREATE TABLE persons (
    id         TEXT PRIMARY KEY,
    state      TEXT NOT NULL CHECK (state IN ('provisional', 'registered', 'exempt', 'merged', 'blocked')),
    created_at BIGINT NOT NULL
);

CREATE TABLE encounters (
    id           TEXT PRIMARY KEY,
    person_id    TEXT NOT NULL REFERENCES persons (id),
    station_id   TEXT NOT NULL REFERENCES stations (id),
    account_id   TEXT NOT NULL REFERENCES accounts (id),
    client_key   TEXT NOT NULL UNIQUE,
    request_hash BLOB NOT NULL,
    trigger_code TEXT NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('open', 'adjudication', 'registered', 'exempt', 'refused', 'denied', 'duplicate', 'conflict', 'verified')),
    category     TEXT NOT NULL CHECK (category IN ('must', 'may', 'must_not')),
    pack         TEXT NOT NULL,
    pack_hash    TEXT NOT NULL,
    clause       TEXT NOT NULL,
    sealed_facts BLOB NOT NULL,
    opened_at    BIGINT NOT NULL,
    closed_at    BIGINT
);
CREATE INDEX encounters_person ON encounters (person_id);

-- A revision of the clustering: proposed by one officer, applied by another, undone as its own revision.
CREATE TABLE cluster_revisions (
    id          TEXT PRIMARY KEY,
    kind        TEXT NOT NULL CHECK (kind IN ('merge', 'split', 'move', 'undo')),
    state       TEXT NOT NULL CHECK (state IN ('proposed', 'applied', 'rejected', 'undone')),
    reason      TEXT NOT NULL,
    undoes      TEXT REFERENCES cluster_revisions (id),
    plan_hash   BLOB NOT NULL,
    proposed_by TEXT NOT NULL REFERENCES accounts (id),
    proposed_at BIGINT NOT NULL,
    decided_by  TEXT REFERENCES accounts (id),
    decided_at  BIGINT
);

CREATE TABLE cluster_moves (
    revision_id  TEXT NOT NULL REFERENCES cluster_revisions (id),
    encounter_id TEXT NOT NULL REFERENCES encounters (id),
    from_person  TEXT NOT NULL REFERENCES persons (id),
    to_person    TEXT NOT NULL REFERENCES persons (id),
    PRIMARY KEY (revision_id, encounter_id)
);

-- What must be looked at again by a person: decisions that relied on a revised cluster, conflicts, recalls.
CREATE TABLE review_tasks (
    id           TEXT PRIMARY KEY,
    kind         TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id   TEXT NOT NULL,
    opened_at    BIGINT NOT NULL,
    due_at       BIGINT,
    closed_at    BIGINT,
    closed_by    TEXT REFERENCES accounts (id),
    outcome      TEXT
);

-- --------------------------------------------------------------------------------- what is known of a person, and from where

CREATE TABLE identity_attributes (
    id            TEXT PRIMARY KEY,
    encounter_id  TEXT NOT NULL REFERENCES encounters (id),
    name          TEXT NOT NULL,
    sealed_value  BLOB NOT NULL,
    value_blind   BLOB,
    source        TEXT NOT NULL CHECK (source IN ('population_register', 'document', 'typed', 'court')),
    provisional   BIGINT NOT NULL,
    valid_from    TEXT,
    valid_to      TEXT,
    recorded_at   BIGINT NOT NULL,
    superseded_at BIGINT
);
CREATE INDEX identity_attributes_blind ON identity_attributes (name, value_blind);
CREATE INDEX identity_attributes_encounter ON identity_attributes (encounter_id);

-- Wrapped data keys, one for each encounter (or specimen) and domain. Destroying the row's key makes every copy of what
-- it sealed unreadable.
CREATE TABLE data_keys (
    owner_id     TEXT NOT NULL,
    domain       TEXT NOT NULL,
    wrapped      BLOB,
    created_at   BIGINT NOT NULL,
    destroyed_at BIGINT,
    PRIMARY KEY (owner_id, domain)
);

CREATE TABLE consents (
    id              TEXT PRIMARY KEY,
    encounter_id    TEXT NOT NULL REFERENCES encounters (id),
    kind            TEXT NOT NULL CHECK (kind IN ('subject_consent', 'guardian_consent', 'guardian_presence', 'objection', 'explanation')),
    sealed_given_by BLOB NOT NULL,
    text_version    TEXT NOT NULL,
    language        TEXT NOT NULL,
    modality        TEXT NOT NULL,
    evidence        TEXT NOT NULL,
    given_at        BIGINT NOT NULL,
    withdrawn_at    BIGINT
);

CREATE TABLE samples (
    id              TEXT PRIMARY KEY,
    encounter_id    TEXT NOT NULL REFERENCES encounters (id),
    finger          BIGINT NOT NULL,
    attempt         BIGINT NOT NULL,
    kept            BIGINT NOT NULL,
    quality         BIGINT NOT NULL,
    sealed_image    BLOB NOT NULL,
    sealed_template BLOB NOT NULL,
    captured_at     BIGINT NOT NULL,
    UNIQUE (encounter_id, finger, attempt)
);

-- Fingers that were not captured, and why: an absence is a statement by an operator, not a gap.
CREATE TABLE finger_states (
    encounter_id TEXT NOT NULL REFERENCES encounters (id),
    finger       BIGINT NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('missing', 'bandaged', 'worn', 'unable')),
    recorded_at  BIGINT NOT NULL,
    PRIMARY KEY (encounter_id, finger)
);

CREATE TABLE registrations (
    id            TEXT PRIMARY KEY,
    encounter_id  TEXT NOT NULL UNIQUE REFERENCES encounters (id),
    population    TEXT NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('active', 'withdrawn', 'blocked')),
    search_id     TEXT REFERENCES searches (id),
    registered_at BIGINT NOT NULL,
    ended_at      BIGINT
);

CREATE TABLE exemptions (
    id            TEXT PRIMARY KEY,
    encounter_id  TEXT NOT NULL UNIQUE REFERENCES encounters (id),
    code          TEXT NOT NULL,
    permanence    TEXT NOT NULL CHECK (permanence IN ('permanent', 'temporary')),
    examined_by   TEXT NOT NULL REFERENCES accounts (id),
    confirmed_by  TEXT NOT NULL REFERENCES accounts (id),
    recorded_at   BIGINT NOT NULL
);

CREATE TABLE refusals (
    id           TEXT PRIMARY KEY,
    encounter_id TEXT NOT NULL REFERENCES encounters (id),
    step         BIGINT NOT NULL,
    consequence  TEXT NOT NULL,
    authority    TEXT NOT NULL,
    index_name   TEXT,
    index_units  DOUBLE PRECISION,
    amount       DOUBLE PRECISION,
    clause       TEXT NOT NULL,
    pack_hash    TEXT NOT NULL,
    refused_at   BIGINT NOT NULL,
    decided_at   BIGINT,
    decided_by   TEXT REFERENCES accounts (id),
    paid_at      BIGINT,
    appealed_at  BIGINT,
    appeal_ended_at BIGINT
);

-- ------------------------------------------------------------------------------------------------------ identity documents

CREATE TABLE documents (
    id            TEXT PRIMARY KEY,
    person_id     TEXT NOT NULL REFERENCES persons (id),
    encounter_id  TEXT NOT NULL REFERENCES encounters (id),
    kind          TEXT NOT NULL,
    number_blind  BLOB UNIQUE,
    sealed_number BLOB,
    state         TEXT NOT NULL CHECK (state IN ('applied', 'personalised', 'issued', 'lost', 'stolen', 'replaced', 'expired', 'cancelled')),
    prints_linked BIGINT NOT NULL,
    valid_to      TEXT,
    replaces      TEXT REFERENCES documents (id),
    updated_at    BIGINT NOT NULL
);
CREATE INDEX documents_person ON documents (person_id);

CREATE TABLE document_events (
    id          TEXT PRIMARY KEY,
    document_id TEXT NOT NULL REFERENCES documents (id),
    event       TEXT NOT NULL CHECK (event IN ('applied', 'personalised', 'issued', 'lost', 'found', 'stolen', 'replaced', 'expired', 'cancelled')),
    account_id  TEXT NOT NULL REFERENCES accounts (id),
    happened_at BIGINT NOT NULL
);

-- ------------------------------------------------------------------------------------------ searches and human decisions

CREATE TABLE searches (
    id               TEXT PRIMARY KEY,
    encounter_id     TEXT REFERENCES encounters (id),
    request_id       TEXT REFERENCES access_requests (id),
    kind             TEXT NOT NULL CHECK (kind IN ('deduplication', 'identification', 'genomic')),
    populations      TEXT NOT NULL,
    gallery_version  BIGINT NOT NULL,
    shards_expected  BIGINT NOT NULL,
    shards_answered  BIGINT NOT NULL,
    people_compared  BIGINT NOT NULL,
    outcome          TEXT NOT NULL CHECK (outcome IN ('no_hit', 'candidates')),
    searched_at      BIGINT NOT NULL
);

CREATE TABLE candidates (
    id           TEXT PRIMARY KEY,
    search_id    TEXT NOT NULL REFERENCES searches (id),
    place        BIGINT NOT NULL,
    encounter_id TEXT NOT NULL REFERENCES encounters (id),
    log10_lr     DOUBLE PRECISION NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('open', 'same', 'different', 'inconclusive', 'disputed'))
);
CREATE INDEX candidates_search ON candidates (search_id);

-- Judgements of a candidate by examiners; nobody sees the other's before giving their own.
CREATE TABLE judgements (
    candidate_id TEXT NOT NULL REFERENCES candidates (id),
    account_id   TEXT NOT NULL REFERENCES accounts (id),
    verdict      TEXT NOT NULL CHECK (verdict IN ('same', 'different', 'inconclusive')),
    judged_at    BIGINT NOT NULL,
    PRIMARY KEY (candidate_id, account_id)
);

-- --------------------------------------------------------------------------------------------------------- lawful access

CREATE TABLE cases (
    id              TEXT PRIMARY KEY,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    sealed_number   BLOB NOT NULL,
    number_blind    BLOB NOT NULL,
    kind            TEXT NOT NULL,
    opened_by       TEXT NOT NULL REFERENCES accounts (id),
    opened_at       BIGINT NOT NULL,
    closed_at       BIGINT,
    UNIQUE (organisation_id, number_blind)
);

CREATE TABLE sanctions (
    id          TEXT PRIMARY KEY,
    case_id     TEXT NOT NULL REFERENCES cases (id),
    authority   TEXT NOT NULL,
    sealed_body BLOB NOT NULL,
    purposes    TEXT NOT NULL,
    acts        TEXT NOT NULL,
    person_id   TEXT REFERENCES persons (id),
    valid_from  BIGINT NOT NULL,
    valid_to    BIGINT NOT NULL,
    max_uses    BIGINT NOT NULL,
    uses        BIGINT NOT NULL,
    entered_by  TEXT NOT NULL REFERENCES accounts (id),
    entered_at  BIGINT NOT NULL,
    revoked_at  BIGINT,
    CHECK (uses <= max_uses)
);

CREATE TABLE access_requests (
    id             TEXT PRIMARY KEY,
    account_id     TEXT NOT NULL REFERENCES accounts (id),
    case_id        TEXT REFERENCES cases (id),
    sanction_id    TEXT REFERENCES sanctions (id),
    person_id      TEXT REFERENCES persons (id),
    act            TEXT NOT NULL,
    data_class     TEXT NOT NULL,
    purpose        TEXT NOT NULL,
    legal_basis    TEXT NOT NULL,
    permitted      BIGINT NOT NULL,
    reason_code    TEXT NOT NULL,
    pack_hash      TEXT NOT NULL,
    clause         TEXT NOT NULL,
    log_seq        BIGINT NOT NULL,
    asked_at       BIGINT NOT NULL
);

-- ------------------------------------------------------------------------------------------------- genomic registration

CREATE TABLE specimens (
    id             TEXT PRIMARY KEY,
    category       TEXT NOT NULL,
    person_id      TEXT REFERENCES persons (id),
    case_id        TEXT REFERENCES cases (id),
    client_key     TEXT NOT NULL UNIQUE,
    request_hash   BLOB NOT NULL,
    sealed_label   BLOB NOT NULL,
    sealed_profile BLOB NOT NULL,
    loci           BIGINT NOT NULL,
    state          TEXT NOT NULL CHECK (state IN ('active', 'withdrawn', 'blocked')),
    pack           TEXT NOT NULL,
    pack_hash      TEXT NOT NULL,
    clause         TEXT NOT NULL,
    retain_until   TEXT,
    entered_by     TEXT NOT NULL REFERENCES accounts (id),
    entered_at     BIGINT NOT NULL
);

CREATE TABLE genomic_hits (
    id           TEXT PRIMARY KEY,
    search_id    TEXT NOT NULL REFERENCES searches (id),
    specimen_id  TEXT NOT NULL REFERENCES specimens (id),
    loci_compared BIGINT NOT NULL,
    mismatches   BIGINT NOT NULL,
    log10_lr     DOUBLE PRECISION,
    state        TEXT NOT NULL CHECK (state IN ('open', 'confirmed', 'rejected'))
);

-- ------------------------------------------------------------------------------------------------------------- the log

-- The durable act. Tiles and checkpoint are derived from these rows and can be made again from them.
CREATE TABLE log_entries (
    seq            BIGINT PRIMARY KEY CHECK (seq >= 0),
    happened_at    BIGINT NOT NULL,
    event          TEXT NOT NULL,
    outcome        TEXT NOT NULL CHECK (outcome IN ('effect', 'look', 'denial')),
    leaf           BLOB NOT NULL,
    wrapped_key    BLOB,
    sealed_payload BLOB NOT NULL
);

-- Whose record an entry is about, so that a person can be shown every look. Never part of a leaf.
CREATE TABLE log_subjects (
    seq       BIGINT NOT NULL REFERENCES log_entries (seq),
    person_id TEXT NOT NULL REFERENCES persons (id),
    PRIMARY KEY (person_id, seq)
);

-- Work that follows from a committed act: integrate into tiles, tell the person, tell a partner.
CREATE TABLE outbox (
    id         TEXT PRIMARY KEY,
    kind       TEXT NOT NULL,
    log_seq    BIGINT NOT NULL REFERENCES log_entries (seq),
    created_at BIGINT NOT NULL,
    done_at    BIGINT
);
CREATE INDEX outbox_open ON outbox (kind, done_at);
