-- Oversight: what a supervisor asks of the log, the statistics of a day, requests for correction, exercises.

-- A training register says so for ever; nothing ever clears the mark.
ALTER TABLE instance ADD COLUMN training BIGINT NOT NULL DEFAULT 0;

-- For finding entries without opening every payload. Derived from the sealed payload, which stays the truth: whoever is
-- shown an entry is shown the payload, and a row that contradicts it is reported as damaged. NULL where the row is older
-- than this migration and has not been indexed yet; the empty text where there is nothing to say.
ALTER TABLE log_entries ADD COLUMN purpose TEXT;
ALTER TABLE log_entries ADD COLUMN account_id TEXT;
ALTER TABLE log_entries ADD COLUMN organisation TEXT;
CREATE INDEX log_entries_time ON log_entries (happened_at, outcome, purpose, organisation, account_id, event);
CREATE INDEX log_entries_outcome ON log_entries (outcome, seq);
CREATE INDEX log_entries_event ON log_entries (event, seq);
CREATE INDEX log_entries_organisation ON log_entries (organisation, seq);
CREATE INDEX log_entries_purpose ON log_entries (purpose, seq);
CREATE INDEX log_entries_account ON log_entries (account_id, seq);
CREATE INDEX log_subjects_seq ON log_subjects (seq);

-- A day at a glance.
CREATE INDEX encounters_opened ON encounters (opened_at, station_id);

-- A person's own page, and who is merged with whom.
CREATE INDEX consents_encounter ON consents (encounter_id);
CREATE INDEX refusals_encounter ON refusals (encounter_id);
CREATE INDEX searches_encounter ON searches (encounter_id);
CREATE INDEX accounts_natural_person ON accounts (natural_person);

-- What a person says is wrong about the own record, in the own words; decided through the review task that it opens.
CREATE TABLE correction_requests (
    id           TEXT PRIMARY KEY,
    person_id    TEXT NOT NULL REFERENCES persons (id),
    attribute    TEXT NOT NULL,
    sealed_text  BLOB NOT NULL,
    review_id    TEXT NOT NULL REFERENCES review_tasks (id),
    requested_at BIGINT NOT NULL
);
CREATE INDEX correction_requests_person ON correction_requests (person_id);

-- Exercises of a training register: whose turn it is with which invented person, and how it went.
CREATE TABLE training_runs (
    id         TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    exercise   TEXT NOT NULL,
    slot       BIGINT NOT NULL,
    begun_at   BIGINT NOT NULL,
    begun_seq  BIGINT NOT NULL,
    scored_at  BIGINT,
    points     BIGINT,
    possible   BIGINT,
    -- Names of the criteria that were met, with spaces between them.
    met        TEXT,
    UNIQUE (exercise, slot)
);
CREATE INDEX training_runs_account ON training_runs (account_id, exercise);
