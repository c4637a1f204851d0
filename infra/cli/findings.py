"""What a reachable installation suffers from: read models behind, parked records, paused numbers."""

import time
from collections.abc import Iterator

from sqlalchemy import Engine, func, select, text

from domain.ids import show
from infra.event_store import open_store
from infra.event_store.inbox import Inbox
from infra.settings import Settings
from projections.accounts import accounts
from projections.all import ALL
from projections.checkpoints import checkpoints, parked

WARNING = "warning: "
CATCHING_UP_S = 2.0
"""What is behind for longer than this, under whatever load, is not merely on its way."""


def store_findings(engine: Engine) -> Iterator[str]:
    """Of the event store's database: durability, and what waits in the inbox."""
    if engine.dialect.name == "mysql":
        with engine.connect() as connection:
            flush = connection.scalar(text("SELECT @@GLOBAL.innodb_flush_log_at_trx_commit"))
        if flush != 1:
            yield (
                f"{WARNING}acknowledged commands may be lost in a power cut:"
                " set innodb_flush_log_at_trx_commit=1 in MySQL"
            )
    counts = Inbox(engine).counts()
    if counts.get("kept") or counts.get("waiting"):
        yield (
            f"{WARNING}webhooks: {counts.get('kept', 0)} kept for people to look at,"
            f" {counts.get('waiting', 0)} waiting for a next try"
        )


def read_findings(settings: Settings, engine: Engine) -> Iterator[str]:
    """Of the read models: how far they are, what they set aside, which numbers are paused."""
    store = open_store(settings.store_url)
    head = store.head()
    store.close()
    if any(position < head for position in _stands(engine).values()):
        time.sleep(CATCHING_UP_S)
    for name, position in _stands(engine).items():
        if position < head:
            yield (
                f"projection {name}: {head - position} facts behind the store:"
                " see that `blazz relay` and `blazz projector` run"
            )
    a = accounts.c
    with engine.connect() as connection:
        aside = connection.scalar(select(func.count()).select_from(parked)) or 0
        paused = connection.execute(
            select(a.account_id, a.pause_reason).where(a.status == "paused")
        ).all()
    if aside:
        yield f"parked records: {aside}: `blazz parked list` says why"
    for id_, reason in paused:
        shown = show("account", id_)
        yield f"number {shown}: paused: {reason}: POST /v1/accounts/{shown}/resume once it is mended"


def _stands(engine: Engine) -> dict[str, int]:
    """Each projection's position in the partition that is furthest behind."""
    c = checkpoints.c
    lowest = select(c.projection, c.version, func.min(c.position))
    with engine.connect() as connection:
        found = {
            (name, version): position
            for name, version, position in connection.execute(
                lowest.group_by(c.projection, c.version)
            )
        }
    return {p.name: max(0, found.get((p.name, p.version), 0)) for p in ALL}


def default_secrets(settings: Settings) -> Iterator[str]:
    """Secrets that everybody knows; a simulator may have them."""
    if settings.simulated():
        return
    for name in ("secret", "whatsapp_app_secret", "whatsapp_verify_token"):
        if getattr(settings, name) == type(settings).model_fields[name].default:
            yield f"{WARNING}everybody knows the default of BLAZZ_{name.upper()}: set another"
