"""The OpenAPI 3.1 document, made from the routes: what is not in it does not answer."""

import copy
import re
from collections.abc import Callable, Iterable, Sequence
from http import HTTPStatus
from importlib.metadata import version
from typing import Any, Final, TypeVar

from starlette.routing import Route

from domain.access import PUBLIC

_PARAMETER: Final = re.compile(r"{(\w+)(?::\w+)?}")
_SECURED: Final = (401, 403)
_ALWAYS: Final = (413, 500, 503)

_PROBLEM: Final[dict[str, Any]] = {
    "type": "object",
    "description": "RFC 9457 problem details",
    "required": ["type", "title", "status", "detail", "instance", "code", "request_id"],
    "properties": {
        "type": {
            "type": "string",
            "format": "uri-reference",
            "description": "A page about this kind of problem",
        },
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {
            "type": "string",
            "format": "uri-reference",
            "description": "The path that was asked",
        },
        "code": {"type": "string", "description": "Stable; made for programs"},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "description": "Everything that is wrong, with the place of each",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "detail"],
                "properties": {
                    "pointer": {"type": "string"},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}
_REQUEST_ID: Final = {
    "description": "The request's id, as given or made here",
    "schema": {"type": "string"},
}
_HEADERS: Final[dict[int, dict[str, Any]]] = {
    401: {
        "WWW-Authenticate": {
            "description": "How to ask, where a key is wanted",
            "schema": {"type": "string"},
        }
    },
    429: {
        "Retry-After": {
            "description": "Seconds after which to ask again",
            "schema": {"type": "integer", "minimum": 1},
        }
    },
    503: {
        "Retry-After": {
            "description": "Seconds after which to ask again",
            "schema": {"type": "integer", "minimum": 0},
        }
    },
}

E = TypeVar("E", bound=Callable[..., Any])


def operation(
    summary: str,
    *,
    answer: str,
    tag: str,
    refusals: Sequence[int] = (),
    content: str = "json",
    parameters: Sequence[dict[str, Any]] = (),
) -> Callable[[E], E]:
    """Describes a public endpoint of this frame: its 200 and the refusals it has of its own."""
    media = "text/plain" if content == "text" else "application/json"
    schema = {"type": "string"} if content == "text" else {"type": "object"}
    responses: dict[str, Any] = {
        "200": {"description": answer, "content": {media: {"schema": schema}}}
    }
    responses.update((str(status), {}) for status in refusals)

    def mark(endpoint: E) -> E:
        described: Any = endpoint
        described.operation = {
            "summary": summary,
            "tags": [tag],
            "parameters": list(parameters),
            "responses": responses,
        }
        described.permission = PUBLIC
        return endpoint

    return mark


def _refusal(status: int) -> dict[str, Any]:
    """What stands for an answer that its endpoint has left empty: all refusals look the same."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        "description": HTTPStatus(status).phrase,
        "content": {"application/problem+json": {"schema": schema}},
    }


def document(title: str, routes: Iterable[Route]) -> dict[str, Any]:
    """Every route's operation, completed by what holds for all of them."""
    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = {"Problem": _PROBLEM}
    for route in routes:
        given = getattr(route.endpoint, "operation", None)
        if given is None:
            raise ValueError(f"{route.path} has no description")
        described = copy.deepcopy(given)
        schemas.update(described.pop("x-schemas", {}))
        path = paths.setdefault(_PARAMETER.sub(r"{\1}", route.path), {})
        for method in sorted((route.methods or {"GET"}) - {"HEAD"}):
            path[method.lower()] = _completed(route, described)
    key = {"type": "http", "scheme": "bearer", "description": "An API key: blz_live_…"}
    session = {
        "type": "http",
        "scheme": "bearer",
        "description": "The access token of a person who has signed in: POST /v1/sessions",
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version("blazz")},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": {"key": key, "session": session}},
    }


def _completed(route: Route, described: dict[str, Any]) -> dict[str, Any]:
    complete = copy.deepcopy(described)
    complete.setdefault("operationId", route.name)
    parameters = complete.setdefault("parameters", [])
    named = {(p.get("name"), p.get("in")) for p in parameters}
    parameters.extend(
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in _PARAMETER.findall(_PARAMETER.sub(r"{\1}", route.path))
        if (name, "path") not in named
    )
    needed = route.endpoint.permission
    public = needed == PUBLIC
    complete["security"] = [] if public else [{"key": [needed]}, {"session": [needed]}]
    statuses = [*_ALWAYS, *(() if public else _SECURED)]
    responses = complete.setdefault("responses", {})
    for status in statuses:
        responses.setdefault(str(status), {})
    complete["responses"] = {
        status: _answer(int(status), given) for status, given in sorted(responses.items())
    }
    return complete


def _answer(status: int, given: dict[str, Any]) -> dict[str, Any]:
    response = given or _refusal(status)
    headers = {"Request-Id": _REQUEST_ID, **_HEADERS.get(status, {})}
    return {**response, "headers": {**headers, **response.get("headers", {})}}
