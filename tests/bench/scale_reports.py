"""What the provider has told, as lines to load: something of each thing that is asked first."""

from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import Table

from domain.ids import message_id
from projections.provider_sessions import provider_sessions
from projections.reports import reports
from tests.bench.scale_company import TEMPLATES, line
from tests.bench.scale_world import Company, launched


def report_rows(company: Company) -> Iterator[tuple[Table, str]]:
    """Of its number, its templates, its first contact and the first message of each campaign."""
    yield session_row(company)
    for n, id_ in enumerate(_told_of(company)):
        about = {"workspace_id": company.id, "about_id": id_, "account_id": company.of(2, 0)}
        told = {"field": "report", "event": "TOLD", "details": "{}"}
        at = launched(company.campaigns[0])
        yield reports, line(reports, **about, **told, position=n + 1, at=at)


def session_row(company: Company) -> tuple[Table, str]:
    """How the number's session stands, as if it were reached through WAHA."""
    about = {"workspace_id": company.id, "account_id": company.of(2, 0), "session": "shop"}
    return provider_sessions, line(provider_sessions, **about, status="working", version=1)


def _told_of(company: Company) -> Iterator[UUID]:
    yield company.of(2, 0)
    yield company.of(3, 0)
    yield from (company.of(7, n) for n in range(TEMPLATES))
    for campaign in company.campaigns:
        first = next(campaign.members(company.contacts))
        yield message_id(campaign.id, company.of(3, first))
