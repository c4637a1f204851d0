"""Feeds payloads to installations of their own, and compares what these show with what was fed."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from commands.webhooks import PATH
from domain.access import SCOPES
from infra.cli.workspace import create, issue_key
from infra.comparing.compare import compare
from infra.comparing.named import Distinct, as_one, changes, distinct
from infra.comparing.shown import Shown
from infra.comparing.world import furnish
from infra.demo.client import Client
from infra.thrown_away import ThrownAway, thrown_away
from infra.webhook_feed import Fed, Payload, feed_all, read_folder

NAME: Final = "Compared"
PATIENCE_S: Final = 60.0


class Compared(NamedTuple):
    """`how`: one by one, or all payloads as one body."""

    name: str
    how: str
    differences: list[str]

    def __str__(self) -> str:
        found = "same" if not self.differences else "; ".join(self.differences)
        return f"{self.name} ({self.how}): {found}"


async def compare_all(place: Path, folder: Path, secret: str) -> list[Compared]:
    """Each payload by itself, then all of them as one body in a second installation."""
    payloads, unreadable = read_folder(folder)
    found = [Compared(one.name, "not read", [one.reason]) for one in unreadable]
    told = _told(payloads)
    ways = {"one by one": [one.payload for one in told], "as one body": [as_one(told)]}
    for n, (how, bodies) in enumerate(ways.items()):
        own = place / str(n)
        own.mkdir()
        differences = await _compared(own, told, bodies, secret)
        found += [Compared(one.name, how, differences[one.name]) for one in told]
    return found


def _told(payloads: Sequence[Payload]) -> list[Distinct]:
    """Those that are webhook payloads; folders of recordings hold other things, too."""
    made = (distinct(payload, n) for n, payload in enumerate(payloads, 1))
    return [one for one in made if isinstance(one.content, dict) and "entry" in one.content]


async def _compared(
    place: Path, told: Sequence[Distinct], bodies: Sequence[Payload], secret: str
) -> Mapping[str, list[str]]:
    async with thrown_away(place) as installation:
        key = await asyncio.to_thread(_prepare, installation, told)
        fed = await asyncio.to_thread(_feed, installation, bodies, secret)
        troubles = [str(one) for one in fed if one.state != "done"]
        url = installation.url
        async with Client(url, url, key) as client:
            client.position = installation.embedded.write.store.head()
            shown = Shown(client)
            await shown.read()
            found = {one.name: await compare(one.content, shown) for one in told}
    for trouble in troubles:
        name, _, why = trouble.partition(": ")
        for one in told:
            if one.name == name or len(bodies) == 1:
                found[one.name].append(why)
    return found


def _prepare(installation: ThrownAway, told: Sequence[Distinct]) -> str:
    """A workspace with all that is named, known to the read models; its key."""
    store = installation.embedded.write.store
    id_ = create(store, NAME, "UTC", "ID", "en")
    furnish(store, id_, [change for one in told for change in changes(one.content)])
    return issue_key(store, NAME, SCOPES, "compare")


def _feed(installation: ThrownAway, bodies: Sequence[Payload], secret: str) -> list[Fed]:
    embedded = installation.embedded
    embedded.catch_up()
    return feed_all(bodies, installation.url + PATH, secret, embedded.write.engine, PATIENCE_S, 1)
