"""The command line of a simulator: every field of its options as a flag."""

import argparse
import sys
from collections.abc import Callable
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import msgspec

WRONG_SETTING = 3


def run(
    name: str,
    summary: str,
    shape: type[msgspec.Struct],
    serve: Callable[[Any, str, int], None],
    arguments: list[str] | None = None,
) -> int:
    """The exit status; what is wrong with a flag is said in one line."""
    given = vars(_parser(name, summary, shape).parse_args(arguments))
    host, port = given.pop("host"), given.pop("port")
    for flag, value in given.items():
        try:
            msgspec.convert({flag: value} if value is not None else {}, shape, strict=False)
        except msgspec.ValidationError as error:
            reason = str(error).split(" - at ")[0]
            _say(f"{name}: --{flag.replace('_', '-')} {value!r}: {reason}")
            return WRONG_SETTING
    chosen = {flag: value for flag, value in given.items() if value is not None}
    try:
        serve(msgspec.convert(chosen, shape, strict=False), host, port)
    except OSError as error:
        _say(f"{name}: cannot listen on {host}:{port}: {error.strerror}")
        return WRONG_SETTING
    return 0


def _say(line: str) -> None:
    print(line, file=sys.stderr)  # noqa: T201  # a terminal is all it has


def _parser(name: str, summary: str, shape: type[msgspec.Struct]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=name, description=summary)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=0, help="port to listen on; 0: a free one")
    hints = get_type_hints(shape, include_extras=True)
    for field in msgspec.structs.fields(shape):
        flag, kind = f"--{field.name.replace('_', '-')}", hints[field.name]
        plain, meant = _plain(kind)
        help_text = f"{meant} (default: {field.default!r})".replace("%", "%%")
        if plain is bool:
            parser.add_argument(flag, action=argparse.BooleanOptionalAction, help=help_text)
        elif get_origin(plain) is tuple:
            parser.add_argument(flag, type=_names, metavar="A,B", help=help_text)
        else:
            parser.add_argument(flag, help=help_text)
    return parser


def _plain(kind: Any) -> tuple[Any, str]:
    """The type under its annotations, and what the option means."""
    meant = ""
    while get_origin(kind) is Annotated:
        kind, *notes = get_args(kind)
        meant = next((n.description for n in notes if n.description), meant)
    return kind, meant


def _names(text: str) -> list[str]:
    return [name for name in text.split(",") if name]
