"""What is talked about with customers, at random: a part of `tests.histories`."""

from datetime import timedelta
from uuid import UUID, uuid5

from commands.execute import Ask
from domain import canned_reply as can
from domain import conversation as cnv
from domain import file as fil
from domain import identifier as idf
from domain import readers as rdr
from domain import team as tem
from domain.inbound import Media
from tests.examples import ACCOUNT, CONTACT, WORKSPACE
from tests.talks import COLLEAGUE, ME, TEAM, Talk, sent

TALKERS = (CONTACT, UUID(int=101))
NUMBERS = (ACCOUNT, UUID(int=202))
REPLY, LID = UUID(int=811), UUID(int=812)
TEXTS = ("Halo", "Where is my order?", "مرحبا", "Terima kasih 🙏", "")
WS = {"workspace_id": WORKSPACE}
READERS = rdr.readers_id(WORKSPACE)


def tell(world, asks):
    """Together or not at all, as an append would have it."""
    for ask in asks:
        before = len(world.log)
        world.ask(ask.decider, ask.stream_id, ask.command)
        if len(world.log) == before and ask is asks[0]:
            return


def chats(world, choose):
    """One turn of a conversation, or of what is kept beside them."""
    talk = Talk(WORKSPACE, choose(NUMBERS), choose(TALKERS))
    wamid, at = f"wamid.{choose(range(8))}", world.now - timedelta(seconds=choose((0, 0, 90)))
    message_id, text = uuid5(talk.id, choose("12345678")), choose(TEXTS)
    new, begun = message_id not in world.states, world.states.get(READERS, rdr.readers.initial)
    now = {"era": begun.era}
    turns = (
        lambda: talk.customer(wamid, at, text, answers=choose(("", "wamid.1")), **now),
        lambda: talk.customer(wamid, at, text, **now),
        lambda: talk.customer(wamid, at, text, "image", media=Media(media_id=wamid), **now),
        lambda: [_reads(talk, begun, choose)],
        lambda: [_reader(talk, choose)],
        lambda: [_file(talk, talk.heard(wamid), choose)],
        lambda: talk.phone(f"phone.{wamid}", at, text),
        lambda: _reply(talk, message_id, text, choose) if new else [],
        lambda: sent(WORKSPACE, message_id, wamid, choose(("sent", "read")), at=world.now),
        lambda: [_about(world, talk, wamid, at, text)],
        lambda: [_step(talk, choose, world.now)],
        lambda: [_step(talk, choose, world.now)],
        lambda: [_kept(choose)],
    )
    tell(world, choose(turns)())


def _reply(talk, message_id, text, choose):
    return talk.reply(message_id, text, choose((ME, COLLEAGUE, None)), choose((False, True)))


def _file(talk, message_id, choose):
    """One that came with a message, whichever it was."""
    about = talk.of_file(message_id)
    found = {"sha256": choose("ab") * 64, "size": 3, "mime_type": "image/png", "origin": "inbound"}
    kept, given_up = fil.StoreFile(**about, **found), fil.GiveUpFile(**about, why="it is gone")
    again = fil.FetchAgain(**WS, file_id=about["file_id"])
    shown = fil.ShowFile(**WS, file_id=about["file_id"], account_id=choose(NUMBERS))
    return Ask(fil.file, about["file_id"], choose((kept, given_up, given_up, again, shown)))


def _about(world, talk, wamid, at, text):
    steps = ("ringing", "accepted", "rejected", "ended")
    choose = world.random.choice
    (ask,) = choose(
        (
            talk.edit(wamid, at, text, choose(("e1", "e2"))),
            talk.revoke(wamid, at),
            talk.react(wamid, at, choose(("👍", "❤️", "")), echo=choose((False, True))),
            talk.call(f"call.{wamid}", choose(steps), at, seconds=choose((None, 30))),
        )
    )
    return ask


def _step(talk, choose, now):
    who, note = choose((ME, COLLEAGUE)), uuid5(talk.id, choose("note"))
    later = now + timedelta(hours=choose((1, 30)))
    (ask,) = choose(
        (
            talk.ask(cnv.StartConversation, **_of(talk), by="customer"),
            talk.ask(cnv.ResolveConversation, user_id=who),
            talk.ask(cnv.ReopenConversation, user_id=who),
            talk.ask(cnv.SetPending, user_id=who),
            talk.ask(cnv.SnoozeConversation, until=later),
            talk.ask(cnv.WakeConversation),
            talk.ask(
                cnv.AssignConversation, user_id=choose((who, None)), team_id=choose((TEAM, None))
            ),
            talk.ask(cnv.PrioritiseConversation, priority=choose(("none", "urgent"))),
            talk.ask(cnv.LabelConversation, add=(choose(("VIP", "new")),)),
            talk.ask(cnv.LabelConversation, remove=(choose(("vip", "new")),)),
            talk.ask(cnv.AddNote, note_id=note, text="called back", by=who),
            talk.ask(cnv.RemoveNote, note_id=note, by=who),
            talk.ask(cnv.PauseBot, until=later, by=who),
            talk.ask(cnv.ResumeBot, by=who),
        )
    )
    return ask


def _reads(talk, begun, choose):
    """As far as they saw. What they knew of their own beginning may be old by then."""
    who, tell, seen = choose((ME, COLLEAGUE)), choose((True, False)), choose((None, 1, 2))
    since = choose((begun.since(who, talk.account_id),) * 4 + (0,))
    (ask,) = talk.ask(cnv.ReadConversation, user_id=who, tell=tell, seen=seen, since=since)
    return ask


def _reader(talk, choose):
    about = {**WS, "user_id": choose((ME, COLLEAGUE))}
    one, everything = {"account_ids": (talk.account_id,)}, {"everything": True}
    kept = {**everything, "but": frozenset({talk.account_id})}
    begin = rdr.BeginReading(**about, **choose((one, everything, kept)))
    return Ask(rdr.readers, READERS, begin)


def _of(talk):
    return {"contact_id": talk.contact_id, "account_id": talk.account_id}


def _lid(contact_id):
    return {**WS, "contact_id": contact_id, "kind": "waha", "value": "1@lid"}


def _kept(choose):
    crew = tem.Crew(name="Support", members=choose(((ME,), (ME, COLLEAGUE))))
    team, reply = {**WS, "team_id": TEAM}, {**WS, "reply_id": REPLY}
    return choose(
        (
            Ask(tem.team, TEAM, tem.CreateTeam(**team, crew=crew)),
            Ask(tem.team, TEAM, tem.ChangeTeam(**team, crew=crew)),
            Ask(tem.team, TEAM, tem.DeleteTeam(**team)),
            Ask(can.canned_reply, REPLY, can.AddCannedReply(**reply, short_code="hi", text="Halo")),
            Ask(
                can.canned_reply, REPLY, can.ChangeCannedReply(**reply, text=choose(("Hi", "Hai")))
            ),
            Ask(can.canned_reply, REPLY, can.DeleteCannedReply(**reply)),
            Ask(idf.identifier, LID, idf.ClaimIdentifier(**_lid(CONTACT))),
            Ask(idf.identifier, LID, idf.ClaimIdentifier(**_lid(TALKERS[1]))),
            Ask(idf.identifier, LID, idf.ReleaseIdentifier(**_lid(choose(TALKERS)))),
        )
    )
