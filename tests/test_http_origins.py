"""Where the APIs are on two ports, the inbox page may ask the command API, and no other page may."""

from pathlib import Path

import httpx2
import pytest

from infra.http.app import build
from infra.settings import Settings, settings_in
from read_api.pages.serving import routes
from tests.command_site import serving

PAGE, COMMANDS = "http://inbox.example", "http://commands.example"
ASKED = {
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization,content-type,idempotency-key",
}


async def ready():
    return {"store": "ok"}


@pytest.fixture(scope="module")
def commands():
    with serving(build([], None, "Blazz command API", ready, origin=PAGE)) as url:
        yield url


def test_the_page_may_send_commands_and_see_their_positions(commands):
    asked = httpx2.options(f"{commands}/v1/x", headers={"Origin": PAGE, **ASKED})
    assert asked.status_code == 200
    assert asked.headers["Access-Control-Allow-Origin"] == PAGE
    refused = httpx2.get(f"{commands}/v1/x", headers={"Origin": PAGE})
    assert (refused.status_code, refused.headers["Access-Control-Allow-Origin"]) == (404, PAGE)
    assert "Blazz-Position" in refused.headers["Access-Control-Expose-Headers"]


def test_no_other_page_may(commands):
    for origin in ("http://evil.example", "null", f"{PAGE}.evil.example"):
        asked = httpx2.options(f"{commands}/v1/x", headers={"Origin": origin, **ASKED})
        assert asked.status_code == 400
        answer = httpx2.get(f"{commands}/-/healthy", headers={"Origin": origin})
        assert "Access-Control-Allow-Origin" not in answer.headers


def test_the_page_is_told_where_the_command_api_is():
    with serving(build(routes(COMMANDS), None, "Blazz read API", ready)) as url:
        page = httpx2.get(f"{url}/inbox")
        script = httpx2.get(f"{url}/inbox/main.js")
    assert f'name="blazz-commands" content="{COMMANDS}"' in page.text
    assert f"connect-src 'self' {COMMANDS};" in page.headers["Content-Security-Policy"]
    assert script.headers["Content-Type"].startswith("text/javascript")


def test_on_one_port_nothing_of_this_is_needed():
    apart, together = Settings(), settings_in(Path("x"), 5, 6)
    assert (together.commands_elsewhere(), together.inbox_elsewhere()) == ("", "")
    assert apart.commands_elsewhere() == "http://127.0.0.1:8080"
    assert apart.inbox_elsewhere() == "http://127.0.0.1:8081"
