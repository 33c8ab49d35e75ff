-- Notices of looks to the people looked at (docs/notices.md).

-- How far the log was gone through for looks to be told. No row: nobody has begun to tell.
CREATE TABLE notice_progress (
    id       BIGINT PRIMARY KEY CHECK (id = 1),
    next_seq BIGINT NOT NULL,
    begun_at BIGINT NOT NULL,
    -- How many were ever taken and refused, beyond the rows that go.
    sent     BIGINT NOT NULL DEFAULT 0,
    refused  BIGINT NOT NULL DEFAULT 0
);

-- One look at one record. The id is the key by which the messaging service knows a second try: it is
-- derived from the record and the log entry (a UUIDv8), so that a row that is made again has it again. What may not be told yet is due later.
CREATE TABLE notices (
    id         TEXT PRIMARY KEY,
    -- The record that was looked at, for ever.
    subject_id TEXT NOT NULL REFERENCES persons (id),
    -- The record that it is part of at present, and who is told. It follows every revision, those that are undone too.
    person_id  TEXT NOT NULL REFERENCES persons (id),
    log_seq    BIGINT NOT NULL REFERENCES log_entries (seq),
    due_at     BIGINT NOT NULL,
    -- Joined: it ended with the row of another record of the same person, so that a look at both is told once.
    state      TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'refused', 'unwanted', 'joined')),
    tries      BIGINT NOT NULL,
    -- Not tried before.
    next_at    BIGINT NOT NULL,
    -- Why it was refused, as a code.
    reason     TEXT,
    ended_at   BIGINT,
    UNIQUE (subject_id, log_seq)
);
CREATE INDEX notices_next ON notices (next_at) WHERE state = 'waiting';
-- How many are due, and since when, is asked with every look at the metrics: what is deferred is not counted through.
CREATE INDEX notices_due ON notices (due_at) WHERE state = 'waiting';
CREATE INDEX notices_person ON notices (person_id, state, due_at, log_seq);
CREATE INDEX notices_log ON notices (log_seq);

-- What people chose: each row is a choice, and the last one holds. Nobody who chose nothing is left out.
CREATE TABLE notice_choices (
    id        TEXT PRIMARY KEY,
    person_id TEXT NOT NULL REFERENCES persons (id),
    wanted    BIGINT NOT NULL CHECK (wanted IN (0, 1)),
    chosen_at BIGINT NOT NULL
);
CREATE INDEX notice_choices_person ON notice_choices (person_id, chosen_at);
