"""The inbox page in a real browser, against `blazz demo`: what everybody meets on it.

`BLAZZ_GOLDEN=write pytest tests/test_inbox_page.py -k picture` renews docs/inbox.png.
"""

import base64
import os
from datetime import UTC, datetime

import httpx2
import pytest

from commands.execute import Ask, execute
from domain.file import GiveUpFile, file
from domain.ids import inbound_file_id, inbound_id, parse
from domain.inbound import Media, Received, ReceiveMessage, inbound
from domain.kernel import Metadata
from infra.event_store import open_store
from tests.inbox_demo import MESSAGE, PIXEL, ROOT, ROW, choose, demo_of, opened, sign_in

PICTURE = ROOT / "docs" / "inbox.png"
HOSTILE = "<script>document.title = 'taken'</script><img src=x onerror=alert(1)> & \"so\""
RECIPIENTS = 120


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    with demo_of(RECIPIENTS, tmp_path_factory.mktemp("demo")) as demo:
        yield demo


@pytest.fixture(scope="module")
def somebody(chromium, demo):
    """Somebody who is signed in."""
    with chromium.page() as page:
        page.look(1280, 800)
        sign_in(page, demo)
        yield page


@pytest.fixture
def page(somebody):
    """Their page; nothing may have been wrong on it when the test ends."""
    somebody.look(1280, 800)
    somebody.run("location.hash = '#conversations'")
    yield somebody
    complaints, somebody.complaints = somebody.complaints, []
    assert complaints == []


def test_an_inbound_message_appears_is_answered_and_becomes_read(page, demo):
    opened(page, "Rahma")
    page.run("window.stayed = true")
    demo.write("Do you have oat milk?")
    page.sees("Do you have oat milk?", ".message.in")
    page.fill("#reply", "Yes, oat and soy.")
    page.press("Enter")
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
    page.fill("#search", "taken")
    page.sees(HOSTILE, "#found")
    wrong = ".message img, .message script, h2 b, #found img, #found script, #found b"
    assert page.run(f"document.querySelectorAll('{wrong}').length") == 0
    assert "taken" not in page.run("document.title")
    page.press("Escape")


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
    page.until(f"Number({bar}.dataset.value) > {RECIPIENTS * 0.8}")
    assert page.run("window.widths.size") > 2, "the bar jumped from nothing to its end"
    assert page.run("document.querySelector('.chart polyline').getAttribute('points')")


def test_a_closed_window_is_told_and_a_template_goes_out(page, demo):
    contact = demo.get("/v1/contacts?limit=1&search=Ana")["items"][0]["contact_id"]
    template = demo.get("/v1/templates")["items"][0]
    ids = {name: template[name] for name in ("account_id", "template_id")}
    body = {"contact_id": contact, **ids, "variables": {"first_name": "Ana"}}
    demo.post("/v1/conversations", body, **{"Idempotency-Key": contact})
    opened(page, "Ana")
    page.sees("The 24-hour window is closed", ".picker")
    page.sees("weekend_offer", ".picker select")
    assert page.run("document.querySelector('#reply').checkVisibility()") is False
    page.click("[data-verb=send]")
    page.until(f"document.querySelectorAll('{MESSAGE}.out').length === 2")
    page.click(".composer input[value=note]")
    assert page.run("document.querySelector('#reply').checkVisibility()") is True


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
    for verb in ("assign", "priority", "labels", "snooze"):
        page.click(f"[data-verb={verb}]")
        page.until("Boolean(document.querySelector('.popup'))")
        assert page.run(WIDE) == [], verb
        page.press("Escape")


WIDE = (
    "[...document.querySelectorAll('body *')].filter((e) => e.checkVisibility() &&"
    " !e.closest('.unseen, .skip, svg') && (e.getBoundingClientRect().right > 360.5 ||"
    " e.getBoundingClientRect().left < -0.5)).map((e) => e.outerHTML.slice(0, 80))"
)


def test_everything_has_a_name_and_is_legible(page):
    opened(page, "Sari")
    for verb in ("assign", "priority", "labels", "snooze"):
        page.click(f"[data-verb={verb}]")
        assert page.run(NAMELESS) == [], verb
    page.press("Escape")
    for scheme in ("dark", "light"):
        page.look(1280, 800, scheme)
        assert page.run(FAINT) == [], scheme
    assert page.run("document.querySelectorAll('main:not([hidden])').length") == 1
    assert page.run("document.documentElement.lang") == "en"
    assert page.run("document.querySelector('[role=log]').getAttribute('aria-label')") == "Messages"
    assert page.run("document.querySelector('#announcer').getAttribute('aria-live')") == "polite"


NAMELESS = """[...document.querySelectorAll('button, a, input, select, textarea, nav, section, form, svg[role=img]')]
  .filter((e) => e.checkVisibility() && !(e.getAttribute('aria-label') || e.innerText?.trim() ||
    [...(e.labels ?? [])].some((label) => label.innerText.trim() || label.textContent.trim())))
  .map((e) => e.outerHTML.slice(0, 80))"""
FAINT = """(() => {
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => parts(colour).slice(0, 3).map((v) => v / 255)
    .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, at) => sum + v * [0.2126, 0.7152, 0.0722][at], 0);
  const solid = (e) => { const c = parts(getComputedStyle(e).backgroundColor); return c.length < 4 || c[3] === 1; };
  const behind = (e) => { for (; e; e = e.parentElement) if (solid(e)) return getComputedStyle(e).backgroundColor; return 'rgb(255, 255, 255)'; };
  const own = (e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
  return [...document.querySelectorAll('body *')].filter((e) => e.checkVisibility() && own(e) && !e.disabled)
    .map((e) => { const pair = [light(getComputedStyle(e).color), light(behind(e))].sort((a, b) => b - a);
      return [(pair[0] + 0.05) / (pair[1] + 0.05), e.outerHTML.slice(0, 90)]; })
    .filter(([ratio]) => ratio < 4.5).map(([ratio, e]) => ratio.toFixed(2) + ' ' + e); })()"""


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
    opened(page, "Budi")
    page.click("[data-verb=labels]")
    page.fill(".popup input", "late order")
    page.press("Enter")
    page.sees("late order", ".tags")
    choose(page, "priority", "Urgent")
    page.sees("urgent", ".tags")
    choose(page, "assign", "Me")
    page.until("document.querySelector('.message.in .picture img')?.naturalWidth > 10")
    page.click(".composer input[value=note]")
    page.fill("#reply", "A regular. Offer him free delivery next time.")
    page.press("Enter")
    page.sees("Offer him free delivery", ".note:not(.pending)")
    page.fill("#reply", "So sorry, Budi! A new parcel leaves today. Which order is it?")
    page.press("Enter")
    page.sees("It is order 4711", ".message.in")
    assert page.run(FAINT) == []
    page.run("document.activeElement.blur()")
    wanted = os.environ.get("BLAZZ_GOLDEN") == "write"
    page.picture(PICTURE if wanted else tmp_path / "inbox.png")
    page.look(1280, 800, "dark")
    assert page.run("getComputedStyle(document.body).backgroundColor") == "rgb(16, 22, 20)"


def test_the_list_goes_on_as_one_scrolls_and_shows_what_is_unread(page, demo):
    guests = ({"customer": f"6281170{n:04}02", "name": f"Guest {n}"} for n in range(45))
    demo.play(*({"does": "write", "text": "Hello", **guest} for guest in guests))
    rows = f"[...document.querySelectorAll('{ROW}')]"
    page.until(f"{rows}.length >= 30")
    page.reload()
    page.until(f"{rows}.length === 30")
    page.run("document.querySelector('.side').scrollTop = 1e6")
    page.until(f"{rows}.length > 45")
    assert page.run(f"new Set({rows}.map((row) => row.href)).size === {rows}.length")
    page.click("[aria-label='More filters']")
    page.click(".popup .check input")
    page.until(f"{rows}.length >= 45 && {rows}.every((row) => row.querySelector('.count'))")
    page.click(".popup > button")
    page.until("document.querySelector('.filters .count').textContent === ''")


def test_a_file_that_was_given_up_is_fetched_when_it_is_asked_for_again(page, demo):
    data = base64.b64encode(PIXEL).decode()
    nia = {"customer": "6281190060002", "name": "Nia"}
    photo = {"kind": "image", "mime_type": "image/png", "data": data}
    demo.play({"does": "write", "file": photo}, **nia)
    opened(page, "Nia")
    picture = f"document.querySelectorAll('{MESSAGE}.in .picture img')"
    page.until(f"{picture}[0]?.naturalWidth === 1")
    given_up(demo, page.run("location.hash.split('/')[1]"))
    page.sees("not available (HTTP 500)", ".message.in")
    page.click(".file .again")
    page.until(f"{picture}[1]?.naturalWidth === 1")
    assert page.run("document.querySelector('.file .again')") is None


def given_up(demo, conversation):
    """The customer's file comes once more, and is given up before anybody has asked for it."""
    [one] = demo.get(f"/v1/conversations/{conversation}/messages")["items"]
    found = demo.get(f"/v1/conversations/{conversation}")
    about = {
        "workspace_id": parse("workspace", demo.get("/v1/workspace")["workspace_id"]),
        "conversation_id": parse("conversation", conversation),
        "account_id": parse("account", found["account_id"]),
        "message_id": inbound_id(parse("account", found["account_id"]), "wamid.again"),
    }
    media = Media(media_id=one["media"]["media_id"], mime_type="image/png")
    content = Received(kind="image", media=media)
    received = ReceiveMessage(
        **about,
        contact_id=parse("contact", found["contact_id"]),
        provider_id="wamid.again",
        at=datetime.now(UTC),
        sender={},
        content=content,
    )
    file_id = inbound_file_id(about["message_id"])
    ask = Ask(file, file_id, GiveUpFile(**about, file_id=file_id, why="HTTP 500"))
    store = open_store(f"sqlite:///{demo.databases / 'store.sqlite'}")
    asks = [Ask(inbound, about["message_id"], received), ask]
    execute(store, asks, Metadata(), datetime.now(UTC))
    store.close()
