"""Reading single values out of webhook payloads, strictly: a wrong one is named."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

Value = Mapping[str, Any]
LONGEST_REASON: Final = 400
LONGEST_TEXT: Final = 255
LARGEST_CODE: Final = 2**31 - 1
LATEST: Final = 32_503_680_000  # the year 3000: what is beyond is no time in seconds


class Wrong(Exception):
    """An item is not of its documented shape."""


def phone_number_id(value: Value) -> str:
    metadata = value.get("metadata")
    if not isinstance(metadata, dict):
        raise Wrong("metadata with phone_number_id is missing")
    return text_in(metadata, "phone_number_id")


def text_in(value: Value, key: str) -> str:
    text = value.get(key)
    if not isinstance(text, str) or not text:
        raise Wrong(f"{key} is {kind_of(text)}, a text was expected")
    if len(text) > LONGEST_TEXT:
        raise Wrong(f"{key} has {len(text)} characters, at most {LONGEST_TEXT} were expected")
    return text


def optional_text(value: Value, key: str) -> str:
    """Of any length; empty if it is missing."""
    text = value.get(key)
    if text is not None and not isinstance(text, str):
        raise Wrong(f"{key} is {kind_of(text)}, a text was expected")
    return text or ""


def as_object(item: Any) -> Value:
    if not isinstance(item, dict):
        raise Wrong(f"an object was expected, this is {kind_of(item)}")
    return item


def object_in(value: Value, key: str) -> Value:
    found = value.get(key)
    if not isinstance(found, dict):
        raise Wrong(f"{key} is {kind_of(found)}, an object was expected")
    return found


def list_in(value: Value, key: str) -> list[Any]:
    items = value.get(key, [])
    if not isinstance(items, list):
        raise Wrong(f"{key} is {kind_of(items)}, a list was expected")
    return items


def instant_in(value: Value) -> datetime:
    found = value.get("timestamp")
    try:
        seconds = int(found) if isinstance(found, str | int) else -1
    except ValueError:
        seconds = -1
    if not 0 < seconds < LATEST:
        raise Wrong(f"timestamp is {str(found)[:40]!r}, seconds since 1970 were expected")
    return datetime.fromtimestamp(seconds, UTC)


def kind_of(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "a text", bool: "a truth value"}
    return "missing" if value is None else names.get(type(value), "a number")


def error_in(status: Value) -> tuple[int, str]:
    """Code and words of a failure; 0 and nothing where there are none."""
    errors = status.get("errors")
    error = errors[0] if isinstance(errors, list) and errors else None
    if not isinstance(error, dict):
        return 0, ""
    code, data = error.get("code"), error.get("error_data")
    details = data.get("details") if isinstance(data, dict) else None
    parts = (error.get("title") or error.get("message"), details)
    words = " - ".join(dict.fromkeys(str(part) for part in parts if part))
    known = code if isinstance(code, int) and 0 <= code <= LARGEST_CODE else 0
    return known, words[:LONGEST_REASON]
