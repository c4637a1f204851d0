"""Which mysqld to run: one on this machine, else one unpacked from Debian into the cache."""

import os
import platform
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from infra.servers import apt
from infra.servers.find import (
    ServersMissing,
    cache_folder,
    distribution,
    in_cache,
    missing,
    run_tool,
    say,
)

OLDEST = (8, 4)
_TREE = "mysql-debian-sid"
_USUAL_FOLDERS = (
    "/usr/sbin",
    "/usr/local/sbin",
    "/usr/local/mysql/bin",
    "/opt/homebrew/opt/mysql/bin",
    "/usr/local/opt/mysql/bin",
)


@dataclass(frozen=True)
class MysqlBinary:
    command: tuple[str, ...]
    version: str
    origin: str


def usable_version(text: str) -> str:
    """`9.7.4` out of what a server says of itself; MariaDB and old servers are refused."""
    found = re.search(r"(\d+)\.(\d+)\.(\d+)", text)
    if found is None:
        raise ServersMissing(f"no version number in {text.strip()!r}")
    version = found.group()
    if "mariadb" in text.lower():
        raise ServersMissing(
            f"MariaDB {version} is refused: its JSON, upserts and collations differ from "
            "MySQL's, so tests would prove nothing. MySQL 8.4 or newer is needed"
        )
    if (int(found[1]), int(found[2])) < OLDEST:
        raise ServersMissing(f"MySQL {version} is too old: 8.4 or newer is needed")
    return version


def find_mysql() -> MysqlBinary:
    looked: list[str] = []
    for attempt in (_on_this_machine, _from_cache):
        try:
            return attempt()
        except ServersMissing as reason:
            looked.append(str(reason))
    raise missing("MySQL 8.4 or newer", looked)


def _on_this_machine() -> MysqlBinary:
    path = os.pathsep.join((os.environ.get("PATH", os.defpath), *_USUAL_FOLDERS))
    binary = shutil.which("mysqld", path=path) or shutil.which("mariadbd", path=path)
    if binary is None:
        raise ServersMissing("this machine: no mysqld on PATH or in the usual folders")
    try:
        version = usable_version(run_tool([binary, "--no-defaults", "--version"], 20))
    except ServersMissing as reason:
        say(f"{binary}: {reason}; looking further")
        raise ServersMissing(f"{binary}: {reason}") from reason
    return MysqlBinary((binary, "--no-defaults", *_as_root()), version, binary)


def _from_cache() -> MysqlBinary:
    tree = cache_folder() / _TREE
    if not tree.is_dir():
        try:
            tree = in_cache(_TREE, _unpack)
        except (ServersMissing, OSError) as reason:
            raise ServersMissing(f"the cache {cache_folder()}: {reason}") from reason
    command = _in_tree(tree)
    return MysqlBinary(
        (*command, *_as_root()), usable_version(run_tool([*command, "--version"], 20)), str(tree)
    )


def _as_root() -> tuple[str, ...]:
    return ("--user=root",) if os.getuid() == 0 else ()


def _in_tree(tree: Path) -> tuple[str, ...]:
    """The tree's mysqld under the tree's own loader: no chroot, no container, any user."""
    libraries = next(tree.glob("usr/lib/*-linux-gnu*"))
    loader = next(libraries.glob("ld-linux*.so.*"))
    paths = (libraries, tree / "usr/lib/mysql/private")
    return (
        str(loader),
        "--library-path",
        ":".join(map(str, paths)),
        str(tree / "usr/sbin/mysqld"),
        "--no-defaults",
        f"--lc-messages-dir={tree / 'usr/share/mysql'}",
        f"--character-sets-dir={tree / 'usr/share/mysql/charsets'}",
        f"--plugin-dir={tree / 'usr/lib/mysql/plugin'}",
    )


def _unpack(half: Path) -> None:
    """Only Debian's unstable branch has MySQL; its packages are unpacked, never installed."""
    if platform.system() != "Linux" or distribution() != "debian":
        raise ServersMissing("empty, and setting up MySQL by itself is known for Debian only")
    debootstrap = apt.need("debootstrap", ["debootstrap"])
    mirror = apt.mirror()
    say(f"setting up MySQL in {half.parent} (once, about a minute)")
    wanted = ["--variant=minbase", "--include=mysql-server-core", "sid"]
    packages = half / "packages"
    download = [debootstrap, "--download-only", *wanted, str(packages), mirror]
    run_tool(download, 900, apt.proxies())
    for package in sorted((packages / "var/cache/apt/archives").glob("*.deb")):
        if package.name.startswith(("lib", "mysql")):
            run_tool(["dpkg-deb", "-x", str(package), str(half)], 120)
    shutil.rmtree(packages)
    usable_version(run_tool([*_in_tree(half), "--version"], 20))
