"""The parts that services are put together from, made from settings in one place."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from pymysql.constants import ER
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.routing import Route

from commands.seals import Seals
from infra.bell import Ear
from infra.database import WrongUrl, connect, connect_async, connect_reading
from infra.event_store import SqlEventStore, open_store
from infra.event_store.inbox import Inbox
from infra.keys import KeyRing
from infra.leases import Leases
from infra.pair_debts import PairDebts
from infra.schema import Tree, behind
from infra.settings import Settings
from infra.tokens import Credentials, Sessions
from projections.faults import fault_of


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
        self.inbox, self.seals = Inbox(self.engine), seals_of(settings)
        self.leases, self.debts = Leases(self.engine), PairDebts(self.engine)

    def routes(self, settings: Settings) -> list[Route]:
        """The command API's routes. Other services have no use for these modules."""
        from commands.handling import Desk
        from commands.routes import routes as command_routes
        from commands.typing_indicator import Indicator
        from infra.files.storage import storage
        from infra.services.providers import soon

        return command_routes(
            Desk(self.store),
            self.inbox,
            settings.app_secrets(),
            settings.whatsapp_verify_token.get_secret_value(),
            self.seals,
            settings.waha_hmac_keys(),
            settings.ai_calls_per_day,
            typing=Indicator(partial(soon, settings)),
            storage=storage(settings),
        )


class ReadSide:
    """The read models' database, for blocking and for asyncio code."""

    def __init__(self, settings: Settings) -> None:
        _insist(settings.read_url, "read")
        self.engine: Engine = connect(settings.read_url, durable=False)
        self.lookups: Engine = connect_reading(settings.read_url)
        self.reading: AsyncEngine = connect_async(settings.read_url)
        sessions = Sessions(self.reading, seals_of(settings))
        self.credentials = Credentials(KeyRing(self.reading), sessions)

    def routes(self, settings: Settings, partitions: int) -> list[Route]:
        """The read API's routes, the inbox page among them."""
        from commands.patterns import search
        from infra.files.storage import storage
        from read_api.app import routes as read_routes
        from read_api.pages.serving import routes as page_routes

        secret = settings.secret.get_secret_value().encode()
        pages = page_routes(settings.commands_elsewhere())
        ear = partial(Ear, self.engine.url, "rows")
        files = storage(settings)
        return [*read_routes(self.reading, secret, partitions, search, files, ear), *pages]


def seals_of(settings: Settings) -> Seals:
    """What tokens are sealed with; the same in every process of an installation."""
    return Seals(settings.secret.get_secret_value().encode())


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
