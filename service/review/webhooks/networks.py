"""Networks that no public endpoint lives in, and what they are for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

from tocsin.errors import TocsinError

__all__ = ["HTTPS_RULE", "Address", "AddressRefusedError", "Network", "judge", "literal"]

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# IANA's special-purpose registries (RFC 6890), and forms that carry another address. The first row that
# holds an address names it.
_SPECIAL: Final = tuple(
    (use, tuple(map(ip_network, networks)))
    for use, networks in (
        ("unspecified", ("0.0.0.0/32", "::/128")),
        ("loopback", ("127.0.0.0/8", "::1/128")),
        ("this network", ("0.0.0.0/8",)),
        ("private", ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")),
        ("carrier-grade NAT", ("100.64.0.0/10",)),
        ("link-local", ("169.254.0.0/16", "fe80::/10")),
        ("protocol assignments", ("192.0.0.0/24",)),
        ("documentation", ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")),
        ("documentation", ("2001:db8::/32", "3fff::/20")),
        ("benchmark", ("198.18.0.0/15", "2001:2::/48")),
        ("multicast", ("224.0.0.0/4", "ff00::/8")),
        ("reserved", ("240.0.0.0/4",)),
        ("cloud platform", ("168.63.129.16/32",)),  # Azure's host agent; other clouds' are link-local
        ("6to4 relay", ("192.88.99.0/24",)),
        ("unique-local", ("fc00::/7",)),
        ("site-local", ("fec0::/10",)),
        ("IPv4-mapped", ("::ffff:0:0/96",)),
        ("IPv4-translated", ("::ffff:0:0:0/96",)),
        ("IPv4-compatible", ("::/96",)),
        ("NAT64", ("64:ff9b::/96", "64:ff9b:1::/48")),
        ("Teredo", ("2001::/32",)),
        ("protocol assignments", ("2001::/23",)),
        ("6to4", ("2002::/16",)),
    )
)
_UNICAST_6: Final = IPv6Network("2000::/3")  # IANA has given out nothing else as global


HTTPS_RULE: Final = "must be https, or http to a network that allow names"


class AddressRefusedError(TocsinError):
    """Refuse to send to an address: trying again does not help."""


def judge(origin: str, address: Address, allowed: Sequence[Network], *, plain: bool) -> None:
    """Raise AddressRefusedError where nothing must be sent to an address of `origin`.

    It must be globally routable or within `allowed`; within `allowed` where it is sent `plain`, without
    TLS. An IPv6 address with a zone is refused whatever is allowed.
    """
    zoned = bool(getattr(address, "scope_id", None))
    if not zoned and _within(address, allowed):
        return
    use = "zone" if zoned else _special_use(address)
    if use:
        rule = "must be globally routable or within allow"
        raise AddressRefusedError(f"{origin}: {rule}, was {address} ({use})")
    if plain:
        raise AddressRefusedError(f"{origin}: {HTTPS_RULE}, was {address}")


def literal(host: str) -> Address | None:
    """Return the IP address that `host` spells, in the one usual way; None where it is a name."""
    try:
        return ip_address(host)
    except ValueError:
        return None


def _special_use(address: Address) -> str | None:
    """Return what an address is for that is not globally routable, None for one that is."""
    for use, networks in _SPECIAL:
        if _within(address, networks):
            return use
    if address.version == 6 and address not in _UNICAST_6:
        return "reserved"
    return None if address.is_global else "not global"


def _within(address: Address, networks: Iterable[Network]) -> bool:
    """Say whether any of `networks` holds an address; one of the other version never does."""
    return any(address in network for network in networks)
