import sys
from datetime import UTC

import pytest

from flaskr.data_folder import child_processes
from flaskr.importers.sites import Site
from flaskr.site_import import reading


@pytest.fixture
def names(tmp_path):
    for number in range(5):
        (tmp_path / f"{number}.md").write_text(f"# Post {number}\n\nText.", encoding="utf-8")
    (tmp_path / "5.md").write_bytes(b"\0")
    return sorted(map(str, tmp_path.iterdir()))


@pytest.fixture
def site(tmp_path):
    return Site(tmp_path, UTC)


def test_files_are_read_by_several_processes_in_their_order(names, site, monkeypatch):
    monkeypatch.setattr(reading, "MIN_POOLED_FILES", 1)
    monkeypatch.setattr(reading, "FILES_PER_TASK", 2)
    files = list(reading.read_all(names, site, 2))
    assert files[:5] == list(reading.read_all(names[:5], site))
    assert [file.name for file in files] == names
    assert [file.post["title"] for file in files[:5]] == [f"Post {number}" for number in range(5)]
    assert "NUL" in files[5].error.message


def test_a_process_that_dies_leaves_the_rest_to_this_one(names, site, monkeypatch):
    monkeypatch.setattr(reading, "MIN_POOLED_FILES", 1)
    monkeypatch.setattr(child_processes, "start_process", sys.exit)
    assert [file.name for file in reading.read_all(names, site, 2)] == names


def test_unforeseen_error_stops_only_its_file(names, site, monkeypatch, caplog):
    monkeypatch.setattr(reading.documents, "parse", lambda *_: 1 / 0)
    assert "The log says why." in reading.read(site, names[0]).error.message
    assert "ZeroDivisionError" in caplog.text
