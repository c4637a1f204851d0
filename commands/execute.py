"""Load, decide, append: how every command of the write side is carried out.

One group of asks is atomic: all of its facts are stored, or none. Groups see the facts of the
groups before them, stored or not yet.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple, TypeVar

from commands.store import Append, EventStore, Receipt, VersionConflict
from commands.stream import Draft
from commands.streams import Ask, Stale, Streams
from domain.kernel import Event, Metadata, Rejected

__all__ = ["RETRIES", "Ask", "Done", "execute", "execute_many"]

RETRIES = 3
"""How often a decision is taken again on fresh facts after somebody else wrote first."""

Metadatas = Metadata | Sequence[Metadata]
T = TypeVar("T")


class Done(NamedTuple):
    """Version and position of the first ask's stream now; `events` are all new facts."""

    version: int
    position: int
    events: list[Event]


def execute(
    store: EventStore,
    asks: Sequence[Ask],
    metadata: Metadata,
    now: datetime,
    receipt: Receipt | None = None,
    streams: Streams | None = None,
) -> Done:
    """All asks or none. `streams` carries what the caller has loaded already.

    Rejected, ReceiptExists and StoreUnavailable go through; VersionConflict is raised when an
    expected version is not the present one, or when others kept writing first.
    """
    streams = Streams(store) if streams is None else streams

    def once() -> Done:
        draft = streams.decide(asks, now)
        streams.stage(draft)
        streams.keep(draft, _append(store, [(draft, metadata)], now, receipt))
        streams.snap(asks, draft)
        return _done(streams, asks, draft)

    return _retried(once, streams)


def execute_many(
    store: EventStore,
    groups: Sequence[Sequence[Ask]],
    metadata: Metadatas,
    now: datetime,
    streams: Streams | None = None,
) -> list[Done | Rejected]:
    """One answer per group, in order; one load and one commit unless somebody writes between.

    A group that meets a version conflict alone, again and again, answers Rejected("conflict").
    `streams` carries what the caller has loaded already, and holds what was loaded afterwards.
    """
    given = [metadata] * len(groups) if isinstance(metadata, Metadata) else list(metadata)
    if len(given) != len(groups):
        raise ValueError(f"{len(groups)} groups with {len(given)} metadata")
    if not groups:
        return []
    streams = Streams(store) if streams is None else streams
    try:
        return _retried(lambda: _all(store, streams, groups, given, now), streams)
    except VersionConflict:
        if len(groups) == 1:
            return [Rejected("conflict", "others keep changing it; ask again")]
    middle = len(groups) // 2
    return [
        *execute_many(store, groups[:middle], given[:middle], now),
        *execute_many(store, groups[middle:], given[middle:], now),
    ]


def _all(
    store: EventStore,
    streams: Streams,
    groups: Sequence[Sequence[Ask]],
    metadata: Sequence[Metadata],
    now: datetime,
) -> list[Done | Rejected]:
    streams.load_asked([ask for asks in groups for ask in asks])
    drafts: list[Draft | Rejected] = []
    for asks in groups:
        try:
            draft = streams.decide_loaded(asks, now)
        except Stale as stale:
            drafts.append(Rejected("version_stale", str(stale)))
        except Rejected as rejected:
            drafts.append(rejected)
        else:
            streams.stage(draft)
            drafts.append(draft)
    decided = [(d, m) for d, m in zip(drafts, metadata, strict=True) if isinstance(d, Draft)]
    positions = iter(_append(store, decided, now, None))
    for draft, _ in decided:
        streams.keep(draft, [next(positions) for _ in draft.events])
    stored = Draft([new for draft, _ in decided for new in draft.events], {})
    streams.snap([ask for asks in groups for ask in asks], stored)
    return [
        d if isinstance(d, Rejected) else _done(streams, asks, d)
        for asks, d in zip(groups, drafts, strict=True)
    ]


def _append(
    store: EventStore,
    decided: Sequence[tuple[Draft, Metadata]],
    now: datetime,
    receipt: Receipt | None,
) -> list[int]:
    appends = []
    for draft, metadata in decided:
        run: list[Event] = []
        last = None
        for stream_id, version, event in draft.events:
            if stream_id is last or stream_id == last:
                run.append(event)
            else:
                run, last = [event], stream_id
                appends.append(Append(stream_id, version - 1, run, metadata))
    if not appends and receipt is None:
        return []
    return store.append(appends, now, receipt)


def _retried(once: Callable[[], T], streams: Streams) -> T:
    for tries_left in range(RETRIES, -1, -1):
        try:
            return once()
        except VersionConflict as conflict:
            streams.forget()
            if isinstance(conflict, Stale) or not tries_left:
                raise
        except BaseException:
            streams.forget()
            raise
    raise AssertionError("the last try returns or raises")


def _done(streams: Streams, asks: Sequence[Ask], draft: Draft) -> Done:
    version, position = streams.stands(asks[0].stream_id)
    return Done(version, position, [new.event for new in draft.events])
