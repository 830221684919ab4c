"""Many documents in one: all pages in order, what was hidden stays hidden, and the same each time."""

import io
from pathlib import Path

from pikepdf import Array, Dictionary, Name, Pdf, PdfImage, Stream, String
from PIL import Image, ImageChops

from gateway.inspector.form import draw_entries
from gateway.inspector.join import join
from gateway.samples import LETTER, SCAN
from gateway.submission import Kind
from tests.documents import DOCUMENTS, fields, letter, saved


def layered() -> bytes:
    """A letter with a layer that is switched off."""
    pdf = letter(1)
    group = pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String("notes")))
    pdf.Root.OCProperties = Dictionary(OCGs=Array([group]), D=Dictionary(OFF=Array([group])))
    pdf.pages[0].obj.Resources.Properties = Dictionary(L=group)
    return saved(pdf)


def joined(directory: Path, *parts: tuple[bytes, Kind]) -> bytes:
    """Documents made one."""
    directory.mkdir()
    paths = [(directory / str(number), kind) for number, (_, kind) in enumerate(parts)]
    for (path, _), (octets, _) in zip(paths, parts, strict=True):
        path.write_bytes(octets)
    finding = join(paths, directory / "all", 50)
    octets = (directory / "all").read_bytes()
    with Pdf.open(io.BytesIO(octets)) as pdf:
        assert (finding.pages, finding.kind) == (len(pdf.pages), Kind.PDF)
    return octets


def test_order(tmp_path: Path) -> None:
    """The pages come in the order of the documents, with their sizes; those of a TIFF without a loss."""
    parts = [(SCAN.read_bytes(), Kind.TIFF), (LETTER.read_bytes(), Kind.PDF), (SCAN.read_bytes(), Kind.TIFF)]
    octets = joined(tmp_path / "a", *parts)
    with Pdf.open(io.BytesIO(octets)) as pdf, Image.open(SCAN) as scan:
        widths = [round(float(page.mediabox[2])) for page in pdf.pages]
        (drawn,) = pdf.pages[6].obj.Resources.XObject.values()
        assert isinstance(drawn, Stream)
        scan.seek(1)
        difference = ImageChops.logical_xor(PdfImage(drawn).as_pil_image().convert("1"), scan.convert("1"))

    assert [610, 610, 612, 612, 612, 610, 610] == widths
    assert difference.getbbox() is None


def test_strips_are_copied(tmp_path: Path) -> None:
    """Group 4 goes over as it is, octet for octet."""
    whole = joined(tmp_path / "a", ((DOCUMENTS / "group-4.tif").read_bytes(), Kind.TIFF))
    with Image.open(DOCUMENTS / "group-4.tif") as image, Pdf.open(io.BytesIO(whole)) as pdf:
        place, size = (image.tag_v2[tag][0] for tag in (273, 279))  # type: ignore[attr-defined]  # it is a TIFF
        (drawn,) = pdf.pages[0].obj.Resources.XObject.values()

        assert (DOCUMENTS / "group-4.tif").read_bytes()[place : place + size] == drawn.read_raw_bytes()


def test_layers(tmp_path: Path) -> None:
    """A layer that is switched off in one of them stays so."""
    octets = joined(tmp_path / "a", (LETTER.read_bytes(), Kind.PDF), (layered(), Kind.PDF))
    with Pdf.open(io.BytesIO(octets)) as pdf:
        group = pdf.pages[3].obj.Resources.Properties.L
        properties = pdf.Root.OCProperties

        assert [group.objgen] == [one.objgen for one in properties.OCGs]
        assert [group.objgen] == [one.objgen for one in properties.D.OFF]


def test_same_each_time(tmp_path: Path) -> None:
    """The same documents give the same octets, so that a mail that comes twice is known again."""
    parts = [(SCAN.read_bytes(), Kind.TIFF), (layered(), Kind.PDF)] * 6

    assert joined(tmp_path / "a", *parts) == joined(tmp_path / "b", *parts)


def test_forms_stay_drawn(tmp_path: Path) -> None:
    """Fields of two forms that bear the same names keep what stands in each."""
    parts = [(fields((Name.Tx, String(text), {}), need=True), Kind.PDF) for text in ("one", "two")]
    octets = joined(tmp_path / "a", *((drawn(octets), kind) for octets, kind in parts))
    with Pdf.open(io.BytesIO(octets)) as pdf:
        shown = [page.obj.Annots[0].AP.N.read_bytes() for page in pdf.pages]
        listed = len(pdf.Root.AcroForm.Fields)

    assert [b"one".hex().encode() in shown[0], b"two".hex().encode() in shown[1]] == [True, True]
    assert 2 == listed


def drawn(octets: bytes) -> bytes:
    """A form after its entries were drawn."""
    with Pdf.open(io.BytesIO(octets)) as pdf:
        draw_entries(pdf)
        return saved(pdf)
