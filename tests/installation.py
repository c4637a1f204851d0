"""A whole Blazz as `blazz up` makes it: processes of its own, on a MySQL and a Kafka."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from uuid import uuid4

import httpx2

from infra.demo.client import Client
from infra.demo.run import Simulator

ROOT = Path(__file__).parent.parent
PATIENCE_S = 120.0
GRACE_S = 25.0
STARTED = re.compile(r"^(\S+): started, process (\d+)$", re.MULTILINE)


def blazz(*arguments, **environment):
    """One command, as typed; its settings are those given and no others."""
    return subprocess.run(
        command(*arguments),
        cwd=ROOT,
        env=clean() | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def command(*arguments):
    return [sys.executable, "-m", "infra.cli.main", *map(str, arguments)]


def clean():
    return {k: v for k, v in os.environ.items() if not k.startswith("BLAZZ_")}


@contextmanager
def running(service, **settings):
    """One service by itself, with these settings and no others; told to stop at the end."""
    with subprocess.Popen(command(service), cwd=ROOT, env=clean() | settings) as process:
        try:
            yield process
        finally:
            process.terminate()


def until(reached, what, patience_s=PATIENCE_S):
    """The first true value of `reached`; waits for the fact, not for a time."""
    deadline = time.monotonic() + patience_s
    while not (value := reached()):
        assert time.monotonic() < deadline, f"{what} did not happen within {patience_s} s"
        time.sleep(0.02)
    return value


class Installation:
    """The settings of one; `up` runs it. Its databases, topic and ports are nobody else's."""

    def __init__(self, folder, store_url, read_url, kafka, **settings):
        self.log, self.process = Path(folder) / "up.log", None
        names = ("command", "read", "simulator", "relay", "projector", "sender", "policies")
        ports = dict(zip(names, free_ports(len(names)), strict=True))
        self.urls = {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}
        self.commands, self.reads, simulator = (self.urls[name] for name in names[:3])
        self.simulator = Simulator(simulator)
        self.settings = {
            "BLAZZ_STORE_URL": store_url,
            "BLAZZ_READ_URL": read_url,
            "BLAZZ_KAFKA": kafka,
            "BLAZZ_TOPIC": f"blazz.test.{uuid4().hex}",
            **{f"BLAZZ_{name.upper()}_PORT": str(port) for name, port in ports.items()},
            "BLAZZ_SIMULATOR_HOLD_MS": "300",
            "BLAZZ_FILES_DIR": str(Path(folder) / "files"),
            **settings,
        }

    def blazz(self, *arguments, **changed):
        done = blazz(*arguments, **self.settings | changed)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @contextmanager
    def up(self):
        """Running and ready; stopped in order afterwards, which is a rule of its own."""
        with ExitStack() as stack:
            out = stack.enter_context(self.log.open("w"))
            self.process = subprocess.Popen(
                command("up"), cwd=ROOT, env=clean() | self.settings, stdout=out, stderr=out
            )
            stack.callback(self._end)
            for url in (self.commands, self.reads):
                until(lambda url=url: self._ready(f"{url}/-/ready"), f"{url} being ready")
            until(lambda: self._ready(f"{self.simulator.url}/-/healthy"), "the simulator")
            yield self

    def _ready(self, url):
        assert self.process.poll() is None, self.log.read_text()
        try:
            return httpx2.get(url, timeout=5).status_code == 200
        except httpx2.HTTPError:
            return False

    def stop(self):
        """SIGTERM; the exit status, 0 if every service ended by itself, in its own order."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(GRACE_S)

    def _end(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(GRACE_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def processes(self):
        """Service -> the process that was started for it last."""
        return {name: int(pid) for name, pid in STARTED.findall(self.log.read_text())}

    def kill(self, service):
        """Kill -9. Returns at once; the supervisor starts it again."""
        os.kill(self.processes()[service], signal.SIGKILL)

    def client(self, name="Kopi Nusantara"):
        """Both APIs with a key of a new company's, known to the read side."""
        self.blazz("workspace", "create", name, "--time-zone", "Asia/Jakarta")
        key = self.blazz("workspace", "key", name).strip()
        headers = {"Authorization": f"Bearer {key}"}
        url = f"{self.reads}/v1/campaigns"
        until(lambda: httpx2.get(url, headers=headers).status_code == 200, "the key being known")
        return Client(self.commands, self.reads, key)


def free_ports(count):
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def alive(pid):
    """Whether a process of that number runs; one that has ended and is not reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
