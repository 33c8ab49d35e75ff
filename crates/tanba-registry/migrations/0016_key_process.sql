-- Who holds the key that a data key is wrapped under: nothing for the register's own key file, otherwise the name of a key process.
ALTER TABLE data_keys ADD COLUMN keeper TEXT;

-- The key process that keys of images are with. From then on none is made without it.
ALTER TABLE instance ADD COLUMN keyd TEXT;

-- Notes on a sample are sealed with the key of this kind of data. Those on later samples go with the template, because they
-- are read where no image is opened.
ALTER TABLE samples ADD COLUMN notes_domain TEXT NOT NULL DEFAULT 'image';
