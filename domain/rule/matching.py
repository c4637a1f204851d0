"""Whether a rule matches a message: a pure question, asked alike in earnest and in a dry run."""

import unicodedata
from collections.abc import Callable
from datetime import datetime
from typing import Final, NamedTuple, Protocol
from uuid import UUID

from domain.hours import Hours
from domain.rule.events import Conditions, Definition, Trigger

LONGEST_TEXT: Final = 4096
"""What a message says beyond this is not looked at."""


class Search(Protocol):
    """Whether a pattern is found in a text, in any case of its letters.

    It takes time that grows with the text and no faster, whatever the pattern.
    """

    def __call__(self, pattern: str, text: str) -> bool: ...


class Heard(NamedTuple):
    """What is known of a message and of whoever wrote it."""

    text: str
    payload: str = ""
    first: bool = False
    account_id: UUID | None = None
    labels: tuple[str, ...] = ()
    opted_out: bool = False
    language: str = ""


def matches(
    definition: Definition, heard: Heard, now: datetime, hours: Hours, search: Search
) -> bool:
    """Its trigger is there and all its conditions hold."""
    return _holds(definition.conditions, heard) and _triggered(
        definition.trigger, heard, now, hours, search
    )


def normal(text: str) -> str:
    """Texts that read alike are the same one: compatible forms, case and blanks do not matter."""
    return unicodedata.normalize("NFKC", plain(text).casefold())


def plain(text: str) -> str:
    """In compatible forms, with single blanks; cut where nobody reads on."""
    return " ".join(unicodedata.normalize("NFKC", text[:LONGEST_TEXT]).split())


def _triggered(trigger: Trigger, heard: Heard, now: datetime, hours: Hours, search: Search) -> bool:
    match trigger.kind:
        case "exact":
            said = normal(heard.text)
            return any(said == normal(value) for value in trigger.values)
        case "contains":
            return contains(heard.text, trigger.values)
        case "regex":
            return any(search(value, plain(heard.text)) for value in trigger.values)
        case "button":
            return bool(heard.payload) and heard.payload in trigger.values
        case "first_message":
            return heard.first
        case "away":
            return not hours.open_at(now)


def contains(text: str, values: tuple[str, ...]) -> bool:
    """Whether one of the values stands in it, as words: `art` is not in `party`."""
    said = normal(text)
    return any(_stands(normal(value), said) for value in values)


def _stands(value: str, text: str) -> bool:
    at = text.find(value)
    while at >= 0:
        if _edge(text, at, value[0]) and _edge(text, at + len(value), value[-1]):
            return True
        at = text.find(value, at + 1)
    return False


def _edge(text: str, at: int, own: str) -> bool:
    """Whether a word can begin or end there. In writing without blanks, anywhere."""
    if not 0 < at < len(text) or not _of_word(own):
        return True
    return not (_of_word(text[at - 1]) and _of_word(text[at]))


def _of_word(letter: str) -> bool:
    if unicodedata.category(letter) == "Lo" and unicodedata.bidirectional(letter) == "L":
        return False  # Chinese, Japanese, Thai: no blanks between words
    return letter.isalnum() or unicodedata.category(letter).startswith("M")


def _holds(conditions: Conditions, heard: Heard) -> bool:
    labels = {normal(label) for label in heard.labels}
    asked: tuple[tuple[bool, Callable[[], bool]], ...] = (
        (bool(conditions.accounts), lambda: heard.account_id in conditions.accounts),
        (bool(conditions.labels), lambda: any(normal(n) in labels for n in conditions.labels)),
        (conditions.opted_out is not None, lambda: heard.opted_out == conditions.opted_out),
        (bool(conditions.languages), lambda: _speaks(heard.language, conditions.languages)),
    )
    return all(is_so() for is_asked, is_so in asked if is_asked)


def _speaks(language: str, wanted: tuple[str, ...]) -> bool:
    own = language.casefold().replace("_", "-")
    return any(
        own == name or own.startswith(f"{name}-")
        for name in (w.casefold().replace("_", "-") for w in wanted)
    )
