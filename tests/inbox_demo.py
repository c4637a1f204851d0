"""The running demo and somebody signed in at its inbox page, for the tests of the page."""

import base64
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import httpx2

from infra.http.app import build
from infra.servers.find import free_port
from infra.services.parts import ReadSide, WriteSide
from infra.settings import Settings
from tests.command_site import serving

ROOT = Path(__file__).parents[1]
HEADER = "Phone,First name,Group\n"
NUMBER = "106540352242922"
RAHMA = "6281190030002"
ROW = "#conversations .rows a"
MESSAGE = ".message:not(.pending)"
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


class Demo:
    """The running demo, and what it told on its start."""

    def __init__(self, told, databases):
        self.databases = databases
        self.told, self.url = told, told["API"].removesuffix("/openapi.json")
        self.simulator = told["simulator"].removesuffix("/_simulator/ledger")
        self.headers = {"Authorization": f"Bearer {told['key']}"}

    def play(self, *deeds, customer=RAHMA, name="Rahma Putri"):
        """What a customer does, one after the other."""
        about = {"phone_number_id": NUMBER, "customer": customer, "name": name}
        played = [{**about, "after_ms": 5 * at, **deed} for at, deed in enumerate(deeds)]
        path = f"{self.simulator}/_simulator/customers"
        assert httpx2.post(path, json={"deeds": played}).status_code == 200

    def write(self, *texts, **who):
        """A customer writes to the company."""
        self.play(*({"does": "write", "text": text} for text in texts), **who)

    def post(self, path, body, **headers):
        answer = httpx2.post(self.url + path, json=body, headers=self.headers | headers)
        assert answer.is_success, answer.text
        return answer.json()

    def get(self, path):
        return httpx2.get(self.url + path, headers=self.headers).json()


@contextmanager
def demo_of(contacts, folder):
    """A demo whose campaign goes to so many."""
    mine = folder / "mine.csv"
    mine.write_text(HEADER + "\n".join(f"0812345{n:05},Ana {n},VIP" for n in range(contacts)))
    command = [sys.executable, "-m", "infra.cli.main", "demo", "--contacts", str(mine)]
    here = os.environ | {"TMPDIR": str(folder)}
    child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=here)
    told = {}
    for line in child.stdout:
        words = line.split()
        told |= {words[0]: words[1]} if len(words) == 2 else {}
        if "Ctrl-C" in line:
            break
    assert "inbox" in told, "the demo broke off"
    try:
        (databases,) = folder.glob("blazz-demo-*")
        yield Demo(told, databases)
    finally:
        child.send_signal(signal.SIGINT)
        child.wait(30)
        child.stdout.close()


@contextmanager
def on_two_ports(demo):
    """The two APIs over the demo's databases, as services of their own: the inbox page's address."""
    folder, ports = demo.databases, (free_port(), free_port())
    settings = Settings(
        store_url=f"sqlite:///{folder}/store.sqlite",
        read_url=f"sqlite:///{folder}/read.sqlite",
        files_dir=str(folder / "files"),
        command_port=ports[0],
        read_port=ports[1],
        whatsapp_url=f"{demo.simulator}/v23.0",
    )
    write, read = WriteSide(settings), ReadSide(settings)
    known, inbox = read.credentials.authenticate, settings.inbox_elsewhere()
    commands = build(write.routes(settings), known, "commands", _ready, origin=inbox)
    reads = build(read.routes(settings, 1), known, "reads", _ready)
    with serving(commands, ports[0]), serving(reads, ports[1]):
        yield inbox + demo.told["inbox"].removeprefix(demo.url)


async def _ready():
    return {"store": "ok"}


def sign_in(page, demo, url=""):
    page.open(url or demo.told["inbox"])
    page.until("document.activeElement.name === 'password'")
    page.type(demo.told["password"])
    page.press("Enter")
    page.sees("Live", ".live")
    page.until(f"document.querySelectorAll('{ROW}').length >= 3")


def opened(page, name, row=ROW):
    """The conversation with somebody, by the keyboard."""
    found = f"[...document.querySelectorAll('{row}')].find((a) => a.innerText.includes('{name}'))"
    page.until(f"Boolean({found})")
    page.run(f"{found}.focus()")
    page.press("Enter")
    page.sees(name, ".about h2")
    page.until(f"document.querySelectorAll('{MESSAGE}').length > 0")


def choose(page, verb, words):
    """One of the choices that open under a button."""
    page.click(f"[data-verb={verb}]")
    page.sees(words, ".popup")
    page.run(
        "[...document.querySelectorAll('.popup .choice')]"
        f".find((one) => one.innerText.includes('{words}')).focus()"
    )
    page.press("Enter")
