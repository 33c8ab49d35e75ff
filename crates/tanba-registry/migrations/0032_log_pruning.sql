-- Where the log was pruned (docs/seal/log-pruning.md): each statement as it was signed, and the hashes that stand for the entries before.
-- The file log/log.pruned is the newest. Done is when its files had gone.
CREATE TABLE log_prunings (
    minimum   BIGINT PRIMARY KEY CHECK (minimum > 0),
    note      TEXT NOT NULL,
    edge      BLOB NOT NULL,
    pruned_at BIGINT NOT NULL,
    done_at   BIGINT
);
