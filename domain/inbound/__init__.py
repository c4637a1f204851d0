"""A message that came in, or that the company sent from its phone; also a reaction to one.

Received, edited and revoked may be heard of in any order and any number of times: shown is the
edit made last, else what was received, and nothing once it is revoked.
"""

from domain.inbound.commands import (
    EditMessage,
    InboundCommand,
    ReactToMessage,
    ReceiveMessage,
    RevokeMessage,
)
from domain.inbound.decider import inbound
from domain.inbound.events import (
    InboundEdited,
    InboundEvent,
    InboundKind,
    InboundReacted,
    InboundReceived,
    InboundRevoked,
    Media,
    Received,
)
from domain.inbound.state import Inbound

__all__ = [
    "EditMessage",
    "Inbound",
    "InboundCommand",
    "InboundEdited",
    "InboundEvent",
    "InboundKind",
    "InboundReacted",
    "InboundReceived",
    "InboundRevoked",
    "Media",
    "ReactToMessage",
    "ReceiveMessage",
    "Received",
    "RevokeMessage",
    "inbound",
]
