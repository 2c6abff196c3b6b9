"""SQL conditions on the table `post`, shared by several queries."""

# Visitors may read the post. Binds `now()`.
READABLE = "post.status = 'published' AND post.created <= ?"
# Lists show the post once its date has come. Pages are never listed.
IN_LISTS = "post.kind = 'post' AND post.status = 'published'"
