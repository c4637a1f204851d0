"""What must be true afterwards, whatever was broken and whenever. Stated first, checked last.

- Every recipient of a campaign stands in the provider's ledger at most once.
- Every campaign completes, and each of its recipients is accounted for: accepted, failed before
  acceptance, suppressed, or unknown because the provider never had the message.
- Stages are counted exactly, though statuses came twice, late and in reverse.
- Every acknowledged command is there, and its key gives the same receipt again.
- Positions are gapless from 1, versions gapless in each stream.
- The live tables are those of a rebuild from the store; nothing is parked, nothing lags, and no
  webhook is left over.
- Nobody was answered with anything but success, a rule's refusal, a conflict or 503.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from infra.demo.client import Json
from infra.demo.run import cumulative

STAGES: Final = ("sent", "delivered", "read")
NEVER_HAD: Final = {"unknown", "failed", "suppressed"}
SHOWN: Final = 5


@dataclass
class Evidence:
    """Everything the oracles look at, gathered once all is at rest."""

    ledger: list[Json]
    expected: Json
    """Final status -> how many messages the simulator gave it."""
    campaigns: list[Json]
    messages: list[list[Json]]
    """Of each campaign."""
    repeated: list[tuple[str, Json, Json]]
    """Path of an acknowledged command, its answer, the answer to the same request again."""
    contacts: list[tuple[str, Json, Json]]
    """Contact, what was acknowledged of it, what the read API says."""
    head: int
    first_position: int
    last_position: int
    stored_events: int
    broken_streams: int
    live: dict[str, str]
    rebuilt: dict[str, str]
    standing: list[Json]
    """Of each projection: position, head_position, parked."""
    inbox: dict[str, int]
    odd: list[str] = field(default_factory=list)


def _sent_once(evidence: Evidence) -> Iterator[str]:
    campaign_of = {
        message["message_id"]: number
        for number, messages in enumerate(evidence.messages)
        for message in messages
    }
    sends: Counter[tuple[int, str]] = Counter()
    for line in evidence.ledger:
        number = campaign_of.get(line["callback_data"])
        if number is None:
            yield f"{line['to']} was sent message {line['callback_data']}, which nobody queued"
        else:
            sends[number, line["to"]] += 1
    for (number, to), times in sends.items():
        if times > 1:
            yield f"{to} was sent campaign {number} {times} times"


def _accounted_for(evidence: Evidence) -> Iterator[str]:
    had = {line["callback_data"] for line in evidence.ledger}
    for number, (campaign, messages) in enumerate(
        zip(evidence.campaigns, evidence.messages, strict=True)
    ):
        name = f"campaign {number}"
        if campaign["status"] != "completed" or campaign["pending"]:
            yield f"{name} is {campaign['status']} with {campaign['pending']} pending"
        if len(messages) != campaign["recipients"]:
            yield f"{name} has {len(messages)} messages for {campaign['recipients']} recipients"
        mine = {m["message_id"] for m in messages}
        never_had = Counter(m["status"] for m in messages if m["message_id"] not in had)
        if strange := set(never_had) - NEVER_HAD:
            yield f"{name}: the provider never had messages that count as {sorted(strange)}"
        if campaign["accepted"] != len(mine & had):
            yield f"{name}: {campaign['accepted']} accepted, the ledger has {len(mine & had)}"
        if campaign["unknown"] != never_had["unknown"]:
            yield f"{name}: {campaign['unknown']} unknown, rightly {never_had['unknown']}"
        accounted = campaign["accepted"] + sum(never_had.values())
        if accounted != campaign["recipients"]:
            yield f"{name}: {accounted} of {campaign['recipients']} recipients accounted for"


def _stages(evidence: Evidence) -> Iterator[str]:
    rightly = cumulative(evidence.expected)
    for stage in STAGES:
        counted = sum(campaign[stage] for campaign in evidence.campaigns)
        if counted != rightly[stage]:
            yield f"{counted} {stage}, the provider says {rightly[stage]}"


def _acknowledged(evidence: Evidence) -> Iterator[str]:
    for path, before, again in evidence.repeated:
        if before != again:
            yield f"{path} was answered {before}, and with the same key {again}"
    for contact_id, acknowledged, found in evidence.contacts:
        seen = {name: found.get(name) for name in acknowledged}
        if seen != acknowledged:
            yield f"contact {contact_id} is {seen}; acknowledged was {acknowledged}"


def _gapless(evidence: Evidence) -> Iterator[str]:
    stands = (evidence.first_position, evidence.last_position, evidence.stored_events)
    if stands != (1, evidence.head, evidence.head):
        first, last, stored = stands
        yield f"{stored} events from position {first} to {last}, the counter says {evidence.head}"
    if evidence.broken_streams:
        yield f"{evidence.broken_streams} streams whose versions are not 1, 2, 3 and so on"


def _rebuilt_alike(evidence: Evidence) -> Iterator[str]:
    for table in sorted(evidence.live.keys() | evidence.rebuilt.keys()):
        if evidence.live.get(table) != evidence.rebuilt.get(table):
            yield f"table {table} is not what a rebuild makes of the store"


def _at_rest(evidence: Evidence) -> Iterator[str]:
    for row in evidence.standing:
        if row["parked"]:
            yield f"{row['parked']} records of {row['projection']} are parked"
        if row["position"] != evidence.head:
            yield f"{row['projection']} stands at {row['position']} of {evidence.head}"
    for state, count in evidence.inbox.items():
        yield f"{count} webhook bodies are {state}"


def _answered_well(evidence: Evidence) -> Iterator[str]:
    yield from evidence.odd


Oracle = Callable[[Evidence], Iterator[str]]

ORACLES: Final[dict[str, Oracle]] = {
    "sent once": _sent_once,
    "accounted for": _accounted_for,
    "stages": _stages,
    "acknowledged": _acknowledged,
    "gapless": _gapless,
    "rebuilt alike": _rebuilt_alike,
    "at rest": _at_rest,
    "answered well": _answered_well,
}


def findings(evidence: Evidence) -> list[str]:
    """What is not true, the first few of each oracle; empty if all is."""
    found: list[str] = []
    for name, oracle in ORACLES.items():
        lines = [f"{name}: {line}" for line in oracle(evidence)]
        found += lines[:SHOWN]
        if len(lines) > SHOWN:
            found.append(f"{name}: and {len(lines) - SHOWN} more")
    return found
