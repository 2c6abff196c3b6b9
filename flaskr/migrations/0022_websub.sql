-- The state of the newest posts of which a WebSub hub was told last.

CREATE TABLE websub (
  hub TEXT PRIMARY KEY NOT NULL,
  announced TEXT NOT NULL,
  failures INTEGER NOT NULL DEFAULT 0,
  retry TIMESTAMP,
  error TEXT NOT NULL DEFAULT ''
);
