"""Whether a statement stays within one workspace: looked at before it is asked anything.

Each table in it has to be held, wherever it stands: its `workspace_id` is bound, or is that of a
table which is held. What stands in an `or` holds nothing.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from sqlalchemy import BindParameter, Column, CompoundSelect, FromClause, Select
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import (
    BinaryExpression,
    BooleanClauseList,
    ClauseElement,
    ClauseList,
    Grouping,
)
from sqlalchemy.sql.selectable import CTE, Join, Lateral, Subquery

BOUND: Final = "workspace_id"
FOUND_BY: Final = {"api_keys": "secret_hash", "checkpoints": "projection"}
"""Tables that may be asked of all workspaces, and by what they are asked then: whoever shows a key
has not said whose it is, and how far a read model has come is kept for all of them together.
"""

SELECTED: Final = (Subquery, CTE, Lateral)
"""Their rows are within a workspace, since what they select from is."""

Tables = frozenset[FromClause]
Condition = tuple[ClauseElement, Tables]
"""What every row meets, and the tables that it may hold: an outer join lets rows of its left be."""


def insist_within(statement: ClauseElement, what: str = "a statement") -> None:
    """ValueError for one that could cross workspaces."""
    loose = sorted({str(getattr(table, "name", table)) for table in _loose(statement, Tables())})
    if loose:
        raise ValueError(
            f"{what} would cross workspaces: the {BOUND} of {', '.join(loose)} is neither "
            f"bound nor that of a table whose is; what need not be stands in FOUND_BY\n{statement}"
        )


def _loose(statement: ClauseElement, outside: Tables) -> Iterator[FromClause]:
    """Tables that nothing holds. Those `outside` are held by what the statement stands in."""
    if isinstance(statement, Select):
        leaves, conditions = list[FromClause](), list[Condition]()
        for source in statement.get_final_froms():
            _take_apart(source, leaves, conditions)
        conditions += [(one, Tables(leaves)) for one in _all_of(statement.whereclause)]
        outside = _held(leaves, conditions, outside)
        yield from (leaf for leaf in leaves if leaf not in outside)
    for inner in dict.fromkeys(_inside(statement.get_children())):
        match inner:
            case Subquery() | CTE():
                yield from _loose(inner.element, Tables())
            case Lateral():
                yield from _loose(inner.element, outside)
            case _:
                yield from _loose(inner, outside)


def _take_apart(
    source: FromClause, leaves: list[FromClause], conditions: list[Condition]
) -> Tables:
    """The tables that are joined, and on what."""
    if not isinstance(source, Join):
        leaves.append(source)
        return Tables((source,))
    left = _take_apart(source.left, leaves, conditions)
    right = _take_apart(source.right, leaves, conditions)
    may = Tables() if source.full else right if source.isouter else left | right
    conditions += [(one, may) for one in _all_of(source.onclause)]
    return left | right


def _held(leaves: Iterable[FromClause], conditions: Iterable[Condition], outside: Tables) -> Tables:
    held = outside | {leaf for leaf in leaves if isinstance(leaf, SELECTED)}
    while more := {table for one, may in conditions for table in _holds(one, held) & may} - held:
        held |= more
    return held


def _holds(condition: ClauseElement, held: Tables) -> Tables:
    """The tables that a condition holds where these are."""
    if not isinstance(condition, BinaryExpression):
        return Tables()
    sides = (condition.left, condition.right)
    if condition.operator is operators.in_op:
        pairs = [sides]
    elif condition.operator is operators.eq:
        pairs = [sides, sides[::-1]]
    else:
        return Tables()
    return Tables(
        column.table
        for column, value in pairs
        if isinstance(column, Column) and _is_given(column, value, held)
    )


def _is_given(column: Column[Any], value: Any, held: Tables) -> bool:
    """Whether the column says which workspace it is, being equal to that value."""
    match value:
        case Grouping():
            return _is_given(column, value.element, held)
        case ClauseList():
            return all(_is_given(column, one, held) for one in value.clauses)
        case BindParameter() if column.name == BOUND:
            return value.key.startswith(BOUND)
        case BindParameter():
            return column.name == FOUND_BY.get(str(getattr(column.table, "name", "")))
        case Column():
            return column.name == value.name == BOUND and value.table in held
        case _:
            return False


def _all_of(condition: Any) -> Iterator[ClauseElement]:
    """The conditions that have to be met all together."""
    if isinstance(condition, Grouping):
        yield from _all_of(condition.element)
    elif isinstance(condition, BooleanClauseList) and condition.operator is operators.and_:
        for one in condition.clauses:
            yield from _all_of(one)
    elif condition is not None:
        yield condition


def _inside(parts: Iterable[ClauseElement]) -> Iterator[Any]:
    """The statements that stand in these directly, not in one another."""
    for part in parts:
        if isinstance(part, (Select, CompoundSelect, *SELECTED)):
            yield part
        else:
            yield from _inside(part.get_children())
