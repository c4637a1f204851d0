"""A service that speaks S3, as a process of its own; it knows one key, and looks at signatures."""

import os
import re
import subprocess
import sys
from contextlib import contextmanager
from typing import NamedTuple

import httpx2

from infra.servers.find import free_port
from tests.simulators import until

REGION, BUCKET = "us-east-1", "files"
FURNISHING = 4
"""Requests that are answered before signatures are looked at: those below."""
POLICY = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'


class S3Server(NamedTuple):
    url: str
    key_id: str
    secret: str


@contextmanager
def s3_server():
    """With a bucket named BUCKET."""
    port = free_port()
    child = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        env={**os.environ, "INITIAL_NO_AUTH_ACTION_COUNT": str(FURNISHING)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        until(lambda: _answers(url), "the S3 server listening")
        yield _furnished(url)
    finally:
        child.kill()
        child.wait()


def _answers(url):
    try:
        return httpx2.get(f"{url}/moto-api/", timeout=5).status_code
    except httpx2.TransportError:
        return 0


def _furnished(url):
    _asked(url, Action="CreateUser", UserName="blazz")
    about = {"UserName": "blazz", "PolicyName": "all", "PolicyDocument": POLICY}
    _asked(url, Action="PutUserPolicy", **about)
    made = _asked(url, Action="CreateAccessKey", UserName="blazz")
    done = httpx2.put(f"{url}/{BUCKET}", headers=_headers("s3"))
    assert done.status_code == 200, done.text
    names = ("AccessKeyId", "SecretAccessKey")
    return S3Server(url, *(re.search(f"<{name}>(.*?)<", made)[1] for name in names))


def _asked(url, **form):
    form = {"Version": "2010-05-08", **form}
    answer = httpx2.post(url, data=form, headers=_headers("iam"), timeout=30)
    assert answer.status_code == 200, answer.text
    return answer.text


def _headers(service):
    scope = f"x/20260101/{REGION}/{service}/aws4_request"
    return {
        "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=x"
    }
