"""A group shares out a topic's partitions also while its broker does not name them."""

from aiokafka.cluster import ClusterMetadata

from projections.shares import shares


def shared(members, partitions):
    assignor = shares(partitions)
    joined = {name: assignor.metadata(["events"]) for name in members}
    found = assignor.assign(ClusterMetadata(), joined)
    return {name: dict(one.assignment).get("events", []) for name, one in found.items()}


def test_one_alone_serves_them_all():
    assert shared(["a"], 4) == {"a": [0, 1, 2, 3]}


def test_several_take_turns():
    assert shared(["a", "b"], 5) == {"a": [0, 2, 4], "b": [1, 3]}


def test_whoever_is_left_over_serves_none():
    assert shared(["a", "b", "c"], 2) == {"a": [0], "b": [1], "c": []}
