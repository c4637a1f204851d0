"""`blazz projections`: what the read models hold, making them anew, holding one still."""

import os
import sys
import time
from collections.abc import Callable
from functools import partial

import orjson
from sqlalchemy import Engine, select

from infra.cli.progress import Bar
from infra.event_store import open_store
from infra.services.parts import ReadSide, WriteSide
from infra.settings import Settings
from projections import pausing, places
from projections.all import ALL
from projections.alone import RebuildRuns
from projections.checkpoints import PARTITIONS, checkpoints
from projections.digest import digest
from projections.handover import NotExchanged
from projections.projection import Projection
from projections.rebuild import Rebuilt, Refused, cancel, pending, rebuild
from projections.team import MemberLost

WRONG_USE = 2
INTERRUPTED = 130
KNOWN = {projection.name: projection for projection in ALL}


class Unknown(ValueError):
    """A name that no projection has."""


def show_digest(settings: Settings, *, as_json: bool) -> int:
    """One line a table, or one JSON object."""
    found = digest(ReadSide(settings).engine)
    if as_json:
        sys.stdout.write(orjson.dumps(found, option=orjson.OPT_INDENT_2).decode() + "\n")
    else:
        for table, value in found.items():
            sys.stdout.write(f"{value}  {table}\n")
    return os.EX_OK


def partitions_of(engine: Engine) -> int:
    """The embedded runner, which has SQLite files, knows one partition only."""
    with engine.connect() as connection:
        found = set(connection.scalars(select(checkpoints.c.partition).distinct()))
    return 1 if engine.dialect.name == "sqlite" and found == {0} else PARTITIONS


def rebuild_projections(settings: Settings, names: list[str]) -> int:
    """Those that are named; if none are, those whose rebuild was broken off, or all."""
    store, engine = WriteSide(settings).store, ReadSide(settings).engine
    started = time.monotonic()
    bar = Bar()

    mysql = {store.engine.dialect.name, engine.dialect.name} == {"mysql"}
    # SQLite's locks do not survive a fork.
    opened = partial(open_store, settings.store_url) if mysql else None

    def work() -> int:
        chosen = _named(names or pending(engine)) or list(ALL)
        with bar:
            done = rebuild(store, engine, chosen, partitions_of(engine), bar.told, opened)
        _say(_summary(len(chosen), done, time.monotonic() - started))
        return os.EX_OK

    try:
        return _refusals(work)
    except KeyboardInterrupt:
        _say(
            f"stopped at position {bar.position}: `blazz projections rebuild` goes on from there,"
            " `blazz projections cancel` drops what is done"
        )
        return INTERRUPTED


def _summary(count: int, done: Rebuilt, seconds: float) -> str:
    words = (
        f"{count} projections rebuilt from {done.records} records up to position"
        f" {done.position} in {seconds:.1f} s, {done.parked} parked"
    )
    lines = [words]
    if done.comparison.compared:
        lines += done.comparison.differing or ["the tables replaced held just the same"]
    else:
        lines.append("the tables replaced stood elsewhere in the log, so they were not compared")
    return "\n".join(lines)


def cancel_rebuild(settings: Settings) -> int:
    """Drop the tables of a rebuild that was broken off; the live ones stay as they are."""
    engine = ReadSide(settings).engine

    def work() -> int:
        names = cancel(engine, ALL)
        dropped = f"dropped the half-filled tables of {', '.join(names)}"
        _say(dropped if names else "no rebuild was begun: there is nothing to drop")
        return os.EX_OK

    return _refusals(work)


def pause_projection(settings: Settings, name: str) -> int:
    """Its tables stand still from now on."""
    engine = ReadSide(settings).engine

    def work() -> int:
        (projection,) = _named([name])
        pausing.pause(engine, projection, partitions_of(engine))
        _say(f"{name} is paused; `blazz projections resume {name}` lets it catch up and go on")
        return os.EX_OK

    return _refusals(work)


def resume_projection(settings: Settings, name: str) -> int:
    """It catches up from the store and goes on."""
    store, engine = WriteSide(settings).store, ReadSide(settings).engine

    def work() -> int:
        (projection,) = _named([name])
        missed = pausing.resume(store, engine, projection, partitions_of(engine))
        _say(f"{name} is live again, after {missed} records from the store")
        return os.EX_OK

    return _refusals(work)


def adopt_log(settings: Settings) -> int:
    """Whatever log the projector meets next is the one."""
    places.leave(ReadSide(settings).engine)
    _say(
        "the projector takes whatever log it meets at its next start, and reads it from its"
        " beginning; if that log does not join on to the read models, it will say so"
    )
    return os.EX_OK


def _named(names: list[str]) -> list[Projection]:
    unknown = [name for name in names if name not in KNOWN]
    if unknown:
        raise Unknown(f"no projection {', '.join(unknown)}; known: {', '.join(KNOWN)}")
    return [KNOWN[name] for name in names]


def _refusals(work: Callable[[], int]) -> int:
    """2 for a name that is none, 1 for what cannot be done now, said in one line."""
    try:
        return work()
    except Unknown as error:
        _say(error)
        return WRONG_USE
    except (RebuildRuns, Refused, NotExchanged, MemberLost, pausing.NotPaused) as error:
        _say(error)
        return 1


def _say(words: object) -> None:
    sys.stderr.write(f"{words}\n")
