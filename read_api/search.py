"""Search for contacts: by how the words of their names, e-mail addresses and phones begin."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, literal_column, select

from projections.contacts import contact_words, contacts
from projections.words import terms
from read_api.query import DENSE, Filter, in_workspace, wrong_parameter

LONGEST_SEARCH, MOST_WORDS = 200, 6
MANY = 1500
LAST_CHARACTER = "\U0010ffff"


def _words(text: str) -> Mapping[str, Any]:
    if not text:  # what a search box sends when it has been cleared
        return {}
    words = terms(text)
    if len(text) > LONGEST_SEARCH or not 0 < len(words) <= MOST_WORDS:
        raise wrong_parameter(
            "search",
            f"give 1 to {MOST_WORDS} words of at most {LONGEST_SEARCH} characters together",
            "search_unclear",
        )
    binds = {f"word{n}": word for n, word in enumerate(words)}
    return binds | {f"word{n}_end": w + LAST_CHARACTER for n, w in enumerate(words)}


def _begins(n: int) -> ColumnElement[bool]:
    w = contact_words.c
    word = w.word.between(bindparam(f"word{n}"), bindparam(f"word{n}_end"))
    return in_workspace(contact_words) & word


def _found(statement: Select[Any], names: Collection[str]) -> Select[Any]:
    """From the words to their contacts; where each word has very many, from contact to word."""
    words = range(len(names) // 2)
    if DENSE not in names:
        for n in words:
            having = select(contact_words.c.contact_id).where(_begins(n))
            statement = statement.where(contacts.c.contact_id.in_(having))
        return statement
    for n in words:
        of_contact = contact_words.c.contact_id == contacts.c.contact_id
        has = select(contact_words.c.contact_id).where(_begins(n), of_contact).limit(1)
        has = has.with_hint(contact_words, "FORCE INDEX (ix_contact_words_contact)", "mysql")
        statement = statement.where(has.correlate(contacts).scalar_subquery().is_not(None))
    return statement.with_hint(contacts, "FORCE INDEX (PRIMARY)", "mysql")


def _many_of_each(names: Collection[str]) -> Select[Any]:
    """A row, if every word is that of more contacts than are looked through one by one."""
    first, *others = (
        select(contact_words.c.contact_id).where(_begins(n)).limit(1).offset(MANY)
        for n in range(len(names) // 2)
    )
    of_all = first.subquery("w0")
    statement = select(of_all.c.contact_id)
    for n, other in enumerate(others, 1):
        statement = statement.join(other.subquery(f"w{n}"), literal_column("1") == 1)
    return statement


SEARCH = Filter(
    "search",
    {"type": "string", "maxLength": LONGEST_SEARCH},
    "Words of name or email, or a phone number as it is written in its country or from abroad; "
    "each must be how one of the contact's begins.",
    _words,
    _found,
    probe=_many_of_each,
)
