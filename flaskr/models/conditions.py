"""SQL conditions on the table `post` that several queries share."""

# Everyone may read the post; binds `now()`.
READABLE = "post.status = 'published' AND post.created <= ?"
# The post appears in lists as soon as its date has come; pages never do.
IN_LISTS = "post.kind = 'post' AND post.status = 'published'"
