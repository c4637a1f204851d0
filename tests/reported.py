"""What providers report of a company's number, template and contacts, as a long history has it."""

from datetime import timedelta

from commands.execute import Ask
from domain import account as acc
from domain import contact as con
from domain import identifier as idf
from domain import ids
from domain import template as tpl
from tests.spec import NOW


def reported(ws, account_id, template_id, contacts):
    """Groups of asks, none of which is refused."""
    about = {"workspace_id": ws}
    told = {"report_id": "1", "event": "FLAGGED", "at": NOW, "details": {"event": "FLAGGED"}}
    number = acc.ReportNumber(
        **about, **told, account_id=account_id, field="phone_number_quality_update", quality="RED"
    )
    yield [Ask(acc.account, account_id, number)]
    for field in ("message_template_status_update", "message_template_quality_update"):
        template = tpl.ReportTemplate(
            **about, **told | {"report_id": field}, template_id=template_id, field=field
        )
        yield [Ask(tpl.template, template_id, template)]
    for n, contact_id in enumerate(contacts):
        whose = {**about, "contact_id": contact_id}
        wish = con.ReportPreference(
            **whose,
            account_id=account_id,
            category="marketing_messages" if n % 2 else "news",
            value="resume",
            at=NOW + timedelta(seconds=n),
            details={"detail": "asked for it"},
        )
        yield [Ask(con.contact, contact_id, wish)]
        stream = ids.identifier_id(ws, "bsuid", f"ID.{n // 2}")
        offer = idf.OfferIdentifier(**whose, kind="bsuid", value=f"ID.{n // 2}")
        yield [Ask(idf.identifier, stream, offer)]
