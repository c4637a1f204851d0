"""From the body of a reply to what is sent: the content checked, and where it goes."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from msgspec.structs import replace

from commands.attaching import attached
from commands.command import Wanted
from commands.policies.rendering import MissingVariable, Shape, render
from commands.references import known
from commands.reply_bodies import NewConversation, NewReply
from commands.streams import Streams
from domain.account import Account, account
from domain.contact import Contact, contact
from domain.conversation import Conversation
from domain.ids import conversation_id, show
from domain.inbound.events import AboutInbound
from domain.kernel import Rejected
from domain.links import check_link, check_taken
from domain.message import AboutMessage, Content, message
from domain.refusals import not_found
from domain.replies import check_content
from domain.template import Template, TemplateSubmitted, template
from domain.template.usage import check_header, check_number, check_status, check_variables

UPLOAD: Final = "upload it first (POST /v1/files), and answer with its file_id instead of the link"
DETAILS: Final = (
    "mime_type",
    "size",
    "contacts",
    "buttons",
    "button",
    "sections",
    "header",
    "footer",
)


def content_of(wanted: Wanted, conversation: Conversation, id_: UUID) -> Content:
    """What the body says, for the conversation with that id. Rejected as the rules say."""
    body: NewReply = wanted.body
    quoted = provider_id(wanted, id_, body.answers) if body.answers else ""
    if body.kind == "template":
        assert body.template_id is not None
        return template_content(wanted, conversation.account_id, conversation.contact_id, quoted)
    given = body.model_dump(include=set(DETAILS) & body.model_fields_set)
    if body.location is not None:
        given = body.location.model_dump()
    details = {name: _said(value) for name, value in given.items() if value not in ("", None)}
    if body.kind == "reaction":
        details = {"message_id": quoted, "emoji": body.emoji}
    if body.link:
        number: Account = wanted.streams.look(account, conversation.account_id, wanted.workspace_id)
        check_taken(takes_links=number.takes_links, instead=UPLOAD)
    file, name = attached(wanted, body.file_id) if body.file_id else (None, "")
    content = Content(
        kind=body.kind,
        text=body.text,
        link=body.link or "",
        file=file,
        filename=body.filename or (name if body.kind == "document" else ""),
        details=details,
        answers="" if body.kind == "reaction" else quoted,
    )
    check_content(content)
    return content


def provider_id(wanted: Wanted, id_: UUID, quoted: UUID) -> str:
    """What the provider calls a message of the conversation with that id, whoever wrote it."""
    shown = show("message", quoted)
    first = wanted.streams.first(quoted, wanted.workspace_id)
    match first:
        case AboutInbound() if first.conversation_id == id_:
            return first.provider_id
        case AboutMessage() if conversation_id(first.account_id, first.contact_id) == id_:
            wamid: str = wanted.streams.look(message, quoted, wanted.workspace_id).wamid
            if not wamid:
                raise Rejected("not_sent", f"message {shown} has not left yet; quote it later")
            return wamid
        case _:
            raise Rejected(
                "message_of_another_conversation",
                f"there is no message {shown} in {show('conversation', id_)}; only messages of "
                "this conversation can be quoted or reacted to",
            )


def template_content(
    wanted: Wanted, account_id: UUID, contact_id: UUID, quoted: str = ""
) -> Content:
    """The template filled in for the contact, under the same rules as in a campaign."""
    body: NewReply | NewConversation = wanted.body
    assert body.template_id is not None
    [found] = known(wanted, [(template, "template", body.template_id, "/template_id")])
    person: Contact = wanted.streams.look(contact, contact_id, wanted.workspace_id)
    number: Account = wanted.streams.look(account, account_id, wanted.workspace_id)
    link, links = body.header_link or "", number.takes_links
    content = filled(found, body.variables, link, account_id, person, takes_links=links)
    return replace(content, answers=quoted)


def filled(
    found: Template,
    variables: Mapping[str, str],
    link: str,
    account_id: UUID,
    person: Contact,
    *,
    takes_links: bool,
) -> Content:
    """The template as that person gets it from that number. Rejected if it cannot be sent."""
    assert isinstance(found.submitted, TemplateSubmitted)
    submitted = found.submitted
    check_status(found.status, "the reply")
    check_number(submitted.account_id, account_id, "the reply")
    check_header(submitted.header_kind, link, "the reply", takes_links=takes_links)
    check_variables(submitted.variables, variables, "the reply")
    if link:
        check_link(link)
    shape = Shape(
        submitted.name,
        submitted.language,
        submitted.body,
        submitted.header_kind,
        submitted.header,
    )
    try:
        return render(shape, variables, link, _fields(person))
    except MissingVariable as missing:
        raise Rejected(
            "missing_variables", f"the contact has nothing to put in place of {{{missing.name}}}"
        ) from None


def recipient(streams: Streams, workspace_id: UUID, conversation: Conversation) -> str:
    """Where an answer goes. Rejected if the contact is not written to."""
    person: Contact = streams.look(contact, conversation.contact_id, workspace_id)
    shown = show("contact", conversation.contact_id)
    if person.status == "absent":
        raise not_found("contact", conversation.contact_id)
    if person.status == "deleted":
        raise Rejected("contact_deleted", f"contact {shown} is deleted; restore it to write to it")
    if person.blocked:
        raise Rejected("contact_blocked", f"contact {shown} is blocked; restore it to write to it")
    address = person.profile.phone or conversation.address
    if not address:
        raise Rejected("no_address", f"contact {shown} has no phone number and has not written yet")
    return address


def windowed(streams: Streams, workspace_id: UUID, account_id: UUID) -> bool:
    """Whether its provider takes free text for a day only. Rejected if nothing leaves from it."""
    number: Account = streams.look(account, account_id, workspace_id)
    if number.status != "connected" or number.number is None:
        raise Rejected(
            "account_not_connected",
            f"the conversation's number {show('account', account_id)} is {number.status}; "
            "connect or resume it, then answer",
        )
    return number.number.provider == "cloud_api"


def snippet(content: Content) -> str:
    """What a list of conversations shows of it."""
    details = content.details
    names = [card["name"]["formatted_name"] for card in details.get("contacts", ())]
    return (
        content.text
        or content.filename
        or str(details.get("emoji", ""))
        or str(details.get("name", "") or details.get("address", ""))
        or ", ".join(names)
    )


def _said(value: Any) -> Any:
    """Without what was left blank: to the provider an empty text is a mistake."""
    if isinstance(value, Mapping):
        return {name: _said(part) for name, part in value.items() if part not in ("", ())}
    return [_said(part) for part in value] if isinstance(value, tuple) else value


def _fields(person: Contact) -> Mapping[str, str]:
    profile = person.profile
    own = {name: getattr(profile, name) for name in ("first_name", "last_name", "phone", "email")}
    return profile.attributes | own
