# Copy this to config.py in the same folder, and change what you like.
# README.md lists every setting. What stands here cannot be chosen on the page of settings any more.

SITE_TITLE = "Notes from the greenhouse"
TIMEZONE = "Europe/Berlin"

# Anyone can make an account and publish.
# REGISTRATION = "open"
