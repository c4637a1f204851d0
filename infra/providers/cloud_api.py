"""The WhatsApp Cloud API: what is asked of it, and what its answers come to.

What certainly did not leave is Refused, with a class that says what to do; whatever may have left
is Unknown.
"""

import re
from typing import Any, Final

import msgspec
from yarl import URL

from commands.policies.ports import (
    Accepted,
    Answer,
    Heard,
    NumberInfo,
    Outbound,
    Refused,
    Registered,
    Submission,
    Unknown,
)
from infra.providers import cloud_api_bodies as bodies
from infra.providers.attached import multipart, opened
from infra.providers.cloud_api_answers import (
    Number,
    Sent,
    Success,
    TemplateEntry,
    TemplateList,
    Uploaded,
    read,
    subcode,
)
from infra.providers.http_client import HttpClient, Reply, Streamed

VERSION: Final = "v23.0"
LARGEST_ANSWER: Final = 64 * 1024
LONGEST_ID: Final = 255
ALREADY_EXISTS: Final = 2388024
MOST_KNOWN: Final = 10_000


class CloudApi(HttpClient):
    """`url` is the address of the Graph API, with or without a version at its end."""

    def __init__(
        self, url: str, token: str, *, connections: int = 512, timeout_s: float = 15.0
    ) -> None:
        super().__init__(
            {"Authorization": f"Bearer {token}"},
            connections=connections,
            timeout_s=timeout_s,
            largest=LARGEST_ANSWER,
        )
        url = url.rstrip("/")
        self._url = url if re.search(r"/v\d+\.\d+$", url) else f"{url}/{VERSION}"
        self._known: dict[str, URL] = {}

    async def send(self, outbound: Outbound) -> Answer:
        body = msgspec.json.encode(bodies.message(outbound))
        reply = await self._ask("POST", f"{outbound.phone_number_id}/messages", body)
        sent = read(reply, Sent)
        if not isinstance(sent, Sent):
            return sent
        wamid = sent.messages[0].id if sent.messages else ""
        if not 0 < len(wamid) <= LONGEST_ID:
            return Unknown("answered 200 without a message id")
        return Accepted(wamid, sent.contacts[0].wa_id if sent.contacts else "")

    async def hand_over(self, outbound: Outbound) -> str | Refused | Unknown:
        assert outbound.file is not None, "asked for a message without a file"
        chunks = await opened(outbound.file)
        if isinstance(chunks, Refused):
            return chunks
        body = multipart(outbound.file, chunks)
        uploaded = read(
            await self._ask("POST", f"{outbound.phone_number_id}/media", body), Uploaded
        )
        if not isinstance(uploaded, Uploaded):
            return uploaded
        if not 0 < len(uploaded.id) <= LONGEST_ID:
            return Unknown("answered 200 without an id of the file")
        return uploaded.id

    async def submit_template(self, submission: Submission) -> Registered | Refused | Unknown:
        found = await self._find_template(submission)
        if isinstance(found, Registered) and found.status == "REJECTED":
            return await self._edit_template(found, submission)
        if found is not None:
            return found
        path = f"{submission.waba_id}/message_templates"
        body = msgspec.json.encode(bodies.submission(submission))
        reply = await self._ask("POST", path, body)
        made = read(reply, TemplateEntry)
        if isinstance(made, TemplateEntry):
            return made.registered()
        if isinstance(reply, Reply) and subcode(reply) == ALREADY_EXISTS:
            return await self._find_template(submission) or made
        return made

    async def _edit_template(
        self, rejected: Registered, submission: Submission
    ) -> Registered | Refused | Unknown:
        """A rejected template keeps its name; handing it in again is editing it."""
        content = bodies.submission(submission)
        edit = {"category": content["category"], "components": content["components"]}
        reply = await self._ask("POST", rejected.provider_template_id, msgspec.json.encode(edit))
        edited = read(reply, Success)
        if not isinstance(edited, Success):
            return edited
        return Registered(rejected.provider_template_id, "PENDING")

    async def _find_template(self, submission: Submission) -> Registered | Refused | Unknown | None:
        path = f"{submission.waba_id}/message_templates"
        query = {
            "name": submission.name,
            "language": submission.language,
            "fields": "id,name,language,status,rejected_reason",
            "limit": "200",
        }
        listed = read(await self._ask("GET", path, query=query), TemplateList)
        if not isinstance(listed, TemplateList):
            return listed
        for t in listed.data:
            if (t.name, t.language) == (submission.name, submission.language):
                return t.registered()
        return None

    async def number(self, phone_number_id: str) -> NumberInfo | Refused | Unknown:
        query = {"fields": ",".join(Number.__struct_fields__)}
        number = read(await self._ask("GET", phone_number_id, query=query), Number)
        if not isinstance(number, Number):
            return number
        return NumberInfo(
            number.display_phone_number,
            number.verified_name,
            number.quality_rating.upper(),
            number.messaging_limit_tier,
        )

    async def mark_read(self, heard: Heard) -> Refused | Unknown | None:
        return await self._mark(heard, {})

    async def show_typing(self, heard: Heard) -> Refused | Unknown | None:
        """It marks the message as read as well, and ends by itself after 25 s."""
        return await self._mark(heard, {"typing_indicator": {"type": "text"}})

    async def hide_typing(self, heard: Heard) -> Refused | Unknown | None:
        """There is no such request."""

    async def _mark(self, heard: Heard, more: dict[str, Any]) -> Refused | Unknown | None:
        body = bodies.read_mark(heard) | more
        path = f"{heard.phone_number_id}/messages"
        taken = read(await self._ask("POST", path, msgspec.json.encode(body)), Success)
        return None if isinstance(taken, Success) else taken

    def _at(self, path: str) -> URL:
        """The address, taken apart once: thousands of messages leave for the same one."""
        if path not in self._known:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            self._known[path] = URL(f"{self._url}/{path}")
        return self._known[path]

    async def _ask(
        self,
        method: str,
        path: str,
        body: bytes | Streamed | None = None,
        query: dict[str, str] | None = None,
    ) -> Reply | Refused | Unknown:
        return await self._request(method, self._at(path), body, query)
