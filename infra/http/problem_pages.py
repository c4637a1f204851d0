"""/problems/{code}: what a problem's type URL leads to, offline."""

import re
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from domain.access import Problem
from infra.http.openapi import operation

PAGES: Final = {
    "invalid": "One or more values are not acceptable. `errors` has every one with its place as a"
    " JSON pointer (`?name` for the query), a code and what would be right. Nothing was stored.",
    "json_malformed": "The body is not JSON. The detail has the line and column.",
    "content_type_unsupported": "The Content-Type is not one this address takes.",
    "body_too_large": "The body is larger than this address takes. Split it.",
    "file_too_large": "The file is larger than one of its type may be. The detail says how large that"
    " is; the limits are WhatsApp's.",
    "path_unknown": "Nothing answers at this path. /openapi.json has all paths.",
    "method_not_allowed": "The path exists, the method does not. `Allow` has those that do.",
    "unauthorised": "Send Authorization: Bearer and a key that is neither expired nor revoked, or"
    " the access token of a session that goes on. Access tokens last a quarter of an hour.",
    "permission_missing": "You are known, but your role or the scopes of your key do not include"
    " what this request needs. The detail names it, and who has it.",
    "sign_in_failed": "Workspace, e-mail and password do not go together. Which of them is wrong is"
    " told to nobody; somebody who was removed or has not joined yet gets the same answer.",
    "session_over": "The session was ended, has expired, or its user was removed or has another"
    " password. Sign in again.",
    "refresh_token_reused": "Each refresh token is good for one use. This one came a second time, so"
    " it may have been copied, and its session has been ended. Sign in again.",
    "too_many_requests": "Too many attempts. The next one is looked at after `Retry-After`.",
    "busy": "Too much of this is being done at the moment. Try again after `Retry-After`.",
    "owners_only": "Only an owner may make, change, remove or restore an owner.",
    "last_owner": "A workspace keeps one owner at least. Make somebody else an owner first.",
    "invitation_expired": "Invitations are good for a week. Ask for another one.",
    "invitation_used": "This invitation was accepted before. Sign in.",
    "invitation_void": "A later invitation took the place of this one, or it was withdrawn.",
    "not_found": "There is no such thing in the workspace of your key.",
    "file_not_here": "The file is known, its bytes are not here: they are still being fetched, or the"
    " provider did not give them. The detail says which.",
    "range_unsatisfiable": "The file ends before the part that was asked for begins.",
    "storage_away": "The storage of files does not answer. The log says why; ask again later.",
    "file_gone": "The storage has lost the bytes of this file. Restore it from its backup.",
    "not_with_provider": "The provider does not have the customer's file any more, or gives none that"
    " can be kept. The detail has its words. Ask the customer to send it again.",
    "identifier_taken": "A phone number belongs to one contact of a workspace. The detail names"
    " the contact that has it: change or restore that one.",
    "wrong_state": "The request does not fit the state it is in now. The detail names the states"
    " from which it would be possible.",
    "conflict": "Others changed the same thing at the same moment. Send the request again.",
    "version_stale": "It was changed since you read it. Read it again, and decide again.",
    "if_match_missing": "Send If-Match with the ETag you have read, so that nobody's change is"
    " overwritten unseen.",
    "if_match_invalid": 'If-Match is one ETag, exactly as it was given: a version in quotes, "17".',
    "idempotency_key_missing": "Send an Idempotency-Key, so that a repeated request has one effect.",
    "idempotency_key_invalid": "An Idempotency-Key has 1 to 255 visible ASCII characters.",
    "idempotency_key_reused": "The key was used for another request. Every request has its own;"
    " only a repetition has the same.",
    "window_closed": "The customer's last message is more than 24 hours old, and only approved"
    " templates can be sent. Send one; the customer's answer opens the conversation again.",
    "invalid_pattern": "A rule's pattern is in RE2's syntax: no back-references, no look-around, and"
    " of bounded size, so that none can be slow. The detail says what it stumbled over.",
    "ai_off": "The assistant makes no suggestions in this installation.",
    "ai_quota_used": "The day's suggestions of the workspace are used up. There are more tomorrow.",
    "private_link": "A link must lead to a place on the public internet. Names without a dot and"
    " addresses of private networks are refused, in whatever notation.",
    "link_not_taken": "WAHA runs within the network of the installation and would fetch a linked file"
    " from there, so its numbers take no links. Upload the file (`POST /v1/files`) and answer with"
    " its `file_id`; a template of such a number has no file in its header.",
    "message_of_another_conversation": "Only messages of the same conversation can be quoted or"
    " reacted to.",
    "number_taken": "The WhatsApp number is connected to another workspace of this installation.",
    "signature_wrong": "The webhook is not signed with a secret known here. Nothing was stored.",
    "verify_token_wrong": "The token of the webhook handshake is not the one agreed on.",
    "handshake_malformed": "A webhook handshake lacks one of its parameters.",
    "unavailable": "The database is away or takes no writes. Try again after `Retry-After`; with"
    " an Idempotency-Key nothing happens twice.",
    "keys_unavailable": "The keys are being rebuilt and yours is not there yet. Try again after"
    " `Retry-After`.",
    "invalid_cursor": "`after` is the `next` of the page before: of the same list, with the same"
    " filters, asked with a key of the same workspace.",
    "invalid_position": "Blazz-Min-Position is the Blazz-Position of the answer to your own write.",
    "event_id_invalid": "A stream goes on behind an event that it has sent: Last-Event-ID is the id of"
    " one, as it was sent.",
    "projection_behind": "What is shown here has not come as far as the position asked for. Ask"
    " again, or let the answer wait for it with `Prefer: wait=SECONDS`.",
    "not_ready": "The process lives but cannot do its work yet; `errors` has what is missing.",
    "internal_error": "An error on our side. It is logged under the request_id of the answer.",
}
_RULE: Final = (
    "A rule said no. The detail of the answer says which, what was found, and what would be right."
)
_CODE: Final = "^[a-z0-9_]{1,64}$"
_PARAMETER: Final[dict[str, Any]] = {
    "name": "code",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "pattern": _CODE},
}


@operation(
    "What a problem means",
    answer="An explanation",
    tag="operations",
    refusals=(404,),
    content="text",
    parameters=[_PARAMETER],
)
async def page(request: Request) -> Response:
    """Codes of single rules share one page: their detail says it all."""
    code = request.path_params["code"]
    if not re.fullmatch(_CODE, code):
        raise Problem(404, "path_unknown", "no problem has such a code")
    return Response(f"{code}\n\n{PAGES.get(code, _RULE)}\n", media_type="text/plain")
