"""Files of conversations: how far each has come, which message has which, and what is to be fetched.

Every message that came in with a file, and every edit of one, has a file of its own: wanted once,
and then stored or given up, from which it may be wanted again. A message sent from here may have
one that was uploaded before.
"""

from typing import Final

from sqlalchemy import BigInteger, Column, Index

from domain.file import FileNotFetched, FileStored, FileWantedAgain
from domain.ids import inbound_file_id
from domain.inbound import InboundEdited, InboundReceived, Media
from domain.kernel import Recorded
from domain.message import MessageQueued
from projections.chat import conversation_of, microseconds
from projections.columns import big, instant, key, link, long_text, number, read_model, text
from projections.projection import Projection
from projections.rows import Row, drop, put

TYPE_LENGTH: Final = 255
NOWHERE: Final = "the provider did not say where the file is"

files = read_model(
    "files",
    key("workspace_id"),
    key("file_id"),
    text("status", 8),
    text("mime_type", TYPE_LENGTH),
    big("size"),
    long_text("filename"),
    text("sha256", 64),
    long_text("why"),
    # Of one that failed: asking again would lead to the same.
    number("gone"),
    # Who uploaded it; of a file that came in nobody.
    link("user_id"),
)

file_uses = read_model(
    "file_uses",
    key("workspace_id"),
    key("message_id"),
    # 0 as received or sent, else the edit's instant in microseconds, as in the transcript.
    Column("edition", BigInteger, primary_key=True, autoincrement=False),
    link("file_id"),
    link("conversation_id"),
    link("account_id"),
    Index("ix_file_uses_file", "workspace_id", "file_id"),
)

files_wanted = read_model(
    "files_wanted",
    key("workspace_id"),
    key("file_id"),
    link("message_id"),
    link("conversation_id"),
    link("account_id"),
    long_text("media_id"),
    long_text("url"),
    text("mime_type", TYPE_LENGTH),
    # As the provider writes it.
    long_text("sha256"),
    long_text("filename"),
    # Since when it is wanted; of one that was given up, since when it is that.
    instant("at"),
    # 0: it was given up, and is kept here in case it is wanted again.
    big("position"),
    Index("ix_files_wanted_position", "position"),
)

WAITS: Final = files_wanted.c.position > 0
GIVEN_UP: Final = files_wanted.c.position == 0

projection = Projection("files", files, file_uses, files_wanted, version=2)


@projection.on
def received(event: InboundReceived, recorded: Recorded) -> list[Row]:
    return _came(event, recorded, event.content.media, "", 0)


@projection.on
def edited(event: InboundEdited, recorded: Recorded) -> list[Row]:
    """One that is never shown is not fetched."""
    if event.superseded:
        return []
    return _came(event, recorded, event.content.media, event.edit_id, microseconds(event.at))


def _came(
    event: InboundReceived | InboundEdited,
    recorded: Recorded,
    media: Media | None,
    edit_id: str,
    edition: int,
) -> list[Row]:
    if media is None:
        return []
    file_id = inbound_file_id(event.message_id, edit_id)
    ids = {"workspace_id": event.workspace_id, "file_id": file_id}
    whose = {"conversation_id": event.conversation_id, "account_id": event.account_id}
    about = {"mime_type": media.mime_type[:TYPE_LENGTH], "filename": media.filename}
    use = put(file_uses, **ids, **whose, message_id=event.message_id, edition=edition)
    if not media.media_id and not media.url:
        return [use, put(files, **ids, **about, status="failed", why=NOWHERE, gone=1)]
    wanted = put(
        files_wanted,
        **ids,
        **whose,
        **about,
        message_id=event.message_id,
        media_id=media.media_id,
        url=media.url,
        sha256=media.sha256,
        at=recorded.recorded_at,
        position=recorded.position,
    )
    return [use, put(files, **ids, **about, status="wanted"), wanted]


@projection.on
def sent(event: MessageQueued, recorded: Recorded) -> list[Row]:
    """Whoever may read the conversation may see what was sent in it."""
    del recorded
    if event.content.file is None:
        return []
    use = put(
        file_uses,
        workspace_id=event.workspace_id,
        message_id=event.message_id,
        edition=0,
        file_id=event.content.file.file_id,
        conversation_id=conversation_of(event),
        account_id=event.account_id,
    )
    return [use]


@projection.on
def stored(event: FileStored, recorded: Recorded) -> list[Row]:
    del recorded
    ids = {"workspace_id": event.workspace_id, "file_id": event.file_id}
    told = put(
        files,
        **ids,
        status="stored",
        mime_type=event.mime_type[:TYPE_LENGTH],
        size=event.size,
        filename=event.filename,
        sha256=event.sha256,
        why=None,
        gone=0,
        user_id=event.user_id,
    )
    return [told, drop(files_wanted, **ids)]


@projection.on
def not_fetched(event: FileNotFetched, recorded: Recorded) -> list[Row]:
    ids = {"workspace_id": event.workspace_id, "file_id": event.file_id}
    told = put(files, **ids, status="failed", why=event.why, gone=int(event.gone))
    return [told, put(files_wanted, **ids, at=recorded.recorded_at, position=0)]


@projection.on
def wanted_again(event: FileWantedAgain, recorded: Recorded) -> list[Row]:
    ids = {"workspace_id": event.workspace_id, "file_id": event.file_id}
    since = {"at": recorded.recorded_at, "position": recorded.position}
    return [put(files, **ids, status="wanted", why=None), put(files_wanted, **ids, **since)]
