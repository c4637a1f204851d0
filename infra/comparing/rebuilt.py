"""Items of webhook payloads, put together again from what the read API answers.

Written for the formats on both sides, without the code that takes payloads apart: whatever that
code forgets is missing here.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

Json = Mapping[str, Any]
Built = dict[str, Any]

SIDES: Final = (
    "from",
    "from_user_id",
    "from_parent_user_id",
    "to",
    "to_user_id",
    "to_parent_user_id",
)
FILES: Final = frozenset({"image", "video", "audio", "document", "sticker"})
FILE_FIELDS: Final[Mapping[str, str]] = {
    "id": "media_id",
    **{name: name for name in ("url", "mime_type", "sha256", "filename", "voice", "animated")},
}


def seconds(instant: str | None) -> str:
    """As webhooks write an instant."""
    return str(int(datetime.fromisoformat(instant).timestamp())) if instant else ""


def contact(sender: Json, like: Json) -> Built:
    """An entry of `contacts`: what is in the profile there is beside the rest here."""
    profile = like.get("profile")
    inside = profile.keys() if isinstance(profile, dict) else ()
    built: Built = {key: sender.get(key) for key in like if key != "profile" and key in sender}
    if isinstance(profile, dict):
        built["profile"] = {key: sender[key] for key in inside if key in sender}
    return built


def content(said: Json) -> Built:
    """A message without its envelope."""
    details = dict(said.get("details") or {})
    kind = details.pop("type", said["kind"]) if said["kind"] == "unsupported" else said["kind"]
    built: Built = {"type": kind, **details}
    if kind == "text" and "text" not in built:
        built["text"] = {"body": said.get("text") or ""}
    return _with_file(built, said, kind)


def _with_file(built: Built, said: Json, kind: str) -> Built:
    """Where a file is, is read from its own place, so that this is compared as well."""
    media = said.get("media")
    if kind not in FILES or not isinstance(media, dict) or not isinstance(built.get(kind), dict):
        return built
    shown = {
        name: media.get(ours, built[kind][name])
        for name, ours in FILE_FIELDS.items()
        if name in built[kind]
    }
    return {**built, kind: {**built[kind], **shown}}


def envelope(provider_id: str, at: str | None, sender: Json | None) -> Built:
    sides = {side: sender[side] for side in SIDES if side in sender} if sender else {}
    return {"id": provider_id, "timestamp": seconds(at), **sides}


def message(item: Json) -> Built:
    return envelope(item["provider_id"], item["at"], item["sender"]) | content(item)


def edit(item: Json, made: Json) -> Built:
    told = {"original_message_id": item["provider_id"], "message": content(made["content"])}
    around = envelope(made["edit_id"], made["at"], made["sender"])
    return around | {"type": "edit", "edit": told}


def revocation(item: Json) -> Built:
    told = item["revocation"] or {}
    around = envelope(told.get("revoke_id", ""), item["revoked_at"], told.get("sender"))
    return around | {"type": "revoke", "revoke": {"original_message_id": item["provider_id"]}}


def reaction(item: Json, made: Json) -> Built:
    told = {"message_id": item["provider_id"]}
    if made["emoji"]:
        told["emoji"] = made["emoji"]
    around = envelope(made["provider_id"], made["at"], made["sender"])
    return around | {"type": "reaction", "reaction": told}


def status(wamid: str, report: Json) -> Built:
    """`recipient` is the entry of `contacts` that goes with it."""
    details = {key: said for key, said in report["details"].items() if key != "recipient"}
    told = {"id": wamid, "status": report["event"], "timestamp": seconds(report["at"])}
    return told | details


def call(provider_id: str, step: Json) -> Built:
    details = {key: said for key, said in step["details"].items() if key != "sender"}
    return {"id": provider_id, "timestamp": seconds(step["at"]), **details}


def preference(report: Json) -> Built:
    details = {key: said for key, said in report["details"].items() if key != "sender"}
    return {**details, "timestamp": int(seconds(report["at"]))}
