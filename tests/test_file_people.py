"""A file between people: who may see and send what somebody has uploaded, over both APIs."""

import pytest

from domain.ids import show
from tests.chats import Company
from tests.file_examples import PNG, upload, uploaded
from tests.people_site import people_site
from tests.simulators import until


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with people_site(tmp_path_factory.mktemp("site")) as running:
        yield running


def behind(position):
    """What a reader says who wants to see that write."""
    return {"Blazz-Min-Position": str(position), "Prefer": "wait=20"}


class Team:
    """An owner, and agents of whom two share the number."""

    def __init__(self, site):
        self.company = Company(site.stage)
        people = [site.person(self.company.ws, role) for role in ("owner", *["agent"] * 3)]
        self.people = people
        self.owner, self.ani, self.cici, self.budi = (person.http for person in people)
        shared = f"/v1/accounts/{show('account', self.company.account)}/users"
        for agent in people[1:3]:
            assert self.owner.put(f"{shared}/{agent.id}").is_success
        chat, _ = self.company.customer_writes(self.company.contact())
        self.path = f"/v1/conversations/{show('conversation', chat)}/messages"

    def gives_budi_a_number(self):
        """One of his own, with a conversation in which all go on."""
        number = self.company.number()
        shared = f"/v1/accounts/{show('account', number)}/users/{self.people[3].id}"
        answer = self.owner.put(shared)
        chat, _ = self.company.customer_writes(self.company.contact(), account_id=number)
        self.path = f"/v1/conversations/{show('conversation', chat)}/messages"
        after = behind(answer.json()["position"])
        until(lambda: self.budi.get(self.path, headers=after).is_success, "the conversation")

    def reply(self, http, key="r1", **body):
        return http.post(self.path, json=body, headers={"Idempotency-Key": key})

    def sees(self, file_id, position):
        """What each of them is answered to the file."""
        after = behind(position)
        people = {"owner": self.owner, "ani": self.ani, "cici": self.cici, "budi": self.budi}
        return {
            name: http.get(f"/v1/files/{file_id}", headers=after).status_code
            for name, http in people.items()
        }


@pytest.fixture(scope="module")
def team(site):
    return Team(site)


def test_an_upload_is_its_owners_until_it_is_sent_and_then_the_conversations(team):
    answer = upload(team.ani, filename="look.png")
    id_, position = answer.json()["id"], answer.json()["position"]
    assert team.sees(id_, position) == {"owner": 200, "ani": 200, "cici": 404, "budi": 404}
    sent = team.reply(team.ani, kind="image", file_id=id_, text="look").json()
    seen = team.sees(id_, sent["position"])
    assert seen == {"owner": 200, "ani": 200, "cici": 200, "budi": 404}
    page = team.cici.get(team.path, headers=behind(sent["position"])).json()
    [item] = [item for item in page["items"] if item["message_id"] == sent["id"]]
    assert item["file"] == {
        "id": id_,
        "status": "stored",
        "mime_type": "image/png",
        "size": len(PNG),
        "filename": "look.png",
        "why": None,
        "gone": False,
    }
    shown = team.cici.get(f"/v1/files/{id_}")
    assert (shown.content, shown.headers["content-type"]) == (PNG, "image/png")


def test_an_agent_sends_what_they_have_uploaded_or_see_and_owners_send_all(team):
    id_ = uploaded(team.ani, key="f2")
    until(lambda: team.cici.get(team.path).json()["items"], "the conversation")

    def refused(http, key):
        answer = team.reply(http, key, kind="image", file_id=id_)
        assert answer.status_code == 422, answer.text
        assert answer.json()["errors"][0]["code"] == "unknown"

    refused(team.cici, "r2")
    assert team.reply(team.owner, "r3", kind="image", file_id=id_).status_code == 202
    # Now it stands in a conversation that she sees.
    assert team.reply(team.cici, "r4", kind="image", file_id=id_).status_code == 202
    assert team.reply(team.ani, "r5", kind="image", file_id=id_).status_code == 202
    team.gives_budi_a_number()
    refused(team.budi, "r6")
    assert team.reply(team.owner, "r7", kind="image", file_id=id_).status_code == 202
    assert team.reply(team.budi, "r8", kind="image", file_id=id_).status_code == 202
