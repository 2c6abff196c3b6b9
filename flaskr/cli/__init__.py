"""The commands, as `flaskr …` and as `flask --app flaskr …`."""

import os
import shlex
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import suppress
from pathlib import Path

import click
from flask import Flask
from flask import current_app
from flask.cli import AppGroup
from flask.cli import FlaskGroup
from flask.cli import with_appcontext

from .. import config
from .. import data_folder
from .. import db
from .. import errors
from ..data_folder.notices import with_blog
from ..models import users
from ..text import names
from ..web.setup_token import setup_link_command
from . import moving
from .serve import serve_command


@click.command("import")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would be done, and store nothing.")
@click.option(
    "--overwrite", is_flag=True, help="Take the file's post also where it was changed here."
)
@click.option("--author", default="", metavar="NAME", help="Whose posts are that name no author.")
@with_blog
def import_command(path: Path, dry_run: bool, overwrite: bool, author: str) -> None:
    """Bring in a folder or file of Markdown, as Jekyll, Hugo, Zola or a person wrote it.

    Run again, it takes over what changed in the files.
    """
    # No other command needs the importers, nor does the server.
    from . import import_posts

    import_posts.run(path, dry_run=dry_run, overwrite=overwrite, author=author)


user_group = AppGroup("user", help="The people who write.")


@contextmanager
def refusals() -> Iterator[None]:
    """What a rule refuses becomes the command's error."""
    try:
        db.check_schema()
        yield
    except errors.AppError as error:
        raise click.ClickException(error.message) from error
    except sqlite3.DatabaseError as error:
        raise click.ClickException(db.error_message(error) or str(error)) from error


@user_group.command("add")
@click.argument("username")
@click.option("--role", type=click.Choice(users.ROLES), default="author", show_default=True)
@click.password_option()
@with_blog
def user_add(username: str, role: str, password: str) -> None:
    """Make an account."""
    with refusals():
        minimum = current_app.config["PASSWORD_MIN_LENGTH"]
        users.register(username, password, password_min_length=minimum, role=role)
    click.echo(f"Added {role} {names.normalized(username)}.")


@user_group.command("list")
@with_blog
def user_list() -> None:
    """Show everyone who has an account or wrote something."""
    with refusals():
        people = users.list_all()
    for person in people:
        posts = f"{person['posts']} post{'' if person['posts'] == 1 else 's'}"
        login = "" if person["can_log_in"] else ", cannot log in"
        click.echo(f"{person['username']} ({person['role']}, {posts}{login})")


@user_group.command("password")
@click.argument("username")
@click.password_option()
@with_blog
def user_password(username: str, password: str) -> None:
    """Set a new password; it logs that person out everywhere."""
    with refusals():
        user = users.get_by_name(username)
        minimum = current_app.config["PASSWORD_MIN_LENGTH"]
        users.change_password(user["id"], password, password_min_length=minimum)
    click.echo(f"Changed the password of {user['username']}.")


@user_group.command("role")
@click.argument("username")
@click.argument("role", type=click.Choice(users.ROLES))
@with_blog
def user_role(username: str, role: str) -> None:
    """Make someone an owner or an author."""
    with refusals():
        users.set_role(username, role)
    click.echo(f"{username} is {'an' if role[0] in 'ao' else 'a'} {role} now.")


@click.command("move-instance")
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@with_appcontext
def move_instance(folder: Path | None) -> None:
    """Move the blog to FOLDER, or to the place where `flaskr` begins a new blog."""
    source, target = Path(current_app.instance_path), folder or data_folder.user_folder()
    if target is None:
        raise click.UsageError("There is no home folder. Name the folder to move the blog to.")
    database = Path(current_app.config["DATABASE"])
    try:
        config.check_movable(source)
        old = moving.move(source, target.absolute(), database)
    except errors.AppError as error:
        raise click.ClickException(error.message) from error
    for line in _report_move(source, target.absolute(), old, database):
        click.echo(line)


def _report_move(source: Path, target: Path, old: Path, database: Path) -> Iterator[str]:
    yield f"Moved the blog from {source} to {target}."
    yield f"The old folder is now {old}. Delete it once you have seen that the blog is complete."
    if not database.is_relative_to(source):
        yield f"The database stays where DATABASE says: {database}."
    if data_folder.find_instance().folder != target:
        yield (
            f"From now on, name the folder: flaskr --instance {shlex.quote(str(target))} serve, or"
            f" set {data_folder.INSTANCE_PATH}."
        )


COMMANDS = (import_command, user_group, serve_command, setup_link_command, move_instance)


def init_app(app: Flask) -> None:
    """Register the commands; `init-db` is registered by `db`."""
    for command in COMMANDS:
        app.cli.add_command(command)


def _choose_instance(context: click.Context, option: click.Option, path: str | None) -> None:
    if path is None:
        return
    if not path.strip():
        raise click.BadParameter("Name a folder.", context, option)
    os.environ[data_folder.INSTANCE_PATH] = path


def _create_app() -> Flask:
    from .. import create_app

    return create_app()


def application() -> Flask:
    """Return the application for a server, which loads what the first reader needs meanwhile."""
    app = _create_app()
    threading.Thread(target=_warm_up, args=(app,), daemon=True).start()
    return app


def _warm_up(app: Flask) -> None:
    # A page that cannot be made must not keep the server from starting.
    with suppress(Exception), app.test_request_context("/"):
        app.full_dispatch_request()


class Commands(FlaskGroup):
    """The commands of `flaskr`, known without making the application, which writes files."""

    def list_commands(self, context: click.Context) -> list[str]:
        """Return the names for `--help`."""
        return sorted(self.commands)


main = Commands(
    name="flaskr",
    help="A blog in one process and one folder.",
    create_app=_create_app,
    params=[
        click.Option(
            ["--instance"],
            metavar="FOLDER",
            is_eager=True,
            expose_value=False,
            callback=_choose_instance,
            help="The folder with the blog's data.",
        )
    ],
)
for command in (*COMMANDS, db.init_db_command):
    main.add_command(command)
