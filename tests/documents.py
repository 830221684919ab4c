"""`python -m tests.documents` makes the gallery of documents in tests/data/documents anew: one for each oddity.

What becomes of each stands in expected.toml beside them; tests/test_documents.py tries it.
"""

import io
import re
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pikepdf import Array, Dictionary, Encryption, Name, ObjectStreamMode, Pdf, Stream, StreamDecodeLevel, String
from PIL import Image, ImageDraw, ImageOps

from gateway.samples import LETTER
from tests.tiffs import Page, Value, coded, tiff

DOCUMENTS = Path(__file__).parent / "data" / "documents"

WIDTH, HEIGHT = 1728, 400
SMALL = (160, 100)

BASE = {258: 1, 262: 0, 266: 1, 277: 1, 282: 204, 283: 196, 296: 2}
"""Tags of a page in a fax coding: one bit, black is 1, fine resolution in inches."""
COLOURS = {256: SMALL[0], 257: SMALL[1], 258: 8, 262: 1, 277: 1, 278: SMALL[1], 259: 1, 282: 100, 283: 100, 296: 2}
"""Tags of a small grey page, uncompressed."""


def drawing(size: tuple[int, int] = (WIDTH, HEIGHT), mode: str = "1") -> Image.Image:
    """What every scan here shows: nothing about it is symmetric, and most of it is white."""
    width, height = size
    picture = Image.new(mode, size, "white")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((width // 10, height // 10, width // 3, height // 4), fill="black")
    pen.ellipse(
        (width // 2, height // 3, width * 9 // 10, height * 9 // 10), outline="black", width=max(3, width // 100)
    )
    pen.line((width // 10, height * 9 // 10, width // 3, height // 3), fill="black", width=max(3, width // 100))
    return picture


def saved(pdf: Pdf, **options: Any) -> bytes:
    """A PDF as octets."""
    octets = io.BytesIO()
    pdf.save(octets, deterministic_id="encryption" not in options, **options)
    return octets.getvalue()


def letter(pages: int = 2, size: tuple[float, float] = (612, 792), text: bytes = b"") -> Pdf:
    """A PDF of so many pages with some text on each."""
    pdf = Pdf.new()
    font = pdf.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
    for number in range(1, pages + 1):
        page = pdf.add_blank_page(page_size=size)
        page.obj.Resources = Dictionary(Font=Dictionary(F=font))
        lines = text or b"".join(b"(Line %d of page %d) Tj 0 -14 Td\n" % (line, number) for line in range(1, 30))
        page.obj.Contents = pdf.make_stream(b"BT /F 11 Tf 72 %d Td\n%s\nET" % (size[1] - 80, lines))
    return pdf


def locked(**encryption: Any) -> bytes:
    """A letter that is encrypted."""
    return saved(letter(), encryption=Encryption(**encryption))


def fields(*entries: tuple[Name, object, dict[str, Any]], need: bool) -> bytes:
    """A form with these fields: their type, what stands in them, and further keys. Nothing of it is drawn."""
    pdf = letter(1)
    widgets = []
    for number, (kind, value, more) in enumerate(entries):
        rectangle = [72, 150 - number * 40, 400, 180 - number * 40]
        widget = Dictionary(
            Type=Name.Annot, Subtype=Name.Widget, FT=kind, T=String(f"f{number}"), Rect=rectangle, F=4, **more
        )
        if value is not None:
            widget.V = value
        widgets.append(pdf.make_indirect(widget))
    pdf.pages[0].obj.Annots = Array(widgets)
    pdf.Root.AcroForm = Dictionary(Fields=Array(widgets), DA=String("/Helv 12 Tf 0 g"))
    if need:
        pdf.Root.AcroForm.NeedAppearances = True
    return saved(pdf)


def xfa(text: bytes, **catalogue: Any) -> bytes:
    """An XFA form whose only page says so much."""
    pdf = letter(1, text=text)
    packets = Array([String("template"), pdf.make_stream(b"<template/>")])
    pdf.Root.AcroForm = Dictionary(Fields=Array(), XFA=packets)
    for key, value in catalogue.items():
        pdf.Root[f"/{key}"] = value
    return saved(pdf)


def plain(*objects: bytes) -> bytes:
    """A PDF without a table of objects, of which the first is its catalogue."""
    numbered = b"".join(b"%d 0 obj\n%s\nendobj\n" % (number, text) for number, text in enumerate(objects, 1))
    return b"%PDF-1.4\n" + numbered + b"trailer\n<</Root 1 0 R>>\nstartxref\n0\n%%EOF\n"


def poster(width: float, height: float) -> bytes:
    """A letter and a poster, which has a note stuck to it."""
    pdf = letter(1)
    pdf.pages.extend(letter(1, (2000, 3000)).pages)
    pdf.pages[1].obj.MediaBox = Array([0, 0, width, height])
    note = pdf.make_stream(b"0 0 200 100 re f", Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 200, 100])
    pdf.pages[1].obj.Annots = Array(
        [pdf.make_indirect(Dictionary(Subtype=Name.Stamp, Rect=[100, 100, 300, 200], F=4, AP=Dictionary(N=note)))]
    )
    return saved(pdf)


def scanned(octets: bytes, coding: Name, **parameters: Any) -> bytes:
    """A PDF as scanners make them: a picture a page, in this coding."""
    pdf = Pdf.new()
    page = pdf.add_blank_page(page_size=(610, 147))
    picture = Stream(pdf, octets)
    picture.Type, picture.Subtype, picture.Width, picture.Height = Name.XObject, Name.Image, WIDTH, HEIGHT
    picture.BitsPerComponent, picture.ColorSpace, picture.Filter = 1, Name.DeviceGray, coding
    if parameters:
        picture.DecodeParms = Dictionary(**parameters)
    page.obj.Resources = Dictionary(XObject=Dictionary(P=picture))
    page.obj.Contents = pdf.make_stream(b"q 610 0 0 147 0 0 cm /P Do Q")
    return saved(pdf)


def archive() -> bytes:
    """What PDF/A-3 adds: metadata, the colours that are meant, and an invoice as XML inside."""
    pdf = letter(1)
    pdf.Root.Metadata = pdf.make_stream(XMP, Type=Name.Metadata, Subtype=Name.XML)
    profile = pdf.make_stream(b"a colour profile", N=3)
    pdf.Root.OutputIntents = Array(
        [
            Dictionary(
                Type=Name.OutputIntent,
                S=Name.GTS_PDFA1,
                OutputConditionIdentifier=String("sRGB"),
                DestOutputProfile=profile,
            )
        ]
    )
    invoice = pdf.make_indirect(
        Dictionary(
            Type=Name.Filespec,
            F=String("factur-x.xml"),
            AFRelationship=Name.Alternative,
            EF=Dictionary(F=pdf.make_stream(b"<invoice/>", Type=Name.EmbeddedFile)),
        )
    )
    pdf.Root.AF = Array([invoice])
    pdf.Root.Names = Dictionary(EmbeddedFiles=Dictionary(Names=Array([String("factur-x.xml"), invoice])))
    return saved(pdf)


def portfolio() -> bytes:
    """A cover sheet with documents inside."""
    pdf = letter(1, text=b"(For the best experience, open this portfolio in Acrobat.) Tj")
    pdf.Root.Collection = Dictionary(Type=Name.Collection)
    return saved(pdf)


def blank() -> bytes:
    """A page of text, one that draws nothing, and one without contents."""
    pdf = letter(3)
    pdf.pages[1].obj.Contents = pdf.make_stream(b"q 1 0 0 1 0 0 cm 1 w Q")
    del pdf.pages[2].obj.Contents
    return saved(pdf)


def revised() -> bytes:
    """A letter with a newer version of its first page behind, and a table of its own for that (ISO 32000-1, 7.5.6)."""
    old = LETTER.read_bytes()
    found = re.search(rb"(\d+) 0 obj\n<<(?:(?!endobj).)*?/Type /Page\s*>>\nendobj", old, re.DOTALL)
    if found is None:
        raise ValueError("the sample letter has changed")
    table = int(old.rsplit(b"startxref\n", 1)[1].split()[0])
    size, root = (re.search(pattern, old)[1] for pattern in (rb"/Size (\d+)", rb"/Root (\d+ 0 R)"))  # type: ignore[index]  # every PDF has them
    place = len(old)
    new = found[0] + b"\n"
    begin = b"xref\n%d 1\n%010d 00000 n \ntrailer\n<</Size %s/Root %s/Prev %d>>\nstartxref\n%d\n%%%%EOF\n"
    return old + new + begin % (int(found[1]), place, size, root, table, place + len(new))


def hybrid() -> bytes:
    """A file for old and new programs: its font lies in a compressed object that only the new find (7.5.8.4)."""
    text = b"BT /F 11 Tf 72 700 Td (Hybrid) Tj ET"
    font = b"6 0 <</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
    found = b"\2\0\5\0"  # in object stream 5, as its first
    bodies = {
        1: b"<</Type/Catalog/Pages 2 0 R>>",
        2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F 6 0 R>>>>>>",
        4: b"<</Length %d>>stream\n%s\nendstream" % (len(text), text),
        5: b"<</Type/ObjStm/N 1/First 4/Length %d>>stream\n%s\nendstream" % (len(font), font),
        7: b"<</Type/XRef/Size 8/W[1 2 1]/Index[6 1]/Length 4>>stream\n%s\nendstream" % found,
    }
    octets, places = b"%PDF-1.5\n", {}
    for number, body in bodies.items():
        places[number] = len(octets)
        octets += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    entries = [b"%010d 00000 n \n" % places[n] if n in places else b"0000000000 65535 f \n" for n in range(8)]
    begin = b"trailer\n<</Size 8/Root 1 0 R/XRefStm %d>>\nstartxref\n%d\n%%%%EOF\n" % (places[7], len(octets))
    return octets + b"xref\n0 6\n" + b"".join(entries[:6]) + b"7 1\n" + entries[7] + begin


def bomb() -> bytes:
    """A page whose contents grow a hundred thousand times."""
    with Pdf.new() as pdf:
        contents = Stream(pdf, zlib.compress(zlib.compress(bytes(1_500_000_000), 9), 9))
        contents.Filter = Array([Name.FlateDecode, Name.FlateDecode])
        pdf.add_blank_page().obj.Contents = contents
        return saved(pdf, compress_streams=False, stream_decode_level=StreamDecodeLevel.none)


def drawing_inside_itself() -> bytes:
    """A drawing that contains itself, which no renderer should follow."""
    pdf = letter(1, text=b"ET /X Do BT")
    form = pdf.make_stream(b"/X Do /X Do", Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 9, 9])
    form.Resources = Dictionary(XObject=Dictionary(X=form))
    pdf.pages[0].obj.Resources = form.Resources
    return saved(pdf)


def fax(coding: str, *, compression: int = 4, picture: Image.Image | None = None, **tags: Any) -> Page:
    """A page in a fax coding; names of tags with a leading `t`, such as t292."""
    picture = picture or drawing()
    more = {int(tag[1:]): value for tag, value in tags.items() if tag.startswith("t")}
    options = {"T4": more[292]} if coding == "group3" and 292 in more else {}
    given = ImageOps.invert(picture.convert("L")).convert("1") if more.get(262, 0) == 0 else picture
    strip = coded(given, coding, **options)
    if more.get(266) == 2:
        strip = bytes(int(f"{octet:08b}"[::-1], 2) for octet in strip)
    size = {256: picture.width, 257: picture.height, 278: picture.height}
    return Page({**BASE, **size, 259: compression, **more}, [tags.get("strip", strip)])


def strips(coding: str, compression: int, rows: int) -> Page:
    """A page in strips of so many rows."""
    picture = ImageOps.invert(drawing().convert("L")).convert("1")
    pieces = [picture.crop((0, top, WIDTH, min(top + rows, HEIGHT))) for top in range(0, HEIGHT, rows)]
    tags = {**BASE, 256: WIDTH, 257: HEIGHT, 278: rows, 259: compression}
    return Page(tags, [coded(piece, coding) for piece in pieces])


def sized(page: Page, sizes: list[int]) -> Page:
    """The same with these sizes of its strips."""
    return Page({**page.tags, 279: sizes}, page.strips)


def colours(mode: str, samples: bytes | list[bytes], **tags: Any) -> Page:
    """A small page in other colours, uncompressed."""
    more = {int(tag[1:]): value for tag, value in tags.items()}
    kinds: dict[str, dict[int, Value]] = {
        "L": {},
        "RGB": {258: (8, 8, 8), 277: 3, 262: 2},
        "CMYK": {258: (8, 8, 8, 8), 277: 4, 262: 5},
    }
    return Page({**COLOURS, **kinds[mode], **more}, samples if isinstance(samples, list) else [samples])


def twelve_bits(levels: bytes) -> bytes:
    """Grey of eight bits as grey of twelve, two dots in three octets."""
    pairs = zip(levels[::2], levels[1::2], strict=True)
    return b"".join((left << 16 | left >> 4 << 12 | right << 4 | right >> 4).to_bytes(3) for left, right in pairs)


def jpeg(mode: str, **options: Any) -> bytes:
    """The drawing as a JPEG stream."""
    octets = io.BytesIO()
    drawing(SMALL, mode).save(octets, "JPEG", quality=90, **options)
    return octets.getvalue()


def old_jpeg(mode: str, *, strip: bool, stream: bytes | None = None) -> bytes:
    """A page in old-style JPEG: the stream where its tags say, and also as the strip if wanted."""
    octets = jpeg(mode) if stream is None else stream
    kind: dict[int, Value] = {258: (8, 8, 8), 277: 3, 262: 6} if mode == "RGB" else {}
    tags: dict[int, Value] = {**COLOURS, **kind, 259: 6, 512: 1, 514: len(octets)}
    return tiff(Page(tags, [octets] if strip else [], points={513: octets}))


def profile_s(*, lines: int = 196, align: int = 0, end: bytes = b"") -> bytes:
    """RFC 3949 section 3: little-endian, directory first, one strip, Group 3 in one dimension, fill order 2."""
    page = fax("group3", compression=3, t292=align, t266=2, t283=lines, t254=2)
    marked = bytes(int(f"{octet:08b}"[::-1], 2) for octet in end)
    return tiff(Page({**page.tags, 297: (0, 1), 305: 0}, [page.strips[0] + marked]), first=True)


RETURN_TO_CONTROL = b"\0\x10\x01" * 3
"""Six ends of line, which end a page (T.4 section 4.1.4)."""

GREY = drawing(SMALL, "L")
GREY_SIDEWAYS = drawing(SMALL, "L").transpose(Image.Transpose.ROTATE_270)
SIDEWAYS = drawing((800, 400)).transpose(Image.Transpose.ROTATE_90)
RED_GREEN_BLUE = drawing(SMALL, "RGB")
TILES = [
    ImageOps.invert(drawing((512, 512), "L")).convert("1").crop((left, top, left + 256, top + 256)).tobytes()
    for top in (0, 256)
    for left in (0, 256)
]
GROUP_4 = fax("group4")
THUMBNAIL = fax("group4", picture=drawing((216, 50)), t254=1)
XMP = b"""<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/></x:xmpmeta>"""
TX, BTN = Name.Tx, Name.Btn
PASSWORD = {"owner": "o", "user": "u"}
CATALOGUE = b"<</Type/Catalog/Pages 2 0 R>>"

PDFS: dict[str, Callable[[], bytes]] = {
    "junk-before": lambda: b"\x1b%-12345X@PJL SET RESOLUTION=600\r\n" * 20 + LETTER.read_bytes(),
    "open-password-rc4-40": lambda: locked(**PASSWORD, R=2, aes=False, metadata=False),
    "open-password-rc4-128": lambda: locked(**PASSWORD, R=3, aes=False, metadata=False),
    "open-password-aes-128": lambda: locked(**PASSWORD, R=4),
    "open-password-aes-256-first": lambda: locked(**PASSWORD, R=5),
    "open-password-aes-256": lambda: locked(**PASSWORD, R=6),
    "owner-password": lambda: locked(owner="secret", user="", R=6),
    "owner-password-rc4": lambda: locked(owner="secret", user="", R=3, aes=False, metadata=False),
    "encrypted-by-certificate": lambda: saved(letter()).replace(
        b"<< /Root", b"<< /Encrypt << /Filter /Adobe.PubSec /V 4 /SubFilter /adbe.pkcs7.s5 >> /Root"
    ),
    "xfa-needs-rendering": lambda: xfa(b"(Form) Tj", NeedsRendering=True),
    "xfa-please-wait": lambda: xfa(b"(Please wait... ) Tj"),
    "xfa-with-pages": lambda: xfa(b"(Name: ) Tj"),
    "form-undrawn": lambda: fields(
        (TX, String("Größe: 5 €"), {}), (TX, String("many words " * 12), {"Ff": 1 << 12}), (TX, None, {}), need=True
    ),
    "form-comb": lambda: fields((TX, String("12345"), {"Ff": 1 << 24, "MaxLen": 8}), need=False),
    "form-in-many-languages": lambda: fields(
        (TX, String("Łódź, Καλημέρα, Привет"), {}), (TX, String("Việt"), {"Ff": 1 << 24, "MaxLen": 8}), need=True
    ),
    "form-foreign-letters": lambda: fields((TX, String("日本"), {}), need=True),
    "form-tick-undrawn": lambda: fields((BTN, Name.Yes, {}), need=False),
    "form-empty": lambda: fields((TX, None, {}), (BTN, Name.Off, {}), need=True),
    "no-pages": lambda: saved(Pdf.new()),
    "table-misplaced": lambda: LETTER.read_bytes().replace(b"startxref\n", b"startxref\n9"),
    "table-missing": lambda: re.sub(rb"xref\n.*?trailer", b"trailer", LETTER.read_bytes(), flags=re.DOTALL),
    "line-ends-changed": lambda: saved(letter(), compress_streams=False).replace(b"\n", b"\r\n"),
    "pages-in-a-loop": lambda: plain(CATALOGUE, b"<</Type/Pages/Count 1/Kids[2 0 R]>>"),
    "table-in-a-loop": lambda: re.sub(
        rb"<< /Root", lambda found: b"<< /Prev %d /Root" % LETTER.read_bytes().rindex(b"xref\n0"), LETTER.read_bytes()
    ),
    "cut-off": lambda: LETTER.read_bytes()[:-300],
    "poster-a0": lambda: poster(2384, 3370),
    "poster-of-a-kilometre": lambda: poster(3_000_000, 2_000_000),
    "archive": archive,
    "scan-group-4": lambda: scanned(
        coded(ImageOps.invert(drawing().convert("L")).convert("1"), "group4"),
        Name.CCITTFaxDecode,
        K=-1,
        Columns=WIDTH,
        Rows=HEIGHT,
    ),
    "scan-jbig2": lambda: scanned(bytes.fromhex("00000000300001000000130000000800000008"), Name.JBIG2Decode),
    "zeros-behind": lambda: saved(letter()) + bytes(2000),
    "blank-pages": blank,
    "portfolio": portfolio,
    "linearized": lambda: saved(letter(3), linearize=True),
    "object-streams": lambda: saved(letter(3), object_stream_mode=ObjectStreamMode.generate),
    "revised": revised,
    "hybrid": hybrid,
    "bomb": bomb,
    "drawing-inside-itself": drawing_inside_itself,
    "says-a-million-pages": lambda: saved(letter()).replace(b"/Count 2", b"/Count 1000000"),
}

TIFFS: dict[str, Callable[[], bytes]] = {
    "group-3": lambda: tiff(fax("group3", compression=3)),
    "group-3-fill-bits": lambda: tiff(fax("group3", compression=3, t292=4)),
    "group-3-two-dimensional": lambda: tiff(fax("group3", compression=3, t292=1)),
    "group-3-lsb-first": lambda: tiff(fax("group3", compression=3, t266=2)),
    "group-4": lambda: tiff(GROUP_4),
    "group-4-lsb-first": lambda: tiff(fax("group4", t266=2)),
    "group-4-motorola": lambda: tiff(GROUP_4, order=">"),
    "group-4-strips": lambda: tiff(strips("group4", 4, 64)),
    "rows-of-runs": lambda: tiff(fax("tiff_ccitt", compression=2)),
    "lines-98": lambda: tiff(fax("group4", t283=98)),
    "lines-391": lambda: tiff(fax("group4", t283=391)),
    "centimetres": lambda: tiff(fax("group4", t282=80, t283=77, t296=3)),
    "three-pages": lambda: tiff(GROUP_4, fax("group3", compression=3), GROUP_4),
    "old-jpeg-grey": lambda: old_jpeg("L", strip=False),
    "old-jpeg-grey-strip": lambda: old_jpeg("L", strip=True),
    "old-jpeg-colour": lambda: old_jpeg("RGB", strip=True),
    "old-jpeg-without-picture": lambda: old_jpeg("L", strip=False, stream=b"\xff\xd8\xff\xd9"),
    "jpeg-odd-colours": lambda: tiff(colours("RGB", jpeg("RGB", subsampling=1), t259=7, t262=6, t530=(2, 1))),
    "jpeg-grey": lambda: tiff(colours("L", jpeg("L"), t259=7)),
    "sizes-missing": lambda: tiff(Page({**GROUP_4.tags, 279: 0}, GROUP_4.strips)),
    "sizes-too-small": lambda: tiff(Page({**GROUP_4.tags, 279: len(GROUP_4.strips[0]) // 2}, GROUP_4.strips)),
    "sizes-too-large": lambda: tiff(Page({**GROUP_4.tags, 279: 2_000_000}, GROUP_4.strips)),
    "sizes-without-values": lambda: tiff(Page({**GROUP_4.tags, 279: ()}, GROUP_4.strips)),
    "sizes-left-out": lambda: tiff(fax("group4", t278=HEIGHT)).replace(b"\x17\1\4\0", b"\xfe\xff\4\0"),
    "sizes-of-strips": lambda: tiff(sized(strips("group4", 4, 64), [9, 0, 1, 70_000, 2, 5, 1])),
    "sizes-of-strips-motorola": lambda: tiff(sized(strips("group3", 3, 64), [1] * 7), order=">"),
    "sizes-of-grey": lambda: tiff(sized(colours("L", GREY.tobytes()), [99])),
    "sizes-of-jpeg": lambda: tiff(sized(colours("L", jpeg("L"), t259=7), [999_999])),
    "sizes-of-lzw": lambda: tiff(sized(colours("L", coded(GREY, "tiff_lzw"), t259=5), [30])),
    "sizes-too-small-and-cut": lambda: tiff(
        Page({**GROUP_4.tags, 279: 100}, [GROUP_4.strips[0][: len(GROUP_4.strips[0]) // 2]])
    ),
    "jpeg-cut": lambda: tiff(colours("L", jpeg("L")[: len(jpeg("L")) // 2], t259=7)),
    "grey-too-few-rows": lambda: tiff(colours("L", GREY.tobytes(), t257=150, t278=150), colours("L", GREY.tobytes())),
    "group-3-too-few-rows": lambda: tiff(fax("group3", compression=3, t257=2 * HEIGHT, t278=2 * HEIGHT)),
    "group-3-cut-in-a-line": lambda: tiff(fax("group3", compression=3, strip=fax("group3").strips[0][:-400])),
    "too-few-rows": lambda: tiff(Page({**GROUP_4.tags, 257: 2 * HEIGHT, 278: 2 * HEIGHT}, GROUP_4.strips)),
    "strip-missing": lambda: tiff(
        Page({**BASE, 256: WIDTH, 257: 2 * HEIGHT, 278: HEIGHT, 259: 1, 262: 1}, [drawing().tobytes()])
    ),
    "white-is-one": lambda: tiff(fax("group4", t262=1)),
    "grey-white-is-zero": lambda: tiff(colours("L", ImageOps.invert(GREY).tobytes(), t262=0)),
    "palette": lambda: tiff(colours("L", GREY.tobytes(), t262=3, t320=tuple(level * 257 for level in range(256)) * 3)),
    "planes": lambda: tiff(colours("RGB", [plane.tobytes() for plane in RED_GREEN_BLUE.split()], t284=2)),
    "black-page": lambda: tiff(fax("group4", picture=Image.new("1", (WIDTH, 100), 0))),
    "white-page": lambda: tiff(GROUP_4, fax("group4", picture=Image.new("1", (WIDTH, 100), 1))),
    "too-many-pixels": lambda: tiff(fax("group4", t256=60_000, t257=60_000)),
    "directories-in-a-loop": lambda: _looped(tiff(GROUP_4)),
    "runs-called-group-3": lambda: tiff(fax("tiff_ccitt", compression=3)),
    "group-4-called-group-3": lambda: tiff(fax("group4", compression=3)),
    "directory-inside": lambda: tiff(Page(GROUP_4.tags, GROUP_4.strips, inside=[THUMBNAIL])),
    "thumbnail": lambda: tiff(GROUP_4, THUMBNAIL),
    "pages-called-thumbnails": lambda: tiff(GROUP_4, Page({**GROUP_4.tags, 254: 1}, GROUP_4.strips)),
    "four-inks": lambda: tiff(colours("CMYK", RED_GREEN_BLUE.convert("CMYK").tobytes())),
    "lab": lambda: tiff(colours("RGB", b"".join(bytes([level, 0, 0]) for level in GREY.tobytes()), t262=8)),
    "sixteen-bits": lambda: tiff(colours("L", b"".join(bytes([level, level]) for level in GREY.tobytes()), t258=16)),
    "sixteen-bits-motorola": lambda: tiff(
        colours("L", b"".join(bytes([level, level]) for level in GREY.tobytes()), t258=16), order=">"
    ),
    "sixteen-bits-deflated": lambda: tiff(
        colours("L", zlib.compress(b"".join(bytes([level, level]) for level in GREY.tobytes())), t258=16, t259=8),
        order=">",
    ),
    "twelve-bits": lambda: tiff(colours("L", twelve_bits(GREY.tobytes()), t258=12)),
    "grey-transparent": lambda: tiff(
        colours("L", Image.merge("LA", (GREY, Image.new("L", SMALL, 255))).tobytes(), t277=2, t258=(8, 8), t338=1)
    ),
    "sixteen-bits-white-is-zero": lambda: tiff(
        colours("L", b"".join(bytes([255 - level] * 2) for level in GREY.tobytes()), t258=16, t262=0)
    ),
    "transparent": lambda: tiff(
        colours("CMYK", Image.merge("RGBA", (*RED_GREEN_BLUE.split(), ImageOps.invert(GREY))).tobytes(), t262=2, t338=2)
    ),
    "floating-point": lambda: tiff(colours("L", GREY.convert("F").tobytes(), t258=32, t339=3)),
    "bigtiff": lambda: tiff(GROUP_4, GROUP_4, big=True),
    "tiles": lambda: tiff(Page({**BASE, 256: 512, 257: 512, 259: 1, 322: 256, 323: 256}, TILES, tiled=True)),
    "upside-down": lambda: tiff(fax("group4", picture=drawing().transpose(Image.Transpose.ROTATE_180), t274=3)),
    "sideways": lambda: tiff(fax("group3", compression=3, picture=SIDEWAYS, t274=6, t282=200, t283=100)),
    "sideways-grey": lambda: tiff(
        Page({**COLOURS, 256: SMALL[1], 257: SMALL[0], 278: SMALL[0], 274: 8}, [GREY_SIDEWAYS.tobytes()])
    ),
    "resolution-missing": lambda: tiff(
        Page({tag: value for tag, value in GROUP_4.tags.items() if tag not in (282, 283)}, GROUP_4.strips)
    ),
    "profile-s-fine": profile_s,
    "profile-s-standard-with-rtc": lambda: profile_s(lines=98, end=RETURN_TO_CONTROL),
    "profile-s-aligned": lambda: profile_s(align=4),
    "profile-f-wide": lambda: tiff(
        fax("group3", compression=3, picture=drawing((2432, 300)), t292=1, t282=200, t283=200)
    ),
    "profile-j": lambda: tiff(fax("group4", compression=9)),
    "profile-l": lambda: tiff(colours("RGB", jpeg("RGB"), t259=10, t262=10)),
    "profile-c": lambda: tiff(colours("RGB", jpeg("RGB"), t259=7, t262=10)),
    "profile-m": lambda: tiff(Page({**GROUP_4.tags, 34732: (1, 1)}, GROUP_4.strips)),
    "magic-43": lambda: b"II\x2b\0" + tiff(GROUP_4)[4:],
    "cut-off": lambda: tiff(strips("group4", 4, 64))[:-700],
}


def _looped(octets: bytes) -> bytes:
    """The same, with its last directory leading back to itself."""
    return octets[:-4] + octets[4:8]


def main() -> None:
    """Write them all."""
    for ending, makers in (("pdf", PDFS), ("tif", TIFFS)):
        for name, make in makers.items():
            (DOCUMENTS / f"{name}.{ending}").write_bytes(make())


if __name__ == "__main__":
    main()
