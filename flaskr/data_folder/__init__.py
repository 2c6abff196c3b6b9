"""Choose the instance folder: the folder that holds the blog's data."""

import os
from pathlib import Path
from typing import NamedTuple

import click
import platformdirs
from flask.sansio.scaffold import find_package

INSTANCE_PATH = "FLASKR_INSTANCE_PATH"
# Any of these makes a folder a blog. A secret key alone does not: `--help` may have made it.
SIGNS = ("flaskr.sqlite", "config.py", "media")
# Names the old folder, from the first copied file until the old folder has been renamed.
MOVE_MARKER = "move-instance.unfinished"
INSIDE_ENVIRONMENT = (
    "This blog lies inside Python's environment and is deleted when that is reinstalled. Stop the"
    " blog and move it with: flaskr move-instance"
)


class InstanceFolder(NamedTuple):
    """An instance folder, and sentences about it for the person who runs the blog."""

    folder: Path
    notices: tuple[str, ...] = ()


def find_instance() -> InstanceFolder:
    """Return the instance folder for this process. Raises `ClickException` if there is none."""
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
    """Return the words before a command's name, which let it find the folder in use now."""
    context = click.get_current_context(silent=True)
    is_flaskr = context is not None and context.find_root().command.name == "flaskr"
    return "flaskr" if is_flaskr else "flask --app flaskr"


def user_folder() -> Path | None:
    """Return the platform's folder for a person's data, or None without a home folder."""
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
    """Return the named folder, else one that holds a blog, else the one for a new blog.

    `flask_folder` is Flask's own choice. `by_flaskr` tells the `flaskr` command, which begins new
    blogs in `user_folder`, from `flask --app flaskr` and WSGI servers, which use Flask's choice.
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
            "There is no home folder to keep the blog in. Name a folder for it with --instance or"
            f" {INSTANCE_PATH}."
        )
    return InstanceFolder(user_folder)


def _notices(blogs: list[Path], flask_folder: Path, checkout: Path | None) -> list[str]:
    notices = []
    if blogs[0] == flask_folder and not (checkout and flask_folder == checkout / "instance"):
        notices.append(INSIDE_ENVIRONMENT)
    if len(blogs) > 1:
        used, other = map(click.format_filename, blogs)
        notices.append(
            f"There are two blogs: {used}, which is used, and {other}. Choose one with --instance"
            f" or {INSTANCE_PATH}, or delete the one that you do not need."
        )
    return notices


def holds_blog(folder: Path) -> bool:
    """Return whether the folder holds a blog, and not an unfinished copy of one."""
    return _has_signs(folder) and unfinished_move(folder) is None


def unfinished_move(folder: Path) -> Path | None:
    """Return the folder whose blog was being moved to this one, as long as it is still there."""
    try:
        source = Path(os.fsdecode(Path(folder, MOVE_MARKER).read_bytes()))
    except OSError:
        return None
    return source if _has_signs(source) else None


def _has_signs(folder: Path) -> bool:
    # SQLite leaves an empty file where a command has looked for a database in vain. A folder that
    # nobody may look into holds no blog that could be used.
    return any(os.path.exists(path) and path.stat().st_size for path in (folder / n for n in SIGNS))
