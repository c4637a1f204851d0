"""Paging cursors: the key of the last row shown, sealed to workspace, path and filters.

A cursor of another company, another list or another filter is refused, not answered.
"""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from datetime import date
from uuid import UUID

import orjson

from domain.access import Problem

SEAL_BYTES = 12
Key = UUID | int | str | date


class Cursors:
    """Writes and reads cursors with a secret of the installation."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def _seal(self, within: str, body: bytes) -> bytes:
        message = within.encode() + b"\0" + body
        return hmac.digest(self._secret, message, hashlib.sha256)[:SEAL_BYTES]

    def write(self, within: str, key: Key) -> str:
        """The cursor behind `key`; `within` names workspace, path and filters."""
        kind = type(key).__name__
        body = orjson.dumps([kind, key.hex if isinstance(key, UUID) else key])
        return urlsafe_b64encode(self._seal(within, body) + body).decode().rstrip("=")

    def read(self, within: str, cursor: str) -> Key:
        """The key of the last row shown. Problem 400 if it is not a cursor of this list."""
        try:
            raw = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        except (NotBase64, ValueError):
            raw = b""
        seal, body = raw[:SEAL_BYTES], raw[SEAL_BYTES:]
        if not body or not hmac.compare_digest(seal, self._seal(within, body)):
            raise Problem(
                400,
                "invalid_cursor",
                "after: not a cursor of this list with these filters; take `next` of an answer",
            )
        kind, value = orjson.loads(body)
        if kind == "UUID":
            return UUID(hex=value)
        return date.fromisoformat(value) if kind == "date" else value
