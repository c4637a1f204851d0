"""The simulator as a process of its own, and a receiver for its webhooks."""

import contextlib
import json
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import httpx2

ROOT = Path(__file__).parent.parent
SECRET, TOKEN, NUMBER, WABA = "topsecret", "token-1", "106540352242922", "100000000000001"
PATIENCE_S = 20


def until(reached: Callable[[], Any], what: str) -> Any:
    """The first true value of `reached`; waits for the fact, not for a time."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if value := reached():
            return value
        time.sleep(0.01)
    raise AssertionError(f"{what} did not happen within {PATIENCE_S} s")


class Hook(NamedTuple):
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> dict[str, Any]:
        return json.loads(self.raw)


class Receiver:
    """Answers webhooks with `answer` and keeps them; may go down and come back on its port."""

    def __init__(self) -> None:
        self.hooks: list[Hook] = []
        self.answer = 200
        self.refused = 0
        self._port = 0
        self.up()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}/hook"

    def up(self) -> None:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["content-length"]))
                if receiver.answer // 100 == 2:
                    headers = {key.lower(): value for key, value in self.headers.items()}
                    receiver.hooks.append(Hook(headers, raw))
                else:
                    receiver.refused += 1
                self.send_response(receiver.answer)
                self.end_headers()

            def log_message(self, *_: object) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), Handler)
        self._port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def down(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def changes(self, field: str = "messages") -> list[dict[str, Any]]:
        return [
            change["value"]
            for hook in list(self.hooks)
            for entry in hook.body["entry"]
            for change in entry["changes"]
            if change["field"] == field
        ]

    def statuses(self, wamid: str | None = None) -> list[dict[str, Any]]:
        return [
            status
            for value in self.changes()
            for status in value.get("statuses", [])
            if wamid in {None, status["id"]}
        ]

    def kinds(self, wamid: str | None = None) -> list[str]:
        return [status["status"] for status in self.statuses(wamid)]

    def tally(self) -> dict[str, int]:
        """How many messages ended where, by the furthest status seen."""
        order = ["sent", "delivered", "read", "failed"]
        furthest: dict[str, int] = {}
        for status in self.statuses():
            rank = order.index(status["status"])
            furthest[status["id"]] = max(furthest.get(status["id"], 0), rank)
        return dict(Counter(order[rank] for rank in furthest.values()))


class SimulatorProcess:
    def __init__(self, url: str, process: "subprocess.Popen[str]") -> None:
        self.url, self.process = url, process
        self.http = httpx2.Client(
            base_url=url, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=PATIENCE_S
        )

    def post(self, path: str, **content: Any) -> httpx2.Response:
        return self.http.post(f"/v23.0/{path}", json=content)

    def get(self, path: str, **query: Any) -> httpx2.Response:
        return self.http.get(f"/v23.0/{path}", params=query)

    def send(self, to: str, number: str = NUMBER, **content: Any) -> httpx2.Response:
        message = {"type": "text", "text": {"body": "Hello"}} | content
        return self.post(f"{number}/messages", messaging_product="whatsapp", to=to, **message)

    def sent(self, to: str, **content: Any) -> str:
        answer = self.send(to, **content)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["messages"][0]["id"])

    def refused(self, status: int, code: int, answer: httpx2.Response) -> str:
        """Check the shape of a refusal; what it says."""
        error = answer.json()["error"]
        assert (answer.status_code, error["code"]) == (status, code), answer.text
        assert error["type"] == "OAuthException"
        assert error["fbtrace_id"]
        assert error["error_data"]["messaging_product"] == "whatsapp"
        return str(error["error_data"]["details"])

    def control(self, what: str, **content: Any) -> httpx2.Response:
        return self.http.post(f"/_simulator/{what}", json=content)

    def stats(self) -> dict[str, Any]:
        return dict(self.http.get("/_simulator/stats").json())

    def ledger(self, offset: int = 0) -> list[dict[str, Any]]:
        text = self.http.get("/_simulator/ledger", params={"offset": offset}).text
        return [json.loads(line) for line in text.splitlines()]

    def idle(self) -> dict[str, Any]:
        """The counts, once every webhook has been taken."""
        until(lambda: self.stats()["webhooks"]["pending"] == 0, "an empty outbox")
        return self.stats()


@contextlib.contextmanager
def simulator(**options: Any) -> Iterator[SimulatorProcess]:
    flags: list[str] = []
    for name, value in ({"delay_ms": 5, "spread": 0} | options).items():
        flag = name.replace("_", "-")
        if isinstance(value, bool):
            flags.append(f"--{flag}" if value else f"--no-{flag}")
        else:
            flags += [f"--{flag}", str(value)]
    process = subprocess.Popen(
        [sys.executable, "-m", "infra.providers.simulator", *flags],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    with process, contextlib.ExitStack() as cleanup:
        cleanup.callback(process.terminate)
        line = process.stdout.readline()
        assert line.startswith("simulator listening on http://127.0.0.1:"), line
        running = SimulatorProcess(line.split()[-1], process)
        cleanup.callback(running.http.close)
        yield running
