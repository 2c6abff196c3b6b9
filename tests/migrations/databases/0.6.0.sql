CREATE TABLE "user" (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  username TEXT UNIQUE NOT NULL,
  -- A Werkzeug hash, or '!' for an imported user, who cannot log in.
  password TEXT NOT NULL,
  -- 'owner' or 'author'.
  role TEXT NOT NULL DEFAULT 'author',
  -- The case-folded name, which must be unique. NULL in rows that plain SQL
  -- inserted, until the next init-db.
  username_key TEXT,
  -- Shown to readers instead of the user name, unless empty.
  display_name TEXT NOT NULL DEFAULT '',
  bio TEXT NOT NULL DEFAULT ''
);
CREATE TABLE post (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  author_id INTEGER NOT NULL,
  -- The date of the post. A published post with a future date is scheduled.
  created TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  title TEXT NOT NULL,
  body TEXT NOT NULL,
  status TEXT NOT NULL DEFAULT 'published' CHECK (status IN ('draft', 'published')),
  -- The last part of the post's URL. NULL in rows that plain SQL inserted, until
  -- the next save or init-db; the URL of such a post is /<id>.
  slug TEXT,
  summary TEXT NOT NULL DEFAULT '',
  -- The time of the last edit, or NULL.
  updated TIMESTAMP,
  -- A language code such as `ja`, or empty for the blog's language.
  language TEXT NOT NULL DEFAULT '',
  -- Pages are in the menu, ordered by `menu_position`, and not in lists of posts.
  kind TEXT NOT NULL DEFAULT 'post' CHECK (kind IN ('post', 'page')),
  menu_position INTEGER NOT NULL DEFAULT 0,
  -- 1 if the author chose the date, 0 if it is set when the post is first published.
  dated INTEGER NOT NULL DEFAULT 0,
  -- The URL of an image, in the media library or on another site.
  cover TEXT NOT NULL DEFAULT '',
  FOREIGN KEY (author_id) REFERENCES "user" (id)
);
CREATE TABLE coauthor (
  post_id INTEGER NOT NULL REFERENCES post (id) ON DELETE CASCADE,
  user_id INTEGER NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  -- The date of the post if lists show it, or NULL. Triggers from models/listed_dates.py set it.
  listed TIMESTAMP,
  PRIMARY KEY (post_id, user_id)
);
CREATE TABLE tag (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL,
  -- The case-folded name: names with the same key are the same tag.
  name_key TEXT UNIQUE NOT NULL,
  slug TEXT UNIQUE NOT NULL
);
CREATE TABLE post_tag (
  post_id INTEGER NOT NULL REFERENCES post (id) ON DELETE CASCADE,
  tag_id INTEGER NOT NULL REFERENCES tag (id) ON DELETE CASCADE,
  listed TIMESTAMP,
  -- Tags are shown in this order, and those of the same position by name.
  position INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (post_id, tag_id)
);
CREATE TABLE old_address (
  path TEXT PRIMARY KEY NOT NULL,
  post_id INTEGER NOT NULL REFERENCES post (id) ON DELETE CASCADE
);
CREATE TABLE translation (
  post_id INTEGER PRIMARY KEY NOT NULL,
  key TEXT NOT NULL
);
CREATE TABLE redirect (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  path TEXT UNIQUE NOT NULL,
  target TEXT,
  created TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE TABLE not_found (
  path TEXT PRIMARY KEY NOT NULL,
  hits INTEGER NOT NULL DEFAULT 1,
  last_seen TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE TABLE card (
  url TEXT PRIMARY KEY NOT NULL,
  title TEXT NOT NULL,
  site TEXT NOT NULL DEFAULT '',
  -- The URL of a picture in the media library, or empty.
  image TEXT NOT NULL DEFAULT '',
  fetched TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
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
CREATE TABLE former_slug (
  slug TEXT PRIMARY KEY NOT NULL,
  post_id INTEGER NOT NULL
);
CREATE TABLE trash (
  post_id INTEGER PRIMARY KEY NOT NULL,
  author_id INTEGER NOT NULL,
  title TEXT NOT NULL,
  deleted TIMESTAMP NOT NULL,
  content TEXT NOT NULL
);
CREATE TABLE revision (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  post_id INTEGER NOT NULL,
  editor_id INTEGER,
  created TIMESTAMP NOT NULL,
  title TEXT NOT NULL,
  step INTEGER NOT NULL,
  delta BLOB NOT NULL,
  -- The key of the editing form that saved it.
  form TEXT NOT NULL DEFAULT '',
  -- 1 if it is an autosave that the form's next one replaces, 2 if another form started from it.
  autosave INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE undo (
  key TEXT PRIMARY KEY NOT NULL,
  user_id INTEGER NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
  created TIMESTAMP NOT NULL,
  change TEXT NOT NULL
);
CREATE TABLE media (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  -- 32 hexadecimal digits of the hash of the content, at the start of `name`.
  hash TEXT UNIQUE NOT NULL,
  name TEXT UNIQUE NOT NULL,
  -- The media type, detected from the content.
  type TEXT NOT NULL,
  original_name TEXT NOT NULL,
  alt TEXT NOT NULL DEFAULT '',
  -- The case-folded name and alt text, for searching.
  words TEXT NOT NULL DEFAULT '',
  user_id INTEGER REFERENCES "user" (id) ON DELETE SET NULL,
  created TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  size INTEGER NOT NULL,
  width INTEGER,
  height INTEGER,
  animated INTEGER NOT NULL DEFAULT 0,
  -- The widths of its WebP variants, separated by spaces.
  widths TEXT NOT NULL DEFAULT ''
);
CREATE TABLE media_use (
  hash TEXT NOT NULL,
  post_id INTEGER NOT NULL,
  -- 0 if only an older revision of the post contains it.
  current INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (hash, post_id)
) WITHOUT ROWID;
CREATE TABLE former_tag (
  slug TEXT PRIMARY KEY NOT NULL,
  tag_id INTEGER NOT NULL REFERENCES tag (id) ON DELETE CASCADE
);
CREATE TABLE unsaved (
  user_id INTEGER NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
  key TEXT NOT NULL,
  -- NULL for a new post. There is no foreign key, so the text outlives the post.
  post_id INTEGER,
  -- The version of the post that the edit started from.
  base TEXT NOT NULL DEFAULT '',
  -- The form's fields as a JSON object, which is empty if the draft `post_id` contains them.
  fields TEXT NOT NULL,
  kept TIMESTAMP NOT NULL,
  -- 1 if the user discarded the text, which can still be restored.
  discarded INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (user_id, key)
);
CREATE TABLE series (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL,
  name_key TEXT UNIQUE NOT NULL,
  slug TEXT UNIQUE NOT NULL
);
CREATE TABLE series_post (
  post_id INTEGER PRIMARY KEY NOT NULL REFERENCES post (id) ON DELETE CASCADE,
  series_id INTEGER NOT NULL REFERENCES series (id) ON DELETE CASCADE,
  -- The number chosen by the author. Parts without a number follow by date.
  part INTEGER,
  listed TIMESTAMP
);
CREATE TABLE former_series (
  slug TEXT PRIMARY KEY NOT NULL,
  series_id INTEGER NOT NULL REFERENCES series (id) ON DELETE CASCADE
);
CREATE TABLE setting (
  name TEXT PRIMARY KEY NOT NULL,
  value TEXT NOT NULL
);
CREATE TABLE icon (
  name TEXT PRIMARY KEY NOT NULL,
  content BLOB NOT NULL
);
CREATE TABLE content (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  version BLOB NOT NULL,
  changed TIMESTAMP NOT NULL
);
CREATE TABLE site (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  uuid TEXT NOT NULL
);
CREATE VIRTUAL TABLE post_words USING fts5 (
  title,
  body,
  columnsize = 0,
  tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'"
);
CREATE VIRTUAL TABLE post_terms USING fts5vocab ('post_words', 'instance');
CREATE VIRTUAL TABLE post_titles USING fts5 (
  title,
  columnsize = 0,
  tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'"
);
CREATE VIRTUAL TABLE post_letters USING fts5 (title, body, columnsize = 0, tokenize = 'trigram');
CREATE VIRTUAL TABLE tag_words USING fts5 (
  name,
  columnsize = 0,
  tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'"
);
CREATE TABLE theirs (note TEXT, day TIMESTAMP);
DELETE FROM sqlite_sequence;
INSERT INTO "user" (id, username, password, role, username_key, display_name, bio) VALUES (1, 'Ada', 'scrypt:1:1:1$x$y', 'owner', 'ada', '', '');
INSERT INTO "user" (id, username, password, role, username_key, display_name, bio) VALUES (2, 'ゆき', 'scrypt:1:1:1$x$z', 'author', 'ゆき', '', '');
INSERT INTO "user" (id, username, password, role, username_key, display_name, bio) VALUES (3, 'Bob', '!', 'author', 'bob', '', '');
INSERT INTO "post" (id, author_id, created, title, body, status, slug, summary, updated, language, kind, menu_position, dated, cover) VALUES (1, 1, '2019-01-01 10:00:00', 'First', 'Some **words**.', 'published', 'first-of-all', 'The first', '2019-01-02 00:00:00', '', 'post', 0, 0, '/media/0123456789abcdef0123456789abcdef.png');
INSERT INTO "post" (id, author_id, created, title, body, status, slug, summary, updated, language, kind, menu_position, dated, cover) VALUES (2, 2, '2019-02-01 10:00:00', '二番目', '春が来た。', 'published', 'erfanmu', '', NULL, '', 'post', 0, 0, '');
INSERT INTO "post" (id, author_id, created, title, body, status, slug, summary, updated, language, kind, menu_position, dated, cover) VALUES (3, 99, '2019-03-01 10:00:00', 'An orphan', 'Without an author', 'published', 'an-orphan', '', NULL, '', 'post', 0, 0, '');
INSERT INTO "post" (id, author_id, created, title, body, status, slug, summary, updated, language, kind, menu_position, dated, cover) VALUES (4, 1, '2019-04-01 00:00:00', 'A date by hand', 'April', 'published', 'a-date-by-hand', '', NULL, '', 'post', 0, 0, '');
INSERT INTO "post" (id, author_id, created, title, body, status, slug, summary, updated, language, kind, menu_position, dated, cover) VALUES (5, 1, '2999-01-01 00:00:00', 'Later', 'Scheduled', 'published', 'later', '', NULL, '', 'post', 0, 0, '');
INSERT INTO "post" (id, author_id, created, title, body, status, slug, summary, updated, language, kind, menu_position, dated, cover) VALUES (6, 1, '2019-05-01 10:00:00', 'Draft', 'Not yet', 'draft', 'draft', '', NULL, '', 'post', 0, 0, '');
INSERT INTO "post" (id, author_id, created, title, body, status, slug, summary, updated, language, kind, menu_position, dated, cover) VALUES (7, 1, '2019-06-01 10:00:00', 'About', 'A page', 'published', 'about', '', NULL, 'de', 'page', 2, 0, '');
INSERT INTO "post" (id, author_id, created, title, body, status, slug, summary, updated, language, kind, menu_position, dated, cover) VALUES (8, 2, '2019-07-01 10:00:00', 'A picture', '![x](/media/0123456789abcdef0123456789abcdef.png)', 'published', 'a-picture', '', NULL, '', 'post', 0, 0, '');
INSERT INTO "coauthor" (post_id, user_id, position, listed) VALUES (1, 2, 1, '2019-01-01 10:00:00');
INSERT INTO "coauthor" (post_id, user_id, position, listed) VALUES (2, 3, 1, '2019-02-01 10:00:00');
INSERT INTO "tag" (id, name, name_key, slug) VALUES (1, 'Baking', 'baking', 'baking');
INSERT INTO "tag" (id, name, name_key, slug) VALUES (2, 'ねこ', 'ねこ', 'neko');
INSERT INTO "post_tag" (post_id, tag_id, listed, position) VALUES (1, 1, '2019-01-01 10:00:00', 0);
INSERT INTO "post_tag" (post_id, tag_id, listed, position) VALUES (2, 1, '2019-02-01 10:00:00', 0);
INSERT INTO "post_tag" (post_id, tag_id, listed, position) VALUES (2, 2, '2019-02-01 10:00:00', 0);
INSERT INTO "post_tag" (post_id, tag_id, listed, position) VALUES (6, 2, NULL, 0);
INSERT INTO "old_address" (path, post_id) VALUES ('/2019/01/first.html', 1);
INSERT INTO "translation" (post_id, key) VALUES (1, 'k');
INSERT INTO "translation" (post_id, key) VALUES (7, 'k');
INSERT INTO "redirect" (id, path, target, created) VALUES (1, '/moved', '/first-of-all', '2026-11-30 04:26:07');
INSERT INTO "redirect" (id, path, target, created) VALUES (2, '/over', NULL, '2026-11-30 04:26:07');
INSERT INTO "not_found" (path, hits, last_seen) VALUES ('/nowhere', 1, '2026-11-30 04:26:07');
INSERT INTO "card" (url, title, site, image, fetched) VALUES ('https://video.example/1', 'A film', '', '', '2026-11-30 04:26:07');
INSERT INTO "import_source" (path, post_id, file_hash, post_hash) VALUES ('/posts/first.md', 1, 'f', 'p');
INSERT INTO "import_source" (path, post_id, file_hash, post_hash) VALUES ('/posts/gone.md', 77, 'f', 'p');
INSERT INTO "session" (id, token_hash, user_id, created, last_seen, address, user_agent) VALUES (1, 't1', 1, '2026-11-30 04:26:07', '2026-11-30 04:26:07', '192.0.2.1', '');
INSERT INTO "session" (id, token_hash, user_id, created, last_seen, address, user_agent) VALUES (2, 't2', 2, '2026-11-30 04:26:07', '2026-11-30 04:26:07', '', '');
INSERT INTO "throttle" (key, hits, ends) VALUES ('somebody', 3, '2999-01-01 00:00:00');
INSERT INTO "rendered" (body_hash, version, html, excerpt, minutes) VALUES ('a9546d222380f1b8757a425cc588ea5003b9e0cea96e81e62cc5f9127ccc5597', 5, '<p><img src="/media/0123456789abcdef0123456789abcdef.png" alt="x" loading="lazy" decoding="async"></p>', NULL, 1);
INSERT INTO "rendered" (body_hash, version, html, excerpt, minutes) VALUES ('4afe6ea150d532c17693519cac32da104f47073d500d2507272d294d8590d3f8', 5, '<p>April</p>', NULL, 1);
INSERT INTO "rendered" (body_hash, version, html, excerpt, minutes) VALUES ('f0caf3b13c69db2d6b69844ae2c4f137bc9543d21d165f32fb2becbc62d13103', 5, '<p>Without an author</p>', NULL, 1);
INSERT INTO "rendered" (body_hash, version, html, excerpt, minutes) VALUES ('a01248360edb922f72df552ee423555afa63586a282175ffd30367bc19442076', 5, '<p>春が来た。</p>', NULL, 1);
INSERT INTO "rendered" (body_hash, version, html, excerpt, minutes) VALUES ('16fc7de96c1d83f0527dc6e2cb628de1530d0bf22cb825ce845d8d941c411bd8', 5, '<p>Some <strong>words</strong>.</p>', NULL, 1);
INSERT INTO "former_slug" (slug, post_id) VALUES ('first', 1);
INSERT INTO "trash" (post_id, author_id, title, deleted, content) VALUES (9, 1, 'Deleted', '2998-01-01 00:00:00', '{"post": {"id": 9, "author_id": 1, "title": "Deleted", "body": "In the trash", "created": "2019-08-01 10:00:00", "status": "published"}, "tags": [], "coauthors": [], "old_addresses": []}');
INSERT INTO "revision" (id, post_id, editor_id, created, title, step, delta, form, autosave) VALUES (1, 1, 1, '2019-01-01 10:00:00', 'First', 0, X'789C030000000001', '', 0);
INSERT INTO "revision" (id, post_id, editor_id, created, title, step, delta, form, autosave) VALUES (2, 1, NULL, '2019-01-02 00:00:00', 'First', 1, X'00', '', 0);
INSERT INTO "revision" (id, post_id, editor_id, created, title, step, delta, form, autosave) VALUES (3, 3, 1, '2019-01-03 00:00:00', 'A draft', 0, X'789C030000000001', 'a-key-of-a-form-1', 1);
INSERT INTO "undo" (key, user_id, created, change) VALUES ('a-key-of-a-change', 1, '2998-01-01 00:00:00', '{"action": "publish", "posts": []}');
INSERT INTO "media" (id, hash, name, type, original_name, alt, words, user_id, created, size, width, height, animated, widths) VALUES (1, '0123456789abcdef0123456789abcdef', '0123456789abcdef0123456789abcdef.png', 'image/png', 'cat.png', 'A cat', 'cat.png a cat', 2, '2019-07-01 09:00:00', 123, 60, 40, 0, '480');
INSERT INTO "media_use" (hash, post_id, current) VALUES ('0123456789abcdef0123456789abcdef', 1, 1);
INSERT INTO "media_use" (hash, post_id, current) VALUES ('0123456789abcdef0123456789abcdef', 8, 1);
INSERT INTO "former_tag" (slug, tag_id) VALUES ('bread', 1);
INSERT INTO "unsaved" (user_id, key, post_id, base, fields, kept, discarded) VALUES (1, 'a-key-of-a-form-1', 1, '', '{"title": "Half"}', '2998-01-01 00:00:00', 0);
INSERT INTO "unsaved" (user_id, key, post_id, base, fields, kept, discarded) VALUES (2, 'a-key-of-a-form-2', NULL, '', '{"body": "x"}', '2998-01-01 00:00:00', 1);
INSERT INTO "series" (id, name, name_key, slug) VALUES (1, 'Learning', 'learning', 'learning');
INSERT INTO "series_post" (post_id, series_id, part, listed) VALUES (1, 1, 2, '2019-01-01 10:00:00');
INSERT INTO "series_post" (post_id, series_id, part, listed) VALUES (2, 1, NULL, '2019-02-01 10:00:00');
INSERT INTO "former_series" (slug, series_id) VALUES ('studying', 1);
INSERT INTO "setting" (name, value) VALUES ('SITE_TITLE', 'Ada and friends');
INSERT INTO "setting" (name, value) VALUES ('ICON', 'abc');
INSERT INTO "icon" (name, content) VALUES ('favicon.ico', X'00010203');
INSERT INTO "content" (id, version, changed) VALUES (1, X'A58F0EB2C7CA1562CE1AE1A64F5B9CA3', '2026-11-30 04:26:07');
INSERT INTO "site" (id, uuid) VALUES (1, '6128ec04de44822a234cefeeaabfbfca');
INSERT INTO "post_words" (rowid, title, body) VALUES (1, 'First', 'Some **words**.');
INSERT INTO "post_words" (rowid, title, body) VALUES (2, '二番目', '春が来た。');
INSERT INTO "post_words" (rowid, title, body) VALUES (3, 'An orphan', 'Without an author');
INSERT INTO "post_words" (rowid, title, body) VALUES (4, 'A date by hand', 'April');
INSERT INTO "post_words" (rowid, title, body) VALUES (5, 'Later', 'Scheduled');
INSERT INTO "post_words" (rowid, title, body) VALUES (6, 'Draft', 'Not yet');
INSERT INTO "post_words" (rowid, title, body) VALUES (7, 'About', 'A page');
INSERT INTO "post_words" (rowid, title, body) VALUES (8, 'A picture', '![x](/media/0123456789abcdef0123456789abcdef.png)');
INSERT INTO "post_titles" (rowid, title) VALUES (1, 'First');
INSERT INTO "post_titles" (rowid, title) VALUES (2, '二番目');
INSERT INTO "post_titles" (rowid, title) VALUES (3, 'An orphan');
INSERT INTO "post_titles" (rowid, title) VALUES (4, 'A date by hand');
INSERT INTO "post_titles" (rowid, title) VALUES (5, 'Later');
INSERT INTO "post_titles" (rowid, title) VALUES (6, 'Draft');
INSERT INTO "post_titles" (rowid, title) VALUES (7, 'About');
INSERT INTO "post_titles" (rowid, title) VALUES (8, 'A picture');
INSERT INTO "post_letters" (rowid, title, body) VALUES (2, '二番目', '春が来た。');
INSERT INTO "tag_words" (rowid, name) VALUES (1, 'Baking');
INSERT INTO "tag_words" (rowid, name) VALUES (2, 'ねこ');
INSERT INTO "theirs" (note, day) VALUES ('An unknown table', '2018-1-1');
INSERT INTO "sqlite_sequence" (name, seq) VALUES ('user', 3);
INSERT INTO "sqlite_sequence" (name, seq) VALUES ('post', 9);
INSERT INTO "sqlite_sequence" (name, seq) VALUES ('tag', 2);
INSERT INTO "sqlite_sequence" (name, seq) VALUES ('series', 1);
INSERT INTO "sqlite_sequence" (name, seq) VALUES ('redirect', 2);
INSERT INTO "sqlite_sequence" (name, seq) VALUES ('session', 2);
INSERT INTO "sqlite_sequence" (name, seq) VALUES ('revision', 3);
INSERT INTO "sqlite_sequence" (name, seq) VALUES ('media', 1);
CREATE UNIQUE INDEX user_username_key ON "user" (username_key);
CREATE UNIQUE INDEX post_slug ON post (slug);
CREATE INDEX post_newest ON post (kind, status, created, id);
CREATE INDEX post_by_author ON post (author_id, status, kind, created, id);
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
CREATE INDEX coauthor_user ON coauthor (user_id, listed, post_id);
CREATE INDEX post_tag_tag ON post_tag (tag_id, listed, post_id);
CREATE INDEX old_address_post ON old_address (post_id);
CREATE INDEX translation_key ON translation (key);
CREATE INDEX import_source_post ON import_source (post_id);
CREATE INDEX session_user ON session (user_id);
CREATE INDEX throttle_ends ON throttle (ends);
CREATE INDEX former_slug_post ON former_slug (post_id);
CREATE TRIGGER post_slug_update AFTER UPDATE OF slug ON post
WHEN OLD.slug IS NOT NULL AND OLD.slug IS NOT NEW.slug
BEGIN
  INSERT INTO former_slug (slug, post_id)
  SELECT OLD.slug, OLD.id WHERE OLD.status <> 'draft' OR OLD.dated
  ON CONFLICT (slug) DO UPDATE SET post_id = excluded.post_id;
  DELETE FROM former_slug WHERE slug = NEW.slug;
END;
CREATE TRIGGER post_slug_insert AFTER INSERT ON post
WHEN NEW.slug IS NOT NULL
BEGIN
  DELETE FROM former_slug WHERE slug = NEW.slug;
END;
CREATE TRIGGER post_slug_delete AFTER DELETE ON post
WHEN OLD.slug IS NOT NULL
BEGIN
  INSERT INTO former_slug (slug, post_id) VALUES (OLD.slug, OLD.id)
  ON CONFLICT (slug) DO UPDATE SET post_id = excluded.post_id;
END;
CREATE INDEX trash_deleted ON trash (deleted, post_id);
CREATE INDEX revision_post ON revision (post_id, id);
CREATE INDEX undo_created ON undo (created);
CREATE INDEX media_user ON media (user_id);
CREATE INDEX media_use_post ON media_use (post_id);
CREATE VIEW post_media AS
SELECT DISTINCT substr(value, 1, 32) AS hash, post.id AS post_id
FROM post, json_each(
  '[' || CASE
    WHEN instr(body || cover, '/media/') AND json_valid(json_quote(body || ' ' || cover))
    THEN replace(json_quote(body || ' ' || cover), '/media/', '","')
    ELSE ''
  END || ']'
)
WHERE key > 0 AND length(value) >= 32 AND substr(value, 1, 32) NOT GLOB '*[^0-9a-f]*';
CREATE TRIGGER post_media_insert AFTER INSERT ON post
WHEN instr(NEW.body || NEW.cover, '/media/')
BEGIN
  INSERT INTO media_use (hash, post_id)
  SELECT hash, post_id FROM post_media WHERE post_id = NEW.id
  ON CONFLICT (hash, post_id) DO UPDATE SET current = 1;
END;
CREATE TRIGGER post_media_update AFTER UPDATE OF body, cover ON post
BEGIN
  UPDATE media_use SET current = 0 WHERE post_id = NEW.id;
  INSERT INTO media_use (hash, post_id)
  SELECT hash, post_id FROM post_media WHERE post_id = NEW.id
  ON CONFLICT (hash, post_id) DO UPDATE SET current = 1;
END;
CREATE TRIGGER post_media_delete AFTER DELETE ON post
BEGIN
  DELETE FROM media_use
  WHERE post_id = OLD.id AND NOT EXISTS (SELECT 1 FROM trash WHERE post_id = OLD.id);
END;
CREATE TRIGGER trash_media_delete AFTER DELETE ON trash
BEGIN
  DELETE FROM media_use
  WHERE post_id = OLD.post_id AND NOT EXISTS (SELECT 1 FROM post WHERE id = OLD.post_id);
END;
CREATE INDEX former_tag_tag ON former_tag (tag_id);
CREATE INDEX unsaved_kept ON unsaved (kept);
CREATE INDEX series_post_series ON series_post (series_id, listed, part);
CREATE INDEX former_series_series ON former_series (series_id);
CREATE TRIGGER post_listed_insert AFTER INSERT ON post
BEGIN
UPDATE post_tag SET listed = (SELECT created FROM post WHERE id = post_tag.post_id AND post.kind = 'post' AND post.status = 'published') WHERE post_id = NEW.id;
UPDATE coauthor SET listed = (SELECT created FROM post WHERE id = coauthor.post_id AND post.kind = 'post' AND post.status = 'published') WHERE post_id = NEW.id;
UPDATE series_post SET listed = (SELECT created FROM post WHERE id = series_post.post_id AND post.kind = 'post' AND post.status = 'published') WHERE post_id = NEW.id;
END;
CREATE TRIGGER post_listed_update AFTER UPDATE OF created, status, kind ON post
BEGIN
UPDATE post_tag SET listed = (SELECT created FROM post WHERE id = post_tag.post_id AND post.kind = 'post' AND post.status = 'published') WHERE post_id = NEW.id;
UPDATE coauthor SET listed = (SELECT created FROM post WHERE id = coauthor.post_id AND post.kind = 'post' AND post.status = 'published') WHERE post_id = NEW.id;
UPDATE series_post SET listed = (SELECT created FROM post WHERE id = series_post.post_id AND post.kind = 'post' AND post.status = 'published') WHERE post_id = NEW.id;
END;
CREATE TRIGGER post_listed_delete AFTER DELETE ON post
BEGIN
UPDATE post_tag SET listed = (SELECT created FROM post WHERE id = post_tag.post_id AND post.kind = 'post' AND post.status = 'published') WHERE post_id = OLD.id;
UPDATE coauthor SET listed = (SELECT created FROM post WHERE id = coauthor.post_id AND post.kind = 'post' AND post.status = 'published') WHERE post_id = OLD.id;
UPDATE series_post SET listed = (SELECT created FROM post WHERE id = series_post.post_id AND post.kind = 'post' AND post.status = 'published') WHERE post_id = OLD.id;
END;
CREATE TRIGGER post_tag_listed_insert AFTER INSERT ON post_tag
BEGIN
UPDATE post_tag SET listed = (SELECT created FROM post WHERE id = post_tag.post_id AND post.kind = 'post' AND post.status = 'published') WHERE rowid = NEW.rowid;
END;
CREATE TRIGGER post_tag_listed_update AFTER UPDATE OF post_id ON post_tag
BEGIN
UPDATE post_tag SET listed = (SELECT created FROM post WHERE id = post_tag.post_id AND post.kind = 'post' AND post.status = 'published') WHERE rowid = NEW.rowid;
END;
CREATE TRIGGER coauthor_listed_insert AFTER INSERT ON coauthor
BEGIN
UPDATE coauthor SET listed = (SELECT created FROM post WHERE id = coauthor.post_id AND post.kind = 'post' AND post.status = 'published') WHERE rowid = NEW.rowid;
END;
CREATE TRIGGER coauthor_listed_update AFTER UPDATE OF post_id ON coauthor
BEGIN
UPDATE coauthor SET listed = (SELECT created FROM post WHERE id = coauthor.post_id AND post.kind = 'post' AND post.status = 'published') WHERE rowid = NEW.rowid;
END;
CREATE TRIGGER series_post_listed_insert AFTER INSERT ON series_post
BEGIN
UPDATE series_post SET listed = (SELECT created FROM post WHERE id = series_post.post_id AND post.kind = 'post' AND post.status = 'published') WHERE rowid = NEW.rowid;
END;
CREATE TRIGGER series_post_listed_update AFTER UPDATE OF post_id ON series_post
BEGIN
UPDATE series_post SET listed = (SELECT created FROM post WHERE id = series_post.post_id AND post.kind = 'post' AND post.status = 'published') WHERE rowid = NEW.rowid;
END;
CREATE TRIGGER post_search_insert AFTER INSERT ON post
BEGIN
DELETE FROM post_words WHERE rowid IN (NEW.id);
DELETE FROM post_titles WHERE rowid IN (NEW.id);
DELETE FROM post_letters WHERE rowid IN (NEW.id);
INSERT INTO post_words (rowid, title, body)
  SELECT NEW.id, CAST(NEW.title AS TEXT), CAST(NEW.body AS TEXT);
INSERT INTO post_titles (rowid, title)
  SELECT NEW.id, CAST(NEW.title AS TEXT);
INSERT INTO post_letters (rowid, title, body)
  SELECT NEW.id, CAST(NEW.title AS TEXT), CAST(NEW.body AS TEXT)
  WHERE length(CAST(NEW.title || NEW.body AS BLOB)) > length(NEW.title || NEW.body)
    AND NEW.title || NEW.body GLOB '*[ก-ໟက-႟ក-៹々-〇ぁ-ヿ㐀-鿿豈-龜ｦ-ﾟ𠀀-𲎯]*';
END;
CREATE TRIGGER post_search_update AFTER UPDATE OF id, title, body ON post
WHEN (OLD.id, OLD.title, OLD.body) IS NOT (NEW.id, NEW.title, NEW.body)
BEGIN
DELETE FROM post_words WHERE rowid IN (OLD.id, NEW.id);
DELETE FROM post_titles WHERE rowid IN (OLD.id, NEW.id);
DELETE FROM post_letters WHERE rowid IN (OLD.id, NEW.id);
INSERT INTO post_words (rowid, title, body)
  SELECT NEW.id, CAST(NEW.title AS TEXT), CAST(NEW.body AS TEXT);
INSERT INTO post_titles (rowid, title)
  SELECT NEW.id, CAST(NEW.title AS TEXT);
INSERT INTO post_letters (rowid, title, body)
  SELECT NEW.id, CAST(NEW.title AS TEXT), CAST(NEW.body AS TEXT)
  WHERE length(CAST(NEW.title || NEW.body AS BLOB)) > length(NEW.title || NEW.body)
    AND NEW.title || NEW.body GLOB '*[ก-ໟက-႟ក-៹々-〇ぁ-ヿ㐀-鿿豈-龜ｦ-ﾟ𠀀-𲎯]*';
END;
CREATE TRIGGER post_search_delete AFTER DELETE ON post
BEGIN
DELETE FROM post_words WHERE rowid IN (OLD.id);
DELETE FROM post_titles WHERE rowid IN (OLD.id);
DELETE FROM post_letters WHERE rowid IN (OLD.id);
END;
CREATE TRIGGER tag_search_insert AFTER INSERT ON tag
BEGIN
DELETE FROM tag_words WHERE rowid IN (NEW.id);
INSERT INTO tag_words (rowid, name)
  SELECT NEW.id, CAST(NEW.name AS TEXT);
END;
CREATE TRIGGER tag_search_update AFTER UPDATE OF id, name ON tag
WHEN (OLD.id, OLD.name) IS NOT (NEW.id, NEW.name)
BEGIN
DELETE FROM tag_words WHERE rowid IN (OLD.id, NEW.id);
INSERT INTO tag_words (rowid, name)
  SELECT NEW.id, CAST(NEW.name AS TEXT);
END;
CREATE TRIGGER tag_search_delete AFTER DELETE ON tag
BEGIN
DELETE FROM tag_words WHERE rowid IN (OLD.id);
END;
CREATE TRIGGER content_post_insert AFTER INSERT ON "post" WHEN NEW.status <> 'draft' BEGIN UPDATE content SET version = randomblob(16), changed = CURRENT_TIMESTAMP; END;
CREATE TRIGGER content_post_update AFTER UPDATE ON "post" WHEN OLD.status <> 'draft' OR NEW.status <> 'draft' BEGIN UPDATE content SET version = randomblob(16), changed = CURRENT_TIMESTAMP; END;
CREATE TRIGGER content_post_delete AFTER DELETE ON "post" WHEN OLD.status <> 'draft' BEGIN UPDATE content SET version = randomblob(16), changed = CURRENT_TIMESTAMP; END;
CREATE TRIGGER content_user_insert AFTER INSERT ON "user" BEGIN UPDATE content SET version = randomblob(16), changed = CURRENT_TIMESTAMP; END;
CREATE TRIGGER content_user_update AFTER UPDATE OF id, username, display_name, bio ON "user" BEGIN UPDATE content SET version = randomblob(16), changed = CURRENT_TIMESTAMP; END;
CREATE TRIGGER content_user_delete AFTER DELETE ON "user" BEGIN UPDATE content SET version = randomblob(16), changed = CURRENT_TIMESTAMP; END;
CREATE TRIGGER content_coauthor_insert AFTER INSERT ON "coauthor" BEGIN UPDATE content SET version = randomblob(16), changed = CURRENT_TIMESTAMP; END;
CREATE TRIGGER content_coauthor_update AFTER UPDATE OF post_id, user_id, position ON "coauthor" BEGIN UPDATE content SET version = randomblob(16), changed = CURRENT_TIMESTAMP; END;
CREATE TRIGGER content_coauthor_delete AFTER DELETE ON "coauthor" BEGIN UPDATE content SET version = randomblob(16), changed = CURRENT_TIMESTAMP; END;
CREATE TRIGGER content_tag_insert AFTER INSERT ON "tag" BEGIN UPDATE content SET version = randomblob(16), changed = CURRENT_TIMESTAMP; END;
CREATE TRIGGER content_tag_update AFTER UPDATE ON "tag" BEGIN UPDATE content SET version = randomblob(16), changed = CURRENT_TIMESTAMP; END;
CREATE TRIGGER content_tag_delete AFTER DELETE ON "tag" BEGIN UPDATE content SET version = randomblob(16), changed = CURRENT_TIMESTAMP; END;
CREATE TRIGGER content_post_tag_insert AFTER INSERT ON "post_tag" BEGIN UPDATE content SET version = randomblob(16), changed = CURRENT_TIMESTAMP; END;
CREATE TRIGGER content_post_tag_update AFTER UPDATE OF post_id, tag_id, position ON "post_tag" BEGIN UPDATE content SET version = randomblob(16), changed = CURRENT_TIMESTAMP; END;
CREATE TRIGGER content_post_tag_delete AFTER DELETE ON "post_tag" BEGIN UPDATE content SET version = randomblob(16), changed = CURRENT_TIMESTAMP; END;
CREATE TRIGGER content_media_insert AFTER INSERT ON "media" BEGIN UPDATE content SET version = randomblob(16), changed = CURRENT_TIMESTAMP; END;
CREATE TRIGGER content_media_update AFTER UPDATE ON "media" BEGIN UPDATE content SET version = randomblob(16), changed = CURRENT_TIMESTAMP; END;
CREATE TRIGGER content_media_delete AFTER DELETE ON "media" BEGIN UPDATE content SET version = randomblob(16), changed = CURRENT_TIMESTAMP; END;
CREATE TRIGGER content_series_insert AFTER INSERT ON "series" BEGIN UPDATE content SET version = randomblob(16), changed = CURRENT_TIMESTAMP; END;
CREATE TRIGGER content_series_update AFTER UPDATE ON "series" BEGIN UPDATE content SET version = randomblob(16), changed = CURRENT_TIMESTAMP; END;
CREATE TRIGGER content_series_delete AFTER DELETE ON "series" BEGIN UPDATE content SET version = randomblob(16), changed = CURRENT_TIMESTAMP; END;
CREATE TRIGGER content_series_post_insert AFTER INSERT ON "series_post" BEGIN UPDATE content SET version = randomblob(16), changed = CURRENT_TIMESTAMP; END;
CREATE TRIGGER content_series_post_update AFTER UPDATE OF post_id, series_id, part ON "series_post" BEGIN UPDATE content SET version = randomblob(16), changed = CURRENT_TIMESTAMP; END;
CREATE TRIGGER content_series_post_delete AFTER DELETE ON "series_post" BEGIN UPDATE content SET version = randomblob(16), changed = CURRENT_TIMESTAMP; END;
CREATE TRIGGER content_setting_insert AFTER INSERT ON "setting" BEGIN UPDATE content SET version = randomblob(16), changed = CURRENT_TIMESTAMP; END;
CREATE TRIGGER content_setting_update AFTER UPDATE ON "setting" BEGIN UPDATE content SET version = randomblob(16), changed = CURRENT_TIMESTAMP; END;
CREATE TRIGGER content_setting_delete AFTER DELETE ON "setting" BEGIN UPDATE content SET version = randomblob(16), changed = CURRENT_TIMESTAMP; END;
CREATE TRIGGER content_card_insert AFTER INSERT ON "card" BEGIN UPDATE content SET version = randomblob(16), changed = CURRENT_TIMESTAMP; END;
CREATE TRIGGER content_card_update AFTER UPDATE ON "card" BEGIN UPDATE content SET version = randomblob(16), changed = CURRENT_TIMESTAMP; END;
CREATE TRIGGER content_card_delete AFTER DELETE ON "card" BEGIN UPDATE content SET version = randomblob(16), changed = CURRENT_TIMESTAMP; END;
CREATE INDEX theirs_note ON theirs (note);
PRAGMA user_version = 18;
