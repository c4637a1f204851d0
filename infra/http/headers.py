"""A request's headers as the server has them: looked through once, without an object of their own."""

from starlette.types import Scope


def header(scope: Scope, name: bytes) -> str:
    """The first header of that name in small letters; empty if there is none."""
    for key, value in scope["headers"]:
        if key == name:
            return str(value, "latin-1")
    return ""
