"""What the project says of itself is true."""

import re
import tarfile
from importlib.metadata import entry_points
from pathlib import Path

import click
import pytest
from flit_core import buildapi

import flaskr
from flaskr import config
from flaskr.cli import main

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "flaskr"
MODULES = sorted(PACKAGE.rglob("*.py"))
# The text that a person wrote, made safe by text.py.
SAFE = r"(rendered|excerpt)\b.*"


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def commands(group, words=""):
    """Every command in the group, under the words that call it."""
    for name, command in group.items():
        if isinstance(command, click.Group):
            yield from commands(command.commands, f"{words}{name} ")
        else:
            yield f"{words}{name}", command


@pytest.mark.parametrize("name", config.default_values())
def test_every_setting_stands_in_the_readme(name):
    assert f"`{name}`" in read("README.md")


def test_every_command_and_option_stands_in_the_readme_and_says_what_it_does(app):
    # Other packages may bring commands of theirs.
    foreign = {plugin.name for plugin in entry_points(group="flask.commands")}
    ours = {name: main.commands[name] for name in main.commands.keys() - foreign}
    for name, command in commands({**ours, **app.cli.commands}):
        assert f"`flaskr {name}" in read("README.md"), name
        assert command.get_short_help_str(), name


def test_the_readme_names_no_setting_that_is_none():
    rows = re.findall(r"^\| `([A-Z_]+)`", read("README.md"), re.MULTILINE)
    assert set(rows) - {config.INSTANCE_PATH} <= set(config.default_values())


def test_only_the_database_module_commits():
    others = [path for path in MODULES if path.parent.name != "db"]
    assert [path for path in others if re.search(r"\.(commit|rollback)\(", path.read_text())] == []


def test_no_view_or_template_tests_a_role():
    # Commands name roles to give them to people.
    views = [path for path in MODULES if path.parent.name != "models" and path.parent.name != "cli"]
    role = re.compile(r"""\[['"]role['"]\]|['"]owner['"]""")
    for path in [*views, *PACKAGE.glob("templates/**/*.html")]:
        assert not role.search(path.read_text(encoding="utf-8")), path


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_module_is_longer_than_one_can_read(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


def test_templates_trust_only_the_text_that_was_made_safe():
    for path in PACKAGE.rglob("*.html"):
        for trusted in re.findall(r"\{\{\s*\(?(.*?)\|\s*safe\b", path.read_text(encoding="utf-8")):
            assert re.match(SAFE, trusted), path


def test_nothing_inline_is_allowed_or_used():
    for path in (*MODULES, *PACKAGE.rglob("*.html")):
        source = path.read_text(encoding="utf-8")
        assert "unsafe-inline" not in source, path
        if path.suffix == ".html":
            assert not re.search(
                r"<style|\sstyle=|\son[a-z]+=|<script(?! src=| type=\"application/ld\+json\")",
                source,
            ), path


def test_the_version_is_the_newest_in_the_changelog():
    newest = re.search(r"^## (?!Unreleased)\[?v?([^\s\],]+)", read("CHANGELOG.md"), re.MULTILINE)
    assert re.fullmatch(r"\d+(\.\d+)*((a|b|rc)\d+)?(\.post\d+)?(\.dev\d+)?", newest[1])
    assert flaskr.__version__ == newest[1]


def packed(tmp_path):
    """The files in the source package, as it is built."""
    with tarfile.open(tmp_path / buildapi.build_sdist(str(tmp_path))) as archive:
        return {name.partition("/")[2] for name in archive.getnames()}


def manifest():
    """The files that MANIFEST.in takes in, as setuptools reads it."""
    for verb, *words in map(str.split, read("MANIFEST.in").splitlines()):
        if verb == "include":
            yield from words
        elif verb == "recursive-include":
            folder, *patterns = words
            found = (path for pattern in patterns for path in (ROOT / folder).rglob(pattern))
            yield from (str(path.relative_to(ROOT)) for path in found if path.is_file())


def test_the_source_package_holds_what_the_manifest_names(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    named = {name for name in manifest() if not re.search(r"/(__pycache__|screenshots)/", name)}
    # The package's own modules and what Python asks for go without saying.
    unsaid = {"PKG-INFO", "pyproject.toml"}
    held = packed(tmp_path)
    assert named <= held
    assert {n for n in held - named - unsaid if not re.fullmatch(r"flaskr/.*\.py", n)} == set()
