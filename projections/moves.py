"""Checkpoints on their way: those that move alike, as most of a partition do, move by one statement."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Dialect, tuple_
from sqlalchemy.dialects import mysql, sqlite

from projections.checkpoints import Key, checkpoints
from projections.converters import LITERALS
from projections.literals import Write, writer
from projections.upserts import Statement

_DIALECTS: Final[dict[str, Any]] = {"mysql": mysql, "sqlite": sqlite}


class Moves:
    """Of rows that are there: a checkpoint is made and locked before anything is applied."""

    def __init__(self, dialect: str) -> None:
        self._dialect = dialect
        self._moved: dict[tuple[Any, ...], list[Key]] = {}

    def add(self, key: Key, puts: Mapping[str, Any], records: int) -> None:
        """`records` more of them were counted there."""
        self._moved.setdefault((records, *puts.items()), []).append(key)

    def statements(self) -> Iterator[Statement]:
        for (records, *puts), keys in self._moved.items():
            written = [(name, _writers(self._dialect)[name](value)) for name, value in puts]
            which = _which(self._dialect, tuple(keys))
            if self._dialect == "mysql":
                sets = [f"{name} = {value}" for name, value in written]
                yield Statement(_update(sets, records, which))
            else:
                sets = [f"{name} = ?" for name, _ in written]
                yield Statement(_update(sets, records, which), [[value for _, value in written]])


def _update(sets: list[str], records: int, which: str) -> str:
    return f"UPDATE checkpoints SET {', '.join([*sets, f'records = records + {records}'])}{which}"


@lru_cache(maxsize=4)
def _writers(dialect: str) -> dict[str, Write]:
    return {str(column.name): writer(column, LITERALS[dialect]) for column in checkpoints.columns}


@lru_cache(maxsize=4096)
def _which(dialect: str, keys: tuple[Key, ...]) -> str:
    """With the values in it: they are names and numbers of our own."""
    c = checkpoints.c
    of: Dialect = _DIALECTS[dialect].dialect()
    found = tuple_(c.projection, c.version, c.partition).in_(keys)
    return f" WHERE {found.compile(dialect=of, compile_kwargs={'literal_binds': True})}"
