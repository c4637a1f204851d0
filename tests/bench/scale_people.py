"""The users of a company with their sessions, as lines to load."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Table

from commands.seals import Access, Seals
from infra.settings import Settings
from projections.people import failed_sign_ins, number_shares, sessions, users
from tests.bench.scale_chat import AGENTS, agent
from tests.bench.scale_company import START, line
from tests.bench.scale_talks import account
from tests.bench.scale_world import Company

SESSIONS: Final = 60
"""Of each user; two months of signing in daily. A last one goes on."""
UNTIL: Final = datetime(2100, 1, 1, tzinfo=UTC)


def signed_in(company: Company, n: int) -> str:
    """The access token of an agent, who sees their company's only number."""
    return access(company, agent(company, n), _going_on(company, n))


def access(company: Company, user_id: UUID, session_id: UUID) -> str:
    """An access token of any agent."""
    seals = Seals(Settings().secret.get_secret_value().encode())
    return seals.access(Access(company.id, user_id, session_id, "agent", START, UNTIL))


def _going_on(company: Company, n: int) -> UUID:
    return company.of(14, AGENTS * SESSIONS + n)


def people_rows(company: Company) -> Iterator[tuple[Table, str]]:
    """Whoever answers the company's conversations."""
    for n in range(AGENTS):
        ws = {"workspace_id": company.id, "user_id": agent(company, n)}
        names = {"email": f"agent{n}@mail{company.rank}.example", "name": f"Agent {n}"}
        state = {"role": "agent", "status": "active", "invited_at": START, "joined_at": START}
        yield users, line(users, **ws, **names, **state, version=3)
        yield (
            number_shares,
            line(number_shares, **ws, account_id=account(company), shared_at=START),
        )
        yield failed_sign_ins, line(failed_sign_ins, **ws, failures=n, failed_at=START)
        goes_on = {"session_id": _going_on(company, n), "signed_in_at": START, "expires_at": UNTIL}
        yield sessions, line(sessions, **ws, **goes_on, version=1)
        for day in range(SESSIONS):
            at = START + timedelta(days=day)
            one = {**ws, "session_id": company.of(14, n * SESSIONS + day)}
            where = {"address": f"203.0.113.{n}", "agent": "Firefox", "signed_in_at": at}
            until = {"expires_at": at + timedelta(days=30), "ended_at": at + timedelta(hours=9)}
            yield (
                sessions,
                line(sessions, **one, **where, **until, reason="signed_out", version=2),
            )
