CREATE TABLE unsaved (
  user_id INTEGER NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
  key TEXT NOT NULL,
  post_id INTEGER,
  base TEXT NOT NULL DEFAULT '',
  fields TEXT NOT NULL,
  kept TIMESTAMP NOT NULL,
  discarded INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (user_id, key)
);

CREATE INDEX unsaved_kept ON unsaved (kept);
