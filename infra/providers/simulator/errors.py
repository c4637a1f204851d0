"""Refusals in the shape and with the HTTP status of the Graph API."""

import secrets
from typing import Any

import orjson

# code -> (HTTP status, title). Clients are told to branch on the code, never on the title.
KNOWN: dict[int, tuple[int, str]] = {
    1: (500, "An unknown error occurred"),
    100: (400, "Invalid parameter"),
    190: (401, "Invalid OAuth access token - Cannot parse access token"),
    2500: (400, "Unknown path components"),
    130429: (429, "Rate limit hit"),
    131008: (400, "Required parameter is missing"),
    131009: (400, "Parameter value is not valid"),
    131021: (400, "Recipient cannot be sender"),
    131026: (400, "Message undeliverable"),
    131041: (400, "Group unknown"),
    131047: (400, "Re-engagement message"),
    131050: (400, "User has stopped marketing messages"),
    131055: (400, "Method not allowed"),
    131056: (400, "(Business Account, Consumer Account) pair rate limit hit"),
    132000: (400, "Number of parameters does not match the expected number of params"),
    132001: (404, "Template name does not exist in the translation"),
    132005: (400, "Translated text too long"),
    132012: (400, "Parameter format does not match format in the created template"),
    132015: (400, "Template is paused"),
    132016: (400, "Template is disabled"),
    132018: (400, "Template parameter text is not valid"),
}
INVALID = 100
TRANSIENT = frozenset({1, 130429, 131056})
PLAIN = frozenset({1, 190, 2500})  # their messages carry no "(#code)" in front
OBJECT_MISSING = 33  # subcode


class GraphError(Exception):
    """One refusal; `details` says what was wrong, where, and what would be right."""

    def __init__(
        self,
        code: int,
        details: str,
        *,
        subcode: int | None = None,
        user: tuple[str, str] | None = None,
    ) -> None:
        super().__init__(details)
        self.code, self.details, self.subcode, self.user = code, details, subcode, user

    @property
    def status(self) -> int:
        return KNOWN[self.code][0]

    def body(self) -> bytes:
        title = self.details if self.code == INVALID else KNOWN[self.code][1]
        error: dict[str, Any] = {
            "message": title if self.code in PLAIN else f"(#{self.code}) {title}",
            "type": "OAuthException",
            "code": self.code,
            "error_data": {"messaging_product": "whatsapp", "details": self.details},
            "is_transient": self.code in TRANSIENT,
            "fbtrace_id": "A" + secrets.token_urlsafe(16),
        }
        if self.subcode is not None:
            error["error_subcode"] = self.subcode
        if self.user is not None:
            error["error_user_title"], error["error_user_msg"] = self.user
        return orjson.dumps({"error": error})


def missing(parameter: str) -> GraphError:
    return GraphError(131008, f"Parameter '{parameter}' is mandatory.")


def invalid(details: str) -> GraphError:
    return GraphError(131009, details)


def object_missing(identifier: str) -> GraphError:
    details = (
        f"Unsupported request. Object with ID '{identifier}' does not exist, cannot be loaded "
        "due to missing permissions, or does not support this operation."
    )
    return GraphError(100, details, subcode=OBJECT_MISSING)


def webhook_error(code: int, details: str) -> dict[str, Any]:
    """The same refusal as it appears in a failed status."""
    title = KNOWN[code][1]
    return {
        "code": code,
        "title": title,
        "message": title,
        "error_data": {"details": details},
        "href": "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/",
    }
