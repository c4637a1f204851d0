"""What the read models of conversations hold, whatever order their facts and reports came in."""

import json
from collections import Counter
from random import Random
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain import conversation as cnv
from domain import message as msg
from projections import calls, chat_daily, contact_identifiers, conversations, notes, transcript
from projections.chat import NOBODY, PLACE_LENGTH, place
from projections.conversation_marks import conversation_labels, label_key
from projections.inbox_counts import inbox_counts, inbox_received
from projections.message_words import message_words
from projections.reactions import reactions
from projections.transcript_tables import message_edits
from tests.chat_history import tell
from tests.examples import ACCOUNT, CONTACT, WORKSPACE
from tests.histories import World, history
from tests.read_models import Tables
from tests.talks import COLLEAGUE, ME, Talk, minutes, sent

CHAT = (
    *(conversations.projection, transcript.projection, notes.projection, calls.projection),
    *(contact_identifiers.projection, chat_daily.projection),
)
OF_POSITIONS = {"last_position", "position"}
SEEDS = st.integers(0, 2**32)
THOROUGH = settings(max_examples=30, deadline=None)
talk = Talk(WORKSPACE, ACCOUNT, CONTACT)


def tables_of(log):
    tables = Tables()
    for projection in CHAT:
        tables.apply(projection.rows(log))
    return tables


def told(*groups):
    """What the facts that follow from these requests leave behind."""
    world = World(0)
    for asks in groups:
        tell(world, asks)
    return tables_of(world.log)


def comparable(tables):
    """All rows, without what says where in the log their facts stand."""
    out = {}
    for name, rows in tables.content.items():
        out[name] = {
            tuple(at_its_instant(part) for part in key): {
                column: at_its_instant(value) if column == "place" else value
                for column, value in row.items()
                if column not in OF_POSITIONS
            }
            for key, row in rows.items()
        }
    return {name: rows for name, rows in out.items() if rows}


def at_its_instant(value):
    """A place without the position behind its instant; whatever is none stays what it is."""
    return value[:14] if isinstance(value, str) and len(value) == PLACE_LENGTH else value


def shuffled(log, random):
    """The facts in an order in which they could have come too: that of each stream stays."""
    streams = {}
    for fact in log:
        streams.setdefault(fact.stream_id, []).append(fact)
    waiting, out = list(streams.values()), []
    while waiting:
        chosen = random.choice(waiting)
        out.append(chosen.pop(0)._replace(position=len(out) + 1))
        waiting = [facts for facts in waiting if facts]
    return out


@THOROUGH
@given(SEEDS)
def test_facts_of_different_streams_leave_the_same_rows_in_every_order(seed):
    log = [r for r in history(seed, 250) if type(r.event) in TYPES]
    expected = comparable(tables_of(log))
    assert comparable(tables_of(shuffled(log, Random(seed)))) == expected


TYPES = {type_ for projection in CHAT for type_ in projection.types}
REPLY = UUID(int=77)
PREPARED = [talk.ask(cnv.StartConversation, contact_id=CONTACT, account_id=ACCOUNT, by="business")]
REPORTS = (
    *(talk.customer(f"w.{n}", minutes(n), f"text {n}") for n in range(4)),
    talk.edit("w.1", minutes(11), "the first correction", "e1"),
    talk.edit("w.1", minutes(12), "the last correction", "e2"),
    talk.edit("w.5", minutes(13), "of something unheard of"),
    talk.revoke("w.2", minutes(14)),
    *(talk.react("w.3", minutes(15 + n), emoji) for n, emoji in enumerate(("👍", "😀", ""))),
    talk.react("w.0", minutes(20), "🎉", echo=True),
    talk.call("c.1", "ringing", minutes(21)),
    talk.call("c.1", "ended", minutes(22), seconds=9),
    *([step] for step in sent(WORKSPACE, REPLY, "w.out", "sent", "delivered", "read", at=minutes(23))[2:]),
)  # fmt: skip


def on_record(log):
    """What readers see of it: no row says how often or in which order something was reported."""
    hidden = {"conversations": {"version"}, "message_edits": {"superseded"}}
    tables = tables_of(log)
    shown = {id_: row["edition"] for (_, id_), row in tables[transcript.transcript].items()}
    words = tables[message_words]
    for key in [key for key, row in words.items() if row["edition"] != shown[key[3]]]:
        del words[key]
    return {
        name: {
            key: {c: v for c, v in row.items() if c not in hidden.get(name, ())}
            for key, row in rows.items()
        }
        for name, rows in comparable(tables).items()
    }


@THOROUGH
@given(SEEDS)
def test_reports_leave_the_same_rows_in_every_order_and_however_often(seed):
    logs = []
    for reports in (REPORTS, Random(seed).sample(REPORTS * 2, len(REPORTS) * 2)):
        world = World(0)
        queue = msg.QueueMessage(
            workspace_id=WORKSPACE, message_id=REPLY, campaign_id=None, contact_id=CONTACT,
            account_id=ACCOUNT, to="+62", content=msg.Content(kind="text", text="Halo"),
        )  # fmt: skip
        world.ask(msg.message, REPLY, queue)
        for step in sent(WORKSPACE, REPLY, "w.out", at=minutes(0)):
            world.ask(step.decider, step.stream_id, step.command)
        for asks in (*PREPARED, *reports):
            tell(world, asks)
        logs.append(world.log)
    assert on_record(logs[1]) == on_record(logs[0])


@THOROUGH
@given(SEEDS)
def test_counts_of_the_inbox_agree_with_the_conversations(seed):
    tables = tables_of(history(seed, 300))
    where, heard, received = Counter(), Counter(), Counter()
    rows = tables[conversations.conversations]
    for row in rows.values():
        who = (row["assignee_id"] or NOBODY, row["team_id"] or NOBODY)
        where[WORKSPACE, row["account_id"], row["status"], *who] += 1
        heard[row["account_id"]] += row["inbound_count"]
    kept = {k: r["conversations"] for k, r in tables[inbox_counts].items() if r["conversations"]}
    assert kept == +where
    for (_, account_id, _), row in tables[inbox_received].items():
        received[account_id] += row["messages"]
    assert received == +heard
    labels = {
        (id_, label_key(label)) for (_, id_), r in rows.items() for label in json.loads(r["labels"])
    }
    assert {(id_, label) for _, label, id_ in tables[conversation_labels]} == labels


def test_a_workspaces_figures_are_those_of_its_agents_and_of_nobody():
    tables = told(
        talk.customer("w.1", minutes(0)),
        talk.ask(cnv.AssignConversation, user_id=ME),
        talk.customer("w.2", minutes(1)),
        talk.phone("w.3", minutes(2)),
        talk.ask(cnv.ResolveConversation, user_id=COLLEAGUE),
    )
    figures = {
        (scope, id_): row for (_, scope, _, id_), row in tables[chat_daily.chat_daily].items()
    }
    whole = figures["workspace", NOBODY]
    assert (whole["messages_in"], whole["messages_out"], whole["first_responses"]) == (2, 1, 1)
    assert (whole["opened"], whole["resolved"]) == (1, 1)
    mine, theirs = figures["user", ME], figures["user", COLLEAGUE]
    # The phone answered: nobody's message, but the answer counts for who had the conversation.
    assert (mine["messages_in"], mine["messages_out"], mine["first_responses"]) == (1, 0, 1)
    assert (theirs["resolved"], mine["resolved"]) == (1, 0)


def test_what_was_edited_away_or_not_said_is_no_word_of_the_message_shown():
    tables = told(
        talk.customer("w.1", minutes(0), "a typo"), talk.edit("w.1", minutes(1), "a word")
    )
    shown = tables.one(transcript.transcript)["edition"]
    rows = tables[message_words].items()
    words = {word for (_, word, *_), row in rows if row["edition"] == shown}
    assert words == {"a", "word"}


def test_every_edit_is_kept_with_what_it_said():
    tables = told(
        talk.edit("w.1", minutes(2), "second", "e2"), talk.edit("w.1", minutes(1), "first", "e1")
    )
    kept = {edit_id: row["superseded"] for (_, _, edit_id), row in tables[message_edits].items()}
    assert kept == {"e2": 0, "e1": 1}
    row = tables.one(transcript.transcript)
    assert (row["body"], row["edited_body"], row["place"][:14]) == (
        None,
        "second",
        place(minutes(2), 1)[:14],
    )


def test_a_reaction_waits_for_its_message():
    tables = told(talk.react("w.1", minutes(1), "👍"))
    assert tables[transcript.transcript] == {}
    assert next(iter(tables[reactions]))[:3] == (WORKSPACE, talk.id, "w.1")


def test_campaign_messages_leave_nothing_here():
    happened = [r for seed in range(10) for r in history(seed, 150)]
    log = [r for r in happened if getattr(r.event, "campaign_id", None)]
    assert len(log) > 20
    assert tables_of(log).content == {}


@pytest.mark.parametrize(("first", "second"), [(0, 1), (255, 256), (10**12, 10**12 + 1)])
def test_places_sort_by_instant_and_then_by_position(first, second):
    assert place(minutes(0), second) < place(minutes(1), first)
    assert place(minutes(0), first) < place(minutes(0), second)
