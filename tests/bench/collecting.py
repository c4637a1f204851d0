"""The collector of garbage as the services set it, for what is measured in this process."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from infra.cli.entry import OBJECTS_A_COLLECTION


@contextmanager
def as_in_services() -> Iterator[None]:
    """By its defaults every batch sets it off several times, which no service ever does."""
    before = gc.get_threshold()
    gc.collect()
    gc.set_threshold(OBJECTS_A_COLLECTION, 20, 50)
    try:
        yield
    finally:
        gc.set_threshold(*before)
