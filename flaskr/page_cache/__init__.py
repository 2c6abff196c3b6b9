"""A cache of whole pages for anonymous visitors. Start with `middleware`."""
