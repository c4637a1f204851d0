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


class Shapes:
    """The templates of campaigns, each read once."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._known: dict[tuple[UUID, UUID], Shape | None] = {}

    def of(self, work: Work) -> Shape | None:
        """That of the campaign's template; None if the read model does not know it yet."""
        key = work.workspace_id, work.plan.template_id
        if key not in self._known:
            c = templates.c
            statement = select(c.name, c.language, c.body, c.header_kind, c.header).where(
                c.workspace_id == key[0], c.template_id == key[1]
            )
            row = self.connection.execute(statement).first()
            self._known[key] = Shape(*row) if row else None
        return self._known[key]


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
