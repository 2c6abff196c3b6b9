ALTER TABLE "user" ADD COLUMN display_name TEXT NOT NULL DEFAULT '';
ALTER TABLE "user" ADD COLUMN bio TEXT NOT NULL DEFAULT '';

CREATE TABLE series (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL,
  name_key TEXT UNIQUE NOT NULL,
  slug TEXT UNIQUE NOT NULL
);

CREATE TABLE series_post (
  post_id INTEGER PRIMARY KEY NOT NULL REFERENCES post (id) ON DELETE CASCADE,
  series_id INTEGER NOT NULL REFERENCES series (id) ON DELETE CASCADE,
  part INTEGER
);

CREATE INDEX series_post_series ON series_post (series_id);

CREATE TABLE listed (
  list TEXT NOT NULL,
  list_id INTEGER NOT NULL,
  part INTEGER NOT NULL,
  created TEXT NOT NULL,
  post_id INTEGER NOT NULL,
  PRIMARY KEY (list, list_id, part, created, post_id)
) WITHOUT ROWID;

CREATE INDEX listed_post ON listed (post_id, list, list_id);

CREATE VIEW listing AS
SELECT 'author' AS list, author_id AS list_id, 0 AS part, created, id AS post_id
FROM post WHERE kind = 'post' AND status = 'published'
UNION ALL
SELECT 'author', user_id, 0, created, post.id
FROM post JOIN coauthor ON coauthor.post_id = post.id
WHERE kind = 'post' AND status = 'published'
UNION ALL
SELECT 'tag', tag_id, 0, created, post.id
FROM post JOIN post_tag ON post_tag.post_id = post.id
WHERE kind = 'post' AND status = 'published'
UNION ALL
SELECT 'series', series_id, coalesce(part, 1000000), created, post.id
FROM post JOIN series_post ON series_post.post_id = post.id
WHERE kind = 'post' AND status = 'published';

CREATE VIEW relisted AS
SELECT post_id FROM listed;

CREATE TRIGGER relist INSTEAD OF INSERT ON relisted
BEGIN
  DELETE FROM listed WHERE post_id = NEW.post_id;
  INSERT INTO listed (list, list_id, part, created, post_id)
  SELECT list, list_id, part, created, post_id FROM listing WHERE post_id = NEW.post_id
  ON CONFLICT DO NOTHING;
END;

CREATE TRIGGER post_listed_insert AFTER INSERT ON post
BEGIN
  INSERT INTO relisted (post_id) VALUES (NEW.id);
END;

CREATE TRIGGER post_listed_update AFTER UPDATE OF id, author_id, created, status, kind ON post
BEGIN
  INSERT INTO relisted (post_id) VALUES (OLD.id);
  INSERT INTO relisted (post_id) VALUES (NEW.id);
END;

CREATE TRIGGER post_listed_delete AFTER DELETE ON post
BEGIN
  INSERT INTO relisted (post_id) VALUES (OLD.id);
END;

CREATE TRIGGER post_tag_listed_insert AFTER INSERT ON post_tag
BEGIN
  INSERT INTO relisted (post_id) VALUES (NEW.post_id);
END;

CREATE TRIGGER post_tag_listed_update AFTER UPDATE ON post_tag
BEGIN
  INSERT INTO relisted (post_id) VALUES (OLD.post_id);
  INSERT INTO relisted (post_id) VALUES (NEW.post_id);
END;

CREATE TRIGGER post_tag_listed_delete AFTER DELETE ON post_tag
BEGIN
  INSERT INTO relisted (post_id) VALUES (OLD.post_id);
END;

CREATE TRIGGER coauthor_listed_insert AFTER INSERT ON coauthor
BEGIN
  INSERT INTO relisted (post_id) VALUES (NEW.post_id);
END;

CREATE TRIGGER coauthor_listed_update AFTER UPDATE ON coauthor
BEGIN
  INSERT INTO relisted (post_id) VALUES (OLD.post_id);
  INSERT INTO relisted (post_id) VALUES (NEW.post_id);
END;

CREATE TRIGGER coauthor_listed_delete AFTER DELETE ON coauthor
BEGIN
  INSERT INTO relisted (post_id) VALUES (OLD.post_id);
END;

CREATE TRIGGER series_post_listed_insert AFTER INSERT ON series_post
BEGIN
  INSERT INTO relisted (post_id) VALUES (NEW.post_id);
END;

CREATE TRIGGER series_post_listed_update AFTER UPDATE ON series_post
BEGIN
  INSERT INTO relisted (post_id) VALUES (OLD.post_id);
  INSERT INTO relisted (post_id) VALUES (NEW.post_id);
END;

CREATE TRIGGER series_post_listed_delete AFTER DELETE ON series_post
BEGIN
  INSERT INTO relisted (post_id) VALUES (OLD.post_id);
END;

INSERT INTO listed (list, list_id, part, created, post_id)
SELECT list, list_id, part, created, post_id FROM listing WHERE true
ON CONFLICT DO NOTHING;
