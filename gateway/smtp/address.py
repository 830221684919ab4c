"""The paths of MAIL and RCPT (RFC 5321 sections 4.1.2 and 4.5.3.1), read strictly, from octets."""

import re
from dataclasses import dataclass
from typing import NoReturn

from gateway.smtp.reply import RefusedError

LONGEST_LOCAL_PART = 64
LONGEST_DOMAIN = 255
LONGEST_ADDRESS = 254

_LOCAL = rb'(?P<local>"(?:[ !#-\[\]-~]|\\[ -~])*"|[A-Za-z0-9!#$%&\'*+/=?^_`{|}~.-]+)'
_DOMAIN = rb"(?P<domain>[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?|\[[A-Za-z0-9.:_-]+\])"
_ROUTE = rb"(?:@[A-Za-z0-9_.,@-]*:)?"
_PATH = re.compile(rb"<(?P<null>)>|<" + _ROUTE + _LOCAL + rb"(?:@" + _DOMAIN + rb")?>")
_BARE = re.compile(_LOCAL + rb"(?:@" + _DOMAIN + rb")?(?=[ ]|\Z)")


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
    match = _PATH.match(text) or _BARE.match(text)
    rest = text[match.end() :] if match else b""
    if match is None or (rest and not rest.startswith(b" ")):
        raise RefusedError(501, enhanced, "this is not a mail address; write it as <name@domain>")
    if match["local"] is None:
        return NOBODY, rest
    return _address(match["local"].decode(), (match["domain"] or b"").decode(), enhanced), rest


def _address(local: str, domain: str, enhanced: str) -> Address:
    written = f"{local}@{domain}" if domain else local
    if local.startswith('"'):
        local = re.sub(r"\\(.)", r"\1", local[1:-1])
    if ".." in domain:
        raise RefusedError(501, enhanced, "this is not a domain")
    if len(local) > LONGEST_LOCAL_PART:
        _too_long(enhanced, "what stands before the @", LONGEST_LOCAL_PART)
    if len(domain) > LONGEST_DOMAIN:
        _too_long(enhanced, "the domain", LONGEST_DOMAIN)
    if len(written) > LONGEST_ADDRESS:
        _too_long(enhanced, "the address", LONGEST_ADDRESS)
    return Address(local, domain, written)


def _too_long(enhanced: str, what: str, limit: int) -> NoReturn:
    raise RefusedError(501, enhanced, f"{what} may have {limit} characters")
