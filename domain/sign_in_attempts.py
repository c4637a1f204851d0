"""Failed sign-ins as one e-mail from one address: after a few, each makes the wait for the next longer.

By address, so that nobody can lock out somebody else. What is too early is refused and no fact, so
the stream grows slowly whatever is tried.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import ceil
from typing import Final, assert_never
from uuid import UUID

import msgspec

from domain.ids import name_id
from domain.kernel import Command, Decider, Event, PersonalText

FREE: Final = 5
"""So many may fail before there is a wait."""
SHORTEST: Final = timedelta(minutes=1)
LONGEST: Final = timedelta(hours=1)


class SignInFailed(Event):
    """`user_id` is the one the e-mail would have; there need not be such a user."""

    user_id: UUID
    address: PersonalText
    failures: int
    retry_at: datetime


class SignInFailuresForgiven(Event):
    user_id: UUID


SignInAttemptsEvent = SignInFailed | SignInFailuresForgiven


class FailSignIn(Command):
    user_id: UUID
    address: str


class ForgiveSignInFailures(Command):
    user_id: UUID


SignInAttemptsCommand = FailSignIn | ForgiveSignInFailures


class SignInAttempts(msgspec.Struct, frozen=True, kw_only=True):
    failures: int = 0
    retry_at: datetime | None = None

    def wait_s(self, now: datetime) -> int:
        """Seconds until the next attempt is looked at."""
        if self.retry_at is None or now >= self.retry_at:
            return 0
        return ceil((self.retry_at - now).total_seconds())


def attempts_id(workspace_id: UUID, email: str, address: str) -> UUID:
    """The stream of these attempts."""
    return name_id(workspace_id, "sign-ins", f"{email} {address}")


def evolve(attempts: SignInAttempts, event: SignInAttemptsEvent) -> SignInAttempts:
    """The attempts after that fact."""
    del attempts  # each fact says all there is to know
    match event:
        case SignInFailed():
            return SignInAttempts(failures=event.failures, retry_at=event.retry_at)
        case SignInFailuresForgiven():
            return SignInAttempts()
        case _:
            assert_never(event)


def decide(
    attempts: SignInAttempts, command: SignInAttemptsCommand, now: datetime
) -> Sequence[SignInAttemptsEvent]:
    """A failure is one more; a success forgets them."""
    at, user_id = command.workspace_id, command.user_id
    match command:
        case FailSignIn(address=address):
            if attempts.wait_s(now):
                return []
            failures = attempts.failures + 1
            return [
                SignInFailed(
                    workspace_id=at,
                    user_id=user_id,
                    address=address,
                    failures=failures,
                    retry_at=now + _wait(failures),
                )
            ]
        case ForgiveSignInFailures():
            if not attempts.failures:
                return []
            return [SignInFailuresForgiven(workspace_id=at, user_id=user_id)]
        case _:
            assert_never(command)


def _wait(failures: int) -> timedelta:
    if failures < FREE:
        return timedelta()
    doublings: int = min(failures - FREE, 10)
    return min(SHORTEST * (1 << doublings), LONGEST)


sign_in_attempts: Decider[SignInAttempts, SignInAttemptsCommand, SignInAttemptsEvent] = Decider(
    "sign_in_attempts", SignInAttempts(), decide, evolve
)
