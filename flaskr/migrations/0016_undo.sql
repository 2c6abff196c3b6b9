-- The state of posts before somebody published, updated, unpublished or tagged them. It can be
-- restored for a day.

CREATE TABLE undo (
  key TEXT PRIMARY KEY NOT NULL,
  user_id INTEGER NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
  created TIMESTAMP NOT NULL,
  change TEXT NOT NULL
);

CREATE INDEX undo_created ON undo (created);
