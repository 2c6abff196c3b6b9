-- Numbers of listed posts by tag and month, so that no page has to count all posts.

ALTER TABLE tag ADD COLUMN posts INTEGER;

UPDATE tag
SET posts = (SELECT count(*) FROM post_tag WHERE tag_id = tag.id AND listed IS NOT NULL);

CREATE TABLE post_month (
  month TEXT PRIMARY KEY NOT NULL,
  posts INTEGER
);

INSERT INTO post_month (month, posts)
SELECT substr(created, 1, 7), count(*)
FROM post
WHERE kind = 'post' AND status = 'published'
GROUP BY substr(created, 1, 7);
