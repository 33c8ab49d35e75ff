-- National sign-in of the person concerned (docs/sign-in.md).

-- An account that national sign-in opened for whoever has this number: a keyed hash. Whose record it opens is asked with every call.
ALTER TABLE accounts ADD COLUMN number_blind BLOB;
CREATE UNIQUE INDEX accounts_number ON accounts (number_blind);

-- Attempts whose answer came back: none is taken twice. A row goes when its attempt would be too old anyway.
CREATE TABLE sign_in_attempts (
    attempt BLOB PRIMARY KEY,
    gone_at BIGINT NOT NULL
);
