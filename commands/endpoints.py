"""A command's endpoint: reads and checks the request, hands it on, and is described in OpenAPI."""

from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from commands.command import Command, Wanted
from commands.handling import Desk, Spent, carry_out
from commands.operations import (
    KEY_HEADER,
    MATCH_HEADER,
    described,
    id_parameter,
    json_body,
    longer_receipt,
    receipt,
    refusals,
)
from commands.requests import (
    body_of,
    expected_version,
    fingerprint,
    idempotency_key,
    metadata_of,
    path_ids,
    principal_of,
    query,
)
from commands.streams import Streams


def endpoint(desk: Desk, command: Command) -> Callable[[Request], Any]:
    """The function that answers, with its description."""

    async def answer(request: Request) -> Response:
        query(request)
        ids = path_ids(request, command.ids)
        key = idempotency_key(request, required=command.key_required) if command.takes_key else ""
        expected = (
            expected_version(request, required=command.match_required)
            if command.takes_match
            else None
        )
        body, content = None, b""
        if command.takes_body:
            body, content = await body_of(request, command.body, optional=command.body_optional)
        wanted = Wanted(principal_of(request), ids, body, expected, Streams(desk.store))
        spent = Spent(f"{command.method} {command.path}", key, fingerprint(request, content))
        return await desk.run(carry_out, desk, command, wanted, spent, metadata_of(request, key))

    answer.__name__ = command.prepare.__name__.strip("_")
    described_answer: Any = answer
    described_answer.operation = describe(command)
    described_answer.permission = command.permission
    return answer


def describe(command: Command) -> dict[str, Any]:
    """The command's OpenAPI operation: every status it can really answer."""
    parameters = [id_parameter(name, kind) for name, kind in command.ids.items()]
    statuses = {409, 422}
    if command.takes_key:
        parameters.append({**KEY_HEADER, "required": command.key_required})
        statuses |= {400}
    if command.takes_match:
        parameters.append({**MATCH_HEADER, "required": command.match_required})
        statuses |= {400, 404, 412} | ({428} if command.match_required else set())
    if command.takes_body:
        statuses |= {400, 415}
    responses = refusals(*statuses)
    named = f"{command.prepare.__name__.strip('_')}_receipt" if command.adds else "Receipt"
    responses[str(command.status)] = receipt(
        command.status, replayable=command.takes_key, schema=named
    )
    schemas: dict[str, Any] = {named: longer_receipt(command.adds_schema)}
    tag = command.path.split("/")[2]
    operation = described(command.summary, tag, parameters, responses, schemas)
    if command.takes_body:
        operation["requestBody"], more = json_body(command.body, optional=command.body_optional)
        schemas.update(more)
    return operation
