"""Random valid and invalid calls of every operation, made from the OpenAPI document.

`API_EXAMPLES=200` makes more of them.
"""

import os
from contextlib import suppress

import pytest

schemathesis = pytest.importorskip("schemathesis")
from hypothesis import HealthCheck  # noqa: E402
from hypothesis import Phase  # noqa: E402
from hypothesis import given  # noqa: E402
from hypothesis import settings  # noqa: E402
from hypothesis.errors import Unsatisfiable  # noqa: E402
from schemathesis.checks import not_a_server_error  # noqa: E402
from schemathesis.specs.openapi import checks  # noqa: E402

EXAMPLES = int(os.environ.get("API_EXAMPLES", "2"))
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
]


def test_random_calls_are_answered_as_documented(app, owner, write):
    write("Sea", tags=["sea"], series="Sea")
    document = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    headers = {"Authorization": f"Bearer {owner.token}"}
    for result in document.get_all_operations():
        for mode in schemathesis.GenerationMode:
            call = make_call(result.ok(), mode, headers)
            # Nothing about an operation without parameters can be made wrong.
            with suppress(Unsatisfiable):
                call()


def make_call(operation, mode, headers):
    """Return a function that calls an operation with random cases, valid or not."""

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=EXAMPLES < 10,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def call(case):
        case.call_and_validate(headers=headers, checks=CHECKS)

    return call
