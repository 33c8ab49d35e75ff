-- People whose every look the supervisor is told of. A person is put on the list by the first step, which gives the watch its id; it is
-- renewed and ended by others. Whom it is about, why and until when stands in the sealed bodies, under a key of the watch's own; once
-- that is destroyed the bodies are empty, and the rows say that there was a watch.
CREATE TABLE watch_steps (
    id          TEXT PRIMARY KEY,
    watch_id    TEXT NOT NULL,
    step        TEXT NOT NULL CHECK (step IN ('begun', 'renewed', 'ended')),
    sealed_body BLOB NOT NULL,
    taken_by    TEXT NOT NULL REFERENCES accounts (id),
    taken_at    BIGINT NOT NULL
);
CREATE INDEX watch_steps_watch ON watch_steps (watch_id, taken_at);
