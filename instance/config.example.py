# Copy this file to config.py in the same folder and change what you like.
# docs/settings.md lists every setting. The page Settings cannot change a setting from this file.

SITE_TITLE = "Notes from the greenhouse"
TIMEZONE = "Europe/Berlin"

# Let anyone register and publish.
# REGISTRATION = "open"
