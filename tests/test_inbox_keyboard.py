"""The inbox page without a mouse, in a real browser: reached, operated, seen, and come back to."""

import base64

import pytest

from tests.inbox_demo import MESSAGE, PIXEL, ROW, choose, demo_of, opened, sign_in

MOST_STOPS = 120
KEY = """(e) => e.type === 'radio' ? e.name : e.tagName + (e.getAttribute('href') ?? e.dataset.verb
  ?? e.getAttribute('aria-label') ?? (e.id || e.innerText || e.labels?.[0]?.innerText))"""
STOP = """(() => { const e = document.activeElement; if (e === document.body) return null;
  const one = (KEY)(e); (window.stops ??= new Set()).add(one);
  const shown = e.matches('.segments input') ? e.nextElementSibling : e, look = getComputedStyle(shown);
  const r = shown.getBoundingClientRect(), top = document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2);
  const why = look.outlineStyle === 'none' || parseFloat(look.outlineWidth) < 2 ? 'without an outline'
    : r.bottom < 0 || r.top > innerHeight || r.right < 0 || r.left > innerWidth ? 'out of sight'
    : look.opacity !== '1' ? 'transparent'
    : (e.closest('label') ?? shown).contains(top) || top?.contains(shown) ? '' : 'covered by ' + top?.outerHTML.slice(0, 60);
  return [one, why && why + ': ' + e.outerHTML.slice(0, 90)]; })()""".replace("KEY", KEY)
UNREACHED = """[...document.querySelectorAll('a[href], button, input, select, textarea, [tabindex="0"]')]
  .filter((e) => e.checkVisibility() && e.tabIndex >= 0 && !e.disabled && !stops.has((KEY)(e)))
  .map((e) => e.outerHTML.slice(0, 90))""".replace("KEY", KEY)
NIA = {"customer": "6281190070002", "name": "Nia"}


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    with demo_of(5, tmp_path_factory.mktemp("keyboard")) as demo:
        yield demo


@pytest.fixture(scope="module")
def agent(chromium, demo):
    with chromium.page() as page:
        page.look(1280, 800)
        sign_in(page, demo)
        yield page


@pytest.fixture
def page(agent):
    agent.look(1280, 800)
    agent.fill("#search", "")
    agent.press("Escape")
    agent.run(
        "location.hash = '#conversations'; document.activeElement.blur(); delete window.stops"
    )
    agent.until("!document.querySelector('#conversations').classList.contains('one')")
    yield agent
    complaints, agent.complaints = agent.complaints, []
    assert complaints == []


def around(page, *held):
    """Where Tab leads, from the page's one end to its other."""
    passed = []
    while stop := page.run(STOP):
        name, wrong = stop
        if name in passed:
            break
        assert wrong == "", wrong
        passed.append(name)
        assert len(passed) < MOST_STOPS, "there is no end"
        page.press("Tab", *held)
    return passed


def by_tab(page, selector, *held):
    """Tab until the focus is on it."""
    for _ in range(MOST_STOPS):
        if page.run(f"document.activeElement.matches({selector!r})"):
            return
        page.press("Tab", *held)
    pytest.fail(f"Tab does not lead to {selector}")


def focus(page, selector):
    page.until(f"Boolean(document.querySelector({selector!r})?.checkVisibility())")
    page.run(f"document.querySelector({selector!r}).focus()")


def rests_on(page, selector):
    page.until(f"document.activeElement.matches({selector!r})")


def test_the_link_past_the_navigation_leaves_the_conversation_open(page):
    opened(page, "Rahma")
    page.run("document.querySelector('.skip').focus()")
    page.press("Enter")
    rests_on(page, "#main")
    page.press("Tab")
    rests_on(page, "#search")
    assert page.run("document.querySelector('.about h2').checkVisibility()")


def test_ctrl_k_searches_wherever_one_is(page):
    page.press("k", "Control")
    rests_on(page, "#search")
    for place in ("nav a", "#reply"):
        opened(page, "Rahma")
        focus(page, place)
        page.press("k", "Control")
        rests_on(page, "#search")
    page.type("weekend")
    page.sees("Is the weekend offer", "#found")
    page.press("ArrowDown")
    rests_on(page, "#found a")
    page.press("Escape")
    rests_on(page, "#search")
    page.until("document.querySelector('#found').hidden")
    focus(page, "#reply")
    page.look(360, 740)
    page.press("k", "Control")
    rests_on(page, "#search")


@pytest.mark.parametrize("verb", ["assign", "priority", "labels", "snooze", "filters"])
def test_a_popup_opens_is_walked_through_and_gives_the_focus_back(page, verb):
    button = "[aria-label='More filters']" if verb == "filters" else f"[data-verb={verb}]"
    opened(page, "Rahma")
    focus(page, button)
    page.press("Enter")
    rests_on(page, ".popup *")
    page.press("Escape")
    rests_on(page, button)
    page.press(" ")
    rests_on(page, ".popup *")
    page.run("document.querySelector('.popup :is(button, input, select)').focus()")
    controls = page.run(IN_POPUP)
    for _ in range(MOST_STOPS):
        assert page.run(STOP)[1] == ""
        page.press("Tab")
        if not page.run("Boolean(document.activeElement.closest('.popup'))"):
            break
    page.until(
        "document.querySelector('.popup') === null && document.activeElement.matches('button, a')"
    )
    assert page.run("[...stops].length") == controls > 1


IN_POPUP = """[...document.querySelectorAll('.popup :is(button, input, select)')]
  .filter((e) => e.checkVisibility()).length"""


def test_what_was_chosen_in_a_popup_leaves_the_focus_on_its_button(page):
    opened(page, "Budi")
    choose(page, "priority", "High")
    page.sees("high", ".tags")
    rests_on(page, "[data-verb=priority]")
    choose(page, "snooze", "Tomorrow")
    page.sees("Put aside until", ".tags")
    rests_on(page, "[data-verb=snooze]")
    by_tab(page, "[data-verb=resolve]")
    page.press("Enter")
    page.sees("Resolved", ".tags")
    rests_on(page, "[data-verb=reopen]")
    page.press(" ")
    page.sees("Open", ".tags")
    rests_on(page, "[data-verb=pending]")


def test_a_label_is_put_on_and_taken_off_by_keys(page, demo):
    opened(page, "Budi")
    focus(page, "[data-verb=labels]")
    page.press("Enter")
    rests_on(page, ".popup input")
    page.type("from the keys")
    page.press("Enter")
    page.sees("from the keys", ".tags")
    rests_on(page, "[data-verb=labels]")
    remove = "[aria-label='Remove the label from the keys']"
    by_tab(page, remove, "Shift")
    budi = page.run("location.hash.split('/')[1]")
    demo.post(f"/v1/conversations/{budi}/assign", {"user_id": None, "team_id": None})
    demo.post(f"/v1/conversations/{budi}/pending", {})
    page.sees("Pending", ".tags")
    rests_on(page, remove)
    page.press("Enter")
    page.until("!document.querySelector('.tags').innerText.includes('from the keys')")
    rests_on(page, ".about h2")
    demo.post(f"/v1/conversations/{budi}/reopen", {})


def test_an_answer_is_quoted_written_in_lines_and_sent_by_keys(page, demo):
    demo.write("Which size do you have?", **NIA)
    opened(page, "Nia")
    page.sees("Which size do you have?", ".message.in")
    last = f"{MESSAGE}.in:last-child .answer"
    by_tab(page, last)
    page.press("Enter")
    rests_on(page, "#reply")
    page.sees("Which size do you have?", ".quoting")
    page.press("Escape")
    page.until("document.querySelector('.quoting').hidden")
    by_tab(page, ".composer [name=mode]", "Shift")
    page.press("ArrowDown")
    rests_on(page, "#reply")
    page.until("document.querySelector('.composer').classList.contains('noting')")
    page.type("One line")
    page.press("Enter", "Shift")
    page.type("and another")
    by_tab(page, "[data-verb=send]")
    page.press("Enter")
    page.sees("One line\nand another", ".note:not(.pending)")
    rests_on(page, "#reply")


def test_a_kept_reply_and_a_file_are_asked_for_by_keys(page, demo):
    demo.post("/v1/canned-replies", {"short_code": "size", "text": "We have them all."})
    opened(page, "Nia")
    by_tab(page, "[aria-label='Replies kept ready']:is(button)")
    page.press("Enter")
    rests_on(page, "#reply")
    page.sees("We have them all.", ".canned")
    page.press("Escape")
    page.until("document.querySelector('.canned').hidden")
    rests_on(page, "#reply")
    page.press("Tab")
    rests_on(page, "[aria-label='Attach a file']")
    page.run(
        "document.querySelector('.composer [type=file]').click = () => { window.asked = true; }"
    )
    page.press("Enter")
    assert page.run("window.asked")


def test_a_picture_is_opened_and_closed_by_keys(page, demo):
    photo = {"kind": "image", "mime_type": "image/png", "data": base64.b64encode(PIXEL).decode()}
    demo.play({"does": "write", "file": photo}, **NIA)
    opened(page, "Nia")
    page.until("document.querySelector('.message.in .picture img')?.naturalWidth === 1")
    for key in ("Escape", "Enter"):
        by_tab(page, ".picture")
        page.press("Enter")
        rests_on(page, "dialog button")
        page.press("ArrowDown", "Alt")
        page.press(key)
        page.until("document.querySelector('dialog') === null")
        rests_on(page, ".picture")


def test_the_latest_is_gone_to_by_keys_and_the_focus_stays_among_the_messages(page, demo):
    demo.write(*(f"line {number:02} of some" for number in range(35)), **NIA)
    opened(page, "Nia")
    page.sees("line 34 of some", ".message.in")
    page.run("document.querySelector('.log').scrollTop = 0")
    focus(page, ".to-end")
    page.press("Tab")
    by_tab(page, ".to-end", "Shift")
    page.press("Enter")
    page.until("document.querySelector('.to-end').hidden")
    rests_on(page, ".log")


def settled(page):
    """The list, when nobody writes by themselves any more: its order stays."""
    page.sees("see you Sunday", ROW)


def test_alt_and_an_arrow_open_the_next_conversation(page):
    settled(page)
    names = f"[...document.querySelectorAll('{ROW} .name')].map((name) => name.innerText)"
    first, second, *_ = page.run(names)
    page.press("ArrowDown", "Alt")
    page.sees(first, ".about h2")
    rests_on(page, ".about h2")
    page.press("ArrowDown", "Alt")
    page.sees(second, ".about h2")
    focus(page, f"{ROW}[aria-current]")
    page.press("ArrowUp", "Alt")
    page.sees(first, ".about h2")
    page.fill("#reply", "")
    page.press("ArrowDown", "Alt")
    page.sees(second, ".about h2")
    rests_on(page, "#reply")


def test_the_list_is_walked_by_arrows_and_come_back_to(page):
    settled(page)
    focus(page, ROW)
    page.press("ArrowDown")
    page.press("Enter")
    page.until(f"document.querySelectorAll('{ROW}')[1].ariaCurrent === 'true'")
    rests_on(page, ".about h2")
    page.look(360, 740)
    by_tab(page, ".back", "Shift")
    page.press("Enter")
    rests_on(page, "li:nth-child(2) > a")


def test_tab_reaches_every_control_and_shows_where_it_is(page):
    settled(page)
    opened(page, "Rahma")
    page.until(f"document.querySelector('{ROW}[aria-current]:not(.unread)')?.checkVisibility()")
    focus(page, ".skip")
    forth = around(page)
    assert page.run(UNREACHED) == []
    by_tab(page, "[data-verb=send]", "Shift")
    assert around(page, "Shift") == forth[::-1]
