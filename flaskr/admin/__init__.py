"""Pages for the people who write."""
