"""For each operation one request that must succeed, in the order in which they can."""

from tests.command_site import VERIFY_TOKEN

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
        "POST /v1/contacts/import": {
            "headers": {"Idempotency-Key": "a-file"},
            "body": "phone,first_name\n+6281311113333,Ana\n",
            "media_type": "text/csv",
        },
        "GET /webhooks/whatsapp": {"query": asked},
        **_EVERYWHERE,
    }


def read_requests(world):
    """What each operation of the read API is sent, by its label."""
    days = {"from": "2026-03-01", "to": "2026-03-31"}
    kinds = ("account", "campaign", "contact", "group", "import", "template")
    return {
        **{f"GET /v1/{kind}s": {} for kind in kinds},
        **{f"GET /v1/{kind}s/{{{kind}_id}}": {} for kind in kinds},
        f"GET {_CONTACT}/timeline": {},
        f"GET {_CAMPAIGN}/messages": {},
        "GET /v1/messages/{message_id}": {},
        "GET /v1/imports/{import_id}/rows.csv": {},
        "GET /v1/dashboard": {},
        "GET /v1/analytics/daily": {"query": days},
        **_EVERYWHERE,
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
