-- Files beside posts, and which posts show them.

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
  PRIMARY KEY (hash, post_id)
) WITHOUT ROWID;

CREATE INDEX media_use_post ON media_use (post_id);

-- The body is made a JSON list, cut wherever the address of a file begins.
CREATE TRIGGER post_media_insert AFTER INSERT ON post
WHEN instr(NEW.body, '/media/')
BEGIN
  DELETE FROM media_use WHERE post_id = NEW.id;
  INSERT INTO media_use (hash, post_id)
  SELECT DISTINCT substr(value, 1, 32), NEW.id
  FROM json_each(
    '[' || CASE
      WHEN instr(NEW.body, '/media/') AND json_valid(json_quote(CAST(NEW.body AS TEXT)))
      THEN replace(json_quote(CAST(NEW.body AS TEXT)), '/media/', '","')
      ELSE ''
    END || ']'
  )
  WHERE key > 0 AND length(value) >= 32 AND substr(value, 1, 32) NOT GLOB '*[^0-9a-f]*';
END;

CREATE TRIGGER post_media_update AFTER UPDATE OF body ON post
BEGIN
  DELETE FROM media_use WHERE post_id = OLD.id;
  INSERT INTO media_use (hash, post_id)
  SELECT DISTINCT substr(value, 1, 32), NEW.id
  FROM json_each(
    '[' || CASE
      WHEN instr(NEW.body, '/media/') AND json_valid(json_quote(CAST(NEW.body AS TEXT)))
      THEN replace(json_quote(CAST(NEW.body AS TEXT)), '/media/', '","')
      ELSE ''
    END || ']'
  )
  WHERE key > 0 AND length(value) >= 32 AND substr(value, 1, 32) NOT GLOB '*[^0-9a-f]*';
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

UPDATE post SET body = body WHERE instr(body, '/media/');
