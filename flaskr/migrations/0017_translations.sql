-- Posts with the same key are translations of each other. There is no foreign key, so that a post
-- keeps its key in the trash.
CREATE TABLE translation (
  post_id INTEGER PRIMARY KEY NOT NULL,
  key TEXT NOT NULL
);

CREATE INDEX translation_key ON translation (key);
