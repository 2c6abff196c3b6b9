"""What the project says about itself is true."""

import re
import tarfile
import tomllib
from importlib.metadata import entry_points
from pathlib import Path
from urllib.parse import unquote
from urllib.parse import urlsplit

import click
import pytest
from flit_core import buildapi

import flaskr
from flaskr import config
from flaskr.cli import main
from flaskr.models import settings

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "flaskr"
MODULES = sorted(PACKAGE.rglob("*.py"))
DOCUMENTS = sorted(
    str(path.relative_to(ROOT))
    for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("tests/**/README.md")]
)
# SQL that only SQLite understands. The modules named below have a reason for it: full-text search,
# triggers, copies of database files.
ONLY_SQLITE = (
    r"IS (NOT )?(\?|excluded)|INSERT OR|GLOB|COLLATE|CROSS JOIN|rowid|lastrowid|hits = hits",
    r"(json_\w+|instr|strftime|printf|group_concat|changes|randomblob|hex)\(",
    r"(CASE WHEN|OR) \?(?! =)",
    r"IN \(\{.*\"\?\"",
)
USES_SQLITE = r"/(search\w*|spelling|stems|listed_dates|consistency|backup_contents)\.py$"
# Text that a person wrote and that has been sanitized.
SANITIZED = r"(rendered|excerpt)\b.*"


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def table_rows(document):
    """Return the cells of each row that begins with a setting."""
    rows = re.findall(r"^\| (`[A-Z_]+` \|.*) \|$", read(document), re.MULTILINE)
    return [[cell.strip(" `") for cell in row.split(" | ")] for row in rows]


def find_commands(group, prefix=""):
    """Yield every command in the group with its full name."""
    for name, command in group.items():
        if isinstance(command, click.Group):
            yield from find_commands(command.commands, f"{prefix}{name} ")
        else:
            yield f"{prefix}{name}", command


@pytest.fixture
def commands(app):
    # Other packages may register commands of their own.
    foreign = {plugin.name for plugin in entry_points(group="flask.commands")}
    own = {name: main.commands[name] for name in main.commands.keys() - foreign}
    return dict(find_commands({**own, **app.cli.commands}))


def find_options(commands):
    """Return the options of flaskr's own commands, not those of Flask's."""
    own = [command for name, command in commands.items() if name not in ("run", "routes", "shell")]
    return {
        name
        for command in [*own, main]
        for option in command.params
        if isinstance(option, click.Option)
        for name in [*option.opts, *option.secondary_opts]
        if name.startswith("--")
    }


def test_documentation_lists_settings_in_the_order_of_the_defaults():
    assert [row[0] for row in table_rows("docs/settings.md")] == [*config.default_values()]


def test_documentation_tells_which_settings_can_be_changed_in_the_browser():
    in_browser = {row[0] for row in table_rows("docs/settings.md") if row[2] == "yes"}
    assert in_browser == set(settings.CHECKS)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_document_names_no_unknown_setting(document):
    rows = {row[0] for row in table_rows(document)}
    # Variables that flaskr ignores are explained where settings are.
    variables = re.findall(r"FLASKR_([A-Z_]+)\b(?!_)", read(document))
    ignored = {"SERVICE_HOST", "PORT"} if document == "docs/settings.md" else set()
    assert rows | set(variables) <= {*config.default_values(), "INSTANCE_PATH"} | ignored


def test_every_command_is_documented_and_has_a_help_text(commands):
    for name, command in commands.items():
        assert f"| `flaskr {name}" in read("docs/commands.md"), name
        assert command.get_short_help_str(), name


def test_documentation_lists_exactly_the_options_that_exist(commands):
    documented = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", read("docs/commands.md")))
    # Flask documents its own options.
    assert documented - {"--app", "--help"} == find_options(commands) - {
        "--app", "--debug", "--no-debug", "--env-file", "--help"
    }  # fmt: skip


@pytest.mark.parametrize("document", DOCUMENTS)
def test_document_names_no_unknown_command(document, commands):
    groups = {name.partition(" ")[0] for name in commands if " " in name}
    code = "\n".join(re.findall(r"```.*?```|`[^`\n]+`", read(document), re.DOTALL))
    used = re.findall(r"\bflaskr ([a-z][a-z-]*)(?: ([a-z]+))?", code)
    for name, subcommand in used:
        is_group = name in groups and not subcommand
        full_name = f"{name} {subcommand}" if name in groups else name
        assert is_group or full_name in commands, full_name


@pytest.mark.parametrize(("document", "lines"), (("README.md", 120), ("docs/architecture.md", 80)))
def test_document_is_short(document, lines):
    assert len(read(document).splitlines()) <= lines


def find_links(markdown):
    """Return the targets of all links and images outside code blocks."""
    text = re.sub(r"^ *```.*?^ *```", "", markdown, flags=re.DOTALL | re.MULTILINE)
    links = re.findall(r"\]\(([^)\s]+)\)", text)
    return [*links, *re.findall(r'(?:src|srcset|href)="([^"]+)"', text)]


def find_anchors(markdown):
    """Return the anchors that GitHub gives to the headings."""
    text = re.sub(r"^ *```.*?^ *```", "", markdown, flags=re.DOTALL | re.MULTILINE)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_relative_links_lead_to_files_and_headings(document):
    for link in find_links(read(document)):
        url = urlsplit(link)
        if url.scheme:
            continue
        target = (ROOT / document).parent / unquote(url.path) if url.path else ROOT / document
        assert target.exists(), link
        assert not url.fragment or url.fragment in find_anchors(target.read_text("utf-8")), link


@pytest.mark.parametrize("document", DOCUMENTS)
def test_files_that_a_document_names_exist(document):
    folders = r"(?:flaskr|tests|docs|\.ci)/"
    named = re.findall(rf"(?:`|python |pytest ){folders}?({folders}[\w./-]+)", read(document))
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_architecture_names_every_package_and_module():
    contracts = tomllib.loads(read("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    layers = re.findall(r"\w+", " ".join(contracts[0]["layers"]))
    diagram = read("docs/architecture.md").split("```")[1]
    assert set(layers) <= set(re.findall(r"\w+", diagram))


def test_readme_gives_a_reason_for_every_dependency():
    project = tomllib.loads(read("pyproject.toml"))["project"]
    extras = project["optional-dependencies"]
    required = [*project["dependencies"], *extras["brotli"], *extras["cluster"]]
    names = {re.match(r"[a-z0-9-]+", requirement)[0] for requirement in required}
    table = read("README.md").lower().partition("## dependencies")[2]
    explained = re.findall(r"^\| (.+?) \| \w", table, re.MULTILINE)
    assert names <= set(re.findall(r"[a-z0-9-]+", " ".join(explained)))


def test_screenshots_are_small():
    screenshots = [*ROOT.glob("docs/screenshots/*.png")]
    assert len(screenshots) == 4
    assert sum(path.stat().st_size for path in screenshots) < 600_000


def test_only_the_database_module_commits():
    others = [path for path in MODULES if path.parent.name != "db"]
    assert [path for path in others if re.search(r"\.(commit|rollback)\(", path.read_text())] == []


def test_sql_of_rules_is_the_subset_that_postgresql_shares():
    special = re.compile("|".join(rf"\b({words})" for words in ONLY_SQLITE))
    rules = [path for path in MODULES if path.parent.name == "models"]
    found = {path for path in rules if special.search(path.read_text(encoding="utf-8"))}
    assert {path for path in found if not re.search(USES_SQLITE, path.as_posix())} == set()
    assert found != set()


def test_views_and_templates_check_no_role():
    # Commands name roles in order to assign them.
    views = [path for path in MODULES if path.parent.name != "models" and path.parent.name != "cli"]
    role = re.compile(r"""\[['"]role['"]\]|['"]owner['"]""")
    for path in [*views, *PACKAGE.glob("templates/**/*.html")]:
        assert not role.search(path.read_text(encoding="utf-8")), path


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_module_has_at_most_400_lines(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


def test_templates_mark_only_sanitized_text_as_safe():
    for path in PACKAGE.rglob("*.html"):
        for trusted in re.findall(r"\{\{\s*\(?(.*?)\|\s*safe\b", path.read_text(encoding="utf-8")):
            assert re.match(SANITIZED, trusted), path


def test_inline_scripts_and_styles_are_neither_allowed_nor_used():
    for path in (*MODULES, *PACKAGE.rglob("*.html")):
        source = path.read_text(encoding="utf-8")
        assert "unsafe-inline" not in source, path
        if path.suffix == ".html":
            assert not re.search(
                r"<style|\sstyle=|\son[a-z]+=|<script(?! src=| type=\"application/ld\+json\")",
                source,
            ), path


def test_version_is_the_newest_in_the_changelog():
    newest = re.search(r"^## (?!Unreleased)\[?v?([^\s\],]+)", read("CHANGELOG.md"), re.MULTILINE)
    assert re.fullmatch(r"\d+(\.\d+)*((a|b|rc)\d+)?(\.post\d+)?(\.dev\d+)?", newest[1])
    assert flaskr.__version__ == newest[1]


def build_source_package(tmp_path):
    """Build the source package and return the names of its files."""
    with tarfile.open(tmp_path / buildapi.build_sdist(str(tmp_path))) as archive:
        return {name.partition("/")[2] for name in archive.getnames()}


def find_manifest_files():
    """Yield the files that MANIFEST.in includes, as setuptools reads it."""
    for verb, *words in map(str.split, read("MANIFEST.in").splitlines()):
        if verb == "include":
            yield from words
        elif verb == "recursive-include":
            folder, *patterns = words
            found = (path for pattern in patterns for path in (ROOT / folder).rglob(pattern))
            yield from (str(path.relative_to(ROOT)) for path in found if path.is_file())


def test_source_package_contains_the_files_of_the_manifest(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    named = {
        name
        for name in find_manifest_files()
        if not re.search(r"/__pycache__/|^tests/browser/screenshots/", name)
    }
    # Python's packaging tools include these and the package's modules anyway.
    implied = {"PKG-INFO", "pyproject.toml"}
    held = build_source_package(tmp_path)
    assert named <= held
    assert {n for n in held - named - implied if not re.fullmatch(r"flaskr/.*\.py", n)} == set()
