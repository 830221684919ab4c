"""Reads a spooled mail: what it says, and which documents it brings."""

import mmap
import re
from pathlib import Path

from gateway.message.automatic import automatic, quiet
from gateway.message.contents import Contents, read_contents
from gateway.message.header import Header, read_header
from gateway.message.judge import PICTURES
from gateway.message.limits import DOCUMENTS, HEADER_OCTETS
from gateway.message.mail import Mail, RefusedError
from gateway.message.parameters import read_field
from gateway.message.structure import Octets, read_structure
from gateway.message.words import decode_words, one_line

_SUBJECT = 200  # characters
_REFERENCES = 20  # of a long discussion, the last ones
_NAMED = 3  # reasons or parts in one reply
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,300}>")


def read(path: Path) -> Mail:
    """Read a spooled mail. Memory does not depend on its size; time is linear in it.

    A mail with `automatic` set is not looked into further and has no documents.

    Args:
        path: the mail as it came over the wire, trace headers in front included.

    Raises:
        RefusedError: it cannot be faxed; the reply says why.
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        if not path.stat().st_size:
            return _read(b"")
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mail:
            return _read(mail)


def _read(mail: Octets) -> Mail:
    header, _ = read_header(mail[:HEADER_OCTETS], len(mail))
    reason = automatic(header, read_field(header.get("content-type")).value)
    contents = Contents() if reason else _faxable(read_contents(mail, read_structure(mail)))
    return Mail(
        documents=contents.documents,
        left_out=contents.left_out,
        message_id="".join(_ids(header, "message-id")[:1]),
        references=_references(header),
        subject=one_line(decode_words(header.get("subject")), _SUBJECT),
        automatic=reason,
        quiet=quiet(header),
        received=header.count("received"),
    )


def _faxable(contents: Contents) -> Contents:
    if contents.unfit:
        raise RefusedError(554, "5.6.1", f"{_listed(contents.unfit, '; ')}; nothing was faxed")
    if not contents.documents:
        raise RefusedError(554, "5.6.1", _nothing_to_fax(contents))
    if len(contents.documents) > DOCUMENTS:
        raise RefusedError(554, "5.6.0", f"{len(contents.documents)} documents in one mail; at most {DOCUMENTS}")
    return contents


def _nothing_to_fax(contents: Contents) -> str:
    found = f" (found: {_listed(contents.seen, ', ')})" if contents.seen else ""
    pictures = any(left_out.why in PICTURES for left_out in contents.left_out)
    hint = ": pictures are not faxed, send them as a PDF" if pictures else ""
    return f"no PDF or TIFF is attached{found}{hint}"


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
