"""One recipient of a campaign: the message it gets, or why it gets none."""

from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, select

from commands.execute import Ask
from commands.policies.recipients import Recipient
from commands.policies.rendering import MissingVariable, Shape, render
from domain.campaign import Plan
from domain.ids import message_id
from domain.message import QueueMessage, SuppressMessage, message
from projections.templates import templates


class Work(NamedTuple):
    """One campaign whose audience is not all queued yet, and where to go on."""

    workspace_id: UUID
    campaign_id: UUID
    plan: Plan
    position: int
    next_chunk: int
    through: UUID | None


def shape_of(connection: Connection, work: Work) -> Shape | None:
    c = templates.c
    statement = select(c.name, c.language, c.body, c.header_kind, c.header).where(
        c.workspace_id == work.workspace_id, c.template_id == work.plan.template_id
    )
    row = connection.execute(statement).first()
    return Shape(*row) if row else None


def addressed(work: Work, shape: Shape, recipient: Recipient) -> Ask:
    id_ = message_id(work.campaign_id, recipient.contact_id)
    reason = recipient.hindrance
    if not reason:
        try:
            plan = work.plan
            content = render(shape, plan.variables, plan.header_link, recipient.fields)
        except MissingVariable as missing:
            reason = f"missing_variable:{missing.name}"
        else:
            return Ask(
                message,
                id_,
                QueueMessage(
                    workspace_id=work.workspace_id,
                    message_id=id_,
                    campaign_id=work.campaign_id,
                    contact_id=recipient.contact_id,
                    account_id=plan.account_id,
                    to=recipient.phone,
                    content=content,
                ),
            )
    suppress = SuppressMessage(
        workspace_id=work.workspace_id,
        message_id=id_,
        campaign_id=work.campaign_id,
        contact_id=recipient.contact_id,
        account_id=work.plan.account_id,
        reason=reason,
    )
    return Ask(message, id_, suppress)
