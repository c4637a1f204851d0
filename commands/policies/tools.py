"""What every number of a sender works with."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Engine

from commands.policies.outcomes import Outcomes
from commands.policies.parcels import Parcels
from commands.policies.ports import PairDebts, Provider
from commands.policies.zones import Zones
from commands.store import EventStore


class Tools(NamedTuple):
    """Made once by the sender."""

    store: EventStore
    read: Engine
    provider: Provider
    parcels: Parcels
    zones: Zones
    outcomes: Outcomes
    debts: PairDebts
    clock: Callable[[], datetime]
