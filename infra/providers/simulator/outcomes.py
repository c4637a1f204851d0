"""What becomes of a message: scripted by the recipient's last digits, else drawn from a hash of
seed, recipient and content, so that the same campaign always ends with the same counts.
"""

import struct
from hashlib import blake2b
from typing import NamedTuple

from infra.providers.simulator.options import SimulatorOptions

SENT, DELIVERED, READ = ("sent",), ("sent", "delivered"), ("sent", "delivered", "read")
SCRIPTED: dict[str, tuple[str, ...]] = {
    "0001": DELIVERED,
    "0002": READ,
    "0404": ("failed",),
    "0429": READ,
    "0500": READ,
}
THROTTLED_ONCE, ANSWER_NEVER_COMES, OPTED_OUT = "0429", "0500", "0131"
FAILED_SHARE = 0.5  # of the undelivered; the others stay at sent for ever
UNDELIVERABLE, WINDOW_CLOSED = 131026, 131047

_LAYOUT = struct.Struct("<3I10H")


class Draws(NamedTuple):
    """Numbers in 0..1 that belong to this message and never change."""

    delivered: float
    read: float
    failed: float
    disorder: float
    each: tuple[float, ...]  # loss and duplication of its statuses, in pairs


class Outcome(NamedTuple):
    statuses: tuple[str, ...]
    error_code: int = 0

    @property
    def final(self) -> str:
        return self.statuses[-1]


def draws(seed: int, to: str, content: bytes) -> Draws:
    digest = blake2b(b"%d\0%s\0%s" % (seed, to.encode(), content), digest_size=32).digest()
    a, b, c, d, *rest = _LAYOUT.unpack(digest)
    return Draws(
        a / 2**32, b / 2**32, c / 2**32, d / 2**16, tuple(number / 2**16 for number in rest)
    )


def outcome(to: str, kind: str, voice: bool, drawn: Draws, options: SimulatorOptions) -> Outcome:
    statuses = SCRIPTED.get(to[-4:]) or _drawn(drawn, options)
    if statuses == ("failed",):
        return Outcome(statuses, UNDELIVERABLE)
    if kind == "reaction":  # the Cloud API reports nothing beyond sent for these
        return Outcome(SENT)
    if voice and statuses == READ:
        return Outcome((*READ, "played"))
    return Outcome(statuses)


def _drawn(drawn: Draws, options: SimulatorOptions) -> tuple[str, ...]:
    if drawn.delivered >= options.delivered_share:
        return ("failed",) if drawn.failed < FAILED_SHARE else SENT
    return READ if drawn.read < options.read_share else DELIVERED
