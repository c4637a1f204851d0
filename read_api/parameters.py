"""What comes with a request beside its body: ids in the path, and query parameters."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.datastructures import QueryParams

from domain.access import FieldError, Problem
from domain.ids import PREFIXES, parse

PAGE, LONGEST_PAGE = 50, 100
_SIZE = re.compile(r"[0-9]{1,3}")


def path_ids(given: Mapping[str, str]) -> dict[str, Any]:
    """The ids of a path. Problem 404 for whatever cannot be one: it is nobody's."""
    found: dict[str, Any] = {}
    for name, text in given.items():
        kind = name.removesuffix("_id")
        if kind not in PREFIXES:
            found[name] = text
            continue
        try:
            found[name] = parse(kind, text)
        except ValueError:
            raise Problem(404, "not_found", f"no {kind} {text[:60]!r} in this workspace") from None
    return found


def page_size(given: Mapping[str, str]) -> int:
    """The asked `limit`. Problem 422 outside 1 to 100."""
    text = given.get("limit", str(PAGE))
    if _SIZE.fullmatch(text) and 1 <= int(text) <= LONGEST_PAGE:
        return int(text)
    raise wrong_parameter("limit", f"{text[:40]!r} is not a whole number from 1 to {LONGEST_PAGE}")


def wrong_parameter(name: str, detail: str, code: str = "invalid_value") -> Problem:
    """One query parameter that cannot be honoured."""
    return wrong_parameters([FieldError(pointer=f"?{name}", code=code, detail=detail)])


def wrong_parameters(errors: Sequence[FieldError]) -> Problem:
    """Query parameters that cannot be honoured, all at once."""
    detail = "; ".join(f"{error.pointer.removeprefix('?')}: {error.detail}" for error in errors)
    return Problem(422, "invalid", detail, errors=errors)


def known_only(given: QueryParams, known: Sequence[str]) -> None:
    """Problem 422 for a parameter nobody reads: a misspelt filter must not answer everything."""
    names = [name for name, _ in given.multi_items()]
    for name in names:
        if name not in known:
            allowed = ", ".join(known) or "none"
            raise wrong_parameter(name[:40], f"not a parameter here; known: {allowed}", "unknown")
        if names.count(name) > 1:
            raise wrong_parameter(name, "may be given once", "repeated")
