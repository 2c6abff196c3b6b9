"""Take a blog along: exports of everything, and its public pages as static files."""
