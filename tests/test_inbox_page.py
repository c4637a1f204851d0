"""The inbox page in a real browser, against `blazz demo`: people, customers, a campaign.

`BLAZZ_GOLDEN=write pytest tests/test_inbox_page.py -k picture` renews docs/inbox.png.
"""

import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from tests.browser import browser

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "docs" / "inbox.png"
HEADER = "Phone,First name,Group\n"
HOSTILE = "<script>document.title = 'taken'</script><img src=x onerror=alert(1)> & \"so\""
NUMBER, CUSTOMER = "106540352242922", "6281190030002"
ROW = "#conversations .rows a"


class Demo:
    """The running demo, and what it told on its start."""

    def __init__(self, told):
        self.told, self.url = told, told["API"].removesuffix("/openapi.json")
        self.simulator = told["simulator"].removesuffix("/_simulator/ledger")

    def write(self, text, customer=CUSTOMER, name="Rahma Putri"):
        """A customer writes to the company."""
        deed = {"does": "write", "phone_number_id": NUMBER, "customer": customer, "name": name}
        body = {"deeds": [{**deed, "text": text}]}
        assert httpx2.post(f"{self.simulator}/_simulator/customers", json=body).status_code == 200


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    mine = folder / "mine.csv"
    mine.write_text(HEADER + "\n".join(f"0812345{n:05},Ana {n},VIP" for n in range(300)))
    command = [sys.executable, "-m", "infra.cli.main", "demo", "--contacts", str(mine)]
    child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    told = {}
    for line in child.stdout:
        words = line.split()
        told |= {words[0]: words[1]} if len(words) == 2 else {}
        if "Ctrl-C" in line:
            break
    assert "inbox" in told, "the demo broke off"
    yield Demo(told)
    child.send_signal(signal.SIGINT)
    child.wait(30)
    child.stdout.close()


@pytest.fixture(scope="module")
def chromium():
    with browser() as found:
        yield found


@pytest.fixture
def page(chromium, demo):
    """Somebody signed in; nothing may have been wrong on the page when they leave."""
    with chromium.page() as page:
        page.look(1280, 800)
        page.open(demo.told["inbox"])
        page.until("document.activeElement.name === 'password'")
        page.type(demo.told["password"])
        page.press("Enter")
        page.sees("Live", ".live")
        page.until(f"document.querySelectorAll('{ROW}').length >= 3")
        yield page
        assert page.complaints == []


def opened(page, name):
    """The conversation with somebody, by the keyboard."""
    page.until(
        f"[...document.querySelectorAll('{ROW}')].some((a) => a.innerText.includes('{name}'))"
    )
    page.run(
        f"[...document.querySelectorAll('{ROW}')].find((a) => a.innerText.includes('{name}')).focus()"
    )
    page.press("Enter")
    page.sees(name, ".about h2")
    page.until("document.querySelectorAll('.message').length > 0")


def test_an_inbound_message_appears_is_answered_and_becomes_read(page, demo):
    opened(page, "Rahma")
    page.run("window.stayed = true")
    demo.write("Do you have oat milk?")
    page.sees("Do you have oat milk?", ".message.in")
    page.fill("#reply", "Yes, oat and soy.")
    page.press("Enter", ctrl=True)
    page.sees("Yes, oat and soy.", ".message.out")
    mine = "[...document.querySelectorAll('.message.out')].at(-1).dataset.status"
    page.until(f"{mine} === 'read'")
    assert page.run("window.stayed && document.querySelector('#reply').value === ''")


def test_a_hostile_text_stays_a_text(page, demo):
    demo.write(HOSTILE, customer="6281190040002", name="<b>Eve</b>")
    page.sees(HOSTILE[:30], ROW)
    opened(page, "Eve")
    page.sees(HOSTILE, ".message.in")
    page.sees("<b>Eve</b>", ".about h2")
    assert page.run("document.querySelectorAll('.message img, .message script, h2 b').length") == 0
    assert "taken" not in page.run("document.title")


def test_a_campaign_is_launched_and_its_bars_move(page):
    page.click('nav a[href="#campaigns"]')
    page.sees("Draft", ".campaign .chip")
    bar = "document.querySelector('.campaign .bar.delivered .part')"
    page.run(
        "window.widths = new Set(); new MutationObserver(() => window.widths.add("
        f"{bar}?.getAttribute('width'))).observe(document.querySelector('.cards'),"
        "{subtree: true, childList: true, attributes: true})"
    )
    page.click('button[aria-label^="Launch"]')
    page.sees("Complete", ".campaign:first-child .chip")
    page.until(f"Number({bar}.dataset.value) > 250")
    assert page.run("window.widths.size") > 2, "the bar jumped from nothing to its end"
    assert page.run("document.querySelector('.chart polyline').getAttribute('points')")


def test_a_conversation_is_taken_noted_resolved_and_reopened(page):
    opened(page, "Budi")
    page.click("[data-verb=assign]")
    page.sees("assigned to you", ".about")
    page.click(".composer input[type=checkbox]")
    page.fill("#reply", "He is a regular.")
    page.press("Enter", ctrl=True)
    page.sees("He is a regular.", ".note")
    page.click("[data-verb=resolve]")
    page.sees("resolved", ".about")
    page.click("[data-verb=reopen]")
    page.sees("open", ".about .under")


def test_a_closed_window_is_told_and_a_template_goes_out(page, demo):
    headers = {"Authorization": f"Bearer {demo.told['key']}"}
    with httpx2.Client(base_url=demo.url, headers=headers) as http:
        contact = http.get("/v1/contacts?limit=1&search=Ana").json()["items"][0]["contact_id"]
        template = http.get("/v1/templates").json()["items"][0]
        ids = {"account_id": template["account_id"], "template_id": template["template_id"]}
        body = {"contact_id": contact, **ids, "variables": {"first_name": "Ana"}}
        begun = http.post("/v1/conversations", json=body, headers={"Idempotency-Key": contact})
        assert begun.status_code == 201, begun.text
    opened(page, "Ana")
    page.sees("The 24-hour window is closed", ".picker")
    page.sees("weekend_offer", ".picker select")
    assert page.run("document.querySelector('#reply').checkVisibility()") is False
    page.click(".composer button.main")
    page.until("document.querySelectorAll('.message.out').length === 2")


def test_earlier_messages_come_when_one_scrolls_up(page, demo):
    ordered = [f"line {number} of many" for number in range(60)]
    deed = {"does": "write", "phone_number_id": NUMBER, "customer": "6281190050002", "name": "Lia"}
    deeds = [{**deed, "text": text, "after_ms": 5 * at} for at, text in enumerate(ordered)]
    httpx2.post(f"{demo.simulator}/_simulator/customers", json={"deeds": deeds})
    page.sees("60", ".rows .count")
    opened(page, "Lia")
    assert page.run("document.querySelectorAll('.message').length") < 60
    page.run("document.querySelector('.log').scrollTop = 0")
    page.until("document.querySelectorAll('.message').length === 60")
    unread = "[...document.querySelectorAll('.rows .count')].map((count) => count.innerText)"
    page.until(f"!{unread}.join().includes('60')")


def test_notifications_are_read(page):
    page.click('nav a[href="#notifications"]')
    page.sees("A campaign is complete", ".news")
    page.click(".heading button")
    page.until("document.querySelectorAll('.news .unread').length === 0")
    page.until("document.querySelector('#count-notifications').textContent === ''")


def test_nothing_overflows_at_360_pixels(page):
    page.look(360, 740)
    for place in ("#conversations", "#campaigns", "#notifications"):
        page.run(f"location.hash = '{place}'")
        page.until(f"!document.querySelector('{place}').hidden")
        assert page.run(WIDE) == [], place
    page.run("location.hash = '#conversations'")
    opened(page, "Sari")
    assert page.run(WIDE) == []
    assert page.run("document.querySelector('.side').offsetParent === null")


WIDE = (
    "[...document.querySelectorAll('body *')].filter((e) => e.checkVisibility() &&"
    " !e.closest('.unseen, .skip, svg') && e.getBoundingClientRect().right > 360.5)"
    ".map((e) => e.outerHTML.slice(0, 80))"
)


def test_everything_has_a_name_for_those_who_listen(page):
    opened(page, "Sari")
    assert page.run(NAMELESS) == []
    assert page.run("document.querySelectorAll('main:not([hidden])').length") == 1
    assert page.run("document.documentElement.lang") == "en"
    assert page.run("document.querySelector('[role=log]').getAttribute('aria-label')") == "Messages"
    assert page.run("document.querySelector('#announcer').getAttribute('aria-live')") == "polite"


NAMELESS = """[...document.querySelectorAll('button, a, input, select, textarea, nav, section, form, svg[role=img]')]
  .filter((e) => e.checkVisibility() && !(e.getAttribute('aria-label') || e.innerText?.trim() ||
    [...(e.labels ?? [])].some((label) => label.innerText.trim() || label.textContent.trim())))
  .map((e) => e.outerHTML.slice(0, 80))"""


def test_a_server_that_does_not_answer_is_said_and_comes_back(page, demo):
    page.offline(True)
    page.click('nav a[href="#campaigns"]')
    page.click('nav a[href="#conversations"]')
    opened_while_away = f"document.querySelector('{ROW}').click()"
    page.run(opened_while_away)
    page.sees("does not answer", "#trouble")
    page.offline(False)
    page.until("document.querySelector('#trouble').hidden")
    page.sees("Live", ".live")
    demo.write("Are you back?")
    page.sees("Are you back?", ROW)
    page.complaints.clear()  # the browser says of each request that it failed


def test_a_reload_stays_signed_in_and_signing_out_ends_it(page):
    page.run("window.before = true")
    page.call("Page.reload")
    page.until("!window.before && document.readyState === 'complete'")
    page.sees("Dewi Lestari", ".who")
    page.sees("Live", ".live")
    page.click("#sign-out")
    page.sees("Sign in to Blazz", "#door")
    assert page.run("sessionStorage.length") == 0


def test_a_wrong_password_is_told(chromium, demo):
    with chromium.page() as page:
        page.look(1280, 800)
        page.open(demo.told["inbox"])
        page.until("document.activeElement.name === 'password'")
        page.type("not this one")
        page.press("Enter")
        page.sees("do not go together", "#sign-in-problem")


def test_the_page_says_what_a_browser_may_load(demo):
    answer = httpx2.get(f"{demo.url}/inbox")
    policy = answer.headers["Content-Security-Policy"]
    assert policy.split("; ")[0] == "default-src 'none'"
    assert "connect-src 'self';" in policy
    assert "unsafe" not in policy
    etag = {"If-None-Match": answer.headers["ETag"]}
    assert httpx2.get(f"{demo.url}/inbox", headers=etag).status_code == 304
    assert httpx2.get(f"{demo.url}/inbox/serving.py").status_code == 404
    assert httpx2.get(demo.url).headers["Location"] == "inbox"


def test_a_picture_is_taken_for_the_readme(page, tmp_path):
    opened(page, "Sari")
    page.until("document.querySelectorAll('.message').length >= 7")
    page.run("document.activeElement.blur()")
    wanted = os.environ.get("BLAZZ_GOLDEN") == "write"
    page.picture(PICTURE if wanted else tmp_path / "inbox.png")
    page.look(1280, 800, "dark")
    assert page.run("getComputedStyle(document.body).backgroundColor") == "rgb(16, 22, 20)"
