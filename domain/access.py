"""Who is asking, and what a refusal looks like to them."""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

import msgspec

Scope = Literal["read", "write", "send"]
SCOPES: tuple[Scope, ...] = ("read", "write", "send")
"""`write` changes contacts, templates, drafts; `send` schedules, launches and steers campaigns."""


class Principal(msgspec.Struct, frozen=True, kw_only=True):
    """The holder of a valid key: bound to one workspace, with what commands need to know of it."""

    workspace_id: UUID
    key_id: UUID
    scopes: tuple[str, ...]
    time_zone: str = "UTC"
    country: str = "ID"

    @property
    def actor(self) -> str:
        """How this principal is named in an event's metadata."""
        return f"key:{self.key_id.hex}"


class FieldError(msgspec.Struct, frozen=True, kw_only=True):
    """One wrong value: a JSON pointer (or `?name`, `Header-Name`), a code, and words."""

    pointer: str
    code: str
    detail: str


class Problem(Exception):
    """A refusal in the API's terms, rendered as `application/problem+json` (RFC 9457)."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        errors: Sequence[FieldError] = (),
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail
        self.errors, self.headers = tuple(errors), headers or {}
