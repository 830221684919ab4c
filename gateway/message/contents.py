"""What a mail contains: documents, what may be left out beside them, and what makes it unfit to be faxed at all.

All or nothing (RFC 3965 section 2.2.4): an attachment that should be faxed and cannot be refuses the whole mail.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce

from gateway.message.attachment import Attachment, read_attachment
from gateway.message.judge import SHOWN, Verdict, judge
from gateway.message.mail import Part, RefusedError
from gateway.message.structure import EMBEDDED, Entity, Octets
from gateway.message.words import one_line
from gateway.submission import LeftOut


@dataclass(frozen=True, slots=True)
class Contents:
    """What some part of a mail contains, in MIME order."""

    documents: tuple[Part, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    unfit: tuple[str, ...] = ()  #: what cannot be faxed, in words
    seen: tuple[str, ...] = ()  #: what is no document, in words, for those who sent none


def read_contents(mail: Octets, entity: Entity, *, related: bool = False) -> Contents:
    """Gather what a part of a mail contains.

    Args:
        mail: the bytes that the entity was found in.
        entity: the mail or the part.
        related: it stands in a multipart/related.

    Raises:
        RefusedError: it is encrypted, or a piece of a larger mail.
    """
    _refuse_sealed(entity)
    if entity.children:
        inside = [read_contents(mail, child, related=entity.type == "multipart/related") for child in entity.children]
        return _best(inside) if entity.type == "multipart/alternative" else _together(inside)
    if entity.type.startswith("multipart/") or entity.type in EMBEDDED:
        return _unreadable(mail, entity)
    return _leaf(mail, read_attachment(mail, entity, related=related))


def _refuse_sealed(entity: Entity) -> None:
    if entity.type == "multipart/encrypted":
        raise RefusedError(554, "5.7.5", "this mail is encrypted: send it without encryption")
    if entity.type == "message/partial":
        raise RefusedError(
            554,
            "5.6.1",
            "this is one piece of a mail that was split by size: send it in one piece, or turn splitting off",
        )


def _unreadable(mail: Octets, entity: Entity) -> Contents:
    if not mail[entity.start : entity.end].strip():
        return Contents()
    if entity.type in EMBEDDED:
        return Contents(unfit=("a forwarded mail is encoded as a whole: attach its documents themselves",))
    return Contents(unfit=("the mail is damaged: the boundary between its parts is missing",))


def _leaf(mail: Octets, attachment: Attachment) -> Contents:
    verdict = judge(mail, attachment)
    match verdict:
        case Part():
            return Contents(documents=(verdict,))
        case LeftOut():
            return Contents(left_out=(verdict,), seen=(f"{verdict.why} {one_line(verdict.name, SHOWN)}",))
        case Verdict(fit=True):
            return Contents(seen=(verdict.words,) if verdict.words else ())
        case Verdict():
            return Contents(unfit=(verdict.words,))


def _together(inside: Iterable[Contents]) -> Contents:
    return reduce(_joined, inside, Contents())


def _joined(one: Contents, other: Contents) -> Contents:
    return Contents(
        one.documents + other.documents,
        one.left_out + other.left_out,
        one.unfit + other.unfit,
        one.seen + other.seen,
    )


def _best(versions: list[Contents]) -> Contents:
    """Of several versions of the same thing, the one with most documents; of equals the last (RFC 2046, 5.1.4)."""
    best = max(reversed(versions), key=lambda version: len(version.documents))
    return best if best.documents else _together(versions)
