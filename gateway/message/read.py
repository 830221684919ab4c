"""Reads a spooled mail: what it says, and which documents it brings."""

import re
from dataclasses import replace
from email.utils import getaddresses
from pathlib import Path

from gateway.config import DocumentSettings
from gateway.message.automatic import automatic, quiet
from gateway.message.contents import Contents, read_contents
from gateway.message.header import Header, read_header
from gateway.message.judge import HTML, PICTURES
from gateway.message.limits import COVER_LETTERS, DOCUMENTS, HEADER_OCTETS
from gateway.message.mail import Mail, Part, RefusedError
from gateway.message.parameters import read_field
from gateway.message.partial import read_piece
from gateway.message.spooled import Append, Spooled, spooled
from gateway.message.words import decode_words, one_line
from gateway.submission import Kind

NOTHING_ELSE = DocumentSettings()
"""Only PDF and TIFF are faxed."""

_SUBJECT = 200  # characters
_REFERENCES = 20  # of a long discussion, the last ones
_NAMED = 3  # reasons or parts in one reply
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,300}>")


def read(path: Path, append: Append, settings: DocumentSettings = NOTHING_ELSE, start: int = 0) -> Mail:
    """Read a spooled mail. Memory does not depend on its size; time is linear in it.

    A mail with `automatic` or a `piece` set is not looked into further and has no documents.

    Args:
        path: the mail as it came over the wire, trace headers in front included.
        append: puts behind it what is unpacked from containers in it; documents may lie there.
        settings: what is faxed beside PDF and TIFF.
        start: where the mail begins in the file; not at its beginning if it was joined there from pieces.

    Raises:
        RefusedError: it cannot be faxed; the reply says why.
        OSError: the file cannot be read, or there is no room to unpack it.
    """
    with spooled(path, append) as mail:
        return _read(mail, settings, start)


def _read(mail: Spooled, settings: DocumentSettings, start: int) -> Mail:
    header, _ = read_header(mail.octets[start : start + HEADER_OCTETS], len(mail.octets) - start)
    content_type = read_field(header.get("content-type"))
    reason = automatic(header, content_type.value)
    piece = None if reason or start else read_piece(content_type)
    contents = Contents() if reason or piece else read_contents(mail, settings, start)
    cover, documents = _cover(mail, contents) if settings.text == "cover" else ("", contents.documents)
    if not reason and piece is None:
        _refuse_unfit(replace(contents, documents=documents), cover, settings)
    return Mail(
        documents=documents,
        left_out=contents.left_out,
        message_id="".join(_ids(header, "message-id")[:1]),
        references=_references(header),
        subject=one_line(decode_words(header.get("subject")), _SUBJECT),
        automatic=reason,
        quiet=quiet(header),
        receipt_to=_receipt_to(header),
        received=header.count("received"),
        outline=contents.outline,
        cover=cover,
        piece=piece,
    )


def _receipt_to(header: Header) -> str:
    try:
        found = getaddresses([header.get("disposition-notification-to")])
    except RecursionError:  # comments within comments, a thousand deep
        return ""
    alone = len(found) == header.count("disposition-notification-to") == 1
    return found[0][1] if alone and found[0][1].isprintable() else ""


def _cover(mail: Spooled, contents: Contents) -> tuple[str, tuple[Part, ...]]:
    """The text for the cover page, and what remains to be faxed."""
    texts = [part for part in contents.documents if part.kind is Kind.TEXT]
    octets = [mail.octets[part.offset : part.offset + part.length] for part in texts]
    cover = "\n\n".join(text.decode("utf-8").replace("\0", "").strip() for text in octets)  # databases take none
    return cover, tuple(part for part in contents.documents if part.kind is not Kind.TEXT)


def _refuse_unfit(contents: Contents, cover: str, settings: DocumentSettings) -> None:
    outline = contents.outline
    if contents.unfit:
        raise RefusedError(554, "5.6.1", f"{_listed(contents.unfit, '; ')}; nothing was faxed", outline)
    if not contents.documents:
        raise RefusedError(554, "5.6.1", _nothing_to_fax(contents, settings), outline)
    if len(contents.documents) > DOCUMENTS:
        words = f"{len(contents.documents)} documents in one mail; at most {DOCUMENTS}"
        raise RefusedError(554, "5.6.0", words, outline)
    if len(cover) > COVER_LETTERS:
        words = f"the text of this mail is too long for a cover page: at most {COVER_LETTERS} letters"
        raise RefusedError(554, "5.6.0", words, outline)


def _nothing_to_fax(contents: Contents, settings: DocumentSettings) -> str:
    found = f" (found: {_listed(contents.seen, ', ')})" if contents.seen else ""
    if any(left_out.why in PICTURES for left_out in contents.left_out):
        return f"no PDF or TIFF is attached{found}: pictures are not faxed, send them as a PDF"
    if settings.text == "page" and HTML in contents.seen:  # RFC 3965, appendix A, is of text/plain alone
        return f"no PDF or TIFF is attached{found}: HTML is not faxed, write plain text, or print it to PDF"
    return f"no PDF or TIFF is attached{found}"


def _listed(words: tuple[str, ...], between: str) -> str:
    different = tuple(dict.fromkeys(words))
    more = len(different) - _NAMED
    return between.join(different[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _references(header: Header) -> str:
    ids = _ids(header, "references") or _ids(header, "in-reply-to")
    return " ".join(ids[-_REFERENCES:])


def _ids(header: Header, name: str) -> list[str]:
    """Only ids that can stand in a header of ours (RFC 5322 section 3.6.4); anything else is nobody's reference."""
    return _MESSAGE_ID.findall(header.get(name))
