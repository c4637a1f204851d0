"""What the inbox is narrowed by, and the index that has the rows of it in their order."""

from collections.abc import Collection, Mapping
from typing import Any, Final, get_args

from sqlalchemy import Column, Select, bindparam, select

from domain.conversation import ChatPriority, Status
from domain.ids import PREFIXES, parse
from domain.refusals import NAME_LENGTH
from projections.conversation_marks import conversation_labels, label_key
from projections.conversations import conversations
from read_api.query import DENSE, Filter, in_workspace
from read_api.sharing import VIEWER
from read_api.structures import id_schema

MANY: Final = 1500
"""Conversations with a label: up to here they are looked up and sorted, beyond it walked through."""
_c = conversations.c


def _one_of(name: str, allowed: Collection[str], column: Column[str], which: str) -> Filter:
    def values(text: str) -> Mapping[str, Any]:
        if text not in allowed:
            raise ValueError(f"{text[:40]!r} is not one of {', '.join(allowed)}")
        return {name: text}

    def narrow(statement: Select[Any], _: Collection[str]) -> Select[Any]:
        return statement.where(column == bindparam(name))

    return Filter(name, {"type": "string", "enum": list(allowed)}, which, values, narrow)


def _id_of(kind: str, column: Column[Any], which: str) -> Filter:
    name = f"{kind}_id"
    return Filter(
        kind,
        id_schema(kind),
        which,
        lambda text: {name: parse(kind, text[:40])},
        lambda statement, _: statement.where(column == bindparam(name)),
    )


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


def _waiting(text: str) -> Mapping[str, Any]:
    if text not in ("true", "false"):
        raise ValueError(f"{text[:40]!r} is neither true nor false")
    return {"waiting": int(text == "true")}


_labelled = select(conversation_labels.c.conversation_id).where(
    in_workspace(conversation_labels), conversation_labels.c.label == bindparam("label")
)


def _with_label(statement: Select[Any], names: Collection[str]) -> Select[Any]:
    """From the label to its conversations; where very many have it, from each one to its label."""
    if DENSE not in names:
        return statement.where(_c.conversation_id.in_(_labelled))
    has = _labelled.where(conversation_labels.c.conversation_id == _c.conversation_id).limit(1)
    return statement.where(has.correlate(conversations).scalar_subquery().is_not(None))


def _label(text: str) -> Mapping[str, Any]:
    if not label_key(text) or len(text) > NAME_LENGTH:
        raise ValueError(f"give a label of 1 to {NAME_LENGTH} characters")
    return {"label": label_key(text)}


FILTERS: Final = (
    _one_of("status", get_args(Status), _c.status, "Only conversations in this state."),
    Filter(
        "assignee",
        {"type": "string", "pattern": f"^(me|none|{PREFIXES['user']}_[0-9a-f]{{32}})$"},
        "Only those of this agent, `me` for who asks, `none` for those nobody has.",
        _assignee,
        _assigned,
    ),
    _id_of("team", _c.team_id, "Only those of this team."),
    _id_of("account", _c.account_id, "Only those of this number."),
    _one_of("priority", get_args(ChatPriority), _c.priority, "Only those of this priority."),
    Filter(
        "waiting",
        {"type": "boolean"},
        "Only those in which the customer waits for an answer, or only the others.",
        _waiting,
        lambda statement, _: statement.where(_c.waiting == bindparam("waiting")),
    ),
    Filter(
        "label",
        {"type": "string", "minLength": 1, "maxLength": NAME_LENGTH},
        "Only those with this label, however it is written.",
        _label,
        _with_label,
        probe=lambda _: _labelled.limit(1).offset(MANY),
    ),
)


def index_for(names: Collection[str]) -> str | None:
    """The index that has the rows of most of the filters together, in the order of the list."""
    if "label" in names and DENSE not in names:
        return None
    status = "status" in names
    if any(name.startswith("assignee_") for name in names):
        return "ix_conversations_assignee_status" if status else "ix_conversations_assignee"
    if "waiting" in names:
        return "ix_conversations_waiting"
    for name, index in (("team_id", "team"), ("priority", "priority"), ("account_id", "account")):
        if status and name in names:
            return f"ix_conversations_{index}"
    return "ix_conversations_status" if status else "ix_conversations_listed"
