"""Asks of what changes a message or reacts to it, and of calls. Each leads: a repetition is nothing."""

from commands.execute import Ask
from commands.policies.directory import Directory
from commands.policies.inbox_place import Place
from commands.policies.webhook_items import CallItem, EditItem, ReactionItem, RevokeItem
from domain import ids
from domain.call import ReportCall, call
from domain.inbound import EditMessage, ReactToMessage, RevokeMessage, inbound


def edit(item: EditItem, place: Place) -> Ask:
    message_id = ids.inbound_id(place.number.account_id, item.provider_id)
    command = EditMessage(
        **place.ids,
        message_id=message_id,
        provider_id=item.provider_id,
        at=item.at,
        sender=item.person.said,
        content=item.content,
        edit_id=item.edit_id,
        echo=item.echo,
    )
    return Ask(inbound, message_id, command, leads=True)


def revoke(item: RevokeItem, place: Place) -> Ask:
    message_id = ids.inbound_id(place.number.account_id, item.provider_id)
    command = RevokeMessage(
        **place.ids,
        message_id=message_id,
        provider_id=item.provider_id,
        at=item.at,
        sender=item.person.said,
        revoke_id=item.revoke_id,
        echo=item.echo,
    )
    return Ask(inbound, message_id, command, leads=True)


def react(item: ReactionItem, place: Place, directory: Directory) -> Ask:
    """Its stream is that of one person's reactions to one message."""
    number = place.number
    who = "phone" if item.echo else place.contact_id.hex
    reaction_id = ids.inbound_id(number.account_id, f"reaction:{item.target}:{who}")
    ours = directory.by_wamid.get((number.account_id, item.target))
    command = ReactToMessage(
        **place.ids,
        message_id=reaction_id,
        provider_id=item.provider_id,
        at=item.at,
        sender=item.person.said,
        target_id=ours or ids.inbound_id(number.account_id, item.target),
        target_provider_id=item.target,
        emoji=item.emoji,
        echo=item.echo,
    )
    return Ask(inbound, reaction_id, command, leads=True)


def call_reported(item: CallItem, place: Place) -> Ask:
    call_id = ids.call_id(place.number.account_id, item.provider_id)
    command = ReportCall(
        **place.ids,
        call_id=call_id,
        provider_id=item.provider_id,
        step=item.step,
        at=item.at,
        by=item.by,
        details=item.details,
        video=item.video,
        seconds=item.seconds,
    )
    return Ask(call, call_id, command, leads=True)
