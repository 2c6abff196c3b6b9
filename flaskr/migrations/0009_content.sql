-- One value for all that readers can see: whatever changes something that a public page shows sets
-- it anew, by the triggers below. Pages kept in memory are good while it is the same. It is random,
-- so that a copy of the database with other changes never comes to a value that was here before.
CREATE TABLE content (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  version BLOB NOT NULL,
  changed TIMESTAMP NOT NULL
);

INSERT INTO content (id, version, changed) VALUES (1, randomblob(16), CURRENT_TIMESTAMP);

CREATE TRIGGER content_post_insert AFTER INSERT ON post
WHEN NEW.status <> 'draft'
BEGIN
  UPDATE content SET version = randomblob(16), changed = CURRENT_TIMESTAMP;
END;

CREATE TRIGGER content_post_update AFTER UPDATE ON post
WHEN OLD.status <> 'draft' OR NEW.status <> 'draft'
BEGIN
  UPDATE content SET version = randomblob(16), changed = CURRENT_TIMESTAMP;
END;

CREATE TRIGGER content_post_delete AFTER DELETE ON post
WHEN OLD.status <> 'draft'
BEGIN
  UPDATE content SET version = randomblob(16), changed = CURRENT_TIMESTAMP;
END;

CREATE TRIGGER content_user_insert AFTER INSERT ON "user"
BEGIN
  UPDATE content SET version = randomblob(16), changed = CURRENT_TIMESTAMP;
END;

CREATE TRIGGER content_user_update AFTER UPDATE OF id, username, display_name, bio ON "user"
BEGIN
  UPDATE content SET version = randomblob(16), changed = CURRENT_TIMESTAMP;
END;

CREATE TRIGGER content_user_delete AFTER DELETE ON "user"
BEGIN
  UPDATE content SET version = randomblob(16), changed = CURRENT_TIMESTAMP;
END;

CREATE TRIGGER content_coauthor_insert AFTER INSERT ON coauthor
BEGIN
  UPDATE content SET version = randomblob(16), changed = CURRENT_TIMESTAMP;
END;

CREATE TRIGGER content_coauthor_update AFTER UPDATE ON coauthor
BEGIN
  UPDATE content SET version = randomblob(16), changed = CURRENT_TIMESTAMP;
END;

CREATE TRIGGER content_coauthor_delete AFTER DELETE ON coauthor
BEGIN
  UPDATE content SET version = randomblob(16), changed = CURRENT_TIMESTAMP;
END;

CREATE TRIGGER content_tag_insert AFTER INSERT ON tag
BEGIN
  UPDATE content SET version = randomblob(16), changed = CURRENT_TIMESTAMP;
END;

CREATE TRIGGER content_tag_update AFTER UPDATE ON tag
BEGIN
  UPDATE content SET version = randomblob(16), changed = CURRENT_TIMESTAMP;
END;

CREATE TRIGGER content_tag_delete AFTER DELETE ON tag
BEGIN
  UPDATE content SET version = randomblob(16), changed = CURRENT_TIMESTAMP;
END;

CREATE TRIGGER content_post_tag_insert AFTER INSERT ON post_tag
BEGIN
  UPDATE content SET version = randomblob(16), changed = CURRENT_TIMESTAMP;
END;

CREATE TRIGGER content_post_tag_update AFTER UPDATE ON post_tag
BEGIN
  UPDATE content SET version = randomblob(16), changed = CURRENT_TIMESTAMP;
END;

CREATE TRIGGER content_post_tag_delete AFTER DELETE ON post_tag
BEGIN
  UPDATE content SET version = randomblob(16), changed = CURRENT_TIMESTAMP;
END;

CREATE TRIGGER content_media_insert AFTER INSERT ON media
BEGIN
  UPDATE content SET version = randomblob(16), changed = CURRENT_TIMESTAMP;
END;

CREATE TRIGGER content_media_update AFTER UPDATE ON media
BEGIN
  UPDATE content SET version = randomblob(16), changed = CURRENT_TIMESTAMP;
END;

CREATE TRIGGER content_media_delete AFTER DELETE ON media
BEGIN
  UPDATE content SET version = randomblob(16), changed = CURRENT_TIMESTAMP;
END;

CREATE TRIGGER content_series_insert AFTER INSERT ON series
BEGIN
  UPDATE content SET version = randomblob(16), changed = CURRENT_TIMESTAMP;
END;

CREATE TRIGGER content_series_update AFTER UPDATE ON series
BEGIN
  UPDATE content SET version = randomblob(16), changed = CURRENT_TIMESTAMP;
END;

CREATE TRIGGER content_series_delete AFTER DELETE ON series
BEGIN
  UPDATE content SET version = randomblob(16), changed = CURRENT_TIMESTAMP;
END;

CREATE TRIGGER content_series_post_insert AFTER INSERT ON series_post
BEGIN
  UPDATE content SET version = randomblob(16), changed = CURRENT_TIMESTAMP;
END;

CREATE TRIGGER content_series_post_update AFTER UPDATE ON series_post
BEGIN
  UPDATE content SET version = randomblob(16), changed = CURRENT_TIMESTAMP;
END;

CREATE TRIGGER content_series_post_delete AFTER DELETE ON series_post
BEGIN
  UPDATE content SET version = randomblob(16), changed = CURRENT_TIMESTAMP;
END;

CREATE TRIGGER content_setting_insert AFTER INSERT ON setting
BEGIN
  UPDATE content SET version = randomblob(16), changed = CURRENT_TIMESTAMP;
END;

CREATE TRIGGER content_setting_update AFTER UPDATE ON setting
BEGIN
  UPDATE content SET version = randomblob(16), changed = CURRENT_TIMESTAMP;
END;

CREATE TRIGGER content_setting_delete AFTER DELETE ON setting
BEGIN
  UPDATE content SET version = randomblob(16), changed = CURRENT_TIMESTAMP;
END;
