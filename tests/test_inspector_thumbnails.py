"""First pages drawn by a child of their own: whatever a document is, whoever asked goes on, soon."""

import asyncio
import shutil
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from pikepdf import Dictionary, Name, Pdf

from gateway.inspector import Thumbnails
from gateway.inspector.thumbnails import LARGEST, PNG, SECONDS
from gateway.submission import Kind
from tests.documents import DOCUMENTS

LETTER = DOCUMENTS / "linearized.pdf"
MEMORY = 400_000_000


def drawn(documents: Sequence[Path], place: Path) -> list[bytes | None]:
    """What one child draws, one after the other."""

    async def act() -> list[bytes | None]:
        thumbnails = Thumbnails(MEMORY)
        try:
            return [await thumbnails.draw(path, kind(path)) for path in documents]
        finally:
            await thumbnails.close()

    copies = [Path(shutil.copy(path, place / f"{number}{path.suffix}")) for number, path in enumerate(documents)]
    documents = copies
    pictures = asyncio.run(act())
    assert sorted(copies) == sorted(place.iterdir())
    return pictures


def kind(path: Path) -> Kind:
    """By its name."""
    return Kind.PDF if path.suffix == ".pdf" else Kind.TIFF


def test_every_document_of_the_gallery(tmp_path: Path) -> None:
    """Each gives a small picture or none; no file of ours is left, and none keeps the next from being drawn."""
    gallery = sorted(path for path in DOCUMENTS.iterdir() if path.suffix in {".pdf", ".tif"})
    pictures = dict(zip([path.name for path in gallery], drawn(gallery, tmp_path), strict=True))

    assert {True} == {picture is None or picture.startswith(PNG) for picture in pictures.values()}
    assert max(len(picture or b"") for picture in pictures.values()) <= LARGEST
    assert {"linearized.pdf", "group-4.tif", "owner-password.pdf"} <= {name for name, one in pictures.items() if one}


def bomb(path: Path) -> Path:
    """A page that draws itself for years: each of its drawings draws the next ten times."""
    with Pdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(612, 792))
        inner = pdf.make_stream(b"0 0 10 10 re f", Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 612, 792])
        for _ in range(20):
            resources = Dictionary(XObject=Dictionary(F=inner))
            inner = pdf.make_stream(
                b"/F Do " * 10, Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 612, 792], Resources=resources
            )
        page.obj.Resources = Dictionary(XObject=Dictionary(F=inner))
        page.obj.Contents = pdf.make_stream(b"/F Do")
        pdf.save(path)
    return path


def glutton(path: Path) -> Path:
    """A page whose picture wants more memory than there is."""
    with Pdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(612, 792))
        image = pdf.make_stream(b"\x00" * 40_000_000, Type=Name.XObject, Subtype=Name.Image)
        image.Width, image.Height, image.BitsPerComponent, image.ColorSpace = 60_000, 60_000, 8, Name.DeviceRGB
        page.obj.Resources = Dictionary(XObject=Dictionary(F=image))
        page.obj.Contents = pdf.make_stream(b"q 612 0 0 792 0 0 cm /F Do Q")
        pdf.save(path, compress_streams=True)
    return path


@pytest.mark.process
def test_a_bomb_is_given_up_soon(tmp_path: Path) -> None:
    """Neither its time nor its memory is ours, and the next document is drawn as ever."""
    (tmp_path / "here").mkdir()
    documents = [bomb(tmp_path / "bomb.pdf"), glutton(tmp_path / "glutton.pdf"), LETTER]
    begun = time.monotonic()
    bombed, _, letter = drawn(documents, tmp_path / "here")

    assert bombed is None
    assert letter is not None
    assert time.monotonic() - begun < 10 * SECONDS


def test_what_is_not_there(tmp_path: Path) -> None:
    """A document that is gone has no picture."""

    async def act() -> bytes | None:
        thumbnails = Thumbnails(MEMORY)
        try:
            return await thumbnails.draw(tmp_path / "gone.pdf", Kind.PDF)
        finally:
            await thumbnails.close()

    assert asyncio.run(act()) is None
