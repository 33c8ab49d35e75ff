-- What a search may be narrowed by: the region that a site lies in (by the register's own code; NULL where none is given), and
-- encounters of which the gallery may still say something else than the database.
ALTER TABLE sites ADD COLUMN region BIGINT;

-- A row is written in the transaction that changes what is known, and goes once no file of the gallery says the old thing.
CREATE TABLE gallery_changes (
    encounter_id TEXT PRIMARY KEY REFERENCES encounters (id),
    changed_at   BIGINT NOT NULL
);

-- Galleries of earlier versions know nothing of anybody but the fingers.
INSERT INTO gallery_changes (encounter_id, changed_at) SELECT encounter_id, 0 FROM registrations WHERE state = 'active';
