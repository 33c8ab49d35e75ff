-- What the person concerned asks for, in one table: correction, restriction, erasure, review by a human being, complaint. Words, references
-- of letters, answers and reasons are sealed under the request's own key. What was asked before is taken over; the answers of that time
-- stand in the review task.
CREATE TABLE person_requests (
    id               TEXT PRIMARY KEY,
    person_id        TEXT NOT NULL REFERENCES persons (id),
    kind             TEXT NOT NULL CHECK (kind IN ('correction', 'restriction', 'erasure', 'review', 'complaint')),
    via              TEXT NOT NULL CHECK (via IN ('own_page', 'representative', 'counter', 'letter')),
    entered_by       TEXT REFERENCES accounts (id),
    attribute        TEXT,
    candidate_id     TEXT REFERENCES candidates (id),
    second_look_id   TEXT REFERENCES candidates (id),
    sealed_text      BLOB NOT NULL,
    sealed_reference BLOB,
    -- A complaint has none: it is the supervisor's, and no task of the authority complained of.
    review_id        TEXT REFERENCES review_tasks (id),
    requested_at     BIGINT NOT NULL,
    due_on           TEXT,
    escalated_at     BIGINT,
    answered_at      BIGINT,
    answered_by      TEXT REFERENCES accounts (id),
    outcome          TEXT CHECK (outcome IN ('granted', 'refused')),
    sealed_answer    BLOB,
    answer_seq       BIGINT,
    -- Of a granted restriction: when it was lifted, and the sealed reasons.
    lifted_at        BIGINT,
    sealed_lifting   BLOB
);
INSERT INTO person_requests (id, person_id, kind, via, attribute, sealed_text, review_id, requested_at, due_on, escalated_at, answered_at, answered_by)
    SELECT c.id, c.person_id, 'correction', 'own_page', c.attribute, c.sealed_text, c.review_id, c.requested_at, c.due_on, c.escalated_at,
           t.closed_at, t.closed_by FROM correction_requests c JOIN review_tasks t ON t.id = c.review_id;
DROP TABLE correction_requests;
UPDATE review_tasks SET subject_kind = 'person_request' WHERE subject_kind = 'correction_request';
CREATE INDEX person_requests_person ON person_requests (person_id);
CREATE INDEX person_requests_due ON person_requests (answered_at, due_on);

-- A comparison that is made again because the person contests what was found: by examiners who took no part in the first.
ALTER TABLE candidates ADD COLUMN contests TEXT REFERENCES candidates (id);
CREATE INDEX candidates_contests ON candidates (contests);
