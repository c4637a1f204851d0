"""One of everything, for tests to start from."""

from datetime import timedelta
from uuid import UUID

from domain.campaign import Audience, CampaignDrafted, CampaignLaunched, Plan
from domain.contact import ContactAdded, Profile
from domain.message import (
    Content,
    MessageAccepted,
    MessageAttempted,
    MessageQueued,
    Parameter,
)
from domain.template import SubmitTemplate, TemplateSubmitted
from tests.spec import NOW

WORKSPACE, ACCOUNT, CONTACT, OTHER_CONTACT, GROUP, TEMPLATE, CAMPAIGN, MESSAGE, IMPORT, KEY = (
    UUID(int=n) for n in range(1, 11)
)
SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)

ana = Profile(phone="+6281234567890", first_name="Ana", email="ana@mail.example")
added = ContactAdded(workspace_id=WORKSPACE, contact_id=CONTACT, profile=ana, source="api")

plan = Plan(
    name="Spring",
    account_id=ACCOUNT,
    template_id=TEMPLATE,
    audience=Audience(kind="all"),
    variables={"1": "{first_name}"},
)
of_campaign = {"workspace_id": WORKSPACE, "campaign_id": CAMPAIGN, "account_id": ACCOUNT}
drafted = CampaignDrafted(**of_campaign, plan=plan)
launched = CampaignLaunched(**of_campaign, plan=plan, was="draft")

submission = SubmitTemplate(
    workspace_id=WORKSPACE,
    template_id=TEMPLATE,
    account_id=ACCOUNT,
    name="spring_sale",
    language="id",
    category="MARKETING",
    body="Halo {{1}}",
)
submitted = TemplateSubmitted(
    workspace_id=WORKSPACE,
    template_id=TEMPLATE,
    account_id=ACCOUNT,
    name="spring_sale",
    language="id",
    category="MARKETING",
    body="Halo {{1}}",
    variables=("1",),
)

content = Content(
    kind="template",
    text="Halo Ana",
    template="spring_sale",
    language="id",
    body=(Parameter("Ana"),),
)
to_message = {
    "workspace_id": WORKSPACE,
    "message_id": MESSAGE,
    "campaign_id": CAMPAIGN,
    "contact_id": CONTACT,
    "account_id": ACCOUNT,
}
MONTH = 202603
of_message = {**to_message, "month": MONTH}
queued = MessageQueued(
    **of_message,
    status="queued",
    newly=("queued", "pending"),
    to=ana.phone,
    content=content,
)
attempted = MessageAttempted(**of_message, status="sending", attempt=1, at=NOW)
accepted = MessageAccepted(
    **of_message,
    status="accepted",
    newly=("accepted",),
    no_longer=("pending",),
    attempt=1,
    wamid="wamid.1",
    wa_id="6281234567890",
)
