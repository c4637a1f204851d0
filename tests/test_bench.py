"""The measurements' frame: what may be asked for, and how a figure is said."""

import importlib.util
import json

import pytest

from tests.bench import __main__ as bench
from tests.bench.figure import Figure, percentile

FIGURE = Figure(
    name="append_16", value=9123.456, unit="commits/s", floor=18000.0, ratio=0.50686, p99_ms=14.25
)


@pytest.mark.parametrize(
    ("asked", "modules"),
    [
        ([], list(bench.BENCHES)),
        (["append_16"], ["append"]),
        (["append"], ["append"]),
        (["read./v1/campaigns"], ["reads"]),
        (["relay", "append_1"], ["append", "relay"]),
    ],
)
def test_a_bench_is_asked_for_by_its_name_or_a_figures(asked, modules):
    assert bench.chosen(asked) == modules


def test_an_unknown_bench_is_refused_with_the_known_ones(capsys):
    assert bench.main(["nonsense"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("no bench 'nonsense'; known: visible, append, ")


def test_every_bench_listed_exists():
    for name in [*bench.BENCHES, *bench.APART.values()]:
        assert importlib.util.find_spec(f"tests.bench.{name}"), name


def test_a_figure_is_one_json_object_with_all_its_fields():
    said = json.loads(json.dumps(FIGURE.as_json()))
    assert said == {
        "name": "append_16",
        "value": 9123.0,
        "unit": "commits/s",
        "floor": 18000.0,
        "ratio": 0.5069,
        "p50_ms": None,
        "p99_ms": 14.25,
        "aim": "",
        "settings": {},
    }


def test_a_figure_is_one_readable_line():
    assert FIGURE.as_line() == (
        "append_16               9,123 commits/s  floor 18,000  ratio 0.51  p99 14.2 ms"
    )


def test_percentiles_are_values_that_were_measured():
    values = [float(n) for n in range(1, 101)]
    assert (percentile(values, 0.5), percentile(values, 0.99)) == (51.0, 99.0)
    assert percentile([7.0], 0.99) == 7.0
