"""Write posts and tables as files: Markdown with front matter, WordPress's WXR, Ghost's JSON."""
