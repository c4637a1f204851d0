"""The parts that services are put together from, made from settings in one place."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any, Final

from pymysql.constants import ER
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette
from starlette.routing import Route

from infra.database import WrongUrl, connect, connect_async, connect_reading
from infra.event_store import SqlEventStore, open_store
from infra.event_store.inbox import Inbox
from infra.http.app import Lifespan
from infra.keys import KeyRing
from infra.leases import Leases
from infra.metrics.movement import Checks
from infra.pair_debts import PairDebts
from infra.schema import Tree, behind
from infra.settings import Settings
from projections.faults import fault_of

READY_S: Final = 3.0
"""A probe that takes longer has its answer: it is not ready."""


class SchemaBehind(Exception):
    """The database misses migrations; one line says which and how to apply them."""


class DatabaseAway(Exception):
    """The database does not answer; one line says which, and where it was looked for."""


class WriteSide:
    """The event store's database: facts, webhook inbox, leases."""

    def __init__(self, settings: Settings) -> None:
        _insist(settings.store_url, "store")
        self.engine: Engine = connect(settings.store_url)
        self.store: SqlEventStore = open_store(settings.store_url)
        self.inbox = Inbox(self.engine)
        self.leases, self.debts = Leases(self.engine), PairDebts(self.engine)

    def routes(self, settings: Settings) -> list[Route]:
        """The command API's routes. Other services have no use for these modules."""
        from commands.handling import Desk
        from commands.routes import routes as command_routes

        return command_routes(
            Desk(self.store),
            self.inbox,
            settings.app_secrets(),
            settings.whatsapp_verify_token.get_secret_value(),
        )


class ReadSide:
    """The read models' database, for blocking and for asyncio code."""

    def __init__(self, settings: Settings) -> None:
        _insist(settings.read_url, "read")
        self.engine: Engine = connect(settings.read_url, durable=False)
        self.lookups: Engine = connect_reading(settings.read_url)
        self.reading: AsyncEngine = connect_async(settings.read_url)
        self.keys = KeyRing(self.reading)

    def routes(self, settings: Settings, partitions: int) -> list[Route]:
        """The read API's routes."""
        from read_api.app import routes as read_routes

        return read_routes(self.reading, settings.secret.get_secret_value().encode(), partitions)


def migrate(settings: Settings) -> None:
    """Bring both databases to what this version of the code wants."""
    from infra.migrate import migrate_read, migrate_store

    with _reached("store"):
        migrate_store(settings.store_url)
    with _reached("read"):
        migrate_read(settings.read_url)


@contextmanager
def _reached(tree: Tree) -> Iterator[None]:
    """Says that a database cannot be had where the driver says it in forty lines."""
    try:
        yield
    except WrongUrl as error:
        raise WrongUrl(f"BLAZZ_{tree.upper()}_URL: {error}") from error
    except OperationalError as error:
        if fault_of(error) != "transient" and not _denied(error):
            raise
        raise DatabaseAway(
            f"the {tree} database cannot be reached: {driver_words(error)}"
            f" (BLAZZ_{tree.upper()}_URL says where)"
        ) from error


def driver_words(error: OperationalError) -> str:
    """What the driver says, without what surrounds it."""
    return str(error.orig.args[-1] if error.orig is not None and error.orig.args else error)


def _denied(error: OperationalError) -> bool:
    code = error.orig.args[0] if error.orig is not None and error.orig.args else None
    return code in {ER.ACCESS_DENIED_ERROR, ER.DBACCESS_DENIED_ERROR}


def _insist(url: str, tree: Tree) -> None:
    with _reached(tree):
        missing = behind(url, tree)
    if missing:
        raise SchemaBehind(
            f"the {tree} database misses migrations {', '.join(missing)}: run `blazz migrate`"
        )


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
