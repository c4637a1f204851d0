"""For each operation one request that must succeed, in the order in which they can."""

from tests.command_site import VERIFY_TOKEN
from tests.openapi_people import people_requests

_TEXT = {"language": "en", "category": "UTILITY", "body": "Hi {{1}}"}
_NUMBER = {"phone_number_id": "77", "waba_id": "1", "display_phone_number": "+62 811 111"}
_CONTACT, _CAMPAIGN = "/v1/contacts/{contact_id}", "/v1/campaigns/{campaign_id}"
_ACCOUNT = "/v1/accounts/{account_id}"
_MEMBER = "/v1/groups/{group_id}/contacts/{contact_id}"
_REASON = {"body": {"reason": "asked by phone"}}
_EVERYWHERE = {
    "GET /-/healthy": {},
    "GET /-/metrics": {},
    "GET /-/ready": {},
    "GET /problems/{code}": {"path_parameters": {"code": "version_stale"}},
    "GET /openapi.json": {},
}


def command_requests(world):
    """What each operation of the command API is sent, by its label."""
    account_id, template_id = world.ids["account"][0], world.ids["template"][0]
    plan = {"account_id": account_id, "template_id": template_id, "audience": {"kind": "all"}}
    asked = {"hub.mode": "subscribe", "hub.challenge": "1", "hub.verify_token": VERIFY_TOKEN}
    return {
        **_of_chats(world),  # while the number is connected and its customers are there
        "POST /v1/contacts": {"body": {"phone": "+6281311112222", "first_name": "Ana"}},
        f"PATCH {_CONTACT}": {"body": {"first_name": "Budi"}},
        f"POST {_CONTACT}/opt-out": _REASON,
        f"POST {_CONTACT}/opt-in": {"body": {}},
        f"POST {_CONTACT}/block": _REASON,
        f"POST {_CONTACT}/restore": {"body": {}},
        "POST /v1/groups": {"body": {"name": "Regulars"}},
        f"PUT {_MEMBER}": {},
        f"DELETE {_MEMBER}": {},
        f"DELETE {_CONTACT}": {},
        "POST /v1/accounts": {"body": _NUMBER},
        "POST /v1/templates": {"body": {"account_id": account_id, "name": "news", **_TEXT}},
        "POST /v1/campaigns": {
            "headers": {"Idempotency-Key": "a-campaign"},
            "body": {"name": "Eid", **plan, "variables": {"1": "{first_name}"}},
        },
        f"PATCH {_CAMPAIGN}": {"body": {"name": "Eid again"}},
        f"POST {_CAMPAIGN}/schedule": {"body": {"at": "2096-04-01T09:00:00+07:00"}},
        f"POST {_CAMPAIGN}/launch": {"body": {}},
        f"POST {_CAMPAIGN}/pause": _REASON,
        f"POST {_CAMPAIGN}/resume": {"body": {}},
        f"POST {_CAMPAIGN}/cancel": _REASON,
        f"POST {_ACCOUNT}/pause": _REASON,
        f"POST {_ACCOUNT}/resume": {"body": {}},
        f"POST {_ACCOUNT}/disconnect": _REASON,
        **_of_waha(world),
        **people_requests(world),
        "POST /v1/notifications/{notification_id}/read": {"body": {}},
        "POST /v1/notifications/read": {"body": {"through": world.ids["notification"][0]}},
        "POST /v1/contacts/import": {
            "headers": {"Idempotency-Key": "a-file"},
            "body": "phone,first_name\n+6281311113333,Ana\n",
            "media_type": "text/csv",
        },
        "POST /v1/files": {
            "headers": {"Idempotency-Key": "an-upload"},
            "query": {"filename": "hours.txt"},
            "body": "From nine to five",
            "media_type": "text/plain",
        },
        "POST /v1/files/{file_id}/fetch": {"body": {}},
        "GET /webhooks/whatsapp": {"query": asked},
        **_EVERYWHERE,
    }


def _of_chats(world):
    """What a team does."""
    chat, person = "/v1/conversations/{conversation_id}", world.ids["user"][0]
    template = {"template_id": world.ids["template"][0], "variables": {"1": "Ana"}}
    place = {"contact_id": world.ids["contact"][41], "account_id": world.ids["account"][0]}
    keyed = {"headers": {"Idempotency-Key": "a-reply"}}
    trigger = {"kind": "contains", "values": ["price"]}
    actions = {"labels": ["prices"], "user_id": person}
    return {
        "POST /v1/conversations": {**keyed, "body": {**place, **template}},
        f"POST {chat}/messages": {**keyed, "body": {"text": "Yes"}},
        f"POST {chat}/suggestions": {
            **keyed,
            "body": {"kind": "draft", "message_id": world.ids["message"][0]},
        },
        f"PATCH {chat}": {"body": {"priority": "high", "labels": ["VIP"]}},
        f"POST {chat}/typing": {"body": {}},
        f"PATCH {_ACCOUNT}": {"body": {"read_receipts": False}},
        f"POST {chat}/assign": {"body": {"user_id": person}},
        f"POST {chat}/read": {"body": {"seen": 1}},
        f"POST {chat}/snooze": {"body": {"until": "2090-01-01T00:00:00Z"}},
        f"POST {chat}/notes": {"body": {"text": "Rings twice"}},
        **{f"POST {chat}/{verb}": {"body": {}} for verb in ("resolve", "reopen", "pending")},
        **{f"POST {chat}/bot/{verb}": {"body": {}} for verb in ("pause", "resume")},
        f"DELETE {chat}/notes/{{note_id}}": {},
        "POST /v1/teams": {"body": {"name": "Support", "members": [person]}},
        "PATCH /v1/teams/{team_id}": {"body": {"capacity": 3}},
        "DELETE /v1/teams/{team_id}": {},
        "POST /v1/rules": {"body": {"name": "Prices", "trigger": trigger, "actions": actions}},
        "PATCH /v1/rules/{rule_id}": {"body": {"priority": 3}},
        **{f"POST /v1/rules/{{rule_id}}/{verb}": {"body": {}} for verb in ("enable", "disable")},
        "DELETE /v1/rules/{rule_id}": {},
        "POST /v1/canned-replies": {"body": {"short_code": "hours", "text": "From 9 to 5"}},
        "PATCH /v1/canned-replies/{reply_id}": {"body": {"text": "Closed"}},
        "DELETE /v1/canned-replies/{reply_id}": {},
        "POST /v1/workspace/working-hours": {
            "body": {"spans": [{"day": 0, "start_minute": 540, "end_minute": 1020}]}
        },
    }


def _of_waha(world):
    """What only a number has that is reached through WAHA."""
    one = {"path_parameters": {"account_id": world.ids["account"][1]}}
    does = ("allow-campaigns", "forbid-campaigns")
    session = ("start", "stop", "restart", "logout")
    return {
        **{f"POST {_ACCOUNT}/{what}": one for what in does},
        **{f"POST {_ACCOUNT}/session/{what}": one for what in session},
    }


def read_requests(world):
    """What each operation of the read API is sent, by its label."""
    days = {"from": "2026-03-01", "to": "2026-03-31"}
    kinds = ("account", "campaign", "contact", "group", "import", "template", "user")
    return {
        **{f"GET /v1/{kind}s": {} for kind in kinds},
        **{f"GET /v1/{kind}s/{{{kind}_id}}": {} for kind in kinds},
        f"GET {_ACCOUNT}/session": {},
        f"GET {_CONTACT}/timeline": {},
        f"GET {_CAMPAIGN}/messages": {},
        "GET /v1/messages/{message_id}": {},
        "GET /v1/imports/{import_id}/rows.csv": {},
        "GET /v1/dashboard": {},
        "GET /v1/workspace": {},
        "GET /v1/users/{user_id}/sessions": {},
        "GET /v1/me": {},
        "GET /v1/notifications": {},
        "POST /v1/stream/tickets": {},
        "GET /v1/analytics/daily": {"query": days},
        "GET /v1/analytics/chat": {"query": days},
        "GET /v1/analytics/ai": {},
        **{
            f"GET /v1/{kind}s/{{{kind}_id}}/reports": {}
            for kind in ("account", "contact", "message", "template")
        },
        **_reads_of_chats(),
        **_EVERYWHERE,
    }


def _reads_of_chats():
    one = "/v1/conversations/{conversation_id}"
    lists = ("conversations", "calls", "teams", "canned-replies", "inbox/counts", "rules")
    parts = ("", "/messages", "/notes", "/transcript")
    return {
        **{f"GET /v1/{path}": {} for path in lists},
        **{f"GET {one}{part}": {} for part in parts},
        f"GET {_CONTACT}/conversations": {},
        f"GET {_CONTACT}/identifiers": {},
        "GET /v1/calls/{call_id}": {},
        "GET /v1/files/{file_id}": {},
        "GET /v1/teams/{team_id}": {},
        "GET /v1/rules/{rule_id}": {},
        "GET /v1/rules/{rule_id}/dry-run": {},
        "GET /v1/messages/search": {"query": {"q": "halo"}},
    }


def complete(request, operation, world):
    """The request with the first of each kind in its path, and at its present version."""
    names = [parameter.name for parameter in operation.path_parameters]
    known = {f"{kind}_id": ids[0] for kind, ids in world.ids.items()}
    path = {name: known[name] for name in names if name in known}
    path |= request.get("path_parameters", {})
    headers = dict(request.get("headers", {}))
    if any(
        parameter.name == "If-Match" and parameter.is_required for parameter in operation.headers
    ):
        headers["If-Match"] = f'"{world.version(path)}"'
    return {**request, "path_parameters": path, "headers": headers}


def filled(described, request):
    """What a request needs besides its ids."""
    names = {parameter["name"] for parameter in described["parameters"]}
    version = {"If-Match": '"1"'} if "If-Match" in names else {}
    given = {"headers": {**version, **request.get("headers", {})}}
    if "requestBody" in described:
        given["json"] = request.get("body", {})
    return given
