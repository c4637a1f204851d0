"""Items as they are stored, and as they are sent: encoded once, however many streams show them."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final, NamedTuple
from uuid import UUID

import orjson
from sqlalchemy import Select, bindparam, select

from domain.ids import PREFIXES
from domain.message.status import STAGES
from projections.campaigns import campaigns
from projections.live import live_campaigns, live_items
from read_api.query import in_workspace

PAGE: Final = 250
END: Final = b"\r\n"
_LINKS: Final = tuple(str(c.name) for c in live_items.c if c.name.endswith("_id"))[1:]
_OPTIONS: Final = orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z


class Item(NamedTuple):
    """One change. Of the progress of a campaign, `moved` is true and `position` the latest step.

    `plain` is the event to send, `told` the same with the notification that it is, if it is one.
    """

    workspace_id: UUID
    position: int
    topic: str
    kind: str
    account_id: UUID | None = None
    conversation_id: UUID | None = None
    campaign_id: UUID | None = None
    user_id: UUID | None = None
    notice: str = ""
    audience: str = ""
    moved: bool = False
    plain: bytes = b""
    told: bytes = b""


_COLUMNS: Final = [c for c in live_items.c if c.name not in {"notice", "audience"}]
_item: Final = select(*_COLUMNS, live_items.c.notice, live_items.c.audience)
_COUNTS: Final = [campaigns.c[f"{stage}_count"].label(stage) for stage in STAGES]
_campaign: Final = select(
    live_campaigns.c.workspace_id,
    live_campaigns.c.position,
    live_campaigns.c.campaign_id,
    live_campaigns.c.account_id,
    campaigns.c.status,
    campaigns.c.recipients,
    *_COUNTS,
).join(
    campaigns,
    (campaigns.c.workspace_id == live_campaigns.c.workspace_id)
    & (campaigns.c.campaign_id == live_campaigns.c.campaign_id),
)


def _between(statement: Select[Any], table: Any) -> Select[Any]:
    position = table.c.position
    return statement.where(position > bindparam("behind"), position <= bindparam("upto"))


def _several(statement: Select[Any], table: Any, workspaces: int) -> Select[Any]:
    names = [f"workspace_id_{number}" for number in range(workspaces)]
    binds = [bindparam(name, type_=table.c.workspace_id.type) for name in names]
    return _between(statement.where(table.c.workspace_id.in_(binds)), table)


@cache
def items_of(workspaces: int) -> Select[Any]:
    """The next page of items of so many workspaces together."""
    statement = _several(_item, live_items, workspaces)
    return statement.order_by(live_items.c.position).limit(PAGE)


@cache
def campaigns_of(workspaces: int) -> Select[Any]:
    """Campaigns of so many workspaces that have moved, with how far they are."""
    statement = _several(_campaign, live_campaigns, workspaces)
    return statement.order_by(live_campaigns.c.position)


def several(workspaces: Sequence[UUID]) -> tuple[int, dict[str, Any]]:
    """For how many a statement is made, and what it binds: twice as many at a time, so that few
    statements serve any number. The last one is named again.
    """
    size = 1 << (len(workspaces) - 1).bit_length()
    named = [*workspaces, *[workspaces[-1]] * (size - len(workspaces))]
    return size, {f"workspace_id_{number}": id_ for number, id_ in enumerate(named)}


own_items: Final = (
    _between(_item.where(in_workspace(live_items)), live_items)
    .order_by(live_items.c.position)
    .limit(PAGE)
)
own_campaigns: Final = _between(
    _campaign.where(in_workspace(live_campaigns)), live_campaigns
).order_by(live_campaigns.c.position)


def item_of(row: Sequence[Any], about: Sequence[Any] | None = None) -> Item:
    """The item in a row; `about` is what people are told of it."""
    found = dict(zip([str(c.name) for c in _COLUMNS], row, strict=False))
    notice, audience = row[len(_COLUMNS) :]
    body: dict[str, Any] = {name: found[name] for name in ("position", "topic", "kind", "at")}
    if found["status"]:
        body["status"] = found["status"]
    body |= {name: _shown(name, found[name]) for name in _LINKS if found[name] is not None}
    plain = told = framed(body)
    if notice:
        shown = {"notification_id": f"{PREFIXES['notification']}_{found['position']:032x}"}
        shown |= {"kind": notice}
        if about:
            shown |= dict(zip(("title", "reason", "priority"), about, strict=True))
        told = framed({**body, "notification": shown})
    return Item(
        UUID(bytes=found["workspace_id"]),
        found["position"],
        found["topic"],
        found["kind"],
        account_id=_id(found["account_id"]),
        conversation_id=_id(found["conversation_id"]),
        campaign_id=_id(found["campaign_id"]),
        user_id=_id(found["user_id"]),
        notice=notice,
        audience=audience,
        plain=plain,
        told=told,
    )


def progress_of(row: Sequence[Any]) -> Item:
    """How far a campaign is, as one item."""
    workspace_id, position, campaign_id, account_id, status, recipients, *counts = row
    body = {
        "position": position,
        "topic": "campaigns",
        "kind": "campaign_progress",
        "status": status,
        "campaign_id": _shown("campaign_id", campaign_id),
        "account_id": _shown("account_id", account_id),
        "recipients": recipients,
        "counts": dict(zip(STAGES, counts, strict=True)),
    }
    return Item(
        UUID(bytes=workspace_id),
        position,
        "campaigns",
        "campaign_progress",
        account_id=_id(account_id),
        campaign_id=_id(campaign_id),
        moved=True,
        plain=framed(body),
    )


def framed(body: Mapping[str, Any], event: str = "") -> bytes:
    """An event to send, without its id, which stands before it."""
    head = b"event: " + event.encode() + END if event else b""
    return head + b"data: " + orjson.dumps(body, option=_OPTIONS) + END + END


def _shown(name: str, value: bytes) -> str:
    return f"{PREFIXES[name.removesuffix('_id')]}_{value.hex()}"


def _id(value: bytes | None) -> UUID | None:
    return None if value is None else UUID(bytes=value)
