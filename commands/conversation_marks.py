"""What people note about a conversation: priority, labels, notes, how far they read; the bot."""

from typing import Final
from uuid import UUID

import uuid_utils.compat as uuids

from commands.bodies import Empty
from commands.chats import ID, ONE, REPLY, present
from commands.command import Command, Intent, Wanted, about
from commands.conversation_bodies import ConversationPatch, NewNote, Pause, Seen
from commands.references import known
from domain.access import Problem
from domain.conversation import (
    AddNote,
    ConversationCommand,
    LabelConversation,
    PauseBot,
    PrioritiseConversation,
    ReadConversation,
    RemoveNote,
    ResumeBot,
    conversation,
)
from domain.readers import Readers, readers, readers_id
from domain.user import user


def _change(wanted: Wanted) -> Intent:
    patch: ConversationPatch = wanted.body
    found, by = present(wanted), wanted.principal.user_id
    given = patch.model_fields_set
    priority = patch.priority if "priority" in given else found.priority
    labels = patch.labels if "labels" in given else found.labels
    kept = {label.casefold() for label in labels}
    gone = tuple(label for label in found.labels if label.casefold() not in kept)
    both: tuple[ConversationCommand, ...] = (
        PrioritiseConversation(**wanted.named, priority=priority, by=by),
        LabelConversation(**wanted.named, add=labels, remove=gone, by=by),
    )
    return about(wanted, conversation, *both)


def _add_note(wanted: Wanted) -> Intent:
    present(wanted)
    note_id, by = uuids.uuid7(), wanted.principal.user_id
    command = AddNote(**wanted.named, note_id=note_id, text=wanted.body.text, by=by)
    return about(wanted, conversation, command)._replace(kind="note", id=note_id)


def _remove_note(wanted: Wanted) -> Intent:
    present(wanted)
    by = wanted.principal.user_id
    return about(wanted, conversation, RemoveNote(**wanted.named, by=by))


def _read(wanted: Wanted) -> Intent:
    found = present(wanted)
    seen: int | None = wanted.body.seen
    reader, in_person = _reader(wanted), wanted.principal.user_id is not None
    # What a program marks may not have been seen by anybody yet: the customer is not told.
    at = wanted.workspace_id
    begun: Readers = wanted.streams.look(readers, readers_id(at), at)
    since = begun.since(reader, found.account_id)
    command = ReadConversation(
        **wanted.named, user_id=reader, seen=seen, tell=in_person, since=since
    )
    return about(wanted, conversation, command)


def _reader(wanted: Wanted) -> UUID:
    asks, named = wanted.principal.user_id, wanted.body.user_id
    if asks is None and named is not None:
        known(wanted, [(user, "user", named, "/user_id")])
        reader: UUID = named
        return reader
    if asks is None:
        detail = "a read marker is a user's: a key has to say whose, as user_id"
        raise Problem(422, "user_needed", detail)
    if named not in (None, asks):
        raise Problem(422, "user_needed", "a user's read marker is moved by nobody else")
    return asks


def _pause_bot(wanted: Wanted) -> Intent:
    present(wanted)
    by = wanted.principal.user_id
    return about(wanted, conversation, PauseBot(**wanted.named, until=wanted.body.until, by=by))


def _resume_bot(wanted: Wanted) -> Intent:
    present(wanted)
    return about(wanted, conversation, ResumeBot(**wanted.named, by=wanted.principal.user_id))


COMMANDS: Final = (
    Command(
        "PATCH",
        ONE,
        "Set priority and labels of a conversation (JSON merge patch)",
        _change,
        REPLY,
        body=ConversationPatch,
        ids=ID,
    ),
    *(
        Command("POST", f"{ONE}/{verb}", summary, prepare, REPLY, body, ids=ID)
        for verb, summary, prepare, body in (
            ("notes", "Write a note for colleagues", _add_note, NewNote),
            ("read", "Say how far a user has read", _read, Seen),
            ("bot/pause", "Stop automatic answers in a conversation", _pause_bot, Pause),
            ("bot/resume", "Let a conversation be answered automatically", _resume_bot, Empty),
        )
    ),
    Command(
        "DELETE",
        f"{ONE}/notes/{{note_id}}",
        "Take a note away",
        _remove_note,
        REPLY,
        ids={**ID, "note_id": "note"},
    ),
)
