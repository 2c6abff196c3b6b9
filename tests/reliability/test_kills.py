"""Acknowledged actions survive a killed server. `KILLS` sets how often it is killed."""

import os

from . import kills

KILLS = int(os.environ.get("KILLS", "2"))


def test_no_acknowledged_action_is_lost(tmp_path):
    checked = kills.run(tmp_path / "blog", KILLS)
    assert checked["posts"] > 0
