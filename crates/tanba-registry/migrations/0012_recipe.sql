-- Which extractor made the template of a sample, by the code that stands in the template too: 0 where nobody has looked, NULL where no
-- template is left. And with which one its image was last tried: what that one made nothing of is not tried with it again.
ALTER TABLE samples ADD COLUMN recipe BIGINT;
ALTER TABLE samples ADD COLUMN recipe_tried BIGINT;
UPDATE samples SET recipe = 0 WHERE LENGTH(sealed_template) > 0;

-- Whether the gallery has to read the prints anew too, and not only what is known of the person.
ALTER TABLE gallery_changes ADD COLUMN prints BIGINT NOT NULL DEFAULT 0;
