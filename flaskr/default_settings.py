"""Every setting, with its default and one line on what it does.

A value in the instance folder's `config.py` wins over these, an environment variable (`FLASKR_`
and the name) over that, and the mapping given to `create_app` over all.
"""

# What follows up to DATABASE, the owner can also choose on the page of settings.

# The name of the blog, at the top of every page.
SITE_TITLE = "Flaskr"

# A line under the name, on the front page.
TAGLINE = ""

# What the blog is about, for search engines.
DESCRIPTION = ""

# The language that the blog is written in, as a code such as "en" or "pt-BR".
LANGUAGE = "en"

# Where the blog is read, such as "https://blog.example.org" or "https://example.org/blog": for
# links in feeds and for search engines; empty for the address that each request names.
SITE_URL = ""

# The zone in which pages show dates, such as "Europe/Berlin".
TIMEZONE = "UTC"

# How dates look, but for those in the list of posts: one of the formats in dates.py.
DATE_FORMAT = "YYYY-MM-DD"

# How many posts stand on a page of a list, 1 to 100.
POSTS_PER_PAGE = 10

# The number or the address of the page to begin with; empty for the list of posts.
FRONT_PAGE = ""

# Links for the menu, beside the pages: on each line a title, a space and an address.
MENU_LINKS = ""

# "open": anyone may register an account; "closed": only the first account can be made.
REGISTRATION = "closed"

# Markdown for the foot of every page; empty for the name of the blog.
FOOTER = ""

# The colour of links and buttons, such as "#0a6560"; empty for our own.
ACCENT = ""

# Addresses of profiles elsewhere that are the same person's, for rel="me": one a line.
REL_ME = ""

# The database file; empty for flaskr.sqlite in the instance folder.
DATABASE = ""

# Signs the session cookies; empty for a key made once in the instance folder.
SECRET_KEY = ""

# Former keys whose cookies are still good; in a variable, with commas between them.
SECRET_KEY_FALLBACKS: list[str] = []

# The fewest characters of a new password.
PASSWORD_MIN_LENGTH = 8

# Slow down whoever tries many passwords or registers many accounts.
RATELIMIT_ENABLED = True

# The reverse proxies whose X-Forwarded headers are believed: how many stand in front, as a number,
# or their addresses and networks, with commas between them, and "unix" for one that comes by a Unix
# socket; empty for none.
TRUSTED_PROXIES = ""

# The headers that are believed from them; X-Forwarded-Host and X-Forwarded-Port can be added where
# the proxies set or remove them in every request.
FORWARDED_HEADERS = ["X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Prefix"]

# The host names that the blog answers to, ".example.org" for all below it; the one in SITE_URL is
# always among them; empty for every name.
TRUSTED_HOSTS: list[str] = []

# The path below which the blog lies on its host, such as "/blog", where no proxy takes it away.
URL_PREFIX = ""

# How long browsers are told to ask for this host by HTTPS only, in seconds; 0 tells them nothing.
HSTS_SECONDS = 0

# Asked of whoever makes the first account; empty for the token in the instance folder.
SETUP_TOKEN = ""

# The largest request, in bytes; a post may take a third of it, because forms spell it longer.
MAX_CONTENT_LENGTH = 16 * 1024 * 1024

# The largest file in the library of media, in bytes; ten as large may come at once.
MAX_UPLOAD = 25 * 1024 * 1024

# How much memory the pages may take that are kept ready for readers, in megabytes; 0 keeps none.
PAGE_CACHE_MB = 64

# The name of the session cookie; empty for one of this blog's own, so that two blogs on one host do
# not overwrite each other's.
SESSION_COOKIE_NAME = ""

# Send the session cookie over HTTPS only; without it, that is so where the page came by HTTPS.
SESSION_COOKIE_SECURE = False

# Whether the cookie goes along when a link on another site leads here.
SESSION_COOKIE_SAMESITE = "Lax"

# How long a log-in lasts after the last visit, in seconds.
PERMANENT_SESSION_LIFETIME = 60 * 60 * 24 * 60

# What differs while TESTING, unless it is set otherwise.
TESTING = {
    "PASSWORD_MIN_LENGTH": 0,
    "RATELIMIT_ENABLED": False,
    "PAGE_CACHE_MB": 0,
    "SESSION_COOKIE_NAME": "session",
    "REGISTRATION": "open",
}
