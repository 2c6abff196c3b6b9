# Copy this to config.py in the same folder, and change what you like.
# README.md lists every setting.

SITE_TITLE = "Notes from the greenhouse"
TIMEZONE = "Europe/Berlin"

# Nobody but you may make accounts.
REGISTRATION = "closed"
