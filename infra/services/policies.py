"""The policies of one process, as one list."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta

from commands.policies.audience import AudiencePolicy
from commands.policies.cancellations import CancellationsPolicy
from commands.policies.completion import CompletionPolicy
from commands.policies.inbox import InboxPolicy
from commands.policies.loop import Policy
from commands.policies.ports import Provider
from commands.policies.schedule import SchedulePolicy
from commands.policies.template_campaigns import TemplateCampaignsPolicy
from commands.policies.templates import TemplatesPolicy
from commands.policies.unresolved import UnresolvedPolicy
from commands.policies.zones import Zones
from infra.services.parts import ReadSide, WriteSide

Connect = Callable[[], AbstractAsyncContextManager[Provider]]


def all_policies(
    write: WriteSide,
    read: ReadSide,
    connect: Connect,
    partitions: int,
    unresolved_after_s: float,
) -> list[Policy]:
    """Everything that reacts to facts, except the sender."""
    store, tables, zones = write.store, read.engine, Zones(read.engine)
    return [
        AudiencePolicy(store, tables, zones, partitions),
        SchedulePolicy(store, tables, zones),
        InboxPolicy(store, tables, zones, write.inbox),
        CompletionPolicy(store, tables, zones),
        CancellationsPolicy(store, tables, zones),
        UnresolvedPolicy(store, tables, zones, timedelta(seconds=unresolved_after_s)),
        TemplatesPolicy(store, tables, zones, connect),
        TemplateCampaignsPolicy(store, tables, zones),
    ]
