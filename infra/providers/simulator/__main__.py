"""`python -m infra.providers.simulator`: every option of SimulatorOptions as a flag."""

import argparse
import sys
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import msgspec

from infra.providers.simulator.main import serve
from infra.providers.simulator.options import SimulatorOptions

WRONG_SETTING = 3


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="simulator", description="A WhatsApp Cloud API that never leaves this machine."
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=0, help="port to listen on; 0: a free one")
    hints = get_type_hints(SimulatorOptions, include_extras=True)
    for field in msgspec.structs.fields(SimulatorOptions):
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


def main(arguments: list[str] | None = None) -> int:
    given = vars(_parser().parse_args(arguments))
    host, port = given.pop("host"), given.pop("port")
    for name, value in given.items():
        try:
            msgspec.convert(
                {name: value} if value is not None else {}, SimulatorOptions, strict=False
            )
        except msgspec.ValidationError as error:
            reason = str(error).split(" - at ")[0]
            print(f"simulator: --{name.replace('_', '-')} {value!r}: {reason}", file=sys.stderr)  # noqa: T201  # a terminal is all it has
            return WRONG_SETTING
    chosen = {name: value for name, value in given.items() if value is not None}
    options = msgspec.convert(chosen, SimulatorOptions, strict=False)
    try:
        serve(options, host, port)
    except OSError as error:
        print(f"simulator: cannot listen on {host}:{port}: {error.strerror}", file=sys.stderr)  # noqa: T201  # as above
        return WRONG_SETTING
    return 0


if __name__ == "__main__":
    sys.exit(main())
