"""Every reader is answered while others stall.

A little of what `tests/reliability/slow_clients.py` measures.
"""

import pytest

from ..reliability import slow_clients

CLIENTS = 60


@pytest.fixture(scope="module", params=("granian", "waitress"))
def port(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("slow")
    with slow_clients.blog(folder, "--server", request.param) as port:
        yield port


@pytest.mark.parametrize(
    "kinds", (*([kind] for kind in slow_clients.KINDS), [*slow_clients.KINDS]), ids=" ".join
)
def test_readers_are_answered_beside_clients_that_stall(port, kinds):
    with slow_clients.stalled(port, kinds, CLIENTS):
        for path in ("/", "/health", "/static/style.css", "/search?q=word") * 3:
            slow_clients.ask(port, path)
