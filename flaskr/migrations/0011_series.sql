-- Addresses that a series had before it was renamed.

CREATE TABLE former_series (
  slug TEXT PRIMARY KEY NOT NULL,
  series_id INTEGER NOT NULL REFERENCES series (id) ON DELETE CASCADE
);

CREATE INDEX former_series_series ON former_series (series_id);
