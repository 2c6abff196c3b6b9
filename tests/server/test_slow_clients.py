"""Test that visitors are answered while other clients stall.

`tests/reliability/slow_clients.py` measures this in detail.
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
def test_visitors_are_answered_while_other_clients_stall(port, kinds):
    with slow_clients.stalled(port, kinds, CLIENTS):
        for path in ("/", "/health", "/static/style.css", "/search?q=word") * 3:
            slow_clients.ask(port, path)
