-- The index of own entries (docs/seal/own-index.md): by it a person can tell that no entry about them was left out.

-- Where an entry stands among all entries about a record, from 0. NULL until it is in the index: it is new, or may not be told yet.
ALTER TABLE log_subjects ADD COLUMN place BIGINT;
CREATE INDEX log_subjects_unplaced ON log_subjects (seq) WHERE place IS NULL;

-- What the newest entry `index.published` says of each record; changed in that entry's transaction and in no other. What retention
-- takes off goes on counting: erased is how many, erased_head the chain's head over them.
CREATE TABLE own_index (
    person_id   TEXT PRIMARY KEY REFERENCES persons (id),
    label       BLOB NOT NULL UNIQUE,
    entries     BIGINT NOT NULL,
    head        BLOB NOT NULL,
    erased      BIGINT NOT NULL,
    erased_head BLOB NOT NULL,
    CHECK (erased >= 0 AND erased <= entries)
);
