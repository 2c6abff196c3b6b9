-- Addresses that a tag had before it was renamed or merged.

CREATE TABLE former_tag (
  slug TEXT PRIMARY KEY NOT NULL,
  tag_id INTEGER NOT NULL REFERENCES tag (id) ON DELETE CASCADE
);

CREATE INDEX former_tag_tag ON former_tag (tag_id);
