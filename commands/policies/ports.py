"""What the policies need of the outside: a provider, leases, the webhook inbox."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Literal, NamedTuple, Protocol
from uuid import UUID

from domain.account import ProviderName
from domain.message import Content, ErrorClass
from domain.template import Category, HeaderKind


class Attachment(NamedTuple):
    """A file of ours that goes along with a message. `open` gives its bytes; FileGone without them.

    `media_id` is what the provider calls it, once it was handed over to one that wants that.
    """

    mime_type: str
    filename: str
    size: int
    open: Callable[[], Awaitable[AsyncIterator[bytes]]]
    media_id: str = ""


class Outbound(NamedTuple):
    """One message as a provider needs it; `provider` is the only one it may leave through.

    The Cloud API sends `message_id` back with every status of it.
    """

    message_id: UUID
    phone_number_id: str
    to: str
    content: Content
    provider: ProviderName = "cloud_api"
    file: Attachment | None = None


class Accepted(NamedTuple):
    """The provider took it. `wa_id` may differ from the number it was sent to."""

    wamid: str
    wa_id: str


class Refused(NamedTuple):
    """It certainly did not leave. The class says what to do about it."""

    error_class: ErrorClass
    code: int
    reason: str


class Unknown(NamedTuple):
    """It may have left: never to be repeated."""

    reason: str


Answer = Accepted | Refused | Unknown


class Submission(NamedTuple):
    """A template as it is handed in for review."""

    waba_id: str
    name: str
    language: str
    category: Category
    body: str
    header_kind: HeaderKind
    header: str
    footer: str
    buttons: Sequence[str]
    provider: ProviderName = "cloud_api"


class Registered(NamedTuple):
    """The provider knows the template under this id; `status` in its own words, upper case."""

    provider_template_id: str
    status: str
    reason: str = ""


class NumberInfo(NamedTuple):
    display_phone_number: str
    verified_name: str
    quality: str
    tier: str


class Heard(NamedTuple):
    """A message of a customer, as its provider calls it and the number it came to."""

    phone_number_id: str
    provider_id: str
    provider: ProviderName = "cloud_api"


class Provider(Protocol):
    async def send(self, outbound: Outbound) -> Answer:
        """Never raises for what the network or the provider does."""

    async def hand_over(self, outbound: Outbound) -> str | Refused | Unknown:
        """Its file, ahead of it: what the provider calls it, or nothing where it goes along.

        Nobody gets to see it by that, so it may be done again.
        """

    async def submit_template(self, submission: Submission) -> Registered | Refused | Unknown:
        """Finds it by name and language first, so that asking twice registers once."""

    async def number(self, phone_number_id: str) -> NumberInfo | Refused | Unknown:
        """What the provider says of a number."""

    async def mark_read(self, heard: Heard) -> Refused | Unknown | None:
        """Shows who wrote it that it was read. None when it was taken; twice does no harm."""

    async def show_typing(self, heard: Heard) -> Refused | Unknown | None:
        """Shows who wrote it that somebody is writing an answer."""

    async def hide_typing(self, heard: Heard) -> Refused | Unknown | None:
        """Shows it no more, where the provider would go on with it for ever."""


class Leases(Protocol):
    """Who may do a thing that only one may do. Times by the database's clock."""

    def acquire(self, name: str, owner: str, ttl_s: float) -> int | None:
        """The epoch of the lease, or None while somebody else holds it."""

    def renew(self, name: str, owner: str, epoch: int, ttl_s: float) -> bool:
        """False when it was lost; it is never regained by renewing."""

    def release(self, name: str, owner: str, epoch: int) -> bool:
        """Free at once. False if it was not held any more."""


class PairDebts(Protocol):
    """How many seconds recipients of a number must still be left alone, and how many messages it
    has had of its day; outlives every sender.
    """

    def of(self, account_id: UUID) -> Mapping[bytes, float]:
        """By a digest of the recipient."""

    def keep(self, account_id: UUID, owed: Mapping[bytes, float]) -> None:
        """So much from now on; durable when it returns."""

    def spend(self, account_id: UUID, day: date, wanted: int, most: int) -> int:
        """How many of the `wanted` the number may still send that day; they count as sent."""


class InboxItem(Protocol):
    """One raw webhook body. `attempts` counts how often it was put off before."""

    @property
    def id(self) -> int: ...
    @property
    def body(self) -> bytes: ...
    @property
    def attempts(self) -> int: ...
    @property
    def source(self) -> str:
        """The provider whose signature it had."""


class Inbox(Protocol):
    def take(self, limit: int, now: datetime) -> Sequence[InboxItem]:
        """What is to be done now, oldest first. Taking changes nothing."""

    def settle(self, outcomes: Iterable[tuple[int, Literal["done", "kept"], str]]) -> None:
        """Finished: `done`, or `kept` for the reason given."""

    def later(self, ids: Sequence[int], next_try_at: datetime, reason: str) -> None:
        """To be taken again then, with one more attempt counted."""
