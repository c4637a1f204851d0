"""What is read in a measurement: every path of the read API, for companies of the world of scale."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final, NamedTuple
from uuid import UUID

from domain.ids import message_id, show
from tests.bench.chat_screens import AGENT_URLS, CHAT_URLS, KNOWN_MS
from tests.bench.scale_chat import agent
from tests.bench.scale_company import phone, shown_key
from tests.bench.scale_messages import FATES, slots
from tests.bench.scale_people import signed_in
from tests.bench.scale_world import GROUPS, LAST_DAY, Campaign, Company, World

COMPANIES: Final = 60
_DAYS: Final = f"from={LAST_DAY - timedelta(29)}&to={LAST_DAY}"
_YEAR: Final = f"from={LAST_DAY - timedelta(359)}&to={LAST_DAY}"


def _key(company: Company, _n: int) -> str:
    return shown_key(company)


class Screen(NamedTuple):
    """A path, perhaps with a query, of which each company has many; `third_ms`: of what users
    know from elsewhere, where they do; `who` asks.
    """

    name: str
    url: Callable[[Company, int], str]
    third_ms: float | None = None
    who: Callable[[Company, int], str] = _key


class Get(NamedTuple):
    """One request."""

    url: str
    key: str


def _contact(company: Company, n: int) -> UUID:
    return company.of(3, n * 7919 % company.contacts)


def _campaign(company: Company, n: int) -> Campaign:
    return company.campaigns[n * 31 % len(company.campaigns)]


def _message(company: Company, n: int) -> UUID:
    campaign = _campaign(company, n)
    members = list(campaign.members(company.contacts))
    return message_id(campaign.id, company.of(3, members[n % len(members)]))


def _in_timeline(company: Company, n: int) -> UUID:
    """Somebody who got one of the last messages."""
    campaign = company.campaigns[-1]
    took = slots(company, campaign)
    people = [m for m, s in zip(campaign.members(company.contacts), took, strict=True)
              if "sent" in FATES[s].stages]  # fmt: skip
    return company.of(3, people[n * 7919 % len(people)])


def _phone_start(company: Company, n: int) -> str:
    return phone(company, n * 7919 % company.contacts)[1:-2]


def _under(path: str, kind: str, id_: Callable[[Company, int], UUID]) -> Callable[..., str]:
    head, tail = path.split(f"{{{kind}_id}}")
    return lambda company, n: f"{head}{show(kind, id_(company, n))}{tail}"


def _of(kind: int, count: int) -> Callable[[Company, int], UUID]:
    return lambda company, n: company.of(kind, n % count)


def _campaign_id(company: Company, n: int) -> UUID:
    return _campaign(company, n).id


def _single(
    path: str, id_: Callable[[Company, int], UUID], third_ms: float | None = None
) -> Screen:
    kind = path.partition("{")[2].partition("_id}")[0]
    return Screen(path, _under(path, kind, id_), third_ms)


def _plain(url: str, third_ms: float | None = None) -> Screen:
    return Screen(url.partition("?from")[0], lambda _company, _n: url, third_ms)


_CONTACTS: Final = "/v1/contacts"
_SENT: Final = "/v1/campaigns/{campaign_id}/messages"
SCREENS: Final[tuple[Screen, ...]] = (
    _plain("/v1/dashboard", 15.0),
    _plain("/v1/workspace"),
    _plain(_CONTACTS, 9.3),
    Screen("/v1/contacts?search=name", lambda _, n: f"{_CONTACTS}?search=sit+{n % 97}", 21.6),
    Screen("/v1/contacts?search=letter", lambda _, n: f"{_CONTACTS}?search={'sbdar'[n % 5]}", 21.6),
    Screen("/v1/contacts?search=phone",
           lambda c, n: f"{_CONTACTS}?search={_phone_start(c, n)}", 21.6),
    Screen("/v1/contacts?group",
           lambda c, n: f"{_CONTACTS}?group={show('group', c.of(6, n % GROUPS))}", 9.3),
    Screen("/v1/contacts?opted_out", lambda _, _n: f"{_CONTACTS}?opted_out=true", 9.3),
    _single("/v1/contacts/{contact_id}", _contact),
    _single("/v1/contacts/{contact_id}/timeline", _in_timeline, 11.6),
    _plain("/v1/groups"),
    _single("/v1/groups/{group_id}", _of(6, GROUPS)),
    _plain("/v1/campaigns"),
    _plain("/v1/campaigns?status=completed"),
    _single("/v1/campaigns/{campaign_id}", _campaign_id),
    _single(_SENT, _campaign_id),
    Screen(f"{_SENT}?status",
           lambda c, n: f"{_under(_SENT, 'campaign', _campaign_id)(c, n)}?status=failed"),
    _single("/v1/messages/{message_id}", _message),
    _single("/v1/messages/{message_id}/reports", _message),
    _single("/v1/contacts/{contact_id}/reports", _contact),
    _single("/v1/accounts/{account_id}/reports", _of(2, 1)),
    _single("/v1/templates/{template_id}/reports", _of(7, 5)),
    _plain("/v1/accounts"),
    _single("/v1/accounts/{account_id}", _of(2, 1)),
    _plain("/v1/templates"),
    _single("/v1/templates/{template_id}", _of(7, 5)),
    _plain("/v1/imports"),
    _single("/v1/imports/{import_id}", _of(8, 1)),
    _single("/v1/imports/{import_id}/rows.csv", _of(8, 1)),
    _plain(f"/v1/analytics/daily?{_DAYS}"),
    Screen("/v1/analytics/daily?year", lambda _, _n: f"/v1/analytics/daily?{_YEAR}"),
    _plain("/v1/users"),
    _single("/v1/users/{user_id}", agent),
    _single("/v1/users/{user_id}/sessions", agent),
    _single("/v1/accounts/{account_id}/session", _of(2, 1)),
    _plain("/v1/me"),
    _plain("/v1/notifications"),
    *(Screen(name, url, KNOWN_MS.get(name)) for name, url in CHAT_URLS),
    *(Screen(name, url, 9.0, signed_in) for name, url in AGENT_URLS),
)  # fmt: skip


def chosen(world: World) -> Sequence[Company]:
    """The largest, and then evenly down to the smallest."""
    companies = world.companies
    step = max(1, len(companies) // COMPANIES)
    return sorted({*companies[:5], *companies[::step]}, key=lambda company: company.rank)


def gets(screen: Screen, companies: Sequence[Company], count: int) -> list[Get]:
    """That many requests, going round the companies."""
    asked = [(companies[n % len(companies)], n // len(companies)) for n in range(count)]
    return [Get(screen.url(company, n), screen.who(company, n)) for company, n in asked]
