"""The words by which messages of conversations are found, those of each word in the order of time.

`place` is where the text was said: for one as received the message's own place in the transcript,
for an edit its own instant. `bits` tell of the other words of its text. `edition` tells which text
a word is from: 0 as received, else the edit's instant in microseconds. Only words of the edition
that is shown count, so what was edited away is not found any more.
"""

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import Column, String

from projections.chat import PLACE_LENGTH
from projections.columns import big, flags, key, read_model
from projections.rows import Row
from projections.words import MAX_LENGTH, bits_of, spoken

message_words = read_model(
    "message_words",
    key("workspace_id"),
    Column("word", String(MAX_LENGTH), primary_key=True),
    Column("place", String(PLACE_LENGTH), primary_key=True),
    key("message_id"),
    big("edition"),
    flags("bits"),
)


def words_of(texts: Iterable[str]) -> list[str]:
    """What a message is found by, however often it has it."""
    return list(dict.fromkeys(word for text in texts if text for word in spoken(text)))


def found_by(event: Any, words: Collection[str], place: str, edition: int) -> list[Row]:
    """A row for each word of a message."""
    of_text = {"edition": edition, "bits": bits_of(words)}
    return [
        Row(message_words, (event.workspace_id, word, place, event.message_id), of_text)
        for word in words
    ]
