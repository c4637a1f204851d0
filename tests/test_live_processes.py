"""Streams over real services: commands, relay, Kafka, projector, two read APIs, each a process."""

import random
import subprocess
import threading
from contextlib import contextmanager
from pathlib import Path

import httpx2
from sqlalchemy import make_url

from infra.bell import Ear
from tests.installation import Installation, clean, command, free_ports, until
from tests.stream_client import Listening, begun, close_all

CUTS, KILLED = 30, 10


class Writing(threading.Thread):
    """Contacts, one after the other; `ids` are those that were acknowledged, in their order."""

    def __init__(self, client):
        super().__init__(daemon=True)
        self.client, self.ids, self.stop = client, [], threading.Event()

    def run(self):
        while not self.stop.is_set():
            body = {"phone": f"+62812{len(self.ids):08}", "first_name": "Ana"}
            answer = self.client.post("/v1/contacts", json=body)
            assert answer.status_code == 201, answer.text
            self.ids.append(answer.json()["id"])


@contextmanager
def another_read_api(installation):
    """A second process over the same read models; its URL."""
    (port,) = free_ports(1)
    settings = clean() | installation.settings | {"BLAZZ_READ_PORT": str(port)}
    out, url = subprocess.DEVNULL, f"http://127.0.0.1:{port}"
    process = subprocess.Popen(command("read-api"), env=settings, stdout=out, stderr=out)
    try:
        until(lambda: answers(url), "the second read API")
        yield url
    finally:
        process.terminate()
        # Streams that are open do not hold it up.
        assert process.wait(15) == 0


def answers(url):
    try:
        return httpx2.get(f"{url}/-/healthy", timeout=5).status_code == 200
    except httpx2.HTTPError:
        return False


def listen(clients, since):
    """At one that is there: one of them may just have been killed."""
    while True:
        client = random.choice(clients)
        try:
            return Listening(client, "contacts", since)
        except OSError:
            continue


def test_nothing_is_lost_or_told_twice_when_clients_and_servers_are_cut_off(
    tmp_path, mysql_databases, kafka
):
    installation = Installation(tmp_path, mysql_databases(), mysql_databases(), kafka)
    ear = Ear(make_url(installation.settings["BLAZZ_READ_URL"]), "rows")
    with installation.up(), another_read_api(installation) as other:
        key = installation.client().key
        _all_listen(ear)
        headers = {"Authorization": f"Bearer {key}"}
        urls = (installation.commands, installation.reads, other)
        commands, *reads = [httpx2.Client(base_url=u, headers=headers, timeout=30) for u in urls]
        _a_ticket_is_good_once(reads)
        since, seen, chance = begun(reads[0], "contacts").events[0].id, [], random.Random(3)
        writing = Writing(commands)
        writing.start()
        for cut in range(CUTS):
            if cut == KILLED:
                installation.kill("read-api")
            listening, enough = listen(reads, since), chance.choice([0, 0, 1, 2, 5])
            listening.until(lambda es, n=enough, one=listening: len(es) >= n or one.ended.is_set())
            listening.close()
            seen += listening.items()
            since = seen[-1].id if seen else since
        writing.stop.set()
        writing.join()
        rest = listen(reads[1:], since)
        rest.until(lambda events: len(events) >= len(writing.ids) - len(seen), "the rest")
        assert [one.data["contact_id"] for one in seen + rest.items()] == writing.ids
        for client in (commands, *reads):
            client.close()
    close_all()


def _all_listen(ear):
    """The projector tells whoever wants to know: both read APIs, their waits and their streams."""
    until(ear.hear, "the projector's bell")
    mine = ear._socket.getsockname().rpartition(b".")[0].replace(b"\0", b"@")
    bound = Path("/proc/net/unix").read_bytes().count(mine)
    assert bound == 1 + 2 * 2
    ear.close()


def _a_ticket_is_good_once(reads):
    """Whichever of the processes is asked, and all at once."""
    ticket = reads[0].post("/v1/stream/tickets").json()["ticket"]
    nobody = [httpx2.Client(base_url=client.base_url) for client in reads]
    found, start = [], threading.Barrier(8)

    def redeem(client):
        start.wait()
        found.append(Listening(client, "contacts", ticket=ticket).status)

    asking = [threading.Thread(target=redeem, args=(nobody[n % 2],)) for n in range(8)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    for client in nobody:
        client.close()
    assert sorted(found) == [200, *[401] * 7]
