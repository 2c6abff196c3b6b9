"""The owner's own templates and files, in the instance folder, before ours.

Where one of theirs is broken, ours takes its place, and the owner is told why.
"""

import traceback
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

from flask import Flask
from flask import Response
from flask import current_app
from flask import g
from flask import send_from_directory
from flask.templating import Environment
from jinja2 import BaseLoader
from jinja2 import ChoiceLoader
from jinja2 import FileSystemLoader
from jinja2 import PrefixLoader
from jinja2 import StrictUndefined
from jinja2 import Template
from jinja2 import TemplateNotFound
from jinja2 import TemplateSyntaxError
from jinja2 import Undefined
from werkzeug.exceptions import NotFound

from . import former_names

# Under this name a template of the owner's extends ours of the same name.
BUILTIN_PREFIX = "flaskr"
BROKEN_OVERRIDES = "flaskr.overrides"
Source = tuple[str, str | None, Callable[[], bool] | None]


class OverrideLoader(FileSystemLoader):
    """Load the owner's templates, also those that still have a former name."""

    def get_source(self, environment: Environment, template: str) -> Source:  # type: ignore[override]  # Flask's environment is one of Jinja's
        """Return the source of an override. Raises `TemplateNotFound`."""
        try:
            return super().get_source(environment, template)
        except TemplateNotFound:
            former = former_names.former_template(template)
            if former is None:
                raise
            source = super().get_source(environment, former)
        _log(f"The template {former} is now called {template}. Rename yours in the same way.")
        return source


class FormerNameLoader(BaseLoader):
    """Load the built-in templates by their former names."""

    def __init__(self, loader: BaseLoader) -> None:
        self.loader = loader

    def get_source(self, environment: Environment, template: str) -> Source:  # type: ignore[override]  # Flask's environment is one of Jinja's
        """Return the source of a built-in template. Raises `TemplateNotFound`."""
        return self.loader.get_source(environment, former_names.new_template(template))


class FallbackTemplate(Template):
    """A template that may be the owner's, or be made of parts that are."""

    environment: "ThemeEnvironment"

    def render(self, *args: Any, **kwargs: Any) -> str:
        """The page; where that fails and our own does not, our own."""
        try:
            return super().render(*args, **kwargs)
        except Exception as error:
            ours = self.environment.ours.get_template(self.name or "")
            sentence = _noted(self.name or "", error)
            try:
                page = ours.render(*args, **kwargs)
            except Exception:
                # It was no fault of the owner's, and goes on as any other.
                g.pop("template_problem")
                raise
            _log(sentence)
            return page


class ThemeEnvironment(Environment):
    """The owner's templates, then ours."""

    template_class = FallbackTemplate

    def __init__(self, app: Flask, **options: Any) -> None:
        self.our_loader = app.create_global_jinja_loader()
        theirs = OverrideLoader(folder(app, "templates"))
        # An override that was written for a former name extends and includes former names.
        ours = ChoiceLoader([self.our_loader, FormerNameLoader(self.our_loader)])
        under_our_name = PrefixLoader({BUILTIN_PREFIX: ours})
        # A misspelt name would be an empty place on the page, that nobody notices.
        options["undefined"] = StrictUndefined
        options["loader"] = ChoiceLoader([theirs, under_our_name, ours])
        super().__init__(app, **options)

    @cached_property
    def ours(self) -> "ThemeEnvironment":
        """The same environment without the owner's templates."""
        ours: ThemeEnvironment = self.overlay(loader=self.our_loader, undefined=Undefined)
        ours.template_class = Template
        return ours

    def get_template(self, name: Any, parent: str | None = None, globals: Any = None) -> Template:
        """The template of this name; ours, where the owner's cannot be read."""
        try:
            return super().get_template(name, parent, globals)
        except Exception as error:
            # What is a part of a page fails with the page.
            if self.overlayed or parent is not None:
                raise
            template = self.ours.get_template(name, parent, globals)
            _log(_noted(name, error))
            return template


def folder(app: Flask, name: str) -> Path:
    """The folder `templates` or `static` of the instance; there may be none."""
    return Path(app.instance_path, name)


def has_templates(app: Flask) -> bool:
    """Whether there may be templates of the owner's."""
    return folder(app, "templates").is_dir()


def _noted(name: str, error: Exception) -> str:
    """The sentence for the owner, who sees it on the page."""
    sentence = f"A template of your own is broken, so our page is shown. {_reason(name, error)}"
    g.template_problem = sentence
    return sentence


def _reason(name: str, error: Exception) -> str:
    file, line = _place(error)
    where = f"{file or name}, line {line}" if line else name
    if isinstance(error, TemplateNotFound):
        return f"{where}: there is no template {error.name}."
    if isinstance(error, TemplateSyntaxError):
        return f"{where}: {error.message}"
    return f"{where}: {type(error).__name__}: {error}"


def _place(error: Exception) -> tuple[str, int | None]:
    """The last of the owner's templates that the error came through, and the line there."""
    theirs = folder(current_app, "templates")
    if isinstance(error, TemplateSyntaxError):
        return _within(theirs, error.filename or ""), error.lineno
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if name := _within(theirs, frame.filename):
            return name, frame.lineno
    return "", None


def _within(folder: Path, file: str) -> str:
    path = Path(file)
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else ""


def _log(sentence: str) -> None:
    """Log what is broken, once: a page is asked for more often than it is mended."""
    known: list[str] = current_app.extensions[BROKEN_OVERRIDES]
    if sentence not in known and len(known) < 100:
        known.append(sentence)
        current_app.logger.error("%s", sentence)


def send_static(filename: str) -> Response:
    """A file of the owner's, or else ours."""
    theirs = folder(current_app, "static")
    try:
        return send_from_directory(
            theirs, filename, max_age=current_app.get_send_file_max_age(filename)
        )
    except NotFound:
        pass
    except OSError as error:
        _log(f"A file of your own cannot be read: static/{filename}: {error.strerror}.")
    return current_app.send_static_file(filename)


def init_app(app: Flask) -> None:
    """Take up the folders `templates` and `static` of the instance, where there are any."""
    app.extensions[BROKEN_OVERRIDES] = []
    if has_templates(app):
        app.url_build_error_handlers.append(former_names.build_former_url)
        app.jinja_environment = ThemeEnvironment  # type: ignore[assignment]
    if folder(app, "static").is_dir():
        app.view_functions["static"] = send_static
