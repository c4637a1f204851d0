"""Recorded payloads, fed through the real endpoint, each with what became of it."""

import hmac
import json
import threading
from datetime import UTC, datetime
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from commands.policies.inbox import InboxPolicy
from commands.policies.loop import start_policies
from infra.webhook_feed import NothingToFeed, feed, summary
from tests import webhook_bodies as wire
from tests.stage import Stage

SECRET = "app-secret"


@pytest.fixture
def stage(tmp_path):
    stage = Stage(tmp_path)
    stop = threading.Event()
    threads, _ = start_policies([stage.policy(InboxPolicy, stage.inbox)], stop)
    yield stage
    stop.set()
    for thread in threads:
        thread.join()
    stage.close()


@pytest.fixture
def endpoint(stage):
    """Takes bodies into the inbox as the command API does: by signature, over HTTP."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            raw = self.rfile.read(int(self.headers["content-length"]))
            wanted = "sha256=" + hmac.new(SECRET.encode(), raw, sha256).hexdigest()
            good = self.headers["x-hub-signature-256"] == wanted
            if good:
                stage.inbox.accept(raw, datetime.now(UTC))
            self.send_response(200 if good else 401)
            self.end_headers()

        def log_message(self, *_): ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/webhooks/whatsapp"
    server.shutdown()
    server.server_close()
    thread.join()


def written(folder, **files):
    folder.mkdir()
    for name, content in files.items():
        text = content if isinstance(content, str) else json.dumps(content)
        (folder / f"{name}.json").write_text(text)
    return folder


def test_each_payload_is_posted_and_its_end_reported(stage, endpoint, tmp_path):
    review = json.loads(wire.body(wire.template("PAUSED")))
    call = json.loads(wire.body(wire.change("calls", calls=[])))
    foreign = json.loads(wire.body(wire.statuses(number="999")))
    folder = written(
        tmp_path / "in", review=review, several={"call": call, "status": foreign}, broken="{"
    )
    fed = feed(folder, endpoint, SECRET, stage.engine)
    assert [(one.name, one.state) for one in fed] == [
        ("broken.json", ""),
        ("review", "done"),
        ("several/call", "kept"),
        ("several/status", "kept"),
    ]
    assert fed[2].reason == "calls is empty"
    assert summary(fed).splitlines()[-1] == "4 payloads: 2 kept, 1 not taken, 1 turned into facts"


def test_a_wrong_secret_is_told(stage, endpoint, tmp_path):
    folder = written(tmp_path / "in", review=json.loads(wire.body(wire.template("PAUSED"))))
    (fed,) = feed(folder, endpoint, "wrong", stage.engine)
    assert str(fed) == "review: not taken (HTTP 401)"


def test_an_endpoint_that_is_away_is_told(stage, tmp_path):
    folder = written(tmp_path / "in", review={"object": "x"})
    (fed,) = feed(folder, "http://127.0.0.1:9/webhooks", SECRET, stage.engine)
    assert fed.status == 0
    assert "does not answer" in fed.reason


def test_a_folder_without_payloads_is_refused(stage, tmp_path):
    with pytest.raises(NothingToFeed, match=r"has no \.json file"):
        feed(tmp_path / "nowhere", "http://127.0.0.1:9", SECRET, stage.engine)
