"""What a reply may hold: the provider's limits, and links that everybody can fetch."""

import pytest
from hypothesis import given as forall
from hypothesis import strategies as st

from domain.kernel import Rejected
from domain.links import check_link
from domain.media import LIMITS
from domain.message import Content
from domain.replies import check_content

LINK = "https://files.example/a.jpg"
PLACE = {"latitude": -6.2, "longitude": 106.8, "name": "Shop", "address": "Street 1"}


def row(n, **more):
    return {"id": f"r{n}", "title": f"Row {n}", **more}


def button(n, **more):
    return {"id": f"b{n}", "title": f"Button {n}", **more}


def media(kind="image", link=LINK, **more):
    return Content(kind=kind, link=link, **more)


def place(**more):
    return Content(kind="location", details=PLACE | more)


def card(name="Bo", times=1):
    contacts = [{"name": {"formatted_name": name}, "phones": [{"phone": "+4930"}]}] * times
    return Content(kind="contacts", details={"contacts": contacts})


def buttons(*those, text="Pick", **more):
    return Content(kind="buttons", text=text, details={"buttons": list(those), **more})


def menu(*sections, button="Open", text="Pick"):
    details = {"button": button, "sections": list(sections), "header": "H", "footer": "F"}
    return Content(kind="list", text=text, details=details)


def section(*rows, **more):
    return {"rows": list(rows), **more}


GOOD = [
    Content(kind="template", template="spring_sale"),
    Content(kind="text", text="x" * 4096),
    media(text="x" * 1024, details={"mime_type": "image/PNG", "size": 5 * 1024 * 1024}),
    media("audio", details={"mime_type": "audio/ogg; codecs=opus"}),
    media("document", filename="bill.pdf", text="Bill"),
    media("video"),
    media("sticker", details={"size": 500 * 1024}),
    place(),
    card(),
    Content(kind="reaction", details={"message_id": "wamid.A", "emoji": "👍"}),
    Content(kind="reaction", details={"message_id": "wamid.A", "emoji": ""}),
    buttons(button(1), button(2), button(3, title="x" * 20, id="x" * 256), header="H", footer="F"),
    menu(section(*(row(n) for n in range(10)))),
    menu(section(row(1), title="A"), section(row(2, description="x" * 72), title="B")),
]
BAD = {
    "text too long": Content(kind="text", text="x" * 4097),
    "text blank": Content(kind="text", text=" \n"),
    "caption too long": media(text="x" * 1025),
    "caption of audio": media("audio", text="Hear"),
    "file name too long": media("document", filename="x" * 241),
    "gif is no image": media(details={"mime_type": "image/gif"}),
    "script is no document": media("document", details={"mime_type": "text/html"}),
    "image too large": media(details={"size": 5 * 1024 * 1024 + 1}),
    "video too large": media("video", details={"size": 16 * 1024 * 1024 + 1}),
    "empty file": media(details={"size": 0}),
    "north of the pole": place(latitude=90.1),
    "nowhere": place(longitude=float("nan")),
    "place's name": place(name="x" * 1025),
    "no contacts": Content(kind="contacts"),
    "many contacts": card(times=21),
    "contact without a name": card(name=" "),
    "long emoji": Content(kind="reaction", details={"message_id": "wamid.A", "emoji": "x" * 33}),
    "no buttons": buttons(),
    "four buttons": buttons(*(button(n) for n in range(4))),
    "button's title": buttons(button(1, title="x" * 21)),
    "button's id": buttons(button(1, id="x" * 257)),
    "same title": buttons(button(1), button(2, title="Button 1")),
    "same id": buttons(button(1), button(2, id="b1")),
    "no text": buttons(button(1), text=""),
    "body": buttons(button(1), text="x" * 1025),
    "header": buttons(button(1), header="x" * 61),
    "footer": buttons(button(1), footer="x" * 61),
    "no sections": menu(),
    "eleven sections": menu(*(section(row(n), title=f"S{n}") for n in range(11))),
    "eleven rows": menu(section(*(row(n) for n in range(11)))),
    "eleven rows in all": menu(
        section(*(row(n) for n in range(6)), title="A"),
        section(*(row(n) for n in range(6, 11)), title="B"),
    ),
    "no rows": menu(section()),
    "sections without titles": menu(section(row(1)), section(row(2))),
    "section's title": menu(section(row(1), title="x" * 25)),
    "list button": menu(section(row(1)), button="x" * 21),
    "row's title": menu(section(row(1, title="x" * 25))),
    "row's description": menu(section(row(1, description="x" * 73))),
    "row's id": menu(section(row(1, id="x" * 201))),
    "same row": menu(section(row(1), row(1))),
}


@pytest.mark.parametrize("content", GOOD, ids=lambda content: content.kind)
def test_what_the_provider_takes_is_taken(content):
    check_content(content)


@pytest.mark.parametrize("content", BAD.values(), ids=BAD)
def test_what_the_provider_would_refuse_is_refused_here(content):
    with pytest.raises(Rejected) as refused:
        check_content(content)
    codes = {"invalid_content", "invalid_media_type", "invalid_media_size"}
    assert refused.value.code in codes, refused.value


def test_every_kind_of_file_has_its_limits():
    for kind in LIMITS:
        with pytest.raises(Rejected) as refused:
            check_content(media(kind, details={"mime_type": "application/x-msdownload"}))
        assert refused.value.code == "invalid_media_type"


@pytest.mark.parametrize(
    "link",
    [
        LINK,
        "http://files.example",
        "HTTPS://Files.Example:8443/a?b=c#d",
        "https://8.8.8.8/a",
        "https://[2606:4700::1111]/a",
        "https://xn--bcher-kva.example/ü",
        "https://files.example./a",
    ],
)
def test_public_links_are_taken(link):
    check_link(link)


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST.",
        "api.localhost",
        "intranet",
        "db.internal",
        "printer.local",
        "router.lan",
        "metadata.google.internal",
        "127.0.0.1",
        "127.1",
        "0177.0.0.1",
        "2130706433",
        "0x7f000001",
        "0x7f.0.0.1",
        "10.0.0.8",
        "172.16.4.4",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "[::1]",
        "[::]",
        "[fe80::1]",
        "[fd00::1]",
        "[ff02::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:8.8.8.8]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[1:2]",
        "a..example",
    ],
)
def test_links_into_a_network_are_refused(host):
    with pytest.raises(Rejected) as refused:
        check_link(f"http://{host}:8080/secret")
    assert refused.value.code == "private_link"


@pytest.mark.parametrize(
    "link",
    [
        "",
        "ftp://files.example/a",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "//files.example/a",
        "https://user@files.example/",
        "https://files.example@127.0.0.1/",
        "https://files.example\\@127.0.0.1/",
        "https://\uff11\uff12\uff17.0.0.1/",
        "https://127%2e0.0.1/",
        "https://files.example:999999/",
        "https://files.example/a b",
        "https://files.example/" + "x" * 2048,
    ],
)
def test_what_is_no_plain_address_is_refused(link):
    with pytest.raises(Rejected) as refused:
        check_link(link)
    assert refused.value.code == "invalid_link"


@forall(st.ip_addresses(network="10.0.0.0/8") | st.ip_addresses(network="fc00::/7"))
def test_no_private_address_passes(address):
    host = f"[{address}]" if address.version == 6 else str(address)
    with pytest.raises(Rejected):
        check_link(f"https://{host}/")
