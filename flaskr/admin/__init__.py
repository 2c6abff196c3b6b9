"""Pages for authors and the owner."""
