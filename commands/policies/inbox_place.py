"""Where an item of a person belongs: number, contact, conversation."""

from typing import Literal, NamedTuple, TypedDict
from uuid import UUID

from commands.execute import Ask
from commands.policies.directory import OwnNumber
from domain.conversation import StartConversation, conversation
from domain.hours import ALWAYS, Hours


class Ids(TypedDict):
    workspace_id: UUID
    account_id: UUID
    contact_id: UUID
    conversation_id: UUID


class Place(NamedTuple):
    """Where an item belongs."""

    number: OwnNumber
    contact_id: UUID
    conversation_id: UUID
    hours: Hours = ALWAYS
    """In which the customer's wait for the company counts."""

    @property
    def ids(self) -> Ids:
        return Ids(
            workspace_id=self.number.workspace_id,
            account_id=self.number.account_id,
            contact_id=self.contact_id,
            conversation_id=self.conversation_id,
        )


def start(place: Place, *, echo: bool) -> Ask:
    """It may be the first that is heard of the conversation."""
    by: Literal["customer", "phone"] = "phone" if echo else "customer"
    command = StartConversation(**place.ids, by=by)
    return Ask(conversation, place.conversation_id, command)
