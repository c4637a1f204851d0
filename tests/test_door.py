"""The door `./blazz`: it holds in odd places, and says what to type where it cannot open."""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from infra.cli.check import CHECKS
from infra.cli.test import Counts, read_counts

ROOT = Path(__file__).resolve().parents[1]
DOOR = ROOT / "blazz"
PYTHON = sys.executable
SHELL_TOOLS = (
    *("sh", "cat", "cksum", "dirname", "readlink", "ln", "rm"),
    *("uname", "id", "mkdir", "rmdir", "sleep"),
)


@pytest.fixture
def copy(tmp_path):
    """The door alone in a path with a space, an environment that records how it is called."""
    tree = tmp_path / "a tree"
    tree.mkdir()
    for name in ("blazz", "requirements.lock", "pyproject.toml"):
        shutil.copy2(ROOT / name, tree / name)
    return tree


@pytest.fixture
def shell_only(tmp_path):
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in SHELL_TOOLS:
        (folder / tool).symlink_to(shutil.which(tool))
    return {"PATH": str(folder)}


def pretend_ready(tree, env):
    """An environment whose python prints its arguments, stamped by the door's own sum."""
    python = tree / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\nprintf "%s|" "$@"\n')
    python.chmod(0o755)
    sum_of = f"cat '{tree}/requirements.lock' '{tree}/pyproject.toml' | cksum"
    done = subprocess.run(["sh", "-c", sum_of], capture_output=True, text=True, check=True, env=env)
    (tree / ".venv" / "stamp").write_text(f"{tree.resolve()} {done.stdout}")


def run(command, env, cwd="/"):
    return subprocess.run(
        list(map(str, command)), env=env, cwd=cwd, capture_output=True, text=True, check=False
    )


def test_the_door_is_executable_short_and_posix():
    assert DOOR.stat().st_mode & stat.S_IXUSR
    assert len(DOOR.read_text().splitlines()) <= 70
    assert run(["sh", "-n", DOOR], {"PATH": os.environ["PATH"]}).returncode == 0


def test_shell_scripts_pass_shellcheck():
    name, command = next(check for check in CHECKS if check[0] == "shell")
    program = Path(PYTHON).parent / command[0]
    done = run([program, *command[1:]], {}, cwd=ROOT)
    assert (name, done.stdout, done.returncode) == ("shell", "", 0)


def test_without_uv_and_python_it_names_the_line_to_type_and_exits_3(copy, shell_only):
    done = run([copy / "blazz", "test"], shell_only)
    assert done.returncode == 3
    said = done.stderr.splitlines()
    assert said[-1].startswith("blazz needs uv, or Python 3.11 or newer with venv. Type: ")
    assert said[-1].split("Type: ")[1]
    assert not (copy / ".venv.lock").is_symlink()


@pytest.mark.parametrize("cwd", ["/", "/tmp"])
def test_it_hands_on_its_arguments_from_anywhere(copy, shell_only, cwd):
    pretend_ready(copy, shell_only)
    done = run([copy / "blazz", "test", "-k", "a b"], shell_only, cwd)
    assert (done.stdout, done.stderr) == ("-P|-m|infra.cli.main|test|-k|a b|", "")


def test_it_works_through_links(copy, shell_only, tmp_path):
    pretend_ready(copy, shell_only)
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / "inner").symlink_to(copy / "blazz")
    (tmp_path / "outer").symlink_to(Path("links") / "inner")
    done = run([tmp_path / "outer", "check"], shell_only)
    assert done.stdout == "-P|-m|infra.cli.main|check|"


def test_a_changed_lock_or_a_moved_tree_is_noticed(copy, shell_only, tmp_path):
    pretend_ready(copy, shell_only)
    shutil.copytree(copy, tmp_path / "moved")
    with (copy / "requirements.lock").open("a") as lock:
        lock.write("# one more\n")
    for tree in (copy, tmp_path / "moved"):
        assert run([tree / "blazz", "check"], shell_only).returncode == 3
    assert not (tmp_path / "moved" / ".venv").exists()


def test_a_lock_left_by_a_dead_start_is_cleared(copy, shell_only):
    gone = subprocess.Popen(["true"])
    gone.wait()
    (copy / ".venv.lock").symlink_to(f"pid-{gone.pid}")
    assert run([copy / "blazz", "check"], shell_only).returncode == 3
    assert not (copy / ".venv.lock").is_symlink()


def test_the_lock_names_no_host_and_hashes_everything():
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    assert not [line for line in lines if "://" in line or line.startswith("-")]
    pinned = [i for i, line in enumerate(lines) if "==" in line and line[0].isalpha()]
    assert len(pinned) > 50
    assert all(lines[i + 1].strip().startswith("--hash=sha256:") for i in pinned)


def test_help_names_the_commands_and_loads_no_server_code():
    probe = (
        "import sys, infra.cli.main; from typer.main import get_command; "
        "get_command(infra.cli.main.app); "
        "print(sorted({'sqlalchemy', 'aiokafka', 'pymysql', 'faust'} & set(sys.modules)))"
    )
    done = run([PYTHON, "-c", probe], {}, cwd=ROOT)
    assert done.stdout == "[]\n"


REPORT = """\
<testsuites><testsuite>
<testcase classname="a" name="fine"/>
<testcase classname="a" name="quiet"><skipped/></testcase>
<testcase classname="a" name="wrong"><failure/></testcase>
<testcase classname="a" name="torn"/>
<testcase classname="a" name="torn"><error/></testcase>
</testsuite></testsuites>
"""


def test_a_test_that_breaks_in_tear_down_counts_once_and_as_failed(tmp_path):
    (tmp_path / "report.xml").write_text(REPORT)
    assert read_counts(tmp_path / "report.xml") == Counts(passed=1, failed=2, skipped=1)


def test_a_run_that_left_no_report_passed_nothing(tmp_path):
    assert read_counts(tmp_path / "report.xml") == Counts(0, 0, 0)


def test_a_fast_run_leaves_the_server_tests_out_and_says_so():
    command = [PYTHON, "-m", "pytest", "--collect-only", "-q"]
    env = {"BLAZZ_TEST_FAST": "1", "PATH": os.environ["PATH"]}
    done = run([*command, "tests/test_servers_running.py"], env, cwd=ROOT)
    assert "test_a_tool_that_hangs_is_ended" in done.stdout
    assert "test_kafka_keeps_its_records" not in done.stdout
    assert "3 deselected" in done.stdout


def test_servers_that_cannot_be_had_end_the_run_with_3_and_the_reason():
    command = [PYTHON, "-m", "infra.cli.main", "test"]
    env = {"BLAZZ_TEST_MYSQL_URL": "mysql+pymysql://root@127.0.0.1:1", "PATH": os.environ["PATH"]}
    done = run(command, env, cwd=ROOT)
    assert (done.returncode, done.stdout) == (3, "")
    assert "no MySQL answers at 127.0.0.1:1" in done.stderr
