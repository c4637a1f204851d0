"""The words a contact is found by: folded so that case, accents and vowel marks do not matter."""

import re
import unicodedata
import zlib
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

import phonenumbers

from domain.contact import Profile

MAX_LENGTH: Final = 64
MAX_WORDS: Final = 64
# Above this combining class stand accents, Arabic and Hebrew points. Below it stand marks that
# make another letter: the Indic virama and nukta, the Japanese voicing mark.
_LAST_LETTER_CLASS: Final = 9
_TATWEEL: Final = "\u0640"
_COUNTRY_CODES: Final = frozenset(map(str, phonenumbers.COUNTRY_CODE_TO_REGION_CODE))
_LONGEST_CODE: Final = 3
STEM: Final = 3
"""Characters of a word that bits are set for; a shorter term has none."""
_HALF: Final = 31
"""Each stem sets two bits, of as many as these."""
_PHONE: Final = re.compile(r"[+\d\s().-]*\d[\s().-]*")


def fold(text: str) -> str:
    """The form in which words are compared."""
    if text.isascii():
        return text.lower()
    bare = "".join(
        c
        for c in unicodedata.normalize("NFKD", text.casefold())
        if unicodedata.combining(c) <= _LAST_LETTER_CLASS and c != _TATWEEL
    )
    return unicodedata.normalize("NFC", bare.casefold())


def words(profile: Profile) -> frozenset[str]:
    """What the person is found by: the phone, email and its parts, the parts of the names.

    A whole email stands behind an @, so that it is among nobody's names.
    """
    found: dict[str, None] = dict.fromkeys([*_numbers(profile.phone), _whole(profile.email)])
    for text in (profile.first_name, profile.last_name, profile.email):
        found |= dict.fromkeys(_split(text))
    found.pop("", None)
    return frozenset(list(found)[:MAX_WORDS])


def spoken(text: str) -> list[str]:
    """The first words of what somebody wrote, each once."""
    return list(dict.fromkeys(_split(text)))[:MAX_WORDS]


def terms(query: str) -> list[str]:
    """What to look up for what somebody typed: each term is the beginning of a stored word."""
    if _PHONE.fullmatch(query.strip()):
        digits = _digits(query)
        return [digits.removeprefix("00") or digits]
    found: dict[str, None] = {}
    for part in query.split():
        found |= dict.fromkeys([_whole(part)] if "@" in part else _split(part))
    return list(found)


def line_of(found: Iterable[str]) -> str:
    """Words as one text, in which a search finds how a word begins: behind a space."""
    return "".join(f" {word}" for word in found)


def bits_of(found: Iterable[str]) -> int:
    """What has a word that begins like a term has all bits of the term; few others have them."""
    bits = 0
    for word in found:
        if len(word) >= STEM:
            bits |= _bits(word[:STEM])
    return bits


@lru_cache(2**14)
def _bits(stem: str) -> int:
    high, low = divmod(zlib.crc32(stem.encode()), 2**16)
    return 1 << low % _HALF | 1 << (_HALF + high % _HALF)


def _numbers(phone: str) -> list[str]:
    """The digits as stored, and as written inside the country: with the trunk zero, without."""
    digits = _digits(phone)
    for end in range(1, _LONGEST_CODE + 1):  # no country code is the beginning of another
        if digits[:end] in _COUNTRY_CODES and digits[end:]:
            return [digits, digits[end:], f"0{digits[end:]}"]
    return [digits]


def _digits(phone: str) -> str:
    digits = (str(unicodedata.decimal(c)) for c in phone if c.isdecimal())
    return "".join(digits)[:MAX_LENGTH]


def _whole(email: str) -> str:
    whole = fold(email.strip())
    return f"@{whole}"[:MAX_LENGTH] if whole else ""


def _split(text: str) -> list[str]:
    """Runs of letters, digits and the marks that belong to them."""
    spaced = "".join(
        c if c.isalnum() or unicodedata.category(c)[0] == "M" else " " for c in fold(text)
    )
    return [word[:MAX_LENGTH] for word in spaced.split()]
