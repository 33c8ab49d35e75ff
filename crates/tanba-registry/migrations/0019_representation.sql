-- Who acts for a person with a document (an attorney): recorded by an officer, with an end. Guardians have no row here: whether somebody is
-- one is asked of the population register with every call. The document's reference is sealed under the row's own key.
CREATE TABLE representations (
    id              TEXT PRIMARY KEY,
    person_id       TEXT NOT NULL REFERENCES persons (id),
    attorney_id     TEXT NOT NULL REFERENCES persons (id),
    sealed_document BLOB NOT NULL,
    valid_to        TEXT NOT NULL,
    recorded_by     TEXT NOT NULL REFERENCES accounts (id),
    recorded_at     BIGINT NOT NULL,
    ended_at        BIGINT
);
CREATE INDEX representations_person ON representations (person_id);
CREATE INDEX representations_attorney ON representations (attorney_id);
