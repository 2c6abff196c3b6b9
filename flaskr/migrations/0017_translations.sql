-- Translations of imported posts, and old addresses that belong to no post.

-- Posts with the same key are translations of each other. There is no foreign key, so that a post
-- keeps its key in the trash.
CREATE TABLE translation (
  post_id INTEGER PRIMARY KEY NOT NULL,
  key TEXT NOT NULL
);

CREATE INDEX translation_key ON translation (key);

-- Paths of feeds, tags and lists on an imported site, and the paths that they redirect to.
CREATE TABLE old_location (
  path TEXT PRIMARY KEY NOT NULL,
  target TEXT NOT NULL
);
