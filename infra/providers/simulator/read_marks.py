"""What a business says it has read, and that it is typing: requests that name a customer's message."""

import time
from typing import Any, NamedTuple

from infra.providers.simulator import outcomes
from infra.providers.simulator.errors import GraphError, invalid, missing
from infra.providers.simulator.numbers import PhoneNumber


class ReadMark(NamedTuple):
    """One that was taken; `at` is in seconds since 1970."""

    message_id: str
    phone_number_id: str
    typing: bool
    at: float


class ReadMarks:
    """All of them, in order; the first for a customer …0429 is refused, as sends to one are."""

    def __init__(self) -> None:
        self.taken: list[ReadMark] = []
        self._throttled: set[tuple[str, str]] = set()

    def take(self, number: PhoneNumber, payload: dict[str, Any]) -> bool:
        """Counts it, or raises GraphError. False: its answer never comes."""
        message_id, typing = _checked(payload)
        customer = number.heard.get(message_id)
        if customer is None:
            raise invalid(
                f"message_id must be the id of a message that came to {number.id}, "
                f"got {message_id!r}."
            )
        once = (number.id, customer)
        if customer.endswith(outcomes.THROTTLED_ONCE) and once not in self._throttled:
            self._throttled.add(once)
            raise GraphError(130429, "Cloud API message throughput has been reached.")
        self.taken.append(ReadMark(message_id, number.id, typing, time.time()))
        return not customer.endswith(outcomes.ANSWER_NEVER_COMES)

    def stats(self) -> dict[str, int]:
        return {
            "marks": len(self.taken),
            "messages": len({mark.message_id for mark in self.taken}),
            "typing": sum(mark.typing for mark in self.taken),
        }


def _checked(payload: dict[str, Any]) -> tuple[str, bool]:
    """The message, and whether somebody is typing."""
    if payload["status"] != "read":
        raise GraphError(100, f"Param status must be one of {{READ}} - got {payload['status']!r}.")
    message_id = payload.get("message_id")
    if message_id is None:
        raise missing("message_id")
    if not isinstance(message_id, str) or not message_id.startswith("wamid."):
        raise invalid(f"message_id must be the id of an inbound message, got {message_id!r}.")
    indicator = payload.get("typing_indicator")
    if indicator is not None and (
        not isinstance(indicator, dict) or indicator.get("type") != "text"
    ):
        raise invalid('typing_indicator must be {"type": "text"}.')
    return message_id, indicator is not None
