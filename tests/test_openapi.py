"""Whatever the documents allow or forbid is asked of both APIs; the answers are as documented.

More of the same: BLAZZ_TEST_EXAMPLES=100 pytest tests/test_openapi.py.
"""

import os

import pytest
import schemathesis
from schemathesis import engine
from schemathesis.config import HealthCheck
from schemathesis.core.failures import ServerError
from schemathesis.engine import events
from schemathesis.openapi.checks import RejectedPositiveData

from tests.openapi_requests import command_requests, complete, read_requests
from tests.openapi_worlds import command_world, plausible, read_world

EXAMPLES = int(os.environ.get("BLAZZ_TEST_EXAMPLES", "4"))
UNSAID = {
    # of things as they are: versions, spent keys, positions, what a campaign names
    *("version_stale", "idempotency_key_reused", "invalid_cursor", "projection_behind", "unknown"),
    # of one value in the light of another
    *(
        "audience_unclear",
        "provider_unclear",
        "range_invalid",
        "search_unclear",
        "idempotency_key_missing",
    ),
    # of texts that a pattern cannot tell from others
    *("link_invalid", "instant_invalid", "private_link", "invalid_link"),
    # of what belongs to which kind of reply, and of who reads
    *("kind_unclear", "invalid_content", "invalid_media_type", "invalid_media_size", "user_needed"),
    # of how often one came, and of passwords
    *("too_many_requests", "password_weak", "password_long", "password_wrong"),
    # of the contents of a file
    *(
        "file_empty",
        "file_mislabelled",
        "phone_column_missing",
        "quote_open",
        "encoding",
        "row_too_long",
    ),
    *("column_name_invalid", "column_repeated", "column_unnamed", "too_many_columns"),
}
"""Codes of refusals that no schema can announce: a request may be as described and get one."""

UNSIGNED = {"POST /webhooks/whatsapp", "POST /webhooks/waha"}
"""Want a signature of the very bytes: tests/test_openapi_documents.py asks them properly."""

ENDLESS = "/v1/stream"
"""Its answer never ends: tests/test_live.py."""

WORLDS = {"commands": command_world, "reads": read_world}
REQUESTS = {"commands": command_requests, "reads": read_requests}


@pytest.fixture(params=WORLDS)
def api(request):
    return request.param


@pytest.fixture
def world(api, tmp_path):
    with WORLDS[api](tmp_path) as running:
        yield running


def test_a_request_in_order_succeeds_at_every_operation_as_documented(world, api):
    schema, requests = described(world), REQUESTS[api](world)
    operations = {found.ok().label: found.ok() for found in schema.get_all_operations()}
    assert requests.keys() == operations.keys() - UNSIGNED
    for label, request in requests.items():
        case = operations[label].Case(**complete(request, operations[label], world))
        answer = case.call_and_validate(headers={"Authorization": world.authorization})
        assert answer.status_code in (200, 201, 202), f"{label}: {answer.text}"


def test_every_request_is_answered_as_documented(world):
    schema, failures, asked = described(world), [], set()
    for event in engine.from_schema(schema).execute():
        if isinstance(event, events.NonFatalError | events.FatalError):
            failures.append(str(event))
        elif isinstance(event, events.ScenarioFinished):
            failures += failed(event.recorder)
            asked |= {node.value.operation.label for node in event.recorder.cases.values()}
    assert not failures, "\n\n".join(failures)
    assert asked == {found.ok().label for found in schema.get_all_operations()}


def described(world):
    """The document as the tool understands it, with what is particular to us."""
    config = schemathesis.Config(seed=1)
    # Headers nobody knows are most of what can be wrong with a small body: see filter_case.
    config.suppress_health_check = [HealthCheck.filter_too_much]
    schema = schemathesis.openapi.from_dict(closed(world.document), config=config)
    schema = schema.exclude(path=ENDLESS, method="GET")
    schema.config.update(base_url=world.url, headers={"Authorization": world.authorization})
    schema.config.generation.update(max_examples=EXAMPLES, deterministic=True)
    # Sequences are not made up: a deleted contact stays readable, and says that it is deleted.
    schema.config.phases.stateful.enabled = False
    checks = schema.config.checks
    checks.missing_required_header.expected_statuses.append("428")  # without If-Match
    checks.negative_data_rejection.expected_statuses.append("412")  # If-Match of the right form

    @schema.hook
    def filter_case(context, case):
        # Servers pass over headers they do not know. (Parameters of the query that nobody knows
        # are refused, which the tool does not insist on: tests/test_openapi_oddities.py does.)
        known = {parameter.name.lower() for parameter in context.operation.headers}
        return {name.lower() for name in case.headers} <= {*known, "authorization", "content-type"}

    @schema.hook
    def map_case(context, case):
        case.path_parameters = world.known(case.path_parameters, case.operation.label)
        plausible(case, world)
        if isinstance(case.body, dict):
            case.body = world.known(case.body, case.operation.label)
        return case

    @schema.hook
    def filter_failure(context, failure, case, response):
        refused = isinstance(failure, ServerError | RejectedPositiveData)
        return not (refused and unsaid(response.json()))

    return schema


def unsaid(problem):
    """Whether all that was wrong is of the kinds that cannot be said beforehand."""
    codes = {error["code"] for error in problem.get("errors", ())} or {problem["code"]}
    return codes <= UNSAID


def closed(part):
    """The document with closed objects: what is not in it is a failure when it is answered."""
    if isinstance(part, list):
        return [closed(item) for item in part]
    if not isinstance(part, dict):
        return part
    complete = {name: closed(item) for name, item in part.items()}
    if part.get("type") in ("object", ["object", "null"]) and "properties" in part:
        complete.setdefault("additionalProperties", False)
    return complete


def failed(recorder):
    """What went wrong, and how to ask for it again."""
    return [
        f"{check.failure_info.failure.operation}: {check.name}\n"
        f"{check.failure_info.failure.message}\n{check.failure_info.code_sample}\n"
        f"{recorder.interactions[id_].response.text[:1000]}"
        for id_, checks in recorder.checks.items()
        for check in checks
        if check.failure_info is not None
    ]
