"""People who write and read at once get no errors. `load.py` measures how long they wait."""

from . import load


def test_people_who_write_and_read_at_once_get_no_errors(tmp_path):
    result = load.run(tmp_path / "blog", writers=6, readers=6, seconds=2, pause=0.02, stalled=20)
    assert set(result.statuses) == {200, 302}
    assert result.statuses[302] > 0
