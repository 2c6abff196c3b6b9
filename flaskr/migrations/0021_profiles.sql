-- A picture of each person, and links to their pages elsewhere.

ALTER TABLE "user" ADD COLUMN picture TEXT NOT NULL DEFAULT '';
ALTER TABLE "user" ADD COLUMN links TEXT NOT NULL DEFAULT '';
