-- Codes with which programs get their first token after a user has allowed it (IndieAuth).

CREATE TABLE authorization_code (
  hash TEXT PRIMARY KEY NOT NULL,
  user_id INTEGER NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
  grant_json TEXT NOT NULL,
  expires TIMESTAMP NOT NULL,
  token_id INTEGER
);

ALTER TABLE token ADD COLUMN client_id TEXT NOT NULL DEFAULT '';
