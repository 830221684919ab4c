"""The header of load balancers: both versions, and nothing that only looks like one."""

import asyncio
import ipaddress
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.smtp.proxy import Ends, HeaderError, read_header

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"


def version_2(command: int, family: int, addresses: bytes, extra: bytes = b"") -> bytes:
    """Write a header of version 2."""
    return SIGNATURE + struct.pack("!BBH", 0x20 | command, family, len(addresses + extra)) + addresses + extra


def ends(client: str, called: str) -> Ends:
    """Name both ends."""
    return Ends(ipaddress.ip_address(client), ipaddress.ip_address(called))


FOUR = ipaddress.ip_address("192.0.2.17").packed + ipaddress.ip_address("198.51.100.1").packed + b"\x10\x00\x00\x19"
SIX = ipaddress.ip_address("2001:db8::1").packed + ipaddress.ip_address("2001:db8::2").packed + b"\x10\x00\x00\x19"
MAPPED = ipaddress.ip_address("::ffff:192.0.2.17").packed + ipaddress.ip_address("2001:db8::2").packed + b"\0\1\0\1"


async def read(octets: bytes) -> tuple[Ends, bytes]:
    """Read a header; return it and what is left behind it."""
    reader = asyncio.StreamReader(limit=12 * 1024)
    reader.feed_data(octets)
    reader.feed_eof()
    return await read_header(reader), await reader.read()


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (b"PROXY TCP4 192.0.2.17 198.51.100.1 4096 25\r\n", ends("192.0.2.17", "198.51.100.1")),
        (b"PROXY TCP6 2001:db8::1 2001:db8::2 4096 25\r\n", ends("2001:db8::1", "2001:db8::2")),
        (b"PROXY TCP6 ::ffff:192.0.2.17 2001:db8::2 4096 25\r\n", ends("192.0.2.17", "2001:db8::2")),
        (b"PROXY UNKNOWN\r\n", Ends(None, None)),
        (b"PROXY UNKNOWN ffff:f:f:f:f:f:f:f ffff:f:f:f:f:f:f:f 65535 65535\r\n", Ends(None, None)),
        (version_2(1, 0x11, FOUR), ends("192.0.2.17", "198.51.100.1")),
        (version_2(1, 0x21, SIX), ends("2001:db8::1", "2001:db8::2")),
        (version_2(1, 0x21, MAPPED), ends("192.0.2.17", "2001:db8::2")),
        (version_2(1, 0x11, FOUR, b"\x03\x00\x04abcd"), ends("192.0.2.17", "198.51.100.1")),
        (version_2(0, 0x00, b""), Ends(None, None)),
        (version_2(0, 0x11, FOUR), Ends(None, None)),
        (version_2(1, 0x00, b""), Ends(None, None)),
        (version_2(1, 0x31, b"/a".ljust(108, b"\0") + b"/b".ljust(108, b"\0")), Ends(None, None)),
    ],
)
def test_headers(header: bytes, expected: Ends) -> None:
    """Who it is, where it can be said; what follows is left to SMTP, or to TLS, to the octet."""

    assert (expected, b"EHLO client\r\n") == asyncio.run(read(header + b"EHLO client\r\n"))


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"EHLO client\r\n",
        b"PROXY\r\n",
        b"PROXY TCP4 192.0.2.17\r\n",
        b"PROXY TCP4 192.0.2.17 198.51.100.1 4096 25\n",
        b"PROXY TCP4 192.0.2.999 198.51.100.1 4096 25\r\n",
        b"PROXY TCP4 2001:db8::1 2001:db8::2 4096 25\r\n",
        b"PROXY TCP4 192.0.2.17 198.51.100.1 4096 99999\r\n",
        b"PROXY " + b"x" * 20_000 + b"\r\n",
        SIGNATURE,
        SIGNATURE + b"\x11\x11\x00\x00",
        version_2(2, 0x11, FOUR),
        version_2(1, 0x11, FOUR[:5]),
        b"\x16\x03\x01\x02\x00\x01",
    ],
    ids=lambda header: repr(header[:40]),
)
def test_no_header(header: bytes) -> None:
    """A balancer that does not say who it is gets nowhere."""
    with pytest.raises(HeaderError):
        asyncio.run(read(header))


@given(octets=st.binary(max_size=80), begin=st.sampled_from([b"", b"PROXY ", b"PROXY TCP4 ", SIGNATURE]))
@settings(max_examples=300, deadline=None)
def test_anything(octets: bytes, begin: bytes) -> None:
    """Whatever comes is a header or none."""
    try:
        found, _ = asyncio.run(read(begin + octets))
    except HeaderError:
        return

    assert isinstance(found, Ends)
