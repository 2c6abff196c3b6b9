import sys

import pytest

from flaskr.data_folder import child_processes
from flaskr.importers.sites import Site
from flaskr.site_import import media_files
from flaskr.site_import.media_files import MediaFiles


@pytest.fixture
def pictures(tmp_path, draw, empty_app):
    paths = []
    for number in range(7):
        (tmp_path / f"{number}.png").write_bytes(draw(size=(9 + number, 9)))
        paths.append(str(tmp_path / f"{number}.png"))
    with empty_app.app_context():
        yield paths


def add(paths, root, **options):
    seen = []
    files = MediaFiles(Site(root, None), 10**6, **options)
    files.add_all(dict.fromkeys(paths, "A"), lambda done, total: seen.append((done, total)))
    return files, seen


def test_pictures_are_prepared_by_several_processes(pictures, tmp_path, monkeypatch):
    monkeypatch.setattr(media_files, "MIN_POOLED_FILES", 1)
    files, seen = add(pictures, tmp_path, dry_run=False, processes=2)
    assert list(files.urls) == pictures
    assert seen[-1] == (7, 7)
    assert len(set(files.urls.values())) == 7


def test_dry_run_checks_files_and_stores_none(pictures, tmp_path, instance_path):
    (tmp_path / "0.png").write_bytes(b"no picture")
    files, _ = add(pictures, tmp_path, dry_run=True)
    assert list(files.problems.values()) == ["It is not an image that browsers can show."]
    assert (len(files.urls), files.pictures) == (6, 6)
    assert not (instance_path / "media").exists()


def test_vanished_file_is_a_problem(tmp_path):
    found = media_files.prepare(str(tmp_path / "gone.png"), 10, only_check=True)
    assert found == "No such file or directory."


def test_a_process_that_dies_leaves_the_rest_to_this_one(pictures, tmp_path, monkeypatch):
    monkeypatch.setattr(media_files, "MIN_POOLED_FILES", 1)
    monkeypatch.setattr(child_processes, "start_process", sys.exit)
    files, seen = add(pictures, tmp_path, dry_run=True, processes=2)
    assert (list(files.urls), seen[-1]) == (pictures, (7, 7))
