"""The simulated WAHA: sessions, their chats, what a send does and what is reported. No HTTP here."""

import asyncio
import random
import time
from collections import Counter
from typing import Any, NamedTuple

from infra.providers.waha_simulator import outcomes, payloads
from infra.providers.waha_simulator.drafts import Draft
from infra.providers.waha_simulator.errors import broken, not_working, refused
from infra.providers.waha_simulator.hooks import Hooks
from infra.providers.waha_simulator.options import WahaOptions
from infra.providers.waha_simulator.payloads import Json
from infra.providers.waha_simulator.sessions import WORKING, Session


class LedgerLine(NamedTuple):
    """One message that has left; `at` is in seconds since 1970. `sha256`: of the file it brought."""

    chat: str
    id: str
    session: str
    type: str
    body: str
    at: float
    sha256: str = ""


class WahaSimulator:
    def __init__(self, options: WahaOptions) -> None:
        self.options = options
        self.hooks = Hooks(lambda: self.options)
        self.sessions: dict[str, Session] = {}
        self.ledger: list[LedgerLine] = []
        self.reactions: list[tuple[str, str, str]] = []
        self.seen: list[tuple[str, Json]] = []
        self.files: dict[str, tuple[str, bytes]] = {}
        self.refused: Counter[int] = Counter()
        self._chance = random.Random(options.seed)  # noqa: S311  # decides timing only
        self._timers: set[asyncio.TimerHandle] = set()

    def session(self, name: str) -> Session:
        if name not in self.sessions:
            raise refused(404, f"Session not found: {name}")
        return self.sessions[name]

    def working(self, name: str) -> Session:
        session = self.session(name)
        if session.status != WORKING:
            raise not_working(name, session.status, WORKING)
        return session

    def create(self, name: str, config: Any) -> Session:
        if name in self.sessions:
            raise refused(422, f"Session '{name}' already exists. Use PUT to update it.")
        session = Session(name, lambda: self.options, self._told)
        session.configure(config)
        self.sessions[name] = session
        return session

    def _told(self, session: Session) -> None:
        """Every status, and each new code, is reported."""
        now_ms = time.time_ns() // 1_000_000
        session.history.append({"status": session.status, "timestamp": now_ms})
        self.report(
            session,
            "session.status",
            {"status": session.status, "statuses": session.history[-3:], "data": None},
        )

    def report(self, session: Session, event: str, payload: Json) -> None:
        body = payloads.envelope(event, session.name, session.me, payload)
        for webhook in session.webhooks:
            self.hooks.put(webhook, event, body)

    def send(self, draft: Draft) -> Json:
        """The message, once it has left; WahaError if it did not, or if WAHA cannot tell."""
        session, script = self.working(draft.session), outcomes.digits_of(draft.chat)
        if script == outcomes.SESSION_FAILS:
            session.fail()
            raise not_working(draft.session, session.status, WORKING)
        if script == outcomes.BROKEN:
            raise broken("the engine has failed")
        assert session.me is not None
        now = time.time()
        message = payloads.message(
            draft.chat, session.me["id"], mine=True, at=now, source="api", **draft.shown
        )
        session.chats.setdefault(draft.chat, []).append(message)
        body, sum_ = message["body"], draft.sha256
        line = LedgerLine(draft.chat, message["id"], session.name, draft.kind, body, now, sum_)
        self.ledger.append(line)
        self._follow(session, draft, message)
        if script == outcomes.SENT_BUT_BROKEN:
            raise broken("the engine has lost track of it")
        return message

    def _follow(self, session: Session, draft: Draft, message: Json) -> None:
        """What will be heard of it: that it was sent, and how far it has come."""
        options = self.options
        drawn = outcomes.drawn_for(draft, options)
        if drawn.failed >= options.echo_loss:
            self.report(session, "message.any", dict(message))
        found = list(outcomes.acks(draft, drawn, options))
        order = found[::-1] if drawn.disorder < options.disorder else found
        after_s = 0.0
        for number, ack in enumerate(order):
            after_s += (options.delay_ms + self._chance.random() * options.jitter_ms) / 1000
            lost, doubled = drawn.each[2 * number : 2 * number + 2]
            if lost < options.loss:
                continue
            for _ in range(1 + (doubled < options.duplicates)):
                self._later(after_s, session, message, ack)

    def _later(self, after_s: float, session: Session, message: Json, ack: int) -> None:
        def report() -> None:
            message["ack"] = ack if ack < 0 else max(ack, message["ack"])
            message["ackName"] = payloads.ACK_NAMES[message["ack"]]
            self.report(session, "message.ack", payloads.acknowledged(message, ack))

        def due() -> None:
            self._timers.discard(timer)
            session.when_working(report)

        timer = asyncio.get_running_loop().call_later(after_s, due)
        self._timers.add(timer)

    def close(self) -> None:
        for timer in self._timers:
            timer.cancel()
        for session in self.sessions.values():
            session.close()

    def stats(self) -> Json:
        return {
            "accepted": len(self.ledger),
            "refused": {str(status): n for status, n in sorted(self.refused.items())},
            "reactions": self.reactions,
            "seen": self.seen,
            "sessions": {name: session.status for name, session in self.sessions.items()},
            "webhooks": {
                **{name: self.hooks.counts[name] for name in ("sent", "failed", "lost")},
                "pending": self.hooks.pending + len(self._timers),
            },
        }
