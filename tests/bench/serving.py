"""Services run for a measurement in processes of their own."""

import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from tests.installation import ROOT, clean, command, free_ports, until


@contextmanager
def command_api(store: str, read: str, **settings: str) -> Iterator[tuple[int, int]]:
    """The command API over these databases: its port and its process."""
    (port,) = free_ports(1)
    given = {
        "BLAZZ_LOG_LEVEL": "warning",
        "BLAZZ_STORE_URL": store,
        "BLAZZ_READ_URL": read,
        "BLAZZ_COMMAND_PORT": str(port),
    }
    with serving(command("command-api"), port, given | settings) as process:
        yield port, process


@contextmanager
def serving(arguments: Sequence[str], port: int, settings: Mapping[str, str]) -> Iterator[int]:
    """A process that listens on `port`, until the end of the block."""
    process = subprocess.Popen(
        arguments, cwd=ROOT, env=clean() | settings, stdout=subprocess.DEVNULL
    )
    try:
        until(lambda: _answers(process, port), f"{arguments[-1]} listening")
        yield process.pid
    finally:
        process.terminate()
        process.wait(20)


def _answers(process: subprocess.Popen[bytes], port: int) -> bool:
    if process.poll() is not None:
        raise RuntimeError(f"the service ended with {process.returncode}")
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True
