import shutil

from tests.postgresql import missing

from . import several_machines


def test_nothing_is_lost_or_stale_while_machines_fail(tmp_path_factory):
    if not shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin"):
        missing("nginx is not installed.")
    statuses = several_machines.run(
        tmp_path_factory.mktemp("machines"), machines=2, writers=2, readers=2, seconds=8
    )
    assert statuses["302 to a change"] > 0
    assert statuses["200 to a visitor"] > 0
