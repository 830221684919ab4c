"""The gallery of odd documents (tests/data/documents): each through a real child process, with its expected outcome."""

import asyncio
import io
import re
import shutil
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from pikepdf import Pdf, PdfImage, Stream
from PIL import Image, ImageStat

from gateway.config import LimitSettings
from gateway.inspector import Finding, Inspector, UnreadableError
from gateway.submission import Kind
from tests.documents import DOCUMENTS, PDFS, TIFFS, drawing

EXPECTED: dict[str, dict[str, Any]] = tomllib.loads((DOCUMENTS / "expected.toml").read_text("utf-8"))
KINDS = {".pdf": Kind.PDF, ".tif": Kind.TIFF}

Outcome = tuple[Finding, bytes] | str
"""What was found and what is faxed, or the words that refuse it."""


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    """What came of each document."""
    return asyncio.run(_inspected(sorted(EXPECTED), tmp_path_factory.mktemp("documents")))


async def _inspected(names: Sequence[str], directory: Path) -> dict[str, Outcome]:
    inspector = Inspector(LimitSettings(inspection_memory="400 MB"))
    await inspector.start()
    try:
        return {name: await _outcome(inspector, name, directory) for name in names}
    finally:
        await inspector.close()


async def _outcome(inspector: Inspector, name: str, directory: Path) -> Outcome:
    path = directory / name
    shutil.copy(DOCUMENTS / name, path)
    try:
        finding = await inspector.inspect(path, KINDS[path.suffix], name)
    except UnreadableError as refusal:
        return refusal.words.removeprefix(f'"{name}" ')
    return finding, (finding.repaired or path).read_bytes()


def test_gallery_is_complete() -> None:
    """Every document can be made anew, lies there, and has its expected outcome."""
    made = {f"{name}.pdf" for name in PDFS} | {f"{name}.tif" for name in TIFFS}
    there = {path.name for path in DOCUMENTS.iterdir()} - {"expected.toml"}

    assert made == there
    assert made == set(EXPECTED)


def test_every_case_has_a_document() -> None:
    """Each of the twenty-two cases is there, but the one of other attachments, which is a mail's."""
    found = {int(number) for row in EXPECTED.values() for number in re.findall(r"\bD(\d+)", row["case"])}

    assert set(range(1, 23)) - {20} == found


@pytest.mark.parametrize("name", EXPECTED)
def test_document(name: str, outcomes: dict[str, Outcome]) -> None:
    """It has its pages and what is remarked on them, or it is refused in these words."""
    expected, outcome = EXPECTED[name], outcomes[name]
    if isinstance(outcome, str):
        assert expected["refused"] == outcome
        return
    finding, faxed = outcome
    sizes = [[round(side) for side in size] for size in finding.sizes]

    assert expected["pages"] == finding.pages
    assert expected["sizes"] == sizes
    assert expected.get("remarks", "") == finding.remarks
    assert (expected["as"] == "itself") == (faxed == (DOCUMENTS / name).read_bytes())
    if expected["as"] == "repaired":
        with Pdf.open(io.BytesIO(faxed)) as pdf:
            assert (finding.pages, Kind.PDF) == (len(pdf.pages), finding.kind)
            assert not pdf.is_encrypted


@pytest.mark.parametrize("name", [name for name in EXPECTED if name.endswith(".tif") and "pages" in EXPECTED[name]])
def test_picture(name: str, outcomes: dict[str, Outcome]) -> None:
    """What is faxed of a scan shows what was scanned: not inverted, not grey, not cut, not squeezed."""
    outcome = outcomes[name]
    assert not isinstance(outcome, str)
    finding, faxed = outcome
    pages = list(_pictures_of_pdf(faxed) if finding.kind is Kind.PDF else _pictures_of_tiff(faxed))

    assert finding.pages == len(pages)
    for number, page in enumerate(pages, 1):
        if number not in finding.blank:
            assert _difference(page, drawing(page.size).convert("L")) < 6


def _pictures_of_tiff(octets: bytes) -> Iterator[Image.Image]:
    with Image.open(io.BytesIO(octets)) as image:
        for page in range(getattr(image, "n_frames", 1)):
            image.seek(page)
            yield image.convert("L")


def _pictures_of_pdf(octets: bytes) -> Iterator[Image.Image]:
    with Pdf.open(io.BytesIO(octets)) as pdf:
        for page in pdf.pages:
            (picture,) = page.obj.Resources.XObject.values()
            assert isinstance(picture, Stream)
            yield PdfImage(picture).as_pil_image().convert("L")


def _difference(one: Image.Image, other: Image.Image) -> float:
    """How much two pictures differ on the whole, of 255; a little is what JPEG does."""
    coarse = [picture.resize((64, 64), Image.Resampling.BOX) for picture in (one, other)]
    pairs = zip(*(picture.tobytes() for picture in coarse), strict=True)
    return sum(abs(left - right) for left, right in pairs) / (64 * 64) if ImageStat.Stat(one).stddev[0] else 255.0


def test_repairs_are_the_same_each_time(tmp_path: Path) -> None:
    """The same document gives the same octets, so that a mail that comes twice is known again."""
    names = [name for name, expected in EXPECTED.items() if expected.get("as") == "repaired"]
    first = asyncio.run(_inspected(names, _fresh(tmp_path / "first")))
    second = asyncio.run(_inspected(names, _fresh(tmp_path / "second")))

    assert len(names) > 10
    assert [outcome[1] for outcome in first.values()] == [outcome[1] for outcome in second.values()]


def _fresh(directory: Path) -> Path:
    directory.mkdir()
    return directory


def test_repaired_form_shows_its_entries(outcomes: dict[str, Outcome]) -> None:
    """What was filled in is drawn for everybody, in its own letters, and the empty field stays empty."""
    outcome = outcomes["form-undrawn.pdf"]
    assert not isinstance(outcome, str)
    with Pdf.open(io.BytesIO(outcome[1])) as pdf:
        drawn = [bytes(widget.AP.N.read_bytes()) if "/AP" in widget else b"" for widget in pdf.pages[0].Annots]

    assert "Größe: 5 €".encode("cp1252").hex().encode() in drawn[0]
    assert drawn[1].count(b"T*") > 1
    assert b"" == drawn[2]
