"""SQL conditions on the table `post` that several queries share."""

# Everyone may read the post; binds `now()`.
READABLE = "post.status = 'published' AND post.created <= ?"
