"""The conversations of a company as lines to load: every third customer has written."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Table

from domain.ids import show
from projections.ai_usage import ai_usage
from projections.calls import call_steps, calls
from projections.chat import NOBODY, place
from projections.chat_daily import chat_daily
from projections.columns import canonical
from projections.contact_identifiers import contact_identifiers
from projections.conversation_marks import conversation_labels, read_markers
from projections.conversations import conversations
from projections.inbox_counts import inbox_counts, inbox_received, inbox_seen
from projections.notes import notes
from projections.rules import rules
from projections.teams import canned_replies, teams
from tests.bench.scale_company import line
from tests.bench.scale_talks import (
    EVERY,
    SAID,
    account,
    before,
    conversation,
    conversing,
    lasts,
    said_rows,
    written_at,
)
from tests.bench.scale_world import LAST_DAY, Company

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
_END: Final = datetime(LAST_DAY.year, LAST_DAY.month, LAST_DAY.day, 12, tzinfo=UTC)
Row = tuple[Table, str]


def agent(company: Company, n: int) -> UUID:
    return company.of(9, n % AGENTS)


def team(company: Company, n: int) -> UUID:
    return company.of(10, n % TEAMS)


def rule(company: Company, n: int) -> UUID:
    return company.of(14, n % RULES)


def chat_rows(company: Company, part: range) -> Iterator[Row]:
    """These conversations with all that was said in them, and with the first what is beside."""
    for number in part:
        yield from _conversation(company, number)
        yield from said_rows(company, number)
    if 0 in part:
        yield from _counted(company)
        yield from _kept(company)


def _counted(company: Company) -> Iterator[Row]:
    counts = Counter(_place(company, number) for number in range(conversing(company)))
    ws = {"workspace_id": company.id}
    for (status, assignee, its_team), number in counts.items():
        where = {"account_id": account(company), "status": status}
        who = {"assignee_id": assignee or NOBODY, "team_id": its_team or NOBODY}
        yield inbox_counts, line(inbox_counts, **ws, **where, **who, conversations=number)
    heard = before(conversing(company))
    about = {"account_id": account(company), "era": 0}
    yield inbox_received, line(inbox_received, **ws, **about, messages=heard)
    for n in range(AGENTS):
        yield inbox_seen, line(inbox_seen, **ws, **about, user_id=agent(company, n), messages=n)


def _place(company: Company, number: int) -> tuple[str, UUID | None, UUID | None]:
    """The state of a conversation, who has it, and which team."""
    n = number * EVERY
    assignee = agent(company, n) if n % 2 else None
    its_team = team(company, n) if n % 4 == 0 else None
    return _STATES[number % len(_STATES)], assignee, its_team


def _of(company: Company, n: int) -> dict[str, Any]:
    ids = {"workspace_id": company.id, "conversation_id": conversation(company, n)}
    return {**ids, "contact_id": company.of(3, n), "account_id": account(company)}


def _conversation(company: Company, number: int) -> Iterator[Row]:
    n, length = number * EVERY, lasts(number)
    whose = _of(company, n)
    at, position = written_at(company, before(number) + length - 1)
    status, assignee, its_team = _place(company, number)
    labels = ["VIP"] if n % 5 == 0 else []
    waits = int(status != "resolved" and n % 7 == 0)
    shown = {"last_at": at, "last_kind": "text", "last_direction": "in", "last_snippet": SAID[0]}
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
            inbound_count=length,
            started_at=at,
            version=length + 1,
        ),
    )
    about = {name: whose[name] for name in ("workspace_id", "conversation_id")}
    for label in labels:
        row = line(conversation_labels, **about, label=label.lower(), position=position)
        yield conversation_labels, row
    marker = line(read_markers, **about, user_id=agent(company, n), seen=1)
    yield read_markers, marker
    yield from _beside(company, n, whose, at, position)


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
