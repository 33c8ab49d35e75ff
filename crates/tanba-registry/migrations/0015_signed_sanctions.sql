-- Sanctions that a court or prosecutor has signed, and the keys by which that is checked.

-- What counts is `sealed_key`, written when a second person confirms the key, under a data key of its own that revoking destroys. The
-- columns beside it are for finding and showing it: whoever changes them in the database changes no key.
CREATE TABLE sanction_keys (
    id           TEXT PRIMARY KEY,
    verifier     TEXT NOT NULL UNIQUE,
    office       TEXT NOT NULL,
    level        TEXT NOT NULL,
    valid_from   BIGINT NOT NULL,
    valid_to     BIGINT NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('proposed', 'confirmed', 'rejected', 'revoked')),
    sealed_key   BLOB,
    proposed_by  TEXT NOT NULL REFERENCES accounts (id),
    proposed_at  BIGINT NOT NULL,
    decided_by   TEXT REFERENCES accounts (id),
    decided_at   BIGINT,
    revoked_by   TEXT REFERENCES accounts (id),
    revoked_at   BIGINT
);
CREATE INDEX sanction_keys_office ON sanction_keys (office);

-- The signed object under the case's key; what opens its subject under a key of the sanction's own, which revoking destroys.
ALTER TABLE sanctions ADD COLUMN key_id TEXT REFERENCES sanction_keys (id);
ALTER TABLE sanctions ADD COLUMN office TEXT;
ALTER TABLE sanctions ADD COLUMN serial TEXT;
ALTER TABLE sanctions ADD COLUMN sealed_note BLOB;
ALTER TABLE sanctions ADD COLUMN sealed_subject BLOB;
CREATE UNIQUE INDEX sanctions_serial ON sanctions (office, serial);
CREATE INDEX access_requests_sanction ON access_requests (sanction_id);
