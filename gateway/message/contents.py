"""What a mail contains: documents, what may be left out beside them, and what makes it unfit to be faxed at all.

All or nothing (RFC 3965 section 2.2.4): an attachment that should be faxed and cannot be refuses the whole mail.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import reduce

from gateway.config import DocumentSettings
from gateway.message.attachment import Attachment, held_file, read_attachment
from gateway.message.cms import Sealed
from gateway.message.containers import Container, Held, container, unpack
from gateway.message.judge import ENCRYPTED, SHOWN, Verdict, judge, shown
from gateway.message.mail import DamagedError, Outline, Part, RefusedError
from gateway.message.spooled import Spooled
from gateway.message.structure import EMBEDDED, Entity, Scan
from gateway.message.text import is_text, text_part
from gateway.message.words import one_line
from gateway.submission import Kind, LeftOut


@dataclass(frozen=True, slots=True)
class Contents:
    """What some part of a mail contains, in MIME order."""

    documents: tuple[Part, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    unfit: tuple[str, ...] = ()  #: what cannot be faxed, in words
    seen: tuple[str, ...] = ()  #: what is no document, in words, for those who sent none
    outline: tuple[Outline, ...] = ()  #: what it is made of


def read_contents(mail: Spooled, settings: DocumentSettings, start: int = 0) -> Contents:
    """Gather what a mail contains; what lies in containers is unpacked behind it.

    Args:
        mail: what it lies in.
        settings: what counts as a document beside PDF and TIFF. Text is one here unless it is left out.
        start: where it begins.

    Raises:
        RefusedError: it is encrypted, a piece of a larger mail, or has too much structure.
        OSError: there is no room to unpack it.
    """
    reading = _Reading(mail, settings)
    return reading.entity(reading.scan.entity(start, len(mail.octets)))


class _Reading:
    def __init__(self, mail: Spooled, settings: DocumentSettings) -> None:
        self._mail = mail
        self._settings = settings
        self.scan = Scan(mail)

    def entity(self, entity: Entity, *, related: bool = False) -> Contents:
        """What a part contains; `related` if it stands in a multipart/related."""
        _refuse_sealed(entity)
        if entity.children:
            inside = [self.entity(child, related=entity.type == "multipart/related") for child in entity.children]
            together = _best(inside) if entity.type == "multipart/alternative" else _together(inside)
            outline = Outline(entity.type, "", entity.end - entity.start, "", _together(inside).outline)
            return replace(together, outline=(outline,))
        if entity.type.startswith("multipart/"):
            return self._unreadable(entity)
        attachment = read_attachment(self._mail.octets, entity, related=related)
        if entity.type in EMBEDDED and attachment.empty:
            return Contents()
        return self._leaf(attachment, entity.depth)

    def _unreadable(self, entity: Entity) -> Contents:
        if not self._mail.octets[entity.start : entity.end].strip():
            return Contents()
        words = "the mail is damaged: the boundary between its parts is missing"
        return Contents(unfit=(words,), outline=(Outline(entity.type, "", entity.end - entity.start, words),))

    def _leaf(self, attachment: Attachment, depth: int) -> Contents:
        what = container(self._mail, attachment)
        if what is None:
            return _found(attachment, self._judged(attachment))
        try:
            held = unpack(self._mail, attachment, what)
        except DamagedError:
            return _found(attachment, Verdict(fit=False, words=f"{shown(attachment)} {what.value}"))
        if isinstance(held, Sealed):
            return _sealed(attachment, held)
        return _opened(attachment, what, [self._held(one, depth + 1) for one in held])

    def _judged(self, attachment: Attachment) -> Part | LeftOut | Verdict:
        verdict = judge(self._mail.octets, attachment, pictures=self._settings.pictures)
        wanted = self._settings.text != "leave" and is_text(attachment)
        return text_part(self._mail, attachment) if wanted and isinstance(verdict, Verdict) else verdict

    def _held(self, held: Held, depth: int) -> Contents:
        if held.name is None:
            return self.entity(self.scan.entity(held.start, held.end, depth))
        self.scan.count(depth)
        return self._leaf(held_file(self._mail.octets, held.name, held.start, held.end), depth)


def _refuse_sealed(entity: Entity) -> None:
    if entity.type == "multipart/encrypted":
        raise RefusedError(*ENCRYPTED)
    if entity.type == "message/partial":
        raise RefusedError(
            554,
            "5.6.1",
            "it holds one piece of a mail that was split by size: send that in one piece, or turn splitting off",
        )


def _sealed(attachment: Attachment, why: Sealed) -> Contents:
    match why:
        case Sealed.ENCRYPTED:
            raise RefusedError(*ENCRYPTED)
        case Sealed.COMPRESSED:
            return _found(attachment, Verdict(fit=False, words=f"{shown(attachment)} is compressed: send it as it is"))
        case Sealed.BARE:
            return _found(attachment, LeftOut(attachment.name or "unnamed", "a signature"))


def _opened(attachment: Attachment, what: Container, inside: list[Contents]) -> Contents:
    """What was in a container; around uuencode stands the text of the mail."""
    contents = _together(inside)
    outline = Outline(attachment.type, attachment.name, attachment.length, "", contents.outline)
    text = ("text",) if what is Container.UUENCODE and attachment.body else ()
    nothing = () if inside else (f"{shown(attachment)} without any file in it",)
    return replace(contents, seen=contents.seen + text + nothing, outline=(outline,))


def _found(attachment: Attachment, verdict: Part | LeftOut | Verdict) -> Contents:
    match verdict:
        case Part(kind=Kind.TEXT):
            found, fate = Contents(documents=(verdict,), seen=("text",)), "text to fax"
        case Part():
            found, fate = Contents(documents=(verdict,)), f"{verdict.kind.upper()} document"
        case LeftOut():
            seen = f"{verdict.why} {one_line(verdict.name, SHOWN)}"
            found, fate = Contents(left_out=(verdict,), seen=(seen,)), f"left out: {verdict.why}"
        case Verdict(fit=True):
            found, fate = Contents(seen=(verdict.words,) if verdict.words else ()), verdict.words
        case Verdict():
            found, fate = Contents(unfit=(verdict.words,)), verdict.words
    outline = Outline(attachment.type, attachment.name, attachment.length, fate)
    return replace(found, outline=(outline,))


def _together(inside: Iterable[Contents]) -> Contents:
    return reduce(_joined, inside, Contents())


def _joined(one: Contents, other: Contents) -> Contents:
    return Contents(
        one.documents + other.documents,
        one.left_out + other.left_out,
        one.unfit + other.unfit,
        one.seen + other.seen,
        one.outline + other.outline,
    )


def _best(versions: list[Contents]) -> Contents:
    """Of several versions of the same thing, the one with most documents; of equals the last (RFC 2046, 5.1.4).

    Where text is faxed, the best version may have it as HTML only, and another as it can be faxed.
    """
    best = max(reversed(versions), key=lambda version: len(_but_text(version)))
    if not _but_text(best):
        return _together(versions)
    texts = [tuple(part for part in version.documents if part.kind is Kind.TEXT) for version in (best, *versions)]
    return replace(best, documents=next(filter(None, texts), ()) + _but_text(best))


def _but_text(contents: Contents) -> tuple[Part, ...]:
    return tuple(part for part in contents.documents if part.kind is not Kind.TEXT)
