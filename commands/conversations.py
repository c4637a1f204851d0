"""Commands on conversations: their state, and whose they are. Replies are in `commands.replies`."""

from typing import Final

from commands.bodies import Empty
from commands.chats import ID, ONE, REPLY, present
from commands.command import Command, Intent, Wanted, about
from commands.conversation_bodies import Assignment, Snooze
from commands.references import Reference, known
from commands.working_hours import hours_of
from domain.conversation import (
    AssignConversation,
    Conversation,
    ReopenConversation,
    ResolveConversation,
    SetPending,
    SnoozeConversation,
    conversation,
)
from domain.ids import show
from domain.kernel import Rejected
from domain.team import Team, team
from domain.user import User, user


def _resolve(wanted: Wanted) -> Intent:
    present(wanted)
    hours = hours_of(wanted.streams, wanted.workspace_id)
    by = wanted.principal.user_id
    return about(wanted, conversation, ResolveConversation(**wanted.named, user_id=by, hours=hours))


def _reopen(wanted: Wanted) -> Intent:
    present(wanted)
    return about(
        wanted, conversation, ReopenConversation(**wanted.named, user_id=wanted.principal.user_id)
    )


def _pending(wanted: Wanted) -> Intent:
    present(wanted)
    return about(wanted, conversation, SetPending(**wanted.named, user_id=wanted.principal.user_id))


def _snooze(wanted: Wanted) -> Intent:
    present(wanted)
    by, until = wanted.principal.user_id, wanted.body.until
    return about(wanted, conversation, SnoozeConversation(**wanted.named, user_id=by, until=until))


def _assign(wanted: Wanted) -> Intent:
    body: Assignment = wanted.body
    found = present(wanted)
    references: list[Reference] = []
    if body.user_id is not None:
        references.append((user, "user", body.user_id, "/user_id"))
    if body.team_id is not None:
        references.append((team, "team", body.team_id, "/team_id"))
    for state in known(wanted, references):
        _check_assignee(found, state)
    command = AssignConversation(
        **wanted.named,
        user_id=body.user_id,
        team_id=body.team_id,
        by=wanted.principal.user_id,
    )
    return about(wanted, conversation, command)


def _check_assignee(found: Conversation, assignee: User | Team) -> None:
    if isinstance(assignee, Team):
        if assignee.status != "live":
            raise Rejected("team_deleted", f"the team {assignee.crew.name} is deleted")
        return
    if assignee.status != "active":
        raise Rejected(
            "user_not_active",
            f"conversations are assigned to active users; this one is {assignee.status}",
        )
    if assignee.role == "agent" and found.account_id not in assignee.numbers:
        raise Rejected(
            "number_not_shared",
            f"the number {show('account', found.account_id)} is not shared with that user, who "
            "would not see the conversation; share it first",
        )


COMMANDS: Final = (
    Command(
        "POST",
        f"{ONE}/assign",
        "Assign a conversation to a user, a team, or nobody",
        _assign,
        "conversations.assign",
        body=Assignment,
        ids=ID,
    ),
    *(
        Command("POST", f"{ONE}/{verb}", summary, prepare, REPLY, body, ids=ID)
        for verb, summary, prepare, body in (
            ("resolve", "Say that a conversation is done", _resolve, Empty),
            ("reopen", "Open a conversation again", _reopen, Empty),
            ("pending", "Say that a conversation waits for something", _pending, Empty),
            ("snooze", "Put a conversation aside until an instant", _snooze, Snooze),
        )
    ),
)
