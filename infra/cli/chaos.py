"""`blazz chaos`: break a whole installation by a seed, and say whether anything was lost."""

import asyncio
import logging
import re
import shutil
import signal
import sys
import tempfile
from pathlib import Path
from typing import Final, NamedTuple

import orjson

from infra.chaos.crew import CannotRun
from infra.chaos.ground import Failed
from infra.chaos.marks import PAIRS
from infra.chaos.plan import ROUND_S
from infra.chaos.run import Chaos, Outcome
from infra.servers import ServersMissing

ALL_MARKS_FROM: Final = 20
"""So many seeds in a row have to come by every mark of every process."""
INTERRUPTED: Final = 130
WRONG_USE: Final = 2
NO_SERVERS: Final = 3
_SEEDS: Final = re.compile(r"(\d+)(?:\.\.(\d+))?")


class Wanted(NamedTuple):
    seeds: str
    minutes: float
    recipients: int
    steps: int | None
    as_json: bool


def run_chaos(wanted: Wanted) -> int:
    """0 if every seed was sound, 1 if one was not, 3 where there are no servers."""
    seeds = _seeds(wanted.seeds)
    if not seeds:
        sys.stderr.write(f"--seed {wanted.seeds}: give a number, or a range like 1..20\n")
        return WRONG_USE
    logging.disable(logging.WARNING)
    hit: set[tuple[str, str]] = set()
    sound = True
    try:
        for seed in seeds:
            outcome = _one(seed, wanted)
            hit |= outcome.hit
            sound = sound and outcome.sound
    except ServersMissing as error:
        sys.stderr.write(f"{error}\n")
        return NO_SERVERS
    except KeyboardInterrupt:
        return INTERRUPTED
    missed = sorted(PAIRS - hit)
    line = f"marks: {len(PAIRS) - len(missed)} of {len(PAIRS)} of the processes' marks died at"
    sys.stderr.write(line + "".join(f"\n  not at {mark} of {one}" for one, mark in missed) + "\n")
    return 0 if sound and not (missed and len(seeds) >= ALL_MARKS_FROM) else 1


def _seeds(given: str) -> range:
    found = _SEEDS.fullmatch(given)
    if not found:
        return range(0)
    first = int(found[1])
    return range(first, int(found[2] or first) + 1)


def _one(seed: int, wanted: Wanted) -> Outcome:
    """One seed; its folder stays if it was not sound, for the logs in it."""
    rounds = max(1, round(wanted.minutes * 60 / ROUND_S))
    say = _quiet if wanted.as_json else _say
    chaos = Chaos(seed, wanted.recipients * rounds, rounds, wanted.steps, say)
    folder = Path(tempfile.mkdtemp(prefix=f"blazz-chaos-{seed}-"))
    kept = False
    try:
        outcome = _ended_by_signals(chaos, folder)
        kept = not outcome.sound
    except (CannotRun, Failed, TimeoutError) as error:
        outcome, kept = chaos.outcome, True
        outcome.findings.append(f"could not go on: {error}")
    finally:
        if not kept:
            shutil.rmtree(folder, ignore_errors=True)
    _tell(outcome, folder, wanted)
    return outcome


def _ended_by_signals(chaos: Chaos, folder: Path) -> Outcome:
    async def whole() -> Outcome:
        task = asyncio.current_task()
        assert task is not None
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        return await chaos.run(folder)

    try:
        return asyncio.run(whole())
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


def _tell(outcome: Outcome, folder: Path, wanted: Wanted) -> None:
    if wanted.as_json:
        row = {
            "seed": outcome.seed,
            "sound": outcome.sound,
            "findings": outcome.findings,
            "steps": [{"at_s": at, "step": line} for at, line in outcome.steps],
            "hit": sorted(f"{service} {mark}" for service, mark in outcome.hit),
            "kills": outcome.kills,
            "seconds": outcome.seconds,
            **outcome.figures,
        }
        sys.stdout.write(orjson.dumps(row).decode() + "\n")
    for line in outcome.findings:
        sys.stderr.write(f"seed {outcome.seed}: {line}\n")
    unsound = f"UNSOUND, {len(outcome.findings)} findings; logs in {folder}"
    verdict = "sound" if outcome.sound else unsound
    figures = ", ".join(f"{value} {name}" for name, value in outcome.figures.items())
    line = f"{outcome.kills} kills, {len(outcome.hit)} of them at different marks; {figures}"
    stream = sys.stderr if wanted.as_json else sys.stdout
    stream.write(f"seed {outcome.seed}: {verdict}; {line}; {outcome.seconds} s\n")
    stream.flush()


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _quiet(_: str) -> None:
    """The JSON line has it all."""
