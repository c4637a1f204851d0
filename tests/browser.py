"""A headless Chromium, driven over its DevTools protocol: real clicks, keys and pictures."""

import base64
import itertools
import json
import re
import shutil
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from websockets.sync.client import connect

from infra.servers.apt import need
from infra.servers.find import ServersMissing

PATIENCE_S = 30
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
    *("--no-first-run", "--disable-extensions", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--hide-scrollbars", "--mute-audio"),
    *("--remote-debugging-port=0", "--lang=en-GB", "about:blank"),
)
KEYS = {"Enter": 13, "Tab": 9, "Escape": 27, " ": 32, "ArrowUp": 38, "ArrowDown": 40, "k": 75}
CODES = {" ": "Space", "k": "KeyK"}
TYPED = {"Enter": "\r", " ": " "}
HELD = {"Alt": 1, "Control": 2, "Meta": 4, "Shift": 8}


@contextmanager
def browser():
    """A browser. Where none can be had the test fails, and says why: nothing is skipped."""
    try:
        path = next(filter(None, map(shutil.which, NAMES)), None) or need("chromium", ["chromium"])
    except ServersMissing as missing:
        pytest.fail(f"no browser to test in: {missing}")
    with tempfile.TemporaryDirectory(prefix="blazz-browser-", ignore_cleanup_errors=True) as folder:
        child = subprocess.Popen(
            [path, f"--user-data-dir={folder}", *FLAGS],
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            yield Browser(_address(child))
        finally:
            child.terminate()
            child.wait(20)
            child.stderr.close()


def _address(child):
    seen = []
    for line in child.stderr:
        seen.append(line)
        if found := re.search(r"DevTools listening on (ws://\S+)", line):
            return found[1]
    pytest.fail(f"the browser does not start: {''.join(seen)[-300:]}")


class Browser:
    def __init__(self, address):
        self._address = address

    @contextmanager
    def page(self, beside=None):
        """A page with a storage of its own, or with that of another one."""
        with connect(self._address, max_size=None) as socket:
            page = Page(socket)
            context = beside.context if beside else _context(page)
            page.context = context
            target = page.call("Target.createTarget", url="about:blank", browserContextId=context)
            attached = page.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)
            page.session = attached["sessionId"]
            for domain in ("Page", "Runtime", "Log", "Network"):
                page.call(f"{domain}.enable")
            yield page
            page.call("Page.close")


def _context(page):
    return page.call("Target.createBrowserContext")["browserContextId"]


class Page:
    """One tab. `complaints` are errors of the console, exceptions, and violations of the policy."""

    def __init__(self, socket):
        self._socket, self._numbers, self.session = socket, itertools.count(1), None
        self.context = None
        self.complaints = []

    def call(self, method, **parameters):
        number = next(self._numbers)
        asked = {"id": number, "method": method, "params": parameters}
        self._socket.send(json.dumps(asked | ({"sessionId": self.session} if self.session else {})))
        while True:
            told = json.loads(self._socket.recv(timeout=PATIENCE_S))
            if told.get("id") == number:
                assert "error" not in told, told
                return told["result"]
            self._note(told)

    def _note(self, told):
        about = told.get("params", {})
        if told.get("method") == "Runtime.exceptionThrown":
            self.complaints.append(str(about["exceptionDetails"]))
        elif told.get("method") == "Log.entryAdded" and about["entry"]["level"] == "error":
            self.complaints.append(f"{about['entry']['text']} {about['entry'].get('url', '')}")
        elif told.get("method") == "Runtime.consoleAPICalled" and about["type"] == "error":
            self.complaints.append(str(about["args"]))

    def run(self, script):
        """The value of an expression."""
        answer = self.call(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def until(self, script, limit_s=PATIENCE_S):
        """The first true value of the expression."""
        deadline = time.monotonic() + limit_s
        while not (value := self.run(script)):
            assert time.monotonic() < deadline, f"{script}\nnot in:\n{self.text()}"
            time.sleep(0.05)
        return value

    def text(self):
        return self.run("document.body.innerText")

    def sees(self, words, within="body"):
        """Waits for it to be visible there."""
        found = f"[...document.querySelectorAll({json.dumps(within)})]"
        shown = f"{found}.filter((e) => e.checkVisibility()).map((e) => e.innerText)"
        self.until(f"{shown}.join('\\n').includes({json.dumps(words)})")

    def open(self, url):
        self.call("Page.navigate", url=url)
        self.until("document.readyState === 'complete'")

    def reload(self):
        self.run("window.before = true")
        self.call("Page.reload")
        self.until("!window.before && document.readyState === 'complete'")

    def look(self, width, height, scheme="light"):
        """Size and colours of the window."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
        self.call("Emulation.setDeviceMetricsOverride", **size)
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.call("Emulation.setEmulatedMedia", features=features)

    def click(self, selector):
        """In the middle of it, as a mouse would."""
        self.until(f"Boolean(document.querySelector({json.dumps(selector)})?.offsetParent)")
        x, y = self.run(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)});"
            "e.scrollIntoView({block: 'nearest'}); const r = e.getBoundingClientRect();"
            "return [r.x + r.width / 2, r.y + r.height / 2]; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            event = {"type": kind, "x": x, "y": y, "button": "left", "clickCount": 1}
            self.call("Input.dispatchMouseEvent", **event)

    def type(self, text):
        self.call("Input.insertText", text=text)

    def press(self, key, *held):
        """The key, while others are held down: `press("Tab", "Shift")`."""
        about = {"key": key, "code": CODES.get(key, key), "windowsVirtualKeyCode": KEYS[key]}
        about["modifiers"] = sum(HELD[each] for each in held)
        typed = {"text": TYPED[key]} if key in TYPED and set(held) <= {"Shift"} else {}
        self.call("Input.dispatchKeyEvent", type="keyDown", **about, **typed)
        self.call("Input.dispatchKeyEvent", type="keyUp", **about)

    def fill(self, selector, text):
        self.run(f"document.querySelector({json.dumps(selector)}).focus()")
        self.run(f"document.querySelector({json.dumps(selector)}).select?.()")
        self.type(text)

    def choose_file(self, selector, path):
        root = self.call("DOM.getDocument")["root"]["nodeId"]
        found = self.call("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        self.call("DOM.setFileInputFiles", files=[str(path)], nodeId=found)

    def picture(self, path):
        found = self.call("Page.captureScreenshot", format="png")
        Path(path).write_bytes(base64.b64decode(found["data"]))

    def offline(self, is_off):
        self.call(
            "Network.emulateNetworkConditions",
            offline=is_off,
            latency=0,
            downloadThroughput=-1,
            uploadThroughput=-1,
        )
