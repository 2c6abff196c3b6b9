"""Test that the secret key and the database are private, and that keys are complete."""

import os
import stat
import subprocess
import sys
import threading
import time

import click
import pytest

from flaskr import config
from flaskr import create_app
from flaskr.db import init_db


@pytest.fixture(params=(0o000, 0o002, 0o077))
def umask(request):
    """Use a umask that makes new files accessible to all users."""
    before = os.umask(request.param)
    yield
    os.umask(before)


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_key_and_database_are_private(umask, instance_path):
    with create_app().app_context():
        init_db()
    assert mode(instance_path) == 0o700
    assert {path.name: mode(path) for path in instance_path.iterdir()} == {
        path.name: 0o600 for path in instance_path.iterdir()
    }


def test_key_needs_no_hard_links(instance_path, monkeypatch):
    monkeypatch.delattr(os, "link")
    assert len(create_app().secret_key) == 32
    assert (instance_path / "secret_key").stat().st_nlink == 1


def test_key_written_by_another_process_is_awaited(instance_path):
    instance_path.mkdir()
    path = instance_path / "secret_key"
    path.touch()

    def write():
        time.sleep(0.1)
        path.write_bytes(b"k" * 32)

    writer = threading.Thread(target=write)
    writer.start()
    assert config.load_secret_key(str(instance_path)) == b"k" * 32
    writer.join()


@pytest.mark.parametrize("content", (b"", b"short", b"x" * 31))
def test_incomplete_key_is_not_used(instance_path, content):
    instance_path.mkdir()
    (instance_path / "secret_key").write_bytes(content)
    with pytest.raises(click.ClickException, match="is damaged. Delete it"):
        create_app()
    assert (instance_path / "secret_key").read_bytes() == content


def test_failed_key_write_leaves_no_file(instance_path, monkeypatch):
    def fail(descriptor):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail)
        with pytest.raises(click.ClickException, match="No space left on device"):
            create_app()
    assert os.listdir(instance_path) == []
    assert len(create_app().secret_key) == 32


def test_concurrent_processes_agree_on_the_key(instance_path):
    program = (
        "from flaskr import config; import sys; print(config.load_secret_key(sys.argv[1]).hex())"
    )
    instance_path.mkdir()
    processes = [
        subprocess.Popen(  # noqa: S603  # ours
            [sys.executable, "-c", program, str(instance_path)], stdout=subprocess.PIPE, text=True
        )
        for _ in range(8)
    ]
    keys = {process.communicate()[0] for process in processes}
    assert keys == {f"{(instance_path / 'secret_key').read_bytes().hex()}\n"}
    assert os.listdir(instance_path) == ["secret_key"]
