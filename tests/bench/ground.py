"""The servers that measurements run on: made for the run, durable, all on this machine."""

import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Self
from uuid import uuid4

import pymysql

from infra.migrate import migrate_read, migrate_store
from infra.servers import start_kafka, start_mysql
from infra.servers.kafka import KafkaServer
from infra.servers.mysql import MysqlServer

MYSQL_OPTIONS = ("--innodb-buffer-pool-size=2G", "--innodb-redo-log-capacity=2G")
"""What an installation would set; the commit of each transaction is flushed to the disk."""


class Ground:
    """Starts a server when it is first asked for; `close` ends what was started."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._mysql: MysqlServer | None = None
        self._kafka: KafkaServer | None = None
        name = self._stack.enter_context(
            tempfile.TemporaryDirectory(prefix="blazz-bench-", ignore_cleanup_errors=True)
        )
        self.folder = Path(name)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def mysql(self) -> MysqlServer:
        if self._mysql is None:
            started = start_mysql(self.folder, durable=True, options=MYSQL_OPTIONS)
            self._mysql = self._stack.enter_context(started)
        return self._mysql

    @property
    def kafka(self) -> KafkaServer:
        if self._kafka is None:
            started = start_kafka(self.folder, measuring=True)
            self._kafka = self._stack.enter_context(started)
        return self._kafka

    def database(self, kind: str) -> str:
        """The url of a new database, migrated as `store` or `read`, or left `empty`."""
        name = f"{kind}_{uuid4().hex[:12]}"
        with pymysql.connect(host="127.0.0.1", port=self.mysql.port, user="root") as connection:
            connection.cursor().execute(f"CREATE DATABASE {name}")
        url = f"{self.mysql.url}/{name}"
        if kind == "store":
            migrate_store(url)
        if kind == "read":
            migrate_read(url)
        return url

    def drop(self, url: str) -> None:
        """Gives a database's room back."""
        name = url.rpartition("/")[2]
        with pymysql.connect(host="127.0.0.1", port=self.mysql.port, user="root") as connection:
            connection.cursor().execute(f"DROP DATABASE {name}")
