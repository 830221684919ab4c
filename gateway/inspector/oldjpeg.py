"""The picture in an old-style JPEG page of a TIFF, which each device writes in its own way. In the child only.

TIFF 6.0, section 22, left so much open that it was withdrawn (TIFF Technical Note 2); libtiff gives up on some and
would give others as a grey page. Nearly always a whole JPEG stream lies in the file: that is what is looked for.
"""

import io
from collections.abc import Iterator

from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile

from gateway.inspector.directories import JPEG, JPEG_LENGTH
from gateway.inspector.unfit import UnfitError

OLD_JPEG = 6
"""The compression, as its tag says."""

_STRIPS, _STRIP_SIZES = 273, 279
_BEGIN, _END = b"\xff\xd8", b"\xff\xd9"


def read_old_jpeg(image: TiffImageFile, octets: bytes) -> Image.Image:
    """Read the page that the image stands at.

    Args:
        image: a TIFF.
        octets: of the whole file.

    Raises:
        UnfitError: no whole picture of the page's size is found.
    """
    for stream in _streams(image, octets):
        picture = _opened(stream, image.size)
        if picture is not None:
            return picture
    raise UnfitError("is in an old JPEG coding that cannot be read; save it as a TIFF in Group 4, or as PDF")


def _streams(image: TiffImageFile, octets: bytes) -> Iterator[bytes]:
    tags = image.tag_v2
    pieces = zip(tags.get(_STRIPS, ()), tags.get(_STRIP_SIZES, ()), strict=False)
    strips = [octets[place : place + size] for place, size in pieces]
    begin = int(tags.get(JPEG, 0))
    if begin:
        size = int(tags.get(JPEG_LENGTH, 0))
        yield octets[begin : begin + size]
        yield octets[begin : octets.find(_END, begin) + len(_END)]
        yield octets[begin : begin + size].removesuffix(_END) + b"".join(strips) + _END
    yield b"".join(strips)


def _opened(stream: bytes, size: tuple[int, int]) -> Image.Image | None:
    if not stream.startswith(_BEGIN):
        return None
    try:
        with Image.open(io.BytesIO(stream), formats=["JPEG"]) as picture:
            picture.load()
            same = picture.size == size and picture.mode in ("L", "RGB")
            return picture.copy() if same and _something(picture) else None
    except (OSError, SyntaxError, ValueError):
        return None


def _something(picture: Image.Image) -> bool:
    """Not one colour all over: that is how a picture looks whose data was not found."""
    low, high = picture.convert("L").getextrema()
    return bool(low != high)
