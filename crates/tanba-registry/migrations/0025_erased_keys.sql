-- Which keys were destroyed lately, for the list of erased keys.
CREATE INDEX data_keys_destroyed ON data_keys (destroyed_at) WHERE destroyed_at IS NOT NULL;
