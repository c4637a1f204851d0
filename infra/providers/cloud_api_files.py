"""Files that customers sent to numbers at the Cloud API.

Their address is asked for anew each time, as it is good for five minutes. It is another host of the
same company, which wants the same token; nobody else is given it.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final
from urllib.parse import quote

import msgspec
from yarl import URL

from commands.policies.files_ports import Arriving, Whereabouts
from commands.policies.ports import Refused, Unknown
from infra.providers.cloud_api import CloudApi
from infra.providers.cloud_api_answers import read
from infra.providers.downloads import downloading

HOSTS: Final = ("fbsbx.com", "facebook.com", "whatsapp.net")


class Found(msgspec.Struct):
    url: str
    mime_type: str = ""
    sha256: str = ""


class CloudApiFiles(CloudApi):
    @asynccontextmanager
    async def fetch(self, where: Whereabouts) -> AsyncIterator[Arriving | Refused | Unknown]:
        found = await self._find(where.media_id)
        if not isinstance(found, Found):
            yield found
            return
        assert self._session is not None, "used outside of `async with`"
        async with downloading(self._session, found.url) as file:
            yield _described(file, found) if isinstance(file, Arriving) else file

    async def _find(self, media_id: str) -> Found | Refused | Unknown:
        if not media_id:
            return Refused("M", 0, "the webhook named no media id")
        found = read(await self._ask("GET", quote(media_id, safe="")), Found)
        if not isinstance(found, Found) or self._is_theirs(found.url):
            return found
        return Refused("A", 0, f"the file is said to be at {found.url[:200]!r}, which is elsewhere")

    def _is_theirs(self, address: str) -> bool:
        """The configured origin itself, or by https a host of the company's."""
        try:
            url = URL(address)
        except ValueError:
            return False
        if url.user is not None:
            return False
        if url.origin() == URL(self._url).origin():
            return True
        host = url.host or ""
        named = any(host == name or host.endswith(f".{name}") for name in HOSTS)
        return url.scheme == "https" and url.is_default_port() and named


def _described(file: Arriving, found: Found) -> Arriving:
    return Arriving(file.chunks, found.mime_type or file.mime_type, found.sha256)
