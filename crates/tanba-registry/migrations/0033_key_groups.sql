-- Genetic data has a key-encryption key for each group that the law keeps apart. The group whose key wraps this data key; none for other
-- kinds of data, and for keys that an older version made, until they are moved.
ALTER TABLE data_keys ADD COLUMN data_group TEXT;
CREATE INDEX data_keys_of_no_group ON data_keys (owner_id) WHERE domain = 'genomic' AND data_group IS NULL AND wrapped IS NOT NULL;
