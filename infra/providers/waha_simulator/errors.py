"""Refusals in the shapes that WAHA has for them."""

from typing import Any

import orjson

TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    422: "Unprocessable Entity",
    500: "Internal Server Error",
}


class WahaError(Exception):
    """One refusal; `said` is its body."""

    def __init__(self, status: int, said: dict[str, Any]) -> None:
        super().__init__(str(said))
        self.status, self.said = status, said

    def body(self) -> bytes:
        return orjson.dumps(self.said)


def refused(status: int, message: str | list[str]) -> WahaError:
    return WahaError(status, {"message": message, "error": TITLES[status], "statusCode": status})


def unauthorized() -> WahaError:
    return WahaError(401, {"message": "Unauthorized", "statusCode": 401})


def not_working(session: str, status: str, *expected: str) -> WahaError:
    words = "Session status is not as expected. Try again later or restart the session"
    return WahaError(
        422, {"error": words, "session": session, "status": status, "expected": list(expected)}
    )


def broken(message: str) -> WahaError:
    """The engine failed, before or after it handed the message on."""
    return WahaError(500, {"statusCode": 500, "exception": {"message": message, "name": "Error"}})
