"""The command API dies between the commit and its answer: asked again, it answers as it would have."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx2

from infra.event_store import open_store
from tests.installation import ROOT, until

REQUESTS = 50
SITE = """
import json, os, sys
from pathlib import Path
from tests.command_site import command_site

def die(event, _):
    if armed and event == armed:
        os.kill(os.getpid(), 9)

armed = ""
sys.addaudithook(die)
with command_site(Path(sys.argv[1])) as site:
    company = site.workspace()
    armed = sys.argv[2]
    print(json.dumps({"url": site.url, "key": company.key}), flush=True)
    sys.stdin.read()
"""


@contextmanager
def api(folder, killed_at=""):
    """A process of its own, which kills itself when it passes that mark; its address and a key."""
    with subprocess.Popen(
        [sys.executable, "-c", SITE, str(folder), killed_at],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        text=True,
    ) as process:
        said = json.loads(process.stdout.readline())
        yield process, said["url"], said["key"]
        process.stdin.close()
        process.wait(30)


def ask(url, key):
    """Fifty equal requests at once; who got no answer is None."""

    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": "the-same"}
    limits = httpx2.Limits(max_connections=REQUESTS)
    with (
        httpx2.Client(base_url=url, headers=headers, limits=limits, timeout=30) as http,
        ThreadPoolExecutor(REQUESTS) as threads,
    ):

        def one(_):
            try:
                return http.post("/v1/contacts", json={"phone": "+6281234567890"})
            except httpx2.TransportError:
                return None

        return list(threads.map(one, range(REQUESTS)))


def killed(folder, mark):
    """The key, and what was answered before the end came."""
    with api(folder, mark) as (process, url, key):
        answers = [answer for answer in ask(url, key) if answer is not None]
        until(lambda: process.poll() is not None, "the end of the process")
        assert process.returncode == -9
    return key, answers


def facts(folder):
    store = open_store(f"sqlite:///{folder}/store.sqlite")
    types = [record.type for record in store.read(0, 100)]
    store.close()
    return types


def test_killed_after_the_commit_fifty_repetitions_get_the_answer_that_was_lost(tmp_path):
    key, early = killed(tmp_path, "blazz.store.after_commit")
    assert facts(tmp_path) == ["ContactAdded", "IdentifierClaimed"]
    answers = answers_are_equal_and_the_facts_are_one_set(tmp_path, key, replayed=REQUESTS)
    # Another request may have found the receipt in the moment that was left.
    assert {answer.content for answer in early} <= {answers[0].content}


def test_killed_before_the_commit_fifty_repetitions_do_it_once(tmp_path):
    key, early = killed(tmp_path, "blazz.store.before_commit")
    assert early == []
    assert facts(tmp_path) == []
    answers_are_equal_and_the_facts_are_one_set(tmp_path, key, replayed=REQUESTS - 1)


def answers_are_equal_and_the_facts_are_one_set(folder, key, *, replayed):
    with api(folder) as (_, url, _own_key):
        answers = ask(url, key)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum("idempotent-replayed" in answer.headers for answer in answers) == replayed
    assert facts(folder) == ["ContactAdded", "IdentifierClaimed"]
    return answers
