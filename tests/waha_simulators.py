"""The WAHA simulator as a process of its own, and a receiver for its webhooks."""

import contextlib
import hmac
import json
import subprocess
import sys

import httpx2

from tests.simulators import PATIENCE_S, ROOT, Receiver, until

API_KEY, HMAC_KEY, SESSION, PHONE = "waha-key", "waha-hmac", "shop", "15550000001"
FINE = 300


class WahaReceiver(Receiver):
    """Keeps WAHA's events, and checks how each was signed."""

    def events(self, name=None):
        return [body for hook in list(self.hooks) if name in {None, (body := hook.body)["event"]}]

    def payloads(self, name):
        return [event["payload"] for event in self.events(name)]

    def acks(self, id_=None):
        return [p["ack"] for p in self.payloads("message.ack") if id_ in {None, p["id"]}]


def signature(body, key=HMAC_KEY):
    return hmac.new(key.encode(), body, "sha512").hexdigest()


class WahaProcess:
    def __init__(self, url, process):
        self.url, self.process = url, process
        headers = {"X-Api-Key": API_KEY}
        self.http = httpx2.Client(base_url=url, headers=headers, timeout=PATIENCE_S)

    def ask(self, method, path, **body):
        return self.http.request(method, path, json=body)

    def done(self, method, path, **body):
        answer = self.ask(method, path, **body)
        assert answer.status_code < FINE, answer.text
        return answer.json()

    def config(self, url, **webhook):
        hook = {"url": url, "events": ["*"], "hmac": {"key": HMAC_KEY}, **webhook}
        return {"webhooks": [hook]}

    def started(self, url="", name=SESSION, phone=PHONE, **webhook):
        """A session that works; its events go to `url`."""
        config = self.config(url, **webhook) if url else {}
        self.done("POST", "/api/sessions", name=name, start=True, config=config)
        self.scanned(name, phone)

    def scanned(self, name=SESSION, phone=PHONE):
        until(lambda: self.status(name) == "SCAN_QR_CODE", "a code to scan")
        self.done("POST", f"/_simulator/sessions/{name}/scan", phone=phone)
        until(lambda: self.status(name) == "WORKING", "the session's work")

    def status(self, name=SESSION):
        return self.http.get(f"/api/sessions/{name}").json()["status"]

    def text(self, to, text="Hello", session=SESSION):
        return self.ask("POST", "/api/sendText", session=session, chatId=f"{to}@c.us", text=text)

    def person(self, do, sender, session=SESSION, **deed):
        asked = {"session": session, "from": sender, "do": do, **deed}
        return self.done("POST", "/_simulator/people", **asked)["id"]

    def options(self, **changes):
        return self.done("POST", "/_simulator/options", **changes)

    def stats(self):
        return self.http.get("/_simulator/stats").json()

    def ledger(self, offset=0):
        text = self.http.get("/_simulator/ledger", params={"offset": offset}).text
        return [json.loads(line) for line in text.splitlines()]

    def idle(self):
        until(lambda: self.stats()["webhooks"]["pending"] == 0, "an empty outbox")
        return self.stats()


@contextlib.contextmanager
def waha(**options):
    flags = []
    given = {"delay_ms": 5, "start_ms": 5, "retry_second_ms": 20, "api_keys": API_KEY} | options
    for name, value in given.items():
        flags += [f"--{name.replace('_', '-')}", str(value)]
    process = subprocess.Popen(
        [sys.executable, "-m", "infra.providers.waha_simulator", *flags],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process, contextlib.ExitStack() as cleanup:
        cleanup.callback(process.terminate)
        line = process.stdout.readline()
        assert line.startswith("waha simulator listening on http://127.0.0.1:"), line
        running = WahaProcess(line.split()[-1], process)
        cleanup.callback(running.http.close)
        yield running
