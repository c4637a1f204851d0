"""Which status is shown, and which stages are counted, given all that is known of a message.

Both are functions of what is known, not of the order in which it came to be known. A fact changes
the counts by the difference of the two sides, so sums are exact for every order and repetition.
"""

from functools import cache
from typing import Final, Literal, NamedTuple

Phase = Literal[
    "absent",
    "queued",
    "sending",
    "unknown",
    "accepted",
    "refused",
    "suppressed",
    "cancelled",
    "expired",
]
"""How far our side has got with it; what the provider reported of it is kept beside that."""

STAGES: Final = (
    "queued",
    "pending",
    "accepted",
    "sent",
    "delivered",
    "read",
    "played",
    "failed",
    "unknown",
    "suppressed",
    "cancelled",
    "expired",
)
OBSERVED: Final = frozenset({"sent", "failed", "delivered", "read", "played"})
RISING: Final = ("sent", "failed", "delivered", "read", "played")
ARRIVED: Final = frozenset({"delivered", "read", "played"})


class Change(NamedTuple):
    """The shown status after a fact, and what the fact changes in the counts."""

    status: str
    newly: tuple[str, ...]
    no_longer: tuple[str, ...]


@cache
def status_of(phase: Phase, marks: frozenset[str]) -> str:
    """The highest rank observed; failing that, how far our side has got."""
    seen = marks & OBSERVED
    if phase == "expired" and seen <= {"sent"}:
        return "expired"
    if seen:
        return max(seen, key=RISING.index)
    return "failed" if phase == "refused" else phase


@cache
def stages_of(phase: Phase, marks: frozenset[str]) -> frozenset[str]:
    """Every stage in which it counts. Read implies delivered, that sent, that accepted.

    A refusal, a cancellation or an unknown outcome stops counting as soon as the provider reports
    anything, for then the message did leave; a failure, when it arrives after all.
    """
    seen, arrived = marks & OBSERVED, marks & ARRIVED
    reached = {
        "queued": "queued" in marks,
        "pending": not seen and phase in {"queued", "sending"},
        "accepted": bool(seen) or "accepted" in marks,
        "sent": bool(arrived) or "sent" in marks,
        "delivered": bool(arrived),
        "read": bool(arrived - {"delivered"}),
        "played": "played" in marks,
        "failed": not arrived and ("failed" in marks or (not seen and phase == "refused")),
        "unknown": not seen and phase == "unknown",
        "suppressed": not seen and phase == "suppressed",
        "cancelled": not seen and phase == "cancelled",
        "expired": phase == "expired" and seen <= {"sent"},
    }
    return frozenset(stage for stage, counts in reached.items() if counts)


@cache
def change(
    phase: Phase, marks: frozenset[str], next_phase: Phase, next_marks: frozenset[str]
) -> Change:
    """What going from one state of knowledge to the next changes."""
    before, after = stages_of(phase, marks), stages_of(next_phase, next_marks)
    return Change(
        status_of(next_phase, next_marks),
        tuple(stage for stage in STAGES if stage in after - before),
        tuple(stage for stage in STAGES if stage in before - after),
    )
