"""One server process: its words go to a log file, and it never outlives us. What MySQL and Kafka
have in common as servers of our own.
"""

import os
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from pathlib import Path
from types import TracebackType
from typing import Self

from infra.servers.find import ServersMissing

# A pipe whose writing end only we hold: the read ends when we do, however we die. The
# kernel's parent-death signal would fire already when the starting thread ends.
_WATCH = 'read -r _; kill -9 "$1" 2>/dev/null'


class ServerProcess:
    def __init__(self, command: list[str], log: Path, cwd: Path) -> None:
        self._log = log
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=cwd,
                start_new_session=True,
            )
        self.pid = self._process.pid
        self._watch = subprocess.Popen(
            ["/bin/sh", "-c", _WATCH, "sh", str(self.pid)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,
        )

    def running(self) -> bool:
        return self._process.poll() is None

    def stop(self, seconds: float = 30.0) -> None:
        """In good order where the server manages it in time."""
        self._end(signal.SIGTERM, seconds)

    def kill(self) -> None:
        """As a power cut would: no chance to write anything down."""
        self._end(signal.SIGKILL, 10.0)

    def _end(self, how: signal.Signals, seconds: float) -> None:
        try:
            if self.running():
                os.kill(self.pid, how)
                self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._gone()
        except BaseException:
            # Whoever is in such a hurry that waiting is broken off still leaves nothing behind.
            self._gone()
            raise
        self._unwatched()

    def _gone(self) -> None:
        """Ended at once. The watch goes last: if we are ended here, it does the same."""
        self._process.kill()
        self._process.wait()
        self._unwatched()

    def _unwatched(self) -> None:
        self._watch.kill()
        self._watch.wait()
        if self._watch.stdin is not None:
            self._watch.stdin.close()

    def last_words(self, lines: int = 25) -> str:
        text = self._log.read_text(errors="replace")
        return "\n".join(text.splitlines()[-lines:])


class Server(ABC):
    """Started when made, gone when the block it is used in ends. `name` is for messages."""

    name: str
    start_seconds: float
    _process: ServerProcess

    @abstractmethod
    def _launch(self) -> ServerProcess:
        """The process, just started."""

    @abstractmethod
    def _trouble(self) -> str | None:
        """Why it does not answer yet; None when it does."""

    @property
    def pid(self) -> int:
        return self._process.pid

    def stop(self) -> None:
        self._process.stop()

    def kill(self) -> None:
        self._process.kill()

    def restart(self) -> None:
        """The same data on the same port."""
        self._process.stop()
        self._start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _start(self) -> None:
        self._process = self._launch()
        try:
            self._wait()
        except BaseException:
            self._process.kill()
            raise

    def _wait(self) -> None:
        deadline = time.monotonic() + self.start_seconds
        while True:
            if not self._process.running():
                raise ServersMissing(f"{self.name} did not start:\n{self._process.last_words()}")
            trouble = self._trouble()
            if trouble is None:
                return
            if time.monotonic() > deadline:
                text = f"{self.name} was not ready in {self.start_seconds:.0f} s ({trouble})"
                raise ServersMissing(f"{text}:\n{self._process.last_words()}")
            time.sleep(0.05)
