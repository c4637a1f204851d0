"""Messages to WAHA numbers' customers whose outcome is unknown, and what shows that they did leave.

Nothing of ours rides along with a message, so it is known by its chat, its words and its time. What
is on its way at this moment to the same chat could be mistaken for it: then nothing is concluded.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import Connection, select

from commands.execute import Ask
from commands.policies.session_ports import Sent
from commands.policies.waha_chats import chat_of
from domain.message import AcceptMessage, Content, ObserveStatus, message
from projections.messages import messages
from projections.queue import send_queue

FILES: Final = frozenset({"image", "video", "audio", "document"})
WORDED: Final = frozenset({"text", "template"})
EARLIER, LATER = timedelta(seconds=60), timedelta(minutes=15)
"""So far may WAHA's clock be behind ours, and so long may it keep a message before it sends it."""

_contents = msgspec.json.Decoder(Content)


class Doubt(NamedTuple):
    workspace_id: UUID
    account_id: UUID
    message_id: UUID
    attempt: int
    to: str
    content: str
    attempted_at: datetime

    @property
    def chat(self) -> str:
        return chat_of(self.to)


def open_doubts(connection: Connection, account_ids: Collection[UUID]) -> list[Doubt]:
    """Those of these numbers, oldest first."""
    q = send_queue.c
    columns = [q.workspace_id, q.account_id, q.message_id, q.attempt]
    unknown = (
        select(*columns, q.to_phone, q.content, q.attempted_at)
        .where(q.state == "unknown", q.account_id.in_(account_ids))
        .order_by(q.attempted_at)
    )
    under_way = select(q.account_id, q.to_phone).where(
        q.state == "sending", q.account_id.in_(account_ids)
    )
    found = [Doubt._make(row) for row in connection.execute(unknown)]
    if not found:
        return []
    busy = {(row.account_id, row.to_phone) for row in connection.execute(under_way)}
    return [doubt for doubt in found if (doubt.account_id, doubt.to) not in busy]


def strangers(connection: Connection, workspace_id: UUID, sent: Iterable[Sent]) -> list[Sent]:
    """Those that are not known as messages of the workspace yet."""
    some, m = list(sent), messages.c
    known = select(m.wamid).where(
        m.workspace_id == workspace_id, m.wamid.in_([one.wamid for one in some])
    )
    ours = set(connection.execute(known).scalars()) if some else set()
    return [one for one in some if one.wamid not in ours]


def matched(doubts: Sequence[Doubt], sent: Sequence[Sent]) -> list[tuple[Doubt, Sent]]:
    """Doubts of one chat and what it shows, both oldest first: each is the other one's at most."""
    left, pairs = list(sent), list[tuple[Doubt, Sent]]()
    for doubt in doubts:
        found = next((one for one in left if is_it(doubt, one)), None)
        if found is not None:
            left.remove(found)
            pairs.append((doubt, found))
    return pairs


def is_it(doubt: Doubt, sent: Sent) -> bool:
    """Whether that may be the message: words or file the same, and sent when it was."""
    if not doubt.attempted_at - EARLIER <= sent.at <= doubt.attempted_at + LATER:
        return False
    content = _contents.decode(doubt.content)
    kind = content.header_kind if content.header_kind in FILES else content.kind
    if kind in FILES:
        caption = "" if kind == "audio" else content.text
        return sent.has_media and sent.text.strip() == caption.strip()
    return kind in WORDED and not sent.has_media and sent.text.strip() == content.text.strip()


def resolved(doubt: Doubt, sent: Sent) -> list[Ask]:
    """It has left after all, and has come as far as the chat shows."""
    about: dict[str, Any] = {"workspace_id": doubt.workspace_id, "message_id": doubt.message_id}
    accept = AcceptMessage(**about, attempt=doubt.attempt, wamid=sent.wamid, wa_id="")
    asks = [Ask(message, doubt.message_id, accept)]
    if sent.status is not None:
        observe = ObserveStatus(**about, status=sent.status, at=sent.at, wamid=sent.wamid)
        asks.append(Ask(message, doubt.message_id, observe))
    return asks
