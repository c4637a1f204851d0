"""What every command on a conversation begins with: is it there, and may whoever asks see it."""

from typing import Final
from uuid import UUID

from commands.command import Wanted
from domain.access import Permission
from domain.conversation import Conversation, conversation
from domain.refusals import not_found
from domain.user import User, user

ONE: Final = "/v1/conversations/{conversation_id}"
ID: Final = {"conversation_id": "conversation"}
REPLY: Final[Permission] = "conversations.reply"


def present(wanted: Wanted) -> Conversation:
    """The conversation of the path. To people with shared numbers only, others' do not exist."""
    id_ = wanted.ids["conversation_id"]
    found: Conversation = wanted.streams.look(conversation, id_, wanted.workspace_id)
    if found.status == "absent" or not sees(wanted, found.account_id):
        raise not_found("conversation", id_)
    return found


def sees(wanted: Wanted, account_id: UUID) -> bool:
    """Whether whoever asks may work with that number's conversations."""
    principal = wanted.principal
    if not principal.only_shared or principal.user_id is None:
        return not principal.only_shared
    person: User = wanted.streams.look(user, principal.user_id, wanted.workspace_id)
    return account_id in person.numbers
