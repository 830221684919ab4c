"""A part of a mail without further parts: what it is called, how it is encoded, and how it begins."""

import re
from dataclasses import dataclass

from gateway.message.encoding import DECODERS, settle
from gateway.message.parameters import read_field
from gateway.message.signature import HEAD
from gateway.message.spooled import Octets
from gateway.message.structure import Entity, transfer_encoding
from gateway.message.words import one_line

NAME = 200
"""Characters of a name, at most."""

# Exchange gives this name to text that stands behind an attachment.
_BETWEEN = re.compile(r"ATT[0-9]+\.(?:txt|html?)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A leaf of the mail's structure."""

    name: str  #: safe to show; empty if it has none
    type: str  #: as declared, in lower case, such as "application/pdf"
    parameters: dict[str, str]  #: of the type
    attached: bool  #: it says that it is an attachment
    embedded: bool  #: the text refers to it: it is seen there
    encoding: str  #: one of `DECODERS`
    declared: str  #: the encoding that its header declares
    offset: int
    length: int
    head: bytes  #: its first octets, decoded

    @property
    def body(self) -> bool:
        """Whether it is the text of the mail itself."""
        textual = self.type.startswith("text/") or "/" not in self.type
        return textual and not self.attached and (not self.name or _BETWEEN.fullmatch(self.name) is not None)

    @property
    def empty(self) -> bool:
        """Whether there is nothing in it."""
        return not self.head.strip()


def read_attachment(mail: Octets, entity: Entity, *, related: bool) -> Attachment:
    """Read a leaf.

    Args:
        mail: the bytes that the entity was found in.
        entity: a part without children.
        related: it stands in a multipart/related (RFC 2387), beside the text that shows it.
    """
    disposition = read_field(entity.header.get("content-disposition"))
    declared = transfer_encoding(entity.header)
    raw = bytes(mail[entity.start : min(entity.end, entity.start + 4 * HEAD)])
    encoding = settle(declared, raw)
    return Attachment(
        name=_safe(disposition.parameters.get("filename") or entity.content_type.parameters.get("name") or ""),
        type=entity.type,
        parameters=entity.content_type.parameters,
        attached=disposition.value == "attachment",
        embedded=related and disposition.value != "attachment",
        encoding=encoding,
        declared=declared,
        offset=entity.start,
        length=entity.end - entity.start,
        head=b"".join(DECODERS[encoding](iter([raw])))[: 2 * HEAD],
    )


def held_file(mail: Octets, name: str, start: int, end: int) -> Attachment:
    """Return a file that was found in a container, as the attachment that it is.

    Args:
        mail: the bytes that it was found in.
        name: what its container calls it.
        start: where it begins.
        end: where it ends.
    """
    return Attachment(
        name=_safe(name),
        type="application/octet-stream",
        parameters={},
        attached=True,
        embedded=False,
        encoding="identity",
        declared="",
        offset=start,
        length=end - start,
        head=mail[start : min(end, start + 2 * HEAD)],
    )


def _safe(name: str) -> str:
    """Take paths and controls off a name."""
    last = re.split(r"[/\\]", name)[-1]
    return _shortened(one_line(last, len(last))).strip(" .") if last.strip(" .") else ""


def _shortened(name: str) -> str:
    if len(name) <= NAME:
        return name
    stem, dot, ending = name.rpartition(".")
    tail = f"{dot}{ending}"[-10:] if stem else ""
    return name[: NAME - len(tail)] + tail
