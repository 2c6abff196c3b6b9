"""Endpoints for programs, one module per resource.

Each module lists its operations in a table. `routes.py` makes the routes from it, and `openapi.py`
the OpenAPI document and the page of documentation. The rules are those of `models/`.
"""
