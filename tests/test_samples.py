"""The sample documents: that those shipped are those that the code describes."""

import asyncio
from pathlib import Path

import pytest
from pikepdf import Pdf
from PIL import Image

from gateway.config import LimitSettings
from gateway.inspector import Inspector
from gateway.samples import LETTER, SCAN, make
from gateway.submission import Kind


def test_letter(tmp_path: Path) -> None:
    """The letter says on each page which one it is, and is what the code draws today."""
    made = tmp_path / "letter.pdf"
    make.letter(made)

    with Pdf.open(LETTER) as shipped, Pdf.open(made) as drawn:
        pages = [page.obj.Contents.read_bytes() for page in shipped.pages]
        again = [page.obj.Contents.read_bytes() for page in drawn.pages]

    assert make.LETTER_PAGES == len(pages)
    assert all(b"page %d of 3" % number in page for number, page in enumerate(pages, 1))
    assert again == pages


@pytest.mark.parametrize("shipped", [True, False])
def test_scan(tmp_path: Path, *, shipped: bool) -> None:
    """The scan is what a fax machine scans, as shipped and as the code draws it."""
    path = SCAN if shipped else tmp_path / "scan.tif"
    if not shipped:
        make.scan(path)

    with Image.open(path) as image:
        assert make.SCAN_PAGES == getattr(image, "n_frames", 1)
        for page in range(make.SCAN_PAGES):
            image.seek(page)
            black = image.histogram()[0]

            assert ("1", (1728, make.SCAN_HEIGHT)) == (image.mode, image.size)
            assert ("group4", (204, 196)) == (image.info["compression"], image.info["dpi"])
            assert make.SCAN_WIDTH * make.SCAN_HEIGHT // 50 < black < make.SCAN_WIDTH * make.SCAN_HEIGHT // 5


def test_samples_are_small() -> None:
    """They travel with the program and in the demonstration's mails."""

    assert all(sample.stat().st_size < 60_000 for sample in (LETTER, SCAN))


def test_samples_can_be_faxed() -> None:
    """The inspector finds all pages of both."""

    async def inspect() -> list[int]:
        inspector = Inspector(LimitSettings())
        await inspector.start()
        try:
            letter = await inspector.inspect(LETTER, Kind.PDF, LETTER.name)
            return [letter.pages, (await inspector.inspect(SCAN, Kind.TIFF, SCAN.name)).pages]
        finally:
            await inspector.close()

    assert [make.LETTER_PAGES, make.SCAN_PAGES] == asyncio.run(inspect())
