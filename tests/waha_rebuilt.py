"""Events of WAHA, put together again from what the read API answers, and what they said that is to
be found there. Without the code that takes events apart: whatever that forgets is missing here.
"""

from datetime import datetime

from tests.waha_bodies import ME

NOT_OF_THE_MESSAGE = {
    "_data": "the engine's own view of all the others; the name in it is the contact's",
    "ack": "how far it had come then: a later event says more",
    "ackName": "the same in words",
    "mediaUrl": "an older name of media.url",
}
ACKS = {1: "sent", 2: "delivered", 3: "read", 4: "played"}
FAMILIES = {"image", "video", "audio", "document", "sticker"}


def told(payload):
    """What a message's payload says: null, an empty list and no file say nothing."""
    said = {key: value for key, value in payload.items() if key not in NOT_OF_THE_MESSAGE}
    said["timestamp"] = float(said["timestamp"])
    own = "from" if payload["fromMe"] else "to"
    assert said.pop(own) == ME
    file = said.get("media")
    if file:
        said["media"] = {key: value for key, value in file.items() if value is not None}
    return {key: value for key, value in said.items() if value not in (None, [], False)}


def instant(shown):
    return datetime.fromisoformat(shown).timestamp()


def whole(id_, chat):
    return id_ if "_" in id_ else f"true_{chat}_{id_}"


def envelope(id_, at, sender, *, mine):
    (chat,) = sender.values()
    return {"id": whole(id_, chat), "timestamp": instant(at), **sender} | (
        {"fromMe": True} if mine else {}
    )


def content(said):
    """What is shown of a place or of cards is made of them."""
    details = dict(said.get("details") or {})
    made_of = details.keys() & {"location", "vCards"}
    built = {"body": "" if made_of else said["text"] or "", **details}
    file, failed = said.get("media"), built.pop("media_error", None)
    if said["kind"] in FAMILIES:
        names = {"url": "url", "mime_type": "mimetype", "filename": "filename"}
        built["hasMedia"] = True
        built["media"] = {names[k]: value for k, value in file.items() if k in names and value}
        built["media"] |= {"error": failed} if failed else {}
    return built


def message(item):
    mine = item["direction"] == "out"
    return envelope(item["provider_id"], item["at"], item["sender"], mine=mine) | content(item)


def edit(item, made):
    around = envelope(made["edit_id"], made["at"], made["sender"], mine=item["direction"] == "out")
    key = item["provider_id"].rpartition("_")[2]
    return around | content(made["content"]) | {"editedMessageId": key}


def reaction(item, made):
    (chat,) = made["sender"].values()
    around = envelope(
        made["provider_id"], made["at"], made["sender"], mine=made["by"] != "customer"
    )
    said = {"text": made["emoji"], "messageId": whole(item["provider_id"], chat)}
    return around | {"reaction": said, "body": "", "source": "app"}


def call(id_, step):
    names = {"ringing": "received", "accepted": "accepted", "rejected": "rejected"}
    return f"call.{names[step['step']]}", {"id": id_, **step["details"]}
