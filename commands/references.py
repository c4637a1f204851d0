"""Ids inside a body must name things of the same workspace."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from commands.command import Wanted
from domain.access import FieldError, Problem
from domain.ids import show
from domain.kernel import Decider

Reference = tuple[Decider[Any, Any, Any], str, UUID, str]
"""Rules, kind, id, and the place in the body as a JSON pointer."""


def known(wanted: Wanted, references: Sequence[Reference]) -> list[Any]:
    """The states of the things named. Problem 422 names every one that does not exist."""
    wanted.streams.load(id_ for _, _, id_, _ in references)
    states = [wanted.streams.look(d, id_, wanted.workspace_id) for d, _, id_, _ in references]
    errors = [
        FieldError(pointer=pointer, code="unknown", detail=f"there is no {kind} {show(kind, id_)}")
        for (decider, kind, id_, pointer), state in zip(references, states, strict=True)
        if state == decider.initial
    ]
    if errors:
        places = ", ".join(error.pointer for error in errors[:5])
        raise Problem(422, "invalid", f"not acceptable: {places}", errors=errors)
    return states
