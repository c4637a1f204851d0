"""Keeps what is nobody's business out of the log: phone numbers, addresses, keys and secrets."""

import re
from collections.abc import Iterable
from typing import Any, Final

_SHORTEST_SECRET: Final = 8
_MASKED: Final[tuple[tuple[re.Pattern[str], str], ...]] = (
    # What a statement was called with, as SQLAlchemy and drivers quote it.
    (re.compile(r"\[parameters: .*?\](?=\n|\)|$)", re.DOTALL), "[parameters: ...]"),
    (re.compile(r"Duplicate entry '.*?' for key"), "Duplicate entry '...' for key"),
    (re.compile(r"(?i)\bbearer\s+[^\s\"',]+"), "Bearer ..."),
    (re.compile(r"\$argon2[^\s\"']+"), "$argon2..."),
    (re.compile(r"\bblz_[A-Za-z0-9_-]+"), "blz_..."),
    (re.compile(r"(://[^/\s:@]*:)[^@\s/]+@"), r"\1...@"),
    (re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]*\w"), "...@..."),
    (re.compile(r"(?<![\w.:-])\+?\d(?:[ ]?\d){9,14}(?![\w:-]|\.\d)"), "<number>"),
)


class Redaction:
    """A processor of log events. Only text is looked at: a position or a count is a number."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = sorted({one for one in secrets if len(one) >= _SHORTEST_SECRET}, key=len)
        self._secrets = known[::-1]

    def __call__(self, _logger: object, _method: str, event: Any) -> Any:
        for name, value in event.items():
            if isinstance(value, str) and name not in _OURS:
                event[name] = self.masked(value)
        return event

    def masked(self, text: str) -> str:
        """The same without what must not be read by whoever reads logs."""
        for secret in self._secrets:
            text = text.replace(secret, "...")
        for pattern, instead in _MASKED:
            text = pattern.sub(instead, text)
        return text


_OURS: Final = frozenset({"timestamp", "level", "logger", "service", "workspace", "request_id"})
"""Fields whose values are made here."""
