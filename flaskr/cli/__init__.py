"""The commands, available as `flaskr …` and `flask --app flaskr …`."""

import os
import shlex
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import click
from flask import Flask
from flask import current_app
from flask.cli import AppGroup
from flask.cli import FlaskGroup
from flask.cli import with_appcontext

from .. import __version__
from .. import config
from .. import data_folder
from .. import db
from .. import errors
from ..data_folder.notices import with_blog
from ..models import media
from ..models import sessions
from ..models import tokens
from ..models import users
from ..web.setup_token import setup_link_command
from . import backup
from . import debug_database
from . import moving
from .copy_media import copy_media_command
from .doctor import doctor_command
from .rule_errors import rule_errors
from .serve import serve_command
from .token_commands import token_group


@click.command("import")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Show what would be imported, without storing it.")
@click.option(
    "--overwrite", is_flag=True, help="Replace posts that were edited since they were imported."
)
@click.option(
    "--author", default="", metavar="NAME", help="The author of posts whose file names none."
)
@click.option(
    "--permalink",
    default="",
    metavar="PATTERN",
    help="The pattern of the posts' old URLs, such as /:year/:month/:slug/.",
)
@with_blog
def import_command(path: Path, dry_run: bool, overwrite: bool, author: str, permalink: str) -> None:
    """Import the folder of a Jekyll, Hugo, Zola, Hexo, Eleventy, Astro or Pelican site, or a file.

    Importing again updates the posts of files that have changed.
    """
    # Neither the server nor other commands need the importers.
    from ..site_import.importing import Options
    from . import import_posts

    processes = os.cpu_count() or 1
    options = Options(dry_run, overwrite, author, permalink, processes)
    import_posts.run(path, options)


@click.command("export")
@click.argument("target", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(("markdown", "wxr", "ghost")),
    default="markdown",
    show_default=True,
    help="Markdown for Hugo, Jekyll, Zola and flaskr, WXR for WordPress, or JSON for Ghost.",
)
@click.option("--revisions", is_flag=True, help="Add the earlier versions of posts.")
@click.option("--trash", is_flag=True, help="Add the posts in the trash.")
@click.option("--url", default="", help="The address of the blog, for --format wxr.")
@with_blog
def export_command(target: Path, form: str, revisions: bool, trash: bool, url: str) -> None:
    """Write all posts, pages and settings to a folder, or to a zip file like blog.zip.

    Exporting again into the same folder writes only changed files.
    """
    from ..site_export.entries import Options
    from . import export

    export.run(target, form, Options(revisions, trash), url)


@click.command("freeze")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--url", default="", help="The address that the static blog will have.")
@with_blog
def freeze_command(folder: Path, url: str) -> None:
    """Write the public blog to FOLDER as static files for any host.

    Freezing again into the same folder writes what has changed.
    """
    from . import freeze

    freeze.run(folder, url)


user_group = AppGroup("user", help="Manage the users who can log in.")


@user_group.command("add")
@click.argument("username")
@click.option("--role", type=click.Choice(users.ROLES), default="author", show_default=True)
@click.password_option()
@with_blog
def user_add(username: str, role: str, password: str) -> None:
    """Create an account."""
    with rule_errors():
        minimum = current_app.config["PASSWORD_MIN_LENGTH"]
        users.register(username, password, password_min_length=minimum, role=role)
        user = users.get_by_name(username)
    click.echo(f"Added {role} {user['username']}.")


@user_group.command("list")
@with_blog
def user_list() -> None:
    """List all accounts, and the authors of posts without one."""
    with rule_errors():
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
    """Change a user's password and log them out everywhere."""
    with rule_errors():
        user = users.get_by_name(username)
        minimum = current_app.config["PASSWORD_MIN_LENGTH"]
        users.change_password(user["id"], password, password_min_length=minimum)
        count = tokens.count_usable(user["id"])
    name = user["username"]
    click.echo(f"Changed the password of {name}.")
    if count:
        click.echo(
            f"Programs can still use the blog as {name} with {count} token"
            f"{'' if count == 1 else 's'}. To revoke {'it' if count == 1 else 'them'}, run: flaskr"
            f" token revoke --user {shlex.quote(name)}"
        )


@user_group.command("logout")
@click.argument("username", required=False)
@click.option("--all", "is_all", is_flag=True, help="Log everyone out.")
@with_blog
def user_log_out(username: str | None, is_all: bool) -> None:
    """Log a user out everywhere, or everyone. Tokens still work."""
    if bool(username) == is_all:
        raise click.UsageError("Name a user, or use --all.")
    with rule_errors():
        if username:
            sessions.end_all(users.get_by_name(username)["id"])
        else:
            sessions.end_every()
    click.echo(f"Logged {username or 'everyone'} out.")


@user_group.command("role")
@click.argument("username")
@click.argument("role", type=click.Choice(users.ROLES))
@with_blog
def user_role(username: str, role: str) -> None:
    """Change a user's role."""
    with rule_errors():
        users.set_role(username, role)
    click.echo(f"{username} is {'an' if role[0] in 'ao' else 'a'} {role} now.")


@click.command("move-instance")
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@with_appcontext
def move_instance(folder: Path | None) -> None:
    """Move the blog to FOLDER, by default the folder where `flaskr` creates new blogs."""
    source, target = Path(current_app.instance_path), folder or data_folder.user_folder()
    if target is None:
        raise click.UsageError("There is no home folder. Add the folder to move the blog to.")
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
    yield f"The old folder is now {old}. Check that the blog is complete, then delete it."
    if db.is_postgres():
        yield "The database stays in PostgreSQL."
    elif not database.is_relative_to(source):
        yield f"The database was not moved, because DATABASE is {database}."
    if data_folder.find_instance().folder != target:
        yield (
            f"From now on, run: flaskr --instance {shlex.quote(str(target))} serve, or set"
            f" {data_folder.INSTANCE_PATH}."
        )


COMMANDS = (
    import_command,
    export_command,
    freeze_command,
    user_group,
    token_group,
    serve_command,
    setup_link_command,
    move_instance,
    copy_media_command,
    doctor_command,
    *backup.COMMANDS,
)


def init_app(app: Flask) -> None:
    """Register the commands, except `init-db`, which `db` registers."""
    for command in COMMANDS:
        app.cli.add_command(command)
    debug_database.init_app(app)


def _choose_instance(context: click.Context, option: click.Option, path: str | None) -> None:
    if path is None:
        return
    if not path.strip():
        raise click.BadParameter("The folder's name is missing.", context, option)
    os.environ[data_folder.INSTANCE_PATH] = path


def _create_app() -> Flask:
    from .. import create_app

    return create_app()


def application() -> Flask:
    """Return the application for a server, and warm it up in the background."""
    app = _create_app()
    threading.Thread(target=_warm_up, args=(app,), daemon=True).start()
    return app


def _warm_up(app: Flask) -> None:
    # The search page starts indexing posts that an upgrade has marked.
    for path in ("/", "/search"):
        # An error on a page must not keep the server from starting.
        with suppress(Exception), app.test_request_context(path):
            app.full_dispatch_request()
    with suppress(Exception), app.app_context():
        media.tidy_up_bucket()


class Commands(FlaskGroup):
    """The command group `flaskr`, which lists its commands without creating the application."""

    def list_commands(self, context: click.Context) -> list[str]:
        """Return the names for `--help`. Creating the application would write files."""
        return sorted(self.commands)


main = Commands(
    name="flaskr",
    help="A blog in one process and one folder.",
    create_app=_create_app,
    add_version_option=False,
    params=[
        click.Option(
            ["--instance"],
            metavar="FOLDER",
            is_eager=True,
            expose_value=False,
            callback=_choose_instance,
            help="The folder that contains the blog's data.",
        ),
    ],
)
click.version_option(__version__, prog_name="flaskr", message="%(prog)s %(version)s")(main)
for command in (*COMMANDS, db.init_db_command):
    main.add_command(command)
