"""What a stream is asked to tell, and which items that is for whoever asks."""

import re
from collections.abc import Iterable
from typing import Final, NamedTuple
from uuid import UUID

from domain.access import Permission, Principal, Problem, holders
from domain.ids import parse
from projections.live import ACCESS
from read_api.live.items import Item
from read_api.parameters import wrong_parameter

TOPICS: Final[dict[str, Permission]] = {
    "conversations": "conversations.read",
    "messages": "conversations.read",
    "campaigns": "campaigns.read",
    "contacts": "contacts.read",
    "numbers": "numbers.read",
    "notifications": "notifications.read",
}
SINGLE: Final[dict[str, Permission]] = {
    "conversation": "conversations.read",
    "campaign": "campaigns.read",
}
"""One thing by its id, as in `campaign:cmp_…`."""
MOST: Final = 50
PERSONAL: Final = "conversation_read_by"
PATTERN: Final = (
    rf"^({'|'.join(TOPICS)}|conversation:cnv_[0-9a-f]{{32}}|campaign:cmp_[0-9a-f]{{32}})"
    rf"(,({'|'.join(TOPICS)}|conversation:cnv_[0-9a-f]{{32}}|campaign:cmp_[0-9a-f]{{32}}))*$"
)
_NAMES: Final = f"{', '.join(TOPICS)}, conversation:cnv_…, campaign:cmp_…"


class Topics(NamedTuple):
    """Those that were asked for. `needed` are the permissions without which there is nothing."""

    whole: frozenset[str]
    single: frozenset[UUID]
    needed: frozenset[str]


def topics_of(text: str, principal: Principal) -> Topics:
    """The topics in a parameter. Problem 422 for what is none, 403 for what they may not see."""
    names = [name for name in re.split(r"\s*,\s*", text.strip()) if name]
    if not 1 <= len(names) <= MOST:
        raise wrong_parameter("topics", f"1 to {MOST} topics, with commas between: {_NAMES}")
    whole, single, needed = set[str](), set[UUID](), set[str]()
    for name in names:
        kind, colon, id_ = name.partition(":")
        try:
            if colon:
                needed.add(SINGLE[kind])
                single.add(parse(kind, id_))
            else:
                needed.add(TOPICS[name])
                whole.add(name)
        except (KeyError, ValueError):
            raise wrong_parameter("topics", f"{name[:60]!r} is not one of {_NAMES}") from None
    insist(needed, principal)
    return Topics(frozenset(whole), frozenset(single), frozenset(needed))


def insist(needed: Iterable[str], principal: Principal) -> None:
    """Problem 403 unless they have all of these permissions."""
    for permission in sorted(needed):
        if permission not in principal.permissions:
            who, what = holders(permission), principal.described
            detail = f"a topic among these needs {permission}, which {who} have; {what}"
            raise Problem(403, "permission_missing", detail)


class View(NamedTuple):
    """What one stream shows: to whom, which topics, and of which numbers (None: of all)."""

    principal: Principal
    topics: Topics
    accounts: frozenset[UUID] | None

    def shows(self, item: Item) -> bool:
        """Whether the item is theirs to see, and was asked for."""
        if item.topic == ACCESS or (item.kind == PERSONAL and not self._mine(item)):
            return False
        if self.accounts is not None and item.account_id and item.account_id not in self.accounts:
            return False
        return self.asks(item) or self.tells(item)

    def asks(self, item: Item) -> bool:
        """Whether the item is of a topic that was asked for, be it a notification or not."""
        return (
            (item.topic in self.topics.whole and item.topic != "notifications")
            or item.conversation_id in self.topics.single
            or item.campaign_id in self.topics.single
        )

    def tells(self, item: Item) -> bool:
        """Whether the item is a notification for them, and such were asked for."""
        if not item.notice or "notifications" not in self.topics.whole:
            return False
        if item.audience:
            return item.audience in self.principal.permissions
        return self._mine(item)

    def _mine(self, item: Item) -> bool:
        return item.user_id is not None and item.user_id == self.principal.user_id
