"""The services under test as real processes: started, killed, armed, frozen, doubled, stopped."""

import asyncio
import os
import signal
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from infra.chaos.marks import VARIABLE
from infra.cli.supervisor import CONFIGURATION_WRONG, Child, start, stop

PAUSE_S: Final = 0.3
LOOK_S: Final = 0.05

Say = Callable[[str], None]


class CannotRun(Exception):
    """A service refuses its settings: nothing can be learnt from such a run."""


class Member:
    """One service: started again whenever it dies, until it is sent off."""

    def __init__(self, service: str, environment: Mapping[str, str], log: Path) -> None:
        self.service, self.environment, self.log = service, dict(environment), log
        self.child: Child | None = None
        self.armed = ""
        self.lives = self.kills = 0
        self._due = 0.0
        self._told = False

    def start(self, armed: str = "") -> None:
        """Begin a life; an armed one ends by itself when it comes to that mark."""
        environment = {**self.environment, **({VARIABLE: armed} if armed else {})}
        with self.log.open("ab") as output:
            self.child = start([self.service], environment, output)
        self.armed, self._told, self.lives = armed, False, self.lives + 1

    def kill(self) -> None:
        """Kill -9; a frozen process dies of it too."""
        if self.child is not None and self.child.poll() is None:
            self._told = True
            self.kills += 1
            self.child.kill()
            self.child.wait()

    def signal(self, number: signal.Signals) -> None:
        """To the present process, if there is one."""
        if self.child is not None and self.child.poll() is None:
            self.child.send_signal(number)

    def tend(self) -> str:
        """Start it when it is due. The mark it died of just now, else nothing."""
        if self.child is None:
            if time.monotonic() >= self._due:
                self.start(self.armed)  # one that ended before its mark gets another chance
            return ""
        status = self.child.poll()
        if status is None:
            return ""
        if status == CONFIGURATION_WRONG:
            raise CannotRun(f"{self.service} ended with {status}:\n{self.last_words()}")
        died_of = self.armed if status == -signal.SIGKILL and not self._told else ""
        if died_of or self._told:
            self.armed = ""
        self.kills += bool(died_of)
        self.child, self._due = None, time.monotonic() + PAUSE_S
        return died_of

    def last_words(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-5:])


class Crew:
    """All members by name. `hit` collects (service, mark) of every death at a mark."""

    def __init__(self, environment: Mapping[str, str], folder: Path, say: Say) -> None:
        self._environment, self._folder, self._say = environment, folder, say
        self.members: dict[str, Member] = {}
        self.hit: set[tuple[str, str]] = set()
        self.kills = 0

    def add(self, name: str, service: str, environment: Mapping[str, str]) -> Member:
        log = self._folder / f"{name}.log"
        member = Member(service, {**self._environment, **environment}, log)
        member.start()
        self.members[name] = member
        return member

    def send_off(self, name: str) -> None:
        """Kill one for good."""
        member = self.members.pop(name)
        member.kill()
        self.kills += member.kills

    async def tend(self, over: asyncio.Event) -> None:
        """Keep all of them running until it is over."""
        while not over.is_set():
            for member in list(self.members.values()):
                armed = member.tend()
                if armed:
                    mark = armed.rpartition(":")[0]
                    self.hit.add((member.service, mark))
                    self._say(f"{member.service} died at {armed}")
            await asyncio.sleep(LOOK_S)

    async def died(self, member: Member, armed: str, limit_s: float) -> bool:
        """Whether a life armed so has ended in time."""
        deadline = time.monotonic() + limit_s
        while member.armed == armed:
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(LOOK_S)
        return True

    def stop(self, grace_s: float) -> None:
        """All at once, in order where they manage it in time."""
        children = [m.child for m in self.members.values() if m.child is not None]
        for child in children:
            with suppress(ProcessLookupError):
                os.kill(child.pid, signal.SIGCONT)
            child.terminate()
        deadline = time.monotonic() + grace_s
        for child in children:
            stop(child, max(0.0, deadline - time.monotonic()))
        self.kills += sum(member.kills for member in self.members.values())
        self.members.clear()
