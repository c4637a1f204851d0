"""Real databases and a real log for the tests that ask for them by fixture name."""

import itertools
import os
import signal
from urllib.parse import unquote, urlsplit

import pymysql
import pytest

from infra.servers import start_kafka, start_mysql

FAST = os.environ.get("BLAZZ_TEST_FAST") == "1"
_SERVER_FIXTURES = {"mysql_url", "mysql_databases", "kafka", "own_mysql", "own_kafka"}
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
    on_mysql = chosen is not None and chosen.params.get("database") == "mysql"
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


@pytest.fixture
def mysql_databases(mysql_url):
    """Makes empty databases that nobody else uses, by their URL; they are gone after the test."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    names = []

    def make():
        names.append(f"blazz_{worker}_{os.getpid()}_{next(_numbers)}")
        _administer(mysql_url, f"CREATE DATABASE {names[-1]} CHARACTER SET utf8mb4")
        return f"{mysql_url}/{names[-1]}"

    yield make
    for name in names:
        _administer(mysql_url, f"DROP DATABASE {name}", name)


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
            # A connection that a test left open in a transaction would hold up the drop.
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
def own_mysql(tmp_path):
    """A durable server that the test may kill and restart."""
    with start_mysql(tmp_path, durable=True) as server:
        yield server


@pytest.fixture
def own_kafka(tmp_path):
    """A broker that the test may kill and restart."""
    with start_kafka(tmp_path) as server:
        yield server
