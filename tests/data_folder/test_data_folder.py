import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import flaskr
from flaskr import cli
from flaskr import create_app
from flaskr import data_folder
from flaskr.data_folder import notices


@pytest.fixture
def folders(tmp_path):
    """Return the folders of an installed package, which do not exist."""
    return {
        "checkout": None,
        "flask_folder": tmp_path / "prefix" / "var" / "flaskr-instance",
        "user_folder": tmp_path / "home" / "flaskr",
    }


@pytest.fixture
def checkout(tmp_path, folders):
    """Return the folders of a checkout, which Flask recognizes."""
    root = tmp_path / "checkout"
    return folders | {"checkout": root, "flask_folder": root / "instance"}


def begin_blog(folder, sign="flaskr.sqlite"):
    folder.mkdir(parents=True)
    (folder / sign).write_bytes(b"something")
    return folder


@pytest.mark.parametrize("by_flaskr", (True, False))
def test_named_folder_is_always_used(folders, tmp_path, by_flaskr):
    begin_blog(folders["flask_folder"])
    named = str(tmp_path / "named")
    assert data_folder.choose_instance(named, by_flaskr=by_flaskr, **folders) == (Path(named), ())


def test_relative_name_is_made_absolute(folders, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert (
        data_folder.choose_instance("blog", by_flaskr=True, **folders).folder == tmp_path / "blog"
    )


@pytest.mark.parametrize("name", ("", "  "))
def test_empty_name_is_ignored(folders, name):
    assert (
        data_folder.choose_instance(name, by_flaskr=True, **folders).folder
        == folders["user_folder"]
    )


@pytest.mark.parametrize(("by_flaskr", "place"), ((True, "user_folder"), (False, "flask_folder")))
def test_new_blog_is_created_in_the_default_folder(folders, by_flaskr, place):
    assert data_folder.choose_instance("", by_flaskr=by_flaskr, **folders) == (folders[place], ())


@pytest.mark.parametrize("by_flaskr", (True, False))
@pytest.mark.parametrize("sign", ("flaskr.sqlite", "config.py", "media"))
def test_every_command_finds_the_existing_blog(folders, by_flaskr, sign):
    blog = begin_blog(folders["user_folder"], sign)
    assert data_folder.choose_instance("", by_flaskr=by_flaskr, **folders) == (blog, ())


@pytest.mark.parametrize("by_flaskr", (True, False))
def test_blog_inside_the_environment_is_used_with_a_warning(folders, by_flaskr):
    blog = begin_blog(folders["flask_folder"])
    place = data_folder.choose_instance("", by_flaskr=by_flaskr, **folders)
    assert place == (blog, (data_folder.INSIDE_ENVIRONMENT_NOTICE,))
    assert "flaskr move-instance" in data_folder.INSIDE_ENVIRONMENT_NOTICE


def test_warning_names_both_of_two_blogs(folders):
    first, second = begin_blog(folders["flask_folder"]), begin_blog(folders["user_folder"])
    place = data_folder.choose_instance("", by_flaskr=True, **folders)
    assert place.folder == first
    assert f"There are two blogs: {first}, which is used, and {second}." in place.notices[1]
    assert "--instance" in place.notices[1]


@pytest.mark.parametrize("by_flaskr", (True, False))
def test_checkout_uses_its_own_blog(checkout, by_flaskr):
    begin_blog(checkout["user_folder"])
    place = data_folder.choose_instance("", by_flaskr=by_flaskr, **checkout)
    assert place == (checkout["checkout"] / "instance", ())
    begin_blog(place.folder)
    assert data_folder.choose_instance("", by_flaskr=by_flaskr, **checkout) == place


def test_checkout_in_an_environment_finds_the_blog_of_flask(checkout, tmp_path):
    checkout["flask_folder"] = tmp_path / "checkout" / "var" / "flaskr-instance"
    assert data_folder.choose_instance("", by_flaskr=True, **checkout).folder.name == "instance"
    blog = begin_blog(checkout["flask_folder"])
    assert data_folder.choose_instance("", by_flaskr=True, **checkout) == (
        blog,
        (data_folder.INSIDE_ENVIRONMENT_NOTICE,),
    )


def test_new_blog_without_a_home_folder_needs_a_named_folder(folders):
    folders["user_folder"] = None
    with pytest.raises(click.ClickException, match="Choose a folder with --instance"):
        data_folder.choose_instance("", by_flaskr=True, **folders)
    assert (
        data_folder.choose_instance("", by_flaskr=False, **folders).folder
        == folders["flask_folder"]
    )
    begin_blog(folders["flask_folder"])
    assert (
        data_folder.choose_instance("", by_flaskr=True, **folders).folder == folders["flask_folder"]
    )


@pytest.mark.parametrize("name", ("secret_key", "notes.txt"))
def test_folder_without_a_database_is_not_a_blog(tmp_path, name):
    begin_blog(tmp_path / "folder", name)
    (tmp_path / "folder" / "flaskr.sqlite").touch()
    assert not data_folder.holds_blog(tmp_path / "folder")


@pytest.mark.skipif(os.name != "posix", reason="Only POSIX has XDG_DATA_HOME.")
def test_user_folder_is_the_one_of_the_platform(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert data_folder.user_folder().is_relative_to(Path(tmp_path).anchor)
    assert data_folder.user_folder().name == "flaskr"


@pytest.mark.parametrize("path", (Path("~/.local/share/flaskr"), None))
def test_unknown_home_folder(monkeypatch, path):
    def find(*_, **__):
        if path is None:
            raise RuntimeError("could not determine the home directory")
        return path

    monkeypatch.setattr(data_folder.platformdirs, "user_data_path", find)
    assert data_folder.user_folder() is None


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="Only root can be another user."
)
def test_user_without_home_has_no_user_folder():
    program = "import os; from flaskr.data_folder import *; os.setuid(54321); print(user_folder())"
    environment = {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603  # ours
    assert done.stdout == "None\n", done.stderr


def test_this_checkout_is_recognized(monkeypatch):
    monkeypatch.delenv(data_folder.INSTANCE_PATH)
    root = Path(flaskr.__file__).parents[1]
    assert data_folder.find_instance().folder in (
        root / "instance",
        root / "var" / "flaskr-instance",
    )


def leaves(group, words=()):
    for name, command in group.items():
        if isinstance(command, click.Group):
            yield from leaves(command.commands, (*words, name))
        else:
            yield (*words, name), command


def argument(parameter, path):
    if parameter.type is click.INT:
        return "1"
    choices = getattr(parameter.type, "choices", None)
    return choices[0] if choices else str(path)


def test_commands_print_the_folder_of_the_blog(instance_path, tmp_path):
    silent = ["move-instance"]
    app = create_app({"TESTING": True})
    for words, command in leaves(app.cli.commands):
        arguments = [argument(p, tmp_path) for p in command.params if isinstance(p, click.Argument)]
        for option in command.params:
            if isinstance(option, click.Option) and option.required:
                arguments += [option.opts[0], argument(option, tmp_path)]
        if words[0] == "serve":
            # This address cannot be bound, so the server stops at once.
            arguments = ["--host", "192.0.2.1"]
        result = CliRunner().invoke(cli.main, [*words, *arguments], input="x\nx\n")
        said = f"Blog: {instance_path}\n" in result.stderr
        assert said or words[0] in silent, (words, result.output)
        assert not isinstance(result.exception, OSError)


def test_help_lists_all_commands_and_writes_no_files(instance_path):
    result = CliRunner().invoke(cli.main, ["--help"])
    assert not instance_path.exists()
    assert [name for name in create_app().cli.commands if name not in result.output] == []


def test_empty_option_is_rejected(instance_path):
    result = CliRunner().invoke(cli.main, ["--instance", "", "init-db"])
    assert (result.exit_code, "The folder's name is missing." in result.output) == (2, True)
    assert not instance_path.exists()


def test_nothing_is_printed_in_tests(runner):
    assert runner.invoke(args=["init-db"]).output == "Initialized the database.\n"


def test_notices_are_logged_on_a_wsgi_server(monkeypatch, caplog):
    monkeypatch.setenv("FLASKR_NONSENSE", "1")
    create_app()
    assert "FLASKR_NONSENSE is not a setting" in caplog.text


def test_command_prints_notices_and_workers_do_not_log_them(monkeypatch, caplog):
    monkeypatch.setenv("FLASKR_NONSENSE", "1")
    result = CliRunner().invoke(cli.main, ["init-db"])
    warning = "Warning: The environment variable FLASKR_NONSENSE is not a setting"
    assert result.stderr.count(warning) == 1
    assert os.environ[notices.PRINTED]
    create_app()
    assert caplog.text == ""


def test_flask_run_prints_the_notices(monkeypatch, instance_path):
    monkeypatch.setattr("flask.cli.run_simple", lambda *_, **__: None, raising=False)
    monkeypatch.setattr("werkzeug.serving.run_simple", lambda *_, **__: None)
    result = CliRunner().invoke(cli.main, ["run"])
    assert result.stderr.startswith(f"Blog: {instance_path}\n")


def test_output_may_be_redirected(monkeypatch):
    output = StringIO()
    monkeypatch.setattr(sys, "stdout", output)
    cli.main(["init-db"], standalone_mode=False)
    assert output.getvalue().startswith("Initialized the database.\n")


@pytest.mark.parametrize("encoding", ("ascii", "latin-1", "cp1252", "utf-8"))
def test_names_are_printed_in_any_encoding(instance_path, encoding):
    command = [sys.executable, "-m", "flask", "--app", "flaskr"]
    environment = os.environ | {"PYTHONIOENCODING": encoding}
    add = ["init-db"], ["user", "add", "日本é", "--password", "a long password"], ["user", "list"]
    for arguments in add:
        done = subprocess.run(  # noqa: S603  # ours
            [*command, *arguments], env=environment, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr
    assert b"(author, 0 posts)" in done.stdout
