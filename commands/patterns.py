"""Regular expressions of rules, by an engine whose time grows with the text and nothing else.

It knows no back-references and no look-around, and bounds the memory of each pattern, so there is
none that could make it slow.
"""

from functools import lru_cache
from typing import Any, Final

import re2

from domain.kernel import Rejected

MEMORY: Final = 1 << 20
KEPT: Final = 2_000


def search(pattern: str, text: str) -> bool:
    """Whether it is found anywhere in the text, in any case. What cannot be read is not found."""
    try:
        return compiled(pattern).search(text) is not None
    except re2.error:
        return False


def check_pattern(pattern: str) -> None:
    """Rejected unless the engine can read it."""
    try:
        compiled(pattern)
    except re2.error as error:
        raise Rejected(
            "invalid_pattern",
            f"the pattern {pattern[:100]!r} cannot be used: {_words(error)}; patterns are in RE2's "
            "syntax, without back-references and look-around, and of bounded size",
        ) from None


@lru_cache(maxsize=KEPT)
def compiled(pattern: str) -> Any:
    options = re2.Options()
    options.log_errors, options.case_sensitive, options.max_mem = False, False, MEMORY
    return re2.compile(pattern, options)


def _words(error: Exception) -> str:
    found = error.args[0] if error.args else error
    return found.decode(errors="replace") if isinstance(found, bytes) else str(found)
