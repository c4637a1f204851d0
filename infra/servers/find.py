"""Where servers may come from on this machine, and what to type when there are none.

Everything that is set up lands in one cache folder, each part built beside its
place and renamed when complete, so that a part that exists is a part that works.
"""

import fcntl
import os
import platform
import pwd
import random
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

LOCK_SECONDS = 1200.0
# Below the range from which systems take ports for outgoing connections, so that a
# server which was killed finds its port still free.
PORTS = range(20000, 32000)

_IN_DOCKER = """\
with Docker (any system):
  docker compose up -d --wait mysql kafka
  export BLAZZ_TEST_MYSQL_URL=mysql+pymysql://root@127.0.0.1:3306
  export BLAZZ_TEST_KAFKA=127.0.0.1:9092
  ./blazz test"""


class ServersMissing(Exception):
    """No usable server: the text says why and what to type on this system."""


def missing(what: str, looked: list[str]) -> ServersMissing:
    places = "\n".join(f"  - {place}" for place in looked)
    return ServersMissing(
        f"{what} is needed and could not be had:\n{places}\nWhat to do:\n{commands_here()}\n"
        "without servers (SQLite only):\n  ./blazz test --fast"
    )


def commands_here() -> str:
    system = distribution()
    sudo = "" if os.getuid() == 0 else "sudo "
    if platform.system() == "Darwin":
        native = "macOS:\n  brew install mysql openjdk maven\n  ./blazz test"
    elif system == "debian":
        install = f"{sudo}apt-get update && {sudo}apt-get install -y debootstrap maven"
        native = f"Debian:\n  {install}\n  ./blazz test"
    elif system == "ubuntu":
        install = f"{sudo}apt-get update && {sudo}apt-get install -y mysql-server-core maven"
        native = f"Ubuntu whose mysql-server-core is 8.4 or newer:\n  {install}\n  ./blazz test"
    else:
        native = "other systems: put mysqld 8.4 or newer, java 17 or newer and mvn on PATH"
    return f"{native}\n{_IN_DOCKER}"


def distribution() -> str:
    """`debian`, `ubuntu` or whatever else os-release says; empty where there is none."""
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        return ""
    return release.get("ID", "")


def cache_folder() -> Path:
    own = os.environ.get("BLAZZ_CACHE")
    if own:
        return Path(own).absolute()
    shared = os.environ.get("XDG_CACHE_HOME")
    home = os.environ.get("HOME") or home_of_user()
    return (Path(shared) if shared else Path(home) / ".cache") / "blazz"


def home_of_user() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_dir
    except KeyError:
        return tempfile.gettempdir()


def say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def free_port() -> int:
    for _ in range(200):
        port = random.choice(PORTS)  # noqa: S311  nothing secret in a port
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise ServersMissing(f"no free port between {PORTS.start} and {PORTS.stop} on 127.0.0.1")


def run_tool(command: list[str], seconds: float, env: dict[str, str] | None = None) -> str:
    """The tool's output; a tool that fails is quoted, without passwords of its addresses."""
    shown = " ".join(command)
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=seconds,
            check=False,
            stdin=subprocess.DEVNULL,
            env={**os.environ, **(env or {})},
        )
    except subprocess.TimeoutExpired as late:
        raise ServersMissing(f"`{shown}` was still running after {seconds:.0f} s") from late
    except OSError as absent:
        raise ServersMissing(f"`{shown}` cannot be started: {absent}") from absent
    output = done.stdout + done.stderr
    if done.returncode:
        said = re.sub(r"//[^/@\s]+@", "//", "\n".join(output.splitlines()[-25:]))
        raise ServersMissing(f"`{shown}` failed with code {done.returncode}:\n{said}")
    return output


def in_cache(name: str, build: Callable[[Path], None]) -> Path:
    """The complete part `name` of the cache, built once however many runs ask at a time."""
    target = cache_folder() / name
    if target.is_dir():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with _locked(target.with_name(f"{name}.lock")):
        if target.is_dir():
            return target
        for abandoned in target.parent.glob(f"{name}.half-*"):
            shutil.rmtree(abandoned)
        half = Path(tempfile.mkdtemp(prefix=f"{name}.half-", dir=target.parent))
        half.chmod(0o755)
        try:
            build(half)
            half.rename(target)
        except BaseException:
            shutil.rmtree(half, ignore_errors=True)
            raise
    return target


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    deadline = time.monotonic() + LOCK_SECONDS
    with path.open("w") as lock:
        told = False
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise ServersMissing(f"another set-up has held {path} for too long") from None
                if not told:
                    say(f"waiting for another set-up that holds {path}")
                    told = True
                time.sleep(0.2)
            else:
                break
        yield
