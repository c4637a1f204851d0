"""What the provider has told of a number, a template, a contact or a message, latest first."""

from typing import Any

from sqlalchemy import Column, Select, bindparam, select

from domain.access import Permission
from projections import reports as report_model
from projections.accounts import accounts
from projections.contacts import contacts
from projections.messages import messages
from projections.reports import reports
from projections.templates import templates
from read_api.query import Endpoint, by, in_workspace, many
from read_api.sharing import shared

_REPORT = (
    reports.c.position,
    reports.c.field,
    reports.c.event,
    reports.c.at,
    reports.c.details,
)


def _of(
    path: str, what: str, id_: Column[Any], version: Column[Any], permission: Permission
) -> Endpoint:
    """The reports on one thing, whose table has its id and its version."""
    return many(
        path,
        f"What the provider has told of a {what}, latest first",
        _reports(id_),
        report_model.projection,
        reports.c.position,
        permission=permission,
        descending=True,
        parent=_theirs(select(version).where(in_workspace(id_.table), by(id_)), id_.table),
    )


def _reports(id_: Column[Any]) -> Select[Any]:
    found = select(*_REPORT).where(in_workspace(reports), reports.c.about_id == bindparam(id_.name))
    return found.where(shared(reports)) if id_.table is messages else found


def _theirs(statement: Select[Any], table: Any) -> Select[Any]:
    """Messages belong to a number; what the others are about, all of the workspace may see."""
    return statement.where(shared(table)) if table is messages else statement


ENDPOINTS: tuple[Endpoint, ...] = (
    _of(
        "/v1/accounts/{account_id}/reports",
        "number",
        accounts.c.account_id,
        accounts.c.version,
        "numbers.read",
    ),
    _of(
        "/v1/templates/{template_id}/reports",
        "template",
        templates.c.template_id,
        templates.c.version,
        "templates.read",
    ),
    _of(
        "/v1/contacts/{contact_id}/reports",
        "contact",
        contacts.c.contact_id,
        contacts.c.version,
        "contacts.read",
    ),
    _of(
        "/v1/messages/{message_id}/reports",
        "message",
        messages.c.message_id,
        messages.c.version,
        "conversations.read",
    ),
)
