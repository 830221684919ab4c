"""Shows what the gateway would do with a mail or a document, by the same code that takes mail in."""

import asyncio
import json
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer

from gateway import message
from gateway.cli.opening import DEFAULT_CONFIG, FAILED, WRONG, AsJson, ConfigPath, configured, run
from gateway.config import DocumentSettings, LimitSettings
from gateway.inspector import Inspector
from gateway.message import Mail, Outline, Part
from gateway.message.signature import HEAD, document_kind
from gateway.smtp import examine
from gateway.smtp.reply import RefusedError, Reply
from gateway.spool import Draft, Spool
from gateway.submission import Document, Kind

_CHUNK = 1 << 18
_OF_THE_UPLOAD = ("remote_path", "uploaded_at")


@dataclass(frozen=True, slots=True)
class Findings:
    """What would become of a file."""

    mail: Mail | None  #: what was read; None if that was refused
    outline: tuple[Outline, ...]  #: what the mail is made of, as far as it was read
    documents: tuple[Document, ...]  #: what would be faxed
    reply: Reply | None  #: the refusal

    @property
    def pages(self) -> int:
        """Of the fax, with its cover page."""
        cover = self.mail is not None and bool(self.documents and self.mail.cover)
        return sum(document.pages for document in self.documents) + cover


def inspect(
    file: Annotated[Path, typer.Argument(help="A mail (.eml), a PDF or a TIFF.")],
    config: ConfigPath = DEFAULT_CONFIG,
    *,
    as_json: AsJson = False,
) -> None:
    """Show what the gateway would do with a mail or a document. Exit code 0: taken, 1: refused, 2: unreadable.

    Limits, and what counts as a document, are those of the configuration, if there is one. Nothing is sent.
    """
    settings = configured(config) if config.exists() else None
    limits, wanted = (settings.limits, settings.documents) if settings else (LimitSettings(), DocumentSettings())
    try:
        file.open("rb").close()
    except OSError as error:
        print(f"{file}: {error.strerror}", file=sys.stderr)
        raise typer.Exit(WRONG) from None
    found = run(_inspect(file, limits, wanted))
    print(json.dumps(_for_programs(found), indent=2) if as_json else _for_people(file, found))
    if found.reply is not None:
        raise typer.Exit(FAILED)


async def _inspect(file: Path, limits: LimitSettings, settings: DocumentSettings) -> Findings:
    inspector = Inspector(limits)
    await inspector.start()
    try:
        with TemporaryDirectory(prefix="fax-gateway-") as directory:
            draft = Spool(Path(directory)).draft("inspected")
            try:
                await asyncio.to_thread(_copy, file, draft)
                return await _examine(file, draft, inspector, settings)
            finally:
                draft.discard()
    finally:
        await inspector.close()


def _copy(file: Path, draft: Draft) -> None:
    with file.open("rb") as source:
        while chunk := source.read(_CHUNK):
            draft.write(chunk)
    draft.flush()


async def _examine(file: Path, draft: Draft, inspector: Inspector, settings: DocumentSettings) -> Findings:
    mail: Mail | None = None
    try:
        mail = _document(file, draft) or await examine.read(draft, settings)
        if mail.piece is not None:
            return Findings(mail, (), (), None)
        documents = await examine.documents(draft, mail, inspector.inspect, inspector.join)
    except RefusedError as error:
        refused = error.__cause__
        outline = mail.outline if mail else refused.outline if isinstance(refused, message.RefusedError) else ()
        return Findings(mail, outline, (), error.reply)
    return Findings(mail, mail.outline, documents, None)


def _document(file: Path, draft: Draft) -> Mail | None:
    """A document as if it were the only one of a mail; None if the file is a mail."""
    with draft.path.open("rb") as source:
        kind = document_kind(source.read(HEAD), body=file.suffix.lower() not in {".pdf", ".tif", ".tiff"})
    if kind is None:
        return None
    part = Part(file.name, Kind(kind), 0, draft.size, "identity")
    return Mail(
        documents=(part,),
        left_out=(),
        message_id="",
        references="",
        subject="",
        automatic=None,
        quiet=False,
        receipt_to="",
        received=0,
    )


def _for_programs(found: Findings) -> dict[str, Any]:
    reply = found.reply
    return {
        "faxed": bool(found.documents),
        "reply": reply and {"code": reply.code, "status": reply.enhanced, "words": _words(reply)},
        "pages": found.pages,
        "documents": [_document_for_programs(document) for document in found.documents],
        "piece": asdict(found.mail.piece) if found.mail and found.mail.piece else None,
        "cover": found.mail.cover if found.mail else "",
        "left_out": [asdict(part) for part in found.mail.left_out] if found.mail else [],
        "parts": [asdict(part) for part in found.outline],
    }


def _document_for_programs(document: Document) -> dict[str, Any]:
    return {name: value for name, value in asdict(document).items() if name not in _OF_THE_UPLOAD}


def _for_people(file: Path, found: Findings) -> str:
    return "\n".join(
        [_verdict(file, found), *_parts(found.outline), *_documents(found), *_cover(found), *_left_out(found)]
    )


def _verdict(file: Path, found: Findings) -> str:
    reply = found.reply
    if reply is not None:
        return f"{file.name}: refused with {reply.code} {reply.enhanced} {_words(reply)}"
    if found.mail is not None and (piece := found.mail.piece) is not None:
        return (
            f"{file.name}: piece {piece.number} of {piece.total or 'some'} of a mail, would be held until all are here"
        )
    return f"{file.name}: would be faxed, {found.pages} page{'' if found.pages == 1 else 's'}"


def _words(reply: Reply) -> str:
    return ": ".join(filter(None, (reply.words, reply.unlogged)))


def _parts(outline: tuple[Outline, ...]) -> Iterator[str]:
    if outline:
        yield "\nParts"
        yield from _tree(outline, 1)


def _tree(outline: tuple[Outline, ...], depth: int) -> Iterator[str]:
    for part in outline:
        words = [part.type, f'"{part.name}"' if part.name else "", f"{part.octets:,} octets", part.fate]
        yield "  " * depth + ", ".join(filter(None, words))
        yield from _tree(part.inside, depth + 1)


def _documents(found: Findings) -> Iterator[str]:
    if found.documents:
        yield "\nFaxed, in this order"
    for document in found.documents:
        pages = f"{document.pages} page{'' if document.pages == 1 else 's'}"
        words = [f'"{document.name}"', str(document.kind), pages, f"{document.size:,} octets", document.repair]
        yield f"  {document.position + 1}. " + ", ".join(filter(None, words))


def _cover(found: Findings) -> Iterator[str]:
    if found.mail is not None and found.mail.cover and found.documents:
        yield "\nOn the cover page"
        yield textwrap.indent(found.mail.cover, "  ")


def _left_out(found: Findings) -> Iterator[str]:
    if found.mail is not None and found.mail.left_out:
        yield "\nLeft out"
        yield from (f'  "{part.name}": {part.why}' for part in found.mail.left_out)
