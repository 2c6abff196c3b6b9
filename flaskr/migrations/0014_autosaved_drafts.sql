-- A revision knows the form that made it, so that the form's own earlier text is not merged with
-- its later text, and autosaves in a row become one revision.
ALTER TABLE revision ADD COLUMN form TEXT NOT NULL DEFAULT '';
ALTER TABLE revision ADD COLUMN autosave INTEGER NOT NULL DEFAULT 0;

-- The slug of a draft follows its title while that is typed. Only slugs that were public redirect.
DROP TRIGGER IF EXISTS post_slug_update;
CREATE TRIGGER post_slug_update AFTER UPDATE OF slug ON post
WHEN OLD.slug IS NOT NULL AND OLD.slug IS NOT NEW.slug
BEGIN
  INSERT INTO former_slug (slug, post_id)
  SELECT OLD.slug, OLD.id WHERE OLD.status <> 'draft' OR OLD.dated
  ON CONFLICT (slug) DO UPDATE SET post_id = excluded.post_id;
  DELETE FROM former_slug WHERE slug = NEW.slug;
END;
