"""Parse the files of other systems into plain dicts, without access to the database."""
