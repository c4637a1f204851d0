"""What is read of conversations in a measurement: a name, and a url of each company."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final

from domain.ids import inbound_id, show
from tests.bench.scale_chat import (
    AGENTS,
    TEAMS,
    agent,
    rule,
    team,
)
from tests.bench.scale_talks import APART, EVERY, account, conversation, conversing
from tests.bench.scale_world import LAST_DAY, Company

Url = Callable[[Company, int], str]
_LIST: Final = "/v1/conversations"
_ONE: Final = "/v1/conversations/{conversation_id}"
_SEARCH: Final = "/v1/messages/search"
_DAYS: Final = f"from={LAST_DAY - timedelta(29)}&to={LAST_DAY}"
_WORDS: Final = ("invoice", "halo+selamat", "ord", "banyak+9")


def _talker(company: Company, n: int) -> int:
    """Somebody who has written."""
    return n * 7919 % conversing(company) * EVERY


def _in(tail: str = "") -> Url:
    return lambda c, n: f"{_LIST}/{show('conversation', conversation(c, _talker(c, n)))}{tail}"


def _from(company: Company, n: int) -> str:
    """A message that a search may have found: the first one of a conversation."""
    wamid = f"wamid.{company.rank}.{_talker(company, n) // EVERY}.0"
    return _in(f"/messages?from={show('message', inbound_id(account(company), wamid))}")(company, n)


def _of_contact(tail: str) -> Url:
    return lambda c, n: f"/v1/contacts/{show('contact', c.of(3, _talker(c, n)))}{tail}"


def _caller(company: Company, n: int) -> int:
    """Every fifth of them has called."""
    callers = range(0, company.contacts, EVERY * 5)
    return callers[n * 7919 % len(callers)]


CHAT_URLS: Final[Sequence[tuple[str, Url]]] = (
    (_LIST, lambda _c, _n: _LIST),
    (f"{_LIST}?status", lambda _c, _n: f"{_LIST}?status=open"),
    (f"{_LIST}?assignee", lambda c, n: f"{_LIST}?assignee={show('user', agent(c, n % AGENTS))}"),
    (f"{_LIST}?assignee=none", lambda _c, _n: f"{_LIST}?assignee=none&status=open"),
    (
        f"{_LIST}?team",
        lambda c, n: f"{_LIST}?status=open&team={show('team', team(c, n % TEAMS))}",
    ),
    (
        f"{_LIST}?account",
        lambda c, _n: f"{_LIST}?status=open&account={show('account', account(c))}",
    ),
    (f"{_LIST}?priority", lambda _c, _n: f"{_LIST}?status=open&priority=urgent"),
    (f"{_LIST}?team&any", lambda c, n: f"{_LIST}?team={show('team', team(c, n % TEAMS))}"),
    (f"{_LIST}?account&any", lambda c, _n: f"{_LIST}?account={show('account', account(c))}"),
    (f"{_LIST}?priority&any", lambda _c, _n: f"{_LIST}?priority=urgent"),
    (f"{_LIST}?waiting", lambda _c, _n: f"{_LIST}?waiting=true"),
    (f"{_LIST}?label", lambda _c, _n: f"{_LIST}?label=VIP"),
    (_ONE, _in()),
    (f"{_ONE}/messages", _in("/messages")),
    (f"{_ONE}/messages?from", _from),
    (f"{_ONE}/notes", _in("/notes")),
    (f"{_ONE}/transcript", _in("/transcript")),
    (_SEARCH, lambda _c, n: f"{_SEARCH}?q={_WORDS[n % len(_WORDS)]}"),
    (f"{_SEARCH}?apart", lambda _c, _n: f"{_SEARCH}?q={APART}"),
    ("/v1/contacts/{contact_id}/timeline?kind", _of_contact("/timeline?kind=added")),
    ("/v1/contacts/{contact_id}/conversations", _of_contact("/conversations")),
    ("/v1/contacts/{contact_id}/identifiers", _of_contact("/identifiers")),
    ("/v1/inbox/counts", lambda _c, _n: "/v1/inbox/counts"),
    ("/v1/calls", lambda _c, _n: "/v1/calls"),
    (
        "/v1/calls?conversation",
        lambda c, n: (
            f"/v1/calls?conversation={show('conversation', conversation(c, _caller(c, n)))}"
        ),
    ),
    ("/v1/calls/{call_id}", lambda c, n: f"/v1/calls/{show('call', c.of(12, _caller(c, n)))}"),
    ("/v1/teams", lambda _c, _n: "/v1/teams"),
    ("/v1/teams/{team_id}", lambda c, n: f"/v1/teams/{show('team', team(c, n))}"),
    ("/v1/canned-replies", lambda _c, _n: "/v1/canned-replies"),
    ("/v1/analytics/ai", lambda _c, _n: "/v1/analytics/ai"),
    ("/v1/rules", lambda _c, _n: "/v1/rules"),
    ("/v1/rules/{rule_id}", lambda c, n: f"/v1/rules/{show('rule', rule(c, n))}"),
    (
        "/v1/rules/{rule_id}/dry-run",
        lambda c, n: f"/v1/rules/{show('rule', rule(c, n))}/dry-run",
    ),
    ("/v1/analytics/chat", lambda _c, _n: f"/v1/analytics/chat?{_DAYS}"),
    ("/v1/analytics/chat?of", lambda _c, _n: f"/v1/analytics/chat?of=users&{_DAYS}"),
)
AGENT_URLS: Final[Sequence[tuple[str, Url]]] = (
    (f"{_LIST}?agent", lambda _c, _n: _LIST),
    (f"{_LIST}?agent&status", lambda _c, _n: f"{_LIST}?status=open"),
    (f"{_LIST}?agent&assignee=me", lambda _c, _n: f"{_LIST}?assignee=me&status=open"),
    (f"{_ONE}/messages?agent", _in("/messages")),
)
"""As somebody asks who sees the numbers shared with them."""
KNOWN_MS: Final = {_LIST: 9.0, f"{_LIST}?status": 9.0, f"{_ONE}/messages": 9.0, _SEARCH: 25.0}
"""What users know from elsewhere, for those that they wait for most."""
