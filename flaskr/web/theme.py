"""Overrides: the owner's templates and static files, in the instance folder.

The built-in template replaces a broken override, and the owner sees a notice with the error.
"""

import traceback
from functools import cached_property
from pathlib import Path
from typing import Any

from flask import Flask
from flask import Response
from flask import current_app
from flask import g
from flask import send_from_directory
from flask.templating import Environment
from jinja2 import ChoiceLoader
from jinja2 import FileSystemLoader
from jinja2 import PrefixLoader
from jinja2 import StrictUndefined
from jinja2 import Template
from jinja2 import TemplateNotFound
from jinja2 import TemplateSyntaxError
from jinja2 import Undefined
from werkzeug.exceptions import NotFound

# With this prefix, an override can extend the built-in template of the same name.
BUILTIN_PREFIX = "flaskr"
BROKEN_OVERRIDES = "flaskr.overrides"
MAX_LOGGED_MESSAGES = 100


class FallbackTemplate(Template):
    """A template that may be an override or include one."""

    environment: "ThemeEnvironment"

    def render(self, *args: Any, **kwargs: Any) -> str:
        """Render the page, using only built-in templates if an override fails."""
        try:
            return super().render(*args, **kwargs)
        except Exception as error:
            builtin = self.environment.builtin.get_template(self.name or "")
            message = _set_notice(self.name or "", error)
            try:
                page = builtin.render(*args, **kwargs)
            except Exception:
                # The override is not to blame.
                g.pop("template_problem")
                raise
            _log(message)
            return page


class ThemeEnvironment(Environment):
    """Loads overrides, then built-in templates."""

    template_class = FallbackTemplate

    def __init__(self, app: Flask, **options: Any) -> None:
        self.builtin_loader = app.create_global_jinja_loader()
        overrides = FileSystemLoader(folder(app, "templates"))
        prefixed = PrefixLoader({BUILTIN_PREFIX: self.builtin_loader})
        # Without this, a misspelled variable would silently render as nothing.
        options["undefined"] = StrictUndefined
        options["loader"] = ChoiceLoader([overrides, prefixed, self.builtin_loader])
        super().__init__(app, **options)

    @cached_property
    def builtin(self) -> "ThemeEnvironment":
        """The same environment without overrides."""
        builtin: ThemeEnvironment = self.overlay(loader=self.builtin_loader, undefined=Undefined)
        builtin.template_class = Template
        return builtin

    def get_template(self, name: Any, parent: str | None = None, globals: Any = None) -> Template:
        """Return a template, or the built-in one if the override cannot be compiled."""
        try:
            return super().get_template(name, parent, globals)
        except Exception as error:
            # An included template fails with the page, in `FallbackTemplate.render`.
            if self.overlayed or parent is not None:
                raise
            template = self.builtin.get_template(name, parent, globals)
            _log(_set_notice(name, error))
            return template


def folder(app: Flask, name: str) -> Path:
    """Return the path of the folder `templates` or `static`, which need not exist."""
    return Path(app.instance_path, name)


def has_templates(app: Flask) -> bool:
    """Return True if there is a folder for overrides."""
    return folder(app, "templates").is_dir()


def _set_notice(name: str, error: Exception) -> str:
    """Show the owner a notice about a broken override, and return its text."""
    g.template_problem = (
        f"One of your templates is broken, so the built-in page is shown. {_describe(name, error)}"
    )
    return str(g.template_problem)


def _describe(name: str, error: Exception) -> str:
    file, line = _locate(error)
    where = f"{file or name}, line {line}" if line else name
    if isinstance(error, TemplateNotFound):
        return f"{where}: there is no template {error.name}."
    if isinstance(error, TemplateSyntaxError):
        return f"{where}: {error.message}"
    return f"{where}: {type(error).__name__}: {error}"


def _locate(error: Exception) -> tuple[str, int | None]:
    """Return the innermost override that raised the error, and the line in it."""
    overrides = folder(current_app, "templates")
    if isinstance(error, TemplateSyntaxError):
        return _relative_name(overrides, error.filename or ""), error.lineno
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if name := _relative_name(overrides, frame.filename):
            return name, frame.lineno
    return "", None


def _relative_name(folder: Path, file: str) -> str:
    path = Path(file)
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else ""


def _log(message: str) -> None:
    """Log a message the first time."""
    logged: list[str] = current_app.extensions[BROKEN_OVERRIDES]
    if message not in logged and len(logged) < MAX_LOGGED_MESSAGES:
        logged.append(message)
        current_app.logger.error("%s", message)


def send_static(filename: str) -> Response:
    """Send the owner's static file, or the built-in one of that name."""
    overrides = folder(current_app, "static")
    try:
        return send_from_directory(
            overrides, filename, max_age=current_app.get_send_file_max_age(filename)
        )
    except NotFound:
        pass
    except OSError as error:
        _log(f"Your file static/{filename} cannot be read: {error.strerror}.")
    return current_app.send_static_file(filename)


def init_app(app: Flask) -> None:
    """Use the folders `templates` and `static` of the instance, if they exist."""
    app.extensions[BROKEN_OVERRIDES] = []
    if has_templates(app):
        app.jinja_environment = ThemeEnvironment  # type: ignore[assignment]
    if folder(app, "static").is_dir():
        app.view_functions["static"] = send_static
