"""Gathers what the oracles look at: from both APIs, the simulator, and the databases."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

from sqlalchemy import Engine, text

from infra.chaos.load import AGAIN_S, ANSWER_S, UNREACHABLE, Command, Company
from infra.demo.client import ApiRefused, Json
from infra.demo.run import Simulator, cumulative
from infra.event_store.inbox import Inbox

AT_ONCE: Final = 16
MOVED_S: Final = 60.0
LOOK_S: Final = 0.3


class NotAtRest(Exception):
    """What still moved, or no longer did, when patience ended."""


async def at_rest(company: Sequence[Company], simulator: Simulator, inbox: Inbox) -> None:
    """Until nothing more is to come. NotAtRest when nothing moves for a minute."""
    last, since = "", time.monotonic()
    while True:
        try:
            campaigns = [await _campaign(one) for one in company]
            stats = await simulator.stats()
            waiting = await asyncio.to_thread(inbox.counts)
        except (ApiRefused, *UNREACHABLE):
            campaigns, stats, waiting = [], {}, {}
        if campaigns and _settled(campaigns, stats, waiting):
            return
        line = f"{[_told(one) for one in campaigns]}, {stats.get('webhooks')}, inbox {waiting}"
        if line != last:
            last, since = line, time.monotonic()
        if time.monotonic() - since > MOVED_S:
            raise NotAtRest(f"nothing has moved for {MOVED_S:.0f} s: {line}")
        await asyncio.sleep(LOOK_S)


async def _campaign(company: Company) -> Json:
    async with asyncio.timeout(ANSWER_S):
        return await company.client.get(f"/v1/campaigns/{company.campaign_id}")


def _told(campaign: Json) -> Json:
    names = ("status", "recipients", "pending", "accepted", "sent", "delivered", "read", "unknown")
    return {name: campaign[name] for name in names}


def _settled(campaigns: Sequence[Json], stats: Json, waiting: dict[str, int]) -> bool:
    rightly = cumulative(stats["expected"])
    return (
        all(one["status"] in {"completed", "failed", "cancelled"} for one in campaigns)
        and not any(one["pending"] for one in campaigns)
        and not stats["webhooks"]["pending"]
        and not waiting.get("new")
        and not waiting.get("waiting")
        and sum(one["accepted"] for one in campaigns) == stats["accepted"]
        and all(
            sum(one[stage] for one in campaigns) == rightly[stage]
            for stage in ("sent", "delivered", "read")
        )
    )


async def repeated(company: Company) -> list[tuple[str, Json, Json]]:
    """Every acknowledged command once more with its key, beside the answer it had."""

    async def again(command: Command) -> tuple[str, Json, Json]:
        headers = {"Idempotency-Key": command.key}
        answer = await _patiently(
            lambda: company.client.post(command.path, command.body, **headers)
        )
        return command.path, command.answer, answer

    return await _several(company.acknowledged, again)


async def contacts(company: Company) -> list[tuple[str, Json, Json]]:
    """Every contact made under load: what was acknowledged, what is read."""

    async def look(known: tuple[str, Json]) -> tuple[str, Json, Json]:
        id_, acknowledged = known
        return (
            id_,
            acknowledged,
            await _patiently(lambda: company.client.get(f"/v1/contacts/{id_}")),
        )

    return await _several(list(company.contacts.items()), look)


async def _several(things: Sequence[Any], work: Callable[[Any], Awaitable[Any]]) -> list[Any]:
    free = asyncio.Semaphore(AT_ONCE)

    async def one(thing: Any) -> Any:
        async with free:
            return await work(thing)

    return await asyncio.gather(*(one(thing) for thing in things))


async def _patiently(ask: Callable[[], Awaitable[Json]]) -> Json:
    """The answer, or the problem instead of one."""
    for _ in range(20):
        try:
            async with asyncio.timeout(ANSWER_S):
                return await ask()
        except ApiRefused as refused:
            return refused.problem
        except UNREACHABLE:
            await asyncio.sleep(AGAIN_S)
    return {"code": "no_answer"}


def positions(store: Engine) -> dict[str, int]:
    """How the store's numbering stands, as the oracles want it."""
    with store.connect() as connection:
        first, last, count = connection.execute(
            text("SELECT MIN(position), MAX(position), COUNT(*) FROM events")
        ).one()
        head = connection.execute(text("SELECT head FROM positions WHERE id = 1")).scalar_one()
        broken = connection.execute(
            text(
                "SELECT COUNT(*) FROM (SELECT 1 FROM events GROUP BY stream_id"
                " HAVING MIN(version) <> 1 OR MAX(version) <> COUNT(*)) AS streams"
            )
        ).scalar_one()
    return {
        "head": head,
        "first_position": first or 0,
        "last_position": last or 0,
        "stored_events": count,
        "broken_streams": broken,
    }
