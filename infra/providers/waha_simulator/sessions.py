"""One session: how it comes to work, what it shows meanwhile, what it loses when it ends."""

import asyncio
import os
from collections.abc import Callable
from typing import Any

import msgspec

from infra.providers.waha_simulator.errors import not_working, refused
from infra.providers.waha_simulator.hooks import Webhook
from infra.providers.waha_simulator.options import WahaOptions
from infra.providers.waha_simulator.payloads import Json

STARTING, SCAN, WORKING, FAILED, STOPPED = (
    "STARTING", "SCAN_QR_CODE", "WORKING", "FAILED", "STOPPED",
)  # fmt: skip

Tell = Callable[["Session"], None]


class Session:
    """`tell` is called whenever its status is new, and for each new code."""

    def __init__(self, name: str, options: Callable[[], WahaOptions], tell: Tell) -> None:
        self.name, self._options, self._tell = name, options, tell
        self.status, self.config = STOPPED, dict[str, Any]()
        self.webhooks: list[Webhook] = []
        self.history: list[Json] = []
        self.me: Json | None = None
        self.linked = ""
        self.qr, self.codes = "", 0
        self.chats: dict[str, list[Json]] = {}
        self.backlog: list[Callable[[], None]] = []
        """What happened while it did not work: told when it works again."""
        self._timer: asyncio.TimerHandle | None = None

    def configure(self, config: Any) -> None:
        """Its webhooks from now on. Refused if they are not what WAHA takes."""
        self.config = config if isinstance(config, dict) else {}
        try:
            found = msgspec.convert(self.config.get("webhooks") or [], list[Webhook])
        except msgspec.ValidationError as error:
            raise refused(400, [f"config.webhooks: {error}"]) from None
        self.webhooks = found

    def start(self) -> None:
        if self.status in {STARTING, SCAN, WORKING}:
            return
        self.codes = 0
        self._become(STARTING)
        self._later(self._options().start_ms, self._started)

    def _started(self) -> None:
        if self.linked:
            self._work()
        else:
            self._show_code()

    def _show_code(self) -> None:
        options = self._options()
        if self.codes >= options.qr_codes:
            self._become(FAILED)
            return
        self.codes += 1
        self.qr = f"2@{os.urandom(24).hex()},{os.urandom(12).hex()}"
        self._become(SCAN)
        if options.scan_ms:
            self._later(options.scan_ms, self.scan)
        else:
            self._later(options.qr_lives_ms, self._show_code)

    def scan(self, phone: str = "15550000001") -> None:
        """Somebody scans the code with that phone."""
        if self.status != SCAN:
            raise not_working(self.name, self.status, SCAN)
        self.linked = phone
        self._become(STARTING)
        self._later(self._options().start_ms, self._work)

    def _work(self) -> None:
        self.me = {"id": f"{self.linked}@c.us", "pushName": "Simulated Business"}
        self._become(WORKING)
        missed, self.backlog = self.backlog, []
        for happened in missed:
            happened()

    def stop(self) -> None:
        if self.status != STOPPED:
            self._become(STOPPED)

    def restart(self) -> None:
        self.stop()
        self.start()

    def logout(self) -> None:
        """The phone is unlinked: whoever starts it again has to scan again."""
        self.linked, self.me = "", None
        self.stop()

    def fail(self) -> None:
        """The connection to WhatsApp is lost for good."""
        self._become(FAILED)

    def when_working(self, happened: Callable[[], None]) -> None:
        """Now, or once it works again."""
        if self.status == WORKING:
            happened()
        else:
            self.backlog.append(happened)

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _become(self, status: str) -> None:
        self.close()
        self.status = status
        if status != SCAN:
            self.qr = ""
        self._tell(self)

    def _later(self, after_ms: int, act: Callable[[], None]) -> None:
        self._timer = asyncio.get_running_loop().call_later(after_ms / 1000, act)

    def shown(self) -> Json:
        return {
            "name": self.name,
            "status": self.status,
            "config": self.config,
            "me": self.me,
            "engine": {"engine": "GOWS"},
        }
