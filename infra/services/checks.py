"""What a service looks at to say whether it is ready, and what it lets go of at its end."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

from sqlalchemy import Engine, text
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette

from commands.policies.rounds import Rounds
from infra.http.app import Lifespan
from infra.metrics.movement import Checks

READY_S: Final = 3.0
"""A probe that takes longer has its answer: it is not ready."""


def readiness(*checks: Checks) -> Callable[[], Awaitable[Mapping[str, Any]]]:
    """Looks at all of it, in a thread: what is asked may be slow to say that it is away."""

    async def ready() -> Mapping[str, Any]:
        found: dict[str, Any] = {}
        for answers in await asyncio.gather(*(_answer(check) for check in checks)):
            found.update(answers)
        return found

    return ready


async def _answer(check: Checks) -> Mapping[str, Any]:
    try:
        async with asyncio.timeout(READY_S):
            return await asyncio.to_thread(check)
    except Exception as error:  # noqa: BLE001 - whatever is wrong is the answer
        return {"progress": f"cannot be told: {type(error).__name__}"}


def databases(*engines: Engine) -> Checks:
    """Asks each for its attention."""

    def check() -> dict[str, str]:
        found = {}
        for engine in engines:
            name = str(engine.url.database).rsplit("/", 1)[-1]
            try:
                with engine.connect() as connection:
                    connection.execute(text("SELECT 1"))
                found[name] = "ok"
            except Exception as error:  # noqa: BLE001 - whatever is wrong is the answer
                found[name] = f"not reachable: {type(error).__name__}"
        return found

    return check


def going(rounds: Rounds, endless_s: float) -> str:
    """Whether what goes round comes round: `ok`, or for how long it has not."""
    taking_s = rounds.taking_s
    return "ok" if taking_s < endless_s else f"has been at one thing for {taking_s:.0f} s"


def broker(bootstrap: str) -> Checks:
    """Whether any of these addresses takes a connection."""

    def check() -> dict[str, str]:
        for address in bootstrap.split(","):
            host, _, port = address.strip().rpartition(":")
            with (
                suppress(OSError, ValueError),
                socket.create_connection((host, int(port)), timeout=READY_S / 4),
            ):
                return {"kafka": "ok"}
        return {"kafka": f"not reachable at {bootstrap}"}

    return check


def closing(*engines: AsyncEngine) -> Lifespan:
    """Ends their connections in the event loop that opened them."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        try:
            yield
        finally:
            for engine in engines:
                await engine.dispose()

    return lifespan
