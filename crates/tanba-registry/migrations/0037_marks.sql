-- A mark of the register's key over what a row says that gives power: an account with its roles and organisation, a passkey, a session. None
-- in rows of an older version, until they are marked once; see `marks`.
ALTER TABLE accounts ADD COLUMN mark BLOB;
ALTER TABLE passkeys ADD COLUMN mark BLOB;
ALTER TABLE sessions ADD COLUMN mark BLOB;
