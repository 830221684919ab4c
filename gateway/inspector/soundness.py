"""Whether a page of a TIFF comes out as it was meant; libraries keep silent on most of it. In the child only."""

from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile

from gateway.inspector.directories import END_OF_JPEG, NEW_JPEG, PLAIN, Directory
from gateway.inspector.unfit import UnfitError

_COMPRESSION, _PHOTOMETRIC, _STRIPS, _ROWS_PER_STRIP = 259, 262, 273, 278
_STRIP_SIZES, _TILES, _TILE_SIZES = 279, 324, 325
_YCBCR = 6
_ROW = 8  # octets that are not zero, at most, for a row of one colour in any CCITT coding up to 4864 pixels wide
_BLOCK = 16  # dots each way
_DOT = 5  # octets that a dot of the other colour adds, at most


def pieces(image: TiffImageFile) -> list[tuple[int, int]]:
    """Where the page's data lies: offsets and sizes of its strips or tiles."""
    tags = image.tag_v2
    offsets = tags.get(_STRIPS) or tags.get(_TILES) or ()
    sizes = tags.get(_STRIP_SIZES) or tags.get(_TILE_SIZES) or (0,) * len(offsets)
    return list(zip(offsets, sizes, strict=True))


def filled(image: TiffImageFile, octets: bytes, directory: Directory) -> bool:
    """Whether the strips of a page have as much as they must: where not, the rest is grey, and no library says so."""
    tags, places = image.tag_v2, pieces(image)
    coding = tags.get(_COMPRESSION, PLAIN)
    if coding == NEW_JPEG:  # each piece is a whole stream (TIFF Technical Note 2)
        return all(octets.rfind(END_OF_JPEG, place, place + size) >= 0 for place, size in places)
    if coding != PLAIN or _STRIPS not in tags or directory.planes != 1 or tags.get(_PHOTOMETRIC) == _YCBCR:
        return True
    rows = min(int(tags.get(_ROWS_PER_STRIP, image.height)), image.height)
    last = min(rows, image.height - (len(places) - 1) * rows)
    needed = [rows * directory.row(octets)] * (len(places) - 1) + [last * directory.row(octets)]
    return all(not size or size >= least for (_, size), least in zip(places, needed, strict=True))


def refuse_lost(picture: Image.Image, octets: bytes, pieces: list[tuple[int, int]]) -> None:
    """Fax codings that a device labels wrongly decode to a white page, or nearly so, without any error."""
    strips = [octets[offset : offset + size] for offset, size in pieces]
    written = sum(len(strip) - strip.count(0) for strip in strips)
    coarse = picture.convert("L").reduce(_BLOCK).tobytes()  # counting every dot takes five times as long
    share = sum(coarse) / len(coarse) / 255
    shown = min(share, 1 - share) * picture.width * picture.height
    if written > _ROW * picture.height + _DOT * shown:
        raise UnfitError("has a page that comes out empty though it is not; save it as PDF and send that")


def one_colour(picture: Image.Image) -> bool:
    """Whether nothing is on a page."""
    low, high = picture.convert("L").getextrema()
    return bool(low == high)


def refuse_black(picture: Image.Image) -> None:
    """Nobody means it, it costs the receiver a cartridge, and so looks a scan whose black and white were swapped."""
    if picture.mode in {"1", "L"} and picture.getextrema() == (0, 0):
        raise UnfitError("has a page that is black from edge to edge; scan it again, or save it as PDF, and send that")
