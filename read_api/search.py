"""Search by how words begin: contacts by names, e-mail addresses and phones, messages by text."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, Table, bindparam, literal_column, select, tuple_

from projections.contacts import contact_words, contacts
from projections.message_words import message_words
from projections.transcript_tables import transcript
from projections.words import spoken, terms
from read_api.parameters import wrong_parameter
from read_api.query import DENSE, Filter, in_workspace

LONGEST_SEARCH, MOST_WORDS = 200, 6
MANY = 1500
LAST_CHARACTER = "\U0010ffff"


class Found(NamedTuple):
    """Things, the table of their words, and the columns in which a word says what it is a word of.

    `of_thing` is the index of the words by thing; `walked` that of the things in their order.
    """

    things: Table
    words: Table
    key: tuple[str, ...]
    of_thing: str
    walked: str
    terms: Callable[[str], Sequence[str]]

    def begins(self, n: int) -> ColumnElement[bool]:
        """The words that begin like the n-th of the search."""
        word: ColumnElement[bool] = self.words.c.word.between(
            bindparam(f"word{n}"), bindparam(f"word{n}_end")
        )
        return in_workspace(self.words) & word

    def among(self, statement: Select[Any], names: Collection[str]) -> Select[Any]:
        """From the words to their things; where each word has very many, from thing to word."""
        its = [self.words.c[name] for name in self.key]
        thing = [self.things.c[name] for name in self.key]
        words = range(len(names) // 2)
        if DENSE not in names:
            one: Any = tuple_(*thing) if len(thing) > 1 else thing[0]
            for n in words:
                statement = statement.where(one.in_(select(*its).where(self.begins(n))))
            return statement
        same = [a == b for a, b in zip(its, thing, strict=True)]
        for n in words:
            has = select(its[0]).where(self.begins(n), *same).limit(1)
            has = has.with_hint(self.words, f"FORCE INDEX ({self.of_thing})", "mysql")
            statement = statement.where(has.correlate(self.things).scalar_subquery().is_not(None))
        return statement.with_hint(self.things, f"FORCE INDEX ({self.walked})", "mysql")

    def many_of_each(self, names: Collection[str]) -> Select[Any]:
        """A row, if every word is that of more things than are looked through one by one."""
        first, *others = (
            select(self.words.c[self.key[0]]).where(self.begins(n)).limit(1).offset(MANY)
            for n in range(len(names) // 2)
        )
        of_all = first.subquery("w0")
        statement = select(of_all.c[self.key[0]])
        for n, other in enumerate(others, 1):
            statement = statement.join(other.subquery(f"w{n}"), literal_column("1") == 1)
        return statement

    def filter(self, name: str, description: str, *, required: bool = False) -> Filter:
        """The query parameter that narrows a list of them."""

        def values(text: str) -> Mapping[str, Any]:
            if not text and not required:  # what a search box sends when it has been cleared
                return {}
            words = self.terms(text)
            if len(text) > LONGEST_SEARCH or not 0 < len(words) <= MOST_WORDS:
                raise wrong_parameter(
                    name,
                    f"give 1 to {MOST_WORDS} words of at most {LONGEST_SEARCH} characters together",
                    "search_unclear",
                )
            binds = {f"word{n}": word for n, word in enumerate(words)}
            return binds | {f"word{n}_end": w + LAST_CHARACTER for n, w in enumerate(words)}

        return Filter(
            name,
            {"type": "string", "maxLength": LONGEST_SEARCH},
            description,
            values,
            self.among,
            probe=self.many_of_each,
            required=required,
        )


SEARCH = Found(
    contacts, contact_words, ("contact_id",), "ix_contact_words_contact", "PRIMARY", terms
).filter(
    "search",
    "Words of name or email, or a phone number as it is written in its country or from abroad; "
    "each must be how one of the contact's begins.",
)
IN_MESSAGES = Found(
    transcript,
    message_words,
    ("message_id", "edition"),
    "ix_message_words_message",
    "ix_transcript_newest",
    spoken,
).filter(
    "q",
    "Words; each must be how one of the message's begins, as it is shown now.",
    required=True,
)
