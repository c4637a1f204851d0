"""Who may know whom: the contracts of pyproject.toml, and what they cannot express."""

import ast
import sys
from pathlib import Path

import pytest

from infra.cli import check

ROOT = Path(__file__).resolve().parents[1]
INNER = {"domain", "msgspec"} | sys.stdlib_module_names


def imported(path):
    for node in ast.walk(ast.parse(path.read_text(), str(path))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module.split(".")[0]


@pytest.mark.parametrize(
    "path", sorted((ROOT / "domain").rglob("*.py")), ids=lambda path: path.stem
)
def test_the_domain_imports_only_the_standard_library_and_msgspec(path):
    assert set(imported(path)) <= INNER


def test_the_layers_keep_to_themselves():
    name, command = next(entry for entry in check.CHECKS if entry[0] == "layers")
    assert check._passes(name, command)
