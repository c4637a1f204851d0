"""Since when each person of a workspace reads which numbers, in one stream.

Each time somebody begins, an era begins. The customers' messages say in which one they came, so
those of earlier eras are none that the person has still to read.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from domain.ids import name_id
from domain.kernel import Command, Decider, Event


class ReadingBegan(Event, kw_only=True):
    """Of these numbers; with `everything`, of all others besides that had no beginning of theirs."""

    user_id: UUID
    account_ids: tuple[UUID, ...]
    everything: bool
    era: int


class BeginReading(Command, kw_only=True):
    """With `everything`, all begins anew but the numbers in `but`: those were the user's already."""

    user_id: UUID
    account_ids: tuple[UUID, ...] = ()
    everything: bool = False
    but: frozenset[UUID] = frozenset()


class Readers(msgspec.Struct, frozen=True, kw_only=True):
    """`everything` and `numbers` say in which era each user began."""

    era: int = 0
    everything: Mapping[UUID, int] = {}
    numbers: Mapping[UUID, dict[UUID, int]] = {}

    def since(self, user_id: UUID, account_id: UUID) -> int:
        """The era from which on the user reads the number; 0 if no beginning is known."""
        own = self.numbers.get(user_id, {})
        return own.get(account_id, self.everything.get(user_id, 0))


def readers_id(workspace_id: UUID) -> UUID:
    """The one stream of a workspace's readers."""
    return name_id(workspace_id, "readers", "")


def evolve(readers: Readers, event: ReadingBegan) -> Readers:
    """The readers after that fact."""
    user_id, everything = event.user_id, readers.everything
    own = readers.numbers.get(user_id, {}) | dict.fromkeys(event.account_ids, event.era)
    return Readers(
        era=event.era,
        everything={**everything, user_id: event.era} if event.everything else everything,
        numbers={**readers.numbers, user_id: own},
    )


def decide(readers: Readers, command: BeginReading, now: datetime) -> Sequence[ReadingBegan]:
    """What follows from the request; nothing if nothing begins. Nobody's era goes back."""
    del now  # the order of the facts is all that counts
    numbers = frozenset(command.account_ids)
    if command.everything:
        numbers |= readers.numbers.get(command.user_id, {}).keys() - command.but
    elif not numbers:
        return []
    return [
        ReadingBegan(
            workspace_id=command.workspace_id,
            user_id=command.user_id,
            account_ids=tuple(sorted(numbers)),
            everything=command.everything,
            era=readers.era + 1,
        )
    ]


readers: Decider[Readers, BeginReading, ReadingBegan] = Decider(
    "readers", Readers(), decide, evolve
)
