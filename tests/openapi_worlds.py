"""Both APIs with enough in them that requests made from their documents get past 404."""

import re
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import NamedTuple
from zlib import crc32

import httpx2
from schemathesis import GenerationMode
from starlette.applications import Starlette
from uuid_utils.compat import uuid7

from commands.execute import Ask, execute
from commands.store import Append
from domain.access import SCOPES
from domain.campaign import Audience
from domain.contact_import import (
    FinishImport,
    RecordImportChunk,
    RowOutcome,
    StartImport,
    contact_import,
)
from domain.file import GiveUpFile, file
from domain.ids import PREFIXES, inbound_file_id, message_id, parse, show
from domain.kernel import Metadata
from domain.notices import notification_id
from domain.notification import number_paused
from domain.template import ApproveTemplate, template
from infra.event_store.store import SqlEventStore
from tests.chat_site import Chat, found
from tests.command_site import VERIFY_TOKEN, command_site
from tests.openapi_people import crowd, owner
from tests.read_site import read_site
from tests.stage import Stage
from tests.talked import with_chats

RULE = {
    "trigger": {"kind": "regex", "values": ["^(buka|open)"]},
    "actions": {"answer": {"text": "From 9 to 5"}},
}
_ID = re.compile(r"([a-z]{3})_[0-9a-f]{32}")
_KINDS = {prefix: kind for kind, prefix in PREFIXES.items()}
VERSIONED = (
    "contact_id",
    "campaign_id",
    "conversation_id",
    "team_id",
    "reply_id",
    "rule_id",
    "user_id",
    "account_id",
)
_VERSION = re.compile(r'"[0-9]{1,9}"|0')  # the tool loses the quotes of its first choice


class World(NamedTuple):
    """An API, a client with every permission in a workspace, the ids in it, and a stranger's."""

    url: str
    http: httpx2.Client
    ids: dict[str, list[str]]
    stranger: httpx2.Client
    app: Starlette
    store: SqlEventStore
    operations: dict[str, int]

    @property
    def authorization(self):
        return self.http.headers["Authorization"]

    @property
    def document(self):
        return self.http.get("/openapi.json").json()

    def version(self, parameters):
        """The present version of what a path is about."""
        found = next((parameters[name] for name in VERSIONED if name in parameters), None)
        match = _ID.fullmatch(str(found))
        id_ = parse(_KINDS[match[1]], found) if match and match[1] in _KINDS else uuid7()
        return len(self.store.load([id_])[id_])

    def known(self, value, operation):
        """The value with every id in it replaced by one that exists, of the same kind.

        Each operation has two of a kind as far as they go round, so that what one deletes or
        cancels is there for the others.
        """
        match value:
            case str() if found := _ID.fullmatch(value):
                some = self.ids.get(_KINDS.get(found[1], ""), [value])
                own = self.operations.setdefault(operation, len(self.operations))
                return some[(2 * own + number(value) % 2) % len(some)]
            case dict():
                return {name: self.known(part, operation) for name, part in value.items()}
            case list() if all(isinstance(item, str) for item in value):
                return list(dict.fromkeys(self.known(item, operation) for item in value))
        return value


def number(text):
    """A number that is the same for the same text."""
    return crc32(repr(text).encode())


def phone(text):
    """A mobile number of Indonesia."""
    return f"+62812{number(text) % 10**8:08}"


@contextmanager
def command_world(folder):
    """The command API of a workspace with a few of everything."""
    with command_site(folder) as site:
        company = site.workspace()
        account_id = company.account("106540352242922")
        template_id = company.template(account_id)
        _approve(company, parse("template", template_id))
        plan = {"account_id": account_id, "template_id": template_id}
        groups = [company.post("/v1/groups", {"name": name}).json() for name in ("VIP", "New")]
        ids = {
            "account": [account_id, company.session("shop")],
            "template": [template_id],
            "contact": [company.contact(phone(n)) for n in range(60)],
            "group": [group["id"] for group in groups],
            "campaign": [company.campaign(**plan) for _ in range(60)],
        }
        for launched in ids["campaign"][1::2]:
            company.post(f"/v1/campaigns/{launched}/launch")
        ids |= _chats(company, ids) | crowd(site.store, company.workspace_id)
        ids["notification"] = _told(site.store, company.workspace_id)
        asks, stranger = (owner(site, one.workspace_id) for one in (company, site.workspace()))
        yield World(site.url, asks, ids, stranger, site.app, site.store, {})


def _chats(company, ids):
    """Conversations of customers who have just written, and who answers them."""
    found(company)
    account_id = parse("account", ids["account"][0])
    chats = [Chat(company, account_id, parse("contact", id_)) for id_ in ids["contact"][:40]]
    messages = [chat.customer_writes(wamid=f"wamid.{n}") for n, chat in enumerate(chats)]
    notes = [chat.do("notes", text="Rings twice").json()["id"] for chat in chats]
    teams = [company.post("/v1/teams", {"name": f"Team {n}"}) for n in range(12)]
    rules = [{"name": f"Rule {n}", **RULE} for n in range(12)]
    codes = [{"short_code": f"code-{n}", "text": "Hello"} for n in range(12)]
    return {
        "conversation": [show("conversation", chat.id) for chat in chats],
        "message": messages,
        "note": notes,
        "file": [_given_up(*known) for known in zip(chats[:12], messages, strict=False)],
        "team": [team.json()["id"] for team in teams],
        "rule": [company.post("/v1/rules", body).json()["id"] for body in rules],
        "reply": [company.post("/v1/canned-replies", body).json()["id"] for body in codes],
    }


def _given_up(chat, shown):
    """A file that came with that message, and was given up."""
    message_id = parse("message", shown)
    id_ = inbound_file_id(message_id)
    whose = {"message_id": message_id, "conversation_id": chat.id, "account_id": chat.account_id}
    chat.ask(file, id_, GiveUpFile, file_id=id_, **whose, why="HTTP 500")
    return show("file", id_)


def _told(store, workspace_id):
    """What people are told of a number."""
    told = [number_paused(workspace_id, uuid7(), "+62 811", f"reason {n}") for n in range(4)]
    positions = store.append([Append(uuid7(), 0, told, Metadata())], datetime.now(UTC))
    return [show("notification", notification_id(position)) for position in positions]


def _approve(company, template_id):
    about = {"workspace_id": company.workspace_id, "template_id": template_id}
    asks = [Ask(template, template_id, ApproveTemplate(**about))]
    execute(company.store, asks, Metadata(), datetime.now(UTC))


@contextmanager
def read_world(folder):
    """The read API of a workspace with a few of everything."""
    stage = Stage(folder)
    contacts = stage.contacts([{"phone": phone(n)} for n in range(20)])
    campaign_id = stage.queued(Audience(kind="all"))
    ids = {
        "account": [stage.session("shop"), stage.account],
        "template": [stage.template],
        "contact": contacts,
        "group": [stage.group("VIP", *contacts[:5])],
        "campaign": [campaign_id, stage.draft(Audience(kind="contacts", contacts=contacts[:2]))],
        "message": [message_id(campaign_id, contact) for contact in contacts],
        "import": [_imported(stage)],
    }
    people = crowd(stage.store, stage.ws)
    ids |= with_chats(stage, contacts[:3])
    stage.project()
    with read_site(stage) as site:
        http = site.client(stage.ws, SCOPES)
        shown = {kind: [show(kind, id_) for id_ in some] for kind, some in ids.items()} | people
        stranger = site.client(stage.new_workspace(), SCOPES)
        yield World(site.url, http, shown, stranger, site.app, stage.store, {})
    stage.close()


def _imported(stage):
    import_id = uuid7()
    about = {"workspace_id": stage.ws, "import_id": import_id}
    bad = RowOutcome(
        line=3, outcome="invalid", column="phone", value="=cmd()", code="x", reason="a, b"
    )
    rows = (RowOutcome(line=2, outcome="duplicate"), bad)
    for command in (
        StartImport(**about, filename="a.csv"),
        RecordImportChunk(**about, chunk=1, rows=rows),
        FinishImport(**about),
    ):
        stage.do(contact_import, import_id, command)
    return import_id


def plausible(case, world):
    """Puts in what is so in the world, where the document can only say how it looks."""
    version = _VERSION.fullmatch(case.headers.get("If-Match", ""))
    if version and getattr(case.meta.phase.data, "parameter", "") != "Authorization":
        stale = number(version[0]) % 4 == 0
        case.headers["If-Match"] = f'"{world.version(case.path_parameters) + stale}"'
    if case.meta.generation.mode == GenerationMode.NEGATIVE:
        return
    body, query = case.body, case.query or {}
    if isinstance(body, dict):
        case.body = {name: _plausible(name, value) for name, value in body.items()}
    elif case.media_type == "text/csv" and number(body) % 2:
        case.body = f"phone,first_name\n{phone(body)},Ana\n"
    if "country" in query:
        case.query["country"] = "MY"
    if "hub.verify_token" in query and number(query["hub.verify_token"]) % 2:
        case.query["hub.verify_token"] = VERIFY_TOKEN
    if "Prefer" in case.headers:
        case.headers["Prefer"] = "wait=0"


def _plausible(name, value):
    match name, value:
        case "phone", str():
            return phone(value)
        case "time_zone", str() if value:
            return "Asia/Jakarta"
        case "country", str():
            return "MY"
        case "at", str() if number(value) % 2:
            return f"2096{value[4:]}"
        case "audience", dict():
            return {"kind": "all"}
    return value
