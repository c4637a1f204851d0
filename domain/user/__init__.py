"""A user is a person of one workspace, known by an e-mail address: its id is derived from that.

Absent -> invited -> active; removed from either, and restored to what it was.
"""

from domain.user.commands import (
    AcceptInvitation,
    ChangePassword,
    ChangeRole,
    InviteUser,
    RehashPassword,
    RemoveUser,
    RestoreUser,
    ShareNumber,
    Standing,
    UnshareNumber,
    UserCommand,
)
from domain.user.decider import user
from domain.user.events import (
    NumberShared,
    NumberUnshared,
    UserEvent,
    UserInvited,
    UserJoined,
    UserPasswordChanged,
    UserPasswordRehashed,
    UserRemoved,
    UserRestored,
    UserRoleChanged,
)
from domain.user.state import User

__all__ = [
    "AcceptInvitation",
    "ChangePassword",
    "ChangeRole",
    "InviteUser",
    "NumberShared",
    "NumberUnshared",
    "RehashPassword",
    "RemoveUser",
    "RestoreUser",
    "ShareNumber",
    "Standing",
    "UnshareNumber",
    "User",
    "UserCommand",
    "UserEvent",
    "UserInvited",
    "UserJoined",
    "UserPasswordChanged",
    "UserPasswordRehashed",
    "UserRemoved",
    "UserRestored",
    "UserRoleChanged",
    "user",
]
