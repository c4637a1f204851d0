"""Rows as lines of literals in the order of their keys, as many together as a statement takes."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from projections.converters import Columns

Group = list[tuple[Any, Iterable[Any], Mapping[str, int]]]
"""Of each row the key, the values to put, for the same columns, and the numbers to add."""


def lines_of(group: Group, adds: Columns) -> list[str]:
    """Of each row the key, what is put, and what is added to these columns."""
    if not adds:
        return sorted([",".join([key, *values]) for key, values, _ in group])
    return sorted(
        [
            ",".join([key, *values, *[str(numbers.get(column, 0)) for column in adds]])
            for key, values, numbers in group
        ]
    )


def in_pieces(lines: list[str], most: int) -> Iterator[list[str]]:
    """Cut where they come to more characters than that, with brackets and commas."""
    start = size = 0
    for number, line in enumerate(lines):
        size += len(line) + len("(),")
        if size > most and number > start:
            yield lines[start:number]
            start, size = number, len(line)
    yield lines[start:]
