"""How long the conversations of a company are, what was said in them, and how they are loaded.

Every third contact has written; every 25th of these has written 26 times as much as the others.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Table

from domain.ids import conversation_id, inbound_id
from projections.chat import place
from projections.message_words import message_words
from projections.reactions import reactions
from projections.transcript_tables import message_edits, transcript
from projections.words import bits_of, line_of, spoken
from tests.bench.scale_company import line
from tests.bench.scale_world import LAST_DAY, Company, World

EVERY: Final = 3
SHORT: Final = 10
LONG: Final = 260
LONG_EVERY: Final = 25
A_CHUNK: Final = 5_000
"""Conversations: a hundred thousand messages."""
SAID: Final = (
    "Where is my order",
    "Invoice please",
    "Terima kasih banyak",
    "Halo selamat pagi",
    "My order has not arrived yet",
    "Can you change the address",
    "How much is the delivery",
    "Selamat siang, ada diskon",
    "The invoice is wrong",
    "Kapan barang saya dikirim",
    "Thank you very much",
)
APART: Final = "diskon+address"
"""Two words that many messages have, and none has both."""
_END: Final = datetime(LAST_DAY.year, LAST_DAY.month, LAST_DAY.day, 12, tzinfo=UTC)
_OWN: Final = ("message_id", "body", "provider_id", "answers", "at", "place", "words")
Row = tuple[Table, str]


@dataclass(frozen=True)
class Talks:
    """What one transaction loads: conversations of companies of ranks, or a part of one's.

    The part that begins with conversation 0 brings what the company has beside them.
    """

    number: int
    ranks: range
    part: range | None = None

    def of(self, company: Company) -> range:
        """The numbers of the company's conversations that are in it."""
        return self.part or range(conversing(company))


def talks(world: World) -> list[Talks]:
    """All conversations, in the order of companies; numbered behind the chunks of the world."""
    out: list[Talks] = []
    start, waiting, first = 0, 0, len(world.chunks)
    for company in world.companies:
        count, alone = conversing(company), range(company.rank, company.rank + 1)
        if count > A_CHUNK:
            parts = [range(n, min(count, n + A_CHUNK)) for n in range(0, count, A_CHUNK)]
            out += [Talks(first + len(out) + n, alone, part) for n, part in enumerate(parts)]
            start = alone.stop
            continue
        waiting += count
        if waiting >= A_CHUNK or company.rank == len(world.companies) - 1:
            out.append(Talks(first + len(out), range(start, alone.stop)))
            start, waiting = alone.stop, 0
    return out


def conversing(company: Company) -> int:
    """How many conversations it has; number n is that of contact n x EVERY."""
    return len(range(0, company.contacts, EVERY))


def lasts(number: int) -> int:
    """The messages of a conversation."""
    return SHORT if number % LONG_EVERY else LONG


def before(number: int) -> int:
    """The messages of all conversations before this one."""
    return number * SHORT + -(-number // LONG_EVERY) * (LONG - SHORT)


def account(company: Company) -> UUID:
    """Its only number."""
    return company.of(2, 0)


def conversation(company: Company, n: int) -> UUID:
    """Contact n's."""
    return conversation_id(account(company), company.of(3, n))


def written_at(company: Company, order: int) -> tuple[datetime, int]:
    """When the message was written that so many were written before, and its position."""
    seconds = before(conversing(company)) - order
    return _END - timedelta(seconds=seconds), company.rank * 10**9 + 100_000_000 + order


def said_rows(company: Company, number: int) -> Iterator[Row]:
    """The messages of a conversation with their words; one has a reaction and an edit."""
    ids = {"workspace_id": company.id, "account_id": account(company)}
    of = {"contact_id": company.of(3, number * EVERY)}
    ids |= {**of, "conversation_id": conversation(company, number * EVERY)}
    told = {"direction": "in", "kind": "text", "details": "{}", "sender": "{}"}
    form = line(transcript, **ids, **told, **{name: f"{{{name}}}" for name in _OWN})
    form = form.replace("\t{}", "\t{{}}")
    for n in range(lasts(number)):
        yield from _message(company, number, n, form)
    yield from _marked(company, number, ids)


def _message(company: Company, number: int, n: int, form: str) -> Iterator[Row]:
    at, position = written_at(company, before(number) + n)
    wamid = f"wamid.{company.rank}.{number}.{n}"
    text = _text(number * 7 + n * 3, number)
    of = {"message_id": inbound_id(account(company), wamid).hex, "provider_id": wamid}
    quoted = f"wamid.{company.rank}.{number}.0" if n == 1 else ""
    when = {"at": at.replace(tzinfo=None), "place": place(at, position)}
    words = _words(text)
    told = {"body": text, "answers": quoted, "words": line_of(words)}
    yield transcript, form.format(**of, **when, **told)
    workspace, message, bits = company.id.hex, of["message_id"], bits_of(words)
    for word in words:
        yield message_words, f"{workspace}\t{word}\t{when['place']}\t{message}\t0\t{bits}"


def _marked(company: Company, number: int, of: dict[str, Any]) -> Iterator[Row]:
    wamid = f"wamid.{company.rank}.{number}.2"
    message_id = inbound_id(account(company), wamid)
    at, position = written_at(company, before(number) + 2)
    about = {name: of[name] for name in ("workspace_id", "conversation_id", "account_id")}
    about |= {"target": wamid, "reaction_id": inbound_id(message_id, "reaction")}
    row = {"by": "business", "emoji": "+", "at": at, "place": place(at, position)}
    yield reactions, line(reactions, **about, **row)
    edit = {"edit_id": "e1", "at": at, "superseded": 1, "content": "{}", "sender": "{}"}
    ids = {"workspace_id": of["workspace_id"], "message_id": message_id}
    yield message_edits, line(message_edits, **ids, **edit)


def _text(which: int, number: int) -> str:
    return f"{SAID[which % len(SAID)]} {number % 997}"


@lru_cache(2**15)
def _words(text: str) -> tuple[str, ...]:
    return tuple(spoken(text))
