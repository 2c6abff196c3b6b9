"""Readers of other systems' files: a file in, a plain dict out; no database."""
