-- Tokens with which programs act for a user, within the token's scopes.

CREATE TABLE token (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id INTEGER NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  hash TEXT UNIQUE NOT NULL,
  scopes TEXT NOT NULL,
  created TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  expires TIMESTAMP,
  last_used TIMESTAMP,
  last_address TEXT
);

CREATE INDEX token_user ON token (user_id);
