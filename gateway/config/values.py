"""How single values are read and written: spans of time, sizes, numbers, addresses. Each knows its own words."""

import ipaddress
import re
from dataclasses import dataclass
from decimal import Decimal
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, PlainSerializer, StringConstraints, ValidationInfo

HIGHEST_PORT = 65535
HIGHEST_AMOUNT = 1_000_000_000
UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
LONGEST = 3650 * UNITS["d"]
SIZES = {"B": 1, "kB": 1000, "MB": 1000**2, "GB": 1000**3}
DOMAIN = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\Z")


@dataclass(frozen=True, slots=True)
class Written:
    """How the reader of the documentation is told to write a value of this type."""

    words: str


def seconds(text: object) -> object:
    """Read a span of time such as "90s", "2m", "24h" or "90d" into seconds."""
    match = re.fullmatch(r"([0-9]{1,9}(?:\.[0-9]{1,30})?)\s*(ms|s|m|h|d)", str(text))
    if match is None:
        raise ValueError('write a span of time with its unit, such as "90s", "2m", "24h" or "90d"')
    read = float(match[1]) * UNITS[match[2]]
    if read > LONGEST:
        raise ValueError("write a span of ten years or less")
    return read


def span(value: float) -> str:
    """Write seconds in the largest unit that holds them exactly."""
    for unit in ("d", "h", "m"):
        if value >= UNITS[unit] and value % UNITS[unit] == 0:
            return f"{int(value / UNITS[unit])}{unit}"
    return f"{Decimal(repr(value)).normalize():f}s"


def octets(text: object) -> object:
    """Read a size such as "500 kB" or "64 MB" into octets."""
    match = re.fullmatch(r"([0-9]{1,9})\s*(B|kB|MB|GB)", str(text))
    if match is None:
        raise ValueError('write a size with its unit, such as "500 kB" or "64 MB"')
    return int(match[1]) * SIZES[match[2]]


def size(value: int) -> str:
    """Write octets in the largest unit that holds them exactly."""
    unit = next(unit for unit in ("GB", "MB", "kB", "B") if value % SIZES[unit] == 0)
    return f"{value // SIZES[unit]} {unit}"


def amount(written: object) -> object:
    """Read an amount of pages or money, such as 500 or 0.12."""
    number = isinstance(written, int | float) and not isinstance(written, bool)
    if not number or not 0 <= float(str(written)) <= HIGHEST_AMOUNT:
        raise ValueError("write an amount without quotes, such as 500 or 0.12")
    return written


def network(text: object) -> object:
    """Read one address, or a network such as "192.0.2.0/24"."""
    try:
        loose = ipaddress.ip_network(str(text), strict=False)
    except ValueError:
        raise ValueError('write an address or a network, such as "192.0.2.17" or "192.0.2.0/24"') from None
    try:
        return ipaddress.ip_network(str(text))
    except ValueError:
        raise ValueError(
            f'this is one address in a network: write the address alone, or the network "{loose}"'
        ) from None


def credential(path: Path, info: ValidationInfo) -> Path:
    """Prefer what systemd hands over under the file's name to the file itself.

    `info.context` holds the systemd credentials by their names; without one, the path stays as it is written.
    """
    handed_over: dict[str, Path] = info.context or {}
    return handed_over.get(path.name, path)


def _e164(text: str) -> str:
    if not re.fullmatch(r"\+[1-9][0-9]{4,14}", text):
        raise ValueError('write the number with its country code, such as "+12025550100"')
    return text


def _prefix(text: str) -> str:
    if not re.fullmatch(r"\+[1-9][0-9]{0,14}", text):
        raise ValueError('write the beginning of a number with its country code, such as "+1900"')
    return text


def _digits(text: str) -> str:
    if not re.fullmatch(r"[0-9]{1,6}", text):
        raise ValueError('write the digits in quotes, such as "9" or "00"')
    return text


def _short_code(text: str) -> str:
    if not re.fullmatch(r"[0-9]{1,6}", text):
        raise ValueError('write a short code as one to six digits in quotes, such as "11"')
    return text


def _country(text: str) -> str:
    if not re.fullmatch(r"[A-Z]{2}", text):
        raise ValueError('write a country as its two capital letters, such as "US" or "DE"')
    return text


def _destination(text: str) -> str:
    if not re.fullmatch(r"[A-Z]{2}|\+[1-9][0-9]{0,14}", text):
        raise ValueError(
            'write a country as its two capital letters, such as "US", or the beginning of numbers, such as "+4989"'
        )
    return text


def _domain(text: str) -> str:
    if not DOMAIN.match(text.lower()):
        raise ValueError('write a domain name, such as "fax.local"')
    return text.lower()


def _mail_domain(text: str) -> str:
    literal = re.fullmatch(r"\[(IPv6:)?([0-9A-Fa-f:.]+)\]", text, re.IGNORECASE)
    if literal is None:
        return _domain(text)
    try:
        ipaddress.IPv6Address(literal[2]) if literal[1] else ipaddress.IPv4Address(literal[2])
    except ValueError:
        raise ValueError('write an address as "[192.0.2.1]" or "[IPv6:2001:db8::1]"') from None
    return text.lower()


def _mailbox(text: str) -> str:
    if not re.fullmatch(r"[!-?A-~]{1,64}@[!-?A-~]{1,255}", text):
        raise ValueError('write a mail address, such as "it@example.org"')
    return text


def _pattern(text: str) -> str:
    if text != "*" and "@" not in text:
        raise ValueError('write a mail address in which * stands for anything, such as "*@example.org"')
    return text


def _host_port(text: str) -> str:
    match = re.fullmatch(r"(\[[0-9a-fA-F:.]+\]|[^\s:\[\]]+):([0-9]{1,5})", text)
    if match is None or int(match[2]) > HIGHEST_PORT:
        raise ValueError('write an address and a port, such as "127.0.0.1:8025" or "[::1]:25"')
    return text


def _nameserver(text: str) -> str:
    match = re.fullmatch(r"([0-9.]+|[0-9a-fA-F:]+)|(?:\[([0-9a-fA-F:]+)\]|([0-9.]+)):([0-9]{1,5})", text)
    try:
        ipaddress.ip_address((match[1] or match[2] or match[3]) if match else "")
    except ValueError:
        match = None
    if match is None or int(match[4] or 1) > HIGHEST_PORT or match[4] == "0":
        raise ValueError('write the address of a name server, such as "192.0.2.53", "2001:db8::53" or "127.0.0.1:5353"')
    return text


def _word(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_.-]{1,64}", text):
        raise ValueError('write one word of letters, digits, "-", "_" and ".", such as "printers"')
    return text


def _zone(text: str) -> str:
    try:
        return ZoneInfo(text).key
    except (ValueError, OSError, LookupError):
        raise ValueError('write a time zone by its name, such as "Europe/Berlin" or "UTC"') from None


Text = Annotated[str, StringConstraints(min_length=1), Written("text")]
Word = Annotated[str, AfterValidator(_word), Written("one word")]
Span = Annotated[float, BeforeValidator(seconds), PlainSerializer(span, when_used="json"), Written("a span of time")]
Octets = Annotated[int, BeforeValidator(octets), PlainSerializer(size, when_used="json"), Written("a size")]
Amount = Annotated[float, BeforeValidator(amount), Written("an amount")]
E164 = Annotated[str, AfterValidator(_e164), Written("a number with its country code")]
Prefix = Annotated[str, AfterValidator(_prefix), Written("the beginning of a number")]
Digits = Annotated[str, AfterValidator(_digits), Written("digits")]
ShortCode = Annotated[str, AfterValidator(_short_code), Written("a short code")]
Country = Annotated[str, AfterValidator(_country), Written("a country")]
Destination = Annotated[str, AfterValidator(_destination), Written("a country or the beginning of a number")]
Domain = Annotated[str, AfterValidator(_domain), Written("a domain name")]
MailDomain = Annotated[str, AfterValidator(_mail_domain), Written("a domain name, or an address in brackets")]
Mailbox = Annotated[str, AfterValidator(_mailbox), Written("a mail address")]
Pattern = Annotated[str, AfterValidator(_pattern), Written("a mail address with *")]
HostPort = Annotated[str, AfterValidator(_host_port), Written("an address and a port")]
Zone = Annotated[str, AfterValidator(_zone), Written("a time zone")]
Nameserver = Annotated[str, AfterValidator(_nameserver), Written("an address, with its port if that is not 53")]
Network = IPv4Network | IPv6Network
Client = Annotated[Network, BeforeValidator(network), Written("an address or a network")]
Credential = Annotated[Path, AfterValidator(credential), Written("a file of ours")]
