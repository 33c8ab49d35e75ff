-- Until when a request of the person concerned must be answered, and when its lateness was put before the supervisor. Requests from before
-- have no day: nobody was promised one.
ALTER TABLE correction_requests ADD COLUMN due_on TEXT;
ALTER TABLE correction_requests ADD COLUMN escalated_at BIGINT;
CREATE INDEX correction_requests_due ON correction_requests (escalated_at, due_on);
