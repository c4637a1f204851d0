"""What people may ask about the workspace as a whole, its numbers, its templates."""

from sqlalchemy import select

from projections import accounts as account_model
from projections import dashboard as dashboard_model
from projections import templates as template_model
from projections import workspaces as workspace_model
from projections.accounts import accounts
from projections.dashboard import workspace_dashboard
from projections.templates import templates
from projections.workspaces import workspaces
from read_api.query import Endpoint, by, in_workspace, many, one

_accounts = select(*(column for column in accounts.c if column.name != "workspace_id")).where(
    in_workspace(accounts)
)
_templates = select(*(column for column in templates.c if column.name != "workspace_id")).where(
    in_workspace(templates)
)
_figures = [column for column in workspace_dashboard.c if column.name != "workspace_id"]

ENDPOINTS: tuple[Endpoint, ...] = (
    one(
        "/v1/workspace",
        "The workspace itself: its zone, its quiet and its working hours",
        select(workspaces).where(in_workspace(workspaces)),
        workspace_model.projection,
        permission="me.read",
    ),
    one(
        "/v1/dashboard",
        "The workspace's figures at a glance",
        select(
            workspaces.c.workspace_id,
            workspaces.c.name,
            workspaces.c.time_zone,
            *_figures,
        )
        .join(workspace_dashboard, workspace_dashboard.c.workspace_id == workspaces.c.workspace_id)
        .where(in_workspace(workspaces)),
        dashboard_model.projection,
        permission="analytics.read",
    ),
    many(
        "/v1/accounts",
        "WhatsApp numbers",
        _accounts,
        account_model.projection,
        accounts.c.account_id,
        permission="numbers.read",
    ),
    one(
        "/v1/accounts/{account_id}",
        "One WhatsApp number",
        _accounts.where(by(accounts.c.account_id)),
        account_model.projection,
        permission="numbers.read",
    ),
    many(
        "/v1/templates",
        "Templates with their review",
        _templates,
        template_model.projection,
        templates.c.template_id,
        permission="templates.read",
    ),
    one(
        "/v1/templates/{template_id}",
        "One template with its review",
        _templates.where(by(templates.c.template_id)),
        template_model.projection,
        permission="templates.read",
    ),
)
