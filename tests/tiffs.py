"""Writes TIFF files tag by tag (TIFF 6.0), as odd as a test wants them; no library would write most of these."""

import io
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from PIL import Image

LENGTH, STRIP_SIZES, STRIPS, TILES, TILE_SIZES, SUBDIRECTORIES = 257, 279, 273, 324, 325, 330
SHORT, LONG, RATIONAL, LONG8 = 3, 4, 5, 16

_FORMS = {SHORT: "H", LONG: "I", LONG8: "Q"}
_RATIONAL_TAGS = frozenset({282, 283, 529, 532})
_LONG_TAGS = frozenset(
    {254, 256, LENGTH, STRIPS, 278, STRIP_SIZES, 292, 293, TILES, TILE_SIZES, SUBDIRECTORIES, 513, 514}
)

Value = int | Sequence[int]


@dataclass(frozen=True)
class Page:
    """One directory: its tags, its strips or tiles, and other data that tags point to by their place in it."""

    tags: Mapping[int, Value]
    strips: Sequence[bytes] = ()
    tiled: bool = False
    points: Mapping[int, bytes] = field(default_factory=dict)  #: tags whose value is where these octets lie
    inside: Sequence["Page"] = ()  #: sub-directories


def tiff(*pages: Page, order: str = "<", big: bool = False, first: bool = False) -> bytes:
    """A TIFF.

    Args:
        pages: in their order.
        order: "<" for II, ">" for MM.
        big: whether it is a BigTIFF.
        first: whether the directory lies before its data (as RFC 3949 wants it in profile S); of one page only.
    """
    writer = _Writer(order, big=big)
    for page in pages:
        writer.page(page, first=first)
    return bytes(writer.octets)


class _Writer:
    def __init__(self, order: str, *, big: bool) -> None:
        self.order, self.big = order, big
        name = b"II" if order == "<" else b"MM"
        start = struct.pack(f"{order}HHHQ", 43, 8, 0, 0) if big else struct.pack(f"{order}HI", 42, 0)
        self.octets = bytearray(name + start)
        self.link = 8 if big else 4

    def page(self, page: Page, *, first: bool) -> None:
        """Write a page, and lead to it from the one before."""
        if first:
            self._page_before_its_data(page)
            return
        tags = dict(page.tags) | self._data(page)
        place = self._directory(tags)
        self._lead(self.link, place)
        self.link = len(self.octets) - (8 if self.big else 4)

    def _page_before_its_data(self, page: Page) -> None:
        begin = len(self.octets)
        sizes = [len(strip) for strip in page.strips]
        tags = dict(page.tags) | {STRIPS: [0] * len(sizes), STRIP_SIZES: sizes}
        place = begin + 2 + 12 * len(tags) + 4
        where: dict[int, int] = {}
        for tag, value in sorted(tags.items()):
            octets = self._value(tag, value)[2]
            where[tag] = place
            place += len(octets) if len(octets) > 4 else 0
        tags[STRIPS] = [place + sum(sizes[:number]) for number in range(len(sizes))]
        entries, behind = b"", b""
        for tag, value in sorted(tags.items()):
            kind, count, octets = self._value(tag, value)
            field = octets.ljust(4, b"\0") if len(octets) <= 4 else self._number(where[tag])
            behind += octets if len(octets) > 4 else b""
            entries += struct.pack(f"{self.order}HH", tag, kind) + self._number(count) + field
        self.octets += struct.pack(self.order + "H", len(tags)) + entries + bytes(4) + behind + b"".join(page.strips)
        self._lead(self.link, begin)
        self.link = begin + 2 + 12 * len(tags)

    def _data(self, page: Page) -> dict[int, Value]:
        places = [self._put(strip) for strip in page.strips]
        where, sizes = (TILES, TILE_SIZES) if page.tiled else (STRIPS, STRIP_SIZES)
        found: dict[int, Value] = {tag: self._put(octets) for tag, octets in page.points.items()}
        if places:
            found |= {where: places}
            found |= {sizes: [len(strip) for strip in page.strips]} if sizes not in page.tags else {}
        if page.inside:
            found[SUBDIRECTORIES] = [self._directory(dict(one.tags) | self._data(one)) for one in page.inside]
        return found

    def _put(self, octets: bytes) -> int:
        self.octets += bytes(len(self.octets) % 2)
        place = len(self.octets)
        self.octets += octets
        return place

    def _directory(self, tags: Mapping[int, Value]) -> int:
        room = 8 if self.big else 4
        entries = b""
        for tag, value in sorted(tags.items()):
            kind, count, octets = self._value(tag, value)
            field = octets.ljust(room, b"\0") if len(octets) <= room else self._number(self._put(octets))
            entries += struct.pack(f"{self.order}HH", tag, kind) + self._number(count) + field
        begin = struct.pack(self.order + ("Q" if self.big else "H"), len(tags))
        return self._put(begin + entries + bytes(room))

    def _value(self, tag: int, value: Value) -> tuple[int, int, bytes]:
        values = [value] if isinstance(value, int) else list(value)
        if tag in _RATIONAL_TAGS:
            pairs = [part for number in values for part in (number * 100, 100)]
            return RATIONAL, len(values), struct.pack(f"{self.order}{len(pairs)}I", *pairs)
        kind = LONG if tag in _LONG_TAGS else SHORT
        return kind, len(values), struct.pack(f"{self.order}{len(values)}{_FORMS[kind]}", *values)

    def _number(self, number: int) -> bytes:
        return struct.pack(self.order + ("Q" if self.big else "I"), number)

    def _lead(self, link: int, place: int) -> None:
        number = self._number(place)
        self.octets[link : link + len(number)] = number


def coded(picture: Image.Image, coding: str, **tags: int) -> bytes:
    """A picture in one strip, as libtiff codes it; `T4`, `order` and `photometric` are options of the coding."""
    names = {"T4": 292, "order": 266, "photometric": 262}
    octets = io.BytesIO()
    info = {278: picture.height} | {names[name]: value for name, value in tags.items()}
    picture.save(octets, "TIFF", compression=coding, tiffinfo=info)
    with Image.open(octets) as again:
        place, size = again.tag_v2[STRIPS][0], again.tag_v2[STRIP_SIZES][0]  # type: ignore[attr-defined]  # a TIFF's own
    return octets.getvalue()[place : place + size]
