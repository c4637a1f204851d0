"""Passwords: what one must be, and Argon2id, computed in threads of its own, a few at a time."""

import asyncio
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Any, Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from commands.texts import text, tidy
from domain.access import Problem

SHORTEST: Final = 12
LONGEST_BYTES: Final = 128
VARIED: Final = 5
"""So many different characters at least."""
AT_ONCE: Final = 2
WAITING: Final = 64
"""More than this, and whoever comes is told to come again: each takes 19 MiB and a core's 20 ms."""

T = TypeVar("T")


def _bounded(password: str) -> str:
    if len(password.encode(errors="surrogatepass")) > LONGEST_BYTES:
        raise PydanticCustomError(
            "password_long", "must have at most {most} bytes in UTF-8", {"most": LONGEST_BYTES}
        )
    return tidy(password)


def _strong(password: str) -> str:
    if len(password) < SHORTEST or len(set(password)) < VARIED:
        raise PydanticCustomError(
            "password_weak",
            "must have {least} characters or more, {varied} of them different",
            {"least": SHORTEST, "varied": VARIED},
        )
    return password


GivenPassword = Annotated[str, text(LONGEST_BYTES, least=1), AfterValidator(_bounded)]
"""One that is compared."""
NewPassword = Annotated[
    GivenPassword, Field(json_schema_extra={"minLength": SHORTEST}), AfterValidator(_strong)
]
"""One that is kept."""


class Passwords:
    """Argon2id with OWASP's parameters: 19 MiB, two passes, one lane."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
        self._threads = ThreadPoolExecutor(AT_ONCE, "password")
        self._nobodys = self._hasher.hash(secrets.token_urlsafe())
        self._waiting = 0

    async def hashed(self, password: str) -> str:
        """The hash to keep. Problem 503 when too many wait."""
        return await self._run(self._hasher.hash, password)

    async def right(self, kept: str, password: str) -> bool:
        """Whether it is the password of that hash. Without one it takes as long, and is not."""
        return await self._run(self._verify, kept or self._nobodys, password) and bool(kept)

    def outdated(self, kept: str) -> bool:
        """Whether it was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(kept)

    def _verify(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, work: Callable[..., T], *arguments: Any) -> T:
        if self._waiting >= WAITING:
            detail = "too many passwords are being checked at the moment; try again"
            raise Problem(503, "busy", detail, headers={"Retry-After": "2"})
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)
        finally:
            self._waiting -= 1
