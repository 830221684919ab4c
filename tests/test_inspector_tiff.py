"""Counting pages of TIFFs: which are taken, and in which words the others are refused."""

import io
import struct
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from gateway.inspector.tiff import inspect
from gateway.inspector.unfit import CUT_OFF, DAMAGED, UnfitError
from gateway.samples import SCAN

LIMIT = 20
GOOD = SCAN.read_bytes()
WIDTH, STRIP_SIZES, COMPRESSION = 256, 279, 259
ENTRY = 12


def saved(*pictures: Image.Image, **options: Any) -> bytes:
    """A TIFF as octets."""
    octets = io.BytesIO()
    pictures[0].save(octets, format="TIFF", save_all=True, append_images=pictures[1:], **options)
    return octets.getvalue()


def noise(mode: str = "1", size: tuple[int, int] = (400, 300)) -> Image.Image:
    """A picture that does not compress."""
    return Image.effect_noise(size, 60).convert(mode)


def white(size: tuple[int, int] = (1728, 2200)) -> Image.Image:
    """An empty page."""
    return Image.new("1", size, 1)


def directories(tiff: bytes) -> Iterator[int]:
    """Where the directories begin."""
    place = struct.unpack_from("<I", tiff, 4)[0]
    while place:
        yield place
        place = struct.unpack_from("<I", tiff, link(tiff, place))[0]


def link(tiff: bytes, directory: int) -> int:
    """Where a directory says where the next one begins."""
    return directory + 2 + ENTRY * int(struct.unpack_from("<H", tiff, directory)[0])


def relinked(tiff: bytes, target: int) -> bytes:
    """The same with the last directory leading on to another place."""
    changed = bytearray(tiff)
    struct.pack_into("<I", changed, link(tiff, list(directories(tiff))[-1]), target)
    return bytes(changed)


def retagged(tiff: bytes, tag: int, value: int) -> bytes:
    """The same with another value of a tag on every page."""
    changed = bytearray(tiff)
    for directory in directories(tiff):
        for entry in range(directory + 2, link(tiff, directory), ENTRY):
            if struct.unpack_from("<H", tiff, entry)[0] == tag:
                form = "<I" if struct.unpack_from("<H", tiff, entry + 2)[0] == 4 else "<H"
                struct.pack_into(form, changed, entry + 8, value)
    return bytes(changed)


def many(count: int) -> bytes:
    """Nothing but directories."""
    size = 2 + ENTRY + 4
    links = [8 + size * number for number in range(1, count)] + [0]
    return b"II*\0\x08\0\0\0" + b"".join(struct.pack("<HHHIII", 1, WIDTH, 4, 1, 1, place) for place in links)


def one_strip(picture: Image.Image) -> bytes:
    """An uncompressed TIFF of one strip, its length left out as some devices do."""
    return retagged(saved(picture), STRIP_SIZES, 0)


TAKEN: dict[str, tuple[int, Callable[[], bytes]]] = {
    "as made": (2, lambda: GOOD),
    "group 3": (3, lambda: saved(*[noise()] * 3, compression="group3")),
    "group 3, two-dimensional": (1, lambda: saved(noise(), compression="group3", tiffinfo={292: 1})),
    "group 4": (1, lambda: saved(noise(), compression="group4")),
    "huffman": (1, lambda: saved(noise(), compression="tiff_ccitt")),
    "uncompressed": (1, lambda: saved(noise("L"))),
    "packbits": (1, lambda: saved(noise("L"), compression="packbits")),
    "lzw, colours": (1, lambda: saved(noise("RGB"), compression="tiff_lzw")),
    "jpeg": (1, lambda: saved(noise("RGB"), compression="jpeg")),
    "palette": (1, lambda: saved(noise("P"), compression="tiff_lzw")),
    "different pages": (2, lambda: saved(noise(), noise("L", (50, 20)))),
    "big-endian": (1, lambda: b"MM\0*\0\0\0\x08" + big_endian()),
    "lengths missing": (1, lambda: one_strip(noise())),
    "empty page, group 3": (1, lambda: saved(white(), compression="group3")),
    "empty page, group 4": (1, lambda: saved(white(), compression="group4")),
    "just as many pages": (LIMIT, lambda: saved(*[noise()] * LIMIT, compression="group4")),
}


def big_endian() -> bytes:
    """One directory and one strip of eight pixels, in Motorola's order."""
    tags = ((256, 8), (257, 1), (258, 1), (259, 1), (262, 0), (273, 200), (278, 1), (279, 1))
    entries = b"".join(struct.pack(">HHII", tag, 4, 1, value) for tag, value in tags)
    return (struct.pack(">H", len(tags)) + entries + bytes(4)).ljust(192, b"\0") + b"\x55"


REFUSED: dict[str, tuple[str, Callable[[], bytes]]] = {
    "loop": (DAMAGED, lambda: relinked(GOOD, next(directories(GOOD)))),
    "next page far away": (CUT_OFF, lambda: relinked(GOOD, 2**32 - 2)),
    "no pages": ("has no pages", lambda: b"II*\0" + bytes(4)),
    "header only": (CUT_OFF, lambda: b"II*\0"),
    "directory without entries": (DAMAGED, lambda: b"II*\0\x08\0\0\0" + bytes(20)),
    "directory of nonsense": ("is damaged or has an unusual coding", lambda: many(1)),
    "half": (CUT_OFF, lambda: GOOD[: len(GOOD) // 2]),
    "last octets missing, data behind": (CUT_OFF, lambda: saved(noise("L"))[:-100]),
    "last octets missing, lzw": (CUT_OFF, lambda: saved(noise("RGB"), compression="tiff_lzw")[:-500]),
    "too many": ("has more than the 20 pages", lambda: saved(*[noise()] * (LIMIT + 1))),
    "very many": ("has more than the 20 pages", lambda: many(65_536)),
    "called a big tiff": (DAMAGED, lambda: b"II+\0" + GOOD[4:]),
    "floating point": ("has colours that cannot be faxed (F)", lambda: saved(noise("F"))),
    "a bomb": ("has a page of 60000 by 60000 pixels", lambda: retagged(retagged(GOOD, WIDTH, 60_000), 257, 60_000)),
    "untrue size": ("has a page of 60000 by 2156 pixels", lambda: retagged(GOOD, WIDTH, 60_000)),
    "unknown coding": ("is damaged or has an unusual coding", lambda: retagged(GOOD, COMPRESSION, 99)),
}


def silent() -> bytes:
    """Nobody complains; that libtiff is heard is a matter of the child process."""
    return b""


@pytest.mark.parametrize("name", TAKEN)
def test_taken(tmp_path: Path, name: str) -> None:
    """What decodes on every page is taken, with the right number of pages."""
    expected, make = TAKEN[name]
    path = tmp_path / "a.tif"
    path.write_bytes(make())

    assert expected == inspect(path, tmp_path / "b.pdf", LIMIT, silent).pages


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.timeout(5)
def test_refused(tmp_path: Path, name: str) -> None:
    """What would not come out whole is refused quickly, in words that say what to do."""
    words, make = REFUSED[name]
    path = tmp_path / "a.tif"
    path.write_bytes(make())

    with pytest.raises(UnfitError) as refusal:
        inspect(path, tmp_path / "b.pdf", LIMIT, silent)

    assert refusal.value.words.startswith(words)


def test_complaint(tmp_path: Path) -> None:
    """A page over which libtiff complains while it decodes is refused."""
    path = tmp_path / "a.tif"
    path.write_bytes(GOOD)
    heard = cycle([b"", b"TIFFFetchNormalTag: odd", b"", b"Fax4Decode: Bad code word at line 3 of strip 0 (x 1).\n"])

    with pytest.raises(UnfitError, match="lines that cannot be read"):
        inspect(path, tmp_path / "b.pdf", LIMIT, lambda: next(heard))


def test_page_that_comes_out_empty(tmp_path: Path) -> None:
    """An empty page with more data than emptiness needs was decoded wrongly; nobody must get a blank fax."""
    path = tmp_path / "a.tif"
    end_of_page = bytes.fromhex("001001001001") * 3  # the decoder stops here, without a complaint
    picture = saved(white((100, 10)), compression="group3")
    strip = len(picture)
    tiff = retagged(retagged(picture, 273, strip), STRIP_SIZES, 400) + end_of_page + b"\x55" * 382
    path.write_bytes(tiff)

    with pytest.raises(UnfitError, match="comes out empty"):
        inspect(path, tmp_path / "b.pdf", LIMIT, silent)


@pytest.mark.filterwarnings("ignore::UserWarning")  # what Pillow remarks on odd tags
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(4, 400), st.binary(min_size=1, max_size=20), st.booleans())
def test_damage(tmp_path: Path, at: int, junk: bytes, last: bool) -> None:  # noqa: FBT001  # hypothesis passes it
    """A scan damaged in its directories has its pages, or is refused, or makes Pillow raise what the child catches."""
    path = tmp_path / "a.tif"
    place = at if not last else list(directories(GOOD))[-1] + at % 200
    path.write_bytes(GOOD[:place] + junk + GOOD[place + len(junk) :])

    target = tmp_path / "b.pdf"
    target.unlink(missing_ok=True)
    try:
        found = inspect(path, target, LIMIT, silent)
    except (UnfitError, MemoryError):
        return

    assert 0 < found.pages <= LIMIT
    assert bool(found.changes) == target.exists()
