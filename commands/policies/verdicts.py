"""What a webhook item comes to: asks to be decided on, or a reason why nothing became of it."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from commands.execute import Ask, Done
from domain.kernel import Rejected


class Asks(NamedTuple):
    """Groups to be decided on, each by itself. With `any_of`, one that exists is enough."""

    groups: Sequence[Sequence[Ask]]
    any_of: bool = False


class Kept(NamedTuple):
    """Not turned into anything, and why."""

    reason: str


class Unheard(NamedTuple):
    """Its message is not known yet: perhaps later."""

    reason: str


class Strange(NamedTuple):
    """Nobody has its number; one that was connected a moment ago is known soon."""

    reason: str


class Raced(NamedTuple):
    """Somebody else wrote meanwhile what this was to depend on: look again."""

    reason: str


Resolved = Asks | Kept | Unheard | Strange


Verdict = Kept | Unheard | Strange | Raced | None
RACES: Final = frozenset({"identifier_taken", "conflict"})


def verdict(resolved: Resolved, results: Iterator[Done | Rejected]) -> Verdict:
    """None when it is done; takes its groups' answers off `results`."""
    if not isinstance(resolved, Asks):
        return resolved
    answers = [next(results) for _ in resolved.groups]
    refusals = [answer for answer in answers if isinstance(answer, Rejected)]
    if not refusals or (resolved.any_of and len(refusals) < len(answers)):
        return None
    # Of several refusals, one about a thing that is there says more than "not found".
    refused = next((r for r in refusals if r.code != "not_found"), refusals[0])
    words = f"{refused.code}: {refused}"
    if refused.code in RACES:
        return Raced(words)
    if refused.code == "not_found" and not resolved.any_of:
        return Unheard(words)
    return Kept(words)
