"""How the import of contacts is described in OpenAPI."""

from typing import Any, Final

from commands.operations import KEY_HEADER, REF, described, receipt, refusals
from commands.texts import PLAIN

_TEXT: Final = {"type": "string"}
_COUNT: Final = {"type": "integer", "minimum": 0}
_REPORT: Final[dict[str, Any]] = {
    "status": {"enum": ["finished", "failed"]},
    "reason": {"type": "string", "description": "Why the file could not be read to its end"},
    "rows": _COUNT,
    "counts": {
        "type": "object",
        "required": ["created", "updated", "duplicate", "invalid"],
        "properties": dict.fromkeys(("created", "updated", "duplicate", "invalid"), _COUNT),
    },
    "problems": {
        "type": "array",
        "description": "The first 100 rows that could not be used",
        "maxItems": 100,
        "items": {
            "type": "object",
            "required": ["line", "column", "value", "code", "reason"],
            "properties": {
                "line": _COUNT,
                **dict.fromkeys(("column", "value", "code", "reason"), _TEXT),
            },
        },
    },
}
_RECEIPT: Final = {"id": _TEXT, "version": _COUNT, "position": _COUNT}


def _schema(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "required": list(properties), "properties": properties}


_PARAMETERS: Final[list[dict[str, Any]]] = [
    {
        **KEY_HEADER,
        "required": False,
        "description": f"{KEY_HEADER['description']}. Needed unless dry_run is true",
    },
    {
        "name": "dry_run",
        "in": "query",
        "description": "Report what would happen, and store nothing",
        "schema": {"type": "boolean", "default": False},
    },
    {
        "name": "country",
        "in": "query",
        "description": "Read national numbers as this country's (ISO 3166) instead of your own",
        "schema": {"type": "string", "pattern": "^[A-Z]{2}$"},
    },
    {
        "name": "filename",
        "in": "query",
        "schema": {"type": "string", "maxLength": 255, "pattern": PLAIN},
    },
]


def operation() -> dict[str, Any]:
    """The operation with everything it may answer."""
    dry = {"$ref": REF.format(model="ImportDryRun")}
    responses = refusals(400, 409, 415, 422)
    responses["200"] = {
        "description": "The report of a dry run",
        "content": {"application/json": {"schema": dry}},
    }
    responses["201"] = receipt(201, replayable=True, schema="ImportReceipt")
    responses["201"]["description"] = (
        "The report. Its status is failed, and reason says why, when the file broke off after rows"
        " were stored: those stay"
    )
    schemas = {
        "ImportReceipt": _schema({**_RECEIPT, **_REPORT}),
        "ImportDryRun": _schema({"dry_run": {"const": True}, **_REPORT}),
    }
    described_ = described(
        "Import contacts from a file", "contacts", _PARAMETERS, responses, schemas
    )
    content = {"text/csv": {"schema": _TEXT}}
    return {**described_, "requestBody": {"required": True, "content": content}}
