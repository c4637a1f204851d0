"""`blazz webhooks feed`: recorded payloads through the real endpoint, with what became of each."""

import asyncio
import os
import sys
import tempfile
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Final, TypeVar

import uvloop

from commands.webhooks import PATH
from infra.comparing.feeding import Compared, compare_all
from infra.database import connect
from infra.settings import Settings
from infra.thrown_away import thrown_away
from infra.webhook_feed import Fed, NothingToFeed, feed, summary

BROKEN: Final = 500
T = TypeVar("T")


def feed_folder(settings: Settings, folder: Path, url: str) -> int:
    """0; 1 if a payload was answered with 5xx or not at all; 64 if there is nothing to feed."""
    secret = settings.app_secrets()[0]
    try:
        if url:
            fed = feed(folder, url, secret, connect(settings.store_url))
        else:
            fed = _in_a_folder(lambda place: _feed(place, folder, secret))
    except NothingToFeed as error:
        return _nothing(error)
    sys.stdout.write(summary(fed) + "\n")
    return 1 if any(one.status in (0, *range(BROKEN, 600)) for one in fed) else 0


def compare_folder(settings: Settings, folder: Path) -> int:
    """0 if all that the payloads say can be read again, else 1; 64 if there is nothing to feed."""
    secret = settings.app_secrets()[0]
    try:
        found = _in_a_folder(lambda place: compare_all(place, folder, secret))
    except NothingToFeed as error:
        return _nothing(error)
    sys.stdout.write("\n".join([*map(str, found), _counted(found)]) + "\n")
    return 1 if any(one.differences for one in found) else 0


def _counted(found: list[Compared]) -> str:
    same = sum(not one.differences for one in found)
    return f"{len(found)} comparisons: {same} same, {len(found) - same} different"


def _nothing(error: NothingToFeed) -> int:
    sys.stderr.write(f"{error}\n")
    return os.EX_USAGE


def _in_a_folder(work: Callable[[Path], Coroutine[Any, Any, T]]) -> T:
    with (
        tempfile.TemporaryDirectory(prefix="blazz-feed-") as place,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        return runner.run(work(Path(place)))


async def _feed(place: Path, folder: Path, secret: str) -> list[Fed]:
    async with thrown_away(place) as (embedded, url):
        return await asyncio.to_thread(feed, folder, url + PATH, secret, embedded.write.engine)
