"""A whole Blazz in one process beside the simulator: the demo's picture comes in by itself."""

import asyncio
from base64 import b64encode
from contextlib import suppress

import aiohttp
import httpx2

from infra.cli import supervisor
from infra.cli.workspace import create, issue_key
from infra.demo.client import Client, until
from infra.demo.picture import parcel
from infra.demo.run import NUMBER, Simulator
from infra.embedded import Embedded
from infra.services.parts import migrate
from infra.settings import settings_in
from tests.installation import free_ports


def test_a_picture_comes_in_and_is_given_out_with_the_settings_of_an_installation(tmp_path):
    settings = settings_in(tmp_path, *free_ports(2))
    child = supervisor.start(
        ["simulator"],
        {
            "BLAZZ_SIMULATOR_PORT": str(settings.simulator_port),
            "BLAZZ_SIMULATOR_WEBHOOK_URL": settings.simulator_webhook_url,
        },
    )
    try:
        asyncio.run(_embedded(settings))
    finally:
        assert supervisor.stop(child) == 0
    (kept,) = (path for path in settings.files_dir.rglob("*") if path.is_file())
    assert kept.read_bytes() == parcel()


async def _embedded(settings):
    migrate(settings)
    whole = Embedded(settings)
    async with whole.serving():
        create(whole.write.store, "Kopi", "Asia/Jakarta", "ID", "en")
        key = issue_key(whole.write.store, "Kopi", ("read", "write", "send", "manage"), "test")
        await asyncio.to_thread(whole.catch_up)
        url = f"http://127.0.0.1:{settings.command_port}"
        simulator = Simulator(f"http://127.0.0.1:{settings.simulator_port}")
        async with Client(url, url, key) as client:
            await until("the simulator listening", lambda: _listens(simulator))
            await client.post("/v1/accounts", NUMBER)
            await _sends(simulator)
            file = await until("the file being stored", lambda: _stored(client))
        assert (file["mime_type"], file["size"]) == ("image/png", len(parcel()))
        headers = {"Authorization": f"Bearer {key}"}
        async with httpx2.AsyncClient(base_url=url, headers=headers, timeout=30) as http:
            assert (await http.get(f"/v1/files/{file['id']}")).content == parcel()


async def _listens(simulator):
    with suppress(aiohttp.ClientError):
        return await simulator.stats() is not None
    return False


async def _sends(simulator):
    file = {"kind": "image", "mime_type": "image/png", "data": b64encode(parcel()).decode()}
    about = {"phone_number_id": NUMBER["phone_number_id"], "customer": "6281234567890"}
    body = {"deeds": [{"does": "write", **about, "file": file}]}
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{simulator.url}/_simulator/customers", json=body) as answer,
    ):
        assert answer.status == 200, await answer.text()


async def _stored(client):
    for item in (await client.get("/v1/conversations"))["items"]:
        path = f"/v1/conversations/{item['conversation_id']}/messages"
        (message,) = (await client.get(path))["items"]
        if message["file"]["status"] == "stored":
            return message["file"]
    return None
