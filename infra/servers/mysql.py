"""A MySQL server of our own: from this machine's mysqld, or from the cache."""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import pymysql

from infra.servers.find import free_port, in_cache, run_tool, say
from infra.servers.mysql_binary import MysqlBinary, find_mysql
from infra.servers.process import Server, ServerProcess

START_SECONDS = 60.0


class MysqlServer(Server):
    """Listens on 127.0.0.1 only, as root without a password, until stopped or we die."""

    name = "mysqld"
    start_seconds = START_SECONDS

    def __init__(self, binary: MysqlBinary, data: Path, options: Sequence[str]) -> None:
        self.version = binary.version
        self._binary = binary
        self._data = data
        self._options = options
        self.port = free_port()
        self._start()

    @property
    def url(self) -> str:
        return f"mysql+pymysql://root@127.0.0.1:{self.port}"

    def _launch(self) -> ServerProcess:
        command = [
            *self._binary.command,
            f"--datadir={self._data}",
            f"--port={self.port}",
            "--bind-address=127.0.0.1",
            # Relative to the data: the path of a socket has room for 107 characters only.
            "--socket=mysql.sock",
            "--pid-file=mysql.pid",
            "--mysqlx=OFF",
            "--secure-file-priv=",
            "--skip-log-bin",
            "--log-bin-trust-function-creators=1",
            "--local-infile=1",
            "--max-connections=300",
            "--default-time-zone=+00:00",
            *self._options,
        ]
        log = self._data.with_name(f"{self._data.name}.log")
        return ServerProcess(command, log, self._data)

    def _trouble(self) -> str | None:
        try:
            pymysql.connect(host="127.0.0.1", port=self.port, user="root").close()
        except pymysql.err.OperationalError as error:
            return str(error)
        return None


def start_mysql(workdir: Path, durable: bool = False, options: Sequence[str] = ()) -> MysqlServer:
    """A server whose data lies in `workdir`; data left there by an earlier one is kept.

    Without `durable` a killed server may forget its last second: for tests only.
    """
    binary = find_mysql()
    data = workdir.absolute() / "mysql"
    if not (data / "mysql.ibd").exists():
        shutil.rmtree(data, ignore_errors=True)
        half = data.with_name("mysql.half")
        shutil.rmtree(half, ignore_errors=True)
        shutil.copytree(_template(binary, workdir), half)
        half.rename(data)
    flush = f"--innodb-flush-log-at-trx-commit={1 if durable else 0}"
    server = MysqlServer(binary, data, [flush, *options])
    say(f"MySQL {binary.version} from {binary.origin}, answering on 127.0.0.1:{server.port}")
    return server


def _template(binary: MysqlBinary, workdir: Path) -> Path:
    """An initialised data folder to copy: five times faster than initialising anew."""

    def build(half: Path) -> None:
        run_tool([*binary.command, "--initialize-insecure", f"--datadir={half / 'data'}"], 180)

    # Files of a data folder are readable by their owner only, so each user has one.
    name = f"mysql-data-{binary.version}-{os.getuid()}"
    try:
        return in_cache(name, build) / "data"
    except PermissionError:
        workdir.mkdir(parents=True, exist_ok=True)
        build(workdir.absolute())
        return workdir.absolute() / "data"
