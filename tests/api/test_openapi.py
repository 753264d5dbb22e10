"""The OpenAPI document against the server: no answer that is not documented, no 5xx, whatever is sent."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.app import build_app
from api.settings import Settings
from tests.support.log_world import enrolments, grown_log
from tests.support.served import served
from tests.support.spine import LOG_SIGNER

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@schemathesis.serializer("application/cose", "application/cbor-seq")
def raw(ctx: object, value: object) -> bytes:
    """Bodies of bytes are sent as they are."""
    return value if isinstance(value, bytes) else str(value).encode()


EXAMPLES = 10  # an operation


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = grown_log(tmp_path_factory.mktemp("openapi") / "log", [enrolments(9)])
    with served(build_app(Settings(log=folder), LOG_SIGNER)) as url:
        yield url


def test_every_answer_is_documented_whatever_is_sent(url: str) -> None:
    document = schemathesis.openapi.from_url(f"{url}/openapi.json")
    operations = [found.ok() for found in document.get_all_operations()]
    assert len(operations) > 10
    for operation in operations:

        @settings(max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, phases=[Phase.generate],
                  suppress_health_check=list(HealthCheck))  # fmt: skip
        @given(case=operation.as_strategy())
        def answers(case: schemathesis.Case) -> None:
            case.call_and_validate(checks=CHECKS)

        answers()
