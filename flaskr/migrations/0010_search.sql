-- What posts and tags say, to search in; and the id of the site, for its feeds.

CREATE TABLE site (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  uuid TEXT NOT NULL
);

INSERT INTO site (id, uuid) VALUES (1, lower(hex(randomblob(16))));

CREATE VIRTUAL TABLE post_words USING fts5 (
  title,
  body,
  columnsize = 0,
  tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'"
);

CREATE VIRTUAL TABLE post_terms USING fts5vocab ('post_words', 'instance');

CREATE VIRTUAL TABLE post_titles USING fts5 (
  title,
  columnsize = 0,
  tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'"
);

CREATE VIRTUAL TABLE post_letters USING fts5 (title, body, columnsize = 0, tokenize = 'trigram');

CREATE VIRTUAL TABLE tag_words USING fts5 (
  name,
  columnsize = 0,
  tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'"
);

CREATE TRIGGER post_search_insert AFTER INSERT ON post
BEGIN
  DELETE FROM post_words WHERE rowid = NEW.id;
  DELETE FROM post_titles WHERE rowid = NEW.id;
  DELETE FROM post_letters WHERE rowid = NEW.id;
  INSERT INTO post_words (rowid, title, body)
  VALUES (NEW.id, CAST(NEW.title AS TEXT), CAST(NEW.body AS TEXT));
  INSERT INTO post_titles (rowid, title) VALUES (NEW.id, CAST(NEW.title AS TEXT));
  INSERT INTO post_letters (rowid, title, body)
  SELECT NEW.id, CAST(NEW.title AS TEXT), CAST(NEW.body AS TEXT)
  WHERE length(CAST(NEW.title || NEW.body AS BLOB)) > length(NEW.title || NEW.body)
    AND NEW.title || NEW.body GLOB '*[ก-ໟက-႟ក-៹々-〇ぁ-ヿ㐀-鿿豈-龎ｦ-ﾟ𠀀-𳎯]*';
END;

CREATE TRIGGER post_search_update AFTER UPDATE OF id, title, body ON post
WHEN (OLD.id, OLD.title, OLD.body) IS NOT (NEW.id, NEW.title, NEW.body)
BEGIN
  DELETE FROM post_words WHERE rowid IN (OLD.id, NEW.id);
  DELETE FROM post_titles WHERE rowid IN (OLD.id, NEW.id);
  DELETE FROM post_letters WHERE rowid IN (OLD.id, NEW.id);
  INSERT INTO post_words (rowid, title, body)
  VALUES (NEW.id, CAST(NEW.title AS TEXT), CAST(NEW.body AS TEXT));
  INSERT INTO post_titles (rowid, title) VALUES (NEW.id, CAST(NEW.title AS TEXT));
  INSERT INTO post_letters (rowid, title, body)
  SELECT NEW.id, CAST(NEW.title AS TEXT), CAST(NEW.body AS TEXT)
  WHERE length(CAST(NEW.title || NEW.body AS BLOB)) > length(NEW.title || NEW.body)
    AND NEW.title || NEW.body GLOB '*[ก-ໟက-႟ក-៹々-〇ぁ-ヿ㐀-鿿豈-龎ｦ-ﾟ𠀀-𳎯]*';
END;

CREATE TRIGGER post_search_delete AFTER DELETE ON post
BEGIN
  DELETE FROM post_words WHERE rowid = OLD.id;
  DELETE FROM post_titles WHERE rowid = OLD.id;
  DELETE FROM post_letters WHERE rowid = OLD.id;
END;

CREATE TRIGGER tag_search_insert AFTER INSERT ON tag
BEGIN
  DELETE FROM tag_words WHERE rowid = NEW.id;
  INSERT INTO tag_words (rowid, name) VALUES (NEW.id, NEW.name);
END;

CREATE TRIGGER tag_search_update AFTER UPDATE OF id, name ON tag
WHEN (OLD.id, OLD.name) IS NOT (NEW.id, NEW.name)
BEGIN
  DELETE FROM tag_words WHERE rowid IN (OLD.id, NEW.id);
  INSERT INTO tag_words (rowid, name) VALUES (NEW.id, NEW.name);
END;

CREATE TRIGGER tag_search_delete AFTER DELETE ON tag
BEGIN
  DELETE FROM tag_words WHERE rowid = OLD.id;
END;

INSERT INTO post_words (rowid, title, body)
SELECT id, CAST(title AS TEXT), CAST(body AS TEXT) FROM post;

INSERT INTO post_titles (rowid, title) SELECT id, CAST(title AS TEXT) FROM post;

INSERT INTO post_letters (rowid, title, body)
SELECT id, CAST(title AS TEXT), CAST(body AS TEXT)
FROM post
WHERE length(CAST(title || body AS BLOB)) > length(title || body)
  AND title || body GLOB '*[ก-ໟက-႟ក-៹々-〇ぁ-ヿ㐀-鿿豈-龎ｦ-ﾟ𠀀-𳎯]*';

INSERT INTO tag_words (rowid, name) SELECT id, name FROM tag;
