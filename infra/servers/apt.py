"""What Debian's and Ubuntu's package tools know: the mirror in use, and missing tools."""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from infra.servers.find import ServersMissing, distribution, run_tool, say

_ETC = Path("/etc/apt")
_ADMIN_FOLDERS = ("/usr/local/sbin", "/usr/sbin", "/sbin")
_SUITES = {"bullseye", "bookworm", "trixie", "forky", "duke"} | {
    "oldstable",
    "stable",
    "testing",
    "unstable",
    "sid",
}


def need(tool: str, packages: list[str]) -> str:
    """The path of `tool`, after installing the first package on offer if we are root."""
    found = _which(tool)
    if found:
        return found
    if distribution() not in {"debian", "ubuntu"} or not shutil.which("apt-get"):
        raise ServersMissing(f"{tool} is not installed")
    if os.getuid() != 0:
        raise ServersMissing(f"{tool} is not installed, and only root may install it")
    say(f"installing {tool} with apt-get")
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    wait = ["-o", "DPkg::Lock::Timeout=300"]
    run_tool(["apt-get", *wait, "update", "-qq"], 300, quiet)
    wanted = next((name for name in packages if _on_offer(name)), packages[-1])
    install = ["install", "-y", "-qq", "--no-install-recommends"]
    run_tool(["apt-get", *wait, *install, wanted], 900, quiet)
    found = _which(tool)
    if not found:
        raise ServersMissing(f"{tool} is not on PATH although apt-get installed {wanted}")
    return found


def _which(tool: str) -> str | None:
    """Debian keeps some tools where a user who is not root does not look by default."""
    path = os.environ.get("PATH", os.defpath)
    return shutil.which(tool, path=os.pathsep.join((path, *_ADMIN_FOLDERS)))


def _on_offer(package: str) -> bool:
    candidate = re.search(r"Candidate: (.+)", run_tool(["apt-cache", "policy", package], 60))
    return candidate is not None and candidate[1] != "(none)"


def mirror(etc: Path = _ETC) -> str:
    """The mirror from which this machine takes its own packages."""
    for source in _sources(etc):
        address = _resolved(source)
        if re.match(r"(https?|file|ftp):/", address):
            return address.rstrip("/")
    raise ServersMissing(f"no package mirror of this distribution in {etc}")


def _sources(etc: Path) -> Iterator[str]:
    parts = etc / "sources.list.d"
    for listing in (etc / "sources.list", *sorted(parts.glob("*.list"))):
        if listing.is_file():
            yield from _one_line_sources(listing.read_text(errors="replace"))
    for listing in sorted(parts.glob("*.sources")):
        yield from _deb822_sources(listing.read_text(errors="replace"))


def _one_line_sources(text: str) -> Iterator[str]:
    for line in text.splitlines():
        entry = re.match(r"deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s+([^#]*)", line.strip())
        if entry and _is_the_distribution([entry[2]], entry[3].split()):
            yield entry[1]


def _deb822_sources(text: str) -> Iterator[str]:
    kept = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    for stanza in re.split(r"\n\s*\n", kept):
        # A field goes on over the indented lines that follow it.
        fields = {
            name.lower(): value.split()
            for name, value in re.findall(r"(?m)^([\w-]+):((?:.*)(?:\n[ \t]+.*)*)", stanza)
        }
        on = fields.get("enabled", ["yes"])[:1] != ["no"]
        binary = "deb" in fields.get("types", [])
        if (
            on
            and binary
            and _is_the_distribution(fields.get("suites", []), fields.get("components", []))
        ):
            yield from fields.get("uris", [])


def _is_the_distribution(suites: list[str], components: list[str]) -> bool:
    """Other vendors' archives and the security archive name their suites otherwise."""
    return "main" in components and not _SUITES.isdisjoint(suites)


def _resolved(address: str) -> str:
    """Cloud images name a file that lists the mirrors, best first."""
    listed = re.match(r"mirror\+file:(?://)?(/.+)", address)
    if listed is None:
        return address
    path = Path(listed[1])
    lines = path.read_text().splitlines() if path.is_file() else []
    return next((line.split()[0] for line in lines if line.strip() and line[0] != "#"), "")


def proxies() -> dict[str, str]:
    """Apt's own proxies for the tools that do not read apt's settings."""
    found = {}
    for scheme in ("http", "https"):
        shown = run_tool(["apt-config", "shell", "P", f"Acquire::{scheme}::Proxy"], 20)
        value = re.search(r"P='(.+)'", shown)
        if value and value[1] != "DIRECT" and f"{scheme}_proxy" not in os.environ:
            found[f"{scheme}_proxy"] = value[1]
    return found
