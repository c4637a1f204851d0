"""Every refusal as `application/problem+json` (RFC 9457), whoever raised it."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

import orjson
import pydantic
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from commands.store import StoreUnavailable, VersionConflict
from domain.access import FieldError, Problem
from domain.kernel import Rejected

MEDIA_TYPE: Final = "application/problem+json"
_CODES: Final = {
    404: "path_unknown",
    405: "method_not_allowed",
    413: "body_too_large",
    415: "content_type_unsupported",
}
_RULES: Final = {
    "not_found": 404,
    "owners_only": 403,
    # What no state of anything could make acceptable.
    "invalid_content": 422,
    "invalid_link": 422,
    "invalid_media_size": 422,
    "invalid_media_type": 422,
    "private_link": 422,
}
_REQUIRED: Final = {"missing": "required"}
_WORDS: Final = {
    "missing": "this field is required",
    "extra_forbidden": "there is no such field",
    "model_type": "must be a JSON object",
    "dict_type": "must be a JSON object",
}


def respond(request: Request, problem: Problem) -> Response:
    """The answer to a refused request."""
    body: dict[str, Any] = {
        "type": f"/problems/{problem.code}",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
        "instance": quote(request.scope["path"]),
        "code": problem.code,
        "request_id": getattr(request.state, "request_id", ""),
    }
    if problem.errors:
        body["errors"] = [
            {"pointer": e.pointer, "code": e.code, "detail": e.detail} for e in problem.errors
        ]
    content = orjson.dumps(body, default=str)
    return Response(content, problem.status, headers=problem.headers, media_type=MEDIA_TYPE)


def problem_of(error: Exception) -> Problem:
    """A refusal in the API's terms. Anything unforeseen is a 500 that gives nothing away."""
    match error:
        case Problem():
            return error
        case Rejected():
            return Problem(_RULES.get(error.code, 409), error.code, str(error))
        case pydantic.ValidationError():
            return invalid(field_errors(error))
        case StoreUnavailable() | OperationalError():
            return unavailable()
        case VersionConflict():
            detail = "others changed the same thing at the same moment; ask again"
            return Problem(409, "conflict", detail)
        case HTTPException():
            code = _CODES.get(error.status_code, f"http_{error.status_code}")
            return Problem(error.status_code, code, error.detail, headers=_plain(error.headers))
        case _:
            return Problem(500, "internal_error", "something went wrong here; it has been logged")


def invalid(errors: Sequence[FieldError]) -> Problem:
    """All that is wrong with a request's values, at once."""
    where = ", ".join(e.pointer or "the body" for e in errors[:5])
    more = f" and {len(errors) - 5} more" if len(errors) > 5 else ""  # noqa: PLR2004
    return Problem(422, "invalid", f"not acceptable: {where}{more}", errors=errors)


def unavailable() -> Problem:
    detail = "the database cannot be reached or does not take writes; try again"
    return Problem(503, "unavailable", detail, headers={"Retry-After": "1"})


def field_errors(error: pydantic.ValidationError) -> list[FieldError]:
    """Each wrong field with its place as a JSON pointer."""
    return [
        FieldError(
            pointer="".join(f"/{_escaped(part)}" for part in found["loc"]),
            code=_REQUIRED.get(found["type"], found["type"]),
            detail=_words(found["type"], found["msg"], whole=not found["loc"]),
        )
        for found in error.errors(include_url=False, include_context=False, include_input=False)
    ]


def _words(kind: str, message: str, *, whole: bool) -> str:
    words = _WORDS.get(kind, message)
    return f"the body {words}" if whole and words.startswith("must ") else words


def _escaped(part: object) -> str:
    return str(part).replace("~", "~0").replace("/", "~1")


def _plain(headers: Mapping[str, str] | None) -> dict[str, str]:
    return dict(headers or {})
