-- Languages, pages, former addresses, the trash.

ALTER TABLE post ADD COLUMN language TEXT NOT NULL DEFAULT '';
ALTER TABLE post ADD COLUMN kind TEXT NOT NULL DEFAULT 'post' CHECK (kind IN ('post', 'page'));
ALTER TABLE post ADD COLUMN menu_position INTEGER NOT NULL DEFAULT 0;
ALTER TABLE post ADD COLUMN dated INTEGER NOT NULL DEFAULT 0;

DROP INDEX post_newest;
CREATE INDEX post_newest ON post (kind, status, created, id);

-- Addresses that a post had here. Those of a post that is in the trash, or gone, say so.
CREATE TABLE former_slug (
  slug TEXT PRIMARY KEY NOT NULL,
  post_id INTEGER NOT NULL
);

CREATE INDEX former_slug_post ON former_slug (post_id);

CREATE TRIGGER post_slug_update AFTER UPDATE OF slug ON post
WHEN OLD.slug IS NOT NULL AND OLD.slug IS NOT NEW.slug
BEGIN
  INSERT INTO former_slug (slug, post_id) VALUES (OLD.slug, OLD.id)
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

-- Deleted posts for thirty days, each with all that hung on it, as JSON.
CREATE TABLE trash (
  post_id INTEGER PRIMARY KEY NOT NULL,
  author_id INTEGER NOT NULL,
  title TEXT NOT NULL,
  deleted TIMESTAMP NOT NULL,
  content TEXT NOT NULL
);

CREATE INDEX trash_deleted ON trash (deleted, post_id);

-- What a post said each time it was saved. `delta` is its body as a difference (see
-- deltas.py) from the revision before; where `step` is 0, from nothing.
CREATE TABLE revision (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  post_id INTEGER NOT NULL,
  editor_id INTEGER,
  created TIMESTAMP NOT NULL,
  title TEXT NOT NULL,
  step INTEGER NOT NULL,
  delta BLOB NOT NULL
);

CREATE INDEX revision_post ON revision (post_id, id);
