"""The commands that create, list and revoke tokens."""

from typing import Any

import click
from flask.cli import AppGroup

from ..data_folder.notices import with_blog
from ..models import tokens
from ..models import users
from ..models.permissions import SYSTEM
from .rule_errors import rule_errors

token_group = AppGroup("token", help="Manage the tokens with which programs use the blog.")


@token_group.command("create")
@click.argument("username")
@click.option("--name", required=True, help="The program or device that will use it.")
@click.option(
    "--scope",
    "scopes",
    type=click.Choice(tokens.SCOPES),
    multiple=True,
    required=True,
    help="What it may do. Repeat the option for more.",
)
@click.option(
    "--days",
    type=click.IntRange(0, tokens.MAX_DAYS),
    default=90,
    show_default=True,
    help="The days until it expires; 0 for never.",
)
@with_blog
def token_create(username: str, name: str, scopes: tuple[str, ...], days: int) -> None:
    """Create a token and print it, this once."""
    with rule_errors():
        user = users.get_by_name(username)
        secret = tokens.create(user, name=name, scopes=scopes, days=days or None)
    # A script can read the token from the output, which has nothing else.
    click.echo(f"A token of {user['username']}, which is not shown again:", err=True)
    click.echo(secret)


@token_group.command("list")
@click.argument("username", required=False)
@with_blog
def token_list(username: str | None) -> None:
    """List the tokens of a user, or of everyone."""
    with rule_errors():
        people = [users.get_by_name(username)] if username else users.with_tokens()
        found = [(person, token) for person in people for token in tokens.of_user(person["id"])]
    for person, token in found:
        click.echo(f"{token['id']}: {token['name']}, of {person['username']}, {_describe(token)}")
    if not found:
        click.echo("There are no tokens.")


def _describe(token: Any) -> str:
    expiry = "never expires"
    if token["expires"]:
        expiry = f"{'expired' if token['expired'] else 'expires'} on {token['expires']} UTC"
    use = "never used"
    if token["last_used"]:
        use = f"last used on {token['last_used']} UTC from {token['last_address']}"
    return f"may {token['scopes'].replace(' ', ', ')}; {expiry}; {use}"


@token_group.command("revoke")
@click.argument("ids", metavar="[ID]...", nargs=-1, type=int)
@click.option("--user", "username", metavar="NAME", help="Revoke all tokens of a user.")
@click.option("--all", "is_all", is_flag=True, help="Revoke all tokens of everyone.")
@with_blog
def token_revoke(ids: tuple[int, ...], username: str | None, is_all: bool) -> None:
    """Revoke tokens by the number that `flaskr token list` shows, all of a user, or all."""
    if [bool(ids), bool(username), is_all].count(True) != 1:
        raise click.UsageError("Name the numbers of tokens, or a user with --user, or use --all.")
    with rule_errors():
        people = [users.get_by_name(username)] if username else []
        for person in users.with_tokens() if is_all else people:
            tokens.revoke_all(person["id"])
        for token_id in ids:
            tokens.revoke(token_id, SYSTEM)
    of_whom = f" of {username}" if username else ""
    click.echo("Revoked." if ids else f"Revoked all tokens{of_whom}.")
