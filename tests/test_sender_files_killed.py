"""The sender is killed with -9 after a file was handed over and before its message was tried."""

from tests.file_examples import PNG
from tests.installation import free_ports, running
from tests.simulators import TOKEN, simulator
from tests.stage import Stage
from tests.test_sender_files import ANA, bytes_at, image, kept, line
from tests.uploads_gate import gate

KILLED, PATIENCE_S = -9, 60


def sender(stage, folder, url, **more):
    settings = {
        "BLAZZ_STORE_URL": stage.store_url,
        "BLAZZ_READ_URL": stage.read_url,
        "BLAZZ_FILES_DIR": str(folder / "files"),
        "BLAZZ_WHATSAPP_URL": f"{url}/v23.0",
        "BLAZZ_WHATSAPP_TOKEN": TOKEN,
        "BLAZZ_SENDER_PORT": str(free_ports(1)[0]),
        **more,
    }
    return running("sender", **settings)


def test_a_kill_between_upload_and_attempt_costs_an_upload_and_nothing_else(
    tmp_path, mysql_store, mysql_read
):
    stage = Stage(tmp_path, mysql_store, mysql_read)
    stage.contact_id = stage.contact(ANA)
    id_ = image(stage, kept(stage))
    stage.project()
    with simulator() as provider, gate(provider.url) as before:
        with sender(stage, tmp_path, before.url, BLAZZ_KILL_AT="store.before_commit:1") as process:
            assert process.wait(PATIENCE_S) == KILLED
        assert (before.seen, stage.names(id_)) == (1, ["MessageQueued"])
        with sender(stage, tmp_path, before.url):
            stage.await_(lambda: "MessageAccepted" in stage.names(id_), "acceptance", PATIENCE_S)
        assert (before.seen, len(provider.ledger())) == (2, 1)
        assert bytes_at(provider, line(provider, id_)["media_id"]) == PNG
    assert stage.names(id_).count("MessageAttempted") == 1
    stage.close()
