-- The schema of today. `init-db` makes a new database from this file; an older
-- one comes to the same by the steps in migrations/, and a test holds the two
-- together. Times are text, YYYY-MM-DD HH:MM:SS, in UTC.

CREATE TABLE "user" (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  username TEXT UNIQUE NOT NULL,
  -- A Werkzeug hash, or '!' for a person who cannot log in.
  password TEXT NOT NULL,
  -- 'owner' or 'author'.
  role TEXT NOT NULL DEFAULT 'author',
  -- The name without regard to case, for new names to differ in. NULL in rows
  -- that plain SQL wrote, until the next init-db.
  username_key TEXT,
  -- What readers see instead of the name, where there is one, and a few words on the person.
  display_name TEXT NOT NULL DEFAULT '',
  bio TEXT NOT NULL DEFAULT ''
);

CREATE UNIQUE INDEX user_username_key ON "user" (username_key);

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
  -- The language of the text, such as `ja`; empty for the blog's.
  language TEXT NOT NULL DEFAULT '',
  -- A page stands in the menu, in the order of `menu_position`, and in no list.
  kind TEXT NOT NULL DEFAULT 'post' CHECK (kind IN ('post', 'page')),
  menu_position INTEGER NOT NULL DEFAULT 0,
  -- Whether the date was chosen; if not, it becomes that of the first publishing.
  dated INTEGER NOT NULL DEFAULT 0,
  -- The address of a picture, in the library or elsewhere.
  cover TEXT NOT NULL DEFAULT '',
  FOREIGN KEY (author_id) REFERENCES "user" (id)
);

CREATE UNIQUE INDEX post_slug ON post (slug);
CREATE INDEX post_newest ON post (kind, status, created, id);
CREATE INDEX post_by_author ON post (author_id, status, kind, created, id);

-- Others' plain SQL may write any date into `created`. What can be read as one is
-- brought into the form that the blog sorts by; for what cannot, the row's date
-- is now. A number is a year, or seconds or milliseconds since 1970.
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

-- Who else wrote a post, in the order of `position`; its author stands in `post`.
CREATE TABLE coauthor (
  post_id INTEGER NOT NULL REFERENCES post (id) ON DELETE CASCADE,
  user_id INTEGER NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  PRIMARY KEY (post_id, user_id)
);

CREATE INDEX coauthor_user ON coauthor (user_id, post_id);

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

CREATE INDEX post_tag_tag ON post_tag (tag_id, post_id);

-- Paths at which a post was found elsewhere, before it came here.
CREATE TABLE old_address (
  path TEXT PRIMARY KEY NOT NULL,
  post_id INTEGER NOT NULL REFERENCES post (id) ON DELETE CASCADE
);

CREATE INDEX old_address_post ON old_address (post_id);

-- Which file a post was imported from, and hashes of the file and of the post as
-- the import left it. No key to `post`: a post deleted here stays deleted.
CREATE TABLE import_source (
  path TEXT PRIMARY KEY NOT NULL,
  post_id INTEGER NOT NULL,
  file_hash TEXT NOT NULL,
  post_hash TEXT NOT NULL
);

CREATE INDEX import_source_post ON import_source (post_id);

-- One row for each log-in that lasts. The cookie holds the token; here is its hash.
CREATE TABLE session (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  token_hash TEXT UNIQUE NOT NULL,
  user_id INTEGER NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
  created TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  last_seen TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  address TEXT NOT NULL DEFAULT '',
  user_agent TEXT NOT NULL DEFAULT ''
);

CREATE INDEX session_user ON session (user_id);

-- How often something was tried, under a hash of who tried what.
CREATE TABLE throttle (
  key TEXT PRIMARY KEY NOT NULL,
  hits INTEGER NOT NULL,
  ends TIMESTAMP NOT NULL
);

CREATE INDEX throttle_ends ON throttle (ends);

-- Bodies as HTML, so that each is rendered once. All of it can be made again.
CREATE TABLE rendered (
  body_hash TEXT NOT NULL,
  version INTEGER NOT NULL,
  html TEXT NOT NULL,
  excerpt TEXT,
  minutes INTEGER NOT NULL,
  PRIMARY KEY (body_hash, version)
);

-- Addresses that a post had here. Those of a post that is in the trash, or gone, say so.
CREATE TABLE former_slug (
  slug TEXT PRIMARY KEY NOT NULL,
  post_id INTEGER NOT NULL
);

CREATE INDEX former_slug_post ON former_slug (post_id);

CREATE TRIGGER post_slug_update AFTER UPDATE OF slug ON post
WHEN OLD.slug IS NOT NULL AND OLD.slug IS NOT NEW.slug
BEGIN
  INSERT INTO former_slug (slug, post_id) VALUES (OLD.slug, OLD.id)
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

-- Deleted posts for thirty days, each with all that hung on it, as JSON.
CREATE TABLE trash (
  post_id INTEGER PRIMARY KEY NOT NULL,
  author_id INTEGER NOT NULL,
  title TEXT NOT NULL,
  deleted TIMESTAMP NOT NULL,
  content TEXT NOT NULL
);

CREATE INDEX trash_deleted ON trash (deleted, post_id);

-- What a post said each time it was saved. `delta` is its body as a difference (see
-- deltas.py) from the revision before; where `step` is 0, from nothing.
CREATE TABLE revision (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  post_id INTEGER NOT NULL,
  editor_id INTEGER,
  created TIMESTAMP NOT NULL,
  title TEXT NOT NULL,
  step INTEGER NOT NULL,
  delta BLOB NOT NULL
);

CREATE INDEX revision_post ON revision (post_id, id);

-- Files that came by the library. They lie in the folder media/ beside the database's.
CREATE TABLE media (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  -- Of the file's content: 32 hexadecimal digits, with which its name begins.
  hash TEXT UNIQUE NOT NULL,
  name TEXT UNIQUE NOT NULL,
  -- As its content has it.
  type TEXT NOT NULL,
  original_name TEXT NOT NULL,
  alt TEXT NOT NULL DEFAULT '',
  -- Name and alt without regard to case, to search in.
  words TEXT NOT NULL DEFAULT '',
  user_id INTEGER REFERENCES "user" (id) ON DELETE SET NULL,
  created TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  size INTEGER NOT NULL,
  width INTEGER,
  height INTEGER,
  animated INTEGER NOT NULL DEFAULT 0,
  -- How wide its WebP pictures are, with spaces between.
  widths TEXT NOT NULL DEFAULT ''
);

CREATE INDEX media_user ON media (user_id);

-- Which posts hold the address of a file, kept by the triggers below, so that it is true
-- whoever wrote the post.
CREATE TABLE media_use (
  hash TEXT NOT NULL,
  post_id INTEGER NOT NULL,
  -- 0 where only an earlier version of the post holds it.
  current INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (hash, post_id)
) WITHOUT ROWID;

CREATE INDEX media_use_post ON media_use (post_id);

-- What the triggers below look up: the files that each post holds the address of, in its body
-- or as its cover. The text is made a JSON list, cut wherever such an address begins.
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

-- A post in the trash may come back, and wants to find its files.
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

-- Addresses that a tag had before it was renamed or merged.
CREATE TABLE former_tag (
  slug TEXT PRIMARY KEY NOT NULL,
  tag_id INTEGER NOT NULL REFERENCES tag (id) ON DELETE CASCADE
);

CREATE INDEX former_tag_tag ON former_tag (tag_id);

-- What was typed and not saved: one row for each editing form, under a key that the form holds.
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

CREATE INDEX unsaved_kept ON unsaved (kept);

-- A series is a name, the same whatever its case, and an address; its posts are its parts.
CREATE TABLE series (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL,
  name_key TEXT UNIQUE NOT NULL,
  slug TEXT UNIQUE NOT NULL
);

CREATE TABLE series_post (
  post_id INTEGER PRIMARY KEY NOT NULL REFERENCES post (id) ON DELETE CASCADE,
  series_id INTEGER NOT NULL REFERENCES series (id) ON DELETE CASCADE,
  -- What a writer numbered comes first; all else follows by date.
  part INTEGER
);

CREATE INDEX series_post_series ON series_post (series_id);

-- Addresses that a series had before it was renamed.
CREATE TABLE former_series (
  slug TEXT PRIMARY KEY NOT NULL,
  series_id INTEGER NOT NULL REFERENCES series (id) ON DELETE CASCADE
);

CREATE INDEX former_series_series ON former_series (series_id);

-- What the owner chose on the page of settings, under the names that config.py has for it; what is
-- not here is as defaults.py says. `ICON` is the hash of the picture that the icons are made of.
CREATE TABLE setting (
  name TEXT PRIMARY KEY NOT NULL,
  value TEXT NOT NULL
);

-- The blog's icon in all the sizes that browsers and telephones ask for.
CREATE TABLE icon (
  name TEXT PRIMARY KEY NOT NULL,
  content BLOB NOT NULL
);

-- One value for all that readers can see: whatever changes something that a public page shows sets
-- it anew, by triggers that models/content.py generates. Pages kept in memory are good while it is the same. It is random,
-- so that a copy of the database with other changes never comes to a value that was here before.
CREATE TABLE content (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  version BLOB NOT NULL,
  changed TIMESTAMP NOT NULL
);

INSERT INTO content (id, version, changed) VALUES (1, randomblob(16), CURRENT_TIMESTAMP);

-- What makes the ids in feeds this blog's own, whatever its address.
CREATE TABLE site (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  uuid TEXT NOT NULL
);

INSERT INTO site (id, uuid) VALUES (1, lower(hex(randomblob(16))));

-- What posts say, by words without accents, kept by triggers that models/search_index.py generates. With a copy of the text of
-- its own, so that a row can be deleted by its id alone, even when REPLACE took the old text away.
CREATE VIRTUAL TABLE post_words USING fts5 (
  title,
  body,
  columnsize = 0,
  tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'"
);

-- Every word there is, in order, to find those that begin alike.
CREATE VIRTUAL TABLE post_terms USING fts5vocab ('post_words', 'instance');

-- Titles alone: small enough to be searched whole, however common the words.
CREATE VIRTUAL TABLE post_titles USING fts5 (
  title,
  columnsize = 0,
  tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'"
);

-- Posts in scripts that put no space between words, by every three characters.
CREATE VIRTUAL TABLE post_letters USING fts5 (title, body, columnsize = 0, tokenize = 'trigram');

-- Tags by their words. Which posts have them is asked when one searches.
CREATE VIRTUAL TABLE tag_words USING fts5 (
  name,
  columnsize = 0,
  tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'"
);
