"""What a contact's profile may hold."""

import re
from typing import Final

from domain.contact.events import Profile
from domain.kernel import Rejected
from domain.refusals import check_name

PHONE: Final = re.compile(r"\+[1-9][0-9]{7,14}")
EMAIL: Final = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
EMAIL_LENGTH: Final = 254
LANGUAGE_LENGTH: Final = 35
TIME_ZONE_LENGTH: Final = 64
ATTRIBUTES: Final = 50
ATTRIBUTE_NAME_LENGTH: Final = 64
ATTRIBUTE_LENGTH: Final = 1024


def check_profile(profile: Profile, *, by_webhook: bool = False) -> None:
    """Refused unless every field is as it should be.

    The provider may name a person without a phone number; nobody else may.
    """
    if not PHONE.fullmatch(profile.phone) and not (by_webhook and not profile.phone):
        raise Rejected(
            "invalid_phone",
            f"a phone number is + and 8 to 15 digits, the first not 0, like +6281234567890; "
            f"this is {profile.phone!r}",
        )
    check_name("contact", profile.first_name, optional=True)
    check_name("contact", profile.last_name, optional=True)
    plausible = EMAIL.fullmatch(profile.email) and len(profile.email) <= EMAIL_LENGTH
    if profile.email and not plausible:
        raise Rejected(
            "invalid_email",
            f"an e-mail address is like name@host.example and has at most {EMAIL_LENGTH} "
            f"characters; this is {profile.email!r}",
        )
    _check_length("language", profile.language, LANGUAGE_LENGTH, "a tag like id or pt_BR")
    _check_length("time_zone", profile.time_zone, TIME_ZONE_LENGTH, "a name like Asia/Jakarta")
    _check_attributes(profile.attributes)


def _check_length(field: str, value: str, longest: int, example: str) -> None:
    if len(value) > longest:
        raise Rejected(
            f"invalid_{field}",
            f"{field} is {example}, of at most {longest} characters; this has {len(value)}",
        )


def _check_attributes(attributes: dict[str, str]) -> None:
    if len(attributes) > ATTRIBUTES:
        raise Rejected(
            "too_many_attributes",
            f"a contact has at most {ATTRIBUTES} attributes; these are {len(attributes)}",
        )
    for name, value in attributes.items():
        if not name.strip() or len(name) > ATTRIBUTE_NAME_LENGTH or "{" in name or "}" in name:
            raise Rejected(
                "invalid_attribute",
                f"an attribute's name has 1 to {ATTRIBUTE_NAME_LENGTH} characters, is not blank "
                f"and has no braces; this is {name!r}",
            )
        if len(value) > ATTRIBUTE_LENGTH:
            raise Rejected(
                "invalid_attribute",
                f"an attribute's value has at most {ATTRIBUTE_LENGTH} characters; "
                f"{name!r} has {len(value)}",
            )
