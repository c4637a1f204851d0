"""Webhook bodies in the wire format of the Cloud API, small enough to read."""

import json
import time

from domain import ids
from tests.stage import NUMBER, WABA


def body(*changes, waba=WABA):
    """One entry with those changes."""
    return envelope({"id": waba, "time": int(time.time()), "changes": list(changes)})


def envelope(*entries):
    return json.dumps({"object": "whatsapp_business_account", "entry": list(entries)}).encode()


def change(field, **value):
    return {"field": field, "value": value}


def messages(number=NUMBER, **value):
    metadata = {"display_phone_number": "15550000001", "phone_number_id": number}
    return change("messages", messaging_product="whatsapp", metadata=metadata, **value)


def status(message_id, name, wamid="wamid.A", *, at=1_800_000_000, code=0, **more):
    """`message_id` None: a status without what we sent along."""
    found = {"id": wamid, "status": name, "timestamp": str(at), "recipient_id": "491550"}
    if message_id is not None:
        found["biz_opaque_callback_data"] = ids.show("message", message_id)
    if code:
        details = {"details": "more words"}
        found["errors"] = [{"code": code, "title": "words", "error_data": details}]
    return found | more


def statuses(*found, number=NUMBER):
    return messages(number, statuses=list(found))


def preference(value, wa_id="491550000001", *, at=1_800_000_000, number=NUMBER, **more):
    wish = {"wa_id": wa_id, "category": "marketing_messages", "value": value, "timestamp": at}
    return under("user_preferences", number, user_preferences=[wish | more])


def under(field, number=NUMBER, **value):
    """A change of one number, of another field than messages."""
    return messages(number, **value) | {"field": field}


def template(event, name="spring", language="en_US", id_=1689, **more):
    return change(
        "message_template_status_update",
        event=event,
        message_template_id=id_,
        message_template_name=name,
        message_template_language=language,
        **{"reason": "NONE"} | more,
    )
