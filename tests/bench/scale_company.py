"""A company's own rows as lines to load: people, groups, campaigns with their counts, its figures."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Table

from domain.campaign import Audience, Plan
from domain.contact import Profile
from domain.months import month_of
from infra.keys import PREFIX, RANDOM, _check, hash_of
from projections.accounts import accounts
from projections.campaigns import campaigns
from projections.columns import canonical
from projections.contacts import contact_words, contacts
from projections.daily import daily_analytics
from projections.dashboard import workspace_dashboard
from projections.groups import group_members, groups
from projections.imports import import_rows, imports
from projections.reasons import campaign_failures, campaign_suppressions
from projections.templates import templates
from projections.timeline import contact_timeline
from projections.words import bits_of, line_of, words
from projections.workspaces import api_keys, workspaces
from tests.bench.scale_messages import FATES, NULL, TEMPLATE, counts, slots
from tests.bench.scale_world import FIRST_DAY, GROUPS, Campaign, Company, launched

Put = Callable[..., None]
TEMPLATES: Final = 5
IMPORT_ROWS: Final = 1000
DAYS_OF_ARRIVAL: Final = 30
_FIRST: Final = ("Siti", "Budi", "Dewi", "Agus", "Rina", "Joko", "Ayu", "Eko", "Putri", "Hadi")
_LAST: Final = ("Wijaya", "Santoso", "Lestari", "Pratama", "Hidayat", "Saputra", "Utami")
START: Final = datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day, 2, tzinfo=UTC)
_ESCAPED: Final = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n"})


def line(table: Table, **values: Any) -> str:
    """One row; columns that are not named get what the table gives them."""
    return "\t".join(_text(values[c.name]) if c.name in values else _default(c) for c in table.c)


def _default(column: Any) -> str:
    default = column.server_default
    return NULL if default is None else str(default.arg).strip("'")


def _text(value: Any) -> str:
    match value:
        case None:
            return NULL
        case UUID():
            return value.hex
        case datetime():
            return str(value.astimezone(UTC).replace(tzinfo=None))
    return str(value).translate(_ESCAPED)


def shown_key(company: Company) -> str:
    """The key by which its screens are read."""
    body = PREFIX + (company.id.hex * 2)[:RANDOM]
    return body + _check(body)


def is_deleted(n: int) -> bool:
    return n % 50 == 49


def phone(company: Company, n: int) -> str:
    return f"+62812{company.rank:04d}{n:06d}"


def profile(company: Company, n: int) -> Profile:
    return Profile(
        phone=phone(company, n),
        first_name=_FIRST[n % 10],
        last_name=f"{_LAST[n % 7]} {n % 97}",
        email=f"{_FIRST[n % 10].lower()}.{n}@mail{company.rank}.example",
        language="id",
        attributes={"city": "Medan", "segment": str(n % 5)},
    )


def company_rows(company: Company) -> Iterator[tuple[Table, str]]:
    """Everything but its messages and what is counted by day."""
    yield from _settings(company)
    last = _last_campaigns(company)
    for n in range(company.contacts):
        yield from _contact(company, n, last[n])
    for g in range(GROUPS):
        members = [n for n in range(g, company.contacts, GROUPS) if not is_deleted(n)]
        ids = {"workspace_id": company.id, "group_id": company.of(6, g)}
        yield (
            groups,
            line(groups, **ids, name=f"Group {g}", contacts=len(members), created_at=START),
        )
    yield groups_figures(company)
    yield from _arrivals(company)
    yield from _import(company)


def _settings(company: Company) -> Iterator[tuple[Table, str]]:
    ws = {"workspace_id": company.id}
    about = {"name": f"Company {company.rank}", "time_zone": "Asia/Jakarta", "country": "ID"}
    yield workspaces, line(workspaces, **ws, **about, language="id", created_at=START, version=1)
    key = {
        "key_id": company.of(5, 0),
        "name": "screens",
        "secret_hash": hash_of(shown_key(company)),
    }
    yield (
        api_keys,
        line(api_keys, **ws, **key, scopes='["read","write","manage"]', created_at=START),
    )
    number = {"account_id": company.of(2, 0), "provider": "cloud_api", "status": "connected"}
    shown = {"phone_number_id": f"1{company.rank:014d}", "waba_id": f"2{company.rank:014d}"}
    yield accounts, line(accounts, **ws, **number, **shown, created_at=START, version=1)
    for n in range(TEMPLATES):
        text = {"name": f"{TEMPLATE}_{n}", "language": "id", "category": "MARKETING"}
        rest = {"body": "Hello {{1}}, our offer {{2}} ends on Sunday.", "status": "approved"}
        ids = {**ws, "template_id": company.of(7, n), "account_id": company.of(2, 0)}
        lists = {"buttons": "[]", "variables": '["1","2"]'}
        yield (
            templates,
            line(templates, **ids, **text, **rest, **lists, created_at=START, version=3),
        )


def _last_campaigns(company: Company) -> list[Campaign | None]:
    """The campaign whose message each contact has had last."""
    last: list[Campaign | None] = [None] * company.contacts
    for campaign in company.campaigns:
        took = slots(company, campaign)
        for n, slot in zip(campaign.members(company.contacts), took, strict=True):
            if "accepted" in FATES[slot].stages:
                last[n] = campaign
    return last


def _arrived(company: Company, n: int) -> datetime:
    """Within the month before the first campaign."""
    day = n * DAYS_OF_ARRIVAL // company.contacts
    return START - timedelta(days=DAYS_OF_ARRIVAL - day) + timedelta(milliseconds=n % 10_000)


def _contact(company: Company, n: int, last: Campaign | None) -> Iterator[tuple[Table, str]]:
    ids = {"workspace_id": company.id, "contact_id": company.of(3, n)}
    about, at = profile(company, n), _arrived(company, n)
    found = sorted(words(about))
    position = company.rank * 10**9 + n + 1
    told = last and launched(last)
    deleted = position + 50_000_000 if is_deleted(n) else None
    yield (
        contacts,
        line(
            contacts,
            **ids,
            **{
                name: getattr(about, name)
                for name in about.__struct_fields__
                if name != "attributes"
            },
            attributes=canonical(about.attributes),
            opted_out=int(opted_out(n)),
            blocked=int(blocked(n)),
            deleted=int(is_deleted(n)),
            deleted_position=deleted,
            live_since=position,
            last_message_at=told,
            created_at=at,
            updated_at=at,
            version=3,
            words=line_of(found),
        ),
    )
    told = {"position": position, "bits": bits_of(found)}
    for word in found:
        yield contact_words, line(contact_words, **ids, word=word, **told)
    member = {
        "group_id": company.of(6, n % GROUPS),
        "membership": 1,
        "joined_position": position + 1,
    }
    yield group_members, line(group_members, **ids, **member, live=int(not is_deleted(n)))
    fact = {"position": position, "month": month_of(at), "at": at, "kind": "added"}
    yield contact_timeline, line(contact_timeline, **ids, **fact, detail='{"source":"import"}')


def opted_out(n: int) -> bool:
    return n % 40 == 7


def blocked(n: int) -> bool:
    return n % 200 == 3


def groups_figures(company: Company) -> tuple[Table, str]:
    """The dashboard, from all campaigns."""
    people = range(company.contacts)
    stages: Counter[str] = Counter()
    for campaign in company.campaigns:
        stages.update(counts(company, campaign)[0])
    return workspace_dashboard, line(
        workspace_dashboard,
        workspace_id=company.id,
        contacts=sum(not is_deleted(n) for n in people),
        opted_out=sum(map(opted_out, people)),
        blocked=sum(map(blocked, people)),
        contact_groups=GROUPS,
        templates_approved=TEMPLATES,
        campaigns_completed=len(company.campaigns),
        **{f"messages_{stage}": n for stage, n in stages.items()},
    )


def _arrivals(company: Company) -> Iterator[tuple[Table, str]]:
    per_day = Counter(_arrived(company, n).date() for n in range(company.contacts))
    for day, n in sorted(per_day.items()):
        yield (
            daily_analytics,
            line(daily_analytics, workspace_id=company.id, day=day, new_contacts=n),
        )


def _import(company: Company) -> Iterator[tuple[Table, str]]:
    ids = {"workspace_id": company.id, "import_id": company.of(8, 0)}
    rows = min(company.contacts, IMPORT_ROWS)
    done = {"status": "finished", "rows_count": rows, "created_count": rows}
    times = {"started_at": START, "finished_at": START, "version": 3}
    yield imports, line(imports, **ids, filename="people.csv", **done, **times)
    for n in range(rows):
        row = {"line": n + 2, "outcome": "created", "contact_id": company.of(3, n)}
        yield import_rows, line(import_rows, **ids, **row)


def campaign_rows(company: Company, campaign: Campaign) -> Iterator[tuple[Table, str]]:
    """The campaign with its counts, its failures and suppressions."""
    stages, failures, total = counts(company, campaign)
    ids = {"workspace_id": company.id, "campaign_id": campaign.id}
    at = launched(campaign)
    about = {
        "account_id": company.of(2, 0),
        "template_id": company.of(7, campaign.number % TEMPLATES),
    }
    plan = Plan(
        name=f"Offer {campaign.number}",
        **about,
        audience=Audience(kind="groups", groups=(company.of(6, campaign.number % GROUPS),)),
        variables={"1": "{first_name}", "2": str(campaign.number)},
    )
    state = {"status": "completed", "audience_done": 1, "recipients": campaign.size}
    times = {"created_at": at, "launched_at": at, "completed_at": at + timedelta(hours=3)}
    text = {"name": plan.name, "plan": canonical(plan), "delivery_ms_total": total, "version": 5}
    reached = {f"{stage}_count": n for stage, n in stages.items()}
    yield campaigns, line(campaigns, **ids, **about, **state, **times, **text, **reached)
    for (code, reason), n in sorted(failures.items()):
        yield (
            campaign_failures,
            line(campaign_failures, **ids, code=code, reason=reason, messages=n),
        )
    if held := stages["suppressed"]:
        row = {"reason": "opted_out", "messages": held}
        yield campaign_suppressions, line(campaign_suppressions, **ids, **row)


def day_row(
    company: Company, day: Any, stages: Counter[str], made: Sequence[Campaign], people: int
) -> str:
    """One day's counts of one company."""
    reached = {f"messages_{stage}": n for stage, n in stages.items()}
    extra = {"contacts_messaged": people} if "contacts_messaged" in daily_analytics.c else {}
    done = {"campaigns_created": len(made), "campaigns_completed": len(made)}
    return line(daily_analytics, workspace_id=company.id, day=day, **reached, **done, **extra)


def grouped(rows: Iterable[tuple[Table, str]]) -> dict[Table, list[str]]:
    """Lines by table."""
    out: dict[Table, list[str]] = {}
    for table, text in rows:
        out.setdefault(table, []).append(text)
    return out
