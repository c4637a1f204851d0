"""Servers that the environment names: used as they are, after a look at what they are."""

import os
from urllib.parse import unquote, urlsplit

import pymysql

from infra.servers.find import ServersMissing, say
from infra.servers.kafka_ready import round_trip
from infra.servers.mysql_binary import usable_version

_MYSQL = "BLAZZ_TEST_MYSQL_URL"
_KAFKA = "BLAZZ_TEST_KAFKA"


def given_mysql() -> tuple[str, str] | None:
    """Its URL without a database and its version, or nothing where none is named."""
    url = os.environ.get(_MYSQL, "").rstrip("/")
    if not url:
        return None
    try:
        parts = urlsplit(url)
        port = parts.port or 3306
    except ValueError as wrong:
        raise _not_a_url() from wrong
    if parts.scheme != "mysql+pymysql" or not parts.hostname or parts.path:
        raise _not_a_url()
    where = f"{parts.hostname}:{port}"
    try:
        with pymysql.connect(
            host=parts.hostname,
            port=port,
            user=unquote(parts.username or "root"),
            password=unquote(parts.password or ""),
            connect_timeout=10,
        ) as connection:
            said = connection.get_server_info()
        version = usable_version(str(said))
    except pymysql.err.MySQLError as trouble:
        raise ServersMissing(f"{_MYSQL}: no MySQL answers at {where}: {trouble}") from trouble
    except ServersMissing as reason:
        raise ServersMissing(f"{_MYSQL}: {where} cannot be used: {reason}") from reason
    say(f"MySQL {version} at {where}, as {_MYSQL} says")
    return url, version


def given_kafka() -> tuple[str, str] | None:
    """Its bootstrap servers and what is known of its version, or nothing where none is named."""
    bootstrap = os.environ.get(_KAFKA, "")
    if not bootstrap:
        return None
    _, colon, port = bootstrap.split(",")[0].rpartition(":")
    if not colon or not port.isdigit():
        raise ServersMissing(f"{_KAFKA} must be host:port, as in 127.0.0.1:9092")
    trouble = round_trip(bootstrap)
    if trouble is not None:
        raise ServersMissing(f"{_KAFKA}: no working Kafka at {bootstrap}: {trouble}")
    say(f"Kafka at {bootstrap}, as {_KAFKA} says")
    return bootstrap, f"at {bootstrap}"


def _not_a_url() -> ServersMissing:
    return ServersMissing(
        f"{_MYSQL} must name a server without a database, as in mysql+pymysql://root@127.0.0.1:3306"
    )
