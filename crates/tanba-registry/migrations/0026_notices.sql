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

-- One look at one person. The id is the key by which the messaging service knows a second try. What may not be told yet is due later.
CREATE TABLE notices (
    id        TEXT PRIMARY KEY,
    person_id TEXT NOT NULL REFERENCES persons (id),
    log_seq   BIGINT NOT NULL REFERENCES log_entries (seq),
    due_at    BIGINT NOT NULL,
    state     TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'refused', 'unwanted')),
    tries     BIGINT NOT NULL,
    -- Not tried before.
    next_at   BIGINT NOT NULL,
    -- Why it was refused, as a code.
    reason    TEXT,
    ended_at  BIGINT,
    UNIQUE (person_id, log_seq)
);
CREATE INDEX notices_next ON notices (next_at) WHERE state = 'waiting';
CREATE INDEX notices_person ON notices (person_id, due_at, log_seq) WHERE state = 'waiting';
CREATE INDEX notices_log ON notices (log_seq);

-- What people chose: each row is a choice, and the last one holds. Nobody who chose nothing is left out.
CREATE TABLE notice_choices (
    id        TEXT PRIMARY KEY,
    person_id TEXT NOT NULL REFERENCES persons (id),
    wanted    BIGINT NOT NULL CHECK (wanted IN (0, 1)),
    chosen_at BIGINT NOT NULL
);
CREATE INDEX notice_choices_person ON notice_choices (person_id, chosen_at);
