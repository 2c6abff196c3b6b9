-- The tags of a post keep the order in which its author gave them. Until a post is saved again,
-- its tags are in the order of their names.

ALTER TABLE post_tag ADD COLUMN position INTEGER NOT NULL DEFAULT 0;
