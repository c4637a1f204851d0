"""Every read endpoint at 16 clients, over a hundredth of the world of scale; `bench scale`: all."""

from collections.abc import Iterator

from tests.bench.figure import Figure
from tests.bench.ground import Ground
from tests.bench.reading import measure, serving
from tests.bench.scale_load import load
from tests.bench.scale_world import World
from tests.bench.screens import chosen

SIZE = 0.01
REQUESTS = 960


def run(ground: Ground) -> Iterator[Figure]:
    read_url, world = ground.database("read"), World(SIZE)
    load(read_url, world)
    with serving(read_url) as port:
        yield from measure(read_url, port, chosen(world), REQUESTS, {})
    ground.drop(read_url)
