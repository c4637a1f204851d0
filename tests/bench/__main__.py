"""`python -m tests.bench [name …] [--json]`: what `blazz bench` runs.

A bench is a function from the ground (servers made for the run) to the figures it took. It may be
named by its own name or by that of any of its figures; `read.` stands for all reading.
"""

import argparse
import gc
import importlib
import json
import sys
from collections.abc import Iterable

from tests.bench.figure import Figure
from tests.bench.ground import Ground

BENCHES: dict[str, tuple[str, ...]] = {
    # First, because a server that has just taken millions of rows answers late for minutes.
    "visible": ("visible",),
    "append": ("append_1", "append_16", "append_128", "append_batch"),
    "command": ("command_16", "command_bulk"),
    "relay": ("relay",),
    "projector": (
        "projector_faust_3",
        "projector_faust",
        "projector_aiokafka",
        "projector_handwritten",
    ),
    "rebuild": ("rebuild",),
    "campaign": ("campaign_100k",),
    "webhooks": ("webhooks",),
    "importing": ("import_csv",),
    "reads": ("read.",),
    "inbound": ("inbound",),
    "live": ("live",),
    "replies": ("reply_overtakes",),
}
"""Module of this package (its `run`) -> the figures it takes."""
APART: dict[str, str] = {"scale": "scale", "soak": "soak"}
"""Long ones, which run only when they are named; their arguments go to them."""


def chosen(names: Iterable[str]) -> list[str]:
    """The modules that take what is named, in the order they are listed. Raises KeyError."""
    wanted = set()
    for name in names:
        modules = [
            module
            for module, figures in BENCHES.items()
            if name == module
            or name in figures
            or (name.startswith("read.") and "read." in figures)
        ]
        if not modules:
            raise KeyError(name)
        wanted.update(modules)
    return [module for module in BENCHES if module in wanted or not wanted]


def main(arguments: list[str]) -> int:
    """0, or 2 for a name that is none."""
    if arguments and arguments[0] in APART:
        module = importlib.import_module(f"tests.bench.{APART[arguments[0]]}")
        return int(module.main(arguments[1:]))
    parser = argparse.ArgumentParser(prog="blazz bench", description="Take the measurements.")
    parser.add_argument("name", nargs="*", help="a bench or a figure; without any: all of them")
    parser.add_argument("--json", action="store_true", help="one object a line")
    options = parser.parse_args(arguments)
    try:
        modules = chosen(options.name)
    except KeyError as unknown:
        known = ", ".join([*BENCHES, *(f for fs in BENCHES.values() for f in fs), *APART])
        sys.stderr.write(f"no bench {unknown.args[0]!r}; known: {known}\n")
        return 2
    with Ground() as ground:
        for name in modules:
            # What earlier ones have left in this process must not be looked through in this one.
            gc.collect()
            gc.freeze()
            for figure in importlib.import_module(f"tests.bench.{name}").run(ground):
                _print(figure, as_json=options.json)
    return 0


def _print(figure: Figure, *, as_json: bool) -> None:
    sys.stdout.write((json.dumps(figure.as_json()) if as_json else figure.as_line()) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
