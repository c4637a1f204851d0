"""The WhatsApp Cloud API over HTTP: one session, bounded connections, time-outs and answers.

What certainly did not leave is Refused, with a class that says what to do; whatever may have left
is Unknown. A connection that could not be made is the only fault of transport that is Refused.
"""

import re
from types import TracebackType
from typing import Final, Self

import aiohttp
import msgspec
from yarl import URL

from commands.policies.ports import (
    Accepted,
    Answer,
    NumberInfo,
    Outbound,
    Refused,
    Registered,
    Submission,
    Unknown,
)
from infra.providers import cloud_api_bodies as bodies
from infra.providers.capped import capped
from infra.providers.cloud_api_answers import (
    LONGEST_REASON,
    Number,
    Reply,
    Sent,
    Success,
    TemplateEntry,
    TemplateList,
    read,
    subcode,
)

VERSION: Final = "v23.0"
LARGEST_ANSWER: Final = 64 * 1024
LONGEST_WAMID: Final = 255
KEEPALIVE_S: Final = 4.0
"""Shorter than any server keeps an idle connection: a send must not meet one that just closed."""
ALREADY_EXISTS: Final = 2388024
MOST_KNOWN: Final = 10_000


class CloudApi:
    """`url` is the address of the Graph API, with or without a version at its end."""

    def __init__(
        self, url: str, token: str, *, connections: int = 512, timeout_s: float = 15.0
    ) -> None:
        url = url.rstrip("/")
        self._url = url if re.search(r"/v\d+\.\d+$", url) else f"{url}/{VERSION}"
        self._token, self._connections, self._timeout_s = token, connections, timeout_s
        self._session: aiohttp.ClientSession | None = None
        self._known: dict[str, URL] = {}

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=self._connections, keepalive_timeout=KEEPALIVE_S, ttl_dns_cache=60
            ),
            timeout=aiohttp.ClientTimeout(total=self._timeout_s, sock_connect=self._timeout_s / 3),
            headers={"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"},
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def send(self, outbound: Outbound) -> Answer:
        body = msgspec.json.encode(bodies.message(outbound))
        reply = await self._ask("POST", f"{outbound.phone_number_id}/messages", body)
        sent = read(reply, Sent)
        if not isinstance(sent, Sent):
            return sent
        wamid = sent.messages[0].id if sent.messages else ""
        if not 0 < len(wamid) <= LONGEST_WAMID:
            return Unknown("answered 200 without a message id")
        return Accepted(wamid, sent.contacts[0].wa_id if sent.contacts else "")

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

    def _at(self, path: str) -> URL:
        """The address, taken apart once: thousands of messages leave for the same one."""
        if path not in self._known:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            self._known[path] = URL(f"{self._url}/{path}")
        return self._known[path]

    async def _ask(
        self, method: str, path: str, body: bytes | None = None, query: dict[str, str] | None = None
    ) -> Reply | Refused | Unknown:
        assert self._session is not None, "used outside of `async with`"
        try:
            async with self._session.request(
                method, self._at(path), data=body, params=query, allow_redirects=False
            ) as response:
                return Reply(response.status, await capped(response, LARGEST_ANSWER))
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            return Refused("B", 0, f"could not connect: {error}"[:LONGEST_REASON])
        except TimeoutError:
            return Unknown(f"no answer within {self._timeout_s:g} s")
        except (aiohttp.ClientError, OSError) as error:
            return Unknown(f"connection broke: {error or type(error).__name__}"[:LONGEST_REASON])
