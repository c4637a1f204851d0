"""People who have joined a workspace, as facts."""

from datetime import UTC, datetime

from commands.store import Append
from domain.ids import user_id
from domain.kernel import Metadata
from domain.user import NumberShared, UserJoined


def joined(store, workspace_id, name, role="admin", numbers=()):
    """The id of somebody in that role, with whom these numbers are shared."""
    id_ = user_id(workspace_id, f"{name}@shop.example")
    about = {"workspace_id": workspace_id, "user_id": id_}
    facts = [UserJoined(**about, name=name, role=role, password_hash="$argon2id$x")]
    facts += [NumberShared(**about, account_id=number) for number in numbers]
    store.append([Append(id_, 0, facts, Metadata())], datetime.now(UTC))
    return id_
