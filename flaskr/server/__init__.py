"""The HTTP servers that `flaskr serve` runs."""
