"""What the read API shows of the things that payloads name, each read once."""

from collections import defaultdict
from uuid import UUID

from domain.ids import call_id, show
from infra.comparing.rebuilt import Json
from infra.demo.client import ApiRefused, Client


class Shown:
    """`read` comes first: what is asked of all is asked at once."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._transcripts: dict[str, list[Json]] = defaultdict(list)
        self._reports: dict[str, list[Json]] = {}
        self._numbers: dict[str, Json] = {}
        self.people: list[Json] = []
        """Every contact, with its identifiers and with what is reported of it."""

    async def read(self) -> None:
        pages = self._client.pages
        self._numbers = {one["account_id"]: one for one in await pages("/v1/accounts")}
        for chat in await pages("/v1/conversations"):
            path = f"/v1/conversations/{chat['conversation_id']}/messages"
            self._transcripts[chat["account_id"]] += await pages(path)
        for contact in await pages("/v1/contacts"):
            path = f"/v1/contacts/{contact['contact_id']}"
            known = await pages(f"{path}/identifiers")
            told = await pages(f"{path}/reports")
            self.people.append({**contact, "identifiers": known, "reports": told})

    def transcript(self, account_id: UUID) -> list[Json]:
        """The items of all conversations of a number."""
        return self._transcripts[show("account", account_id)]

    def number(self, account_id: UUID) -> Json:
        return self._numbers.get(show("account", account_id), {})

    async def reports(self, kind: str, id_: UUID) -> list[Json]:
        """What is told of a number, a template or a message; nothing of none."""
        path = f"/v1/{kind}s/{show(kind, id_)}/reports"
        if path not in self._reports:
            try:
                self._reports[path] = await self._client.pages(path)
            except ApiRefused:
                self._reports[path] = []
        return self._reports[path]

    async def steps(self, account_id: UUID, provider_id: str) -> list[Json]:
        """Those of a call."""
        shown = show("call", call_id(account_id, provider_id))
        try:
            call = await self._client.get(f"/v1/calls/{shown}")
        except ApiRefused:
            return []
        steps: list[Json] = call["steps"]
        return steps

    async def message(self, id_: UUID) -> Json:
        return await self._client.get(f"/v1/messages/{show('message', id_)}")
