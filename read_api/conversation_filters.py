"""What the inbox is narrowed by, and the index that has the rows of it in their order."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, get_args

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    bindparam,
    cast,
    func,
    select,
)

from domain.conversation import ChatPriority, Status
from domain.ids import PREFIXES, parse
from domain.refusals import NAME_LENGTH
from projections.conversation_marks import conversation_labels, label_key
from projections.conversations import conversations
from projections.inbox_counts import inbox_counts
from read_api.filters import flag, id_of, one_of
from read_api.plans import Ask, Plan
from read_api.query import DENSE, Filter, in_workspace
from read_api.sharing import VIEWER, shared

MOST_SORTED: Final = 6000
"""Conversations with a label: beyond it they are walked through."""
AS_DEAR: Final = 60
"""Sorting n of N conversations costs as much as walking through them, where n x n is this x N."""
_c = conversations.c


def _assignee(text: str) -> Mapping[str, Any]:
    if text in ("me", "none"):
        return {f"assignee_{text}": text}
    try:
        return {"assignee_id": parse("user", text[:40])}
    except ValueError:
        raise ValueError(f"{text[:40]!r} is neither me nor none nor the id of a user") from None


def _assigned(statement: Select[Any], names: Collection[str]) -> Select[Any]:
    if "assignee_none" in names:
        return statement.where(_c.assignee_id.is_(None))
    return statement.where(
        _c.assignee_id == bindparam(VIEWER if "assignee_me" in names else "assignee_id")
    )


_labelled = select(conversation_labels.c.conversation_id).where(
    in_workspace(conversation_labels), conversation_labels.c.label == bindparam("label")
)


def _with_label(statement: Select[Any], names: Collection[str]) -> Select[Any]:
    """From the label to its conversations; where very many have it, from each one to its label."""
    if DENSE not in names:
        return statement.where(_c.conversation_id.in_(_labelled))
    has = _labelled.where(conversation_labels.c.conversation_id == _c.conversation_id).limit(1)
    return statement.where(has.correlate(conversations).scalar_subquery().is_not(None))


_SOME: Final = _labelled.limit(MOST_SORTED + 1).subquery()
_ALL: Final = (
    select(func.coalesce(cast(func.sum(inbox_counts.c.conversations), BigInteger), 0))
    .where(in_workspace(inbox_counts))
    .scalar_subquery()
)
_HOW_MANY: Final = select(func.count(), _ALL).select_from(_SOME)


async def _labels_planned(ask: Ask, _names: Collection[str], binds: Mapping[str, Any]) -> Plan:
    """Whether those with the label are too many to be sorted, of all there are."""
    ((labelled, of),) = await ask(_HOW_MANY, binds)
    dense = labelled > MOST_SORTED or labelled**2 > AS_DEAR * of
    return ((DENSE,) if dense else ()), {}


def _label(text: str) -> Mapping[str, Any]:
    if not label_key(text) or len(text) > NAME_LENGTH:
        raise ValueError(f"give a label of 1 to {NAME_LENGTH} characters")
    return {"label": label_key(text)}


FILTERS: Final = (
    one_of("status", get_args(Status), _c.status, "Only conversations in this state."),
    Filter(
        "assignee",
        {"type": "string", "pattern": f"^(me|none|{PREFIXES['user']}_[0-9a-f]{{32}})$"},
        "Only those of this agent, `me` for who asks, `none` for those nobody has.",
        _assignee,
        _assigned,
    ),
    id_of("team", _c.team_id, "Only those of this team."),
    id_of("account", _c.account_id, "Only those of this number."),
    one_of("priority", get_args(ChatPriority), _c.priority, "Only those of this priority."),
    flag(
        "waiting",
        _c.waiting,
        "Only those in which the customer waits for an answer, or only the others.",
    ),
    Filter(
        "label",
        {"type": "string", "minLength": 1, "maxLength": NAME_LENGTH},
        "Only those with this label, however it is written.",
        _label,
        _with_label,
        plan=_labels_planned,
    ),
)


_BY_STATE: Final = (("team_id", "team"), ("priority", "priority"), ("account_id", "account"))
"""What is asked for, and its index, which has the rows of each state in the order of the list."""


def index_for(names: Collection[str]) -> str | None:
    """The index that has the rows of most of the filters together, in the order of the list."""
    if "label" in names and DENSE not in names:
        return None
    status = "status" in names
    if any(name.startswith("assignee_") for name in names):
        return "ix_conversations_assignee_status" if status else "ix_conversations_assignee"
    if "waiting" in names:
        return "ix_conversations_waiting"
    for name, index in _BY_STATE:
        if name in names:
            return f"ix_conversations_{index}"
    return "ix_conversations_status" if status else "ix_conversations_listed"


def number_index(names: Collection[str]) -> str | None:
    """The index that has the rows of each number in the order of the list, under these filters."""
    return "ix_conversations_account" if set(names) <= {"status", "account_id"} else None


def few_index(names: Collection[str]) -> str | None:
    """The index to walk all of the viewer's numbers by; a label that few have is looked up."""
    return None if "label" in names and DENSE not in names else "ix_conversations_account"


THEIRS: Final = select(
    func.coalesce(cast(func.sum(inbox_counts.c.conversations), BigInteger), 0)
).where(in_workspace(inbox_counts), shared(inbox_counts))
"""How many conversations the viewer may see."""


def states_apart(names: Collection[str], index: str | None) -> Sequence[ColumnElement[bool]]:
    """Each state, where the index has the rows of each in order, and none is asked for."""
    if "status" in names or index not in {f"ix_conversations_{i}" for _, i in _BY_STATE}:
        return ()
    return [_c.status == status for status in get_args(Status)]
