"""What a mail would fax: opened one by one, repaired or as it is, all or nothing; circles are noticed in any mail."""

import asyncio
import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest
from pikepdf import Pdf
from PIL import Image

from gateway import message
from gateway.config import DocumentSettings, LimitSettings, SenderSettings
from gateway.inspector import Finding, Inspector, UnreadableError
from gateway.samples import LETTER, SCAN
from gateway.smtp import examine
from gateway.smtp.reply import RefusedError
from gateway.spool import Draft
from gateway.submission import Document, Kind
from tests.documents import DOCUMENTS
from tests.smtp_house import PDF, a_mail, joined

HOP = "Received: from a by b; Tue, 24 Nov 2026 13:50:00 +0000\r\n"


@contextmanager
def spooled(directory: Path, content: bytes) -> Iterator[Draft]:
    """A mail that has arrived."""
    path = directory / "id1.eml"
    draft = Draft("id1", path, path.open("wb"))
    draft.write(content)
    draft.flush()
    try:
        yield draft
    finally:
        draft.close()


def test_second_document_spoils_the_mail(tmp_path: Path) -> None:
    """One document that cannot be faxed, and none is; nothing unpacked is left."""
    seen: list[str] = []

    async def picky(path: Path, kind: Kind, name: str) -> Finding:
        seen.append(name)
        if name == "b.pdf":
            raise UnreadableError("it is encrypted")
        return Finding(kind=kind, pages=2)

    async def run() -> None:
        with spooled(tmp_path, a_mail(("a.pdf", PDF), ("b.pdf", PDF), ("c.pdf", PDF))) as draft:
            await examine.documents(draft, await examine.read(draft), picky, joined)

    with pytest.raises(RefusedError, match=r"554 5\.6\.5"):
        asyncio.run(run())

    assert ["a.pdf", "b.pdf"] == seen
    assert ["id1.eml"] == [path.name for path in tmp_path.iterdir()]


def test_real_inspector(tmp_path: Path) -> None:
    """A real document is opened by a real child process, and a damaged one is refused by its name."""
    image = Image.new("1", (200, 300), 1)
    image.save(tmp_path / "two.tif", save_all=True, append_images=[image])
    good, bad = (tmp_path / "two.tif").read_bytes(), b"%PDF-1.4\nnothing\n"

    async def run(inspector: Inspector) -> list[int]:
        with spooled(tmp_path, base64_mail(("two.tif", good))) as draft:
            found = await examine.documents(draft, await examine.read(draft), inspector.inspect, inspector.join)
        return [one.pages for one in found]

    async def refuse(inspector: Inspector) -> str:
        with spooled(tmp_path, base64_mail(("bad.pdf", bad))) as draft, pytest.raises(RefusedError) as caught:
            await examine.documents(draft, await examine.read(draft), inspector.inspect, inspector.join)
        return caught.value.reply.encoded().decode()

    async def both() -> tuple[list[int], str]:
        inspector = Inspector(LimitSettings())
        await inspector.start()
        try:
            return await run(inspector), await refuse(inspector)
        finally:
            await inspector.close()

    pages, refusal = asyncio.run(both())

    assert [2] == pages
    assert refusal.startswith('554 5.6.5 "bad.pdf" ')


def base64_mail(*documents: tuple[str, bytes]) -> bytes:
    """A mail with documents, as mail programs write it."""
    mail = EmailMessage(policy=SMTP)
    mail.set_content("Hello")
    for name, content in documents:
        mail.add_attachment(content, "application", "octet-stream", filename=name)
    return mail.as_bytes()


def examined(directory: Path, content: bytes) -> tuple[tuple[Document, ...], list[bytes], Draft]:
    """What a mail would fax after real inspection: its documents, and their bytes as they will be uploaded."""

    async def run(draft: Draft) -> tuple[Document, ...]:
        inspector = Inspector(LimitSettings())
        await inspector.start()
        try:
            return await examine.documents(draft, await examine.read(draft), inspector.inspect, inspector.join)
        finally:
            await inspector.close()

    with spooled(directory, content) as draft:
        found = asyncio.run(run(draft))
        return found, [b"".join(message.decoded(draft.path, one)) for one in found], draft


def test_repaired_document_lies_behind_the_mail(tmp_path: Path) -> None:
    """What was repaired is what will be uploaded, and is told; what is fit stays where it is; nothing else is left."""
    locked, fit = (DOCUMENTS / "owner-password.pdf").read_bytes(), LETTER.read_bytes()
    mail = base64_mail(("locked.pdf", locked), ("letter.pdf", fit))
    (repaired, same), (uploaded, untouched), draft = examined(tmp_path, mail)

    assert ("its copy protection was removed", "") == (repaired.repair, same.repair)
    assert ("identity", draft.size, len(uploaded)) == (repaired.encoding, repaired.offset, repaired.size)
    assert hashlib.sha256(uploaded).hexdigest() == repaired.sha256
    assert uploaded.startswith(b"%PDF-")
    assert b"/Encrypt" not in uploaded
    assert fit == untouched
    assert ["id1.eml"] == [path.name for path in tmp_path.iterdir()]


def test_scan_that_becomes_pdf(tmp_path: Path) -> None:
    """A TIFF that was written anew as PDF is uploaded as PDF, under the name that its sender gave it."""
    ((found,), (uploaded,), _) = examined(tmp_path, base64_mail(("s.tif", (DOCUMENTS / "tiles.tif").read_bytes())))

    assert (Kind.PDF, "s.tif", b"%PDF-") == (found.kind, found.name, uploaded[:5])


def test_more_than_ten(tmp_path: Path) -> None:
    """More documents than FAX.PLUS takes in a fax become one, in order, and what was done to each is told."""
    locked = (DOCUMENTS / "owner-password.pdf").read_bytes()
    parts = [(f"{number}.tif", SCAN.read_bytes()) for number in range(10)]
    (found,), (uploaded,), _ = examined(tmp_path, base64_mail(*parts, ("locked.pdf", locked)))
    with Pdf.open(io.BytesIO(uploaded)) as pdf:
        widths = [round(float(page.mediabox[2])) for page in pdf.pages]

    assert ("0.tif and 10 others", 22) == (found.name, found.pages)
    assert [610] * 20 + [612] * 2 == widths
    assert (
        "11 documents were joined into one, since FAX.PLUS takes 10 in a fax; "
        '"locked.pdf": its copy protection was removed'
    ) == found.repair
    assert ["id1.eml"] == [path.name for path in tmp_path.iterdir()]


def test_ten_stay_ten(tmp_path: Path) -> None:
    """Ten documents are ten."""
    found, *_ = examined(tmp_path, base64_mail(*((f"{number}.tif", SCAN.read_bytes()) for number in range(10))))

    assert list(range(10)) == [one.position for one in found]
    assert {""} == {one.repair for one in found}


@pytest.mark.parametrize("content", [b"no header at all", b"Subject: x\r\n\r\nHello\r\n", b""])
def test_lenient_reading(content: bytes, tmp_path: Path) -> None:
    """Mail for a person may be anything."""
    with spooled(tmp_path, content) as draft:
        assert asyncio.run(examine.read_leniently(draft)) is None


def test_lenient_reading_keeps_what_can_be_read(tmp_path: Path) -> None:
    """A mail with documents is read as usual."""
    with spooled(tmp_path, a_mail()) as draft:
        mail = asyncio.run(examine.read_leniently(draft))

    assert mail is not None
    assert "Invoice 17" == mail.subject


@pytest.mark.parametrize("content", [a_mail(before=HOP * 102), f"{HOP * 102}\r\nHello".encode()])
def test_circles(content: bytes, tmp_path: Path) -> None:
    """A mail with too many hops is refused, whether it has documents or not."""
    with spooled(tmp_path, content) as draft, pytest.raises(RefusedError, match=r"554 5\.4\.6"):
        asyncio.run(examine.read_leniently(draft))


@pytest.mark.parametrize(("confirm_to", "text"), [(None, "page"), ("desk@example.org", "leave")])
def test_text_of_devices(confirm_to: str | None, text: str) -> None:
    """What devices write about themselves is never faxed; pictures are as for everybody."""
    rule = SenderSettings.model_validate({"name": "a", "users": ["x"], "confirm_to": confirm_to})

    wanted = examine.wanted(DocumentSettings(pictures=True, text="page"), rule)

    assert (text, True) == (wanted.text, wanted.pictures)
