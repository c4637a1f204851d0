"""The OpenAPI operation of an endpoint, from its statement and filters."""

import re
from typing import Any

from read_api.columns import Shape, schema
from read_api.parameters import LONGEST_PAGE, PAGE
from read_api.query import Derived, Endpoint, Many, One
from read_api.structures import id_schema

META = {
    "type": "object",
    "properties": {
        "position": {"type": "integer", "description": "Everything up to here is in the answer."},
        "as_of": {
            "type": ["string", "null"],
            "format": "date-time",
            "description": "When the last fact in the answer was recorded.",
        },
        "lag_ms": {
            "type": "integer",
            "description": "How long that fact took from there to here; it does not grow while "
            "nothing arrives.",
        },
        "checked_at": {
            "type": ["string", "null"],
            "format": "date-time",
            "description": "When the log was last heard of. Fed by Kafka it moves with watermarks, "
            "too, and an old one means a standstill; embedded it moves with facts only.",
        },
    },
    "required": ["position", "as_of", "lag_ms", "checked_at"],
}
FRESHNESS = [
    {
        "name": "Blazz-Min-Position",
        "in": "header",
        "description": "Answer only with what holds this position; the one of your own write.",
        "schema": {"type": "integer", "minimum": 0, "maximum": 10**18 - 1},
    },
    {
        "name": "Prefer",
        "in": "header",
        "description": "`wait=SECONDS`: how long to wait for that position (at most 10).",
        "schema": {"type": "string"},
        "example": "wait=2",
    },
]
_IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "description": "The ETag of an earlier answer; 304 if nothing has happened since.",
    "schema": {"type": "string"},
}
_POSITION = {
    "description": "Everything up to this position is in the answer",
    "required": True,
    "schema": {"type": "integer"},
}
VERSION = {
    "description": "The version of the thing, for If-Match",
    "required": True,
    "schema": {"type": "string", "pattern": '^"[0-9]+"$'},
}
_TAG = {
    "description": "Stands for this answer, for If-None-Match",
    "required": True,
    "schema": {"type": "string", "pattern": '^W/"[^"]+"$'},
}


def refusals(*statuses: int) -> dict[str, Any]:
    """Refusals with these statuses; what they look like is said once, where all is put together."""
    return {str(status): {} for status in statuses}


def found(description: str, media: str, body: dict[str, Any], **headers: Any) -> dict[str, Any]:
    """The documented form of an answer."""
    return {
        "description": description,
        "headers": {"Blazz-Position": _POSITION, **headers},
        "content": {media: {"schema": body}},
    }


REFUSALS = refusals(400, 422, 503)
BACKWARDS = {
    "name": "before",
    "in": "query",
    "description": "The `previous` of a page, with the same filters: what comes before it.",
    "schema": {"type": "string"},
}
PAGING = [
    {
        "name": "limit",
        "in": "query",
        "schema": {"type": "integer", "minimum": 1, "maximum": LONGEST_PAGE, "default": PAGE},
    },
    {
        "name": "after",
        "in": "query",
        "description": "The `next` of the page before, with the same filters.",
        "schema": {"type": "string"},
    },
]


def operation(endpoint: Endpoint) -> dict[str, Any]:
    """What the OpenAPI document says of an endpoint."""
    paths = path_parameters(endpoint.path)
    responses: dict[str, Any] = {**REFUSALS}
    parameters = [*paths, *FRESHNESS]
    if paths or isinstance(endpoint, One):
        responses |= refusals(404)
    if isinstance(endpoint, One):
        body = _object(endpoint)
        tag = {"ETag": VERSION} if "version" in body["properties"] else {}
    else:
        body, tag = _page(endpoint), {"ETag": _TAG}
        parameters += [_IF_NONE_MATCH, *PAGING]
        parameters += [
            {
                "name": f.name,
                "in": "query",
                "description": f.description,
                "schema": f.schema,
                **({"required": True} if f.required else {}),
            }
            for f in endpoint.filters
        ]
        parameters += [BACKWARDS] if endpoint.both_ways else []
        responses["304"] = {"description": "Nothing new since that ETag", "headers": tag}
    responses["200"] = found(endpoint.summary, "application/json", body, **tag)
    return described(endpoint.path, endpoint.summary, parameters, responses)


def _object(endpoint: One) -> dict[str, Any]:
    lists = {part.name: {"type": "array", "items": schema(part.shape)} for part in endpoint.parts}
    return _row(endpoint.shape, endpoint.derived, **lists, meta=META)


def _page(endpoint: Many) -> dict[str, Any]:
    nullable = {"type": ["string", "null"]}
    lists = {beside.name: beside.schema for beside in endpoint.besides}
    back = ("previous", "previous_url") if endpoint.both_ways else ()
    properties = {
        "items": {"type": "array", "items": _row(endpoint.shape, endpoint.derived, **lists)},
        **dict.fromkeys(("next", "next_url", *back), nullable),
        "meta": META,
    }
    return {"type": "object", "properties": properties, "required": list(properties)}


def described(
    path: str, summary: str, parameters: list[dict[str, Any]], responses: dict[str, Any]
) -> dict[str, Any]:
    """An operation, under the heading of the things it is about."""
    return {
        "summary": summary,
        "tags": [path.split("/")[2]],
        "parameters": parameters,
        "responses": responses,
    }


def name(path: str) -> str:
    """`/v1/contacts/{contact_id}/timeline` is `read_contact_timeline`."""
    one = re.sub(r"\w+/{(\w+)_id}", r"\1", path.removeprefix("/v1/"))
    return "read_" + re.sub(r"\W", "_", one)


def path_parameters(path: str) -> list[dict[str, Any]]:
    """The ids in a path."""
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": id_schema(name.removesuffix("_id")),
        }
        for name in re.findall(r"{(\w+)}", path)
    ]


def _row(shape: Shape, derived: tuple[Derived, ...], **more: dict[str, Any]) -> dict[str, Any]:
    return schema(shape, **{figure.name: figure.schema for figure in derived}, **more)
