-- A consent as an object: the hash of the words that were shown, and, sealed, the words themselves with the reference of the
-- signature. Neither is known of what an earlier version recorded.
ALTER TABLE consents ADD COLUMN text_hash TEXT;
ALTER TABLE consents ADD COLUMN sealed_text BLOB;

-- A guardian's own presence event: who was identified (sealed), and a keyed hash of the code that only they were given.
CREATE TABLE guardian_codes (
    id              TEXT PRIMARY KEY,
    encounter_id    TEXT NOT NULL REFERENCES encounters (id),
    sealed_guardian BLOB NOT NULL,
    code_blind      BLOB NOT NULL,
    language        TEXT NOT NULL,
    delivered       BIGINT NOT NULL,
    wrong           BIGINT NOT NULL,
    issued_at       BIGINT NOT NULL,
    valid_to        BIGINT NOT NULL,
    used_at         BIGINT
);
CREATE INDEX guardian_codes_encounter ON guardian_codes (encounter_id);
