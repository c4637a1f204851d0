"""Real databases and a real log for the tests that ask for them by fixture name."""

import itertools
import os
import signal
from contextlib import contextmanager
from functools import cache
from urllib.parse import unquote, urlsplit

import pymysql
import pytest
from sqlalchemy import make_url

from infra.servers import start_kafka, start_mysql
from tests.browser import browser
from tests.migrated import Emptied, migrated
from tests.tallies import tables_at

FAST = os.environ.get("BLAZZ_TEST_FAST") == "1"
_SERVER_FIXTURES = {"mysql_url", "mysql_databases", "kafka", "own_mysql", "own_kafka"}
_EITHER = ("database", "store_database", "read_database")
_numbers = itertools.count(1)

# Who starts the tests in the background may have them ignore Ctrl-C, and every process they start
# would inherit that: those that try Ctrl-C would wait for ever.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_report_header():
    return "fast: SQLite only, tests with MySQL or Kafka are left out" if FAST else None


def pytest_collection_modifyitems(config, items):
    """Left out rather than skipped: a run never looks complete with tests it did not run."""
    if not FAST:
        return
    left_out = [item for item in items if _needs_a_server(item)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if not _needs_a_server(item)]


def _needs_a_server(item):
    chosen = getattr(item, "callspec", None)
    on_mysql = chosen and any(chosen.params.get(name) == "mysql" for name in _EITHER)
    return on_mysql or not _SERVER_FIXTURES.isdisjoint(getattr(item, "fixturenames", ()))


@pytest.fixture(scope="session")
def mysql_url(tmp_path_factory):
    """A server's URL without a database: the run's own, or one just for this process."""
    given = os.environ.get("BLAZZ_TEST_MYSQL_URL")
    if given:
        yield given
        return
    with start_mysql(tmp_path_factory.mktemp("mysql")) as server:
        yield server.url


@pytest.fixture(scope="session")
def kafka(tmp_path_factory):
    """The bootstrap address of a broker; its topics are shared, so tests name their own."""
    given = os.environ.get("BLAZZ_TEST_KAFKA")
    if given:
        yield given
        return
    with start_kafka(tmp_path_factory.mktemp("kafka")) as server:
        yield server.bootstrap


@contextmanager
def _databases(mysql_url):
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    names = []

    def make():
        names.append(f"blazz_{worker}_{os.getpid()}_{next(_numbers)}")
        _administer(mysql_url, f"CREATE DATABASE {names[-1]} CHARACTER SET utf8mb4")
        return f"{mysql_url}/{names[-1]}"

    yield make
    for name in names:
        # A connection that a test left open in a transaction would hold up the drop.
        _administer(mysql_url, f"DROP DATABASE {name}", name)


@pytest.fixture
def mysql_databases(mysql_url):
    """Makes empty databases that nobody else uses, by their URL; they are gone after the test."""
    with _databases(mysql_url) as make:
        yield make


@pytest.fixture(scope="session")
def mysql_kept(mysql_url):
    """The migrated database of each tree."""
    with _databases(mysql_url) as make:
        yield cache(lambda tree: Emptied(make(), tree))


@pytest.fixture
def mysql_store(mysql_kept):
    """The URL of a migrated store with nothing in it; its tables must stay as they are."""
    return _emptied(mysql_kept("store"))


@pytest.fixture
def mysql_read(mysql_kept):
    """The same of read models."""
    return _emptied(mysql_kept("read"))


def _emptied(kept):
    # A connection that a test left open in a transaction would hold this up.
    _administer(kept.url, "SELECT 1", make_url(kept.url).database)
    kept.empty()
    return kept.url


@pytest.fixture
def mysql_database(mysql_databases):
    """The URL of one of them."""
    return mysql_databases()


def _administer(url, statement, abandoned=None):
    parts = urlsplit(url)
    with pymysql.connect(
        host=parts.hostname,
        port=parts.port or 3306,
        user=unquote(parts.username or "root"),
        password=unquote(parts.password or ""),
    ) as connection:
        cursor = connection.cursor()
        cursor.execute("SET SESSION lock_wait_timeout = 20")
        if abandoned:
            cursor.execute(
                "SELECT id FROM information_schema.processlist WHERE db = %s", (abandoned,)
            )
            for (connection_id,) in cursor.fetchall():
                _end(cursor, connection_id)
        cursor.execute(statement)


def _end(cursor, connection_id):
    try:
        cursor.execute("KILL %s", (connection_id,))
    except pymysql.err.OperationalError as error:
        if error.args[0] != pymysql.constants.ER.NO_SUCH_THREAD:
            raise


@pytest.fixture(params=["sqlite", "mysql"])
def database(request, tmp_path):
    """An empty database of either kind: the rules of the store hold on both."""
    if request.param == "mysql":
        return request.getfixturevalue("mysql_database")
    return f"sqlite:///{tmp_path / 'store.sqlite'}"


@pytest.fixture
def engine(database):
    """On one that has the tables of the small read models and of the sink."""
    engine = tables_at(database)
    yield engine
    engine.dispose()


@pytest.fixture(params=["sqlite", "mysql"])
def store_database(request, tmp_path):
    """A migrated store of either kind, with nothing in it."""
    return _migrated(request, tmp_path, "store")


@pytest.fixture(params=["sqlite", "mysql"])
def read_database(request, tmp_path):
    """Migrated read models of either kind, with nothing in them."""
    return _migrated(request, tmp_path, "read")


def _migrated(request, tmp_path, tree):
    if request.param == "mysql":
        return request.getfixturevalue(f"mysql_{tree}")
    return migrated(f"sqlite:///{tmp_path / tree}.sqlite", tree)


@pytest.fixture
def own_mysql(tmp_path):
    """A durable server that the test may kill and restart."""
    with start_mysql(tmp_path, durable=True) as server:
        yield server


@pytest.fixture
def own_kafka(tmp_path):
    """A broker that the test may kill and restart."""
    with start_kafka(tmp_path) as server:
        yield server


@pytest.fixture(scope="module")
def chromium():
    """A browser for a file's tests, each page with a storage of its own."""
    with browser() as found:
        yield found
