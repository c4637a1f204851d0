"""What is broken, and in which order: the same for the same seed."""

from collections.abc import Iterator
from random import Random
from typing import Final, Literal, NamedTuple

from infra.chaos.marks import PASSED, REBUILD

Action = Literal["kill", "rebuild", "power cut", "outage", "freeze", "twin", "webhooks"]

MORE_KILLS: Final = 3
LATEST_PASSING: Final = 6
PAUSES_S: Final = (0.6, 2.2)
FROZEN: Final = ("relay", "projector", "sender", "policies", "command-api", "simulator")
TWINS: Final = ("relay", "sender", "policies")
ROUND_S: Final = 30.0
"""About what one round of steps takes."""


class Step(NamedTuple):
    """One fault, so long after the one before it began."""

    pause_s: float
    action: Action
    of: str
    seconds: float = 0.0
    mark: str = ""
    passing: int = 0

    def __str__(self) -> str:
        match self.action:
            case "kill" if self.mark:
                return f"kill -9 {self.of}, and once more at {self.mark}:{self.passing}"
            case "kill":
                return f"kill -9 {self.of}"
            case "rebuild":
                return f"a rebuild of the live tables, kill -9 at {self.mark}, and once more"
            case "power cut":
                return f"kill -9 {self.of}, started again at once"
            case "outage":
                return f"{self.of} down for {self.seconds:.1f} s"
            case "freeze":
                return f"{self.of} stands still for {self.seconds:.1f} s"
            case "twin":
                return f"a second {self.of} for {self.seconds:.1f} s"
            case "webhooks":
                return f"{self.seconds:.0%} of the statuses twice, as many in reverse order"


def plan(seed: int, rounds: int = 1) -> list[Step]:
    """Each round kills every process at a mark of its own, and breaks everything else once."""
    return [step for number in range(rounds) for step in _round(seed + 7919 * number)]


def _round(seed: int) -> list[Step]:
    chance = Random(seed)  # noqa: S311 - repeatable is the point
    steps = list(_faults(seed, chance))
    chance.shuffle(steps)
    first = Step(0.0, "webhooks", "simulator", seconds=chance.choice((0.1, 0.3)))
    return [first, *(one._replace(pause_s=round(chance.uniform(*PAUSES_S), 2)) for one in steps)]


def _faults(seed: int, chance: Random) -> Iterator[Step]:
    # In turn, so that a run over several seeds has been at each mark of each process.
    for service, marks in PASSED.items():
        mark = marks[seed % len(marks)]
        if service == REBUILD:
            yield Step(0, "rebuild", REBUILD, mark=mark, passing=1)
        else:
            yield _kill(service, mark, chance)
    # Not the projector: Kafka gives its partitions to the next one after fifteen seconds only.
    for service in chance.sample(sorted(PASSED.keys() - {"projector", REBUILD}), MORE_KILLS):
        yield _kill(service, chance.choice(PASSED[service]), chance)
    yield Step(0, "kill", "read-api")
    yield Step(0, "power cut", "mysqld")
    yield Step(0, "outage", "kafka", seconds=round(chance.uniform(1, 4), 1))
    # Longer than the lease of a relay or a sender, now and then.
    for service in chance.sample(FROZEN, 2):
        seconds = 1.5 if service == "simulator" else chance.uniform(1, 8)
        yield Step(0, "freeze", service, seconds=round(seconds, 1))
    for service in chance.sample(TWINS, 2):
        yield Step(0, "twin", service, seconds=round(chance.uniform(3, 9), 1))


def _kill(service: str, mark: str, chance: Random) -> Step:
    return Step(0, "kill", service, mark=mark, passing=chance.randint(1, LATEST_PASSING))
