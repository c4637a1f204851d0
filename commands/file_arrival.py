"""The bytes of an uploaded file on their way in: looked at, counted and summed while they pass."""

import hashlib
from collections.abc import AsyncIterator
from typing import Final

from starlette.requests import Request

from domain.access import FieldError, Problem
from domain.file_heads import LOOKED_AT, TYPES, VOICE, fits, largest, plain

ACCEPTED: Final = ", ".join(sorted(TYPES))


def type_of(request: Request) -> str:
    """What the request says that the file is. Problem 415 unless that may be sent."""
    given = request.headers.get("content-type", "")
    found = plain(given)
    if found not in TYPES:
        detail = f"a file is one of {ACCEPTED}; Content-Type is {given or 'missing'!r}"
        raise Problem(415, "content_type_unsupported", detail, headers={"Accept-Post": ACCEPTED})
    return VOICE if found == plain(VOICE) else found


class Arrival:
    """One body. `chunks` is for one reading; afterwards `digest` stands for all of it."""

    def __init__(self, request: Request, mime_type: str) -> None:
        """Problem 413 if it is announced as larger than one of its type may be."""
        self._request, self._mime_type = request, mime_type
        self._most, self._size = TYPES[plain(mime_type)], 0
        self._sum = hashlib.sha256()
        announced = request.headers.get("content-length", "")
        if announced.isdigit() and int(announced) > self._most:
            raise self._too_large()

    @property
    def digest(self) -> bytes:
        return self._sum.digest()

    async def chunks(self) -> AsyncIterator[bytes]:
        """Problem 422 before the first if it is not what it is called, 413 with a byte too many."""
        waiting: bytes | None = b""
        async for chunk in self._request.stream():
            self._sum.update(chunk)
            self._size += len(chunk)
            if waiting is None:
                self._bounded()
                yield chunk
                continue
            waiting += chunk
            if len(waiting) >= LOOKED_AT:
                self._looked_at(waiting)
                yield waiting
                waiting = None
        if waiting is not None:
            self._looked_at(waiting)
            yield waiting

    def _looked_at(self, beginning: bytes) -> None:
        if not beginning:
            raise _refused("file_empty", "the file is empty; a file has at least one byte")
        if not fits(self._mime_type, beginning[:LOOKED_AT]):
            raise _refused(
                "file_mislabelled",
                f"the file does not begin as one of type {self._mime_type} does; "
                "give the type that it really has in Content-Type",
            )
        self._most = largest(self._mime_type, beginning[:LOOKED_AT])
        self._bounded()

    def _bounded(self) -> None:
        if self._size > self._most:
            raise self._too_large()

    def _too_large(self) -> Problem:
        kind = plain(self._mime_type)
        still = " that does not move" if self._most < TYPES[kind] else ""
        detail = f"a file of type {kind}{still} has at most {self._most} bytes"
        return Problem(413, "file_too_large", detail)


def _refused(code: str, detail: str) -> Problem:
    error = FieldError(pointer="", code=code, detail=detail)
    return Problem(422, "invalid", f"not acceptable: {detail}", errors=[error])
