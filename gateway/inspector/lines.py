"""Whether the lines of a page in a fax coding are all there. Runs in the child process only.

Where the data of a strip ends too soon, libtiff leaves the rest white, or as the memory happens to be, and says nothing
that Pillow would pass on: a cut-off page looks like one with a large margin. So each strip is decoded once more with
black lines appended. If all lines were there, nobody reads these, and the picture stays the same.

Group 3 begins each line with a mark, and needs none at the end of a page (RFC 3949, section 3.4.1). If the appended
lines are read just as they are, the last line before them was whole: then a page is as short as its data are, and not
cut off.
"""

import io
import re
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import Enum
from typing import Any

from PIL import Image, ImageChops
from PIL.TiffImagePlugin import TiffImageFile

CODINGS = (2, 3, 4)
"""Compressions: a line's runs (RLE), Group 3, Group 4."""

# As in "Fax4Decode: Bad code word at line 3"; complaints about tags, which many devices deserve, are none of these.
DECODING = re.compile(rb"Decode\w*: ")
"""How libtiff begins to say that it could not decode something."""

_COMPRESSION, _PHOTOMETRIC, _FILL_ORDER, _STRIPS, _ROWS_PER_STRIP, _STRIP_SIZES, _T4 = 259, 262, 266, 273, 278, 279, 292
_RUNS, _GROUP_3, _GROUP_4 = CODINGS
_REVERSED = bytes(int(f"{octet:08b}"[::-1], 2) for octet in range(256))

# Codes of T.4 and T.6 as bits.
_END_OF_LINE = "000000000001"
_WHITE_0, _BLACK_63, _HORIZONTAL, _STRAIGHT_DOWN = "00110101", "000001100111", "001", "1"
_MAGIC = b"II*\0" + bytes(4)
_NONSENSE = ("1" * 8, "01" * 8, "10" * 8, _HORIZONTAL + _WHITE_0 + _BLACK_63)  # some code of which any line would read
_RUN = 63  # dots of the black run in them
_TAIL = 32  # octets in which an end mark is looked for
_EIGHT = 8


class End(Enum):
    """How the lines of a page end."""

    WHOLE = "all are there"
    SHORT = "they end in good order, though the page claims to be longer"
    CUT = "they break off"


def read_lines(image: TiffImageFile, octets: bytes, heard: Callable[[], bytes]) -> tuple[Image.Image, End, int]:
    """Decode the page that the image stands at, which is in one of `CODINGS` and in strips.

    Args:
        image: the TIFF.
        octets: of the whole file.
        heard: what libtiff has complained about since it was asked last.

    Returns:
        The page, how its lines end, and how many there are.

    Raises:
        OSError: libtiff gives it up.
    """
    tags = image.tag_v2
    size = image.size
    rows = min(int(tags.get(_ROWS_PER_STRIP, 0)) or size[1], size[1])
    strips = list(_strips(tags, octets))
    more = [_continued(strip, tags) for strip in strips]
    heard()
    probe = _decoded([longer for _, longer in more], size, rows, tags)
    sound = probe is not None and not DECODING.search(heard())
    # With an end mark, what was appended begins just there, so that its lines show if they were read.
    if probe is not None and sound and all(marked for marked, _ in more) and not _appended(probe, rows):
        return probe, End.WHOLE, size[1]
    picture = _decoded(strips, size, rows, tags)
    if picture is None:
        raise OSError("libtiff gives it up")
    if probe is None or not sound:  # where a code was cut in two, black lines make no sense of it
        return picture, End.CUT, 0
    differing = ImageChops.logical_xor(probe, picture).getbbox()
    if differing is None:
        return picture, End.WHOLE, size[1]
    row = differing[1]
    number = row // rows
    last = number == (size[1] - 1) // rows
    in_order = more[number][0] or _ends_with_a_line(probe, strips, rows, tags, heard)
    return picture, End.SHORT if last and in_order else End.CUT, row


def _ends_with_a_line(
    probe: Image.Image, strips: Sequence[bytes], rows: int, tags: Mapping[int, Any], heard: Callable[[], bytes]
) -> bool:
    """Whether the last line of Group 3 is whole: then nothing that stands behind it, before the next mark, is read."""
    coding, two_dimensional = _coding(tags)
    if coding != _GROUP_3:
        return False
    lines = _black_lines(coding, two_dimensional=two_dimensional)
    bare = strips[-1].rstrip(b"\0")  # or the zeros would make a mark of what follows
    for nonsense in _NONSENSE:
        heard()
        again = _decoded([*strips[:-1], bare + _octets(nonsense + lines)], probe.size, rows, tags)
        if again is None or ImageChops.logical_xor(probe, again).getbbox() or DECODING.search(heard()):
            return False
    return True


def _appended(probe: Image.Image, rows: int) -> bool:
    """Whether any strip ends with a line as `_black_lines` begins them."""
    bottoms = [min(top + rows, probe.height) - 1 for top in range(0, probe.height, rows)]
    return any(_is_appended(probe, row) for row in bottoms)


def _is_appended(probe: Image.Image, row: int) -> bool:
    """Whether a line is one of `_black_lines`."""
    run, rest = _level(probe, 0, _RUN, row), _level(probe, _RUN, probe.width, row)
    return run is not None and rest is not None and run != rest


def _level(probe: Image.Image, left: int, right: int, row: int) -> int | None:
    """What the dots between two columns of a row are, if they are all the same."""
    dots = set(probe.crop((left, row, max(right, left + 1), row + 1)).convert("L").tobytes())
    return dots.pop() if len(dots) == 1 else None


def _strips(tags: Mapping[int, Any], octets: bytes) -> Iterator[bytes]:
    """Each strip, with its fill order straightened."""
    places = tags[_STRIPS]
    sizes = tags.get(_STRIP_SIZES, (0,) * len(places))
    for place, size in zip(places, sizes, strict=True):
        strip = octets[place : place + size] if size else octets[place:]
        yield strip.translate(_REVERSED) if tags.get(_FILL_ORDER) == 2 else strip  # noqa: PLR2004  # TIFF 6.0, FillOrder


def _continued(strip: bytes, tags: Mapping[int, Any]) -> tuple[bool, bytes]:
    """The strip without its end mark and with black lines behind it; and whether it had one."""
    coding, two_dimensional = _coding(tags)
    tail = _bits(strip[-_TAIL:])
    bare = tail.rstrip("0") if tail.endswith("0") else tail
    mark = _END_OF_LINE + ("1" if two_dimensional else "")
    marked = coding != _RUNS and bare.endswith(mark * 2)
    while marked and bare.endswith(mark):  # Group 4 ends with two of them, Group 3 with six
        bare = bare.removesuffix(mark)
    bits = (bare if marked else tail) + _black_lines(coding, two_dimensional=two_dimensional)
    return marked, strip[:-_TAIL] + _octets(bits)


def _bits(octets: bytes) -> str:
    return "".join(f"{octet:08b}" for octet in octets)


def _octets(bits: str) -> bytes:
    bits += "0" * (-len(bits) % _EIGHT)
    return int(bits, 2).to_bytes(len(bits) // _EIGHT, "big")


def _coding(tags: Mapping[int, Any]) -> tuple[int, bool]:
    coding = int(tags[_COMPRESSION])
    return coding, coding == _GROUP_3 and bool(int(tags.get(_T4, 0)) & 1)


def _black_lines(coding: int, *, two_dimensional: bool) -> str:
    runs = _WHITE_0 + _BLACK_63
    if coding == _GROUP_4:  # one line with a black run, and the same again and again
        return _HORIZONTAL + runs + _STRAIGHT_DOWN * 60_000
    begin = _END_OF_LINE + ("1" if two_dimensional else "") if coding == _GROUP_3 else ""
    return (begin + runs) * 10_000


def _decoded(strips: Sequence[bytes], size: tuple[int, int], rows: int, tags: Mapping[int, Any]) -> Image.Image | None:
    """Decode a page that is put together anew; None if libtiff gives it up."""
    begin, count = len(_MAGIC), len(strips)
    places = [begin + sum(map(len, strips[:number])) for number in range(count)]
    data = b"".join(strips)
    lists = struct.pack(f"<{2 * count}I", *places, *map(len, strips))
    behind = begin + len(data)
    where = (behind, behind + 4 * count) if count > 1 else (places[0], len(strips[0]))
    values = {256: (1, size[0]), 257: (1, size[1]), 258: (1, 1), 259: (1, tags[_COMPRESSION]), 277: (1, 1)}
    values |= {262: (1, int(tags.get(_PHOTOMETRIC, 0))), 278: (1, rows)}
    values |= {_STRIPS: (count, where[0]), _STRIP_SIZES: (count, where[1])}
    if tags[_COMPRESSION] == _GROUP_3:
        values[_T4] = (1, int(tags.get(_T4, 0)))
    entries = b"".join(struct.pack("<HHII", tag, 4, *value) for tag, value in sorted(values.items()))
    directory = struct.pack("<H", len(values)) + entries + bytes(4)
    start = struct.pack("<I", behind + len(lists))
    try:
        with Image.open(io.BytesIO(_MAGIC[:4] + start + data + lists + directory), formats=["TIFF"]) as probe:
            probe.load()
            return probe.copy()
    except (OSError, SyntaxError, ValueError):
        return None
