"""Addresses of files that somebody else will fetch: they must not lead into a network of ours."""

import re
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final

from domain.kernel import Rejected

LENGTH: Final = 2048
_ADDRESS: Final = re.compile(
    r"https?://(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?P<port>:[0-9]{1,5})?([/?#][^\s\\]*)?",
    re.ASCII | re.IGNORECASE,
)
_NUMERIC: Final = re.compile(r"[0-9]+|0[xX][0-9A-Fa-f]*")
_INSIDE: Final = ("localhost", "local", "internal", "intranet", "lan", "home", "corp", "arpa")
_TRANSLATED: Final = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))


def check_link(link: str) -> None:
    """Rejected unless it is http(s) with a public host: a name with a dot, or a public address."""
    match = _ADDRESS.fullmatch(link)
    if match is None or len(link) > LENGTH:
        raise Rejected(
            "invalid_link",
            f"a link is an http or https address of at most {LENGTH} characters, without a user "
            f"name, its host in ASCII, like https://files.example/a.pdf; this is {link[:200]!r}",
        )
    host = match["host"].rstrip(".").lower()
    if not _is_public(host):
        raise Rejected(
            "private_link",
            f"the link's host is {host!r}, which is no place on the public internet; "
            "give a link that everybody can fetch",
        )


def check_taken(*, takes_links: bool, instead: str) -> None:
    """Rejected where a number takes none: what fetches the file would do so from within our network,
    where a public name may lead to a private address. Only whoever connects can know that.
    """
    if not takes_links:
        raise Rejected(
            "link_not_taken",
            "the number is reached through WAHA, which would fetch the file from within the network "
            f"of this installation; {instead}",
        )


def _is_public(host: str) -> bool:
    if host.startswith("["):
        try:
            return _is_public_address(ip_address(host[1:-1]))
        except ValueError:
            return False
    labels = host.split(".")
    if _NUMERIC.fullmatch(labels[-1]):  # read as an IPv4 address, in whatever notation
        try:
            return _is_public_address(IPv4Address(host))
        except ValueError:
            return False
    return len(labels) > 1 and all(labels) and labels[-1] not in _INSIDE


def _is_public_address(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv6Address):
        if any(address in network for network in _TRANSLATED):
            return False
        embedded = address.ipv4_mapped or address.sixtofour or address.teredo
        if embedded:
            return False
    return address.is_global and not address.is_multicast
