"""The simulated platform: what a send does, what it remembers, what it reports. No HTTP here."""

import asyncio
import base64
import itertools
import secrets
import time
from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

from infra.providers.simulator import outcomes
from infra.providers.simulator.errors import GraphError, invalid, object_missing
from infra.providers.simulator.media import MediaStore
from infra.providers.simulator.messages import Draft
from infra.providers.simulator.numbers import Numbers, PhoneNumber
from infra.providers.simulator.options import SimulatorOptions
from infra.providers.simulator.outbox import Outbox
from infra.providers.simulator.payloads import Sent, inbound_body, template_body
from infra.providers.simulator.read_marks import ReadMarks
from infra.providers.simulator.schedule import Schedule
from infra.providers.simulator.template_send import check_parameters
from infra.providers.simulator.templates import Template, Templates

FIRST_ID = 700_000_000_000_001


class LedgerLine(NamedTuple):
    """One accepted send; `at` is in seconds since 1970. `media_id`: the upload it refers to."""

    to: str
    wamid: str
    callback_data: str | None
    phone_number_id: str
    type: str
    at: float
    media_id: str | None = None


class Simulator:
    def __init__(self, options: SimulatorOptions) -> None:
        self.options = options
        self.numbers, self.templates, self.media = Numbers(), Templates(), MediaStore()
        self.outbox = Outbox(lambda: self.options)
        self.schedule = Schedule(lambda: self.options, self.outbox)
        self.ledger: list[LedgerLine] = []
        self.read_marks = ReadMarks()
        self.refused: Counter[int] = Counter()
        self.expected: Counter[str] = Counter()
        self._ids = itertools.count(FIRST_ID)
        self._wamids = itertools.count(secrets.randbits(60))
        self._timers: set[asyncio.TimerHandle] = set()

    def accept(self, number: PhoneNumber, draft: Draft) -> str:
        """Take one message or raise GraphError; the wamid."""
        options, now = self.options, time.time()
        template = self._check(number, draft)
        if draft.to.endswith(outcomes.OPTED_OUT):
            raise GraphError(131050, "The recipient has stopped marketing messages.")
        if draft.to.endswith(outcomes.THROTTLED_ONCE) and draft.to not in number.throttled_once:
            number.throttled_once.add(draft.to)
            raise GraphError(130429, "Cloud API message throughput has been reached.")
        self.numbers.throttle(number, draft.to, time.monotonic(), options)
        drawn = outcomes.draws(options.seed, draft.to, draft.essence())
        result = outcomes.outcome(draft.to, draft.kind, draft.voice, drawn, options)
        in_window = number.window_open(draft.to, now)
        if options.enforce_window and draft.kind != "template" and not in_window:
            result = outcomes.Outcome(("failed",), outcomes.WINDOW_CLOSED)
        wamid = self.wamid(draft.to)
        category = template.category.lower() if template else _category(draft)
        billable = not (category == "service" or (category == "utility" and in_window))
        about = draft.to, wamid, draft.callback_data, number.id, draft.kind
        self.ledger.append(LedgerLine(*about, now, draft.media_id))
        self.expected[result.final] += 1
        sent = Sent(
            wamid, draft.to, number, draft.callback_data, category, billable, result.error_code
        )
        self.schedule.add(sent, result.statuses, drawn)
        return wamid

    def _check(self, number: PhoneNumber, draft: Draft) -> Template | None:
        if draft.to == number.display_phone_number:
            raise GraphError(131021, "Sender and recipient phone number is the same.")
        content = draft.content
        if draft.kind == "template" and isinstance(content, dict):
            return self._sendable(number, content)
        if draft.media_id is not None:
            media = self.media.get(draft.media_id)
            if media is None:
                raise invalid(f"{draft.kind}['id']: no media has the id {draft.media_id!r}.")
            self._check_media(draft.kind, media.mime_type)
        return None

    @staticmethod
    def _check_media(kind: str, mime_type: str) -> None:
        family = "image/webp" if kind == "sticker" else f"{kind}/"
        if kind != "document" and not mime_type.startswith(family):
            raise invalid(f"A file of type {mime_type} cannot be sent as {kind}.")

    def _sendable(self, number: PhoneNumber, content: dict[str, Any]) -> Template | None:
        name, language = content["name"], content["language"]["code"]
        template = self.templates.find(number.waba_id, name, language)
        if template is None and self.options.accept_unknown_templates:
            return None
        if template is not None and template.status == "PAUSED":
            raise GraphError(132015, f"template name ({name}) in {language} is paused")
        if template is not None and template.status == "DISABLED":
            raise GraphError(132016, f"template name ({name}) in {language} is disabled")
        if template is None or template.status != "APPROVED":
            raise GraphError(132001, f"template name ({name}) does not exist in {language}")
        check_parameters(template, content.get("components", []))
        return template

    def wamid(self, to: str) -> str:
        """Unique, and built like real ones: the other party's number inside base64."""
        party = to.encode()
        tail = b"%018X" % next(self._wamids)
        raw = b"\x1c\x18%c%s\x15\x02\x00\x11\x18\x12%s\x00" % (len(party) & 0xFF, party, tail)
        return "wamid." + base64.b64encode(raw).decode()

    def new_id(self) -> str:
        return str(next(self._ids))

    def minted(self, identifier: str) -> bool:
        """Whether this id is one of ours, so that a deleted object does not become a number."""
        return identifier.isdigit() and FIRST_ID <= int(identifier) < FIRST_ID + 10**9

    def submit(self, waba_id: str, request: dict[str, Any]) -> Template:
        template = self.templates.register(self.new_id(), waba_id, request)
        self._review(template)
        return template

    def edit(self, template: Template, request: dict[str, Any]) -> None:
        """New contents for a template that is not under review; it is reviewed again."""
        self.templates.edit(template, request)
        self._review(template)

    def _review(self, template: Template) -> None:
        rejected = template.name.endswith("_rejected")
        verdict = ("REJECTED", "INVALID_FORMAT") if rejected else ("APPROVED", "NONE")

        def decide() -> None:
            if template.status == "PENDING" and self.templates.get(template.id) is template:
                self.judge(template, *verdict)

        self.later(self.options.review_delay_ms / 1000, decide)

    def judge(self, template: Template, status: str, reason: str) -> None:
        template.status, template.reason = status, reason
        self.outbox.put(template_body(template, time.time()))

    def receive(self, number: PhoneNumber, name: str, message: dict[str, Any]) -> None:
        """A user wrote to the number."""
        number.hear(message["from"], message["id"], time.time())
        self.outbox.put(inbound_body(number, name, message))

    def sent(self, wamid: str) -> LedgerLine | None:
        """What was accepted under that id."""
        return next((line for line in reversed(self.ledger) if line.wamid == wamid), None)

    def later(self, delay_s: float, do: Callable[[], None]) -> None:
        """Counts as pending until then."""

        def done() -> None:
            self._timers.discard(timer)
            do()

        timer = asyncio.get_running_loop().call_later(delay_s, done)
        self._timers.add(timer)

    def find_template(self, template_id: str) -> Template:
        template = self.templates.get(template_id)
        if template is None:
            raise object_missing(template_id)
        return template

    def stats(self) -> dict[str, Any]:
        pending = self.outbox.pending + self.schedule.pending + len(self._timers)
        counts = self.outbox.counts
        return {
            "accepted": len(self.ledger),
            "refused": {str(code): n for code, n in sorted(self.refused.items())},
            "webhooks": {
                "sent": counts["sent"],
                "pending": pending,
                "failed": counts["failed"],
                "unsubscribed": counts["unsubscribed"],
            },
            "statuses": dict(self.schedule.by_kind),
            "tampered": dict(self.schedule.tampered),
            "expected": dict(self.expected),
            "read": self.read_marks.stats(),
        }


def _category(draft: Draft) -> str:
    # Only reached without a registered template: an accepted unknown one, or a free-form message.
    return "marketing" if draft.kind == "template" else "service"
