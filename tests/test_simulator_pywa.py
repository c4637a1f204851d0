"""pywa, a client written by others for the real Cloud API, takes the simulator for it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import httpx
import pytest
from pywa_async import WhatsApp, errors, handlers, types, utils
from pywa_async.types import templates

from tests.simulators import NUMBER, SECRET, TOKEN, WABA, Receiver, SimulatorProcess, simulator

TO, ENGLISH = "4915500000002", templates.TemplateLanguage.ENGLISH
Work = Callable[[WhatsApp], Awaitable[Any]]


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.down()


@pytest.fixture(scope="module")
def sim(receiver: Receiver) -> Iterator[SimulatorProcess]:
    # pywa reads the first status of a body only, so each gets a body of its own.
    options = {"batch_max": 1, "review_delay_ms": 20, "pair_interval_ms": 0}
    with simulator(webhook_url=receiver.url, app_secret=SECRET, **options) as running:
        yield running


def run(sim: SimulatorProcess, work: Work) -> Any:
    """pywa's errors refuse a new traceback, so no context manager of ours may stand between."""

    async def whole() -> Any:
        async with httpx.AsyncClient() as session:
            whatsapp = WhatsApp(
                phone_id=NUMBER,
                token=TOKEN,
                waba_id=WABA,
                session=session,
                server=None,
                verify_token="v",
                app_secret=SECRET,
            )
            session.base_url = f"{sim.url}/v26.0"
            return await work(whatsapp)

    return asyncio.run(whole())


def test_pywa_sends_a_text(sim):
    sent = run(sim, lambda wa: wa.send_message(TO, "Hello", tracker="msg_1"))
    assert sent.input == TO
    assert sent.id == sim.ledger()[-1]["wamid"]
    assert sim.ledger()[-1]["callback_data"] == "msg_1"


def test_pywa_sends_buttons_lists_places_and_people(sim):
    async def work(wa: WhatsApp) -> None:
        await wa.send_message(TO, "Pick", buttons=[types.Button(title="Yes", callback_data="y")])
        rows = [types.SectionRow(title="Row", callback_data="r")]
        sections = [types.Section(title="S", rows=rows)]
        await wa.send_message(
            TO, "Pick", buttons=types.SectionList(button_title="Open", sections=sections)
        )
        await wa.send_location(TO, latitude=52.5, longitude=13.4, name="Cafe")
        await wa.send_contact(
            TO, types.Contact(name=types.Contact.Name(formatted_name="Bo", first_name="Bo"))
        )
        await wa.send_reaction(TO, emoji="👍", message_id="wamid.A")

    before = len(sim.ledger())
    run(sim, work)
    kinds = [line["type"] for line in sim.ledger(before)]
    assert kinds == ["interactive", "interactive", "location", "contacts", "reaction"]


def test_pywa_registers_a_template_and_sends_it(sim):
    async def work(wa: WhatsApp) -> Any:
        body = templates.BodyText("Hello {{name}}, welcome.", name="Ana")
        created = await wa.create_template(
            templates.Template(
                name="welcome",
                language=templates.TemplateLanguage.ENGLISH_US,
                category=templates.TemplateCategory.UTILITY,
                parameter_format=templates.ParamFormat.NAMED,
                components=[body],
            )
        )
        await asyncio.to_thread(sim.idle)  # the verdict is a webhook too
        listed = await wa.get_templates()
        sent = await wa.send_template(
            TO, "welcome", templates.TemplateLanguage.ENGLISH_US, params=[body.params(name="Bo")]
        )
        return created, listed, sent

    created, listed, sent = run(sim, work)
    assert created.status == templates.TemplateStatus.PENDING
    assert [template.name for template in listed] == ["welcome"]
    assert sent.status == types.sent_update.SentTemplateStatus.ACCEPTED


def test_pywa_marks_as_read_and_types(sim):
    deed = {"phone_number_id": NUMBER, "customer": TO, "does": "write", "text": "Hello"}
    (wamid,) = sim.control("customers", deeds=[deed]).json()["ids"]

    async def work(wa: WhatsApp) -> list[bool]:
        answers = [await wa.mark_message_as_read(wamid), await wa.indicate_typing(wamid)]
        return [bool(answer) for answer in answers]

    assert run(sim, work) == [True, True]


def test_pywa_uploads_and_downloads_media(sim):
    async def work(wa: WhatsApp) -> Any:
        media = await wa.upload_media(b"GIF or not", mime_type="image/png", filename="a.png")
        url = await wa.get_media_url(media.id)
        data = await wa.get_media_bytes(url.url)
        await wa.send_image(TO, media.id)
        return url, data, bool(await wa.delete_media(media.id))

    url, data, deleted = run(sim, work)
    assert (url.file_size, data, deleted) == (10, b"GIF or not", True)


def test_pywa_reads_a_phone_number(sim):
    number = run(sim, lambda wa: wa.get_business_phone_number())
    assert number.id == NUMBER
    assert number.quality_rating == "GREEN"
    assert number.throughput == {"level": "STANDARD"}


REFUSALS: list[tuple[type[errors.WhatsAppError], int, Work]] = [
    (errors.RateLimitHit, 429, lambda wa: wa.send_message("4915500010429", "x")),
    (errors.UserStoppedMarketingMessages, 400, lambda wa: wa.send_message("4915500000131", "x")),
    (errors.InvalidParameter, 400, lambda wa: wa.send_message("123", "x")),
    (errors.MissingRequiredParameter, 400, lambda wa: wa.send_message(TO, "")),
    (errors.TemplateNotExists, 404, lambda wa: wa.send_template(TO, "none", ENGLISH)),
    (errors.WhatsAppError, 400, lambda wa: wa.send_message(TO, "x" * 4097)),
    (errors.WhatsAppError, 400, lambda wa: wa.get_media_url("700000000999999")),
]


@pytest.mark.parametrize(("kind", "status", "work"), REFUSALS)
def test_pywa_knows_each_refusal(sim, kind, status, work):
    with pytest.raises(errors.WhatsAppError) as caught:
        run(sim, work)
    assert type(caught.value) is kind
    assert caught.value.status_code == status
    assert caught.value.details
    assert caught.value.fbtrace_id


def test_pywa_knows_a_wrong_token_and_a_pair_limit():
    with simulator(tokens="another") as strict, pytest.raises(errors.ExpiredAccessToken):
        run(strict, lambda wa: wa.send_message(TO, "x"))
    with simulator(pair_burst=1) as slow:
        run(slow, lambda wa: wa.send_message(TO, "x"))
        with pytest.raises(errors.TooManyMessages):
            run(slow, lambda wa: wa.send_message(TO, "x"))


def test_pywa_accepts_and_understands_every_webhook(sim, receiver):
    receiver.hooks.clear()
    for to in ("4915500000002", "4915500000404"):
        run(sim, lambda wa, to=to: wa.send_message(to, "Hello", tracker="msg_2"))
    sim.control("inbound", **{"phone_number_id": NUMBER, "from": TO, "text": "hi", "name": "Ana"})
    sim.post(
        f"{WABA}/message_templates",
        name="bye_rejected",
        language="en_US",
        category="UTILITY",
        components=[{"type": "BODY", "text": "Bye"}],
    )
    sim.idle()
    seen: list[Any] = []

    async def work(wa: WhatsApp) -> None:
        wa.add_handlers(
            *(
                handler(lambda _, update: seen.append(update))
                for handler in (
                    handlers.MessageStatusHandler,
                    handlers.MessageHandler,
                    handlers.TemplateStatusUpdateHandler,
                )
            )
        )
        for hook in receiver.hooks:
            header = hook.headers["x-hub-signature-256"]
            assert utils.webhook_updates_validator(SECRET, hook.raw, header)
            assert await wa.webhook_update_validator(hook.raw, header) is None
            assert await wa.webhook_update_validator(hook.raw, "sha256=" + "0" * 64) is not None
            assert (await wa.webhook_update_handler(hook.raw))[1] == 200

    run(sim, work)
    check_updates(seen)


def check_updates(seen: list[Any]) -> None:
    statuses = [update for update in seen if isinstance(update, types.MessageStatus)]
    assert sorted(str(s.status.value) for s in statuses) == ["delivered", "failed", "read", "sent"]
    assert {s.tracker for s in statuses} == {"msg_2"}
    failed = next(s for s in statuses if s.error)
    assert isinstance(failed.error, errors.MessageUndeliverable)
    assert next(s for s in statuses if s.status == "delivered").pricing.billable is False
    assert statuses[0].from_user.bsuid.startswith("DE.")
    (message,) = (update for update in seen if isinstance(update, types.Message))
    assert (message.text, message.from_user.name) == ("hi", "Ana")
    (verdict,) = (u for u in seen if isinstance(u, templates.TemplateStatusUpdate))
    assert (verdict.template_name, str(verdict.new_status.value)) == ("bye_rejected", "REJECTED")
