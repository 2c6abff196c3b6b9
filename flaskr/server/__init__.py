"""The server behind `flaskr serve`."""
