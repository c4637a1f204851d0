"""Whether the parameters of a template message fit the registered template."""

from typing import Any

from infra.providers.simulator.content import check_media, members
from infra.providers.simulator.errors import GraphError, invalid, missing
from infra.providers.simulator.templates import Template, variables_of

LONGEST_HYDRATED = {"body": 1024, "header": 60}


def check_parameters(template: Template, components: list[dict[str, Any]]) -> None:
    given = {str(c.get("type", "")).lower(): c for c in components}
    header = template.component("HEADER")
    if str(header.get("format", "TEXT")).upper() == "TEXT":
        _check_texts(template, "header", header.get("text", ""), given.get("header"))
    else:
        _check_media_header(str(header["format"]).lower(), given.get("header"))
    _check_texts(template, "body", template.component("BODY").get("text", ""), given.get("body"))
    _check_buttons(
        template.component("BUTTONS").get("buttons", []),
        [c for c in components if str(c.get("type", "")).lower() == "button"],
    )


def _parameters(component: dict[str, Any] | None, where: str) -> list[dict[str, Any]]:
    parameters = [] if component is None else component.get("parameters", [])
    if not isinstance(parameters, list) or not all(isinstance(p, dict) for p in parameters):
        raise GraphError(100, f"Param parameters of the {where} must be an array of objects.")
    return parameters


def _check_texts(
    template: Template, where: str, text: str, component: dict[str, Any] | None
) -> None:
    parameters, variables = _parameters(component, where), variables_of(text)
    if len(parameters) != len(variables):
        raise GraphError(
            132000,
            f"{where}: number of localizable_params ({len(parameters)}) does not match the "
            f"expected number of params ({len(variables)})",
        )
    for number, parameter in enumerate(parameters):
        if parameter.get("type") not in {"text", "currency", "date_time"}:
            raise GraphError(
                132012,
                f"{where}: parameter {number + 1} must be text, got {parameter.get('type')!r}",
            )
        if (
            template.parameter_format == "NAMED"
            and parameter.get("parameter_name") not in variables
        ):
            raise GraphError(
                132012,
                f"{where}: parameter_name {parameter.get('parameter_name')!r} is not one of "
                f"{variables}",
            )
        if parameter["type"] == "text":
            text = text.replace(f"{{{{{variables[number]}}}}}", _text_value(parameter, where))
    if len(text) > LONGEST_HYDRATED[where]:
        raise GraphError(
            132005,
            f"{where}: {len(text)} characters after filling in; at most {LONGEST_HYDRATED[where]}",
        )


def _text_value(parameter: dict[str, Any], where: str) -> str:
    value = parameter.get("text")
    if not isinstance(value, str) or not value:
        raise missing(f"{where} parameter text")
    if "\n" in value or "\t" in value or "     " in value:
        raise GraphError(
            132018,
            f"{where}: a parameter cannot have new lines, tabs or more than 4 spaces in a row",
        )
    return value


def _check_media_header(expected: str, component: dict[str, Any] | None) -> None:
    parameters = _parameters(component, "header")
    received = parameters[0].get("type", "unknown") if len(parameters) == 1 else "unknown"
    if received != expected:
        raise GraphError(
            132012,
            f"header: Format mismatch, expected {expected.upper()}, received "
            f"{str(received).upper()}",
        )
    if expected != "location":
        check_media(expected, parameters[0].get(expected))


def _check_buttons(buttons: list[dict[str, Any]], given: list[dict[str, Any]]) -> None:
    filled: set[int] = set()
    for component in given:
        index = str(component.get("index", ""))
        if not index.isdigit() or int(index) >= len(buttons):
            raise GraphError(132012, f"button: the template has no button with index {index!r}")
        filled.add(int(index))
        kind = str(buttons[int(index)].get("type", "")).lower()
        if str(component.get("sub_type", "")).lower() != kind:
            raise GraphError(
                132012, f"button: index {index} is {kind}, got {component.get('sub_type')!r}"
            )
        _check_button(kind, _parameters(component, "button"), index)
    for number, button in enumerate(buttons):
        if variables_of(str(button.get("url", ""))) and number not in filled:
            raise GraphError(
                131008, f"buttons: Button at index {number} of type Url requires a parameter"
            )


def _check_button(kind: str, parameters: list[dict[str, Any]], index: str) -> None:
    if len(parameters) != 1:
        raise GraphError(132000, f"button: index {index} takes 1 parameter, got {len(parameters)}")
    parameter = members(parameters[0], f"button {index}")
    key = {"quick_reply": "payload", "url": "text"}.get(kind)
    if key is not None and (
        not isinstance(parameter.get(key), str) or parameter.get("type") not in {"payload", "text"}
    ):
        raise invalid(f"button: index {index} needs a parameter with a {key}")
