"""Conversations from their first message to their end, as a long history has them."""

import asyncio
from datetime import UTC, datetime
from hashlib import sha256
from random import Random
from uuid import uuid5

from commands.execute import Ask, execute
from domain import canned_reply as can
from domain import conversation as cnv
from domain import file as fil
from domain import identifier as idf
from domain import ids
from domain import rule as rul
from domain import team as tem
from domain.inbound import Media
from domain.kernel import Metadata
from tests.talks import COLLEAGUE, ME, TEAM, Talk, minutes, sent

PHOTO = b"\xff\xd8\xff\xe0 a photo"
PHOTO_SHA256 = sha256(PHOTO).hexdigest()


async def _photo():
    yield PHOTO


def talked(ws, account_id, contacts, random):
    """Groups of asks in an order in which all of them can be; none is refused."""
    yield from _kept(ws)
    for n, contact_id in enumerate(contacts):
        yield from _conversation(Talk(ws, account_id, contact_id), n, random)


def _kept(ws):
    about = {"workspace_id": ws}
    crew, reply = tem.Crew(name="Support", members=(ME,)), uuid5(ws, "reply")
    other = tem.Crew(name="Support", members=(ME, COLLEAGUE), assignment="round_robin")
    yield [
        Ask(
            tem.team,
            uuid5(ws, "team"),
            tem.CreateTeam(**about, team_id=uuid5(ws, "team"), crew=crew),
        )
    ]
    yield [
        Ask(
            tem.team,
            uuid5(ws, "team"),
            tem.ChangeTeam(**about, team_id=uuid5(ws, "team"), crew=other),
        )
    ]
    yield from _ruled(ws)
    for code in ("hi", "bye"):
        id_ = uuid5(reply, code)
        save = can.AddCannedReply(**about, reply_id=id_, short_code=code, text=code.title())
        yield [Ask(can.canned_reply, id_, save)]
    gone = uuid5(reply, "bye")
    yield [Ask(can.canned_reply, gone, can.DeleteCannedReply(**about, reply_id=gone))]


def _ruled(ws):
    """A rule that is tried on what customers have said."""
    rule_id = uuid5(ws, "rule")
    about = {"workspace_id": ws, "rule_id": rule_id}
    definition = rul.Definition(
        name="Halo",
        trigger=rul.Trigger(kind="contains", values=("halo",)),
        actions=rul.Actions(answer=rul.Answer(text="Selamat datang"), team_id=uuid5(ws, "team")),
    )
    yield [Ask(rul.rule, rule_id, rul.CreateRule(**about, definition=definition))]
    yield [Ask(rul.rule, rule_id, rul.EnableRule(**about))]


def _conversation(talk, n, random):
    lid = f"{n}{talk.ws.int % 10**6}@lid"
    stream = ids.identifier_id(talk.ws, "waha", lid)
    about = {"workspace_id": talk.ws, "contact_id": talk.contact_id}
    yield [Ask(idf.identifier, stream, idf.ClaimIdentifier(**about, kind="waha", value=lid))]
    said = [f"{talk.id.hex}.{m}" for m in range(5)]
    photo = Media(media_id="1", mime_type="image/jpeg", filename="kwitansi.jpg")
    turns = [talk.customer(w, minutes(m), f"Halo {n} nomor {m}") for m, w in enumerate(said[:4])]
    turns.append(talk.customer(said[4], minutes(5), "", "image", media=photo, answers=said[0]))
    turns.append(talk.edit(said[1], minutes(6), "Halo lagi"))
    turns.append(talk.edit(said[1], minutes(5), "Halo la", "e0"))
    turns.append(talk.revoke(said[2], minutes(7)))
    turns += [talk.react(said[3], minutes(8 + m), emoji) for m, emoji in enumerate(("👍", ""))]
    turns += [talk.call(f"c.{said[0]}", step, minutes(9)) for step in ("ringing", "rejected")]
    random.shuffle(turns)
    yield talk.ask(
        cnv.StartConversation,
        **{k: talk.whose[k] for k in ("contact_id", "account_id")},
        by="customer",
    )
    yield from turns
    yield from _fetched(talk, said[4], n)
    yield from _worked_on(talk, n)


def _fetched(talk, provider_id, n):
    """What became of the photo: it is here, or was given up, or was asked for again."""
    ways = ((_stored,), (_given_up,), (_given_up, _wanted_again, _stored))[n % 3]
    for way in ways:
        yield [way(talk, talk.heard(provider_id))]


def _stored(talk, message_id):
    about = talk.of_file(message_id)
    photo = {"sha256": PHOTO_SHA256, "size": len(PHOTO), "mime_type": "image/jpeg"}
    more = {"filename": "kwitansi.jpg", "origin": "inbound"}
    return Ask(fil.file, about["file_id"], fil.StoreFile(**about, **photo, **more))


def _given_up(talk, message_id):
    about = talk.of_file(message_id)
    return Ask(fil.file, about["file_id"], fil.GiveUpFile(**about, why="100: it is gone"))


def _wanted_again(talk, message_id):
    about = talk.of_file(message_id)
    again = fil.FetchAgain(workspace_id=talk.ws, file_id=about["file_id"], by=ME)
    return Ask(fil.file, about["file_id"], again)


def _worked_on(talk, n):
    note, reply = uuid5(talk.id, "note"), uuid5(talk.id, "reply")
    yield talk.ask(cnv.AssignConversation, user_id=ME, team_id=TEAM if n % 2 else None)
    yield talk.ask(cnv.PrioritiseConversation, priority="high")
    yield talk.ask(cnv.LabelConversation, add=("VIP", f"n{n % 3}"))
    yield talk.ask(cnv.AddNote, note_id=note, text="telepon balik", by=ME)
    if n % 3 == 0:
        yield talk.ask(cnv.RemoveNote, note_id=note, by=ME)
    yield talk.ask(cnv.ReadConversation, user_id=ME, seen=2 + n % 3, tell=True)
    yield talk.reply(reply, "Baik, sebentar", windowed=False)
    yield sent(talk.ws, reply, f"wamid.{reply.hex}", "read", "delivered", at=minutes(30))
    yield talk.phone(f"p.{talk.id.hex}", minutes(40))
    if n % 2:
        yield talk.ask(cnv.SnoozeConversation, until=minutes(10**6))
    else:
        yield talk.ask(cnv.ResolveConversation, user_id=COLLEAGUE)
    if n % 11 == 7:
        yield talk.ask(cnv.ReopenConversation, user_id=COLLEAGUE)
        yield talk.ask(cnv.AssignConversation, team_id=TEAM)


def with_chats(stage, contacts):
    """A few conversations on a stage: kind -> ids of what there is of them."""
    for asks in talked(stage.ws, stage.account, contacts, Random(1)):
        execute(stage.store, asks, Metadata(), datetime.now(UTC))
    talks = [Talk(stage.ws, stage.account, contact_id) for contact_id in contacts]
    kept = asyncio.run(stage.files.put(stage.ws, _photo(), len(PHOTO)))
    assert kept.sha256 == PHOTO_SHA256
    return {
        "file": [talks[0].of_file(talks[0].heard(f"{talks[0].id.hex}.4"))["file_id"]],
        "conversation": [talk.id for talk in talks],
        "call": [ids.call_id(stage.account, f"c.{talk.id.hex}.0") for talk in talks],
        "team": [uuid5(stage.ws, "team")],
        "rule": [uuid5(stage.ws, "rule")],
    }
