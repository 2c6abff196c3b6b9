-- Lists of posts are read from the tables themselves. A database that version 0.2.0 made has other
-- triggers here than a later one, so each is dropped where it is.

DROP TRIGGER IF EXISTS post_listed_insert;
DROP TRIGGER IF EXISTS post_listed_update;
DROP TRIGGER IF EXISTS post_listed_delete;
DROP TRIGGER IF EXISTS post_tag_listed_insert;
DROP TRIGGER IF EXISTS post_tag_listed_update;
DROP TRIGGER IF EXISTS post_tag_listed_delete;
DROP TRIGGER IF EXISTS coauthor_listed_insert;
DROP TRIGGER IF EXISTS coauthor_listed_update;
DROP TRIGGER IF EXISTS coauthor_listed_delete;
DROP TRIGGER IF EXISTS series_post_listed_insert;
DROP TRIGGER IF EXISTS series_post_listed_update;
DROP TRIGGER IF EXISTS series_post_listed_delete;
DROP VIEW IF EXISTS relisted;
DROP VIEW IF EXISTS listing;
DROP TABLE IF EXISTS listed;

-- A person's posts are found by state and kind, and those written with others in order of their ids.
DROP INDEX IF EXISTS coauthor_user;
CREATE INDEX coauthor_user ON coauthor (user_id, post_id);
DROP INDEX IF EXISTS post_by_author;
CREATE INDEX post_by_author ON post (author_id, status, kind, created, id);
