"""DKIM (RFC 6376): whether a domain has signed a mail.

The library reads signatures and keys, and verifies the one by the other. Which signatures count at all, what a key may
say, and the hash of the body are ours: the first two are policy, and for the last see `gateway.origin.body`.
"""

import base64
import binascii
import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Literal

import dkim
import structlog
from dkim.util import InvalidTagValueList, parse_tag_value

from gateway.origin import body
from gateway.origin.letter import ADDRESSEES, Letter, domain
from gateway.origin.names import Names, NoAnswerError

MOST_SIGNATURES = 4
"""How many of one mail are tried, of those that could count."""

LONGEST_SIGNATURE = 4096
"""Octets of its field. The library's patterns take quadratic time over blanks."""

LONGEST_KEY = 2048
"""Octets of its record, which hold an RSA key of 8192 bits; the time that larger ones take is for others to choose."""

Tags = Mapping[bytes, bytes]

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Signed:
    """What the signatures of a mail prove."""

    result: Literal["pass", "fail", "none", "temperror"]
    words: str  #: which one does, or why none does
    mark: str = dataclasses.field(default="", compare=False)  #: what was signed, the same however often that mail comes


class _UnfitError(Exception):
    """A signature that proves nothing; says why."""


def check(letter: Letter, domains: Sequence[str], names: Names, now: float) -> Signed:
    """Return whether one of these domains has signed a mail whose author is of it, or of one beneath it. Blocks.

    Args:
        letter: the mail.
        domains: in lower case.
        names: the DNS.
        now: seconds since the epoch.

    Raises:
        OSError: the mail cannot be read.
    """
    found = []
    for place, tags in islice(_aligned(letter, domains), MOST_SIGNATURES):
        one = _judged(letter, place, tags, names, now)
        if one.result == "pass":
            return one
        found.append(one)
    open_still = [one for one in found if one.result == "temperror"]
    none = Signed("none", f"the mail has no DKIM signature of {' or '.join(domains)}")
    return (open_still + found + [none])[0]


def _aligned(letter: Letter, domains: Sequence[str]) -> Iterator[tuple[int, Tags]]:
    """The signatures that could count: which one of all it is, and what it says."""
    author = domain(letter.author())
    fields = [value for name, value in letter.header.fields if name == "dkim-signature"]
    for place, field in enumerate(fields):
        tags = _tags(field) if len(field) <= LONGEST_SIGNATURE else {}
        signer = tags.get(b"d", b"").decode("ascii", "replace").lower()
        if signer in domains and (author == signer or author.endswith(f".{signer}")):
            yield place, tags


def _tags(text: bytes) -> Tags:
    try:
        return parse_tag_value(text)  # type: ignore[no-any-return]  # it has no types
    except InvalidTagValueList:
        return {}


def _judged(letter: Letter, place: int, tags: Tags, names: Names, now: float) -> Signed:
    which = f"the DKIM signature of {_shown(tags, b'd')} (selector {_shown(tags, b's')})"
    try:
        mark = _verify(letter, place, tags, names, now)
    except NoAnswerError:
        return Signed("temperror", f"the DNS does not tell the key of {which}")
    except _UnfitError as error:
        return Signed("fail", f"{which} does not count: {error}")
    except dkim.DKIMException as error:
        log.info("signature.failed", error=type(error).__name__)
        return Signed("fail", f"{which} does not hold")
    except OSError:
        raise
    except Exception as error:  # noqa: BLE001  # whatever a stranger wrote there, it is no proof
        log.info("signature.failed", error=type(error).__name__)
        return Signed("fail", f"{which} cannot be read")
    return Signed("pass", which, mark)


def _shown(tags: Tags, tag: bytes) -> str:
    return tags.get(tag, b"").decode("ascii", "replace")[:255]


def _verify(letter: Letter, place: int, tags: Tags, names: Names, now: float) -> str:
    """Return the hash of the body if a signature holds. What costs little comes first."""
    _check_terms(tags, now)
    if not letter.head.endswith((b"\r\n\r\n", b"\n\n")):
        raise _UnfitError("no empty line ends the header of the mail")
    verifier = dkim.DKIM(letter.head)
    prepared = verifier.verify_headerprep(place)
    if not prepared:
        raise _UnfitError("it cannot be read")
    said, signed, fields = prepared
    _check_coverage(letter, {field.decode("ascii") for field in signed})
    without_body = {tag: value for tag, value in said.items() if tag != b"bh"}
    if not verifier.verify_sig(without_body, signed, fields[place], partial(_key, names)):
        raise _UnfitError("it was made with another key, or the header was changed")
    return _checked_body(letter, tags)


def _check_terms(tags: Tags, now: float) -> None:
    """Refuse what anybody could have made, and what is over."""
    if tags.get(b"a") not in {b"rsa-sha256", b"ed25519-sha256"}:
        raise _UnfitError("only rsa-sha256 and ed25519-sha256 do")  # RFC 8301 section 3.1
    if b"x" in tags and int(tags[b"x"]) < now:
        raise _UnfitError("it has expired")


def _check_coverage(letter: Letter, signed: set[str]) -> None:
    """Who wrote what to whom must be signed: else whoever has a signed mail could have it faxed to others.

    The Subject may hold the number, and is told in the confirmation.
    """
    for field in ("from", "subject", *ADDRESSEES):
        if letter.header.count(field) > 1:
            raise _UnfitError(f"the mail has more than one {field.capitalize()}")
        if field not in signed and (field == "from" or letter.header.count(field)):
            raise _UnfitError(f"it does not cover {field.capitalize()}")


def _key(names: Names, name: bytes, timeout: float) -> bytes:  # noqa: ARG001  # as the library calls it
    """The record of a key, if it may be used for this (RFC 6376 section 3.6.1)."""
    texts = names.texts(name.decode("ascii"))
    if len(texts) != 1 or len(texts[0]) > LONGEST_KEY:
        raise _UnfitError("there is no key for it")
    tags = _tags(texts[0])
    if not tags.get(b"p"):
        raise _UnfitError("its key was withdrawn")
    if b"y" in _listed(tags, b"t"):
        raise _UnfitError("its key is for tests only")
    if b"sha256" not in _listed(tags, b"h", b"sha256") or not {b"*", b"email"} & _listed(tags, b"s", b"*"):
        raise _UnfitError("its key is for something else")
    return texts[0]


def _listed(tags: Tags, tag: bytes, otherwise: bytes = b"") -> set[bytes]:
    return {one.strip() for one in tags.get(tag, otherwise).split(b":")}


def _checked_body(letter: Letter, tags: Tags) -> str:
    _, _, way = tags.get(b"c", b"simple").partition(b"/")
    found, length = body.digest(letter.body(), relaxed=way == b"relaxed")
    if b"l" in tags and int(tags[b"l"]) != length:
        raise _UnfitError("it covers only a part of the mail")
    try:
        claimed = base64.b64decode(b"".join(tags[b"bh"].split()), validate=True)
    except binascii.Error:
        raise _UnfitError("it cannot be read") from None
    if claimed != found:
        raise _UnfitError("the body was changed")
    return found.hex()
