"""Where two JSON values differ, path by path."""

from collections.abc import Iterator
from typing import Any

MISSING = object()


def differences(sent: Any, shown: Any, path: str = "") -> Iterator[str]:
    """Each place at which what was sent is not what is shown, and what is shown was not sent."""
    if isinstance(sent, dict) and isinstance(shown, dict):
        for key in sent.keys() | shown.keys():
            where = f"{path}.{key}" if path else str(key)
            yield from differences(sent.get(key, MISSING), shown.get(key, MISSING), where)
    elif isinstance(sent, list) and isinstance(shown, list) and len(sent) == len(shown):
        for n, (one, other) in enumerate(zip(sent, shown, strict=True)):
            yield from differences(one, other, f"{path}[{n}]")
    elif sent is MISSING or shown is MISSING or type(sent) is not type(shown) or sent != shown:
        yield f"{path}: sent {_words(sent)}, shown {_words(shown)}"


def _words(value: Any) -> str:
    return "nothing" if value is MISSING else repr(value)[:120]
