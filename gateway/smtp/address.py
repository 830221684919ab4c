"""The paths of MAIL and RCPT, read from octets by the grammar of RFC 5321 section 4.1.2, from its smallest pieces up.

Wider than there: blanks may stand before a path, angle brackets may be missing, dots stand anywhere, names may have
underscores, and a number may stand without quotes as it is written on paper. Devices send all of these.
"""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import NoReturn

from gateway.smtp.reply import RefusedError

LONGEST_LOCAL_PART = 64
LONGEST_DOMAIN = 255
LONGEST_PATH = 256
"""Octets as they are written, a path with its angle brackets and source route (RFC 5321 section 4.5.3.1)."""

LONGEST_ENCAPSULATED = 200
"""The same of a local part into which Exchange wraps another address; they grow long (MS-OXCMAIL section 2.1.3.1.8)."""

_DOT_STRING = rb"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+"
_QUOTED_STRING = rb'"(?:[ !#-\[\]-~]|\\[ -~])*"'
_NUMBER = rb"[+(]*[0-9][0-9 ().-]*"
_NAME = rb"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?"
_LITERAL = rb"\[[A-Za-z0-9.:_-]+\]"
_DOMAIN = rb"(?P<domain>" + _NAME + rb"|" + _LITERAL + rb")"
_LOCAL_PART = rb"(?P<local>" + _QUOTED_STRING + rb"|" + _DOT_STRING + rb")"
_MAILBOX = _LOCAL_PART + rb"(?:@" + _DOMAIN + rb")?"
_NUMBER_MAILBOX = rb"(?P<local>" + _NUMBER + rb")@" + _DOMAIN
_ROUTE = rb"(?:@" + _NAME + rb"(?:,@" + _NAME + rb")*:)?"

_NULL_PATH = re.compile(rb"<>")
_PATH = re.compile(rb"<" + _ROUTE + _MAILBOX + rb">")
_NUMBER_PATH = re.compile(rb"<" + _ROUTE + _NUMBER_MAILBOX + rb">")
_BARE_PATH = re.compile(_MAILBOX + rb"(?=[ ]|\Z)")


@dataclass(frozen=True, slots=True)
class Address:
    """One address. The null sender is the one with nothing in it."""

    local: str  #: without quotes
    domain: str  #: as written, or empty
    written: str  #: the whole as the client wrote it, without source route


NOBODY = Address("", "", "")


def parse(argument: bytes, enhanced: str) -> tuple[Address, bytes]:
    """Read the path at the beginning of what follows `FROM:` or `TO:`, and return it with the parameters behind it.

    Blanks before it and missing angle brackets are tolerated; many devices send them so.

    Args:
        argument: what the client wrote.
        enhanced: the status code for a path that does not parse: 5.1.7 of a sender, 5.1.3 of a recipient.

    Raises:
        RefusedError: it is not a path (501), or not in ASCII (553 5.6.7).
    """
    text = argument.strip(b" ")
    if not text.isascii():
        raise RefusedError(553, "5.6.7", "addresses must be in ASCII here")
    if null := _NULL_PATH.match(text):
        return NOBODY, _parameters(text, null, enhanced)
    path = _PATH.match(text) or _NUMBER_PATH.match(text) or _BARE_PATH.match(text)
    if path is None:
        _not_a_path(enhanced)
    return _address(path, enhanced), _parameters(text, path, enhanced)


def literal(domain: str) -> IPv4Address | IPv6Address | None:
    """Return the address that a domain literal stands for; None of other domains."""
    match = re.fullmatch(r"\[(?:IPv6:)?([0-9A-Fa-f:.]+)\]", domain, re.IGNORECASE)
    try:
        return ip_address(match[1]) if match else None
    except ValueError:
        return None


def _parameters(text: bytes, path: re.Match[bytes], enhanced: str) -> bytes:
    rest = text[path.end() :]
    if rest and not rest.startswith(b" "):
        _not_a_path(enhanced)
    return rest


def _address(path: re.Match[bytes], enhanced: str) -> Address:
    local, domain = path["local"].decode(), (path["domain"] or b"").decode()
    if ".." in domain:
        raise RefusedError(501, enhanced, "this is not a domain")
    longest = LONGEST_ENCAPSULATED if local.upper().startswith("IMCEA") else LONGEST_LOCAL_PART
    if len(local) > longest:
        _too_long(enhanced, "what stands before the @", longest)
    if len(domain) > LONGEST_DOMAIN:
        _too_long(enhanced, "the domain", LONGEST_DOMAIN)
    brackets = 0 if path[0].startswith(b"<") else len("<>")
    if len(path[0]) + brackets > LONGEST_PATH:
        _too_long(enhanced, "the path", LONGEST_PATH)
    unquoted = re.sub(r"\\(.)", r"\1", local[1:-1]) if local.startswith('"') else local
    return Address(unquoted, domain, f"{local}@{domain}" if domain else local)


def _not_a_path(enhanced: str) -> NoReturn:
    raise RefusedError(501, enhanced, "this is not a mail address; write it as <name@domain>")


def _too_long(enhanced: str, what: str, limit: int) -> NoReturn:
    raise RefusedError(501, enhanced, f"{what} may have {limit} characters")
