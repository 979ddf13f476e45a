"""Tell addresses of the public internet from those that only exist near this machine."""

from __future__ import annotations

import ipaddress

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052


def is_private(address: str) -> bool:
    """Tell whether an IP address leads to this machine or its neighbourhood, not to the internet.

    Loopback, link-local (cloud metadata, too), private, shared, multicast and reserved ranges, also where
    an IPv6 address wraps them: IPv4-mapped, NAT64, 6to4, Teredo. What is no address counts as private.
    """
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return True
    if isinstance(ip, ipaddress.IPv6Address) and (inner := _wrapped(ip)) is not None:
        return _is_private(inner)
    return _is_private(ip)


def _is_private(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if isinstance(ip, ipaddress.IPv6Address) and ip.is_site_local:  # deprecated, and still routed by some
        return True
    return not ip.is_global or ip.is_multicast or ip.is_reserved


def _wrapped(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address inside an IPv6 one."""
    if ip in _NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
