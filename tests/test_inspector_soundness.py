"""Whether a page came out as it was meant: what libraries pass over in silence is noticed."""

import io

import pytest
from PIL import Image, ImageOps
from PIL.TiffImagePlugin import TiffImageFile

from gateway.inspector.directories import read_directories
from gateway.inspector.soundness import filled, one_colour, pieces, refuse_black, refuse_lost
from gateway.inspector.unfit import UnfitError
from tests.documents import GREY, GROUP_4, RED_GREEN_BLUE, SMALL, TILES, colours, drawing, jpeg, sized
from tests.tiffs import Page, tiff

JPEG = jpeg("L")
PLANES = [plane.tobytes() for plane in RED_GREEN_BLUE.split()]


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        (colours("L", GREY.tobytes()), True),
        (sized(colours("L", GREY.tobytes()), [159]), False),
        (sized(colours("L", GREY.tobytes()), [0]), True),
        (colours("L", [GREY.crop((0, top, 160, top + 40)).tobytes() for top in range(0, 80, 40)], t278=40), True),
        (colours("RGB", PLANES, t284=2), True),
        (colours("L", JPEG, t259=7), True),
        (colours("L", JPEG + b"\0\0", t259=7), True),
        (colours("L", JPEG[:-2], t259=7), False),
        (GROUP_4, True),
        (Page({258: 1, 256: 512, 257: 512, 259: 1, 262: 0, 277: 1, 322: 256, 323: 256}, TILES, tiled=True), True),
    ],
    ids=["plain", "small", "unknown", "few", "planes", "JPEG", "filled up", "JPEG cut", "fax", "tiles"],
)
def test_filled(page: Page, *, expected: bool) -> None:
    """Strips without coding have all their octets, JPEG strips their end; of the others their decoder tells."""
    octets = tiff(page)
    (directory,) = read_directories(io.BytesIO(octets), 1)
    with Image.open(io.BytesIO(octets)) as image:
        assert isinstance(image, TiffImageFile)

        assert expected == filled(image, octets, directory)


def test_pieces() -> None:
    """Strips are found with their sizes, and tiles are."""
    octets = tiff(GROUP_4)
    with Image.open(io.BytesIO(octets)) as image:
        assert isinstance(image, TiffImageFile)

        assert [GROUP_4.strips[0]] == [octets[place : place + size] for place, size in pieces(image)]


def test_lost() -> None:
    """More data than an empty page needs, and an empty page: something was not decoded."""
    white = Image.new("1", (1728, 100), 1)

    refuse_lost(white, bytes(5000), [(0, 5000)])
    refuse_lost(drawing((1728, 100)), b"\x55" * 5000, [(0, 5000)])
    with pytest.raises(UnfitError, match="comes out empty"):
        refuse_lost(white, b"\x55" * 5000, [(0, 5000)])


def test_one_colour() -> None:
    """A page of one colour has nothing on it; if that is black, it is refused."""
    black, white = Image.new("1", SMALL, 0), Image.new("1", SMALL, 1)

    assert [True, True, False] == [one_colour(page) for page in (black, white, GREY)]
    refuse_black(white)
    refuse_black(ImageOps.invert(GREY))
    with pytest.raises(UnfitError, match="black from edge to edge"):
        refuse_black(black)
