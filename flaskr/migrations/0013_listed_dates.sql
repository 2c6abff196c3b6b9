-- The tables that link posts to tags, co-authors and series get the posts' dates, so that indexes
-- can be in the order of the lists.

ALTER TABLE post_tag ADD COLUMN listed TIMESTAMP;
ALTER TABLE coauthor ADD COLUMN listed TIMESTAMP;
ALTER TABLE series_post ADD COLUMN listed TIMESTAMP;

DROP INDEX IF EXISTS post_tag_tag;
DROP INDEX IF EXISTS coauthor_user;
DROP INDEX IF EXISTS series_post_series;

UPDATE post_tag
SET listed = (
  SELECT created FROM post WHERE id = post_tag.post_id AND kind = 'post' AND status = 'published'
);
UPDATE coauthor
SET listed = (
  SELECT created FROM post WHERE id = coauthor.post_id AND kind = 'post' AND status = 'published'
);
UPDATE series_post
SET listed = (
  SELECT created FROM post WHERE id = series_post.post_id AND kind = 'post' AND status = 'published'
);

CREATE INDEX post_tag_tag ON post_tag (tag_id, listed, post_id);
CREATE INDEX coauthor_user ON coauthor (user_id, listed, post_id);
CREATE INDEX series_post_series ON series_post (series_id, listed, part);
