"""Phone numbers as people and spreadsheets write them, made E.164 or refused with the reason."""

import re
import unicodedata
from functools import lru_cache
from typing import Final

import phonenumbers

LONGEST: Final = 40
_SCIENTIFIC: Final = re.compile(r"[+]?[0-9]+([.,][0-9]*)?[eE][+]?[0-9]+")
_WRITTEN: Final = re.compile(r"[+]?[0-9 ()./\-]+")
_BRACKETED: Final = re.compile(r"^\( ?\+ ?([0-9]{1,3}) ?\)")
_PUNCTUATION: Final = re.compile(r"[ ()./\-]+")
_DASHES: Final = str.maketrans(dict.fromkeys("‐‑‒–—−", "-"))  # noqa: RUF001
_WHOLE: Final = re.compile(r"\+[1-9][0-9]{6,14}")
_INTERNATIONAL: Final = 11
"""Digits from which a number without a plus sign may carry its country code."""


class PhoneRefused(ValueError):
    """`code` is part of the API; the message says what was found and what would be right."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def countries() -> frozenset[str]:
    """The countries whose national numbers can be read, as ISO 3166 alpha-2."""
    return frozenset(phonenumbers.SUPPORTED_REGIONS)


def normalise(text: str, country: str) -> str:
    """E.164 with its plus sign. A number without country code is read as one of `country`."""
    # Invisible marks do not count, but nobody puts a hundred of them around a number.
    plain = _plain(text[: 4 * LONGEST])
    if not plain:
        raise PhoneRefused("phone_missing", "there is no phone number")
    if len(plain) > LONGEST:
        raise PhoneRefused("phone_too_long", f"{len(plain)} characters are no phone number")
    if _SCIENTIFIC.fullmatch(plain):
        raise PhoneRefused(
            "phone_scientific",
            f"a spreadsheet has cut this number down to {plain}; "
            "format the column as text and export again",
        )
    if not _WRITTEN.fullmatch(plain):
        raise PhoneRefused(
            "phone_characters",
            f"a phone number has digits, and + ( ) - . / or spaces between them; this is {plain!r}",
        )
    return plain if _is_e164(plain) else _e164(plain, country)


def _plain(text: str) -> str:
    """Without what copying and spreadsheets add: invisible marks, odd spaces and digits, an apostrophe."""
    if not text.isascii():  # nothing of the kind is among the ASCII characters
        visible = "".join(
            str(unicodedata.decimal(c, c)) for c in text if unicodedata.category(c) != "Cf"
        )
        text = unicodedata.normalize("NFKC", visible.translate(_DASHES))
    plain = " ".join(text.split()).lstrip("'\u2019`").strip()
    return _BRACKETED.sub(r"+\1", plain) if plain.startswith("(") else plain


def _is_e164(plain: str) -> bool:
    """Whether the number stands there as it shall, which most of them do: reading it takes longer.

    False also where a national prefix may be among its digits.
    """
    if not _WHOLE.fullmatch(plain):
        return False
    code = next((c for n in (1, 2, 3) if (c := plain[1 : n + 1]) in _prefixes()), "")
    national = plain[1 + len(code) :]
    if not code or national.startswith("0"):
        return False
    prefix = _prefixes()[code]
    if prefix is not None and prefix.match(national):
        return False
    number = phonenumbers.PhoneNumber(country_code=int(code), national_number=int(national))
    return phonenumbers.is_valid_number(number)


@lru_cache(maxsize=1)
def _prefixes() -> dict[str, re.Pattern[str] | None]:
    """Country code -> what is dialled before a number within the country."""
    found: dict[str, re.Pattern[str] | None] = {}
    for code, (region, *_) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items():
        about = phonenumbers.PhoneMetadata.metadata_for_region_or_calling_code(code, region)
        prefix = about.national_prefix_for_parsing if about else None
        found[str(code)] = re.compile(prefix) if prefix else None
    return found


@lru_cache(maxsize=4096)
def _e164(written: str, country: str) -> str:
    digits = _PUNCTUATION.sub("", written)
    candidates = [written]
    if digits.startswith("00"):
        # Two zeros are the international prefix to most people, whatever their country dials.
        candidates.insert(0, "+" + digits[2:])
    elif not digits.startswith("+") and len(digits) >= _INTERNATIONAL:
        candidates.append("+" + digits)
    found = next((f for c in candidates if (f := _valid(c, country)) is not None), None)
    if found is None:
        where = "in any country" if digits.startswith("+") else f"in {country} or with country code"
        raise PhoneRefused("phone_invalid", f"{written!r} is not a possible number {where}")
    return str(phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164))


def _valid(written: str, country: str) -> "phonenumbers.PhoneNumber | None":
    try:
        found = phonenumbers.parse(written, country)
    except phonenumbers.NumberParseException:
        return None
    return found if phonenumbers.is_valid_number(found) else None
