"""What a command needs of its HTTP request: path ids, headers, the body, and the metadata."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar
from uuid import UUID

import orjson
from pydantic import BaseModel
from starlette.requests import Request

from domain.access import FieldError, Principal, Problem
from domain.ids import parse
from domain.kernel import Metadata, Rejected

KEY: Final = "Idempotency-Key"
_KEY: Final = re.compile(r"[\x21-\x7e]{1,255}")
_ETAG: Final = re.compile(r'"([0-9]{1,9})"')
_TRACEPARENT: Final = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")

B = TypeVar("B", bound=BaseModel)


def principal_of(request: Request) -> Principal:
    """Whoever holds the key the request came with."""
    principal = request.state.principal
    assert isinstance(principal, Principal)
    return principal


def metadata_of(request: Request, key: str = "") -> Metadata:
    """What is kept beside the facts, so that an auditor finds the request behind them."""
    principal = principal_of(request)
    return metadata_by(request, principal.actor, principal.time_zone, key)


def metadata_by(request: Request, actor: str, time_zone: str, key: str = "") -> Metadata:
    """The same where the request came without a key."""
    traceparent = request.headers.get("traceparent", "")
    return Metadata(
        actor=actor,
        request_id=request.state.request_id,
        traceparent=traceparent if _TRACEPARENT.fullmatch(traceparent) else "",
        correlation_id=request.state.request_id,
        idempotency_key=key,
        time_zone=time_zone,
    )


def path_ids(request: Request, kinds: Mapping[str, str]) -> dict[str, UUID]:
    """The ids in the path. What is no id of its kind names nothing."""
    found = {}
    for name, kind in kinds.items():
        try:
            found[name] = parse(kind, request.path_params[name])
        except ValueError as error:
            raise Rejected("not_found", str(error)) from None
    return found


def query(request: Request, allowed: tuple[str, ...] = ()) -> dict[str, str]:
    """The query's parameters. A misspelt one is refused rather than ignored."""
    given = request.query_params.multi_items()
    names = [name for name, _ in given]
    errors = [
        FieldError(
            pointer=f"?{name}", code="unknown", detail=f"possible here: {', '.join(allowed) or '-'}"
        )
        for name in dict.fromkeys(names)
        if name not in allowed
    ]
    errors += [
        FieldError(pointer=f"?{name}", code="repeated", detail="may be given once")
        for name in allowed
        if names.count(name) > 1
    ]
    if errors:
        raise query_refused(errors)
    return dict(given)


def query_refused(errors: Sequence[FieldError]) -> Problem:
    """All that is wrong with a query, at once; the first of it in the detail."""
    detail = f"the query is not acceptable: {errors[0].pointer}: {errors[0].detail}"
    return Problem(422, "invalid", detail, errors=errors)


def idempotency_key(request: Request, *, required: bool) -> str:
    """The key of a request that must have one effect however often it arrives; or empty."""
    given = request.headers.getlist(KEY)
    if not given:
        if required:
            raise Problem(
                400,
                "idempotency_key_missing",
                f"this needs the header {KEY}: any text that is the same when you repeat the "
                "request, and another for another request",
            )
        return ""
    if len(given) > 1 or not _KEY.fullmatch(given[0]):
        detail = f"{KEY} is given once and has 1 to 255 visible ASCII characters"
        raise Problem(400, "idempotency_key_invalid", detail)
    return given[0]


def expected_version(request: Request, *, required: bool) -> int | None:
    """The version the caller has seen, from If-Match."""
    given = request.headers.getlist("If-Match")
    if not given:
        if required:
            detail = 'this needs the header If-Match with the ETag you have read, like "17"'
            raise Problem(428, "if_match_missing", detail)
        return None
    match = _ETAG.fullmatch(given[0].strip())
    if len(given) > 1 or match is None:
        detail = 'If-Match is one ETag as it was given, a version in quotes like "17"'
        raise Problem(400, "if_match_invalid", detail)
    return int(match[1])


async def body_of(request: Request, model: type[B], *, optional: bool = False) -> tuple[B, bytes]:
    """The body as `model`, and the canonical bytes that stand for it."""
    content = await request.body()
    if optional and not content:
        parsed: Any = {}
    else:
        media_type(request, "application/json")
        parsed = _json(content)
    principal = getattr(request.state, "principal", None)
    context = {"country": principal.country} if principal else {}
    body = model.model_validate(parsed, context=context)
    return body, orjson.dumps(parsed, option=orjson.OPT_SORT_KEYS)


def media_type(request: Request, wanted: str) -> None:
    """Refuses a body that says it is something else, or says nothing."""
    given = request.headers.get("content-type", "")
    kind, *parameters = (part.strip().lower() for part in given.split(";"))
    charsets = [p.partition("=")[2].strip('"') for p in parameters if p.startswith("charset=")]
    if kind != wanted or any(charset not in {"utf-8", "utf-16"} for charset in charsets):
        detail = f"the body must be {wanted}; Content-Type is {given or 'missing'!r}"
        raise Problem(415, "content_type_unsupported", detail, headers={"Accept-Post": wanted})


def _json(content: bytes) -> Any:
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        detail = f"the body is not JSON: {error.msg} ({where})" if content else "the body is empty"
        raise Problem(400, "json_malformed", detail) from None


def fingerprint(request: Request, content: bytes) -> str:
    """Stands for everything that makes two requests with one key the same request."""
    said = f"{request.method} {request.url.path}?{request.url.query}\n".encode()
    return hashlib.sha256(said + content).hexdigest()
