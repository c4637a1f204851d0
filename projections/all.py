"""Every read model there is, in the order in which a batch is written."""

from projections import (
    accounts,
    campaigns,
    contacts,
    daily,
    dashboard,
    groups,
    imports,
    messages,
    queue,
    templates,
    timeline,
    work,
    workspaces,
)
from projections.projection import Projection

ALL: tuple[Projection, ...] = (
    workspaces.projection,
    accounts.projection,
    templates.projection,
    contacts.projection,
    groups.projection,
    timeline.projection,
    campaigns.projection,
    messages.projection,
    daily.projection,
    dashboard.projection,
    imports.projection,
    work.projection,
    queue.projection,
)
