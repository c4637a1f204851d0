"""The conversations of a company as lines to load: every third customer has written."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Table

from domain.ids import conversation_id, inbound_id, show
from projections.ai_usage import ai_usage
from projections.calls import call_steps, calls
from projections.chat import NOBODY, place
from projections.chat_daily import chat_daily
from projections.columns import canonical
from projections.contact_identifiers import contact_identifiers
from projections.conversation_marks import conversation_labels, read_markers
from projections.conversations import conversations
from projections.inbox_counts import inbox_counts, inbox_received, inbox_seen
from projections.message_words import message_words
from projections.notes import notes
from projections.reactions import reactions
from projections.rules import rules
from projections.teams import canned_replies, teams
from projections.transcript_tables import message_edits, transcript
from projections.words import spoken
from tests.bench.scale_company import line
from tests.bench.scale_world import LAST_DAY, Company

EVERY: Final = 3
MESSAGES: Final = 4
AGENTS: Final = 5
TEAMS: Final = 2
RULES: Final = 10
DAYS: Final = 30
_RULE: Final = canonical(
    {
        "name": "Invoices",
        "trigger": {"kind": "contains", "values": ["invoice"]},
        "actions": {"labels": ["invoices"]},
    }
)
_STATES: Final = ("open", "open", "pending", "resolved")
_SAID: Final = ("Where is my order", "Invoice please", "Terima kasih banyak", "Halo selamat pagi")
_END: Final = datetime(LAST_DAY.year, LAST_DAY.month, LAST_DAY.day, 12, tzinfo=UTC)
Row = tuple[Table, str]


def chatting(company: Company) -> range:
    """The numbers of the contacts who have written."""
    return range(0, company.contacts, EVERY)


def account(company: Company) -> UUID:
    return company.of(2, 0)


def conversation(company: Company, n: int) -> UUID:
    """Contact n's."""
    return conversation_id(account(company), company.of(3, n))


def agent(company: Company, n: int) -> UUID:
    return company.of(9, n % AGENTS)


def team(company: Company, n: int) -> UUID:
    return company.of(10, n % TEAMS)


def rule(company: Company, n: int) -> UUID:
    return company.of(14, n % RULES)


def chat_rows(company: Company) -> Iterator[Row]:
    """Everything of its conversations."""
    counts: Counter[tuple[Any, ...]] = Counter()
    for n in chatting(company):
        yield from _conversation(company, n, counts)
    ws = {"workspace_id": company.id}
    for (status, assignee, its_team), number in counts.items():
        where = {"account_id": account(company), "status": status}
        who = {"assignee_id": assignee, "team_id": its_team}
        yield inbox_counts, line(inbox_counts, **ws, **where, **who, conversations=number)
    heard = len(chatting(company)) * MESSAGES
    yield inbox_received, line(inbox_received, **ws, account_id=account(company), messages=heard)
    for n in range(AGENTS):
        who = {"user_id": agent(company, n), "account_id": account(company)}
        yield inbox_seen, line(inbox_seen, **ws, **who, messages=n)
    yield from _kept(company)


def _of(company: Company, n: int) -> dict[str, Any]:
    ids = {"workspace_id": company.id, "conversation_id": conversation(company, n)}
    return {**ids, "contact_id": company.of(3, n), "account_id": account(company)}


def _at(company: Company, n: int, message: int) -> tuple[datetime, int]:
    """When it was written, and the position of that."""
    order = (n // EVERY) * MESSAGES + message
    seconds = len(chatting(company)) * MESSAGES - order
    return _END - timedelta(seconds=seconds), company.rank * 10**9 + 100_000_000 + order


def _conversation(company: Company, n: int, counts: Counter[tuple[Any, ...]]) -> Iterator[Row]:
    whose = _of(company, n)
    at, position = _at(company, n, MESSAGES - 1)
    status = _STATES[n // EVERY % len(_STATES)]
    assignee = agent(company, n) if n % 2 else None
    its_team = team(company, n) if n % 4 == 0 else None
    counts[status, assignee or NOBODY, its_team or NOBODY] += 1
    labels = ["VIP"] if n % 5 == 0 else []
    waits = int(status != "resolved" and n % 7 == 0)
    shown = {"last_at": at, "last_kind": "text", "last_direction": "in", "last_snippet": _SAID[0]}
    state = {"status": status, "priority": "urgent" if n % 11 == 0 else "none", "waiting": waits}
    yield (
        conversations,
        line(
            conversations,
            **{**whose, **state, **shown},
            assignee_id=assignee,
            team_id=its_team,
            labels=canonical(labels),
            last_position=position,
            inbound_count=MESSAGES,
            started_at=at,
            version=MESSAGES + 1,
        ),
    )
    about = {name: whose[name] for name in ("workspace_id", "conversation_id")}
    for label in labels:
        row = line(conversation_labels, **about, label=label.lower(), position=position)
        yield conversation_labels, row
    marker = line(read_markers, **about, user_id=agent(company, n), seen=1)
    yield read_markers, marker
    for message in range(MESSAGES):
        yield from _message(company, n, message, whose)
    yield from _beside(company, n, whose, at, position)


def _message(company: Company, n: int, message: int, whose: dict[str, Any]) -> Iterator[Row]:
    wamid = f"wamid.{company.rank}.{n}.{message}"
    message_id = inbound_id(account(company), wamid)
    at, position = _at(company, n, message)
    text = f"{_SAID[(n + message) % len(_SAID)]} {n % 997}"
    told = {"direction": "in", "kind": "text", "body": text, "provider_id": wamid, "at": at}
    quoted = f"wamid.{company.rank}.{n}.0" if message == 1 else ""
    more = {"place": place(at, position), "answers": quoted, "details": "{}", "sender": "{}"}
    yield transcript, line(transcript, **whose, message_id=message_id, **told, **more)
    ids = {"workspace_id": company.id, "message_id": message_id}
    for word in spoken(text):
        yield message_words, line(message_words, **ids, word=word, edition=0)
    if message == 2:
        about = {name: whose[name] for name in ("workspace_id", "conversation_id", "account_id")}
        about |= {"target": wamid, "reaction_id": inbound_id(message_id, "reaction")}
        row = {"by": "business", "emoji": "+", "at": at, "place": place(at, position)}
        yield reactions, line(reactions, **about, **row)
        edit = {"edit_id": "e1", "at": at, "superseded": 1, "content": "{}", "sender": "{}"}
        yield message_edits, line(message_edits, **ids, **edit)


def _beside(
    company: Company, n: int, whose: dict[str, Any], at: datetime, position: int
) -> Iterator[Row]:
    """A note and a call for some, an identifier for each."""
    ids = {name: whose[name] for name in ("workspace_id", "contact_id")}
    value = {"kind": "phone", "value": f"+62812{company.rank:04d}{n:06d}", "claimed_at": at}
    yield contact_identifiers, line(contact_identifiers, **ids, **value)
    stands = {"place": place(at, position), "at": at}
    if n % 2 == 0:
        note = {"note_id": company.of(11, n), "author_id": agent(company, n), "text": "call back"}
        yield notes, line(notes, **whose, **note, **stands)
    if n % 5 == 0:
        call = {"call_id": company.of(12, n), "direction": "in", "ringing_at": at}
        yield calls, line(calls, **whose, **call, place=stands["place"])
        step = {"step": "ringing", "by": "customer", "at": at, "details": "{}"}
        about = {"workspace_id": company.id, "call_id": company.of(12, n)}
        yield call_steps, line(call_steps, **about, **step)


def _kept(company: Company) -> Iterator[Row]:
    ws = {"workspace_id": company.id}
    members = canonical([show("user", agent(company, n)) for n in range(AGENTS)])
    for n in range(TEAMS):
        crew = {"name": f"Team {n}", "members": members, "capacity": 20, "assignment": "manual"}
        yield teams, line(teams, **ws, team_id=team(company, n), **crew, version=1)
    for n in range(10):
        reply = {"short_code": f"r{n}", "text": "Halo", "updated_at": _END, "version": 1}
        yield canned_replies, line(canned_replies, **ws, reply_id=company.of(13, n), **reply)
    for n in range(RULES):
        rule_ = {"name": f"Rule {n}", "priority": n, "enabled": n % 2, "definition": _RULE}
        yield rules, line(rules, **ws, rule_id=rule(company, n), **rule_, version=1)
    for day in range(DAYS):
        on = {"day": LAST_DAY - timedelta(day), "opened": 3, "resolved": 2, "messages_in": 9}
        yield chat_daily, line(chat_daily, **ws, scope="workspace", scope_id=NOBODY, **on)
        yield ai_usage, line(ai_usage, **ws, day=on["day"], drafts=1)
        for n in range(AGENTS):
            yield chat_daily, line(chat_daily, **ws, scope="user", scope_id=agent(company, n), **on)
