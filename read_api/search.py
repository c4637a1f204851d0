"""Search by how words begin: contacts by names, e-mail addresses and phones, messages by text."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import case

from projections.contacts import contact_words, contacts
from projections.message_words import message_words
from projections.transcript_tables import transcript
from projections.words import bits_of, spoken, terms
from read_api.found import BITS, MOST_WORDS, Found
from read_api.parameters import wrong_parameter
from read_api.query import Filter

LONGEST_SEARCH: Final = 200
LAST_CHARACTER: Final = "\U0010ffff"
_LATER: Final = (
    " Where words are frequent, and seldom together, a page may have fewer items than `limit`, or"
    " none, and still a `next`: go on until there is none."
)


def search(
    found: Found,
    split: Callable[[str], Sequence[str]],
    name: str,
    description: str,
    *,
    required: bool = False,
) -> Filter:
    """The query parameter that narrows a list to what is found by the words of a text."""

    def values(text: str) -> Mapping[str, Any]:
        if not text and not required:  # what a search box sends when it has been cleared
            return {}
        words = split(text)
        if len(text) > LONGEST_SEARCH or not 0 < len(words) <= MOST_WORDS:
            raise wrong_parameter(
                name,
                f"give 1 to {MOST_WORDS} words of at most {LONGEST_SEARCH} characters together",
                "search_unclear",
            )
        binds: dict[str, Any] = {f"word{n}": word for n, word in enumerate(words)}
        binds |= {f"term{n}": f" {word}" for n, word in enumerate(words)}
        binds[BITS] = bits_of(words)
        return binds | {f"word{n}_end": word + LAST_CHARACTER for n, word in enumerate(words)}

    return Filter(
        name,
        {"type": "string", "maxLength": LONGEST_SEARCH},
        description + _LATER,
        values,
        lambda statement, _: statement,
        plan=found.plan,
        search=found,
        required=required,
    )


CONTACTS: Final = Found(
    contacts,
    contact_words,
    "contact_id",
    ("contact_id",),
    contacts.c.words,
    "PRIMARY",
    (contacts.c.deleted == 0,),
)
SEARCH: Final = search(
    CONTACTS,
    terms,
    "search",
    "Words of name or email, or a phone number as it is written in its country or from abroad; "
    "each must be how one of the contact's begins.",
)
_t = transcript.c
MESSAGES: Final = Found(
    transcript,
    message_words,
    "place",
    ("message_id", "edition"),
    case((_t.edition > 0, _t.edited_words), else_=_t.words),
    "ix_transcript_newest",
    (_t.place > "",),
)
IN_MESSAGES: Final = search(
    MESSAGES,
    spoken,
    "q",
    "Words; each must be how one of the message's begins, as it is shown now.",
    required=True,
)
