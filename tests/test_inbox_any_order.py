"""Inbound items and statuses leave the same read models in whatever order and however often."""

import json
from datetime import UTC, datetime
from random import Random

import pytest
from sqlalchemy import select

from commands.policies.inbox import InboxPolicy
from domain import ids
from domain.message import AcceptMessage, AttemptMessage, Content, QueueMessage, message
from projections.calls import call_steps, calls
from projections.chat_daily import chat_daily
from projections.contact_identifiers import contact_identifiers
from projections.contacts import contacts
from projections.conversations import conversations
from projections.daily import daily_analytics, daily_contacts
from projections.dashboard import workspace_dashboard
from projections.files import file_uses, files, files_wanted
from projections.inbox_counts import inbox_counts, inbox_readers, inbox_received, inbox_seen
from projections.messages import messages
from projections.reactions import reactions
from projections.reports import reports
from projections.transcript_tables import message_edits, transcript
from tests.stage import Stage, now
from tests.webhook_chat import FIRST, SHOWN

PEOPLE = ("4915500000001", "4915500000002", "4915500000003")
SENT = 3
TABLES = (
    contacts,
    contact_identifiers,
    conversations,
    transcript,
    message_edits,
    reactions,
    calls,
    call_steps,
    messages,
    inbox_counts,
    inbox_received,
    inbox_seen,
    inbox_readers,
    reports,
    files,
    file_uses,
    files_wanted,
    daily_analytics,
    daily_contacts,
    workspace_dashboard,
    chat_daily,
)
LONG_AGO = datetime(2025, 9, 1, tzinfo=UTC)
HOW_IT_WAS_HEARD = {
    *("position", "version", "created_at", "updated_at", "claimed_at", "started_at"),
    *("last_position", "live_since", "queued_at", "attempted_at", "accepted_at"),
    *("last_message_at", "superseded", "wanted_at", "recorded_at"),
    *("first_responses", "first_response_ms"),
}
"""What belongs to the order in which things were heard of, or to the clock here. A first response is
counted when it is heard, as the answer to what had been heard before it.
"""


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    stage = Stage(tmp_path_factory.mktemp("orders"))
    yield stage
    stage.close()


class Story:
    """Webhook values of one history, an item each; every instant is another one."""

    def __init__(self, chance):
        self._chance, self._clock = chance, iter(range(FIRST, FIRST + 100_000, 7))
        self.values = []
        for person in PEOPLE:
            for n in range(4):
                self._written(person, f"wamid.{person}.{n}")
            self._call(person)
            echo = {"from": SHOWN, "to": person, "id": f"wamid.echo.{person}", "type": "text"}
            echo |= self._at() | {"text": {"body": "from the phone"}}
            self._add("message_echoes", echo, "smb_message_echoes", who=person)
        for n in range(SENT):
            for status in ("sent", "delivered", "read"):
                self._add("statuses", {"id": f"wamid.OUT{n}", "status": status} | self._at())
        self._add("statuses", {"id": "wamid.OUT0", "status": "deleted"} | self._at())

    def _at(self):
        return {"timestamp": str(next(self._clock))}

    def _add(self, part, item, field="messages", who=None):
        named = {"profile": {"name": f"Person {who}"}, "wa_id": who, "user_id": f"DE.{who}"}
        value = {part: [item]} | ({"contacts": [named]} if who else {})
        self.values.append((field, value))

    def _written(self, who, id_):
        def say(kind, **body):
            item = {"from": who, "id": f"{id_}.{kind}.{len(self.values)}", "type": kind}
            return item | self._at() | {kind: body}

        text = {"from": who, "id": id_, "type": "text", "text": {"body": f"first {id_}"}}
        self._add("messages", text | self._at(), who=who)
        for _ in range(self._chance.randrange(3)):
            new = {"type": "text", "text": {"body": f"edit {len(self.values)}"}}
            self._add("messages", say("edit", original_message_id=id_, message=new), who=who)
        if self._chance.random() < 0.3:
            self._add("messages", say("revoke", original_message_id=id_), who=who)
        for emoji in self._chance.sample(["👍", "", "🙏"], self._chance.randrange(3)):
            target = self._chance.choice([id_, "wamid.OUT1"])
            self._add("messages", say("reaction", message_id=target, emoji=emoji), who=who)

    def _call(self, who):
        for event in ("connect", "terminate"):
            call = {"id": f"wacid.{who}", "from": who, "to": SHOWN, "event": event}
            self._add("calls", call | self._at(), "calls", who=who)


def told(stage, name, bodies):
    """A workspace of its own in which these values have come in these bodies; its rows."""
    ws = stage.new_workspace()
    number = stage.number(f"number of {name}", "waba", ws=ws)
    for n in range(SENT):
        about = {"workspace_id": ws, "message_id": (id_ := ids.name_id(ws, "message", str(n)))}
        to = {"contact_id": ids.name_id(ws, "contact", "x"), "account_id": number, "to": "+491"}
        content = Content(kind="text", text="hello")
        queue = QueueMessage(**about, **to, campaign_id=None, content=content)
        stage.do(message, id_, queue, now=LONG_AGO)
        stage.do(message, id_, AttemptMessage(**about, attempt=1), now=LONG_AGO)
        accept = AcceptMessage(**about, attempt=1, wamid=f"wamid.OUT{n}", wa_id="491")
        stage.do(message, id_, accept, now=LONG_AGO)
    stage.project()
    policy = stage.policy(InboxPolicy, stage.inbox)
    for values in bodies:
        stage.inbox.accept(_body(f"number of {name}", values), now())
        policy.step(now())
    stage.project()
    return {table.name: _rows(stage, table, ws) for table in TABLES}


def _body(phone_number_id, values):
    metadata = {"display_phone_number": SHOWN, "phone_number_id": phone_number_id}
    changes = [{"field": f, "value": {"metadata": metadata} | value} for f, value in values]
    entry = [{"id": "waba", "changes": changes}]
    return json.dumps({"object": "whatsapp_business_account", "entry": entry}).encode()


def _rows(stage, table, ws):
    """As they are read: without ids, which are made of the number's, and without positions."""
    shown = [
        column
        for column in table.c
        if not column.name.endswith("_id") or column.name in {"provider_id", "edit_id"}
    ]
    shown = [column for column in shown if column.name not in HOW_IT_WAS_HEARD]
    with stage.read.connect() as connection:
        found = connection.execute(select(*shown).where(table.c.workspace_id == ws))
        return sorted(
            repr([_instant(c.name, v) for c, v in zip(shown, r, strict=True)]) for r in found
        )


def _instant(name, value):
    """A place is an instant, and behind it the position."""
    return value[:14] if name.endswith("place") else value


@pytest.mark.parametrize("seed", range(4))
def test_any_order_and_repetition_leaves_the_same_read_models(stage, seed):
    chance = Random(seed)
    values = Story(chance).values
    once = told(stage, f"{seed}, in order", [[value] for value in values])
    assert len(once["transcript"]) == SENT + 5 * len(PEOPLE)
    for n in range(2):
        shuffled = [*values, *chance.choices(values, k=len(values) // 2)]
        chance.shuffle(shuffled)
        size = chance.choice([1, 3, 40])
        bodies = [shuffled[at : at + size] for at in range(0, len(shuffled), size)]
        again = told(stage, f"{seed}, shuffled {n}", bodies)
        for table, rows in once.items():
            assert again[table] == rows, table
    assert stage.inbox.counts() == {}, "all are done"
