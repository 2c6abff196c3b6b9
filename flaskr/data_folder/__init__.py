"""Choose the instance folder, which contains the blog's data."""

import os
from pathlib import Path
from typing import NamedTuple

import click
import platformdirs
from flask.sansio.scaffold import find_package

INSTANCE_PATH = "FLASKR_INSTANCE_PATH"
# A folder with any of these contains a blog. A secret key alone may be a leftover of `--help`.
BLOG_FILES = ("flaskr.sqlite", "config.py", "media", "restore.unfinished")
# This file contains the old folder's path while a move is unfinished.
MOVE_MARKER = "move-instance.unfinished"
INSIDE_ENVIRONMENT_NOTICE = (
    "This blog is inside Python's environment and would be deleted with it. Stop the blog, then"
    " move it with: flaskr move-instance"
)


class InstanceFolder(NamedTuple):
    """An instance folder, and notices about it for the operator."""

    folder: Path
    notices: tuple[str, ...] = ()


def find_instance() -> InstanceFolder:
    """Find the instance folder of this process. Raises `ClickException`."""
    prefix, root = find_package("flaskr")
    is_checkout = Path(root, "pyproject.toml").is_file()
    return choose_instance(
        os.environ.get(INSTANCE_PATH, ""),
        checkout=Path(root) if is_checkout else None,
        flask_folder=Path(prefix, "var", "flaskr-instance") if prefix else Path(root, "instance"),
        user_folder=user_folder(),
        by_flaskr=command_prefix() == "flaskr",
    )


def command_prefix() -> str:
    """Return the start of a command line that uses the same instance folder."""
    context = click.get_current_context(silent=True)
    is_flaskr = context is not None and context.find_root().command.name == "flaskr"
    return "flaskr" if is_flaskr else "flask --app flaskr"


def user_folder() -> Path | None:
    """Return the platform's folder for user data, if the user has a home folder."""
    try:
        path = platformdirs.user_data_path("flaskr", appauthor=False)
    except RuntimeError:
        return None
    # Releases before 4.10 return a path that begins with "~" instead.
    return path if path.is_absolute() else None


def choose_instance(
    named: str,
    *,
    checkout: Path | None,
    flask_folder: Path,
    user_folder: Path | None,
    by_flaskr: bool,
) -> InstanceFolder:
    """Return the named folder, else one that contains a blog, else the folder for a new blog.

    `flask_folder` is Flask's default. With `by_flaskr`, for the command `flaskr`, a new blog is
    created in `user_folder`; `flask --app flaskr` and WSGI servers use Flask's default.
    """
    if named.strip():
        return InstanceFolder(Path(named).absolute())
    if checkout:
        folders = [checkout / "instance", flask_folder]
    else:
        folders = [flask_folder, *([user_folder] if user_folder else [])]
    blogs = [folder for folder in dict.fromkeys(folders) if holds_blog(folder)]
    if blogs:
        return InstanceFolder(blogs[0], tuple(_notices(blogs, flask_folder, checkout)))
    if checkout or not by_flaskr:
        return InstanceFolder(folders[0])
    if user_folder is None:
        raise click.ClickException(
            "There is no home folder for the blog's data. Choose a folder with --instance or"
            f" {INSTANCE_PATH}."
        )
    return InstanceFolder(user_folder)


def _notices(blogs: list[Path], flask_folder: Path, checkout: Path | None) -> list[str]:
    notices = []
    if blogs[0] == flask_folder and not (checkout and flask_folder == checkout / "instance"):
        notices.append(INSIDE_ENVIRONMENT_NOTICE)
    if len(blogs) > 1:
        used, other = map(click.format_filename, blogs)
        notices.append(
            f"There are two blogs: {used}, which is used, and {other}. Choose one with --instance"
            f" or {INSTANCE_PATH}, or delete the one you do not need."
        )
    return notices


def holds_blog(folder: Path) -> bool:
    """Return True if a folder contains a blog, and not an unfinished copy of one."""
    return _has_blog_files(folder) and unfinished_move(folder) is None


def unfinished_move(folder: Path) -> Path | None:
    """Return the source of an unfinished move to this folder, if it still exists."""
    try:
        source = Path(os.fsdecode(Path(folder, MOVE_MARKER).read_bytes()))
    except OSError:
        return None
    return source if _has_blog_files(source) else None


def _has_blog_files(folder: Path) -> bool:
    # SQLite leaves an empty file if a command opens a missing database. `exists` returns False in
    # folders that this process may not read.
    return any(
        os.path.exists(path) and path.stat().st_size for path in (folder / n for n in BLOG_FILES)
    )
