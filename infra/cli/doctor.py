"""`blazz doctor`: what is wrong with this installation, and the command that mends it."""

import asyncio
import logging
import sys
import urllib.request
from collections.abc import Callable, Iterator
from urllib.error import URLError

from aiokafka import AIOKafkaClient
from aiokafka.errors import KafkaError
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from infra.cli.findings import WARNING, default_secrets, read_findings, store_findings
from infra.database import WrongUrl, checked, connect
from infra.files.storage import storage
from infra.schema import Tree, behind
from infra.services.parts import driver_words
from infra.settings import Settings
from projections.checkpoints import PARTITIONS

PROBE_S = 3
OLDEST_MYSQL = (8, 4)


def probe(url: str) -> int:
    """0 if the address answers 2xx within three seconds, else 1."""
    if not url.startswith(("http://", "https://")):
        sys.stderr.write(f"--probe {url}: not an http address\n")
        return 2
    try:
        with urllib.request.urlopen(url, timeout=PROBE_S) as answer:  # noqa: S310 - http, as checked
            return 0 if answer.status < 300 else 1  # noqa: PLR2004 - 2xx
    except (URLError, OSError) as error:
        sys.stderr.write(f"{url}: {error}\n")
        return 1


def examine(settings: Settings) -> int:
    """One line a thing looked at; 1 if any is wrong."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # what it meets is said below
    checks: list[tuple[str, Callable[[], str]]] = [
        ("event store", lambda: _database(settings.store_url, "store")),
        ("read models", lambda: _database(settings.read_url, "read")),
        ("kafka", lambda: asyncio.run(_kafka(settings))),
        ("files", lambda: _files(settings)),
    ]
    wrong, well = 0, set[str]()
    for name, look in checks:
        found = look()
        wrong += found != "ok"
        sys.stdout.write(f"{name}: {found}\n")
        if found == "ok":
            well.add(name)
    for line in _findings(settings, well):
        wrong += not line.startswith(WARNING)
        sys.stdout.write(f"{line}\n")
    return 1 if wrong else 0


def _findings(settings: Settings, well: set[str]) -> Iterator[str]:
    """What can be said of the databases that answer, one line each."""
    yield from default_secrets(settings)
    if "event store" not in well:
        return
    yield from store_findings(connect(settings.store_url))
    if "read models" in well:
        yield from read_findings(settings, connect(settings.read_url, durable=False))


def _database(url: str, tree: Tree) -> str:
    try:
        if unfit := _unfit(url):
            return unfit
        missing = behind(url, tree)
    except WrongUrl as error:
        return str(error)
    except OperationalError as error:
        return f"cannot be reached: {driver_words(error)}"
    return f"misses migrations {', '.join(missing)}: run `blazz migrate`" if missing else "ok"


def _unfit(url: str) -> str:
    """Why Blazz cannot work with this server, whatever its databases hold; empty if it can."""
    parsed = checked(url)
    if parsed.get_backend_name() == "sqlite":
        return ""
    engine = create_engine(parsed.set(database=""))
    try:
        with engine.connect() as connection:
            version = str(connection.execute(text("SELECT VERSION()")).scalar())
    finally:
        engine.dispose()
    if "mariadb" in version.lower():
        return f"MariaDB ({version}) is not MySQL: use MySQL 8.4 or newer"
    if tuple(int(part) for part in version.split(".")[:2]) < OLDEST_MYSQL:
        return f"MySQL {version} is too old: use 8.4 or newer"
    return ""


def _files(settings: Settings) -> str:
    where, said = str(settings.files_dir), "BLAZZ_FILES_DIR says where"
    if settings.files_url:
        where, said = "the bucket", "BLAZZ_FILES_URL says which"
    try:
        storage(settings).check()
    except OSError as error:
        return f"cannot be kept in {where}: {error.strerror or error} ({said})"
    return "ok"


async def _kafka(settings: Settings) -> str:
    client = AIOKafkaClient(bootstrap_servers=settings.kafka)
    try:
        await asyncio.wait_for(client.bootstrap(), PROBE_S)
        cluster = await asyncio.wait_for(client.fetch_all_metadata(), PROBE_S)
    except (KafkaError, TimeoutError, OSError) as error:
        return (
            f"cannot be reached at {settings.kafka}: {error or type(error).__name__}"
            " (BLAZZ_KAFKA says where)"
        )
    finally:
        await client.close()
    found = cluster.partitions_for_topic(settings.topic)
    if found is None:
        return f"has no topic {settings.topic} (BLAZZ_TOPIC): `blazz relay` makes it"
    if len(found) != PARTITIONS:
        return (
            f"topic {settings.topic} has {len(found)} partitions, not {PARTITIONS}:"
            " name another in BLAZZ_TOPIC, and rebuild the read models"
        )
    return "ok"
