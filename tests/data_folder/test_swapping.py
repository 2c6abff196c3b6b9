import pytest

from flaskr.data_folder import locks
from flaskr.data_folder import swapping
from flaskr.data_folder.swapping import Move


@pytest.fixture
def moves(tmp_path):
    (tmp_path / "a").write_text("old a")
    (tmp_path / "only-old").write_text("old")
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "a").write_text("new a")
    (tmp_path / "new" / "b").write_text("new b")
    old = tmp_path / "old"
    return [
        Move(str(tmp_path / "a"), str(tmp_path / "new" / "a"), str(old / "a")),
        Move(str(tmp_path / "b"), str(tmp_path / "new" / "b"), str(old / "b")),
        Move(str(tmp_path / "only-old"), "", str(old / "only-old")),
        Move(str(tmp_path / "neither"), "", str(old / "neither")),
    ]


def files(folder):
    return {path.name: path.read_text() for path in folder.iterdir() if path.is_file()}


def test_files_are_replaced_and_the_old_ones_kept(tmp_path, moves):
    swapping.swap(tmp_path, moves)
    found = files(tmp_path)
    found.pop(locks.RESTORE_LOCK)
    assert found == {"a": "new a", "b": "new b"}
    assert files(tmp_path / "old") == {"a": "old a", "only-old": "old"}


def test_process_that_waited_for_another_does_nothing(tmp_path, moves, monkeypatch):
    (tmp_path / swapping.JOURNAL).write_text("[]")
    hold = locks.hold

    def finish_meanwhile(*arguments, **options):
        (tmp_path / swapping.JOURNAL).unlink()
        return hold(*arguments, **options)

    monkeypatch.setattr(swapping.locks, "hold", finish_meanwhile)
    swapping.finish(tmp_path)
    assert files(tmp_path)["a"] == "old a"
