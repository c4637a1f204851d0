"""What providers report of numbers, templates, people and messages: a part of `tests.histories`."""

from datetime import timedelta
from uuid import UUID

from domain import account as acc
from domain import contact as con
from domain import identifier as idf
from domain import ids
from domain import message as msg
from domain import template as tpl
from tests.examples import ACCOUNT, CAMPAIGN, CONTACT, TEMPLATE, WORKSPACE

SOMEBODY = UUID(int=101)
NAMED = UUID(int=821)
WS = {"workspace_id": WORKSPACE}
FIELDS = {
    "message_template_status_update": ("APPROVED", "PAUSED", "FLAGGED", "REJECTED"),
    "message_template_quality_update": ("GREEN", "YELLOW", "RED"),
    "template_category_update": ("MARKETING", "UTILITY"),
    "message_template_components_update": ("",),
}


def reports(world, choose):
    """One webhook about something."""
    choose((_number, _template, _wish, _person, _message))(world, choose)


def _told(world, choose, field, event):
    at = world.now - timedelta(seconds=choose((0, 3, 600)))
    return {
        "report_id": f"{field}:{event}:{choose('123')}",
        "field": field,
        "event": event,
        "at": choose((at, None)),
        "details": {"event": event},
    }


def _number(world, choose):
    told = _told(world, choose, "phone_number_quality_update", choose(("FLAGGED", "UPGRADE")))
    quality, tier = choose(("", "RED", "YELLOW")), choose(("", "TIER_1K"))
    command = acc.ReportNumber(
        **WS, account_id=ACCOUNT, **told, quality=quality, tier=tier, pause=choose(("", "", "ban"))
    )
    world.ask(acc.account, ACCOUNT, command)


def _template(world, choose):
    field = choose(tuple(FIELDS))
    told = _told(world, choose, field, choose(FIELDS[field]))
    world.ask(tpl.template, TEMPLATE, tpl.ReportTemplate(**WS, template_id=TEMPLATE, **told))


def _wish(world, choose):
    about = {**WS, "contact_id": choose((CONTACT, SOMEBODY)), "account_id": ACCOUNT}
    category = choose(("marketing_messages", "news"))
    command = con.ReportPreference(
        **about,
        category=category,
        value=choose(("stop", "resume", "signup")),
        at=world.now - timedelta(seconds=choose((0, 900))),
        details={"detail": "said so"},
    )
    world.ask(con.contact, about["contact_id"], command)


def _person(world, choose):
    """Named by an id that another contact may have."""
    about = {**WS, "contact_id": choose((CONTACT, SOMEBODY, NAMED))}
    name, phone = choose(("Ana", "")), choose(("", "+628155500001"))
    world.ask(con.contact, about["contact_id"], con.MeetContact(**about, phone=phone, name=name))
    stream = ids.identifier_id(WORKSPACE, "bsuid", "ID.77")
    world.ask(idf.identifier, stream, idf.OfferIdentifier(**about, kind="bsuid", value="ID.77"))


def _message(world, choose):
    id_ = ids.message_id(CAMPAIGN, CONTACT)
    command = msg.ReportMessage(
        **WS,
        message_id=id_,
        reported=choose(("deleted", "read")),
        participant=choose(("", "62811")),
        at=world.now,
        details={"recipient_type": "group"},
    )
    world.ask(msg.message, id_, command)
