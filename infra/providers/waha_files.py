"""Files that customers sent to numbers at WAHA: it has fetched them, and keeps them for a while.

Which host it names depends on its own settings, so only the path counts: whatever a webhook says,
nothing but the configured WAHA is asked.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from yarl import URL

from commands.policies.files_ports import Arriving, Whereabouts
from commands.policies.ports import Refused, Unknown
from infra.providers.downloads import downloading
from infra.providers.waha_http import WahaHttp

FILES: Final = "/api/files/"
TIMEOUT_S: Final = 30.0


class WahaFiles(WahaHttp):
    def __init__(self, url: str, api_key: str) -> None:
        super().__init__(url, api_key, TIMEOUT_S)

    @asynccontextmanager
    async def fetch(self, where: Whereabouts) -> AsyncIterator[Arriving | Refused | Unknown]:
        path = _path(where.url)
        if not path:
            reason = f"the file is said to be at {where.url[:200]!r}, which is no file of WAHA's"
            yield Refused("M", 0, reason)
            return
        assert self._session is not None, "used outside of `async with`"
        async with downloading(self._session, f"{self._url}{path}") as file:
            yield file


def _path(address: str) -> str:
    """From `/api/files/` on; empty if it does not lead there."""
    try:
        path = URL(address).raw_path
    except ValueError:
        return ""
    _, known, rest = path.partition(FILES)
    wrong = not known or not rest or any(part in {"", ".", ".."} for part in rest.split("/"))
    return "" if wrong else f"{FILES}{rest}"
