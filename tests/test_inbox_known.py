"""What the inbox remembers of messages it has just written to, and when it must not trust that."""

from commands.policies import answered as answered_module
from commands.policies.answered import Answered
from commands.policies.inbox import InboxPolicy
from commands.streams import Streams
from domain.ids import message_id
from domain.message import MessageDelivered, MessageRead, message
from projections.campaigns import campaigns
from tests import webhook_bodies as wire
from tests.stage import now
from tests.test_inbox import sent, shown, stage

__all__ = ["sent", "stage"]


class Counted:
    """The real store, and how many streams were read from it."""

    def __init__(self, store):
        self.store, self.loaded = store, []
        self.append = store.append

    def load(self, stream_ids):
        self.loaded += stream_ids
        return self.store.load(stream_ids)


def policy_of(stage, store):
    return InboxPolicy(store, stage.read, stage.zones, stage.inbox)


def report(stage, policy, id_, status, **more):
    stage.inbox.accept(wire.body(wire.statuses(wire.status(id_, status, **more))), now())
    assert policy.step(now()) == 1


def test_a_messages_stream_is_read_once_for_all_its_statuses(stage, sent):
    store = Counted(stage.store)
    policy = policy_of(stage, store)
    for status in ("sent", "delivered", "read"):
        report(stage, policy, sent[0], status)
    assert store.loaded == [sent[0]]
    assert shown(stage, sent[0]) == "read"


def test_what_another_wrote_meanwhile_is_heeded(stage, sent):
    mine, other = policy_of(stage, Counted(stage.store)), policy_of(stage, stage.store)
    report(stage, mine, sent[0], "sent")
    report(stage, other, sent[0], "delivered")
    report(stage, mine, sent[0], "read")
    report(stage, other, sent[0], "read", at=1_800_000_001)
    stage.project()
    facts = stage.events(sent[0])[-2:]
    assert [type(fact) for fact in facts] == [MessageDelivered, MessageRead]
    assert facts[-1].newly == ("read",)
    row = stage.row(campaigns)
    assert (row.sent_count, row.delivered_count, row.read_count) == (1, 1, 1)


def test_the_oldest_are_forgotten_and_those_without_an_answer_never_known(stage, sent, monkeypatch):
    monkeypatch.setattr(answered_module, "MOST", 2)
    waiting = message_id(stage.ws, sent[0])
    streams, answered = Streams(stage.store), Answered()
    for id_ in (waiting, *sent):
        streams.look(message, id_, stage.ws)
        answered.note(streams, [id_])
    assert set(answered.among([waiting, *sent])) == set(sent[1:])
