"""Business phone numbers: named by the caller or made up on first use, with their rate limits."""

import zlib
from typing import Any, Literal

import msgspec

from infra.providers.simulator.errors import GraphError, object_missing
from infra.providers.simulator.limits import RateLimit
from infra.providers.simulator.options import SimulatorOptions

WINDOW_S = 24 * 3600
STANDARD_THROUGHPUT = 80
MOST_HEARD = 200_000


class PhoneNumber(msgspec.Struct, kw_only=True):
    id: str
    waba_id: str
    display_phone_number: str  # digits
    verified_name: str = "Simulated Business"
    quality_rating: Literal["GREEN", "YELLOW", "RED", "NA", "UNKNOWN"] = "GREEN"
    messaging_limit_tier: str = "TIER_UNLIMITED"
    pairs: RateLimit = msgspec.field(default_factory=RateLimit)
    throttled_once: set[str] = msgspec.field(default_factory=set)
    inbound_at: dict[str, float] = msgspec.field(default_factory=dict)
    heard: dict[str, str] = msgspec.field(default_factory=dict)
    """The last messages that came in, and who wrote each."""

    def hear(self, user: str, wamid: str, now: float) -> None:
        self.inbound_at[user] = now
        self.heard[wamid] = user
        if len(self.heard) > MOST_HEARD:
            del self.heard[next(iter(self.heard))]

    def window_open(self, user: str, now: float) -> bool:
        """Whether this user wrote to this number in the last 24 hours."""
        return now - self.inbound_at.get(user, float("-inf")) < WINDOW_S

    def shown(self, messages_per_second: float) -> dict[str, Any]:
        fast = not 0 < messages_per_second <= STANDARD_THROUGHPUT
        return {
            "id": self.id,
            "display_phone_number": f"+{self.display_phone_number}",
            "verified_name": self.verified_name,
            "quality_rating": self.quality_rating,
            "messaging_limit_tier": self.messaging_limit_tier,
            "throughput": {"level": "HIGH" if fast else "STANDARD"},
            "code_verification_status": "VERIFIED",
            "platform_type": "CLOUD_API",
            "status": "CONNECTED",
        }


class NumberSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a test may fix about a number before or while it is used."""

    id: str
    waba_id: str | None = None
    display_phone_number: str | None = None
    verified_name: str | None = None
    quality_rating: Literal["GREEN", "YELLOW", "RED", "NA", "UNKNOWN"] | None = None
    messaging_limit_tier: str | None = None


class Numbers:
    def __init__(self) -> None:
        self._numbers: dict[str, PhoneNumber] = {}
        self._throughput = RateLimit()

    def use(self, number_id: str, options: SimulatorOptions) -> PhoneNumber:
        number = self._numbers.get(number_id)
        if number is None:
            if not options.create_numbers:
                raise object_missing(number_id)
            number = self._create(number_id, options)
        return number

    def settle(self, settings: NumberSettings, options: SimulatorOptions) -> PhoneNumber:
        number = self._numbers.get(settings.id) or self._create(settings.id, options)
        for field in settings.__struct_fields__:
            value = getattr(settings, field)
            if value is not None:
                setattr(number, field, value.lstrip("+") if field.startswith("display") else value)
        return number

    def of(self, waba_id: str) -> list[PhoneNumber]:
        return [number for number in self._numbers.values() if number.waba_id == waba_id]

    def throttle(self, number: PhoneNumber, to: str, now: float, options: SimulatorOptions) -> None:
        """Refuse beyond the throughput of the number, or of the number with this recipient."""
        rate = options.messages_per_second
        if rate and not self._throughput.take(number.id, now, 1 / rate, max(rate, 1)):
            raise GraphError(130429, "Cloud API message throughput has been reached.")
        interval_s = options.pair_interval_ms / 1000
        if interval_s and not number.pairs.take(to, now, interval_s, options.pair_burst):
            raise GraphError(
                131056,
                "Too many messages sent from this phone number to the same phone number in a "
                "short period of time. Retry later.",
            )

    def _create(self, number_id: str, options: SimulatorOptions) -> PhoneNumber:
        subscriber = zlib.crc32(number_id.encode()) % 10_000_000
        number = PhoneNumber(
            id=number_id,
            waba_id=options.waba_id,
            display_phone_number=f"1555{subscriber:07d}",
        )
        self._numbers[number_id] = number
        return number
