"""Customers' files on their way in: a simulated provider, its webhooks taken, the policy stepping."""

import time
from base64 import b64encode
from contextlib import contextmanager
from datetime import UTC, datetime

from commands.policies.files import FilesPolicy
from commands.policies.inbox import InboxPolicy
from infra.providers.cloud_api_files import CloudApiFiles
from infra.providers.files import ProviderFiles
from infra.providers.waha_files import WahaFiles
from projections.files import files, files_wanted
from tests.simulators import NUMBER, TOKEN, Receiver, simulator, until
from tests.stage import Stage

ANA = "4915500000001"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 300
WAHA_KEY = "waha-key"


def provider_files(cloud_api="http://127.0.0.1:1/v23.0", waha="http://127.0.0.1:1"):
    """Files at these addresses."""
    return ProviderFiles(
        {
            "cloud_api": lambda: CloudApiFiles(cloud_api, TOKEN),
            "waha": lambda: WahaFiles(waha, WAHA_KEY),
        }
    )


class FilesSite:
    def __init__(self, stage, provider):
        self.stage = stage
        self.inbox = stage.policy(InboxPolicy, stage.inbox)
        self.policy = self.new_policy(provider)

    def new_policy(self, provider):
        return self.stage.policy(FilesPolicy, provider, self.stage.files)

    def take(self, *bodies, source="cloud_api"):
        """Webhook bodies, as they come in."""
        self.stage.inbox.accept_many(bodies, datetime.now(UTC), source)
        self.stage.settle(self.inbox)

    def step(self, policy=None, now=None):
        done = (policy or self.policy).step(now or datetime.now(UTC))
        self.stage.project()
        return done

    def ended(self, how_many=1, policy=None, now=None):
        """Steps until so many files are stored or given up; their rows."""
        done, deadline = 0, time.monotonic() + 60
        while done < how_many:
            assert time.monotonic() < deadline, f"{done} of {how_many} files in 60 s"
            done += self.step(policy, now)
            time.sleep(0.005)
        return self.stage.rows(files)

    def wanted(self):
        """Those that were not given up."""
        return [row for row in self.stage.rows(files_wanted) if row.position]


@contextmanager
def files_site(folder):
    """With a Cloud API simulator, whose webhooks `receiver` has."""
    receiver = Receiver()
    with simulator(webhook_url=receiver.url, token=TOKEN) as running:
        stage = Stage(folder)
        site = FilesSite(stage, provider_files(f"{running.url}/v23.0"))
        site.simulator, site.receiver = running, receiver
        yield site
        stage.close()
    receiver.down()


def customer_sends(site, data=PNG, kind="image", mime_type="image/png", text=None, **more):
    """A customer's file, told of by a webhook."""
    file = {"kind": kind, "mime_type": mime_type, "data": b64encode(data).decode(), **more}
    deed = {"does": "write", "phone_number_id": NUMBER, "customer": ANA, "file": file}
    known = len(site.receiver.hooks)
    done = site.simulator.control("customers", deeds=[deed | ({"text": text} if text else {})])
    assert done.status_code == 200, done.text
    until(lambda: len(site.receiver.hooks) > known, "the webhook")
    site.take(*(hook.raw for hook in site.receiver.hooks[known:]))
