-- The current schema. `init-db` creates new databases from this file and upgrades
-- older ones with migrations/; a test checks that both give the same schema.
-- Times are text in UTC: YYYY-MM-DD HH:MM:SS.

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
  bio TEXT NOT NULL DEFAULT '',
  -- The URL of an image in the media library, or empty.
  picture TEXT NOT NULL DEFAULT '',
  -- The person's pages elsewhere: on each line a label, a space and a URL.
  links TEXT NOT NULL DEFAULT ''
);

CREATE UNIQUE INDEX user_username_key ON "user" (username_key);

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

CREATE UNIQUE INDEX post_slug ON post (slug);
CREATE INDEX post_newest ON post (kind, status, created, id);
CREATE INDEX post_by_author ON post (author_id, status, kind, created, id);

-- Plain SQL may store dates in any form. These triggers convert them to the form
-- that lists sort by. A number is a year, or seconds or milliseconds since 1970;
-- a value that is not a date becomes the current time.
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

-- Co-authors of a post, ordered by `position`. The main author is in `post`.
CREATE TABLE coauthor (
  post_id INTEGER NOT NULL REFERENCES post (id) ON DELETE CASCADE,
  user_id INTEGER NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  -- The date of the post if lists show it, or NULL. Triggers from models/listed_dates.py set it.
  listed TIMESTAMP,
  PRIMARY KEY (post_id, user_id)
);

CREATE INDEX coauthor_user ON coauthor (user_id, listed, post_id);

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

CREATE INDEX post_tag_tag ON post_tag (tag_id, listed, post_id);

-- Paths of a post on the site it was imported from. They redirect to the post.
CREATE TABLE old_address (
  path TEXT PRIMARY KEY NOT NULL,
  post_id INTEGER NOT NULL REFERENCES post (id) ON DELETE CASCADE
);

CREATE INDEX old_address_post ON old_address (post_id);

-- Posts with the same key are translations of each other. There is no foreign key, so that a post
-- keeps its key in the trash.
CREATE TABLE translation (
  post_id INTEGER PRIMARY KEY NOT NULL,
  key TEXT NOT NULL
);

CREATE INDEX translation_key ON translation (key);

-- Redirects by normalized path, made by the owner or by an import. Without a target, the address
-- is gone for good.
CREATE TABLE redirect (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  path TEXT UNIQUE NOT NULL,
  target TEXT,
  created TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
);

-- The paths that visitors asked for most recently and that were not found.
CREATE TABLE not_found (
  path TEXT PRIMARY KEY NOT NULL,
  hits INTEGER NOT NULL DEFAULT 1,
  last_seen TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
);

-- What a link alone on its line shows as a card. It was fetched once, when an author asked for it.
CREATE TABLE card (
  url TEXT PRIMARY KEY NOT NULL,
  title TEXT NOT NULL,
  site TEXT NOT NULL DEFAULT '',
  -- The URL of a picture in the media library, or empty.
  image TEXT NOT NULL DEFAULT '',
  fetched TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
);

-- The file that a post was imported from, with hashes of the file and of the post
-- after the import. There is no foreign key, so a deleted post is not imported again.
CREATE TABLE import_source (
  path TEXT PRIMARY KEY NOT NULL,
  post_id INTEGER NOT NULL,
  file_hash TEXT NOT NULL,
  post_hash TEXT NOT NULL
);

CREATE INDEX import_source_post ON import_source (post_id);

-- One row per login. The token itself is only in the cookie.
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

-- Tokens with which programs act for a user. `hash` is the SHA-256 of the secret, which only the
-- program has; `scopes` are the names from models/tokens.py, separated by spaces.
CREATE TABLE token (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id INTEGER NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  hash TEXT UNIQUE NOT NULL,
  scopes TEXT NOT NULL,
  created TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  -- NULL if it never expires.
  expires TIMESTAMP,
  last_used TIMESTAMP,
  last_address TEXT,
  -- The URL of the program that got it with a code, or empty.
  client_id TEXT NOT NULL DEFAULT ''
);

CREATE INDEX token_user ON token (user_id);

-- Codes with which programs get their first token after a user has allowed it (IndieAuth).
CREATE TABLE authorization_code (
  hash TEXT PRIMARY KEY NOT NULL,
  user_id INTEGER NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
  -- What the user granted and to which program (models/authorization_codes.py).
  grant_json TEXT NOT NULL,
  expires TIMESTAMP NOT NULL,
  -- NULL until the code is used. Then the token that was created, or 0.
  token_id INTEGER
);

-- Counters of rate limits. The key is a hash of the action and the client or user.
CREATE TABLE throttle (
  key TEXT PRIMARY KEY NOT NULL,
  hits INTEGER NOT NULL,
  ends TIMESTAMP NOT NULL
);

CREATE INDEX throttle_ends ON throttle (ends);

-- A cache of rendered bodies.
CREATE TABLE rendered (
  body_hash TEXT NOT NULL,
  version INTEGER NOT NULL,
  html TEXT NOT NULL,
  excerpt TEXT,
  minutes INTEGER NOT NULL,
  PRIMARY KEY (body_hash, version)
);

-- Former slugs of posts that were public. They redirect to the post, or report that it was deleted.
CREATE TABLE former_slug (
  slug TEXT PRIMARY KEY NOT NULL,
  post_id INTEGER NOT NULL
);

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

-- Posts deleted in the last thirty days, with their tags, series and so on, as JSON.
CREATE TABLE trash (
  post_id INTEGER PRIMARY KEY NOT NULL,
  author_id INTEGER NOT NULL,
  title TEXT NOT NULL,
  deleted TIMESTAMP NOT NULL,
  content TEXT NOT NULL
);

CREATE INDEX trash_deleted ON trash (deleted, post_id);

-- One row per saved version of a post. `delta` is the body as a delta (text/delta.py)
-- against the previous revision, or against an empty text if `step` is 0.
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

CREATE INDEX revision_post ON revision (post_id, id);

-- The state of posts before a user changed them, as JSON (models/undo.py): the change can be undone
-- for a day.
CREATE TABLE undo (
  key TEXT PRIMARY KEY NOT NULL,
  user_id INTEGER NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
  created TIMESTAMP NOT NULL,
  change TEXT NOT NULL
);

CREATE INDEX undo_created ON undo (created);

-- Files in the media library. Their content is in instance/media/.
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

CREATE INDEX media_user ON media (user_id);

-- The posts that contain the URL of a file. The triggers below update it, so it is also
-- correct for posts written by plain SQL.
CREATE TABLE media_use (
  hash TEXT NOT NULL,
  post_id INTEGER NOT NULL,
  -- 0 if only an older revision of the post contains it.
  current INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (hash, post_id)
) WITHOUT ROWID;

CREATE INDEX media_use_post ON media_use (post_id);

-- The files whose URL is in the body or cover of each post, for the triggers below. The text
-- is split at every `/media/` by turning it into a JSON array.
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

-- The files of a post in the trash stay in use, because it may be restored.
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

-- Former slugs of tags that were renamed or merged.
CREATE TABLE former_tag (
  slug TEXT PRIMARY KEY NOT NULL,
  tag_id INTEGER NOT NULL REFERENCES tag (id) ON DELETE CASCADE
);

CREATE INDEX former_tag_tag ON former_tag (tag_id);

-- Autosaves: one row per editing form, under a key that the form contains.
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

CREATE INDEX unsaved_kept ON unsaved (kept);

-- The posts of a series are its parts. Names are unique, ignoring case.
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

CREATE INDEX series_post_series ON series_post (series_id, listed, part);

-- Former slugs of series that were renamed.
CREATE TABLE former_series (
  slug TEXT PRIMARY KEY NOT NULL,
  series_id INTEGER NOT NULL REFERENCES series (id) ON DELETE CASCADE
);

CREATE INDEX former_series_series ON former_series (series_id);

-- Settings that the owner changed on the settings page; default_settings.py has the others.
-- `ICON` is a hash of the icons below.
CREATE TABLE setting (
  name TEXT PRIMARY KEY NOT NULL,
  value TEXT NOT NULL
);

-- The blog's icon in the sizes that browsers and phones request.
CREATE TABLE icon (
  name TEXT PRIMARY KEY NOT NULL,
  content BLOB NOT NULL
);

-- The version of all visible content. Triggers from page_cache/version.py change it with every
-- change that readers can see, which invalidates cached pages. It is random, so that no two
-- copies of a database ever use the same version for different content.
CREATE TABLE content (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  version BLOB NOT NULL,
  changed TIMESTAMP NOT NULL
);

INSERT INTO content (id, version, changed) VALUES (1, randomblob(16), CURRENT_TIMESTAMP);

-- A permanent id of the blog, from which the ids in feeds are derived.
CREATE TABLE site (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  uuid TEXT NOT NULL
);

INSERT INTO site (id, uuid) VALUES (1, lower(hex(randomblob(16))));

-- An index of the words in published posts, ignoring accents. Triggers from models/search_index.py
-- add the Markdown, and models/search_texts.py replaces it by the words of the visible text. It
-- stores a copy, so that a row can be deleted by its id even after REPLACE.
CREATE VIRTUAL TABLE post_words USING fts5 (
  title,
  body,
  columnsize = 0,
  tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'"
);

-- All words in order, to find those with the same beginning.
CREATE VIRTUAL TABLE post_terms USING fts5vocab ('post_words', 'instance');

-- Titles only: small enough to search all of it, even for common words.
CREATE VIRTUAL TABLE post_titles USING fts5 (
  title,
  columnsize = 0,
  tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'"
);

-- Trigrams of posts in scripts without spaces between words.
CREATE VIRTUAL TABLE post_letters USING fts5 (title, body, columnsize = 0, tokenize = 'trigram');

-- An index of the words in tag names. Searches look up the posts with `post_tag`.
CREATE VIRTUAL TABLE tag_words USING fts5 (
  name,
  columnsize = 0,
  tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'"
);

-- The names of users and series, in the same way.
CREATE VIRTUAL TABLE user_words USING fts5 (
  username,
  display_name,
  columnsize = 0,
  tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'"
);

CREATE VIRTUAL TABLE series_words USING fts5 (
  name,
  columnsize = 0,
  tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'"
);

-- The visible text of each published post, for snippets.
CREATE TABLE search_text (
  post_id INTEGER PRIMARY KEY NOT NULL,
  -- NULL as long as the index has the Markdown of the post.
  text TEXT,
  -- The version of the index and the language of the blog when the text was indexed.
  form TEXT NOT NULL DEFAULT ''
);

CREATE INDEX search_text_form ON search_text (form, post_id);

-- The WebSub hub that is told about changes of feeds (models/websub.py).
CREATE TABLE websub (
  hub TEXT PRIMARY KEY NOT NULL,
  -- The newest posts when the hub was last told, as JSON. Differences have still to be announced.
  announced TEXT NOT NULL,
  -- Failed attempts since, and the time of the next one.
  failures INTEGER NOT NULL DEFAULT 0,
  retry TIMESTAMP,
  -- The reason why the last attempt failed, or empty.
  error TEXT NOT NULL DEFAULT ''
);
