"""What can become of a campaign."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from domain.kernel import Event


class Audience(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who shall get it: everybody, the members of any of `groups`, or the listed `contacts`."""

    kind: Literal["all", "groups", "contacts"]
    groups: tuple[UUID, ...] = ()
    contacts: tuple[UUID, ...] = ()


class Plan(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is sent to whom from which number.

    `variables` gives each template variable its text; `{first_name}`, `{last_name}`, `{phone}`,
    `{email}` and `{attribute}` names inside it are filled in per contact. `header_link` is the
    media of a template with a media header.
    """

    name: str
    account_id: UUID
    template_id: UUID
    audience: Audience
    variables: dict[str, str] = {}
    header_link: str = ""


class AboutCampaign(Event):
    """The ids that whatever counts campaigns counts by."""

    campaign_id: UUID
    account_id: UUID


class CampaignDrafted(AboutCampaign):
    plan: Plan


class CampaignChanged(AboutCampaign):
    plan: Plan
    before: Plan


class CampaignScheduled(AboutCampaign):
    """Is launched at that instant (UTC) if it still is scheduled then. `was`: the state it left."""

    due_at: datetime
    was: str = ""


class CampaignLaunched(AboutCampaign):
    """Fixes the audience: whoever joins at a later position is not in it."""

    plan: Plan
    was: str = ""


class CampaignAudienceQueued(AboutCampaign):
    """One chunk of the audience became messages. Chunks count from 1; the `last` one may be empty.

    `through` is the last contact of the chunk in id order; the next chunk starts behind it.
    """

    chunk: int
    queued: int
    suppressed: int
    through: UUID | None
    last: bool
    recipients_so_far: int


class CampaignPaused(AboutCampaign):
    reason: str


class CampaignResumed(AboutCampaign):
    """Sending goes on where it was."""


class CampaignCancelled(AboutCampaign):
    """`was` is the state it left; messages still queued are cancelled one by one after this."""

    reason: str
    was: str


class CampaignCompleted(AboutCampaign):
    """Every recipient is accounted for: accepted, refused, suppressed, cancelled or unknown."""

    recipients: int
    was: str = ""


class CampaignFailed(AboutCampaign):
    reason: str
    was: str


CampaignEvent = (
    CampaignDrafted
    | CampaignChanged
    | CampaignScheduled
    | CampaignLaunched
    | CampaignAudienceQueued
    | CampaignPaused
    | CampaignResumed
    | CampaignCancelled
    | CampaignCompleted
    | CampaignFailed
)
