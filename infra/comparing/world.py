"""An installation in which everything that payloads name exists: numbers, templates, messages."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from uuid import UUID

from commands.accounts import account_id
from commands.execute import Ask, execute_many
from commands.store import EventStore
from domain.account import ConnectNumber, account
from domain.contact import MeetContact, contact
from domain.contact.profile import PHONE
from domain.conversation import BusinessWrites, conversation
from domain.identifier import ClaimIdentifier, identifier
from domain.ids import conversation_id, identifier_id, inbound_id, name_id
from domain.kernel import Metadata, Rejected
from domain.message import AcceptMessage, AttemptMessage, Content, QueueMessage, message
from domain.template import RegisterTemplate, SubmitTemplate, template
from infra.comparing.named import (
    MessageNamed,
    NumberNamed,
    TemplateNamed,
    Told,
    messages_of,
    number_of,
    templates_of,
)

HELLO = Content(kind="text", text="Hello")


class CannotExist(Exception):
    """A payload names something that Blazz would not have; the message says why."""


def furnish(store: EventStore, workspace_id: UUID, told: Sequence[Told]) -> None:
    """Makes all that these changes name."""
    groups = [
        *_numbers(workspace_id, {number_of(one) for one in told}),
        *_templates(workspace_id, {t for one in told for t in templates_of(one)}),
        *sent_messages(workspace_id, {m for one in told for m in messages_of(one)}),
    ]
    answers = execute_many(store, groups, Metadata(actor="operator"), datetime.now(UTC))
    for group, answer in zip(groups, answers, strict=True):
        if isinstance(answer, Rejected):
            raise CannotExist(f"{group[-1].command}: {answer}")


def sent_id(named: MessageNamed) -> UUID:
    """Our id of a message that the payloads name by the provider's."""
    return inbound_id(account_id(named.phone_number_id), f"sent:{named.wamid}")


def template_id(named: TemplateNamed) -> UUID:
    number = account_id(named.phone_number_id)
    return name_id(number, "template", f"{named.name}:{named.language}")


def _numbers(workspace_id: UUID, numbers: Iterable[NumberNamed]) -> list[list[Ask]]:
    groups = []
    for number in sorted(numbers):
        id_ = account_id(number.phone_number_id)
        command = ConnectNumber(
            workspace_id=workspace_id,
            account_id=id_,
            phone_number_id=number.phone_number_id,
            waba_id=number.waba_id,
            display_phone_number=number.shown,
        )
        groups.append([Ask(account, id_, command)])
    return groups


def _templates(workspace_id: UUID, templates: Iterable[TemplateNamed]) -> list[list[Ask]]:
    groups = []
    for named in sorted(templates):
        id_ = template_id(named)
        command = SubmitTemplate(
            workspace_id=workspace_id,
            template_id=id_,
            account_id=account_id(named.phone_number_id),
            name=named.name,
            language=named.language,
            category="MARKETING",
            body="Hello",
        )
        known = RegisterTemplate(
            workspace_id=workspace_id, template_id=id_, provider_template_id=named.provider_id
        )
        groups.append([Ask(template, id_, command), Ask(template, id_, known)])
    return groups


def sent_messages(workspace_id: UUID, messages: Iterable[MessageNamed]) -> list[list[Ask]]:
    """Sent outside campaigns, to whoever gets their statuses or reacts to them."""
    once = {(named.phone_number_id, named.wamid): named for named in messages}
    return [
        [*_person(workspace_id, _phone(named)), *_sent(workspace_id, named)]
        for _, named in sorted(once.items())
    ]


def _phone(named: MessageNamed) -> str:
    """That of nobody in a payload, where none is named."""
    digits = named.to.lstrip("+")
    return f"+{digits}" if PHONE.fullmatch(f"+{digits}") else "+15550100199"


def _person(workspace_id: UUID, phone: str) -> list[Ask]:
    id_ = name_id(workspace_id, "contact", phone)
    about = {"workspace_id": workspace_id, "contact_id": id_}
    stream_id = identifier_id(workspace_id, "phone", phone)
    claim = ClaimIdentifier(**about, kind="phone", value=phone)
    meet = MeetContact(**about, phone=phone, name="")
    return [Ask(identifier, stream_id, claim), Ask(contact, id_, meet)]


def _sent(workspace_id: UUID, named: MessageNamed) -> list[Ask]:
    number, id_, phone = account_id(named.phone_number_id), sent_id(named), _phone(named)
    to = name_id(workspace_id, "contact", phone)
    chat = conversation_id(number, to)
    ids = {"workspace_id": workspace_id, "contact_id": to}
    own = {"workspace_id": workspace_id, "message_id": id_}
    queue = QueueMessage(
        **ids, message_id=id_, account_id=number, campaign_id=None, to=phone, content=HELLO
    )
    reply = BusinessWrites(
        **ids, account_id=number, message_id=id_, conversation_id=chat, kind="template",
        snippet=HELLO.text,
    )  # fmt: skip
    accept = AcceptMessage(**own, attempt=1, wamid=named.wamid, wa_id=phone)
    return [
        Ask(conversation, chat, reply),
        Ask(message, id_, queue),
        Ask(message, id_, AttemptMessage(**own, attempt=1)),
        Ask(message, id_, accept),
    ]
