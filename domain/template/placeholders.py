"""The placeholders of a template's text: {{1}}, {{2}}, … or {{first_name}}, never both kinds."""

import re
from typing import Final

from domain.kernel import Rejected

PLACEHOLDER: Final = re.compile(r"\{\{([^{}]*)\}\}")
NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
NUMBER: Final = re.compile(r"[1-9][0-9]{0,2}")


def placeholders(text: str) -> tuple[str, ...]:
    """What stands between double braces, each once, in order of first occurrence."""
    return tuple(dict.fromkeys(found.strip() for found in PLACEHOLDER.findall(text)))


def fill(text: str, values: dict[str, str]) -> str:
    """The text as its reader sees it. A placeholder without a value stays."""
    return PLACEHOLDER.sub(lambda found: values.get(found[1].strip(), found[0]), text)


def variables(header: str, body: str) -> tuple[str, ...]:
    """The variables of a template, header first. Rejected says which placeholder is wrong."""
    for part, text in (("header", header), ("body", body)):
        if rest := re.search(r"\{\{|\}\}", PLACEHOLDER.sub("", text)):
            raise Rejected(
                "template_variables_invalid",
                f"the {part} has {rest[0]} without its counterpart; a placeholder is like {{{{1}}}}",
            )
        _check_kinds(part, placeholders(text))
    names = tuple(dict.fromkeys((*placeholders(header), *placeholders(body))))
    if len({name.isdigit() for name in names}) > 1:
        raise Rejected(
            "template_variables_mixed",
            "the variables of a template are all numbered or all named; "
            f"these are {', '.join(names)}",
        )
    return names


def _check_kinds(part: str, names: tuple[str, ...]) -> None:
    for name in names:
        if not NAME.fullmatch(name) and not NUMBER.fullmatch(name):
            raise Rejected(
                "template_variables_invalid",
                f"{{{{{name}}}}} in the {part} is neither a number from 1 on nor a name of small "
                "letters, digits and underscores that begins with a letter",
            )
    numbers = sorted(int(name) for name in names if name.isdigit())
    if numbers != list(range(1, len(numbers) + 1)):
        raise Rejected(
            "template_variables_not_contiguous",
            f"the numbered variables of the {part} run from 1 without a gap; "
            f"these are {', '.join(map(str, numbers))}",
        )
