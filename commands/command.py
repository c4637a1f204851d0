"""A command as a row of a table: how its request looks, and what it asks of which streams."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from pydantic import BaseModel

from commands.bodies import Empty
from commands.streams import Ask, Streams
from domain.access import Permission, Principal
from domain.kernel import Command as DomainCommand
from domain.kernel import Decider

C = TypeVar("C", bound=DomainCommand)


class Wanted(NamedTuple):
    """One request, read and checked, for the function that turns it into asks."""

    principal: Principal
    ids: Mapping[str, UUID]
    body: Any
    expected: int | None
    streams: Streams

    @property
    def workspace_id(self) -> UUID:
        return self.principal.workspace_id

    @property
    def named(self) -> dict[str, Any]:
        """The workspace, and what the path names, as the fields of commands are called."""
        return {"workspace_id": self.workspace_id, **self.ids}


class Intent(NamedTuple):
    """What shall be asked of which streams; the first ask's stream is `id`."""

    kind: str
    id: UUID
    asks: Sequence[Ask]


def about(wanted: Wanted, decider: Decider[Any, C, Any], *commands: C) -> Intent:
    """These, asked of the one in the path; the first at the version that whoever asks has seen."""
    kind = decider.category
    id_ = wanted.ids[f"{kind}_id"]
    first, *others = commands
    asks = [Ask(decider, id_, first, wanted.expected)]
    return Intent(kind, id_, asks + [Ask(decider, id_, command) for command in others])


class Command(NamedTuple):
    """An endpoint in a table: how its request looks, and `prepare`, which runs in a thread.

    `adds` says what its receipt has besides, of what stands when it is given. What is added `once`
    is not made again for a key that is spent: null stands there.
    """

    method: str
    path: str
    summary: str
    prepare: Callable[[Wanted], Intent]
    permission: Permission
    body: type[BaseModel] = Empty
    status: int = 200
    ids: Mapping[str, str] = {}
    adds: Callable[[Wanted], Mapping[str, Any]] | None = None
    adds_schema: Mapping[str, Any] = {}
    once: bool = False
    key_required: bool = False
    match_required: bool = False

    @property
    def body_optional(self) -> bool:
        """A body without a required field may be left out, except where it is the point."""
        needed = any(field.is_required() for field in self.body.model_fields.values())
        return not needed and self.method != "PATCH"

    @property
    def takes_key(self) -> bool:
        return self.method == "POST"

    @property
    def takes_body(self) -> bool:
        return self.method in {"POST", "PATCH"}

    @property
    def takes_match(self) -> bool:
        return bool(self.ids)
