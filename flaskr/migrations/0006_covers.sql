-- Posts have a cover, and the library knows what only earlier versions use.

ALTER TABLE post ADD COLUMN cover TEXT NOT NULL DEFAULT '';

ALTER TABLE media_use ADD COLUMN current INTEGER NOT NULL DEFAULT 1;

DROP TRIGGER post_media_insert;
DROP TRIGGER post_media_update;

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
