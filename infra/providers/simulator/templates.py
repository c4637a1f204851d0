"""Message templates: registered once per account, name and language; pending until decided,
then approved, rejected, paused or disabled.
"""

import re
from typing import Any

import msgspec

from infra.providers.simulator.errors import GraphError, object_missing

STATUSES = frozenset(
    {"PENDING", "APPROVED", "REJECTED", "PAUSED", "DISABLED", "FLAGGED", "IN_APPEAL", "LOCKED"}
)
EDITABLE = frozenset({"APPROVED", "REJECTED", "PAUSED"})
CATEGORIES = frozenset({"MARKETING", "UTILITY", "AUTHENTICATION"})
COMPONENTS = frozenset({"HEADER", "BODY", "FOOTER", "BUTTONS", "CAROUSEL", "LIMITED_TIME_OFFER"})
HEADER_FORMATS = frozenset({"TEXT", "IMAGE", "VIDEO", "DOCUMENT", "LOCATION"})
NAME, LANGUAGE = re.compile(r"[a-z0-9_]{1,512}"), re.compile(r"[a-z]{2,3}(_[A-Za-z]{2,4})?")
VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
LONGEST = {"BODY": 1024, "HEADER": 60, "FOOTER": 60}
MOST_BUTTONS, LONGEST_BUTTON = 10, 25
ALREADY_EXISTS, TOO_LONG, EXAMPLE_MISSING = 2388024, 2388040, 2388043  # subcodes


class Template(msgspec.Struct, kw_only=True):
    id: str
    waba_id: str
    name: str
    language: str
    category: str
    components: list[dict[str, Any]]
    parameter_format: str
    status: str = "PENDING"
    reason: str = "NONE"

    def component(self, kind: str) -> dict[str, Any]:
        return next((c for c in self.components if c["type"].upper() == kind), {})

    def shown(self) -> dict[str, Any]:
        """As the Graph API lists it."""
        return {
            "id": self.id,
            "name": self.name,
            "language": self.language,
            "category": self.category,
            "status": self.status,
            "parameter_format": self.parameter_format,
            "components": self.components,
            "rejected_reason": self.reason if self.status == "REJECTED" else "NONE",
        }


class Templates:
    """All templates, found by id or by account, name and language."""

    def __init__(self) -> None:
        self._by_id: dict[str, Template] = {}
        self._by_key: dict[tuple[str, str, str], Template] = {}

    def register(self, template_id: str, waba_id: str, request: dict[str, Any]) -> Template:
        template = checked(template_id, waba_id, request)
        key = (waba_id, template.name, template.language)
        if key in self._by_key:
            raise GraphError(
                100,
                "Invalid parameter",
                subcode=ALREADY_EXISTS,
                user=(
                    "Content in This Language Already Exists",
                    f"There is already {template.language} content for {template.name}.",
                ),
            )
        self._by_key[key] = self._by_id[template_id] = template
        return template

    def edit(self, template: Template, request: dict[str, Any]) -> None:
        """Category and components may change; name and language never do."""
        if template.status not in EDITABLE:
            raise GraphError(100, f"A template that is {template.status} cannot be edited.")
        stays = {"name": template.name, "language": template.language}
        was = msgspec.structs.asdict(template)
        changed = checked(template.id, template.waba_id, {**was, **request, **stays})
        template.category, template.components = changed.category, changed.components
        template.parameter_format = changed.parameter_format
        template.status, template.reason = "PENDING", "NONE"

    def get(self, template_id: str) -> Template | None:
        return self._by_id.get(template_id)

    def find(self, waba_id: str, name: str, language: str) -> Template | None:
        """The account's own template, else one of that name in any account."""
        own = self._by_key.get((waba_id, name, language))
        if own is not None:
            return own
        return next((t for k, t in self._by_key.items() if k[1] == name and k[2] == language), None)

    def of(self, waba_id: str, **wanted: str) -> list[Template]:
        return [
            template
            for template in self._by_id.values()
            if template.waba_id == waba_id
            and all(getattr(template, field) == value for field, value in wanted.items())
        ]

    def delete(self, waba_id: str, name: str, template_id: str | None) -> None:
        doomed = [t for t in self.of(waba_id, name=name) if template_id in {None, t.id}]
        if not doomed:
            raise object_missing(name)
        for template in doomed:
            del self._by_id[template.id], self._by_key[waba_id, name, template.language]


def checked(template_id: str, waba_id: str, request: dict[str, Any]) -> Template:
    name, language = request.get("name"), request.get("language")
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise GraphError(
            100, f"Param name must be 1 to 512 lower-case letters, digits or _, got {name!r}."
        )
    if not isinstance(language, str) or not LANGUAGE.fullmatch(language):
        raise GraphError(100, f"Param language must be a code such as en_US, got {language!r}.")
    category = str(request.get("category", "")).upper()
    if category not in CATEGORIES:
        raise GraphError(
            100,
            f"Param category must be one of {{{', '.join(sorted(CATEGORIES))}}}"
            f" - got {request.get('category')!r}.",
        )
    parameter_format = str(request.get("parameter_format", "POSITIONAL")).upper()
    if parameter_format not in {"POSITIONAL", "NAMED"}:
        raise GraphError(
            100, f"Param parameter_format must be POSITIONAL or NAMED, got {parameter_format!r}."
        )
    components = request.get("components")
    _check_components(components, category, parameter_format)
    assert isinstance(components, list)
    return Template(
        id=template_id,
        waba_id=waba_id,
        name=name,
        language=language,
        category=category,
        components=components,
        parameter_format=parameter_format,
    )


def _check_components(components: object, category: str, parameter_format: str) -> None:
    if not isinstance(components, list) or not components:
        raise GraphError(100, "Param components must be a non-empty array.")
    kinds = [str(c.get("type", "")).upper() if isinstance(c, dict) else "" for c in components]
    for number, (kind, component) in enumerate(zip(kinds, components, strict=True)):
        if kind not in COMPONENTS or kinds.count(kind) > 1:
            raise GraphError(
                100, f"Param components[{number}]['type'] {kind!r} is unknown or used twice."
            )
        _check_component(kind, component, parameter_format)
    if "BODY" not in kinds:
        raise GraphError(100, "Param components must have one component of type BODY.")
    if category != "AUTHENTICATION" and not components[kinds.index("BODY")].get("text"):
        raise GraphError(100, "The body of a template must have a text.")


def _check_component(kind: str, component: dict[str, Any], parameter_format: str) -> None:
    if kind == "HEADER" and str(component.get("format", "")).upper() not in HEADER_FORMATS:
        raise GraphError(
            100, f"Param format of a header must be one of {{{', '.join(sorted(HEADER_FORMATS))}}}."
        )
    text = component.get("text", "")
    if not isinstance(text, str) or len(text) > LONGEST.get(kind, 0) > 0:
        raise GraphError(
            100, f"The text of a {kind} has at most {LONGEST[kind]} characters.", subcode=TOO_LONG
        )
    variables = variables_of(text)
    positional = [str(number) for number in range(1, len(variables) + 1)]
    if parameter_format == "POSITIONAL" and set(variables) != set(positional):
        raise GraphError(100, f"Variables of a {kind} must be {{{{1}}}}, {{{{2}}}}, ... in order.")
    if variables and not component.get("example"):
        raise GraphError(
            100, f"The {kind} has variables and no example for them.", subcode=EXAMPLE_MISSING
        )
    if kind == "BUTTONS":
        _check_buttons(component.get("buttons"))


def _check_buttons(buttons: object) -> None:
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= MOST_BUTTONS:
        raise GraphError(100, f"Param buttons must be an array of 1 to {MOST_BUTTONS} buttons.")
    for button in buttons:
        if not isinstance(button, dict) or not isinstance(button.get("type"), str):
            raise GraphError(100, f"A button must be an object with a type, got {button!r}.")
        if len(str(button.get("text", ""))) > LONGEST_BUTTON:
            raise GraphError(
                100, f"A button has at most {LONGEST_BUTTON} characters.", subcode=TOO_LONG
            )


def variables_of(text: str) -> list[str]:
    """Each variable once, in order of first use."""
    return list(dict.fromkeys(VARIABLE.findall(text)))
