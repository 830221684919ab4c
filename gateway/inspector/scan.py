"""One page of a TIFF: how large it is on paper, what is unusual about it, and its picture. Runs in the child only."""

from collections.abc import Mapping
from typing import Any

from PIL import Image, ImageOps
from PIL.TiffImagePlugin import TiffImageFile

from gateway.inspector.directories import Directory
from gateway.inspector.oldjpeg import OLD_JPEG, read_old_jpeg
from gateway.inspector.poster import SHEET
from gateway.inspector.unfit import UnfitError

AS_THEY_ARE = frozenset({"1", "L", "P", "RGB"})
"""Colours, as Pillow calls them, that every TIFF program reads."""

CONVERTED = frozenset({"LA", "La", "PA", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr", "LAB", "I;16", "I;16B"})
"""Colours that are brought to grey or RGB."""

_COMPRESSION, _PHOTOMETRIC, _UNIT, _X, _Y, _PLANES, _BITS, _TILE = 259, 262, 296, 282, 283, 284, 258, 322
_STRIPS, _STRIP_SIZES, _ROWS_PER_STRIP = 273, 279, 278
_PER_INCH = {2: 1.0, 3: 2.54}  # the unit's tag: inch, centimetre
_DOTS = (50.0, 2500.0)  # to the inch; anything else is no resolution of a scan
_POINTS = 72.0
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_FAX_WIDTHS = {1728: 8.47, 2048: 10.04, 2432: 11.92}  # dots: inches (RFC 3949 section 3.4.1)
_FLAT = 0.9  # height by width of a picture below which a fax has 98 lines to the inch
_EIGHT = 8


def size_of(tags: Mapping[int, Any], size: tuple[int, int]) -> tuple[float, float] | None:
    """Width and height on paper, in points; None if the file does not tell.

    Args:
        tags: of the page.
        size: in dots.
    """
    unit = _PER_INCH.get(tags.get(_UNIT, 2))
    if unit is None or _X not in tags or _Y not in tags:
        return None
    dots = [float(tags[tag]) * unit for tag in (_X, _Y)]
    if not all(_DOTS[0] <= one <= _DOTS[1] for one in dots):
        return None
    return size[0] / dots[0] * _POINTS, size[1] / dots[1] * _POINTS


def upright(picture: Image.Image, orientation: int) -> Image.Image:
    """Turn or mirror a page as its orientation wants it (TIFF 6.0, section 8)."""
    way = _TURNS.get(orientation)
    return picture if way is None else picture.transpose(way)


def supposed_size(size: tuple[int, int]) -> tuple[float, float]:
    """Width and height on paper of a picture that tells nothing of it: that of a fax, or fitted to a sheet."""
    width, height = size
    if width in _FAX_WIDTHS:
        lines = 98 if height < width * _FLAT else 196
        return _FAX_WIDTHS[width] * _POINTS, height / lines * _POINTS
    sheet = SHEET if width <= height else SHEET[::-1]
    scale = min(sheet[0] / width, sheet[1] / height)
    return width * scale, height * scale


def unusual(directory: Directory, image: TiffImageFile) -> list[str]:
    """In which ways a page is such that not every TIFF program reads it right; words for its sender."""
    tags = image.tag_v2
    bits = tags.get(_BITS, (1,))
    old_jpeg = tags.get(_COMPRESSION) == OLD_JPEG
    sized = old_jpeg or _TILE in tags or all(tags.get(_STRIP_SIZES, (0,)))
    found = {
        "a BigTIFF": directory.big,
        "old-style JPEG": old_jpeg,
        "in tiles": _TILE in tags,
        "turned": directory.orientation != 1,
        "in colour planes": tags.get(_PLANES) == 2 and len(bits) > 1,  # noqa: PLR2004  # TIFF 6.0, PlanarConfiguration
        "without the sizes of its strips": not sized,
        "in unusual colours": image.mode not in AS_THEY_ARE or max(bits) > _EIGHT,
        "without a resolution": size_of(tags, image.size) is None,
    }
    return [words for words, so in found.items() if so]


def picture_of(image: TiffImageFile, octets: bytes) -> Image.Image:
    """Decode the page that the image stands at.

    Args:
        image: a TIFF.
        octets: of the whole file.

    Returns:
        Black and white, grey or RGB.

    Raises:
        UnfitError: it is in colours, or in a coding, that cannot be faxed.
    """
    if image.tag_v2.get(_COMPRESSION) == OLD_JPEG:
        return read_old_jpeg(image, octets)
    image.load()
    if image.mode.startswith("I;16"):
        whole = image.convert("I")  # Pillow computes with no other of these
        grey = whole.point(lambda value: value / 2 ** (max(image.tag_v2.get(_BITS, (16,))) - _EIGHT)).convert("L")
        return ImageOps.invert(grey) if image.tag_v2.get(_PHOTOMETRIC) == 0 else grey  # Pillow leaves them as they are
    return _plain(image)


def _plain(image: Image.Image) -> Image.Image:
    match image.mode:
        case "1" | "L" | "RGB":
            return image
        case "LAB":
            return image.getchannel(0)  # a fax needs the lightness alone
        case "La" | "RGBa":
            return _plain(image.convert(image.mode.upper()))
        case "LA" | "PA" | "RGBA":
            paper = Image.new("RGBA", image.size, "white")
            return Image.alpha_composite(paper, image.convert("RGBA")).convert("RGB")
        case "P" | "RGBX" | "CMYK" | "YCbCr":
            return image.convert("RGB")
    raise UnfitError(f"has colours that cannot be faxed ({image.mode}); save it in black and white, or as PDF")
