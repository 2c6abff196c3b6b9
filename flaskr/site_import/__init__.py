"""Bring in a whole site: its posts, files and addresses, with a report."""

FILE_NAME = "import-report.md"
