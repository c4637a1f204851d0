"""`blazz test`: the whole suite against one real MySQL and one real Kafka."""

import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import NoReturn
from xml.etree import ElementTree as ET

from infra.servers import ServersMissing, start_kafka, start_mysql
from infra.servers.given import given_kafka, given_mysql

ROOT = Path(__file__).resolve().parents[2]
MYSQL = "BLAZZ_TEST_MYSQL_URL"
KAFKA = "BLAZZ_TEST_KAFKA"
_IN_PARALLEL = ("-n", "2", "--dist", "loadfile")


@dataclass(frozen=True)
class Counts:
    passed: int
    failed: int
    skipped: int


def run_tests(fast: bool, args: list[str]) -> int:
    """0 only if tests ran and all passed; 3 where the servers cannot be had."""
    with tempfile.TemporaryDirectory(prefix="blazz-test-", ignore_cleanup_errors=True) as folder:
        try:
            with _ends_in_order(), ExitStack() as servers:
                env, versions = _without_servers() if fast else _with_servers(servers, folder)
                report = Path(folder) / "report.xml"
                code = _pytest([*_IN_PARALLEL, *args, f"--junit-xml={report}"], env)
        except ServersMissing as text:
            sys.stderr.write(f"{text}\n")
            return 3
        return _verdict(code, read_counts(report), versions)


def _verdict(code: int, counts: Counts, versions: str) -> int:
    failed = counts.failed
    if code not in (0, 1, 5) and failed == 0:
        failed = 1  # pytest itself broke off: that is no success, whatever it had counted
    skipped = f", {counts.skipped} skipped" if counts.skipped else ""
    sys.stdout.write(f"{versions}{skipped}\n{counts.passed} passed, {failed} failed\n")
    sys.stdout.flush()
    return 0 if code == 0 and failed == 0 and counts.passed > 0 else 1


def read_counts(report: Path) -> Counts:
    """A test whose set-up or tear-down broke has failed, also if its body passed."""
    try:
        cases = ET.parse(report).getroot().iter("testcase")  # noqa: S314  pytest wrote it
    except (OSError, ET.ParseError):
        return Counts(0, 0, 0)
    outcomes: dict[tuple[str, str], str] = {}
    for case in cases:
        name = (case.get("classname", ""), case.get("name", ""))
        if case.find("failure") is not None or case.find("error") is not None:
            outcomes[name] = "failed"
        else:
            quiet = "passed" if case.find("skipped") is None else "skipped"
            outcomes.setdefault(name, quiet)
    found = list(outcomes.values())
    return Counts(found.count("passed"), found.count("failed"), found.count("skipped"))


def _without_servers() -> tuple[dict[str, str], str]:
    env = {"BLAZZ_TEST_FAST": "1", MYSQL: "", KAFKA: ""}
    return env, f"fast: SQLite {sqlite3.sqlite_version} only, server tests left out"


def _with_servers(servers: ExitStack, folder: str) -> tuple[dict[str, str], str]:
    mysql, kafka = given_mysql(), given_kafka()
    if mysql is None:
        own = servers.enter_context(start_mysql(Path(folder)))
        mysql = (own.url, own.version)
    if kafka is None:
        broker = servers.enter_context(start_kafka(Path(folder)))
        kafka = (broker.bootstrap, broker.version)
    env = {"BLAZZ_TEST_FAST": "", MYSQL: mysql[0], KAFKA: kafka[0]}
    return env, f"MySQL {mysql[1]}, Kafka {kafka[1]}, SQLite {sqlite3.sqlite_version}"


def _pytest(args: list[str], env: dict[str, str]) -> int:
    command = [sys.executable, "-m", "pytest", *args]
    child = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **env})
    try:
        return child.wait()
    except BaseException:
        child.send_signal(signal.SIGINT)
        try:
            child.wait(30)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        raise


@contextmanager
def _ends_in_order() -> Iterator[None]:
    """A request to end unwinds the stack, so that pytest and the servers end before us."""

    def leave(number: int, _frame: FrameType | None) -> NoReturn:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
