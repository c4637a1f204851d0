"""The documents are complete: what is in them answers, nothing else does, and refusals conform.

After a wanted change, `BLAZZ_GOLDEN=write pytest tests/test_openapi_documents.py` rewrites the
list of operations, so that the change is seen in a review.
"""

import hashlib
import hmac
import os
import re
from pathlib import Path

import httpx2
import jsonschema_rs
import pytest
import schemathesis
from starlette.routing import Route
from uuid_utils.compat import uuid7

from domain.ids import show
from infra.http.app import build
from infra.http.openapi import operation
from tests.command_site import SECRETS, WAHA_KEYS, serving
from tests.openapi_requests import command_requests, filled
from tests.openapi_worlds import command_world, read_world

GOLDEN = Path(__file__).parent / "golden" / "openapi.txt"
JSON = {"Content-Type": "application/json"}
TELLING = {"date", "request-id"}
SPEC = "/openapi.json"
METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "QUERY"}
VOCABULARY = {
    *("$ref", "type", "enum", "const", "format", "pattern", "anyOf", "title", "description"),
    *("properties", "required", "additionalProperties", "patternProperties", "propertyNames"),
    *(
        "minLength",
        "maxLength",
        "minimum",
        "maximum",
        "minItems",
        "maxItems",
        "items",
        "maxProperties",
    ),
    *("default",),
}


@pytest.fixture(scope="module")
def worlds(tmp_path_factory):
    with (
        command_world(tmp_path_factory.mktemp("commands")) as commands,
        read_world(tmp_path_factory.mktemp("reads")) as reads,
    ):
        yield {"commands": commands, "reads": reads}


@pytest.fixture(params=["commands", "reads"])
def world(request, worlds):
    return worlds[request.param]


def operations(document):
    return [
        (path, method.upper(), described)
        for path, methods in document["paths"].items()
        for method, described in methods.items()
    ]


def test_the_document_is_valid_openapi_3_1(world):
    document = world.document
    assert document["openapi"].startswith("3.1.")
    schemathesis.openapi.from_dict(document).validate()
    names = [described["operationId"] for _, _, described in operations(document)]
    assert len(set(names)) == len(names)
    assert all(name.isidentifier() for name in names)


def test_schemas_say_only_what_json_schema_knows(world):
    for schema in schemas(world.document):
        jsonschema_rs.meta.validate({**schema, "$schema": SCHEMA})
        assert set(schema) <= VOCABULARY


SCHEMA = "https://json-schema.org/draft/2020-12/schema"


def schemas(part):
    """Every schema in the document, the nested ones too."""
    if isinstance(part, list):
        for item in part:
            yield from schemas(item)
    elif isinstance(part, dict):
        for name, item in part.items():
            if name in ("schema", "items") or (name == "additionalProperties" and item):
                yield item
            elif name in ("schemas", "properties", "patternProperties"):
                yield from item.values()
            elif name == "anyOf":
                yield from item
            yield from schemas(item)


def test_every_route_is_in_the_document_and_nothing_else(world):
    routes = {(route.path, m) for route in world.app.routes for m in route.app._routes}
    listed = {(path, method) for path, method, _ in operations(world.document)}
    assert {(path, method) for path, method in routes if method != "HEAD"} == listed


def test_what_is_not_in_the_document_does_not_answer(world):
    document = world.document
    for path, methods in document["paths"].items():
        listed = {method.upper() for method in methods}
        with_own = re.sub(r"{(\w+?)(_id)?}", lambda found: own(world, found[1]), path)
        for method in METHODS - listed:
            answer = world.http.request(method, with_own)
            assert answer.status_code == 405, (method, path)
            allowed = set(answer.headers["Allow"].split(", "))
            assert allowed - {"HEAD", "OPTIONS"} == listed
    for path in ("/", "/v1", "/v1/", "/v1/contacts/", "/docs", "/metrics", "/v1/nothing"):
        assert world.http.get(path).status_code == 404, path


def own(world, kind):
    return world.ids[kind][0] if kind in world.ids else "invalid"


def test_head_and_options_are_answered_wherever_get_and_anything_is(world):
    for path, methods in world.document["paths"].items():
        answer = httpx2.options(world.url + re.sub(r"{(\w+)}", "x", path))
        assert (answer.status_code, answer.content) == (204, b"")
        assert ("HEAD" in answer.headers["Allow"]) == ("get" in methods)


def test_both_documents_fit_together_on_one_port(worlds):
    commands, reads = (
        {(path, method): described["operationId"] for path, method, described in operations(d)}
        for d in (worlds["commands"].document, worlds["reads"].document)
    )
    both = commands.keys() & reads.keys()
    assert {path for path, _ in both} == {
        "/-/healthy",
        "/-/ready",
        "/-/metrics",
        "/problems/{code}",
        SPEC,
    }
    shared = {commands[key] for key in both}
    assert set(commands.values()) & set(reads.values()) == shared


def test_the_operations_are_those_that_were_reviewed(worlds):
    found = "\n".join(line for name, world in worlds.items() for line in summary(name, world))
    if os.environ.get("BLAZZ_GOLDEN") == "write":
        GOLDEN.write_text(found + "\n")
    assert found + "\n" == GOLDEN.read_text()


def summary(name, world):
    """A line for each operation: method, path, permission, what it takes (* if it must), statuses."""
    yield f"[{name}]"
    for path, method, described in sorted(operations(world.document)):
        needed = [name for way in described["security"] for name in way.get("key", ())]
        takes = [
            p["name"] + "*" * p["required"]
            for p in ({"required": False, **p} for p in described.get("parameters", ()))
            if p["in"] != "path"
        ]
        if "requestBody" in described:
            body = described["requestBody"]
            takes += [media + "*" * body["required"] for media in body["content"]]
        statuses = " ".join(described["responses"])
        yield f"{method} {path} ({', '.join(needed) or 'public'}) {' '.join(takes)}: {statuses}"


AT = "2001-01-01T00:00:00Z"
REFUSED = [
    ("commands", 400, "POST", "/v1/contacts", {"content": b"{", "headers": JSON}),
    ("reads", 400, "GET", "/v1/contacts?after=x", {}),
    ("reads", 401, "GET", "/v1/contacts", {"headers": {"Authorization": "Bearer x"}}),
    ("commands", 401, "POST", "/webhooks/whatsapp", {"content": b"{}"}),
    ("commands", 403, "GET", "/webhooks/whatsapp?hub.mode=subscribe&hub.challenge=1", {}),
    ("commands", 404, "DELETE", "/v1/contacts/con_00000000000000000000000000000000", {}),
    ("reads", 404, "GET", "/v1/contacts/con_00000000000000000000000000000000", {}),
    ("reads", 404, "GET", "/problems/a%00b", {}),
    ("commands", 409, "POST", "/v1/campaigns/{campaign}/schedule", {"json": {"at": AT}}),
    ("commands", 412, "DELETE", "/v1/contacts/{contact}", {"headers": {"If-Match": '"77"'}}),
    ("commands", 413, "POST", "/v1/groups", {"content": b" " * 300_000, "headers": JSON}),
    ("reads", 413, "GET", "/v1/groups", {"content": b" " * 300_000}),
    ("commands", 415, "POST", "/v1/groups", {"content": b"{}"}),
    ("commands", 422, "POST", "/v1/groups", {"json": {"nmae": "VIP"}}),
    ("reads", 422, "GET", "/v1/contacts?limit=0", {}),
    ("commands", 428, "PATCH", "/v1/contacts/{contact}", {"json": {}}),
    ("reads", 503, "GET", "/v1/contacts", {"headers": {"Blazz-Min-Position": "9" * 18}}),
]


@pytest.mark.parametrize(("name", "status", "method", "path", "given"), REFUSED)
def test_every_refusal_conforms_to_the_documented_problem(
    worlds, name, status, method, path, given
):
    world = worlds[name]
    path = path.format(**{kind: ids[0] for kind, ids in world.ids.items()})
    answer = world.http.request(method, path, **given)
    assert answer.status_code == status
    conforms(world.document, answer)
    assert str(status) in operation_at(world.document, method, path)["responses"]
    page = world.http.get(answer.json()["type"])
    assert (page.status_code, page.text.split()[0]) == (200, answer.json()["code"])


def conforms(document, answer):
    problem = {**document["components"]["schemas"]["Problem"], "additionalProperties": False}
    jsonschema_rs.Draft202012Validator(problem, validate_formats=True).validate(answer.json())
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == answer.status_code
    assert answer.json()["request_id"] == answer.headers["Request-Id"]


def operation_at(document, method, path):
    bare = path.partition("?")[0]
    for listed in sorted(document["paths"], key=lambda listed: "{" in listed):
        if re.fullmatch(re.sub(r"{\w+}", "[^/]+", listed), bare):
            return document["paths"][listed][method.lower()]
    raise AssertionError(path)


def test_unknown_paths_methods_and_faults_of_ours_conform_too(worlds):
    for world in worlds.values():
        for answer in (world.http.get("/nowhere"), world.http.request("TRACE", "/-/healthy")):
            conforms(world.document, answer)

    @operation("Break", answer="never", tag="test")
    async def breaks(_):
        raise ZeroDivisionError

    with serving(build([Route("/break", breaks)], None, "Broken", None)) as url:
        document = httpx2.get(f"{url}/openapi.json").json()
        answer = httpx2.get(f"{url}/break")
    assert answer.status_code == 500
    conforms(document, answer)


def test_a_signed_webhook_is_answered_as_documented(worlds):
    world = worlds["commands"]
    body = b'{"object": "whatsapp_business_account", "entry": []}'
    signature = hmac.new(SECRETS[0].encode(), body, hashlib.sha256).hexdigest()
    headers = {**JSON, "X-Hub-Signature-256": f"sha256={signature}"}
    answer = world.http.post("/webhooks/whatsapp", content=body, headers=headers)
    documented = world.document["paths"]["/webhooks/whatsapp"]["post"]["responses"]["200"]
    assert (answer.status_code, answer.content) == (200, b"")
    assert "content" not in documented


def test_a_signed_webhook_of_waha_is_answered_as_documented(worlds):
    world = worlds["commands"]
    body = b'{"id": "evt_1", "event": "message", "session": "shop", "payload": {}}'
    signature = hmac.new(WAHA_KEYS[0].encode(), body, hashlib.sha512).hexdigest()
    headers = {**JSON, "X-Webhook-Hmac": signature, "X-Webhook-Hmac-Algorithm": "sha512"}
    answer = world.http.post("/webhooks/waha", content=body, headers=headers)
    documented = world.document["paths"]["/webhooks/waha"]["post"]["responses"]["200"]
    assert (answer.status_code, answer.content) == (200, b"")
    assert "content" not in documented


def test_ids_of_others_are_like_ids_that_never_were(world):
    """Asked by a stranger, every operation with an id in its path says the same of both."""
    asked = [found for found in operations(world.document) if "_id}" in found[0]]
    assert len(asked) >= 8
    requests = command_requests(world) if "note" in world.ids else {}
    for path, method, described in asked:
        kinds = re.findall(r"{(\w+)_id}", path)
        ours = {f"{kind}_id": world.ids[kind][0] for kind in kinds}
        nobodys = {f"{kind}_id": show(kind, uuid7()) for kind in kinds}
        answers = [
            client.request(
                method,
                path.format(**ids),
                **filled(described, requests.get(f"{method} {path}", {})),
            )
            for client, ids in (
                (world.stranger, ours),
                (world.stranger, nobodys),
                (world.http, nobodys),
                (world.http, ours),
            )
        ]
        assert {answer.status_code for answer in answers[:3]} == {404}, (method, path)
        assert len({same(answer) for answer in answers[:3]}) == 1, (method, path)
        assert answers[3].status_code != 404, (method, path)


def same(answer):
    """The answer without the ids in it, and without the headers that tell the time."""
    headers = {name: answer.headers[name] for name in answer.headers if name not in TELLING}
    return re.sub(r"[0-9a-f]{32}", "-", answer.text), tuple(sorted(headers.items()))
