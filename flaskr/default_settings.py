"""The settings with their defaults.

The instance's `config.py` overrides a default, an environment variable with the prefix `FLASKR_`
overrides that, and the mapping passed to `create_app` overrides both.
"""

# The owner can also change the settings up to DATABASE on the settings page.

# The name of the blog, at the top of every page.
SITE_TITLE = "Flaskr"

# A line below the name on the front page.
TAGLINE = ""

# The description of the blog for search engines.
DESCRIPTION = ""

# The language of the blog, as a code such as "en" or "pt-BR".
LANGUAGE = "en"

# The URL of the blog, such as "https://blog.example.org" or "https://example.org/blog", for links
# in feeds and for search engines. If empty, the URL of each request is used.
SITE_URL = ""

# The time zone of dates on pages, such as "Europe/Berlin".
TIMEZONE = "UTC"

# The format of dates: one of the formats in text/dates.py. If empty, dates look like 25 November
# 2026, and like 2026-11-25 in the list of posts.
DATE_FORMAT = ""

# The number of posts on each page of a list, from 1 to 100.
POSTS_PER_PAGE = 10

# The number of posts in a feed, from 1 to 100. Older ones are in archives that the feed links to.
POSTS_PER_FEED = 20

# The WebSub hub that tells feed readers of new posts at once. SITE_URL must be set as well.
WEBSUB_HUB = ""

# The letters in the URLs of new posts, tags and series: "latin" turns those of other scripts into
# Latin ones where their reading is known, and "letters" keeps them.
SLUGS = "latin"

# The id or slug of the page to use as the front page. If empty, it is the list of posts.
FRONT_PAGE = ""

# Links in the menu, after the pages: on each line a title, a space and a URL.
MENU_LINKS = ""

# "open" lets anyone register an account; "closed" allows the first account only.
REGISTRATION = "closed"

# Markdown for the footer of every page. If empty, the footer is the name of the blog.
FOOTER = ""

# The design of the blog: one of those in models/looks.py.
LOOK = "flaskr"

# The color of links and buttons, such as "#0a6560". If empty, it is the default color.
ACCENT = ""

# The owner's style rules, on top of the design.
CUSTOM_CSS = ""

# The image above the front page: a URL in the media library, such as "/media/….jpg".
HEADER_PICTURE = ""

# Its description for readers who cannot see it. If empty, it is that in the media library.
HEADER_ALT = ""

# "on" draws an image with the title for link previews of posts that have none; "off" does not.
SOCIAL_CARDS = "on"

# The owner's profiles on other sites, for rel="me": one URL per line.
REL_ME = ""

# "on" shows straight quotation marks, hyphens and dots as the marks of the post's language.
CURLY_QUOTES = "off"

# Whether search engines may read the blog: "allow" or "refuse". robots.txt says so.
SEARCH_ENGINES = "allow"

# Whether programs may read the blog to answer a person's question with AI: "allow" or "refuse".
AI_ANSWERS = "allow"

# Whether programs may read the blog to train AI models: "allow" or "refuse".
AI_TRAINING = "allow"

# The database file, or the URL of a PostgreSQL. If empty, it is the file flaskr.sqlite in the
# instance folder.
DATABASE = ""

# The folder of uploaded files, or a bucket: "s3://bucket/prefix?endpoint=https://…&region=…". If
# empty, it is the folder media in the instance folder.
MEDIA = ""

# The disk space for copies of files in a bucket, in megabytes; 0 keeps no copies.
MEDIA_CACHE_MB = 256

# The key that signs the session cookies. If empty, a key is created in the instance folder.
SECRET_KEY = ""

# Former keys with which cookies are still valid; comma-separated in an environment variable.
SECRET_KEY_FALLBACKS: list[str] = []

# The minimum number of characters of a new password.
PASSWORD_MIN_LENGTH = 8

# Limit how often a client may try passwords or register accounts.
RATELIMIT_ENABLED = True

# The number of requests per minute with one token, in each process; 0 sets no limit.
TOKEN_REQUESTS_PER_MINUTE = 600

# Accept tokens over plain HTTP from other machines, where anyone in between can read them.
TOKENS_OVER_HTTP = False

# Answer editors that use XML-RPC, at /xmlrpc.
XMLRPC = False

# Other sites with pages that may use the API, for example "https://example.org"; "*" allows all.
API_ORIGINS: list[str] = []

# The reverse proxies with trusted X-Forwarded headers: their number, or a comma-separated list of
# their addresses and networks, and "unix" for a proxy on a Unix socket. If empty, none is trusted.
TRUSTED_PROXIES = ""

# The headers to accept from trusted proxies. X-Forwarded-Host and X-Forwarded-Port may be added if
# the proxies set or remove them in every request.
FORWARDED_HEADERS = ["X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Prefix"]

# The host names that the blog answers to; ".example.org" includes all subdomains. The host of
# SITE_URL is always included. If empty, the blog answers to every name.
TRUSTED_HOSTS: list[str] = []

# The path prefix of the blog, such as "/blog", if no proxy strips it.
URL_PREFIX = ""

# How long browsers must use HTTPS only for this host, in seconds; 0 sends no such header.
HSTS_SECONDS = 0

# The token that creates the first account. If empty, a token is created in the instance folder.
SETUP_TOKEN = ""

# The maximum size of a request in bytes. A post may have a third of it, because forms encode it.
MAX_CONTENT_LENGTH = 16 * 1024 * 1024

# The maximum size of an uploaded file in bytes. Ten such files may be uploaded at once.
MAX_UPLOAD = 25 * 1024 * 1024

# The memory for cached pages in megabytes; 0 turns the page cache off.
PAGE_CACHE_MB = 64

# The folder for automatic backups. If empty, there are no automatic backups.
BACKUP_DIR = ""

# The hours between automatic backups; 0 turns them off.
BACKUP_EVERY = 24

# The number of automatic backups to keep.
BACKUP_KEEP = 7

# The name of the session cookie. If empty, it is unique to this blog, so that two blogs on one host
# do not overwrite each other's cookies.
SESSION_COOKIE_NAME = ""

# Send the session cookie over HTTPS only. If false, this applies to pages sent over HTTPS.
SESSION_COOKIE_SECURE = False

# Whether browsers send the cookie with requests from other sites: "Lax" for links, "Strict" never.
SESSION_COOKIE_SAMESITE = "Lax"

# How long a login lasts after the last visit, in seconds.
PERMANENT_SESSION_LIFETIME = 60 * 60 * 24 * 60

# The defaults that differ if TESTING is true.
TESTING = {
    "PASSWORD_MIN_LENGTH": 0,
    "RATELIMIT_ENABLED": False,
    "PAGE_CACHE_MB": 0,
    "SESSION_COOKIE_NAME": "session",
    "REGISTRATION": "open",
}
