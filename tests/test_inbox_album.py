"""An album comes as parallel webhooks, and several processes take them at the same moment."""

import json
import threading
from collections import Counter

import pytest

from commands.policies.inbox import InboxPolicy
from infra.event_store import open_store
from projections.contacts import contacts
from projections.conversations import conversations
from projections.transcript_tables import transcript
from tests.stage import Stage, now
from tests.webhook_chat import ANA, FIRST
from tests.webhook_corpus import inbound

PICTURES = 8


@pytest.fixture
def stage(tmp_path, mysql_store):
    stage = Stage(tmp_path, mysql_store)
    yield stage
    stage.close()


class Handed:
    """An inbox with these bodies in it; it remembers what did not become facts."""

    def __init__(self, bodies):
        self.items = [Body(n, raw) for n, raw in enumerate(bodies)]
        self.troubles = []

    def take(self, limit, at):
        del limit, at
        return self.items

    def settle(self, outcomes):
        self.troubles += [outcome for outcome in outcomes if outcome[1] != "done"]

    def later(self, ids, at, reason):
        self.troubles.append((ids, at, reason))


class Body:
    attempts, source = 0, "cloud_api"

    def __init__(self, id_, raw):
        self.id, self.body = id_, raw


def picture(n):
    image = {"id": f"m-{n}", "mime_type": "image/jpeg", "sha256": "Zm9v"}
    sent = {"type": "image", "id": f"wamid.{n}", "image": image, "timestamp": str(FIRST)}
    return json.dumps(inbound(sent, (ANA,))).encode()


def test_it_is_one_contact_and_one_conversation_with_each_picture_once(stage):
    """Each picture is taken by two of the four; each has connections of its own."""
    pictures = [picture(n) for n in range(PICTURES)]
    albums = [pictures[::2], pictures[1::2], pictures[4:], pictures[:4][::-1]]
    inboxes = [Handed(album) for album in albums]
    everybody = threading.Barrier(len(albums))
    steps = Counter()

    def take(inbox):
        store = open_store(stage.store_url)
        policy = InboxPolicy(store, stage.read, stage.zones, inbox)
        everybody.wait()
        steps[policy.step(now())] += 1
        store.close()

    threads = [threading.Thread(target=take, args=(inbox,)) for inbox in inboxes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert steps == {PICTURES // 2: len(albums)}
    assert [trouble for inbox in inboxes for trouble in inbox.troubles] == []
    stage.project()
    assert len(stage.rows(contacts)) == len(stage.rows(conversations)) == 1
    assert stage.row(conversations).inbound_count == PICTURES
    seen = Counter(row.provider_id for row in stage.rows(transcript))
    assert seen == {f"wamid.{n}": 1 for n in range(PICTURES)}
