"""The description of the command API names every command, its schemas and its refusals."""

import jsonschema_rs
import pytest

from commands.routes import COMMANDS
from commands.webhooks import PATH as WEBHOOK
from tests.command_site import command_site

CHAT = "/v1/conversations/{conversation_id}"
"""Its version moves with every message, so nobody could keep up with it."""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with command_site(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture(scope="module")
def document(site):
    return site.workspace().http.get("/openapi.json").json()


def operations(document):
    return {
        (method.upper(), path): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def test_every_command_is_described(document):
    described = operations(document)
    assert {(c.method, c.path) for c in COMMANDS} < set(described)
    assert set(described) - {(c.method, c.path) for c in COMMANDS} == {
        ("POST", "/v1/contacts/import"),
        ("POST", "/v1/files"),
        ("POST", "/v1/users"),
        ("POST", "/v1/invitations/accept"),
        ("POST", "/v1/sessions"),
        ("POST", "/v1/sessions/refresh"),
        ("POST", "/v1/me/password"),
        ("POST", "/v1/conversations/{conversation_id}/suggestions"),
        ("POST", "/v1/conversations/{conversation_id}/typing"),
        ("POST", "/webhooks/waha"),
        ("GET", WEBHOOK),
        ("POST", WEBHOOK),
        ("GET", "/openapi.json"),
        ("GET", "/-/healthy"),
        ("GET", "/-/ready"),
        ("GET", "/-/metrics"),
        ("GET", "/problems/{code}"),
    }


def test_every_reference_has_its_schema_and_every_schema_is_one(document):
    text = str(document)
    for name, schema in document["components"]["schemas"].items():
        jsonschema_rs.meta.validate(schema)
        assert f"#/components/schemas/{name}" in text


def test_every_operation_documents_its_refusals(document):
    for (method, path), operation in operations(document).items():
        statuses, private = set(operation["responses"]), bool(operation["security"])
        assert {"500", "503"} <= statuses
        assert {"401", "403"} <= statuses or not private
        assert "415" in statuses or method not in {"POST", "PATCH"} or path.startswith("/webhooks/")
        assert "404" in statuses or "{" not in path
        assert "428" in statuses or method != "PATCH" or path == CHAT
