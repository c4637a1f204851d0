"""A process that fetches files is killed anywhere: another one goes on, and there is one file."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.files_provider import provider
from tests.files_site import PNG, FilesSite, provider_files
from tests.stage import Stage
from tests.test_files_fetching import picture

ROOT = Path(__file__).parent.parent


def killed(stage, url, place):
    """Runs until it has ended itself."""
    child = subprocess.run(
        [
            *(sys.executable, "-m", "tests.files_process", stage.store_url, stage.read_url),
            *(str(stage.files._folder), f"{url}/v23.0", place),
        ],
        cwd=ROOT,
        check=False,
        timeout=120,
    )
    assert child.returncode == -signal.SIGKILL


@pytest.mark.parametrize(
    ("place", "left"), [("within", "arriving"), ("before", "arriving"), ("after", "kept")]
)
def test_what_was_cut_off_is_fetched_again_and_no_half_file_can_be_read(tmp_path, place, left):
    stage = Stage(tmp_path)
    with provider() as there:
        site = FilesSite(stage, provider_files(f"{there.url}/v23.0"))
        there.has("m1", PNG)
        site.take(picture("m1"))
        killed(stage, there.url, place)
        assert site.wanted()
        folder = stage.files._folder
        kept = list((folder / stage.ws.hex).glob("*/*"))
        assert [path.read_bytes() for path in kept] == ([PNG] if left == "kept" else [])
        (row,) = site.ended()
        assert stage.names(row.file_id) == ["FileStored"]
        (path,) = (folder / stage.ws.hex).glob("*/*")
        assert path.read_bytes() == PNG
        assert len(there.asked) == 4
    stage.close()
