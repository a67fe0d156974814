"""Which network addresses may be connected to on somebody else's word. Pure.

`ipaddress.is_private` is not enough: forms that carry an IPv4 address inside an IPv6 one are
unwrapped and judged as what they are, and nothing but plain global unicast is public.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_DENIED = tuple(
    ipaddress.ip_network(one)
    for one in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
        "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24",
        "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15",
        "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
        "::/8", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16",
        "64:ff9b::/96", "64:ff9b:1::/48", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
    )
)  # fmt: skip
_PRIVATE_NAMES = (".localhost", ".local", ".internal", ".home.arpa", ".lan", ".intranet")
_UNICAST = ipaddress.ip_network("2000::/3")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def is_public(text: str) -> bool:
    """Whether an address is out on the internet, however it is wrapped; False for no address."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return all(_is_plainly_public(one) for one in _unwrapped(address))


def may_be_public(host: str) -> bool:
    """Whether a host may be looked up at all: a public address, or a name of the internet.

    What ends in a number is an address in one of its spellings, and only the plain one passes.
    """
    host = host.rstrip(".").casefold()
    last = host.rpartition(".")[2]
    if ":" in host or last.isdigit() or last.startswith("0x"):
        return is_public(host)
    return "." in host and not host.endswith(_PRIVATE_NAMES)


def _unwrapped(address: Address) -> Iterator[Address]:
    """The address itself, or the IPv4 ones inside it, all of which count."""
    if isinstance(address, ipaddress.IPv4Address):
        yield address
        return
    inner = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in _NAT64:
        inner.append(ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF))
    found = [one for one in inner if one is not None]
    yield from found
    if not found or address.ipv4_mapped is None:
        yield address


def _is_plainly_public(address: Address) -> bool:
    if any(address.version == net.version and address in net for net in _DENIED):
        return False
    return address.version == 4 or address in _UNICAST
