-- Sanctions with a term, an issuer and a deferral; searches elsewhere; looks in danger to life and their check afterwards; what those
-- who were told must delete or correct; answers passed on abroad.

-- The how-manieth extension of an earlier one it is.
ALTER TABLE sanctions ADD COLUMN extension BIGINT NOT NULL DEFAULT 0;
-- The issuer's personnel number, where the issuer has one in this register.
ALTER TABLE sanctions ADD COLUMN issuer_blind BLOB;
-- When the person is told of looks under it, where that is put off.
ALTER TABLE sanctions ADD COLUMN tell_person_at BIGINT;

-- What the officer was let see of an answer, by the words of law packs.
ALTER TABLE access_requests ADD COLUMN fields TEXT NOT NULL DEFAULT '';
CREATE INDEX access_requests_account ON access_requests (account_id, asked_at);
CREATE INDEX access_requests_log ON access_requests (log_seq);

-- Entries that the person is not shown yet. A row counts until its time and is nothing afterwards.
CREATE TABLE deferred_entries (
    log_seq BIGINT PRIMARY KEY REFERENCES log_entries (seq),
    until   BIGINT NOT NULL
);
CREATE INDEX deferred_entries_until ON deferred_entries (until);

-- Who must know that a direction was given.
CREATE TABLE direction_notices (
    id          TEXT PRIMARY KEY,
    sanction_id TEXT NOT NULL REFERENCES sanctions (id),
    body        TEXT NOT NULL,
    log_seq     BIGINT NOT NULL REFERENCES log_entries (seq),
    given_at    BIGINT NOT NULL,
    read_by     TEXT REFERENCES accounts (id),
    read_at     BIGINT
);
CREATE INDEX direction_notices_read ON direction_notices (read_at);

-- Searches in narrower registers, which come first.
CREATE TABLE prior_searches (
    id               TEXT PRIMARY KEY,
    case_id          TEXT NOT NULL REFERENCES cases (id),
    searched         TEXT NOT NULL,
    sealed_reference BLOB NOT NULL,
    begun_at         BIGINT NOT NULL,
    answered_at      BIGINT,
    recorded_by      TEXT NOT NULL REFERENCES accounts (id),
    recorded_at      BIGINT NOT NULL
);
CREATE INDEX prior_searches_case ON prior_searches (case_id);

-- Looks in danger to life: reason and decision are sealed under the case's key.
CREATE TABLE urgent_reviews (
    id              TEXT PRIMARY KEY,
    request_id      TEXT NOT NULL UNIQUE REFERENCES access_requests (id),
    sealed_reason   BLOB NOT NULL,
    due_on          TEXT NOT NULL,
    holidays_known  BIGINT NOT NULL,
    state           TEXT NOT NULL CHECK (state IN ('open', 'justified', 'unjustified', 'lapsed')),
    opened_at       BIGINT NOT NULL,
    sealed_decision BLOB,
    decided_by      TEXT REFERENCES accounts (id),
    decided_at      BIGINT
);
CREATE INDEX urgent_reviews_state ON urgent_reviews (state, due_on);

-- Answers passed on to a partner abroad: the signed record holds no personal data.
CREATE TABLE exports (
    id          TEXT PRIMARY KEY,
    request_id  TEXT NOT NULL REFERENCES access_requests (id),
    account_id  TEXT NOT NULL REFERENCES accounts (id),
    partner     TEXT NOT NULL,
    record      TEXT NOT NULL,
    log_seq     BIGINT NOT NULL REFERENCES log_entries (seq),
    exported_at BIGINT NOT NULL
);
CREATE INDEX exports_request ON exports (request_id);

-- What those who were told must do; each is acknowledged by an officer of theirs. New values are sealed under the keys of the record
-- that holds them, and are gone with it. `partner` is empty for what was told at home.
CREATE TABLE recipient_orders (
    id              TEXT PRIMARY KEY,
    kind            TEXT NOT NULL CHECK (kind IN ('delete', 'correct')),
    cause           TEXT NOT NULL CHECK (cause IN ('urgent_unjustified', 'urgent_lapsed', 'erased', 'corrected')),
    cause_id        TEXT NOT NULL,
    request_id      TEXT NOT NULL REFERENCES access_requests (id),
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    partner         TEXT NOT NULL,
    owner_id        TEXT,
    sealed_values   BLOB,
    due_on          TEXT NOT NULL,
    log_seq         BIGINT NOT NULL REFERENCES log_entries (seq),
    ordered_at      BIGINT NOT NULL,
    acknowledged_by TEXT REFERENCES accounts (id),
    acknowledged_at BIGINT,
    UNIQUE (kind, cause, cause_id, request_id, partner)
);
CREATE INDEX recipient_orders_open ON recipient_orders (acknowledged_at, due_on);
CREATE INDEX recipient_orders_organisation ON recipient_orders (organisation_id, ordered_at);

-- A relative's consent to the genomic profile, taken back.
ALTER TABLE specimens ADD COLUMN consent_withdrawn_at BIGINT;
