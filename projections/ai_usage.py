"""How often the assistant was asked, day by day."""

from sqlalchemy import Column, Date

from domain.assistance import AiUsed
from domain.kernel import Recorded
from projections.columns import key, number, read_model
from projections.projection import Projection
from projections.rows import Row, add

ai_usage = read_model(
    "ai_usage",
    key("workspace_id"),
    Column("day", Date, primary_key=True),
    number("drafts"),
    number("sentiments"),
)

projection = Projection("ai_usage", ai_usage)


@projection.on
def used(event: AiUsed, recorded: Recorded) -> Row:
    del recorded
    counted = {f"{event.kind}s": 1}
    return add(ai_usage, workspace_id=event.workspace_id, day=event.day, **counted)
