"""Checks of interactive messages: reply buttons and lists in full, other kinds in outline."""

from typing import Any

from infra.providers.simulator.content import check_media, members, words
from infra.providers.simulator.errors import invalid, missing

LONGEST_BODY, LONGEST_HEADER, LONGEST_FOOTER = 1024, 60, 60
MOST_BUTTONS, LONGEST_BUTTON_TITLE, LONGEST_BUTTON_ID = 3, 20, 256
MOST_SECTIONS, MOST_ROWS, LONGEST_LIST_BUTTON, LONGEST_SECTION_TITLE = 10, 10, 20, 24
LONGEST_ROW_TITLE, LONGEST_ROW_DESCRIPTION, LONGEST_ROW_ID = 24, 72, 200
OUTLINED = frozenset(
    {
        "address_message",
        "call_permission_request",
        "carousel",
        "catalog_message",
        "cta_url",
        "flow",
        "location_request_message",
        "product",
        "product_list",
        "request_contact_info",
        "voice_call",
    }
)
BODILESS = frozenset({"product", "call_permission_request"})


def check_interactive(content: object) -> None:
    interactive = members(content, "interactive")
    kind = words(interactive, "type", "interactive")
    if kind not in {"button", "list"} | OUTLINED:
        raise invalid(f"interactive['type'] {kind!r} is not supported.")
    _frame(interactive, kind)
    if kind == "call_permission_request" and "action" not in interactive:
        return
    if interactive.get("action") is None:
        raise missing("interactive['action']")
    action = members(interactive["action"], "interactive['action']")
    if kind == "button":
        _buttons(action.get("buttons"))
    elif kind == "list":
        _list(action)


def _frame(interactive: dict[str, Any], kind: str) -> None:
    body = interactive.get("body")
    if body is not None:
        _limited(members(body, "interactive['body']"), "text", "interactive['body']", LONGEST_BODY)
    elif kind not in BODILESS:
        raise missing("interactive['body']")
    footer = interactive.get("footer")
    if footer is not None:
        where = "interactive['footer']"
        _limited(members(footer, where), "text", where, LONGEST_FOOTER)
    header = interactive.get("header")
    if header is None:
        return
    where = "interactive['header']"
    header_kind = words(members(header, where), "type", where)
    if header_kind == "text":
        _limited(header, "text", where, LONGEST_HEADER)
    elif header_kind not in {"image", "video", "document"} or kind == "list":
        raise invalid(f"{where}: type {header_kind!r} cannot head a {kind} message.")
    else:
        check_media(header_kind, header.get(header_kind))


def _buttons(buttons: object) -> None:
    count = len(buttons) if isinstance(buttons, list) else 0
    if not isinstance(buttons, list) or not 1 <= count <= MOST_BUTTONS:
        raise invalid(
            f"Invalid buttons count {count}. Min allowed buttons: 1, Max allowed buttons: {MOST_BUTTONS}"
        )
    replies = []
    for number, button in enumerate(buttons):
        where = f"interactive['action']['buttons'][{number}]"
        if members(button, where).get("type") != "reply":
            raise invalid(f"{where}: type must be 'reply', got {button.get('type')!r}.")
        replies.append(reply := members(button.get("reply"), f"{where}['reply']"))
        _limited(reply, "title", where, LONGEST_BUTTON_TITLE)
        _limited(reply, "id", where, LONGEST_BUTTON_ID)
    _distinct([reply["id"] for reply in replies], "button ids")
    _distinct([reply["title"] for reply in replies], "button titles")


def _list(action: dict[str, Any]) -> None:
    _limited(action, "button", "interactive['action']", LONGEST_LIST_BUTTON)
    sections = action.get("sections")
    count = len(sections) if isinstance(sections, list) else 0
    if not isinstance(sections, list) or not 1 <= count <= MOST_SECTIONS:
        raise invalid(f"A list has 1 to {MOST_SECTIONS} sections, got {count}.")
    ids: list[str] = []
    for number, section in enumerate(sections):
        where = f"interactive['action']['sections'][{number}]"
        rows = members(section, where).get("rows")
        if count > 1 or "title" in section:
            _limited(section, "title", where, LONGEST_SECTION_TITLE)
        if not isinstance(rows, list) or not rows:
            raise missing(f"{where}['rows']")
        ids += [_row(row, f"{where}['rows'][{at}]") for at, row in enumerate(rows)]
    if len(ids) > MOST_ROWS:
        raise invalid(f"Total row count {len(ids)} exceeds max allowed count: {MOST_ROWS}")
    _distinct(ids, "row ids")


def _row(content: object, where: str) -> str:
    row = members(content, where)
    _limited(row, "title", where, LONGEST_ROW_TITLE)
    _limited(row, "id", where, LONGEST_ROW_ID)
    if row.get("description") is not None:
        _limited(row, "description", where, LONGEST_ROW_DESCRIPTION)
    return str(row["id"])


def _limited(content: dict[str, Any], key: str, where: str, most: int) -> None:
    if len(value := words(content, key, where)) > most:
        raise invalid(
            f"{where}['{key}'] length invalid: {len(value)}. Min length: 1, Max length: {most}"
        )


def _distinct(values: list[str], what: str) -> None:
    if len(set(values)) != len(values):
        raise invalid(f"The {what} of one message must differ: {values}.")
