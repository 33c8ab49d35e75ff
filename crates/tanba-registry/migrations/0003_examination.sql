-- Examination: markings before the reference is seen, conclusions on five steps, what a review is about, corrections of
-- what is known of a person, and comparisons that an officer asks for after registration.

-- What an examiner marked on the searched prints before the candidate was shown. Written once, never changed.
CREATE TABLE markings (
    candidate_id TEXT NOT NULL REFERENCES candidates (id),
    account_id   TEXT NOT NULL REFERENCES accounts (id),
    sealed_marks BLOB NOT NULL,
    locked_at    BIGINT NOT NULL,
    PRIMARY KEY (candidate_id, account_id)
);

-- What is marked and not locked yet, so that an ended session loses nothing. Goes when it is locked.
CREATE TABLE marking_drafts (
    candidate_id TEXT NOT NULL REFERENCES candidates (id),
    account_id   TEXT NOT NULL REFERENCES accounts (id),
    sealed_marks BLOB NOT NULL,
    saved_at     BIGINT NOT NULL,
    PRIMARY KEY (candidate_id, account_id)
);

-- The verdict stays what decides; the conclusion is the step of the scale that it was given on.
ALTER TABLE judgements ADD COLUMN conclusion TEXT;
ALTER TABLE judgements ADD COLUMN sealed_notes BLOB;
UPDATE judgements SET conclusion = CASE verdict WHEN 'same' THEN 'identification' WHEN 'different' THEN 'exclusion' ELSE 'inconclusive' END;

-- The second record that a review is about (the first is its subject).
ALTER TABLE review_tasks ADD COLUMN other_kind TEXT;
ALTER TABLE review_tasks ADD COLUMN other_id TEXT;
CREATE INDEX review_tasks_open ON review_tasks (closed_at, opened_at);

-- The review that a revision answers; applying the revision closes it.
ALTER TABLE cluster_revisions ADD COLUMN review_id TEXT;
CREATE INDEX cluster_moves_from ON cluster_moves (from_person);
CREATE INDEX cluster_moves_to ON cluster_moves (to_person);

-- A change of what is known of a person: proposed by one officer, applied by another. The change itself (attributes, source,
-- evidence, reason) is sealed under the keys of the encounter that will hold the new values.
CREATE TABLE corrections (
    id            TEXT PRIMARY KEY,
    person_id     TEXT NOT NULL REFERENCES persons (id),
    encounter_id  TEXT NOT NULL REFERENCES encounters (id),
    kind          TEXT NOT NULL CHECK (kind IN ('correction', 'name_change', 'death', 'death_withdrawn')),
    state         TEXT NOT NULL CHECK (state IN ('proposed', 'applied', 'rejected')),
    sealed_change BLOB NOT NULL,
    proposed_by   TEXT NOT NULL REFERENCES accounts (id),
    proposed_at   BIGINT NOT NULL,
    decided_by    TEXT REFERENCES accounts (id),
    decided_at    BIGINT
);
CREATE INDEX corrections_person ON corrections (person_id);

-- Two registered persons whom an officer takes to be one: their prints go to two examiners like any candidate.
CREATE TABLE suspicions (
    id            TEXT PRIMARY KEY,
    candidate_id  TEXT NOT NULL UNIQUE REFERENCES candidates (id),
    encounter_id  TEXT NOT NULL REFERENCES encounters (id),
    person_id     TEXT NOT NULL REFERENCES persons (id),
    other_person  TEXT NOT NULL REFERENCES persons (id),
    sealed_reason BLOB NOT NULL,
    raised_by     TEXT NOT NULL REFERENCES accounts (id),
    raised_at     BIGINT NOT NULL
);
CREATE INDEX candidates_encounter ON candidates (encounter_id);
CREATE INDEX candidates_state ON candidates (state);
CREATE INDEX judgements_account ON judgements (account_id, judged_at);
