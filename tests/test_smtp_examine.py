"""What a mail would fax: opened one by one, all or nothing; circles are noticed in any mail."""

import asyncio
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest
from PIL import Image

from gateway.config import LimitSettings
from gateway.inspector import Inspector, UnreadableError
from gateway.smtp import examine
from gateway.smtp.reply import RefusedError
from gateway.submission import Kind
from tests.smtp_house import PDF, a_mail

HOP = "Received: from a by b; Tue, 24 Nov 2026 13:50:00 +0000\r\n"


def spooled(directory: Path, content: bytes) -> Path:
    """Write a mail to a file."""
    path = directory / "id1.eml"
    path.write_bytes(content)
    return path


def test_second_document_spoils_the_mail(tmp_path: Path) -> None:
    """One document that cannot be faxed, and none is; nothing unpacked is left."""
    seen: list[str] = []

    async def picky(path: Path, kind: Kind, name: str) -> int:
        seen.append(name)
        if name == "b.pdf":
            raise UnreadableError("it is encrypted")
        return 2

    async def run() -> None:
        path = spooled(tmp_path, a_mail(("a.pdf", PDF), ("b.pdf", PDF), ("c.pdf", PDF)))
        await examine.documents(path, await examine.read(path), picky)

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
        path = spooled(tmp_path, base64_mail("two.tif", good))
        return [one.pages for one in await examine.documents(path, await examine.read(path), inspector.inspect)]

    async def refuse(inspector: Inspector) -> str:
        path = spooled(tmp_path, base64_mail("bad.pdf", bad))
        with pytest.raises(RefusedError) as caught:
            await examine.documents(path, await examine.read(path), inspector.inspect)
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


def base64_mail(name: str, content: bytes) -> bytes:
    """A mail with one document, as mail programs write it."""
    mail = EmailMessage(policy=SMTP)
    mail.set_content("Hello")
    mail.add_attachment(content, "application", "octet-stream", filename=name)
    return mail.as_bytes()


@pytest.mark.parametrize("content", [b"no header at all", b"Subject: x\r\n\r\nHello\r\n", b""])
def test_lenient_reading(content: bytes, tmp_path: Path) -> None:
    """Mail for a person may be anything."""

    assert asyncio.run(examine.read_leniently(spooled(tmp_path, content))) is None


def test_lenient_reading_keeps_what_can_be_read(tmp_path: Path) -> None:
    """A mail with documents is read as usual."""
    mail = asyncio.run(examine.read_leniently(spooled(tmp_path, a_mail())))

    assert mail is not None
    assert "Invoice 17" == mail.subject


@pytest.mark.parametrize("content", [a_mail(before=HOP * 102), f"{HOP * 102}\r\nHello".encode()])
def test_circles(content: bytes, tmp_path: Path) -> None:
    """A mail with too many hops is refused, whether it has documents or not."""
    with pytest.raises(RefusedError, match=r"554 5\.4\.6"):
        asyncio.run(examine.read_leniently(spooled(tmp_path, content)))
