"""Read the instance's `config.py` for a backup, with or without the secrets in it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import click

from .. import config
from .. import db
from .. import errors
from ..config import setting_values

# These read secrets that are not in the file.
ENVIRONMENT = re.compile(r"\b(?:environ|getenv)\b")
Secrets = set[str | bytes]


def read(path: Path, with_secrets: bool) -> bytes | None:
    """Return the file, if there is one, with empty text in place of its secrets."""
    if not path.is_file():
        return None
    source = path.read_bytes()
    if with_secrets:
        return source
    try:
        values = config.read_config(path)
    except click.ClickException as error:
        raise errors.Invalid(error.message) from error
    secrets: Secrets = set()
    if _has_password(str(values.get("DATABASE", ""))):
        secrets.add(values["DATABASE"])
    for name in setting_values.SECRETS:
        value = values.get(name)
        listed = value if isinstance(value, list | tuple | set | frozenset) else [value]
        secrets.update(secret for secret in listed if secret and isinstance(secret, str | bytes))
    return _blank(source, secrets)


def _has_password(database: str) -> bool:
    return db.is_postgres(database) and bool(urlsplit(database).password or "password=" in database)


def _blank(source: bytes, secrets: Secrets) -> bytes:
    """Replace these values, whether written as literals or computed."""
    lines = source.splitlines(keepends=True)
    # From the end, so that earlier positions stay right.
    for node in reversed([*_find(ast.parse(source), secrets)]):
        first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
        is_bytes = isinstance(node, ast.Constant) and isinstance(node.value, bytes)
        empty = b'b""' if is_bytes else b'""'
        rest = lines[last][node.end_col_offset or 0 :]
        lines[first : last + 1] = [lines[first][: node.col_offset] + empty + rest]
    return b"".join(lines)


def _find(node: ast.AST, secrets: Secrets) -> Iterator[ast.expr]:
    """Yield the outermost expressions with a secret, in the order of the file."""
    if isinstance(node, ast.Constant) and node.value in secrets:
        yield node
    elif isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign) and _is_secret(node):
        yield from _find_computed(node.value, secrets)
    else:
        for child in ast.iter_child_nodes(node):
            yield from _find(child, secrets)


def _is_secret(node: ast.Assign | ast.AnnAssign | ast.AugAssign) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return any(isinstance(one, ast.Name) and one.id in setting_values.SECRETS for one in targets)


def _find_computed(value: ast.expr | None, secrets: Secrets) -> Iterator[ast.expr]:
    """Yield the parts of a secret's value, which may be a formula like `"a" + "b"`."""
    if isinstance(value, ast.List | ast.Tuple | ast.Set):
        for part in value.elts:
            yield from _find_computed(part, secrets)
    elif value is None or ENVIRONMENT.search(ast.unparse(value)):
        yield from _find(value or ast.Pass(), secrets)
    elif not isinstance(value, ast.Constant) or value.value:
        yield value
