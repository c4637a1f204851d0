"""The words by which messages of conversations are found.

`edition` tells which text a word is from: 0 as received, else the edit's instant in microseconds.
Only words of the edition that is shown count, so what was edited away is not found any more.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import BigInteger, Column, Index, String

from projections.columns import key, read_model
from projections.rows import Row
from projections.words import MAX_LENGTH, spoken

message_words = read_model(
    "message_words",
    key("workspace_id"),
    Column("word", String(MAX_LENGTH), primary_key=True),
    key("message_id"),
    Column("edition", BigInteger, primary_key=True, autoincrement=False),
    # A search of several words, or one that finds many, goes from the message to its words.
    Index("ix_message_words_message", "workspace_id", "message_id", "word"),
)


def found_by(event: Any, texts: Iterable[str], edition: int) -> list[Row]:
    """A row for each word of a message, however often it has it."""
    found = dict.fromkeys(word for text in texts if text for word in spoken(text))
    return [
        Row(message_words, (event.workspace_id, word, event.message_id, edition)) for word in found
    ]
