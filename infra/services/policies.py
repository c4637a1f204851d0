"""The policies of one process, as one list."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Final

from commands.policies.audience import AudiencePolicy
from commands.policies.cancellations import CancellationsPolicy
from commands.policies.completion import CompletionPolicy
from commands.policies.disconnections import DisconnectionsPolicy
from commands.policies.inbox import InboxPolicy
from commands.policies.loop import Health, Policy
from commands.policies.ports import Provider
from commands.policies.schedule import SchedulePolicy
from commands.policies.template_campaigns import TemplateCampaignsPolicy
from commands.policies.templates import TemplatesPolicy
from commands.policies.unresolved import UnresolvedPolicy
from commands.policies.zones import Zones
from infra.metrics.movement import Checks
from infra.months import MonthsPolicy
from infra.services.parts import ReadSide, WriteSide

FAILURES: Final = 3
"""So many in a row are no passing trouble."""
RESTS: Final = {
    "schedule": 0.25,
    "cancellations": 0.25,
    "template_campaigns": 0.25,
    "disconnections": 0.5,
    "templates": 0.5,
    "unresolved": 1.0,
    "months": 1.0,
}
"""Seconds between two looks of those for whom nobody waits; the others look ten times a second."""

Connect = Callable[[], AbstractAsyncContextManager[Provider]]


def all_policies(
    write: WriteSide,
    read: ReadSide,
    connect: Connect,
    partitions: int,
    unresolved_after_s: float,
) -> list[Policy]:
    """Everything that reacts to facts or to the calendar, except the sender."""
    store, tables, zones = write.store, read.lookups, Zones(read.lookups)
    return [
        AudiencePolicy(store, tables, zones, partitions),
        SchedulePolicy(store, tables, zones),
        InboxPolicy(store, tables, zones, write.inbox),
        CompletionPolicy(store, tables, zones),
        CancellationsPolicy(store, tables, zones),
        DisconnectionsPolicy(store, tables, zones),
        UnresolvedPolicy(store, tables, zones, timedelta(seconds=unresolved_after_s)),
        TemplatesPolicy(store, tables, zones, connect),
        TemplateCampaignsPolicy(store, tables, zones),
        MonthsPolicy(read.engine),
    ]


def well(healths: Sequence[Health]) -> Checks:
    """Each policy by name. What it failed of stands in the log, where it may say more."""

    def check() -> dict[str, str]:
        return {
            f"policy {health.name}": "ok"
            if health.failures_in_a_row < FAILURES
            else f"failed {health.failures_in_a_row} times in a row; its log lines say why"
            for health in healths
        }

    return check
