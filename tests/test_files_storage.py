"""What every storage of files promises, asked of a folder and of a service that speaks S3."""

import asyncio
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from uuid import UUID

import pytest

from domain.file_storage import FileGone, Kept, TooLarge
from infra.files.folder import FolderStorage
from infra.files.s3 import S3Storage
from infra.files.s3_client import AT_ONCE
from infra.files.storage import storage as storage_of
from infra.settings import Settings
from tests.s3_server import BUCKET, REGION, s3_server
from tests.simulators import until

ONE, OTHER = UUID(int=1), UUID(int=2)
DATA = bytes(range(256)) * 8000
MOST = 10**7


@pytest.fixture(scope="module")
def s3():
    with s3_server() as running:
        yield running


def bucket(server, **changed):
    """The storage of an installation with these settings."""
    url = f"s3://{changed.get('name', BUCKET)}/in/here?region={REGION}&endpoint={server.url}"
    secret = changed.get("secret", server.secret)
    return storage_of(Settings(files_url=url, files_key_id=server.key_id, files_secret_key=secret))


@pytest.fixture(params=["folder", "s3"])
def storage(request, tmp_path):
    if request.param == "folder":
        return storage_of(Settings(files_dir=tmp_path / "files"))
    return bucket(request.getfixturevalue("s3"))


async def pieces(data, size=100_000, error=None):
    for start in range(0, len(data), size):
        yield data[start : start + size]
    if error:
        raise error


def put(storage, data=DATA, most=MOST, workspace_id=ONE, error=None):
    return asyncio.run(storage.put(workspace_id, pieces(data, error=error), most))


def read(storage, digest, *span, workspace_id=ONE):
    async def all_of_it():
        return [piece async for piece in await storage.open(workspace_id, digest, *span)]

    return b"".join(asyncio.run(all_of_it()))


def digest_of(data):
    return sha256(data).hexdigest()


def test_the_kind_is_that_of_the_settings(storage, request):
    kind = request.node.callspec.params["storage"]
    assert type(storage) is {"folder": FolderStorage, "s3": S3Storage}[kind]
    storage.check()


def test_what_is_put_is_read_again_whole_and_in_part(storage):
    kept = put(storage)
    assert kept == Kept(digest_of(DATA), len(DATA))
    assert read(storage, kept.sha256) == DATA
    for first, last in ((0, 0), (1, 700_000), (len(DATA) - 1, len(DATA) - 1)):
        assert read(storage, kept.sha256, first, last) == DATA[first : last + 1]
    assert read(storage, kept.sha256, 1_999_999) == DATA[1_999_999:]


def test_putting_it_again_changes_nothing(storage):
    assert put(storage, b"again") == put(storage, b"again")
    assert read(storage, digest_of(b"again")) == b"again"


def test_an_empty_file_is_one(storage):
    assert read(storage, put(storage, b"").sha256) == b""


def test_a_byte_more_than_allowed_is_refused_and_nothing_is_kept(storage):
    assert put(storage, b"x" * 1000, most=1000).size == 1000
    with pytest.raises(TooLarge, match="more than 1000 bytes"):
        put(storage, b"y" * 1001, most=1000)
    with pytest.raises(FileGone):
        read(storage, digest_of(b"y" * 1001))


def test_what_breaks_off_leaves_nothing(storage):
    with pytest.raises(ZeroDivisionError):
        put(storage, b"broken" * 1000, error=ZeroDivisionError())
    with pytest.raises(FileGone):
        read(storage, digest_of(b"broken" * 1000))


def test_a_workspace_has_its_own_files(storage):
    kept = put(storage, b"mine")
    with pytest.raises(FileGone, match=kept.sha256):
        read(storage, kept.sha256, workspace_id=OTHER)


def test_many_at_once_do_not_meet(storage):
    async def together():
        same = [storage.put(ONE, pieces(b"same" * 50_000), MOST) for _ in range(4)]
        others = [storage.put(ONE, pieces(bytes([n]) * 99_999), MOST) for n in range(4)]
        return await asyncio.gather(*same, *others)

    for n, kept in enumerate(asyncio.run(together())):
        wanted = b"same" * 50_000 if n < 4 else bytes([n - 4]) * 99_999
        assert read(storage, kept.sha256) == wanted


def test_a_bucket_that_refuses_or_is_not_there_says_so(s3):
    wrong, missing = bucket(s3, secret="wrong"), bucket(s3, name="another")
    for storage, words in ((wrong, "SignatureDoesNotMatch"), (missing, "NoSuchBucket")):
        with pytest.raises(OSError, match=words):
            storage.check()
        with pytest.raises(OSError, match=words):
            put(storage, b"x")
        with pytest.raises(OSError, match=words):
            read(storage, digest_of(b"x"))


def test_a_service_that_is_away_says_so(s3):
    away = bucket(s3._replace(url="http://127.0.0.1:9"))
    with pytest.raises(OSError, match="cannot be reached"):
        put(away, b"x")
    with pytest.raises(OSError, match="cannot be reached"):
        read(away, digest_of(b"x"))


def test_a_bucket_takes_nothing_from_the_environment(s3, tmp_path, monkeypatch):
    config = tmp_path / "config"
    config.write_text("[default]\nregion = eu-north-1\nca_bundle = nowhere\n")
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_REGION"):
        monkeypatch.setenv(name, "another")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    kept = put(bucket(s3), b"by its settings")
    assert read(bucket(s3), kept.sha256) == b"by its settings"


def test_nothing_of_buckets_is_loaded_where_a_folder_is_meant():
    probe = (
        "import sys; from infra.files.storage import storage; from infra.settings import Settings;"
        "storage(Settings(files_dir='nowhere')); import infra.services.run, infra.embedded;"
        "print(sorted({'botocore', 'infra.files.s3'} & set(sys.modules)))"
    )
    assert subprocess.check_output([sys.executable, "-c", probe], text=True) == "[]\n"


@contextmanager
def answering(*answers):
    """A service that gives these, one a request: status, promised length, body."""
    left, asked = list(answers), []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_PUT(self):
            asked.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.do_GET()

        def do_GET(self):
            status, length, body = left.pop(0)
            self.send_response(status)
            self.send_header("Content-Length", str(length))
            self.end_headers()
            self.wfile.write(body)
            self.close_connection = True

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", asked
        finally:
            server.shutdown()
            thread.join()


def test_a_service_that_is_busy_is_asked_again_with_the_whole_file(s3):
    with answering((503, 0, b""), (500, 0, b""), (200, 0, b"")) as (url, asked):
        put(bucket(s3._replace(url=url)))
    assert asked == [DATA] * 3


def test_one_that_stays_busy_is_not_asked_for_ever(s3):
    with answering(*[(503, 0, b"")] * 4) as (url, asked), pytest.raises(OSError, match="503"):
        put(bucket(s3._replace(url=url)), b"x")
    assert asked == [b"x"] * 3


def test_an_object_that_breaks_off_is_no_shorter_file(s3):
    with answering((200, 1000, b"half")) as (url, _), pytest.raises(OSError, match="1000"):
        read(bucket(s3._replace(url=url)), digest_of(b"x"))


def connections():
    """And what else is open."""
    return len(list(Path("/dev/fd").iterdir()))


def test_readers_that_stop_in_the_middle_leave_no_connection(s3):
    storage = bucket(s3)
    digest, readers = put(storage).sha256, 3 * AT_ONCE
    before = connections()

    async def stops():
        try:
            async for _ in await storage.open(ONE, digest):
                asyncio.current_task().cancel()
        except asyncio.CancelledError as error:
            return error

    async def many():
        return await asyncio.gather(*(stops() for _ in range(readers)))

    # Held: what they ended with holds what they had, so nothing goes because it is forgotten.
    held = asyncio.run(many())
    assert [type(error) for error in held] == [asyncio.CancelledError] * readers
    until(lambda: connections() <= before + AT_ONCE, "the connections closing")
    assert read(storage, digest) == DATA


def test_a_folder_forgets_what_was_cut_off_long_ago(tmp_path):
    arriving = tmp_path / "arriving"
    arriving.mkdir()
    for name, age_s in (("old", 25 * 3600), ("new", 60)):
        (arriving / name).write_bytes(b"half")
        os.utime(arriving / name, (time.time() - age_s,) * 2)
    put(FolderStorage(tmp_path), b"x")
    assert [path.name for path in arriving.iterdir()] == ["new"]
