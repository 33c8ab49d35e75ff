-- Services of organisations that ask one to one whether somebody is who they say: what for, and on what basis. An ended one is never taken up
-- again: whoever sets it up anew is told other names of the same people.
CREATE TABLE services (
    id              TEXT PRIMARY KEY,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    code            TEXT NOT NULL,
    purpose         TEXT NOT NULL,
    legal_basis     TEXT NOT NULL,
    created_at      BIGINT NOT NULL,
    ended_at        BIGINT
);
CREATE UNIQUE INDEX services_code ON services (organisation_id, code) WHERE ended_at IS NULL;

-- The person's own lock on one-to-one comparisons.
CREATE TABLE biometric_locks (
    id          TEXT PRIMARY KEY,
    person_id   TEXT NOT NULL REFERENCES persons (id),
    locked_at   BIGINT NOT NULL,
    released_at BIGINT
);
CREATE UNIQUE INDEX biometric_locks_person ON biometric_locks (person_id) WHERE released_at IS NULL;
