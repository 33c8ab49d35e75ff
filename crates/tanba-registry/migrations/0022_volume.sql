-- Who searched with a genomic profile, so that searches count towards the limits of an officer, a case and an organisation as looks do.
-- Searches from before count towards those of their case alone.
ALTER TABLE searches ADD COLUMN account_id TEXT REFERENCES accounts (id);
CREATE INDEX searches_account ON searches (account_id, searched_at);
CREATE INDEX searches_case ON searches (case_id, searched_at);
CREATE INDEX access_requests_case ON access_requests (case_id, asked_at);
CREATE INDEX accounts_organisation ON accounts (organisation_id);
