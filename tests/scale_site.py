"""A small world of scale in a MySQL database, for tests: 12 companies, ten thousand messages."""

from contextlib import contextmanager
from urllib.parse import urlsplit
from uuid import uuid4

import pymysql

from tests.bench.scale_load import load
from tests.bench.scale_world import World

SIZE = 0.0004


@contextmanager
def loaded(mysql_url, size=SIZE):
    with empty(mysql_url) as url:
        load(url, World(size))
        yield url


@contextmanager
def empty(mysql_url):
    """The URL of a new database, gone afterwards."""
    parts, name = urlsplit(mysql_url), f"blazz_scale_{uuid4().hex[:12]}"
    where = {"host": parts.hostname, "port": parts.port or 3306, "user": parts.username or "root"}
    with pymysql.connect(**where, password=parts.password or "") as administering:
        cursor = administering.cursor()
        cursor.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin")
        yield f"{mysql_url}/{name}"
        cursor.execute(f"DROP DATABASE {name}")
