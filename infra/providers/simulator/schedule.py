"""When the statuses of accepted messages go out: gathered over a short window into bodies, some
lost, doubled or out of order as the options ask.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable
from heapq import heappop, heappush

from infra.providers.simulator.options import SimulatorOptions
from infra.providers.simulator.outbox import Outbox
from infra.providers.simulator.outcomes import Draws
from infra.providers.simulator.payloads import Sent, Status, status_body

PRICED = 2


class Schedule:
    def __init__(self, options: Callable[[], SimulatorOptions], outbox: Outbox) -> None:
        self._options, self._outbox = options, outbox
        self._due: list[tuple[float, int, Status]] = []
        self._turn = 0
        self._more = asyncio.Event()
        self._chance = random.Random(options().seed)  # noqa: S311  # decides timing only
        self.by_kind: Counter[str] = Counter()
        self.tampered: Counter[str] = Counter()

    @property
    def pending(self) -> int:
        return len(self._due)

    def add(self, sent: Sent, statuses: tuple[str, ...], drawn: Draws) -> None:
        options = self._options()
        now, clock = time.monotonic(), time.time()
        items: list[Status] = []
        moments: list[float] = []
        offset_s = 0.0
        for number, status in enumerate(statuses):
            offset_s += (options.delay_ms + self._chance.random() * options.jitter_ms) / 1000
            # The price is on sent, and once more on the first sign that it arrived.
            items.append(Status(sent, status, int(clock + offset_s), priced=number < PRICED))
            moments.append(now + offset_s)
            self.by_kind[status] += 1
        if drawn.disorder < options.disorder and len(items) > 1:
            self.tampered["disordered"] += 1
            in_order = tuple(items)
            while tuple(items) == in_order:
                self._chance.shuffle(items)
        for number, (moment, item) in enumerate(zip(moments, items, strict=True)):
            self._add_one(moment, item, drawn.each[2 * number : 2 * number + 2], options)
        self._more.set()

    def _add_one(
        self, moment: float, item: Status, drawn: tuple[float, ...], options: SimulatorOptions
    ) -> None:
        lost, doubled = drawn
        if lost < options.loss:
            self.tampered["lost"] += 1
            return
        self._push(moment, item)
        if doubled < options.duplicates:
            self.tampered["duplicated"] += 1
            # Later than the window, so that the twin travels in another body.
            apart_s = (options.delay_ms + options.batch_window_ms) / 1000
            self._push(moment + apart_s * (1 + self._chance.random()), item)

    def _push(self, moment: float, item: Status) -> None:
        self._turn += 1
        heappush(self._due, (moment, self._turn, item))

    async def run(self) -> None:
        while True:
            await self._more.wait()
            await asyncio.sleep(self._options().batch_window_ms / 1000)
            self._send_due()
            if not self._due:
                self._more.clear()

    def _send_due(self) -> None:
        options, now = self._options(), time.monotonic()
        batch: list[Status] = []
        while self._due and self._due[0][0] <= now:
            batch.append(heappop(self._due)[2])
            if len(batch) >= options.batch_max:
                self._put(batch, options)
                batch = []
        if batch:
            self._put(batch, options)

    def _put(self, batch: list[Status], options: SimulatorOptions) -> None:
        if options.webhook_url:
            self._outbox.put(status_body(batch, options.spread, self._chance))
        else:
            self._outbox.counts["unsubscribed"] += 1
