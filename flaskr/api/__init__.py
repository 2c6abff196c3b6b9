"""Endpoints for programs, one module per resource.

Each module lists its operations in a table, from which `routes.py` makes the routes, `openapi.py`
the OpenAPI document and `docs.py` the page of documentation. The rules are those of `models/`.
"""
