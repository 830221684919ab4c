"""Pictures as pages."""

import io
from pathlib import Path
from typing import Any

import pytest
from pikepdf import Pdf, PdfImage, Stream
from PIL import Image

from gateway.inspector.picture import inspect
from gateway.inspector.unfit import UnfitError
from tests.documents import drawing


def picture(form: str, mode: str = "RGB", size: tuple[int, int] = (300, 400), **options: Any) -> bytes:
    """A picture as octets."""
    octets = io.BytesIO()
    drawing(size, "RGB").convert(mode).save(octets, form, **options)
    return octets.getvalue()


def transparent() -> bytes:
    """A black dot on nothing."""
    octets = io.BytesIO()
    dotted = Image.new("RGBA", (30, 40), (0, 0, 0, 0))
    dotted.putpixel((5, 5), (0, 0, 0, 255))
    dotted.save(octets, "PNG")
    return octets.getvalue()


def page_of(directory: Path, octets: bytes) -> tuple[tuple[float, float], Image.Image, bytes]:
    """The size of the page that a picture becomes, the picture on it, and its octets."""
    path = directory / "a"
    path.write_bytes(octets)
    finding = inspect(path, directory / "a.pdf", 1)
    with Pdf.open(directory / "a.pdf") as pdf:
        (drawn,) = pdf.pages[0].obj.Resources.XObject.values()
        assert isinstance(drawn, Stream)
        assert 1 == finding.pages == len(pdf.pages)
        return finding.sizes[0], PdfImage(drawn).as_pil_image(), drawn.read_raw_bytes()


@pytest.mark.parametrize(
    ("octets", "size"),
    [
        (picture("JPEG"), (595.0, 792.0)),
        (picture("JPEG", "L"), (595.0, 792.0)),
        (picture("JPEG", "CMYK"), (595.0, 792.0)),
        (picture("PNG", "1"), (595.0, 792.0)),
        (picture("PNG", "P"), (595.0, 792.0)),
        (picture("PNG", "RGB", (4000, 300)), (792.0, 595.0)),
    ],
    ids=["jpeg", "grey", "inks", "black and white", "palette", "across"],
)
def test_page(tmp_path: Path, octets: bytes, size: tuple[float, float]) -> None:
    """A picture stands on a sheet that is upright or across as it is."""
    assert size == page_of(tmp_path, octets)[0]


def test_jpeg_is_not_coded_again(tmp_path: Path) -> None:
    """A photograph keeps its octets."""
    octets = picture("JPEG")

    assert octets == page_of(tmp_path, octets)[2]


def test_transparency_is_white(tmp_path: Path) -> None:
    """What is transparent is paper, and never black."""
    found = page_of(tmp_path, transparent())[1]

    assert (255, 255, 255) == found.getpixel((20, 20))
    assert (0, 0, 0) == found.getpixel((5, 5))


@pytest.mark.parametrize(
    ("octets", "words"),
    [
        (picture("JPEG")[:2000], "is a picture that is damaged"),
        (picture("PNG")[:200], "is a picture that is damaged"),
        (b"\x89PNG\r\n\x1a\nnothing", "is a picture that is damaged"),
        (picture("PNG", "1", (10_000, 6000)), "is a picture of 10000 by 6000 pixels"),
    ],
    ids=["half a jpeg", "half a png", "nothing", "large"],
)
def test_refused(tmp_path: Path, octets: bytes, words: str) -> None:
    """A picture that is damaged or too large is refused."""
    with pytest.raises(UnfitError) as refusal:
        page_of(tmp_path, octets)

    assert refusal.value.words.startswith(words)


def test_same_each_time(tmp_path: Path) -> None:
    """The same picture gives the same octets."""
    (tmp_path / "a").write_bytes(picture("PNG"))
    for target in ("b", "c"):
        inspect(tmp_path / "a", tmp_path / target, 1)

    assert (tmp_path / "b").read_bytes() == (tmp_path / "c").read_bytes()
