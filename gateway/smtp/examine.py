"""What a mail that has arrived would fax: its documents, opened and counted, or why it is refused."""

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import BinaryIO

from gateway import message
from gateway.config import DocumentSettings, SenderSettings
from gateway.inspector import Finding, UnreadableError
from gateway.message import Mail, Part
from gateway.smtp.reply import RefusedError, Reply
from gateway.spool import Draft
from gateway.submission import Document, Kind

Inspect = Callable[[Path, Kind, str], Awaitable[Finding]]
"""Opens a document of that kind and name in a child process, and repairs it if it must."""

Join = Callable[[Sequence[tuple[Path, Kind]], str], Awaitable[Finding]]
"""Makes one document of many, under a name."""

MOST = 10
"""Documents that FAX.PLUS takes in one fax."""

CHUNK = 256 * 1024
"""Octets that are copied at a time."""

MOST_HOPS = 100
"""`Received` fields after which a mail is going round in circles (RFC 5321 section 6.3)."""


LONGEST_HEADER = 256 * 1024
"""Octets that are searched for them in a mail that cannot be read otherwise."""

GOING_ROUND = Reply(554, "5.4.6", "this mail is going round in circles")


async def read(draft: Draft, settings: DocumentSettings = message.NOTHING_ELSE, start: int = 0) -> Mail:
    """Read a mail that has arrived, and put behind it what is unpacked from containers in it.

    Args:
        draft: the mail.
        settings: what is faxed beside PDF and TIFF.
        start: where it begins in the draft, if it was joined there from pieces.

    Raises:
        RefusedError: it cannot be read, or it is going round in circles.
        OSError: it cannot be read from disk, or there is no room to unpack it.
    """
    try:
        mail = await asyncio.to_thread(message.read, draft.path, draft.append, settings, start)
    except message.RefusedError as error:
        raise RefusedError(error.code, error.enhanced, "", error.words) from error
    if mail.received > MOST_HOPS + 1:  # ours is one of them
        raise RefusedError.of(GOING_ROUND)
    return mail


def wanted(settings: DocumentSettings, rule: SenderSettings | None) -> DocumentSettings:
    """What is faxed beside PDF and TIFF for a sender: never the text of those who read no mail.

    What devices write there is about themselves ("Scanned from ...").
    """
    device = rule is not None and rule.confirm_to is not None
    return settings.model_copy(update={"text": "leave"}) if device else settings


async def read_leniently(draft: Draft) -> Mail | None:
    """Read a mail that is for a person: None when it cannot be read by a program.

    Raises:
        RefusedError: it is going round in circles.
        OSError: it cannot be read from disk.
    """
    try:
        return await read(draft)
    except RefusedError:
        if await asyncio.to_thread(_hops, draft.path) > MOST_HOPS + 1:
            raise RefusedError.of(GOING_ROUND) from None
        return None


def _hops(path: Path) -> int:
    with path.open("rb") as file:
        header = file.read(LONGEST_HEADER).partition(b"\r\n\r\n")[0]
    return len(re.findall(rb"^received:", header, re.IGNORECASE | re.MULTILINE))


async def documents(draft: Draft, mail: Mail, inspect: Inspect, join: Join) -> tuple[Document, ...]:
    """Open the documents of a mail, and put behind it what is faxed in place of those that had to be repaired.

    Args:
        draft: the mail. Documents are unpacked beside it, and removed again.
        mail: what was read there.
        inspect: opens one document.
        join: makes one of them when they are more than FAX.PLUS takes.

    Raises:
        RefusedError: it must not be faxed, has no document, or one that cannot be faxed. All are faxed, or none.
        OSError: a document could not be unpacked, or what was repaired could not be kept.
    """
    if mail.automatic is not None:
        raise RefusedError(550, "5.7.1", mail.automatic)
    if not mail.documents:
        raise RefusedError(554, "5.6.1", "no PDF or TIFF document is attached")
    try:
        if len(mail.documents) > MOST:
            return (await _joined(draft, mail.documents, inspect, join),)
        return tuple([await _document(draft, place, part, inspect) for place, part in enumerate(mail.documents)])
    except UnreadableError as error:
        raise RefusedError(554, "5.6.5", "", error.words) from None


async def _document(draft: Draft, position: int, part: Part, inspect: Inspect) -> Document:
    async with _unpacked(draft.path, position, part) as (unpacked, size, sha256):
        finding = await inspect(unpacked, part.kind, part.name)
        if finding.repaired is not None:
            return await asyncio.to_thread(_kept_behind, draft, position, part.name, finding, finding.remarks)
    return Document(
        position=position,
        name=part.name,
        kind=part.kind,
        pages=finding.pages,
        offset=part.offset,
        length=part.length,
        encoding=part.encoding,
        size=size,
        sha256=sha256,
        repair=finding.remarks,
    )


async def _joined(draft: Draft, parts: Sequence[Part], inspect: Inspect, join: Join) -> Document:
    """Make one document of many. What was remarked on each is said with its name."""
    name = f"{parts[0].name} and {len(parts) - 1} others"
    remarks = [f"{len(parts)} documents were joined into one, since FAX.PLUS takes {MOST} in a fax"]
    fit: list[tuple[Path, Kind]] = []
    async with AsyncExitStack() as stack:
        for position, part in enumerate(parts):
            unpacked, *_ = await stack.enter_async_context(_unpacked(draft.path, position, part))
            finding = await inspect(unpacked, part.kind, part.name)
            fit.append((finding.repaired or unpacked, finding.kind))
            remarks += [f'"{part.name}": {finding.remarks}'] if finding.remarks else []
        whole = await join(fit, name)
        return await asyncio.to_thread(_kept_behind, draft, 0, name, whole, "; ".join(remarks))


@asynccontextmanager
async def _unpacked(path: Path, position: int, part: Part) -> AsyncIterator[tuple[Path, int, str]]:
    """Have a document in a file of its own, with its size and hash; it goes again with all that was written beside."""
    unpacked = path.with_suffix(f".{position}")
    try:
        size, sha256 = await asyncio.to_thread(_unpack, path, part, unpacked)
        yield unpacked, size, sha256
    finally:
        for left in (unpacked, *path.parent.glob(f"{unpacked.name}.*")):
            left.unlink(missing_ok=True)


def _unpack(path: Path, part: Part, target: Path) -> tuple[int, str]:
    """Write a document to a file of its own; return its size and hash."""
    size, seen = 0, hashlib.sha256()
    with target.open("xb") as file:
        for chunk in message.decoded(path, part):
            file.write(chunk)
            seen.update(chunk)
            size += len(chunk)
    return size, seen.hexdigest()


def _kept_behind(draft: Draft, position: int, name: str, finding: Finding, repair: str) -> Document:
    """Put what is faxed in place of a document behind the mail, to be kept with it."""
    seen = hashlib.sha256()

    def chunks(file: BinaryIO) -> Iterator[bytes]:
        while chunk := file.read(CHUNK):
            seen.update(chunk)
            yield chunk

    if finding.repaired is None:
        raise ValueError("there is nothing in its place")
    with finding.repaired.open("rb") as file:
        offset, length = draft.append(chunks(file))
    return Document(
        position=position,
        name=name,
        kind=finding.kind,
        pages=finding.pages,
        offset=offset,
        length=length,
        encoding="identity",
        size=length,
        sha256=seen.hexdigest(),
        repair=repair,
    )
