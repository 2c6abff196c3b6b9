-- The visible texts of posts, and the names of people and series, to search in. The index has the
-- Markdown of each post until the blog has rendered it in the background.

CREATE TABLE search_text (
  post_id INTEGER PRIMARY KEY NOT NULL,
  text TEXT,
  form TEXT NOT NULL DEFAULT ''
);

CREATE INDEX search_text_form ON search_text (form, post_id);

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

INSERT INTO search_text (post_id) SELECT id FROM post WHERE status = 'published';

INSERT INTO user_words (rowid, username, display_name)
SELECT id, CAST(username AS TEXT), CAST(display_name AS TEXT) FROM "user";

INSERT INTO series_words (rowid, name) SELECT id, CAST(name AS TEXT) FROM series;

DELETE FROM post_words WHERE rowid IN (SELECT id FROM post WHERE status <> 'published');
DELETE FROM post_titles WHERE rowid IN (SELECT id FROM post WHERE status <> 'published');
DELETE FROM post_letters WHERE rowid IN (SELECT id FROM post WHERE status <> 'published');
