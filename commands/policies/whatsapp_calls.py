"""Calls as the Cloud API reports them: rung, connected, accepted or rejected, ended or failed."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, Literal

from commands.policies.webhook_items import CallItem, Item, NotUnderstood
from commands.policies.whatsapp_people import person
from commands.policies.whatsapp_shape import (
    Value,
    Wrong,
    as_object,
    instant_in,
    list_in,
    phone_number_id,
    text_in,
)
from domain.call import Step

LONGEST_S: Final = 7 * 24 * 3600
ENDS: Final[Mapping[str, Step]] = {"FAILED": "failed", "REJECTED": "rejected"}
STATUSES: Final[Mapping[str, Step]] = {
    "RINGING": "ringing",
    "ACCEPTED": "accepted",
    "REJECTED": "rejected",
    "FAILED": "failed",
}
TYPED: Final = frozenset({"id", "timestamp"})


def calls(value: Value) -> Iterator[Item]:
    """Each report on a call: of the call itself, and of one we have placed."""
    for what, read in (("calls", _call), ("statuses", _status)):
        for item in list_in(value, what):
            yield _read(value, item, what, read)


def _read(value: Value, item: Any, what: str, read: Callable[[Value, Value], Item]) -> Item:
    try:
        return read(value, as_object(item))
    except Wrong as wrong:
        return NotUnderstood(f"calls/{what}: {wrong}")


def _call(value: Value, item: Value) -> Item:
    by: Literal["customer", "business"] = (
        "business" if item.get("direction") == "BUSINESS_INITIATED" else "customer"
    )
    event = text_in(item, "event")
    if event == "connect":
        step: Step = "ringing" if by == "customer" else "connected"
    elif event == "terminate":
        step = ENDS.get(str(item.get("status")).upper(), "ended")
    else:
        raise Wrong(f"event is {event[:40]!r}, connect or terminate was expected")
    sides = ("from", "to") if by == "customer" else ("to", "from")
    return _item(value, item, sides, step, by)


def _status(value: Value, item: Value) -> Item:
    """Only calls we place have them."""
    step = STATUSES.get(text_in(item, "status").upper())
    if step is None:
        raise Wrong(f"status is {item['status'][:40]!r}, one of {', '.join(STATUSES)} was expected")
    return _item(value, item, ("recipient_id",), step, "business")


def _item(
    value: Value,
    item: Value,
    sides: tuple[str, ...],
    step: Step,
    by: Literal["customer", "business"],
) -> CallItem:
    who = person(value, item, *sides)
    details = {key: said for key, said in item.items() if key not in TYPED}
    if value.get("errors"):
        details["errors"] = value["errors"]
    seconds = item.get("duration")
    lasted = isinstance(seconds, int) and 0 <= seconds <= LONGEST_S
    return CallItem(
        phone_number_id(value),
        text_in(item, "id"),
        instant_in(item),
        who,
        step,
        by,
        details | {"sender": who.said},
        seconds=seconds if lasted else None,
    )
