"""Webhook payloads of our own, at least one of every kind there is, as the Cloud API shapes them."""

from tests.stage import NUMBER, WABA
from tests.webhook_chat import ANA, CALLS, ECHOES, FIRST, ITEMS, SHOWN, UNSUPPORTED

TEMPLATE = {
    "message_template_id": 1689,
    "message_template_name": "spring",
    "message_template_language": "en_US",
}
TEMPLATES = {
    "template_approved": (
        "message_template_status_update",
        {"event": "APPROVED", "reason": "NONE", "message_template_category": "MARKETING"},
    ),
    "template_rejected": (
        "message_template_status_update",
        {
            "event": "REJECTED",
            "reason": "INVALID_FORMAT",
            "rejection_info": {"reason": "No example.", "recommendation": "Give one."},
        },
    ),
    "template_flagged": (
        "message_template_status_update",
        {"event": "FLAGGED", "reason": "NONE", "disable_info": {"disable_date": "2026-12-01"}},
    ),
    "template_quality": (
        "message_template_quality_update",
        {"previous_quality_score": "GREEN", "new_quality_score": "YELLOW"},
    ),
    "template_category": (
        "template_category_update",
        {"previous_category": "MARKETING", "new_category": "UTILITY"},
    ),
    "template_components": (
        "message_template_components_update",
        {"message_template_element": "Hello {{1}}!", "message_template_footer": "Bye"},
    ),
}
ACCOUNT = {
    "account_deleted": {"event": "ACCOUNT_DELETED"},
    "account_violation": {
        "event": "ACCOUNT_VIOLATION",
        "violation_info": {"violation_type": "SCAM"},
    },
    "account_restricted": {
        "event": "ACCOUNT_RESTRICTION",
        "restriction_info": [
            {"restriction_type": "RESTRICTED_BIZ_INITIATED_MESSAGING", "expiration": FIRST}
        ],
    },
    "account_banned": {
        "event": "DISABLED_UPDATE",
        "ban_info": {"waba_ban_state": "DISABLE", "waba_ban_date": "May 1, 2026"},
    },
    "account_reinstated": {"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "REINSTATE"}},
    "account_offboarded": {"event": "ACCOUNT_OFFBOARDED"},
    "account_reconnected": {"event": "ACCOUNT_RECONNECTED"},
    "account_tier": {
        "event": "VOLUME_BASED_PRICING_TIER_UPDATE",
        "volume_tier_info": {"tier": "1:2", "region": "India", "pricing_category": "UTILITY"},
    },
    "account_partner_added": {
        "event": "PARTNER_ADDED",
        "waba_info": {"waba_id": WABA, "owner_business_id": "B-1"},
    },
    "account_partner_removed": {
        "event": "PARTNER_REMOVED",
        "waba_info": {"waba_id": WABA, "owner_business_id": "B-1"},
        "disconnection_info": {"reason": "PRIMARY_INACTIVITY", "initiated_by": "SYSTEM"},
    },
    "account_location": {"event": "BUSINESS_PRIMARY_LOCATION_COUNTRY_UPDATE", "country": "ID"},
}
NUMBERS = {
    "number_flagged": (
        "phone_number_quality_update",
        {"display_phone_number": SHOWN, "event": "FLAGGED", "current_limit": "TIER_1K"},
    ),
    "capability": (
        "business_capability_update",
        {"max_daily_conversations_per_business": "TIER_10K", "max_phone_numbers_per_business": 5},
    ),
    "alert": (
        "account_alerts",
        {
            "entity_type": "PHONE_NUMBER",
            "entity_id": NUMBER,
            "alert_info": {
                "alert_severity": "CRITICAL",
                "alert_status": "ACTIVE",
                "alert_type": "INCREASED_CAPABILITIES_ELIGIBILITY_DEFERRED",
                "alert_description": "Later.",
            },
        },
    ),
    "alert_of_account": (
        "account_alerts",
        {"entity_type": "WABA", "entity_id": WABA, "alert_info": {"alert_type": "CAPS"}},
    ),
}
WISHES = {
    "wish_stop": {"category": "marketing_messages", "value": "stop", "detail": "said so"},
    "wish_resume": {"category": "marketing_messages", "value": "resume", "detail": "again"},
    "wish_signup": {"category": "marketing_messages", "value": "signup", "signup_id": "31"},
    "wish_unheard_of": {"category": "carrier_pigeons", "value": "gladly"},
}
PRICE = {"billable": True, "pricing_model": "PMP", "type": "regular", "category": "service"}
STATUSES = {
    "status_sent": {"status": "sent", "pricing": PRICE, "conversation": {"id": "conv-1"}},
    "status_delivered": {"status": "delivered", "pricing": PRICE},
    "status_read": {"status": "read"},
    "status_played": {"status": "played"},
    "status_failed": {
        "status": "failed",
        "errors": [{"code": 131026, "title": "Undeliverable", "href": "https://errors.test"}],
    },
    "status_deleted": {"status": "deleted"},
    "status_tracked": {"status": "sent", "biz_opaque_callback_data": "order 9", "pricing": PRICE},
    "status_of_member": {
        "status": "read",
        "recipient_id": "G-1",
        "recipient_type": "group",
        "recipient_participant_id": "4915500000002",
    },
}


def _value(number, **parts):
    metadata = {"display_phone_number": SHOWN, "phone_number_id": number}
    return {"messaging_product": "whatsapp", "metadata": metadata, **parts}


def payload(field, value, **entry):
    """One body with one change."""
    whose = {"id": WABA} | entry
    changes = [{"field": field, "value": value}]
    return {"object": "whatsapp_business_account", "entry": [whose | {"changes": changes}]}


def inbound(item, contacts=(ANA,), number=NUMBER, **more):
    """What Ana writes."""
    given = {"from": "4915500000001", "from_user_id": "DE.77", "timestamp": str(FIRST)}
    message = given | {"id": f"wamid.{item['type']}"} | item
    shown = {"contacts": list(contacts)} if contacts else {}
    return payload("messages", _value(number, **shown, messages=[message], **more))


def _all():
    for n, (name, item) in enumerate(ITEMS.items()):
        yield name, inbound(item | {"id": f"wamid.I{n}", "timestamp": str(FIRST + n)})
    moved = {"type": "user_changed_number", "wa_id": "4915500000009", "body": "changed"}
    yield "number_changed", inbound({"type": "system", "id": "wamid.S", "system": moved}, None)
    odd = inbound({"type": "interactive", "id": "wamid.ODD"}, errors=[UNSUPPORTED])
    yield "interactive_with_error", odd
    for n, (name, item) in enumerate(ECHOES.items()):
        sides = {"from": SHOWN, "to": "4915500000001", "to_user_id": "DE.77"}
        echo = sides | {"id": f"wamid.E{n}", "timestamp": str(FIRST + n)} | item
        value = _value(NUMBER, contacts=[ANA], message_echoes=[echo])
        yield name, payload("smb_message_echoes", value)
    for n, (name, item) in enumerate(CALLS.items()):
        yield name, _call({"id": f"wacid.{n}", "timestamp": str(FIRST + n)} | item)
    ringing = {"id": "wacid.R", "type": "call", "status": "RINGING", "timestamp": str(FIRST)}
    value = _value(NUMBER, contacts=[ANA], statuses=[ringing | {"recipient_id": "4915500000001"}])
    yield "call_status", payload("calls", value)
    for n, (name, (field, told)) in enumerate(TEMPLATES.items()):
        yield name, payload(field, TEMPLATE | told, time=FIRST + n)
    for n, (name, told) in enumerate(ACCOUNT.items()):
        yield name, payload("account_update", told, time=FIRST + n)
    for n, (name, (field, told)) in enumerate(NUMBERS.items()):
        yield name, payload(field, told, time=FIRST + n)
    for n, (name, told) in enumerate(WISHES.items()):
        wish = {"wa_id": "4915500000001", "timestamp": FIRST + n} | told
        yield name, payload("user_preferences", _value(NUMBER, user_preferences=[wish]))
    for n, (name, told) in enumerate(STATUSES.items()):
        status = {"id": f"wamid.OUT{n}", "timestamp": str(FIRST + n)} | told
        status = {"recipient_id": "4915500000001"} | status
        yield name, payload("messages", _value(NUMBER, contacts=[ANA], statuses=[status]))
    yield "number_in_trouble", payload("messages", _value(NUMBER, errors=[UNSUPPORTED]))


def _call(item):
    ours, hers = SHOWN, "4915500000001"
    by_us = item["direction"] == "BUSINESS_INITIATED"
    sides = {"from": ours, "to": hers} if by_us else {"from": hers, "to": ours}
    return payload("calls", _value(NUMBER, contacts=[ANA], calls=[sides | item]))


PAYLOADS = dict(_all())
