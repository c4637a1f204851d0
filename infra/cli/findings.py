"""What a reachable installation suffers from: read models behind, parked records, paused numbers."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Engine, and_, func, select, text

from domain.ids import show
from infra.database import connect
from infra.event_store.inbox import Inbox
from infra.metrics.movement import Movement, Place
from infra.metrics.standing import head, projected, relayed
from infra.settings import Settings
from projections.accounts import accounts
from projections.all import ALL
from projections.checkpoints import LIVE, parked
from projections.files import GIVEN_UP, files, files_wanted

WARNING = "warning: "
LATELY: Final = timedelta(days=1)
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
    yield from _behind(connect(settings.store_url), engine)
    a = accounts.c
    with engine.connect() as connection:
        aside = connection.scalar(select(func.count()).select_from(parked)) or 0
        paused = connection.execute(
            select(a.account_id, a.pause_reason).where(a.status == "paused")
        ).all()
        loads = engine.dialect.name != "mysql" or connection.scalar(text("SELECT @@local_infile"))
    if not loads:
        yield (
            f"{WARNING}rebuilds of read models take longer than they need to, because the server"
            " does not take lines: set local_infile=ON in MySQL"
        )
    if aside:
        yield f"parked records: {aside}: `blazz parked list` says why"
    yield from _lost_files(engine)
    for id_, reason in paused:
        shown = show("account", id_)
        yield f"number {shown}: paused: {reason}: POST /v1/accounts/{shown}/resume once it is mended"


def _lost_files(read: Engine) -> Iterator[str]:
    """Of customers' files that nobody fetches any more, those of late, and why the last one is."""
    w, f = files_wanted.c, files.c
    late = and_(GIVEN_UP, w.at > datetime.now(UTC) - LATELY)
    theirs = and_(f.workspace_id == w.workspace_id, f.file_id == w.file_id)
    last = select(f.why).join(files_wanted, theirs).where(late).order_by(w.at.desc()).limit(1)
    with read.connect() as connection:
        lost = connection.scalar(select(func.count()).where(late)) or 0
        if lost:
            yield (
                f"{WARNING}files: {lost} given up in the last {LATELY.days * 24} hours, the last one"
                f" because: {connection.scalar(last)}: the inbox offers to fetch them again, and"
                " POST /v1/files/ID/fetch does"
            )


def _behind(store: Engine, read: Engine) -> Iterator[str]:
    """What is behind the store, looked at twice: what moves in between is catching up."""
    movement = Movement(still_s=CATCHING_UP_S)
    movement.still(_places(store, read))
    if any(place.position < place.head for place in _places(store, read)):
        time.sleep(CATCHING_UP_S)
    places = _places(store, read)
    still = {place for place, _ in movement.still(places)}
    for place in places:
        behind = f"{place.name}: {place.head - place.position} facts behind the store"
        if place in still:
            yield f"{behind} and not moving: {_MENDED[place.name.partition(' ')[0]]}"
        elif place.position < place.head:
            yield f"{WARNING}{behind}, catching up"
    for one in projected(read, ALL):
        if one.state != LIVE:
            yield f"{WARNING}projection {one.name} is {one.state}: `blazz projections status`"


_MENDED: Final = {
    "relay": "see that `blazz relay` runs, and what it says of Kafka",
    "projection": "see that `blazz relay` and `blazz projector` run",
}


def _places(store: Engine, read: Engine) -> list[Place]:
    """The relay if there ever was one, and each projection where it is furthest behind."""
    newest, sent = head(store), relayed(store)
    relay = [Place("relay", sent.position, newest)] if sent.sent else []
    return relay + [
        Place(f"projection {one.name}", max(0, min(one.positions.values(), default=0)), newest)
        for one in projected(read, ALL)
        if one.state == LIVE
    ]


def default_secrets(settings: Settings) -> Iterator[str]:
    """Secrets that everybody knows; a simulator may have them."""
    known = (
        ()
        if settings.cloud_api_simulated()
        else ("secret", "whatsapp_app_secret", "whatsapp_verify_token")
    )
    if "waha_url" in settings.model_fields_set:
        known = (*known, "waha_hmac_key")
    for name in known:
        if getattr(settings, name) == type(settings).model_fields[name].default:
            yield f"{WARNING}everybody knows the default of BLAZZ_{name.upper()}: set another"
