-- Key-encryption keys that the register has for a time only: sealed under a data key that a key process gives by a look.
CREATE TABLE domain_keys (
    domain TEXT PRIMARY KEY,
    -- The data key as the key process has wrapped it, and its name.
    wrapped BLOB NOT NULL,
    keeper TEXT NOT NULL,
    -- All versions of the domain's key-encryption key.
    sealed BLOB NOT NULL,
    created_at INTEGER NOT NULL
);
