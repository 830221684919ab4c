"""Whose connection a load balancer passes on: the header of the PROXY protocol, version 1 or 2.

https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt. It is read from the balancers of the configuration alone;
from anybody else it would be a way to be whoever one likes.
"""

import asyncio
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

from aiosmtpd.proxy_protocol import AF, V2_CMD, ProxyData, get_proxy

from gateway.policy import IPAddress


class HeaderError(Exception):
    """A balancer did not say whose connection it is."""


@dataclass(frozen=True, slots=True)
class Ends:
    """The two ends of a connection, as the balancer saw them; None: it is the balancer's own, or it cannot tell."""

    client: IPAddress | None
    called: IPAddress | None


async def read_header(reader: asyncio.StreamReader) -> Ends:
    """Read the header that stands before everything else.

    Raises:
        HeaderError: there is none.
    """
    try:
        header: ProxyData = await get_proxy(reader)
    except asyncio.IncompleteReadError:  # not even the first five octets came
        raise HeaderError from None
    if not header.valid:
        raise HeaderError(header.error)
    if header.command == V2_CMD.LOCAL or header.family not in {AF.INET, AF.INET6}:
        return Ends(None, None)
    return Ends(_plain(header.src_addr), _plain(header.dst_addr))


def _plain(address: object) -> IPAddress | None:
    if isinstance(address, IPv6Address):
        return address.ipv4_mapped or address
    return address if isinstance(address, IPv4Address) else None
