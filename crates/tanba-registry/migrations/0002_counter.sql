-- The counter: shifts, finding people by name, more that can be said of a finger, quality that is accepted with a reason,
-- interpreters, what an exemption rests on, the end of an appeal, receipts.

-- An operator's shift at a station; at most one is open for each account.
CREATE TABLE shifts (
    id         TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    station_id TEXT NOT NULL REFERENCES stations (id),
    opened_at  BIGINT NOT NULL,
    closed_at  BIGINT
);
CREATE UNIQUE INDEX shifts_open ON shifts (account_id) WHERE closed_at IS NULL;

-- Keyed hashes of how an encounter's names sound, whatever script they were written in.
CREATE TABLE name_keys (
    key_blind    BLOB NOT NULL,
    encounter_id TEXT NOT NULL REFERENCES encounters (id),
    PRIMARY KEY (key_blind, encounter_id)
);
CREATE INDEX name_keys_encounter ON name_keys (encounter_id);

-- A finger may carry more than one mark: worn and captured, webbed and with another finger beside it.
CREATE TABLE finger_states_next (
    encounter_id TEXT NOT NULL REFERENCES encounters (id),
    finger       BIGINT NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('missing', 'bandaged', 'prosthetic', 'webbed', 'extra', 'worn', 'unable')),
    recorded_at  BIGINT NOT NULL,
    PRIMARY KEY (encounter_id, finger, state)
);
INSERT INTO finger_states_next (encounter_id, finger, state, recorded_at)
    SELECT encounter_id, finger, state, recorded_at FROM finger_states;
DROP TABLE finger_states;
ALTER TABLE finger_states_next RENAME TO finger_states;

-- What was said about an image when it was taken, and a keyed hash by which the same image sent twice is one attempt.
ALTER TABLE samples ADD COLUMN sealed_notes BLOB;
ALTER TABLE samples ADD COLUMN image_blind BLOB;

-- A print of low quality that an operator kept all the same, and why.
CREATE TABLE quality_acceptances (
    sample_id   TEXT PRIMARY KEY REFERENCES samples (id),
    reason      TEXT NOT NULL,
    sealed_note BLOB,
    account_id  TEXT NOT NULL REFERENCES accounts (id),
    accepted_at BIGINT NOT NULL
);

-- Who carried the words across, and how the operator knew who that was.
CREATE TABLE interpreters (
    id              TEXT PRIMARY KEY,
    encounter_id    TEXT NOT NULL REFERENCES encounters (id),
    sealed_identity BLOB NOT NULL,
    language        TEXT NOT NULL,
    evidence        TEXT NOT NULL,
    recorded_at     BIGINT NOT NULL
);
CREATE INDEX interpreters_encounter ON interpreters (encounter_id);

-- What an exemption rests on beside two officers: the hands as they are, and a search by name that somebody looked at.
CREATE TABLE hands_photographs (
    id           TEXT PRIMARY KEY,
    encounter_id TEXT NOT NULL REFERENCES encounters (id),
    sealed_image BLOB NOT NULL,
    account_id   TEXT NOT NULL REFERENCES accounts (id),
    taken_at     BIGINT NOT NULL
);
CREATE INDEX hands_photographs_encounter ON hands_photographs (encounter_id);

CREATE TABLE name_searches (
    id           TEXT PRIMARY KEY,
    encounter_id TEXT NOT NULL REFERENCES encounters (id),
    account_id   TEXT NOT NULL REFERENCES accounts (id),
    found        BIGINT NOT NULL,
    searched_at  BIGINT NOT NULL,
    finding      TEXT CHECK (finding IN ('nobody', 'perhaps')),
    looked_at    BIGINT
);
CREATE INDEX name_searches_encounter ON name_searches (encounter_id);

-- How an appeal ended, and by whom; an interim document hangs on its refusal.
ALTER TABLE refusals ADD COLUMN appeal_outcome TEXT;
ALTER TABLE refusals ADD COLUMN appeal_closed_by TEXT;
ALTER TABLE documents ADD COLUMN refusal_id TEXT;

-- What a person takes home. The code itself is on the paper only.
CREATE TABLE receipts (
    id           TEXT PRIMARY KEY,
    code_hash    BLOB NOT NULL UNIQUE,
    encounter_id TEXT NOT NULL REFERENCES encounters (id),
    kind         TEXT NOT NULL,
    account_id   TEXT NOT NULL REFERENCES accounts (id),
    site_name    TEXT NOT NULL,
    log_seq      BIGINT NOT NULL REFERENCES log_entries (seq),
    issued_at    BIGINT NOT NULL
);
CREATE INDEX receipts_encounter ON receipts (encounter_id);
