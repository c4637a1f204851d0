"""What providers report: of a person, an identifier, a template, a message. Each report counts once."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from domain.contact import (
    ContactAdded,
    ContactChanged,
    ContactDeleted,
    ContactOptedIn,
    ContactOptedOut,
    MeetContact,
    MoveContact,
    PreferenceReported,
    Profile,
    ReportPreference,
    contact,
)
from domain.identifier import (
    ClaimIdentifier,
    IdentifierClaimed,
    IdentifierDisputed,
    IdentifierReleased,
    OfferIdentifier,
    identifier,
)
from domain.message import MessageReported, ObserveStatus, ReportMessage, message
from domain.template import (
    ReportTemplate,
    TemplateApproved,
    TemplateCategoryChanged,
    TemplateDisabled,
    TemplatePaused,
    TemplateQualityChanged,
    TemplateRejected,
    TemplateReported,
    template,
)
from tests.examples import (
    ACCOUNT,
    CONTACT,
    MESSAGE,
    OTHER_CONTACT,
    TEMPLATE,
    WORKSPACE,
    accepted,
    added,
    ana,
    attempted,
    queued,
    submission,
)
from tests.spec import NOW, given

ids = {"workspace_id": WORKSPACE, "contact_id": CONTACT}
PHONE, NEW_PHONE = "+4915500000001", "+4915500000009"
LATER, EARLIER = NOW + timedelta(seconds=1), NOW - timedelta(seconds=1)


def by_webhook(phone=PHONE, first_name="Ana"):
    profile = Profile(phone=phone, first_name=first_name)
    return ContactAdded(**ids, profile=profile, source="webhook")


def meet(phone=PHONE, name="Ana"):
    return MeetContact(**ids, phone=phone, name=name)


def changed(before, after):
    return ContactChanged(**ids, before=before.profile, profile=after.profile)


def test_a_person_is_met_once():
    given(contact).when(meet()).then(by_webhook())
    given(contact, by_webhook()).when(meet(name="Anna")).then()
    given(contact).when(meet("", "")).then(by_webhook("", ""))


@pytest.mark.parametrize(
    ("known", "told"),
    [(by_webhook(first_name=""), meet()), (by_webhook(phone=""), meet())],
)
def test_what_was_not_known_of_a_person_is_filled_in(known, told):
    given(contact, known).when(told).then(changed(known, by_webhook()))


def test_a_contact_of_the_company_keeps_its_name():
    nameless = ContactAdded(**ids, profile=Profile(phone=PHONE), source="api")
    given(contact, nameless).when(meet()).then()
    given(contact, added).when(meet(ana.phone, "Somebody")).then()


def test_a_deleted_contact_is_met_and_stays_deleted():
    gone = ContactDeleted(**ids, groups=())
    given(contact, by_webhook(), gone).when(meet()).then()


def test_messages_go_to_the_number_a_person_moves_to():
    move = MoveContact(**ids, was=PHONE, phone=NEW_PHONE)
    given(contact, by_webhook()).when(move).then(changed(by_webhook(), by_webhook(NEW_PHONE)))
    given(contact, by_webhook("+4915500000005")).when(move).then()
    given(contact).when(move).refused("not_found")


def wish(value="stop", at=NOW, category="marketing_messages"):
    about = {"account_id": ACCOUNT, "category": category, "details": {"detail": "said so"}}
    return ReportPreference(**ids, value=value, at=at, **about)


def uttered(value="stop", at=NOW, category="marketing_messages", newest=True):
    about = {"account_id": ACCOUNT, "category": category, "details": {"detail": "said so"}}
    return PreferenceReported(**ids, value=value, at=at, newest=newest, **about)


out = ContactOptedOut(**ids, source="webhook", reason="stopped marketing messages")
back = ContactOptedIn(**ids, source="webhook", was_opted_out=True)


def test_consent_follows_the_last_wish():
    given(contact, added).when(wish()).then(uttered(), out)
    given(contact, added, uttered(), out).when(wish("resume", LATER)).then(
        uttered("resume", LATER), back
    )
    given(contact, added, uttered(), out).when(wish("stop", LATER)).then(uttered(at=LATER))


def test_a_wish_that_comes_late_is_a_fact_and_changes_nothing():
    late = uttered("resume", EARLIER, newest=False)
    given(contact, added, uttered(), out).when(wish("resume", EARLIER)).then(late)


def test_other_wishes_are_facts_only():
    given(contact, added).when(wish("signup")).then(uttered("signup"))
    pigeons = {"category": "carrier_pigeons"}
    given(contact, added).when(wish(**pigeons)).then(uttered(**pigeons))


def test_an_identifier_that_another_contact_has_stays_there():
    about = {"workspace_id": WORKSPACE, "kind": "bsuid", "value": "DE.77"}
    claimed = IdentifierClaimed(**about, contact_id=CONTACT)
    offer = OfferIdentifier(**about, contact_id=OTHER_CONTACT)
    disputed = IdentifierDisputed(**about, contact_id=OTHER_CONTACT, holder_id=CONTACT)
    given(identifier, claimed).when(offer).then(disputed)
    given(identifier, claimed, disputed).when(offer).then()
    released = IdentifierReleased(**about, contact_id=CONTACT)
    theirs = IdentifierClaimed(**about, contact_id=OTHER_CONTACT)
    given(identifier, claimed, disputed, released).when(offer).then(theirs)
    claim = ClaimIdentifier(**about, contact_id=OTHER_CONTACT)
    given(identifier, claimed).when(claim).refused("identifier_taken")


template_ids = {"workspace_id": WORKSPACE, "template_id": TEMPLATE}
submitted = template.decide(template.initial, submission, NOW)[0]
approved = TemplateApproved(**template_ids, was="submitted")
STATUS = "message_template_status_update"


def told(field, event, report_id="1", at=NOW):
    details = {"event": event}
    return {
        "report_id": report_id,
        "field": field,
        "event": event,
        "details": details,
        "at": at,
    }


@pytest.mark.parametrize(
    ("past", "event", "follows"),
    [
        ([], "APPROVED", TemplateApproved(**template_ids, was="submitted")),
        ([], "REJECTED", TemplateRejected(**template_ids, reason="why", was="submitted")),
        ([approved], "PAUSED", TemplatePaused(**template_ids, reason="why", was="approved")),
        ([approved], "LOCKED", TemplatePaused(**template_ids, reason="why", was="approved")),
        ([approved], "DELETED", TemplateRejected(**template_ids, reason="why", was="approved")),
        ([approved], "DISABLED", TemplateDisabled(**template_ids, reason="why", was="approved")),
        ([approved], "FLAGGED", None),
        ([approved], "APPROVED", None),
        ([], "PAUSED", None),
        ([], "IN_APPEAL", None),
    ],
)
def test_a_template_follows_what_is_reported_of_its_status(past, event, follows):
    reported = ReportTemplate(**template_ids, **told(STATUS, event), reason="why")
    fact = TemplateReported(**template_ids, **told(STATUS, event))
    facts = [fact] if follows is None else [fact, follows]
    given(template, submitted, *past).when(reported).then(*facts)


def test_a_status_that_comes_late_is_a_fact_and_changes_nothing():
    again = [
        TemplateReported(**template_ids, **told(STATUS, "REINSTATED")),
        approved,
    ]
    late = told(STATUS, "PAUSED", "2", EARLIER)
    given(template, submitted, *again).when(ReportTemplate(**template_ids, **late)).then(
        TemplateReported(**template_ids, **late)
    )


def test_quality_and_category_are_what_was_reported_last():
    quality = told("message_template_quality_update", "YELLOW")
    given(template, submitted).when(ReportTemplate(**template_ids, **quality)).then(
        TemplateReported(**template_ids, **quality),
        TemplateQualityChanged(**template_ids, quality="YELLOW", was=""),
    )
    category = told("template_category_update", "UTILITY")
    given(template, submitted).when(ReportTemplate(**template_ids, **category)).then(
        TemplateReported(**template_ids, **category),
        TemplateCategoryChanged(**template_ids, category="UTILITY", was=submitted.category),
    )
    parts = told("message_template_components_update", "")
    given(template, submitted).when(ReportTemplate(**template_ids, **parts)).then(
        TemplateReported(**template_ids, **parts)
    )


def test_nothing_is_reported_of_a_template_that_is_not_there():
    given(template).when(ReportTemplate(**template_ids, **told(STATUS, "APPROVED"))).refused(
        "not_found"
    )


def test_a_members_report_changes_no_count_and_counts_once_for_each():
    about = {"workspace_id": WORKSPACE, "message_id": MESSAGE}
    said = {"reported": "read", "at": NOW, "details": {"recipient_type": "group"}}
    report = ReportMessage(**about, **said, participant="62811")
    past = [queued, attempted, accepted]
    (fact,) = message.decide(message.fold(past), report, NOW)
    assert isinstance(fact, MessageReported)
    assert (fact.status, fact.newly, fact.no_longer) == ("accepted", (), ())
    given(message, *past).when(report).then(fact)
    other = ReportMessage(**about, **said, participant="62812")
    assert message.decide(message.fold([*past, fact]), other, NOW)
    given(message).when(report).refused("not_found")


def test_what_is_said_beside_a_status_is_kept_with_it():
    price, whose = {"pricing": {"billable": True}}, {"recipient_id": "62811"}
    about = {"workspace_id": WORKSPACE, "message_id": MESSAGE, "wamid": "wamid.A", "at": NOW}
    for status in ("sent", "delivered", "read", "played", "failed"):
        command = ObserveStatus(**about, status=status, details=price | whose)
        (fact,) = message.decide(message.fold([queued, attempted, accepted]), command, NOW)
        assert fact.details == price
        outside = replace(message.fold([queued, attempted, accepted]), campaign_id=None)
        (fact,) = message.decide(outside, command, NOW)
        assert fact.details == price | whose
