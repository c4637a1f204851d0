"""Rules of a template."""

import pytest
from msgspec.structs import replace

from domain.template import (
    ApproveTemplate,
    DisableTemplate,
    PauseTemplate,
    RegisterTemplate,
    RejectTemplate,
    TemplateApproved,
    TemplateDisabled,
    TemplatePaused,
    TemplateRegistered,
    TemplateRejected,
    template,
)
from tests.examples import TEMPLATE, WORKSPACE, submission, submitted
from tests.spec import given

ids = {"workspace_id": WORKSPACE, "template_id": TEMPLATE}
registered = TemplateRegistered(**ids, provider_template_id="168")
approved = TemplateApproved(**ids, was="submitted")
rejected = TemplateRejected(**ids, reason="PROMOTIONAL", was="submitted")
paused = TemplatePaused(**ids, reason="quality", was="approved")
disabled = TemplateDisabled(**ids, reason="quality", was="paused")
approve = ApproveTemplate(**ids)
reject = RejectTemplate(**ids, reason="PROMOTIONAL")
pause = PauseTemplate(**ids, reason="quality")
disable = DisableTemplate(**ids, reason="quality")


def test_a_template_is_submitted_once():
    given(template).when(submission).then(submitted)
    given(template, submitted).when(submission).then()
    given(template, submitted, approved).when(submission).then()
    other = replace(submission, body="Hai {{1}}")
    given(template, submitted).when(other).refused("template_exists", "tpl_")
    given(template, submitted, approved).when(other).refused("template_exists")


def test_a_rejected_template_may_be_submitted_again():
    past = (submitted, registered, rejected)
    given(template, *past).when(submission).then(submitted)
    better = {"body": "Halo, {{1}}!"}
    given(template, *past).when(replace(submission, **better)).then(replace(submitted, **better))
    again = given(template, *past, submitted)
    again.when(RegisterTemplate(**ids, provider_template_id="169")).then(
        TemplateRegistered(**ids, provider_template_id="169")
    )


def test_a_disabled_template_is_never_submitted_again():
    past = given(template, submitted, approved, paused, disabled)
    past.when(submission).refused("wrong_state", "disabled", "be submitted")


@pytest.mark.parametrize(
    "command",
    [RegisterTemplate(**ids, provider_template_id="168"), approve, reject, pause, disable],
)
def test_nothing_can_be_asked_of_an_absent_template(command):
    given(template).when(command).refused("not_found", "there is no template tpl_")


def test_a_template_is_registered_under_one_id():
    register = RegisterTemplate(**ids, provider_template_id="168")
    given(template, submitted).when(register).then(registered)
    given(template, submitted, approved).when(register).then(registered)
    given(template, submitted, registered).when(register).then()
    other = RegisterTemplate(**ids, provider_template_id="999")
    past = given(template, submitted, registered)
    past.when(other).refused("template_registered", "168", "999")


@pytest.mark.parametrize(
    ("past", "was"),
    [
        ((submitted,), "submitted"),
        ((submitted, rejected), "rejected"),
        ((submitted, approved, paused), "paused"),
    ],
)
def test_the_provider_approves_what_it_has_not_disabled(past, was):
    given(template, *past).when(approve).then(replace(approved, was=was))


@pytest.mark.parametrize(
    ("past", "was"),
    [
        ((submitted,), "submitted"),
        ((submitted, approved), "approved"),
        ((submitted, approved, paused), "paused"),
    ],
)
def test_the_provider_may_reject_also_what_it_had_approved(past, was):
    given(template, *past).when(reject).then(replace(rejected, was=was))


@pytest.mark.parametrize(
    ("past", "was"),
    [
        ((submitted,), "submitted"),
        ((submitted, approved), "approved"),
        ((submitted, rejected), "rejected"),
        ((submitted, approved, paused), "paused"),
    ],
)
def test_the_provider_may_disable_any_template(past, was):
    given(template, *past).when(disable).then(replace(disabled, was=was))


def test_only_an_approved_template_is_paused():
    given(template, submitted, approved).when(pause).then(paused)
    given(template, submitted).when(pause).refused("wrong_state", "submitted", "approved")
    given(template, submitted, rejected).when(pause).refused("wrong_state", "rejected")


def test_what_is_so_already_is_not_recorded_again():
    given(template, submitted, approved).when(approve).then()
    given(template, submitted, rejected).when(RejectTemplate(**ids, reason="other")).then()
    given(template, submitted, approved, paused).when(pause).then()
    given(template, submitted, approved, paused, disabled).when(disable).then()


@pytest.mark.parametrize("command", [approve, reject, pause])
def test_disabled_is_the_end(command):
    past = given(template, submitted, approved, paused, disabled)
    past.when(command).refused("wrong_state", "disabled")
