-- The keys that the log has had (docs/seal/log-keys.md): each statement as it was signed. The file log/log.keys is these, one behind the other.
CREATE TABLE log_key_statements (
    number    BIGINT PRIMARY KEY,
    note      TEXT NOT NULL,
    stated_at BIGINT NOT NULL
);
