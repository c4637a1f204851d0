"""What an answer means: for its message, and a refusal for number, template, campaign, contact.

Each reaction is a command that changes nothing when it is asked again.
"""

from collections import Counter
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import Engine, select

from commands.execute import Ask
from commands.policies.claim import Claim
from commands.policies.ports import Accepted, Answer, Attachment, Outbound, Refused, Unknown
from domain.account import PauseNumber, ProviderName, account
from domain.campaign import PauseCampaign, campaign
from domain.contact import OptOutContact, contact
from domain.ids import name_id
from domain.message import AcceptMessage, Content, MarkUnknown, RejectMessage, message
from domain.template import DisableTemplate, PauseTemplate, template
from projections.campaigns import campaigns
from projections.queue import NO_CAMPAIGN

TEMPLATE_STOPPED: Final = "template_stopped"
"""How a campaign's pause begins that ends by itself once its template is approved again."""
STOPPED_MARKETING: Final = 131050
TEMPLATE_PAUSED: Final = 132015
TEMPLATE_DISABLED: Final = 132016
PAIR_RATE: Final = 131056
DEFECTS_TO_PAUSE: Final = 20
LONGEST_REASON: Final = 400


class Number(NamedTuple):
    """The number that messages leave from, and the provider they leave through."""

    workspace_id: UUID
    account_id: UUID
    phone_number_id: str
    messages_per_second: float
    provider: ProviderName = "cloud_api"


def outbound(
    number: Number, claim: Claim, content: Content, file: Attachment | None = None
) -> Outbound:
    """What the number's provider is handed."""
    where = number.phone_number_id, claim.to
    return Outbound(claim.message_id, *where, content, number.provider, file)


class Defects:
    """How many messages in a row each campaign has had refused as defective."""

    def __init__(self) -> None:
        self._in_a_row: Counter[UUID] = Counter()

    def systemic(self, claim: Claim, refused: Refused | None) -> bool:
        """Counts one answer; True when the campaign itself must be at fault."""
        if refused is None or refused.error_class != "M":
            self._in_a_row.pop(claim.campaign_id, None)
            return False
        self._in_a_row[claim.campaign_id] += 1
        return self._in_a_row[claim.campaign_id] > DEFECTS_TO_PAUSE

    def forget(self, campaign_id: UUID) -> None:
        """It has been paused; when it goes on, counting starts anew."""
        self._in_a_row.pop(campaign_id, None)


def words(refused: Refused) -> str:
    """The refusal in one line."""
    return f"{refused.code}: {refused.reason}"[:LONGEST_REASON]


def number_paused(number: Number, refused: Refused) -> Ask:
    """The account or its authorisation is at fault: nothing leaves until somebody looks."""
    command = PauseNumber(
        workspace_id=number.workspace_id,
        account_id=number.account_id,
        reason=words(refused),
        tell=True,
    )
    return Ask(account, number.account_id, command)


def campaign_paused(claim: Claim, refused: Refused) -> Ask:
    reason = f"more than {DEFECTS_TO_PAUSE} messages in a row were refused; {words(refused)}"
    return pause(claim.workspace_id, claim.campaign_id, reason)


def pause(workspace_id: UUID, campaign_id: UUID, reason: str) -> Ask:
    command = PauseCampaign(workspace_id=workspace_id, campaign_id=campaign_id, reason=reason)
    return Ask(campaign, campaign_id, command)


def opted_out(workspace_id: UUID, contact_id: UUID, reason: str) -> Ask:
    command = OptOutContact(
        workspace_id=workspace_id, contact_id=contact_id, source="webhook", reason=reason
    )
    return Ask(contact, contact_id, command)


def template_stopped(
    read: Engine, number: Number, claim: Claim, content: Content, refused: Refused
) -> tuple[list[list[Ask]], list[UUID]]:
    """The template is paused or disabled, and every running campaign that uses it is paused."""
    template_id = name_id(number.account_id, "template", f"{content.template}:{content.language}")
    kind = PauseTemplate if refused.code == TEMPLATE_PAUSED else DisableTemplate
    command = kind(workspace_id=number.workspace_id, template_id=template_id, reason=words(refused))
    c = campaigns.c
    statement = select(c.campaign_id).where(
        c.workspace_id == number.workspace_id,
        c.status == "running",
        c.template_id == template_id,
    )
    with read.connect() as connection:
        running = set(connection.execute(statement).scalars())
    if claim.campaign_id != NO_CAMPAIGN:
        running.add(claim.campaign_id)
    reason = f"{TEMPLATE_STOPPED}: {words(refused)}"
    pauses = [[pause(number.workspace_id, campaign_id, reason)] for campaign_id in running]
    return [[Ask(template, template_id, command)], *pauses], list(running)


def outcome(claim: Claim, answer: Answer) -> Ask:
    """What the answer makes of the attempt."""
    command: AcceptMessage | RejectMessage | MarkUnknown
    match answer:
        case Accepted():
            command = AcceptMessage(
                workspace_id=claim.workspace_id,
                message_id=claim.message_id,
                attempt=claim.attempt,
                wamid=answer.wamid,
                wa_id=answer.wa_id,
            )
        case Refused():
            command = RejectMessage(
                workspace_id=claim.workspace_id,
                message_id=claim.message_id,
                attempt=claim.attempt,
                error_class=answer.error_class,
                code=answer.code,
                reason=answer.reason,
            )
        case Unknown():
            command = MarkUnknown(
                workspace_id=claim.workspace_id,
                message_id=claim.message_id,
                attempt=claim.attempt,
                reason=answer.reason,
            )
    return Ask(message, claim.message_id, command)
