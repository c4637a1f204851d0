"""Checkpoints on their way: those that move alike, as most of a partition do, move by one statement.

It leaves a checkpoint that does not stand where it was thought to; how many it moved tells.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Dialect, tuple_
from sqlalchemy.dialects import mysql, sqlite

from projections.checkpoints import Checkpoint, Key, checkpoints, text_of
from projections.converters import LITERALS
from projections.literals import Write, writer
from projections.upserts import Statement

_DIALECTS: Final[dict[str, Any]] = {"mysql": mysql, "sqlite": sqlite}
_NAMES: Final = {"mysql": "checkpoints FORCE INDEX (PRIMARY)", "sqlite": "checkpoints"}
"""MySQL would rather go through a table of this size: through rows that others have locked."""


def move(
    dialect: str, marks: Sequence[Checkpoint], puts: Mapping[str, Any], records: int
) -> Statement:
    """Of `marks`, which stand at one place in one state, to where `puts` says; `records` more were
    counted there. They have been made before: nothing is applied without its checkpoint.
    """
    _, _, _, position, offset, state = marks[0]
    stands = "IS NULL" if offset is None else f"= {offset:d}"
    where = _which(dialect, tuple([mark[:3] for mark in marks]), state)
    written = [(name, _writers(dialect)[name](value)) for name, value in puts.items()]
    mysql_ = dialect == "mysql"
    sets = ", ".join([f"{name} = {value if mysql_ else '?'}" for name, value in written])
    return Statement(
        f"UPDATE {_NAMES[dialect]} SET {sets}, records = records + {records:d}"
        f" WHERE {where} AND position = {position:d} AND next_offset {stands}",
        None if mysql_ else [[value for _, value in written]],
    )


@lru_cache(maxsize=4)
def _writers(dialect: str) -> dict[str, Write]:
    return {str(column.name): writer(column, LITERALS[dialect]) for column in checkpoints.columns}


@lru_cache(maxsize=4096)
def _which(dialect: str, keys: tuple[Key, ...], state: str) -> str:
    c = checkpoints.c
    of: Dialect = _DIALECTS[dialect].dialect()
    return text_of(of, tuple_(c.projection, c.version, c.partition).in_(keys) & (c.state == state))
