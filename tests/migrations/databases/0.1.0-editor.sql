CREATE TABLE "user" (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  username TEXT UNIQUE NOT NULL,
  -- A Werkzeug hash, or '!' for a person who cannot log in.
  password TEXT NOT NULL,
  -- 'owner' or 'author'.
  role TEXT NOT NULL DEFAULT 'author',
  -- The name without regard to case, for new names to differ in. NULL in rows
  -- that plain SQL wrote, until the next init-db.
  username_key TEXT
);
CREATE TABLE post (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  author_id INTEGER NOT NULL,
  -- The date that the post bears. One in the future is a scheduled post.
  created TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  title TEXT NOT NULL,
  body TEXT NOT NULL,
  status TEXT NOT NULL DEFAULT 'published' CHECK (status IN ('draft', 'published')),
  -- The post's address. NULL in rows that plain SQL wrote, until the next save
  -- or init-db; such a post is read at /<id>.
  slug TEXT,
  summary TEXT NOT NULL DEFAULT '',
  -- The last edit; NULL where there was none.
  updated TIMESTAMP,
  FOREIGN KEY (author_id) REFERENCES "user" (id)
);
CREATE TABLE coauthor (
  post_id INTEGER NOT NULL REFERENCES post (id) ON DELETE CASCADE,
  user_id INTEGER NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  PRIMARY KEY (post_id, user_id)
);
CREATE TABLE tag (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL,
  -- The name without regard to case: what makes two tags the same.
  name_key TEXT UNIQUE NOT NULL,
  slug TEXT UNIQUE NOT NULL
);
CREATE TABLE post_tag (
  post_id INTEGER NOT NULL REFERENCES post (id) ON DELETE CASCADE,
  tag_id INTEGER NOT NULL REFERENCES tag (id) ON DELETE CASCADE,
  PRIMARY KEY (post_id, tag_id)
);
CREATE TABLE old_address (
  path TEXT PRIMARY KEY NOT NULL,
  post_id INTEGER NOT NULL REFERENCES post (id) ON DELETE CASCADE
);
CREATE TABLE import_source (
  path TEXT PRIMARY KEY NOT NULL,
  post_id INTEGER NOT NULL,
  file_hash TEXT NOT NULL,
  post_hash TEXT NOT NULL
);
CREATE TABLE session (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  token_hash TEXT UNIQUE NOT NULL,
  user_id INTEGER NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
  created TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  last_seen TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  address TEXT NOT NULL DEFAULT '',
  user_agent TEXT NOT NULL DEFAULT ''
);
CREATE TABLE throttle (
  key TEXT PRIMARY KEY NOT NULL,
  hits INTEGER NOT NULL,
  ends TIMESTAMP NOT NULL
);
CREATE TABLE rendered (
  body_hash TEXT NOT NULL,
  version INTEGER NOT NULL,
  html TEXT NOT NULL,
  excerpt TEXT,
  minutes INTEGER NOT NULL,
  PRIMARY KEY (body_hash, version)
);
CREATE TABLE unsaved (
  user_id INTEGER NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
  key TEXT NOT NULL,
  -- NULL for a new post. No key to `post`: the text outlives it.
  post_id INTEGER,
  -- Which state of the post the text began with.
  base TEXT NOT NULL DEFAULT '',
  -- The form's fields as a JSON object.
  fields TEXT NOT NULL,
  kept TIMESTAMP NOT NULL,
  -- 1 for what a person discarded, and may want back all the same.
  discarded INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (user_id, key)
);
CREATE TABLE theirs (note TEXT, day TIMESTAMP);
DELETE FROM sqlite_sequence;
INSERT INTO "user" (id, username, password, role, username_key) VALUES (1, 'Ada', 'scrypt:1:1:1$x$y', 'owner', 'ada');
INSERT INTO "user" (id, username, password, role, username_key) VALUES (2, 'ゆき', 'scrypt:1:1:1$x$z', 'author', 'ゆき');
INSERT INTO "user" (id, username, password, role, username_key) VALUES (3, 'Bob', '!', 'author', 'bob');
INSERT INTO "post" (id, author_id, created, title, body, status, slug, summary, updated) VALUES (1, 1, '2019-01-01 10:00:00', 'First', 'Some **words**.', 'published', 'first-of-all', 'The first', '2019-01-02 00:00:00');
INSERT INTO "post" (id, author_id, created, title, body, status, slug, summary, updated) VALUES (2, 2, '2019-02-01 10:00:00', '二番目', '春が来た。', 'published', 'erfanmu', '', NULL);
INSERT INTO "post" (id, author_id, created, title, body, status, slug, summary, updated) VALUES (3, 99, '2019-03-01 10:00:00', 'An orphan', 'Without an author', 'published', 'an-orphan', '', NULL);
INSERT INTO "post" (id, author_id, created, title, body, status, slug, summary, updated) VALUES (4, 1, '2019-04-01 00:00:00', 'A date by hand', 'April', 'published', 'a-date-by-hand', '', NULL);
INSERT INTO "post" (id, author_id, created, title, body, status, slug, summary, updated) VALUES (5, 1, '2999-01-01 00:00:00', 'Later', 'Scheduled', 'published', 'later', '', NULL);
INSERT INTO "post" (id, author_id, created, title, body, status, slug, summary, updated) VALUES (6, 1, '2019-05-01 10:00:00', 'Draft', 'Not yet', 'draft', 'draft', '', NULL);
INSERT INTO "post" (id, author_id, created, title, body, status, slug, summary, updated) VALUES (7, 1, '2019-06-01 10:00:00', 'About', 'A page', 'published', 'about', '', NULL);
INSERT INTO "post" (id, author_id, created, title, body, status, slug, summary, updated) VALUES (8, 2, '2019-07-01 10:00:00', 'A picture', '![x](/media/0123456789abcdef0123456789abcdef.png)', 'published', 'a-picture', '', NULL);
INSERT INTO "coauthor" (post_id, user_id, position) VALUES (1, 2, 1);
INSERT INTO "coauthor" (post_id, user_id, position) VALUES (2, 3, 1);
INSERT INTO "tag" (id, name, name_key, slug) VALUES (1, 'Baking', 'baking', 'baking');
INSERT INTO "tag" (id, name, name_key, slug) VALUES (2, 'ねこ', 'ねこ', 'neko');
INSERT INTO "post_tag" (post_id, tag_id) VALUES (1, 1);
INSERT INTO "post_tag" (post_id, tag_id) VALUES (2, 1);
INSERT INTO "post_tag" (post_id, tag_id) VALUES (2, 2);
INSERT INTO "post_tag" (post_id, tag_id) VALUES (6, 2);
INSERT INTO "old_address" (path, post_id) VALUES ('/2019/01/first.html', 1);
INSERT INTO "import_source" (path, post_id, file_hash, post_hash) VALUES ('/posts/first.md', 1, 'f', 'p');
INSERT INTO "import_source" (path, post_id, file_hash, post_hash) VALUES ('/posts/gone.md', 77, 'f', 'p');
INSERT INTO "session" (id, token_hash, user_id, created, last_seen, address, user_agent) VALUES (1, 't1', 1, '2026-11-29 20:14:50', '2026-11-29 20:14:50', '192.0.2.1', '');
INSERT INTO "session" (id, token_hash, user_id, created, last_seen, address, user_agent) VALUES (2, 't2', 2, '2026-11-29 20:14:50', '2026-11-29 20:14:50', '', '');
INSERT INTO "throttle" (key, hits, ends) VALUES ('somebody', 3, '2999-01-01 00:00:00');
INSERT INTO "rendered" (body_hash, version, html, excerpt, minutes) VALUES ('a9546d222380f1b8757a425cc588ea5003b9e0cea96e81e62cc5f9127ccc5597', 1, '<p><img src="/media/0123456789abcdef0123456789abcdef.png" alt="x" loading="lazy" decoding="async"></p>', NULL, 1);
INSERT INTO "rendered" (body_hash, version, html, excerpt, minutes) VALUES ('fbddd8a01bfd546218b58c795fd5f4b9f16b8dfc90ae936b4bcf524abea3afdf', 1, '<p>A page</p>', NULL, 1);
INSERT INTO "rendered" (body_hash, version, html, excerpt, minutes) VALUES ('4afe6ea150d532c17693519cac32da104f47073d500d2507272d294d8590d3f8', 1, '<p>April</p>', NULL, 1);
INSERT INTO "rendered" (body_hash, version, html, excerpt, minutes) VALUES ('f0caf3b13c69db2d6b69844ae2c4f137bc9543d21d165f32fb2becbc62d13103', 1, '<p>Without an author</p>', NULL, 1);
INSERT INTO "rendered" (body_hash, version, html, excerpt, minutes) VALUES ('a01248360edb922f72df552ee423555afa63586a282175ffd30367bc19442076', 1, '<p>春が来た。</p>', NULL, 1);
INSERT INTO "rendered" (body_hash, version, html, excerpt, minutes) VALUES ('16fc7de96c1d83f0527dc6e2cb628de1530d0bf22cb825ce845d8d941c411bd8', 1, '<p>Some <strong>words</strong>.</p>', NULL, 1);
INSERT INTO "unsaved" (user_id, key, post_id, base, fields, kept, discarded) VALUES (1, 'a-key-of-a-form-1', 1, '', '{"title": "Half"}', '2998-01-01 00:00:00', 0);
INSERT INTO "unsaved" (user_id, key, post_id, base, fields, kept, discarded) VALUES (2, 'a-key-of-a-form-2', NULL, '', '{"body": "x"}', '2998-01-01 00:00:00', 1);
INSERT INTO "theirs" (note, day) VALUES ('An unknown table', '2018-1-1');
INSERT INTO "sqlite_sequence" (name, seq) VALUES ('user', 3);
INSERT INTO "sqlite_sequence" (name, seq) VALUES ('post', 9);
INSERT INTO "sqlite_sequence" (name, seq) VALUES ('tag', 2);
INSERT INTO "sqlite_sequence" (name, seq) VALUES ('session', 2);
CREATE UNIQUE INDEX user_username_key ON "user" (username_key);
CREATE UNIQUE INDEX post_slug ON post (slug);
CREATE INDEX post_newest ON post (status, created, id);
CREATE INDEX post_by_author ON post (author_id, created, id);
CREATE TRIGGER post_created_insert AFTER INSERT ON post
WHEN NEW.created IS NOT datetime(NEW.created, '+0 days')
BEGIN
  UPDATE post SET created = NEW.created WHERE id = NEW.id;
END;
CREATE TRIGGER post_created_update AFTER UPDATE OF created ON post
WHEN NEW.created IS NOT datetime(NEW.created, '+0 days')
BEGIN
  UPDATE post
  SET created = coalesce(
    CASE
      WHEN typeof(NEW.created) NOT IN ('integer', 'real') THEN datetime(NEW.created, '+0 days')
      WHEN NEW.created BETWEEN 1000 AND 9999 THEN datetime(CAST(NEW.created AS INTEGER) || '-01-01')
      WHEN abs(NEW.created) > 100000000000 THEN datetime(NEW.created / 1000, 'unixepoch')
      ELSE datetime(NEW.created, 'unixepoch')
    END,
    (
      SELECT coalesce(datetime(day || time), datetime(day))
      FROM (
        SELECT
          printf(
            '%s-%02d-%02d',
            substr(date, 1, 4),
            CAST(substr(date, 6) AS INTEGER),
            CASE
              WHEN date GLOB '????-*-*' THEN CAST(substr(date, 6 + instr(substr(date, 6), '-')) AS INTEGER)
              ELSE 1
            END
          ) AS day,
          CASE WHEN instr(date, ' ') THEN substr(date, instr(date, ' ')) ELSE '' END AS time
        FROM (SELECT replace(NEW.created, '/', '-') AS date)
      )
    ),
    CURRENT_TIMESTAMP
  )
  WHERE id = NEW.id;
END;
CREATE INDEX coauthor_user ON coauthor (user_id);
CREATE INDEX post_tag_tag ON post_tag (tag_id, post_id);
CREATE INDEX old_address_post ON old_address (post_id);
CREATE INDEX import_source_post ON import_source (post_id);
CREATE INDEX session_user ON session (user_id);
CREATE INDEX throttle_ends ON throttle (ends);
CREATE INDEX unsaved_kept ON unsaved (kept);
CREATE INDEX theirs_note ON theirs (note);
PRAGMA user_version = 3;
