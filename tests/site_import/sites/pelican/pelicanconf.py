AUTHOR = "Ada"
SITEURL = ""
PATH = "content"
TIMEZONE = "Europe/Paris"
DEFAULT_LANG = "en"
ARTICLE_URL = "posts/{date:%Y}/{slug}/"
DEFAULT_METADATA = {"visibility": "public"}
