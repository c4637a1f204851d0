"""Who is asking, what they may do, and what a refusal looks like to them."""

from collections.abc import Mapping, Sequence
from typing import Final, Literal, get_args
from uuid import UUID

import msgspec

Permission = Literal[
    "public",
    "me.read",
    "me.manage",
    "workspace.manage",
    "people.read",
    "people.manage",
    "numbers.read",
    "numbers.manage",
    "contacts.read",
    "contacts.write",
    "templates.read",
    "templates.write",
    "campaigns.read",
    "campaigns.write",
    "campaigns.send",
    "messages.read",
    "conversations.read",
    "conversations.reply",
    "conversations.assign",
    "replies.manage",
    "rules.read",
    "rules.manage",
    "analytics.read",
    "notifications.read",
]
"""What a route may need. `public` needs nobody; `me.…` is about whoever asks, and all people have it.

`campaigns.write` drafts, `campaigns.send` launches and steers campaigns and stops numbers.
`messages.read` shows single messages of every number, with phone numbers and words.
"""
PERMISSIONS: Final[tuple[Permission, ...]] = get_args(Permission)
PUBLIC: Final[Permission] = "public"

Scope = Literal["read", "write", "send", "manage"]
SCOPES: Final[tuple[Scope, ...]] = get_args(Scope)
"""`write` changes contacts, templates, drafts; `send` schedules, launches and steers campaigns and
replies; `manage` is about people and the workspace."""

Role = Literal["owner", "admin", "agent", "analyst", "auditor"]

_READ: Final = frozenset[Permission](
    {
        "me.read",
        "numbers.read",
        "contacts.read",
        "templates.read",
        "campaigns.read",
        "messages.read",
        "conversations.read",
        "rules.read",
        "analytics.read",
        "notifications.read",
    }
)
_WRITE: Final = frozenset[Permission](
    {
        "me.read",
        "numbers.manage",
        "contacts.write",
        "templates.write",
        "campaigns.write",
        "conversations.assign",
        "replies.manage",
        "rules.manage",
    }
)
_SEND: Final = frozenset[Permission]({"me.read", "campaigns.send", "conversations.reply"})
_MANAGE: Final = frozenset[Permission](
    {"me.read", "people.read", "people.manage", "workspace.manage"}
)
_ALL: Final = frozenset[Permission]({"me.manage"}) | _READ | _WRITE | _SEND | _MANAGE

SCOPE_PERMISSIONS: Final[Mapping[Scope, frozenset[Permission]]] = {
    "read": _READ,
    "write": _WRITE,
    "send": _SEND,
    "manage": _MANAGE,
}
ROLES: Final[Mapping[Role, frozenset[Permission]]] = {
    "owner": _ALL,
    "admin": _ALL - {"workspace.manage"},
    "agent": frozenset(
        {
            "me.read",
            "me.manage",
            "people.read",
            "numbers.read",
            "contacts.read",
            "contacts.write",
            "templates.read",
            "conversations.read",
            "conversations.reply",
            "conversations.assign",
            "notifications.read",
        }
    ),
    "analyst": frozenset(
        {
            "me.read",
            "me.manage",
            "people.read",
            "numbers.read",
            "templates.read",
            "campaigns.read",
            "rules.read",
            "analytics.read",
            "notifications.read",
        }
    ),
    "auditor": _READ | {"me.manage", "people.read"},
}
"""What each role of a person may do. An agent sees the conversations of numbers shared with them."""


SHARED_ONLY: Final[frozenset[str]] = frozenset({"agent"})
"""Who sees only what belongs to numbers shared with them."""


def permissions_of(scopes: Sequence[str]) -> frozenset[Permission]:
    """What a key with these scopes may do."""
    return frozenset[Permission]().union(
        *(granted for scope, granted in SCOPE_PERMISSIONS.items() if scope in scopes)
    )


def holders(permission: str) -> str:
    """Who has it, in words."""
    people = [role for role, granted in ROLES.items() if permission in granted]
    keys = [scope for scope, granted in SCOPE_PERMISSIONS.items() if permission in granted]
    words = f"people who are {' or '.join(people)}"
    return f"{words}, and keys with the scope {' or '.join(keys)}" if keys else words


class Principal(msgspec.Struct, frozen=True, kw_only=True):
    """The holder of a valid key, or a person signed in: bound to one workspace."""

    workspace_id: UUID
    permissions: frozenset[str]
    key_id: UUID | None = None
    scopes: tuple[str, ...] = ()
    user_id: UUID | None = None
    session_id: UUID | None = None
    role: str = ""
    time_zone: str = "UTC"
    country: str = "ID"

    @property
    def actor(self) -> str:
        """How this principal is named in an event's metadata."""
        if self.user_id is not None:
            return f"user:{self.user_id.hex}"
        return f"key:{self.key_id.hex}" if self.key_id else "nobody"

    @property
    def only_shared(self) -> bool:
        """Whether only what belongs to numbers shared with them is theirs to see."""
        return self.role in SHARED_ONLY

    @property
    def described(self) -> str:
        """What they are, for words about what they are not."""
        if self.user_id is not None:
            return f"you are {self.role}"
        return f"your key has the scope {' and '.join(self.scopes) or 'of nothing'}"


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
