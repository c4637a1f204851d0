"""A template that was judged may be handed in again with new contents."""

import pytest

from tests.simulators import WABA, simulator, until

BODY = {"type": "BODY", "text": "Hello"}
OTHER = {"type": "BODY", "text": "Good morning"}


@pytest.fixture
def sim():
    with simulator(review_delay_ms=30) as running:
        yield running


def judged(sim, template_id):
    return until(
        lambda: (t := sim.get(template_id).json())["status"] != "PENDING" and t, "a verdict"
    )


def submitted(sim, name):
    request = {"name": name, "language": "en", "category": "UTILITY", "components": [BODY]}
    return sim.post(f"{WABA}/message_templates", **request).json()["id"]


def test_an_edited_template_is_reviewed_again_under_its_name(sim):
    template_id = submitted(sim, "greeting")
    judged(sim, template_id)
    edit = {"category": "MARKETING", "components": [OTHER], "name": "another"}
    assert sim.post(template_id, **edit).json() == {"success": True}
    after = judged(sim, template_id)
    shown = {field: after[field] for field in ("name", "category", "components", "status")}
    assert shown == {
        "name": "greeting",
        "category": "MARKETING",
        "components": [OTHER],
        "status": "APPROVED",
    }


def test_a_template_under_review_or_unknown_cannot_be_edited():
    with simulator(review_delay_ms=600_000) as sim:
        template_id = submitted(sim, "greeting")
        sim.refused(400, 100, sim.post(template_id, components=[OTHER]))
        sim.refused(400, 100, sim.post("123", components=[OTHER]))


def test_an_edit_must_be_a_template_as_well(sim):
    template_id = submitted(sim, "greeting")
    judged(sim, template_id)
    sim.refused(400, 100, sim.post(template_id, components=[]))
    assert judged(sim, template_id)["status"] == "APPROVED"
