"""An agent, a number that is shared with them, and one that is not: the same happened on both."""

import asyncio
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import uuid5

import httpx2
from uuid_utils.compat import uuid7

from commands.execute import Ask, execute
from domain import conversation as cnv
from domain import file as fil
from domain import ids
from domain import rule as rul
from domain import team as tem
from domain.ids import show
from domain.inbound import Media
from domain.kernel import Metadata
from tests.people_site import people_site
from tests.talks import Talk, sent

OPEN, HIDDEN = "terbuka", "rahasia"
"""What customers write to the one number, and to the other."""
PHOTO = b"\xff\xd8\xff\xe0 a photo"


class Side(NamedTuple):
    """One of the numbers and its customer; `own` has ids of what belongs to it, by kind."""

    account: str
    contact: str
    own: dict[str, list[str]]


class Numbers(NamedTuple):
    """`everybodys` has ids of what belongs to no number, by kind."""

    url: str
    document: dict
    agent: httpx2.Client
    owner: httpx2.Client
    shown: Side
    hidden: Side
    everybodys: dict[str, list[str]]


@contextmanager
def two_numbers(folder):
    """Both APIs on one port, and clients that wait for the read models."""
    with people_site(folder) as site:
        stage = site.stage
        owner, agent = site.person(stage.ws), site.person(stage.ws, "agent")
        shown, hidden = (_side(stage, n, word) for n, word in enumerate((OPEN, HIDDEN)))
        kept = _kept(stage) | {"contact": [shown.contact, hidden.contact], "user": [agent.id]}
        kept |= {"account": [shown.account, hidden.account], "session": [agent.session_id]}
        answer = owner.http.put(f"/v1/accounts/{shown.account}/users/{agent.id}")
        assert answer.status_code == 200, answer.text
        for person in (owner, agent):
            person.http.headers["Blazz-Min-Position"] = answer.headers["Blazz-Position"]
            person.http.headers["Prefer"] = "wait=10"
        document = site.http.get("/openapi.json").json()
        yield Numbers(site.url, document, agent.http, owner.http, shown, hidden, kept)


def _side(stage, n, word):
    account_id = stage.number(f"10654035224299{n}", "1", shown=f"+1555000010{n}")
    talk = Talk(stage.ws, account_id, stage.contact(f"+62812345678{n:02}"))
    files = dict(zip(("one", "two"), (_given_up, _stored), strict=True))
    note, reply = uuid5(talk.id, "note"), uuid5(talk.id, "reply")
    now = datetime.now(UTC) - timedelta(minutes=9)
    turns = [
        talk.customer(f"{word}.{name}", now, word, "image", media=Media(media_id=name))
        for name in files
    ]
    turns += [
        [become(stage, talk.of_file(talk.heard(f"{word}.{name}")))]
        for name, become in files.items()
    ]
    turns += [
        talk.call(f"{word}.call", "ringing", now),
        talk.ask(cnv.AddNote, note_id=note, text=word),
        talk.reply(reply, word),
        sent(stage.ws, reply, f"{word}.reply", "read", at=now),
    ]
    for asks in turns:
        execute(stage.store, asks, Metadata(), datetime.now(UTC))
    heard = [talk.heard(f"{word}.{name}") for name in files]
    own = {
        "conversation": [talk.id],
        "message": [*heard, reply],
        "note": [note],
        "file": [ids.inbound_file_id(message_id) for message_id in heard],
        "call": [ids.call_id(account_id, f"{word}.call")],
    }
    shown = {kind: [show(kind, id_) for id_ in some] for kind, some in own.items()}
    return Side(show("account", account_id), show("contact", talk.contact_id), shown)


def _given_up(_, about):
    return Ask(fil.file, about["file_id"], fil.GiveUpFile(**about, why="HTTP 500"))


def _stored(stage, about):
    kept = asyncio.run(stage.files.put(stage.ws, _photo(), len(PHOTO)))
    facts = {"sha256": kept.sha256, "size": kept.size, "mime_type": "image/jpeg"}
    return Ask(fil.file, about["file_id"], fil.StoreFile(**about, **facts, origin="inbound"))


async def _photo():
    yield PHOTO


def _kept(stage):
    """A team, and a rule that would act on every message."""
    team_id, rule_id, about = uuid7(), uuid7(), {"workspace_id": stage.ws}
    crew = tem.Crew(name="Support", members=())
    stage.do(tem.team, team_id, tem.CreateTeam(**about, team_id=team_id, crew=crew))
    definition = rul.Definition(
        name="All",
        trigger=rul.Trigger(kind="contains", values=(OPEN, HIDDEN)),
        actions=rul.Actions(answer=rul.Answer(text="Halo")),
    )
    stage.do(rul.rule, rule_id, rul.CreateRule(**about, rule_id=rule_id, definition=definition))
    made = {"team": team_id, "rule": rule_id, "template": stage.template}
    return {kind: [show(kind, id_)] for kind, id_ in made.items()}
