"""`blazz bench scale`: the sizes that users have, loaded, and every read endpoint measured on them.

    ./blazz bench scale --size full --keep-in DIR --json

The data stay in DIR: an interrupted run goes on where it was, a second one only measures.
"""

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

import pymysql

from infra.servers import start_mysql
from tests.bench.figure import Figure
from tests.bench.reading import first_touch, measure, serving
from tests.bench.scale_clients import by_clients
from tests.bench.scale_crowd import CROWD_SCREENS, crowd
from tests.bench.scale_load import OtherSize, connection, load
from tests.bench.scale_world import World
from tests.bench.screens import chosen

SIZES: Final = {"full": 1.0, "small": 0.02}
REQUESTS: Final = 2000
GB: Final = 2**30
NEEDED_GB: Final = 60.0
"""For the full size, while the indexes are built; what it takes in the end is printed."""
LEAST_GB: Final = 1.0
LOAD_AIM: Final = "under 30 min"
OPTIONS: Final = (
    "--innodb-buffer-pool-size=4G",
    "--innodb-redo-log-capacity=4G",
    "--innodb-flush-method=O_DIRECT",
    # What is read first after a start comes from the disk.
    "--innodb-buffer-pool-load-at-startup=OFF",
    "--innodb-buffer-pool-dump-at-shutdown=OFF",
    "--local-infile=ON",
)
DATABASE: Final = "scale"


class NoRoom(Exception):
    """The disk is too small for what is to be loaded; nothing was begun."""


def main(arguments: list[str]) -> int:
    """0; 1 where a figure misses its limit; 2 for arguments or a disk that will not do."""
    parser = argparse.ArgumentParser(prog="blazz bench scale", description=__doc__)
    parser.add_argument("--size", type=_size, default=1.0, help="full, small or a share of full")
    parser.add_argument("--keep-in", type=Path, help="where the data stay")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    try:
        with _folder(options.keep_in) as folder:
            insist_on_room(folder, options.size)
            held = [_print(f, as_json=options.json) for f in _figures(folder, World(options.size))]
    except (NoRoom, OtherSize) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0 if all(held) else 1


def _size(text: str) -> float:
    size = SIZES.get(text) or float(text)
    if not 0 < size <= 1:
        raise ValueError(text)
    return size


@contextmanager
def _folder(kept: Path | None) -> Iterator[Path]:
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept
        return
    with tempfile.TemporaryDirectory(prefix="blazz-scale-", ignore_cleanup_errors=True) as name:
        yield Path(name)


def insist_on_room(folder: Path, size: float) -> None:
    """NoRoom if what is still to come might fill the disk."""
    needed = max(LEAST_GB, NEEDED_GB * size) - _taken(folder) / GB
    free = shutil.disk_usage(folder).free / GB
    if free < needed:
        raise NoRoom(
            f"{folder}: {free:.1f} GB are free and {needed:.1f} GB are needed for size {size:g};"
            " name a folder on a larger disk with --keep-in, or a smaller --size"
        )


def _taken(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*.ibd"))


def _figures(folder: Path, world: World) -> Iterator[Figure]:
    fast = (*OPTIONS, "--innodb-flush-log-at-trx-commit=2")
    with start_mysql(folder, durable=True, options=fast) as server:
        with pymysql.connect(host="127.0.0.1", port=server.port, user="root") as opened:
            opened.cursor().execute(
                f"CREATE DATABASE IF NOT EXISTS {DATABASE} COLLATE utf8mb4_0900_bin"
            )
        began = time.monotonic()
        load(f"{server.url}/{DATABASE}", world, _tell)
        with connection(f"{server.url}/{DATABASE}") as opened:
            crowded = crowd(opened, world)
        yield _loaded(folder, world, time.monotonic() - began)
    with start_mysql(folder, durable=True, options=OPTIONS) as server:
        read_url = f"{server.url}/{DATABASE}"
        with serving(read_url) as port:
            first = first_touch(port, world)
            yield from measure(read_url, port, chosen(world), REQUESTS, first)
            yield from by_clients(read_url, port, chosen(world), REQUESTS)
            for figure in measure(read_url, port, [crowded], REQUESTS, {}, CROWD_SCREENS):
                yield replace(figure, name=f"slow_inbox{figure.name.removeprefix('read')}")


def _loaded(folder: Path, world: World, seconds: float) -> Figure:
    companies = world.companies
    settings = {
        "size": world.size,
        "workspaces": len(companies),
        "contacts": sum(company.contacts for company in companies),
        "messages": sum(c.size for company in companies for c in company.campaigns),
        "disk_gb": _taken(folder) / GB,
    }
    return Figure(
        name="scale_load", value=seconds / 60, unit="min", aim=LOAD_AIM, settings=settings
    )


def _tell(done: int, of: int) -> None:
    if done == of or done % 10 == 0:
        sys.stderr.write(f"{done} of {of} chunks are loaded\n")


def _print(figure: Figure, *, as_json: bool) -> bool:
    sys.stdout.write((json.dumps(figure.as_json()) if as_json else figure.as_line()) + "\n")
    sys.stdout.flush()
    return bool(figure.settings.get("holds", True))
