"""The policies of one process, as one list."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import partial
from typing import Final

from sqlalchemy import ColumnElement

from commands.policies.audience import AudiencePolicy
from commands.policies.auto_reply import AutoReplyPolicy
from commands.policies.cancellations import CancellationsPolicy
from commands.policies.completion import CompletionPolicy
from commands.policies.disconnections import DisconnectionsPolicy
from commands.policies.files import FilesPolicy
from commands.policies.inbox import InboxPolicy
from commands.policies.loop import Health, Policy
from commands.policies.read_receipts import ReadReceiptsPolicy
from commands.policies.round_robin import RoundRobinPolicy
from commands.policies.schedule import SchedulePolicy
from commands.policies.snoozed import SnoozedPolicy
from commands.policies.template_campaigns import TemplateCampaignsPolicy
from commands.policies.templates import TemplatesPolicy
from commands.policies.unresolved import UnresolvedPolicy
from commands.policies.waha_reconcile import WahaReconcilePolicy
from commands.policies.waha_sessions import WahaSessionsPolicy
from commands.policies.zones import Zones
from infra.bell import Ear
from infra.files.storage import storage
from infra.metrics.movement import Checks
from infra.months import MonthsPolicy
from infra.services.checks import going
from infra.services.heard import Heard
from infra.services.parts import ReadSide, WriteSide
from infra.services.providers import provider_files, soon, waha, whatever
from infra.settings import Settings
from infra.upkeep import UpkeepPolicy

INBOX_LOOK_S: Final = 0.1
TOLD_LOOK_S: Final = 0.25
"""Between two looks at the inbox, and while whoever stores webhooks tells of them."""
FAILURES: Final = 3
"""So many in a row are no passing trouble."""
ENDLESS_S: Final = 900.0
"""No step takes so long: the largest file is fetched or given up before."""
RESTS: Final = {
    "audience": 0.05,
    "inbox": 0.005,
    "auto_reply": 0.05,
    "completion": 0.05,
    "schedule": 0.25,
    "snoozed": 0.25,
    "round_robin": 0.25,
    "cancellations": 0.25,
    "template-campaigns": 0.25,
    "disconnections": 0.5,
    "templates": 0.5,
    "unresolved": 1.0,
    "waha_reconcile": 0.5,
    "waha_sessions": 0.25,
    "read_receipts": 0.5,
    "files": 0.25,
    "months": 1.0,
    "upkeep": 1.0,
}
"""Seconds between two looks that find nothing to do, for most of them after a scout has seen
something; the inbox listens for its bell then."""
GATHERS: Final = {"auto_reply": 0.1}
"""Seconds until the next step after one that found something to do, where more than usual: for an
answer a tenth of a second is soon enough, and many messages at once take far less work."""


def all_policies(
    write: WriteSide, read: ReadSide, settings: Settings, partitions: int
) -> list[Policy]:
    """Everything that reacts to facts or to the calendar, except the sender."""
    store, tables, zones = write.store, read.lookups, Zones(read.lookups)
    connect, sessions = partial(whatever, settings), partial(waha, settings)
    return [
        AudiencePolicy(store, tables, zones, partitions),
        SchedulePolicy(store, tables, zones),
        SnoozedPolicy(store, tables, zones),
        RoundRobinPolicy(store, tables, zones),
        Heard(
            InboxPolicy(store, tables, zones, write.inbox),
            Ear(write.engine.url, "inbox", INBOX_LOOK_S, TOLD_LOOK_S),
        ),
        AutoReplyPolicy(store, tables, zones),
        CompletionPolicy(store, tables, zones),
        CancellationsPolicy(store, tables, zones),
        DisconnectionsPolicy(store, tables, zones),
        UnresolvedPolicy(store, tables, zones, timedelta(seconds=settings.unresolved_after_s)),
        TemplatesPolicy(store, tables, zones, connect),
        TemplateCampaignsPolicy(store, tables, zones),
        WahaSessionsPolicy(store, tables, zones, sessions),
        WahaReconcilePolicy(store, tables, zones, sessions),
        ReadReceiptsPolicy(tables, partial(soon, settings)),
        FilesPolicy(store, tables, zones, provider_files(settings), storage(settings)),
        MonthsPolicy(read.engine),
        UpkeepPolicy(read.engine, write.engine),
    ]


def pending(policies: Iterable[Policy]) -> dict[str, ColumnElement[bool]]:
    """What a scout looks for, by the policy's name."""
    asked = ((policy.name, getattr(policy, "pending", None)) for policy in policies)
    return {name: there for name, there in asked if there is not None}


def well(healths: Sequence[Health]) -> Checks:
    """Each policy by name. What it failed of stands in the log, where it may say more."""
    return lambda: {f"policy {health.name}": _how(health) for health in healths}


def _how(health: Health) -> str:
    if health.failures_in_a_row >= FAILURES:
        return f"failed {health.failures_in_a_row} times in a row; its log lines say why"
    return going(health.rounds, ENDLESS_S)
