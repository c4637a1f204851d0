"""How a command's endpoint is described in OpenAPI."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from domain.ids import DIGITS, PREFIXES

REF: Final = "#/components/schemas/{model}"
_POSITION: Final = {
    "description": "Position of the newest fact; give it to the read API as Blazz-Min-Position",
    "schema": {"type": "integer"},
}
_ETAG: Final = {"description": "The new version, for If-Match", "schema": {"type": "string"}}
_REPLAYED: Final = {
    "description": "The stored answer to an earlier request with this Idempotency-Key",
    "schema": {"type": "string", "enum": ["true"]},
}
_LOCATION: Final = {
    "description": "Where the read API shows it",
    "schema": {"type": "string", "format": "uri-reference"},
}
RECEIPT: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["id", "version", "position"],
    "properties": {
        "id": {"type": "string"},
        "version": {"type": "integer"},
        "position": {"type": "integer"},
    },
    "additionalProperties": False,
}
KEY_HEADER: Final[dict[str, Any]] = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "The same key with the same request has one effect and the same answer, for 30"
    " days",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}
MATCH_HEADER: Final[dict[str, Any]] = {
    "name": "If-Match",
    "in": "header",
    "description": "The ETag that was read; refused with 412 when it is not the present one",
    "schema": {"type": "string", "pattern": '^"[0-9]{1,9}"$'},
}


def longer_receipt(more: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of a receipt that has these besides."""
    properties = {**RECEIPT["properties"], **more}
    return {**RECEIPT, "required": list(properties), "properties": properties}


def id_parameter(name: str, kind: str) -> dict[str, Any]:
    """A path parameter that is a shown id."""
    pattern = f"^{PREFIXES[kind]}_[0-9a-f]{{{DIGITS}}}$"
    return {
        "name": name,
        "in": "path",
        "required": True,
        "schema": {"type": "string", "pattern": pattern},
    }


def refusals(*statuses: int) -> dict[str, Any]:
    """Refusals with these statuses; what they look like is said once, where all is put together."""
    return {str(status): {} for status in statuses}


def receipt(status: int, *, replayable: bool, schema: str = "Receipt") -> dict[str, Any]:
    """The answer to a command that was carried out."""
    headers: dict[str, Any] = {"Blazz-Position": _POSITION, "ETag": _ETAG}
    if status == HTTPStatus.CREATED:
        headers["Location"] = _LOCATION
    if replayable:
        headers["Idempotent-Replayed"] = _REPLAYED
    content = {"application/json": {"schema": {"$ref": REF.format(model=schema)}}}
    return {"description": HTTPStatus(status).phrase, "headers": headers, "content": content}


def json_body(model: type[BaseModel], *, optional: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    """The request body of that model, and the schemas it is made of."""
    _, found = models_json_schema([(model, "validation")], ref_template=REF)
    reference = {"$ref": REF.format(model=model.__name__)}
    body = {"required": not optional, "content": {"application/json": {"schema": reference}}}
    return body, found.get("$defs", {})


def described(
    summary: str,
    tag: str,
    parameters: Sequence[dict[str, Any]],
    responses: dict[str, Any],
    schemas: dict[str, Any],
) -> dict[str, Any]:
    """An operation, with its schemas aside for the components."""
    return {
        "summary": summary,
        "tags": [tag],
        "parameters": list(parameters),
        "responses": responses,
        "x-schemas": schemas,
    }
