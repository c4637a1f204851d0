"""What an agent does all day, in a real browser: one conversation after the other."""

import base64

import httpx2
import pytest

from tests.inbox_demo import MESSAGE, PIXEL, choose, demo_of, on_two_ports, opened, sign_in
from tests.installation import until

LIA = {"customer": "6281190050002", "name": "Lia"}
TEXTS = f"[...document.querySelectorAll('{MESSAGE} .text')].map((text) => text.innerText)"


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    with demo_of(5, tmp_path_factory.mktemp("desk")) as demo:
        yield demo


@pytest.fixture(scope="module")
def agent(chromium, demo):
    with chromium.page() as page:
        page.look(1280, 800)
        sign_in(page, demo)
        yield page


@pytest.fixture
def page(agent):
    agent.run("location.hash = '#conversations'")
    agent.until("document.querySelectorAll('.rows a').length > 2")
    yield agent
    complaints, agent.complaints = agent.complaints, []
    assert complaints == []


def test_a_conversation_is_taken_marked_noted_put_aside_and_resolved(page):
    opened(page, "Budi")
    choose(page, "assign", "Me")
    page.sees("You", "[data-verb=assign]")
    choose(page, "priority", "Urgent")
    page.sees("urgent", ".tags")
    page.click("[data-verb=labels]")
    page.fill(".popup input", "late order")
    page.press("Enter")
    page.sees("late order", ".tags")
    page.click(".composer input[value=note]")
    page.fill("#reply", "He is a regular.")
    page.press("Enter")
    page.sees("He is a regular.", ".note:not(.pending)")
    choose(page, "snooze", "Tomorrow")
    page.sees("Put aside until", ".tags")
    page.click("[data-verb=reopen]")
    page.sees("Open", ".tags")
    page.click("[data-verb=pending]")
    page.sees("Pending", ".tags")
    page.click("[data-verb=resolve]")
    page.sees("Resolved", ".tags")
    page.until(
        "![...document.querySelectorAll('.rows a')].some((a) => a.innerText.includes('Budi'))"
    )
    page.click("[data-verb=reopen]")
    page.sees("Open", ".tags")
    page.click("[aria-label='Remove the label late order']")
    page.until("!document.querySelector('.tags').innerText.includes('late order')")


def test_the_list_is_narrowed_and_the_choice_stays(page):
    opened(page, "Budi")
    choose(page, "assign", "Me")
    page.sees("You", "[data-verb=assign]")
    choose(page, "priority", "High")
    page.sees("high", ".tags")
    page.click("[aria-label='More filters']")
    page.run(
        "(() => { const one = [...document.querySelectorAll('.popup select')].at(-1);"
        "one.value = 'high'; one.dispatchEvent(new Event('change')); })()"
    )
    page.until("document.querySelectorAll('.rows a').length === 1")
    page.reload()
    page.until("document.querySelectorAll('.rows a').length === 1")
    page.sees("Budi", ".rows a")
    page.click("[aria-label='More filters']")
    page.click(".popup > button")
    page.until("document.querySelectorAll('.rows a').length > 2")
    page.click(".filters input[value=me]")
    page.until("document.querySelectorAll('.rows a').length === 1")
    page.sees("you", ".rows a .chips")
    page.click(".filters input[value='']")
    page.until("document.querySelectorAll('.rows a').length > 2")


def test_what_a_search_finds_is_opened_in_its_place(page, demo):
    demo.write(*(f"line {number:03} of many" for number in range(130)), **LIA)
    page.sees("130", ".rows .count")
    page.run("document.querySelector('#search').focus()")
    page.type("line 007")
    page.sees("line 007 of many", "#found")
    page.press("ArrowDown")
    page.press("Enter")
    page.sees("line 007 of many", f"{MESSAGE}.found")
    shown = page.run(TEXTS)
    assert len(shown) < 130
    page.run("document.querySelector('.log').scrollTop = 1e6")
    page.until(f"{TEXTS}.length > {len(shown)}")
    page.click(".to-end")
    page.until(f"{TEXTS}.length === 40 && {TEXTS}.includes('line 129 of many')")
    page.run("document.querySelector('.log').scrollTop = 0")
    page.until(f"{TEXTS}.length > 40")
    assert len(page.run(TEXTS)) == len(set(page.run(TEXTS)))
    page.run("document.querySelector('#search').focus()")
    page.press("Escape")
    unread = "[...document.querySelectorAll('.rows .count')].map((count) => count.innerText)"
    page.until(f"!{unread}.join().includes('130')")


def test_a_reply_kept_ready_is_chosen_by_keys(page, demo):
    for code in ("hours", "house", "thanks"):
        demo.post("/v1/canned-replies", {"short_code": code, "text": f"The text of {code}."})
    opened(page, "Rahma")
    page.fill("#reply", "Hello! /ho")
    page.until("document.querySelectorAll('.canned li').length === 2")
    page.press("ArrowDown")
    page.press("Enter")
    page.until("document.querySelector('#reply').value === 'Hello! The text of house.'")
    page.press("Enter")
    page.sees("Hello! The text of house.", f"{MESSAGE}.out")


def test_a_message_is_quoted_and_its_reaction_shown(page, demo):
    demo.write("Which one do you mean?", **LIA)
    opened(page, "Lia")
    page.sees("Which one do you mean?", ".message.in")
    page.click(f"{MESSAGE}.in:last-child .answer")
    page.sees("Which one do you mean?", ".quoting")
    before = len(ledger(demo))
    page.fill("#reply", "That one.")
    page.press("Enter")
    page.sees("Which one do you mean?", f"{MESSAGE}.out blockquote")
    (sent,) = until(lambda: ledger(demo)[before:], "the answer having left")
    wamid = sent.partition('"wamid":"')[2].partition('"')[0]
    demo.play({"does": "react", "emoji": "👍", "message_id": wamid}, **LIA)
    page.sees("👍", ".reactions")


def ledger(demo):
    """A line for each message that has left."""
    return httpx2.get(f"{demo.simulator}/_simulator/ledger").text.splitlines()


LOSE = """(() => { const real = window.fetch; let lost = 0; window.keys = [];
  window.fetch = async (url, how) => {
    const answer = await real(url, how);
    if (how?.method !== 'POST' || !url.endsWith('/messages')) return answer;
    window.keys.push(how.headers['Idempotency-Key']);
    if (lost++ === 0) throw new TypeError('the answer was lost');
    return answer; }; })()"""


def test_an_answer_whose_receipt_was_lost_goes_out_once(page):
    opened(page, "Rahma")
    page.run(LOSE)
    page.fill("#reply", "Only once, please.")
    page.press("Enter")
    page.until("window.keys.length === 2")
    page.sees("Only once, please.", f"{MESSAGE}.out")
    page.until("document.querySelectorAll('.pending').length === 0")
    assert page.run("new Set(window.keys).size") == 1
    assert page.run(TEXTS).count("Only once, please.") == 1
    page.reload()


def test_what_was_refused_is_told_and_can_be_changed(page):
    opened(page, "Rahma")
    page.run("document.querySelector('#reply').removeAttribute('maxlength')")
    page.run(f"document.querySelector('#reply').value = 'x'.repeat({4097})")
    page.run("document.querySelector('#reply').focus()")
    page.press("Enter")
    page.sees("Not sent:", ".pending")
    page.complaints.clear()  # the browser says of a refused request that it failed
    page.run("[...document.querySelectorAll('.pending button')][1].click()")
    page.until("document.querySelectorAll('.pending').length === 0")
    assert page.run("document.querySelector('#reply').value.length") == 4097
    page.fill("#reply", "")


def test_the_customer_is_told_that_somebody_writes_but_not_all_the_time(page):
    page.reload()
    opened(page, "Rahma")
    for letters in ("He", "llo", " there"):
        page.run("document.querySelector('#reply').focus()")
        page.type(letters)
    told = "performance.getEntriesByType('resource').filter((one) => one.name.endsWith('/typing'))"
    page.until(f"{told}.length === 1")
    assert page.run(f"{told}[0].responseStatus") in (200, 202, 204)


def test_a_draft_stays_with_its_conversation(page):
    opened(page, "Rahma")
    page.fill("#reply", "Not yet finished")
    opened(page, "Budi")
    assert page.run("document.querySelector('#reply').value") == ""
    opened(page, "Rahma")
    page.reload()
    page.until("document.querySelector('#reply')?.value === 'Not yet finished'")
    page.fill("#reply", "")


def test_files_are_seen_and_sent_with_their_progress(page, demo, tmp_path):
    data = base64.b64encode(PIXEL).decode()
    demo.play({"does": "write", "file": {"kind": "image", "mime_type": "image/png", "data": data}})
    opened(page, "Rahma")
    page.until("document.querySelector('.message.in .picture img')?.naturalWidth === 1")
    (tmp_path / "tool.exe").write_bytes(b"MZ and more")
    page.choose_file(".composer input[type=file]", tmp_path / "tool.exe")
    page.sees("a file is one of", ".attached")
    assert page.run("document.querySelector('[data-verb=send]').disabled")
    page.complaints.clear()  # the browser says of a refused request that it failed
    (tmp_path / "large.png").write_bytes(PIXEL + bytes(5 * 2**20))
    page.choose_file(".composer input[type=file]", tmp_path / "large.png")
    page.sees("at most 5.2 MB", ".attached")
    (tmp_path / "dot.png").write_bytes(PIXEL)
    page.choose_file(".composer input[type=file]", tmp_path / "dot.png")
    page.until("!document.querySelector('[data-verb=send]').disabled")
    page.fill("#reply", "A dot for you")
    page.press("Enter")
    sent = f"[...document.querySelectorAll('{MESSAGE}.out')].at(-1)"
    page.until(f"{sent}?.querySelector('.picture img')?.naturalWidth === 1")
    assert "A dot for you" in page.run(f"{sent}.innerText")


FAULTS = """(() => { const real = window.fetch; window.faults = 2;
  window.fetch = async (url, how) => {
    if (!url.startsWith('/v1/conversations?') || !window.faults) return real(url, how);
    window.faults -= 1;
    if (window.faults) return new Response('{}', {status: 429, headers: {'Retry-After': '1'}});
    return real(url, {...how, headers: {...how.headers, Authorization: 'Bearer outworn'}}); }; })()"""


def test_too_many_requests_and_an_outworn_token_are_got_over(page, demo):
    page.run(FAULTS)
    demo.write("Still with me?", **LIA)
    page.sees("asked too much", "#trouble")
    page.sees("Still with me?", ".rows a")
    assert page.run("window.faults") == 0
    page.until("document.querySelector('#trouble').hidden")
    page.reload()
    page.complaints.clear()  # of the 401


def test_a_server_that_does_not_answer_is_said_and_comes_back(page, demo):
    page.offline(True)
    page.run("[...document.querySelectorAll('.rows a')].at(-1).click()")
    page.sees("does not answer", "#trouble")
    page.offline(False)
    page.until("document.querySelector('#trouble').hidden")
    page.sees("Live", ".live")
    demo.write("Are you back?", **LIA)
    page.sees("Are you back?", ".rows a")
    page.complaints.clear()  # the browser says of each request that it failed


def test_the_page_of_the_read_api_sends_its_commands_to_the_other_port(chromium, demo, tmp_path):
    with on_two_ports(demo) as inbox, chromium.page() as page:
        page.look(1280, 800)
        sign_in(page, demo, inbox)
        opened(page, "Lia")
        page.fill("#reply", "From another origin")
        page.press("Enter")
        page.sees("From another origin", f"{MESSAGE}.out")
        choose(page, "priority", "Low")
        page.sees("low", ".tags")
        (tmp_path / "dot.png").write_bytes(PIXEL)
        page.choose_file(".composer input[type=file]", tmp_path / "dot.png")
        page.until("!document.querySelector('[data-verb=send]').disabled")
        page.click("[data-verb=send]")
        page.until(f"document.querySelector('{MESSAGE}.out .picture img')?.naturalWidth === 1")
        assert page.complaints == []


def test_tabs_share_a_session_until_one_signs_out(chromium, demo, agent):
    with chromium.page(beside=agent) as other:
        other.open(f"{demo.url}/inbox")
        other.sees("Live", ".live")
        both = (agent, other)
        for _ in range(3):
            for one in both:  # at once: a refresh token is good for one of them
                one.run("window.before = true; setTimeout(() => location.reload(), 150)")
            for one in both:
                one.until("!window.before && document.readyState === 'complete'")
                one.sees("Live", ".live")
        other.click("#sign-out")
        agent.sees("Sign in to Blazz", "#door")
        assert agent.run("localStorage.length + sessionStorage.length") == 0
