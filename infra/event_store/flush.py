"""Stores many appends in one commit and finds out what became of each: stored, in conflict, or
not to be had now. A loser never fails the others; nobody is answered before the outcome is known.
"""

import random
import time
from collections.abc import Callable, Sequence
from functools import partial
from types import ModuleType
from typing import Any, Final

from sqlalchemy import Engine

from commands.store import ReceiptExists, StoreUnavailable, VersionConflict
from infra.event_store import mysql, sqlite
from infra.event_store.batch import Batch, Key, TrackingConflict, key_of
from infra.event_store.connections import Connections
from infra.event_store.faults import ERRORS, Fault, answer, fault, key_taken
from infra.event_store.known import Known
from infra.event_store.pending import Pending, stored
from infra.event_store.verdicts import Refusal, verdicts

PAUSES_S: Final = (0.01, 0.02, 0.05, 0.1, 0.2, 0.4)
GIVE_UP_S: Final = 15
COUNTER_BEHIND: Final = (
    "the position counter stands below the last event: the store was not restored whole"
)

_POSITION: Final = {"events.PRIMARY", "events.position"}


class Flush:
    """One connection of its own; called by one thread at a time."""

    def __init__(self, engine: Engine, known: Known) -> None:
        self.known = known
        self.connections = Connections(engine, kept=1, autocommit=False)
        self.database: ModuleType = mysql if engine.dialect.name == "mysql" else sqlite

    def __call__(self, appends: Sequence[Pending]) -> None:
        """Every one of them is answered when this returns."""
        uncertain, stop = False, time.monotonic() + GIVE_UP_S
        for pause in (*PAUSES_S, None):
            left = [append for append in appends if append.open]
            try:
                with self.connections.take() as connection:
                    self._settle(connection, left, uncertain=uncertain)
            except ERRORS as error:
                found = fault(error)
                self.known.forget()
                uncertain = uncertain or found is Fault.LOST
                hopeless = found not in {Fault.AGAIN, Fault.LOST}
                if hopeless or pause is None or time.monotonic() > stop:
                    _refuse(appends, partial(answer, found, error, uncertain=uncertain), error)
                    return
                time.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 (jitter)
            else:
                return

    def _settle(
        self,
        connection: Any,
        appends: Sequence[Pending],
        *,
        uncertain: bool,
        look: bool = False,
        again: bool = False,
    ) -> None:
        if uncertain:
            # Before a broken connection was given up, its commit may have got through.
            appends = [append for append in appends if not self._found(connection, append)]
        told, heads = self._judged(connection, appends, look=look or uncertain)
        accepted = [a for a, refusal in zip(appends, told, strict=True) if refusal is None]
        if accepted:
            try:
                first = self.database.write(connection, [(a.batch, a.rows) for a in accepted])
            except TrackingConflict as conflict:
                connection.rollback()
                accepted[0].refused(conflict)
                return
            except ERRORS as error:
                if fault(error) not in {Fault.TAKEN, Fault.OTHER}:
                    raise
                connection.rollback()
                self._isolate(connection, appends, error, uncertain=uncertain, again=again)
                return
            self.known.saw(heads)
            stored(accepted, first)
        # Only now: who lost to a batch mate lost nothing before that one was stored.
        for append, refusal in zip(appends, told, strict=True):
            if refusal is not None and not (uncertain and self._found(connection, append)):
                append.refused(refusal)

    def _judged(
        self, connection: Any, appends: Sequence[Pending], *, look: bool
    ) -> tuple[list[Refusal | None], dict[bytes, int]]:
        """Who may be stored or why not, told before the counter is held; how streams stand then."""
        heads, unsure = self._heads(appends, look=look)
        spent: set[Key] = set()
        if unsure or look:
            keys = [key_of(a.batch.receipt) for a in appends if a.batch.receipt]
            found, spent = self.database.look(connection, unsure, keys)
            heads.update(found)
        told = list(verdicts([append.batch for append in appends], heads, spent))
        if any(told) and not look:
            # Nobody is refused by hearsay; besides, a spent key is the better reason.
            return self._judged(connection, appends, look=True)
        return told, heads

    def _isolate(
        self,
        connection: Any,
        appends: Sequence[Pending],
        error: BaseException,
        *,
        uncertain: bool,
        again: bool,
    ) -> None:
        """Somebody else wrote between the look and the insert, or one of them cannot be stored.

        A second look tells most losers; halving finds those that it does not tell.
        """
        if fault(error) is Fault.TAKEN and key_taken(error) in _POSITION:
            _refuse(appends, partial(StoreUnavailable, COUNTER_BEHIND), error)
        elif not again:
            self._settle(connection, appends, uncertain=uncertain, look=True, again=True)
        elif len(appends) > 1:
            middle = len(appends) // 2
            for half in (appends[:middle], appends[middle:]):
                self._settle(connection, half, uncertain=uncertain, look=True)
        elif not (uncertain and self._found(connection, appends[0])):
            _refuse(appends, partial(_loss, appends[0].batch, error), error)

    def _heads(
        self, appends: Sequence[Pending], *, look: bool
    ) -> tuple[dict[bytes, int], list[bytes]]:
        """How the streams stand as far as that is certain enough, and which must be looked at."""
        heads: dict[bytes, int] = {}
        unsure: dict[bytes, None] = {}
        for append in appends:
            exact = append.batch.exact and not look
            for stream, expected in append.batch.heads.items():
                at = self.known.at(stream) if exact else -1
                if at >= expected:
                    heads[stream] = at
                else:
                    unsure[stream] = None
        return heads, list(unsure)

    def _found(self, connection: Any, append: Pending) -> bool:
        """Answered, if its own facts are stored: all of them, byte for byte and in a row."""
        batch = append.batch
        if not batch.rows:
            return False
        there: dict[tuple[bytes, int], tuple[Any, ...]] = {}
        for stream in batch.heads:
            cursor = connection.cursor()
            cursor.execute(
                "SELECT stream_id, version, position, workspace_id, type, metadata, data"
                f" FROM events WHERE stream_id = {self.database.PARAMETER}",
                (stream,),
            )
            there.update({(row[0], row[1]): row[2:] for row in cursor.fetchall()})
        connection.rollback()
        first = there.get(batch.rows[0][:2], (0,))[0]
        for i, row in enumerate(batch.rows):
            own = (first + i, row.workspace_id, row.type, row.metadata, row.data)
            if there.get(row[:2]) != own:
                return False
        stored([append], first)
        return True


def _refuse(
    appends: Sequence[Pending], why: Callable[[], BaseException], cause: BaseException
) -> None:
    """An exception of its own for each, because each is raised in a thread of its own."""
    for append in appends:
        if append.open:
            refusal = why()
            if refusal is not cause:
                refusal.__cause__ = cause
            append.refused(refusal)


def _loss(batch: Batch, error: BaseException) -> BaseException:
    if fault(error) is Fault.OTHER:
        return error
    if key_taken(error).startswith("receipts."):
        return ReceiptExists(batch.receipt.key if batch.receipt else "")
    return VersionConflict()
